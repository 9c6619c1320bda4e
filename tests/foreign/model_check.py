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
import time

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import model_rules
import model_wire
import scripts
from local_cloud import LocalCloud, recording
from model_defects import DEFECTS, SUITES
from model_operations import NAMED

EVENTS = ("events/create-platform.json", "events/create-platform-minimal.json")
# What two whole lives cannot do without; a recording of ours that lacks one has seen too little.
WHOLE_LIFE = {
    "medialive": "CreateInputSecurityGroup CreateInput CreateChannel StartChannel StopChannel DeleteChannel DeleteInput "
    "DeleteInputSecurityGroup DescribeChannel UpdateInputSecurityGroup UpdateChannel",
    "mediapackage": "CreateChannel CreateOriginEndpoint UpdateOriginEndpoint DeleteOriginEndpoint DeleteChannel",
    "cloudfront": "CreateDistributionWithTags GetDistribution UpdateDistribution DeleteDistribution",
    "cloudwatch": "PutMetricAlarm DeleteAlarms",
    "secretsmanager": "CreateSecret GetSecretValue DeleteSecret",
    "dynamodb": "TransactWriteItems UpdateItem GetItem Query",
    "sqs": "SendMessage",
}
# How the first platform changes its mind, on air and idle, and the calls that a change must lead to.
ON_AIR = {
    "allowLists": {"encoders": ["198.51.100.12/32"]},
    "alarms": {"cdn5xxPercent": 2},
    "endpoints": {"hls": {"startoverSeconds": 7200}},
}
IDLE = {"archive": {"rolloverSeconds": 600}}
CHANGES = {"Live": (ON_AIR, ("UpdateInputSecurityGroup", "UpdateOriginEndpoint")), "Ready": (IDLE, ("UpdateChannel",))}
PATIENCE_SECS, POLL_SECS = 300, 1.0
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
        print(f"{len(names)} recordings", flush=True)
        return lacks

    def verdict(self):
        for (service, operation), times in sorted(self.counted.items()):
            print(f"   {service} {operation}: {times}")
        for (service, operation, problem), times in sorted(self.found.items()):
            print(f"FAILED {service} {operation}: {problem} ({times} times)")
        print(f"{sum(self.counted.values())} requests, {len(self.found)} kinds of violations", flush=True)
        return bool(self.counted) and not self.found

    def lacks(self):
        """What every whole life sends and this recording does not have."""
        wanted = [(service, name) for service, names in WHOLE_LIFE.items() for name in names.split()]
        return [f"the recording has no {service} {name}" for service, name in wanted if not self.counted[(service, name)]]


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


def two_lives(asked, path):
    """The platforms of the sample events, from the request to phase Gone; one of them is changed on the way."""
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed, record=path) as cloud:
        made = []
        for event in EVENTS:
            with open(os.path.join(scripts.ROOT, event), encoding="utf-8") as file:
                answer = cloud.rest("POST", "/platforms", json.load(file)["body"])
            made.append(f"/platforms/{accepted('POST', '/platforms', *answer)['id']}")
        for method, suffix, phase in (("POST", "/start", "Live"), ("POST", "/stop", "Ready"), ("DELETE", "", "Gone")):
            for platform in made:
                accepted(method, platform + suffix, *cloud.rest(method, platform + suffix))
            for platform in made:
                reach(cloud, platform, phase)
            if phase in CHANGES:
                change, calls = CHANGES[phase]
                answer = cloud.rest("PATCH", made[0], json.dumps(change), if_match="*")
                accepted("PATCH", made[0], *answer)
                recorded(path, calls)


def accepted(method, path, status, answer):
    if status != 202:
        raise RuntimeError(f"{method} {path} answered {status}: {answer}")
    return answer


def recorded(path, operations):
    """A change does not show in the phase: it is over when its calls are in the recording."""
    end = time.monotonic() + PATIENCE_SECS
    while True:
        with open(path, encoding="utf-8") as lines:
            text = lines.read()
        missing = [name for name in operations if f'"operation":"{name}"' not in text]
        if not missing:
            return
        if time.monotonic() > end:
            raise RuntimeError(f"no {', '.join(missing)} after {PATIENCE_SECS} s")
        time.sleep(POLL_SECS)


def reach(cloud, platform, phase):
    """Whole, not only in its phase: Live while CloudFront still deploys is half a life."""
    end = time.monotonic() + PATIENCE_SECS
    while True:
        _, seen = cloud.rest("GET", platform)
        if seen["phase"] == phase and (phase == "Gone" or seen["progress"]["done"] == seen["progress"]["total"]):
            return
        if time.monotonic() > end:
            raise RuntimeError(f"{platform} is not {phase} after {PATIENCE_SECS} s: {seen['phase']} {seen['progress']}")
        time.sleep(POLL_SECS)


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
            lacks += check.suite(path)
        else:
            check.recording(path)
    whole = check.verdict()
    for missing in lacks:
        print(f"FAILED {missing}")
    return 0 if whole and not lacks else 1


if __name__ == "__main__":
    sys.exit(main())
