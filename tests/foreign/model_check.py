#!/usr/bin/env python3
"""Every request that our functions send is what the services' own models (botocore's data) allow.

    python tests/foreign/model_check.py --local target/debug/headend-local     (records two lives and checks them)
    python tests/foreign/model_check.py RECORDING...                           (checks what `--record` has written)
    python tests/foreign/model_check.py FOLDER             (checks all recordings of a suite, which must be complete)

Before anything else the check shows that it can fail: requests with one defect each must be told from good ones, and a
suite that lacks something from a whole one. One line for each kind of request, one for each violation; the exit status
is the verdict.
"""
import collections
import json
import os
import sys
import tempfile

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import model_rules
import model_wire
import scripts
from local_cloud import recording
from model_defects import DEFECTS, SUITES
from model_life import two_lives
from model_operations import AFTER_A_LOSS, NAMED

# Recordings of stories in which others act: our functions may have had nothing to do.
OF_OTHERS = ("recipe_", "second_opinion", "boto3_services")


class Check:
    """Counts requests and keeps their violations."""

    def __init__(self):
        self.models = model_wire.Models()
        self.counted = collections.Counter()
        self.found = collections.Counter()

    def entry(self, entry):
        """The violations of one request."""
        request = model_wire.Request(entry)
        operation, members = model_wire.read(self.models.of(entry["service"]), request)
        if operation is None:
            return [f"{entry['method']} {entry['uri']}: no operation of {entry['service']}", *request.problems]
        problems = list(request.problems)
        if operation.name != entry["operation"]:
            problems.append(f"is {operation.name}, and was taken for {entry['operation']}")
        if operation.input_shape is not None:
            problems += model_rules.violations(operation.input_shape, members)
        return problems

    def recording(self, path):
        """Checks every request of a function of ours; what others sent is theirs. Answers how many there were of each."""
        ours = others = 0
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                others += entry["function"] is None
                ours += entry["function"] is not None
                if entry["function"] is None:
                    continue
                kind = (entry["service"], entry["operation"])
                self.counted[kind] += 1
                for problem in self.entry(entry):
                    self.found[(*kind, problem)] += 1
        return ours, others

    def suite(self, folder, named=NAMED):
        """Checks all recordings of a folder; answers what a whole suite has and they have not."""
        lacks = []
        names = sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))
        for name in names:
            ours, others = self.recording(os.path.join(folder, name))
            if not ours and not (others and name.startswith(OF_OTHERS)):
                lacks.append(f"{name} has no request of a function of ours ({others} of others)")
        seen = set(self.counted)
        lacks += [f"no function sent {service} {name}" for service, name in sorted(named - seen)]
        lacks += [f"{service} {name} is not named in model_operations.py" for service, name in sorted(seen - named)]
        return lacks

    def verdict(self):
        for (service, operation), times in sorted(self.counted.items()):
            print(f"   {service} {operation}: {times}")
        for (service, operation, problem), times in sorted(self.found.items()):
            print(f"FAILED {service} {operation}: {problem} ({times} times)")
        print(f"{sum(self.counted.values())} requests, {len(self.found)} kinds of violations", flush=True)
        return bool(self.counted) and not self.found

    def lacks(self):
        """What two whole lives send and this recording does not have."""
        missing = sorted(NAMED - AFTER_A_LOSS - set(self.counted))
        return [f"the recording has no {service} {name}" for service, name in missing]


def can_fail(check):
    """Good requests have no violation, and each with a defect has exactly the one that was put in."""
    wrong = 0
    for name, entry, expected in DEFECTS:
        found = check.entry(entry)
        if (found == []) if expected is None else (len(found) == 1 and expected in found[0]):
            continue
        wrong += 1
        print(f"FAILED the check itself: {name}: expected {expected!r}, found {found}")
    print(f"{len(DEFECTS) - wrong} made-up requests are judged as they must be, {wrong} are not", flush=True)
    return wrong == 0


def suite_can_fail():
    """A whole made-up suite lacks nothing, and each with something missing lacks exactly that."""
    wrong = 0
    for name, files, named, expected in SUITES:
        with tempfile.TemporaryDirectory() as folder:
            for file, entries in files.items():
                with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                    out.writelines(json.dumps(entry) + "\n" for entry in entries)
            check = Check()
            found = check.suite(folder, named) + [problem for *_, problem in check.found]
        if (found == []) if expected is None else (len(found) == 1 and expected in found[0]):
            continue
        wrong += 1
        print(f"FAILED the check itself: {name}: expected {expected!r}, found {found}")
    print(f"{len(SUITES) - wrong} made-up suites are judged as they must be, {wrong} are not", flush=True)
    return wrong == 0


def main():
    options = scripts.parser(__doc__, speed=60)
    options.add_argument("recordings", nargs="*", metavar="RECORDING", help="what `headend-local --record` has written")
    check = Check()
    if not can_fail(check) or not suite_can_fail():
        return 1
    given = options.parse_args().recordings
    lacks = []
    if not given:
        asked = scripts.read(options)
        with tempfile.TemporaryDirectory() as folder:
            path = recording() or os.path.join(folder, "requests.jsonl")
            two_lives(asked, path)
            check.recording(path)
        lacks = check.lacks()
    for path in given:
        if os.path.isdir(path):
            print(f"the recordings of {path}", flush=True)
            lacks += check.suite(path)
        else:
            check.recording(path)
    whole = check.verdict()
    for missing in lacks:
        print(f"FAILED {missing}")
    return 0 if whole and not lacks else 1


if __name__ == "__main__":
    sys.exit(main())
