"""`cargo xtask bench`: the table of what a start, a request and an idle function cost, ours beside the peers, in one run.

What repeats exactly (instructions, sizes) is held against bench/baseline.json; times and memory are for comparing within
one run, since the machine is shared.
"""
import argparse
import statistics
import sys
import tempfile

import baseline
import growth
from process import Process, instructions
from scene import Scene
from subjects import ROOT, Subject, described, ours, player_config

STARTS = 15
WARM_FEW, WARM_MANY = 10, 60
CALLS = 10_000
TRIES = 5
SLOW_CALLS = 1_000
# The functions whose requests are measured, with how their events are made.
READERS = ("player-config", "describe-platform")


def main():
    asked = arguments()
    hello, defaults = (Subject(name, [f"{asked.peers}/{name}"]) for name in baseline.PEERS)
    slow = [
        Subject("boto3", [sys.executable, f"{ROOT}/bench/peers/boto3/function.py"]),
        Subject("node", ["node", f"{asked.node}/function.mjs"]),
    ]
    with tempfile.TemporaryDirectory() as folder, Scene(asked.local, folder) as scene:
        mine = ours(asked.functions)
        counted = starts([*mine, hello, defaults], scene, folder)
        requests(mine, (hello, defaults), scene, folder, counted)
        print_counted(counted)
        slopes = growth.measure(scene, mine, folder)
    for name, slope in slopes.items():
        counted[name.split(",")[0]][f"growth{name.partition(',')[2]}"] = round(slope, 4)
    if asked.renew:
        baseline.renew(counted)
    elif not baseline.holds(counted):
        return 1
    if asked.counted_only:
        return 0
    with tempfile.TemporaryDirectory() as folder, Scene(asked.local, folder) as scene:
        print_running(mine, hello, [defaults, *slow], scene)
    return 0


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--local", required=True, help="the local cloud's program")
    parser.add_argument("--functions", required=True, help="the folder of the packages")
    parser.add_argument("--peers", required=True, help="the folder of the peers' programs")
    parser.add_argument("--node", required=True, help="the folder of the peer in JavaScript")
    parser.add_argument("--renew", action="store_true", help="write the baseline")
    parser.add_argument("--counted-only", action="store_true", help="only what is held against the baseline")
    return parser.parse_args()


def starts(subjects, scene, folder):
    """What a start takes; without TLS nothing is warmed."""
    counted = {}
    for subject in subjects:
        row = counted[subject.name] = {"bytes": subject.size()}
        row["next"] = instructions(subject.command, scene.plain, [], folder)
        row["next, warmed"] = warmed(subject, scene, scene.tls, [], folder)
    system = warmed(named(subjects, "player-config"), scene, scene.system, [], folder)
    counted["player-config"]["next, warmed, roots of the system"] = system
    return counted


def warmed(subject, scene, environment, events, folder):
    """Counted until the connection was opened once: a start gives up warming after a few seconds, which callgrind on a busy
    machine can take, and opens another one later."""
    for _ in range(TRIES):
        before = scene.front.handshakes
        number = instructions(subject.command, environment, events, folder)
        if subject.name in baseline.PEERS or scene.front.handshakes - before == 1:
            return number
    raise RuntimeError(f"{subject.name} opened {scene.front.handshakes - before} connections in each of {TRIES} lives, not one")


def requests(mine, peers, scene, folder, counted):
    """What the first request and a warm one take."""
    event = player_config(scene.platform)
    for subject in (named(mine, "player-config"), *peers):
        row = counted[subject.name]
        row["first answer"] = warmed(subject, scene, scene.tls, [event], folder)
        row["warm"] = warm(subject, scene, folder, event, scene.tls)
    player, describe = (named(mine, name) for name in READERS)
    counted["player-config"]["warm, one read"] = warm(player, scene, folder, event, scene.reading)
    counted["describe-platform"]["warm, one read"] = warm(describe, scene, folder, described(scene.platform)[0], scene.tls)


def warm(subject, scene, folder, event, environment):
    """Of one request among many: the difference between many and few."""
    few, many = (warmed(subject, scene, environment, [event] * number, folder) for number in (WARM_FEW, WARM_MANY))
    return (many - few) // (WARM_MANY - WARM_FEW)


def named(subjects, name):
    return next(subject for subject in subjects if subject.name == name)


def print_counted(counted):
    print("\nInstructions (callgrind) and bytes: these repeat")
    columns = ["bytes", "next", "next, warmed", "first answer", "warm", "warm, one read"]
    print(f"{'':<20}" + "".join(f"{column:>16}" for column in columns))
    for name, row in counted.items():
        print(f"{name:<20}" + "".join(f"{row.get(column, ''):>16}" for column in columns))
    roots = counted["player-config"]["next, warmed, roots of the system"]
    print(f"player-config with the roots of the operating system: {roots} to the first next, warmed")


def print_running(mine, hello, slow, scene):
    print("\nNative: for comparing within this run")
    columns = ("ms to next", "x hello", "faults", "MB at next", "calls", "MB peak", "calls/CPU-s")
    print(f"{'':<20}" + "".join(f"{column:>13}" for column in columns))
    one = [player_config(scene.platform)]
    for subject in [hello, *mine, *slow]:
        few = 3 if subject in slow else STARTS
        secs, ratio, faults, resident = native_starts(subject, hello, scene, few)
        row = f"{subject.name:<20}{secs * 1000:>13.2f}{ratio:>13.1f}{faults:>13.0f}{resident / 1e6:>13.1f}"
        events = described(scene.platform) if subject.name == "describe-platform" else one
        if subject in (hello, *slow) or subject.name in READERS:
            number = SLOW_CALLS if subject in slow else CALLS
            asked = [events[at % len(events)] for at in range(number)]
            row += called(number, *native_calls(subject, scene.tls, asked))
            if subject.name == "player-config":
                row += f"\n{'  one read each':<20}{'':>52}" + called(number, *native_calls(subject, scene.reading, asked))
        print(row, flush=True)


def called(number, peak, rate):
    return f"{number:>13}{peak / 1e6:>13.1f}{rate:>13.0f}"


def native_starts(subject, hello, scene, number):
    """Medians: seconds to the first question for an event, how many times that of a hello-world started just before, page
    faults, resident bytes there; nothing warmed."""
    taken = []
    for _ in range(number):
        with Process(hello.command, scene.plain) as run:
            floor = run.secs_to_next()
        with Process(subject.command, scene.plain) as run:
            secs = run.secs_to_next()
            run.settle()
            taken.append((secs, secs / floor, run.faults(), run.memory()[0]))
    return tuple(statistics.median(column) for column in zip(*taken))


def native_calls(subject, environment, events):
    """(peak of resident bytes, requests per second of its own processor time)."""
    with Process(subject.command, environment, events) as run:
        run.secs_to_next()
        before = run.cpu_secs()
        run.api.wait_idle()
        run.settle()
        return run.memory()[1], len(events) / max(run.cpu_secs() - before, 0.01)


if __name__ == "__main__":
    sys.exit(main())
