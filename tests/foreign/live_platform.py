#!/usr/bin/env python3
"""One platform's life, seen with the eyes of somebody who knows AWS and nothing of us: unmodified boto3.

    python tests/foreign/live_platform.py --local target/debug/headend-local

Starts the local cloud on free ports, asks for the platform of `events/create-platform.json`, starts it, and lets
boto3 with its own waiters and paginators say what there is: while it is live, while its picture is gone, and after
its teardown. Prints a line `ok ...` or `FAILED ...` for each check; the exit status is the verdict. Paths are
relative to the root of the repository.
"""
import json
import os
import sys

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import live_alarms
import live_delivery
import live_encoding
import live_refusals
import scripts
from local_cloud import HOME, US_EAST_1, LocalCloud, Report
from owned import Strangers, owned

# Of the account's time; see aws-facts 1.4 and 3.6 for what takes how long.
START_SECS, DEPLOY_SECS, REMOVE_SECS = 600, 1800, 3600


class Platform:
    """A platform as our API shows it."""

    def __init__(self, cloud, spec):
        self.cloud = cloud
        self.spec = spec
        self.id = None

    def act(self, method, suffix="", body=None):
        path = "/platforms" if self.id is None else f"/platforms/{self.id}{suffix}"
        return self.cloud.rest(method, path, body)

    def show(self):
        status, document = self.act("GET")
        if status != 200:
            raise RuntimeError(f"GET of the platform answered {status}: {document}")
        return document

    def progress(self):
        document = self.show()
        return document["phase"], document["progress"]

    def slots(self):
        """Slot -> resource."""
        return {resource["slot"]: resource for resource in self.show()["resources"]}

    def resource(self, slot):
        return self.slots()[slot]["id"]

    def condition(self, name):
        found = [each for each in self.show()["conditions"] if each["name"] == name]
        return found[0]["status"] if found else "absent"

    def timeline(self):
        """All its lines, the newest first."""
        lines, cursor = [], ""
        while True:
            status, page = self.act("GET", f"/timeline?limit=200{cursor}")
            if status != 200:
                raise RuntimeError(f"GET of the timeline answered {status}: {page}")
            lines += [entry["text"] for entry in page["entries"]]
            if "cursor" not in page:
                return lines
            cursor = f"&cursor={page['cursor']}"


def patience(cloud, account_secs):
    """A generous bound: slow machines are no fault."""
    return 60 + cloud.real_secs(account_secs)


def ask(report, cloud, body):
    platform = Platform(cloud, json.loads(body))
    status, document = platform.act("POST", body=body)
    if not report.equal("POST /platforms is accepted", status, 202):
        raise RuntimeError(document)
    platform.id = document["id"]
    report.equal("start is accepted while it is being made", platform.act("POST", "/start")[0], 202)
    return platform


def goes_on_air(report, cloud, platform):
    made = lambda slots: "channel" in slots
    report.until("the channel is among the platform's resources", platform.slots, made, patience(cloud, START_SECS))
    live = cloud.client("medialive")
    attempts = int(patience(cloud, START_SECS))
    channel = platform.resource("channel")
    report.waits("boto3's waiter channel_running agrees", live, "channel_running", 1, attempts, ChannelId=channel)
    for slot, resource in platform.slots().items():
        if slot.startswith("input/"):
            what = f"boto3's waiter input_attached agrees on {slot}"
            report.waits(what, live, "input_attached", 1, 60, InputId=resource["id"])
    report.until("the platform is Live and whole", platform.progress, live_and_whole, patience(cloud, DEPLOY_SECS))


def live_and_whole(seen):
    phase, progress = seen
    return phase == "Live" and progress["done"] == progress["total"]


def only_its_own(report, cloud, platform):
    """By tags, AWS's lists hold what the API names, and nothing else (design: every resource has three tags)."""
    expected = {slot: resource["id"] for slot, resource in platform.slots().items()}
    found = owned(cloud, platform.id)
    report.equal("every slot has exactly one resource with its tags", sorted(slot for slot, _ in found), sorted(expected))
    report.equal("and the API names the same ids", dict(found), expected)


def goes_away(report, cloud, platform, strangers):
    slots = platform.slots()
    status, _ = platform.act("DELETE")
    report.equal("DELETE is accepted while it is live", status, 202)
    report.until("the platform is Gone", platform.progress, lambda seen: seen[0] == "Gone", patience(cloud, REMOVE_SECS))
    report.equal("the API names no resource of it", platform.show()["resources"], [])
    report.equal("no list of AWS knows its tags", owned(cloud, platform.id), [])
    live_encoding.gone(report, cloud, slots)
    live_delivery.gone(report, cloud, slots)
    live_alarms.gone(report, cloud, slots)
    strangers.untouched(report, cloud)
    strangers.remove(cloud)
    report.until("the account is empty", lambda: cloud.control("GET", "inventory"), lambda left: left == [], patience(cloud, 600))


def story(report, cloud, body):
    # Somebody else's resources in the same account: the platform must neither count nor remove them.
    strangers = report.part("somebody else is in the account", Strangers.make, cloud)
    platform = report.part("ask for a platform", ask, report, cloud, body)
    if platform is None or strangers is None:
        return
    report.part("it goes on air", goes_on_air, report, cloud, platform)
    report.part("what there is", only_its_own, report, cloud, platform)
    report.part("encoding", live_encoding.live, report, cloud, platform)
    report.part("packaging and its secret", live_delivery.packaging, report, cloud, platform)
    report.part("delivery", live_delivery.delivery, report, cloud, platform)
    report.part("alarms", live_alarms.definitions, report, cloud, platform)
    report.part("alarms with the source on", live_alarms.quiet, report, cloud, platform)
    report.part("what AWS refuses", live_refusals.refusals, report, cloud, platform)
    report.part("the source goes off", live_alarms.source_off, report, cloud, platform)
    report.part("the source comes back", live_alarms.source_on, report, cloud, platform)
    report.part("it goes away", goes_away, report, cloud, platform, strangers)


def arguments():
    parser = scripts.parser(__doc__, speed=20)
    parser.add_argument("--record", metavar="FILE", help="keep every AWS request, for model_check.py")
    return scripts.read(parser)


def main():
    asked = arguments()
    with open(os.path.join(scripts.ROOT, "events/create-platform.json"), encoding="utf-8") as event:
        body = json.load(event)["body"]
    report = Report()
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed, record=asked.record) as cloud:
        print(f"-- local cloud: {cloud.api} {cloud.aws}, regions {HOME} and {US_EAST_1}", flush=True)
        story(report, cloud, body)
        if report.failed:
            print(f"-- the last lines of the local cloud's log:\n{cloud.log_tail()}", flush=True)
    report.equal("the local cloud ends well on SIGTERM", cloud.stopped_with, 0)
    print(f"{report.passed} checks passed, {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
