"""Two platforms' lives in which our functions send every kind of request that no accident is needed for.

The platforms of the sample events are made, started, changed on air, given new secrets, stopped, changed while idle, and
removed. A change does not show in the phase: it is over when its calls are in the recording and the platform is whole.
"""
import json
import os
import time

import scripts
from local_cloud import LocalCloud

EVENTS = ("events/create-platform.json", "events/create-platform-minimal.json")
PATIENCE_SECS, POLL_SECS = 300, 1.0

TAGGED = "cloudfront:TagResource cloudwatch:TagResource medialive:CreateTags mediapackage:TagResource secretsmanager:TagResource"
UNTAGGED = TAGGED.replace("TagResource", "UntagResource").replace("CreateTags", "DeleteTags")
# On the first platform while it is live: (method, path, document, the calls that it must lead to).
ON_AIR = [
    (
        "PATCH",
        "",
        {
            "allowLists": {"encoders": ["198.51.100.12/32"]},
            "alarms": {"cdn5xxPercent": 2},
            "endpoints": {"hls": {"startoverSeconds": 7200}},
            "tags": {"Environment": "Test", "Service": None},
        },
        f"medialive:UpdateInputSecurityGroup mediapackage:UpdateOriginEndpoint {TAGGED} {UNTAGGED}",
    ),
    ("POST", "/rotate-cdn-secret", None, "secretsmanager:PutSecretValue"),
]
PULL = ["https://origin-c.example.com/live/master.m3u8", "https://origin-d.example.com/live/master.m3u8"]


def idle(platform):
    """On the first platform while it is idle."""
    moved = [{**each, "urls": PULL} if each["name"] == "hls" else each for each in platform["spec"]["inputs"]]
    return [
        ("PATCH", "", {"archive": {"rolloverSeconds": 600}, "inputs": moved}, "medialive:UpdateChannel medialive:UpdateInput"),
        ("POST", "/inputs/rtmp/rotate", None, "medialive:CreateInput medialive:UpdateChannel medialive:DeleteInput"),
        ("PATCH", "", {"channelClass": "single"}, "medialive:UpdateChannelClass"),
    ]


def two_lives(asked, path):
    """From the requests to phase Gone, recorded at `path`."""
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed, record=path) as cloud:
        platforms = []
        for event in EVENTS:
            with open(os.path.join(scripts.ROOT, event), encoding="utf-8") as file:
                answer = cloud.rest("POST", "/platforms", json.load(file)["body"])
            platforms.append(f"/platforms/{accepted('POST', '/platforms', *answer)['id']}")
        together(cloud, platforms, "POST", "/start", "Live")
        changed(cloud, path, platforms[0], "Live", ON_AIR)
        status, health = cloud.rest("GET", platforms[0] + "/health")
        if status != 200:
            raise RuntimeError(f"GET of the health answered {status}: {health}")
        together(cloud, platforms, "POST", "/stop", "Ready")
        _, first = cloud.rest("GET", platforms[0])
        changed(cloud, path, platforms[0], "Ready", idle(first))
        together(cloud, platforms, "DELETE", "", "Gone")


def together(cloud, platforms, method, suffix, phase):
    for platform in platforms:
        accepted(method, platform + suffix, *cloud.rest(method, platform + suffix))
    for platform in platforms:
        reach(cloud, platform, phase)


def changed(cloud, path, platform, phase, changes):
    for method, suffix, document, calls in changes:
        begun = os.path.getsize(path)
        body = None if document is None else json.dumps(document)
        headers = {"if_match": "*"} if method == "PATCH" else {}
        accepted(method, platform + suffix, *cloud.rest(method, platform + suffix, body, **headers))
        recorded(path, begun, [tuple(call.split(":")) for call in calls.split()])
        reach(cloud, platform, phase)


def accepted(method, path, status, answer):
    if status != 202:
        raise RuntimeError(f"{method} {path} answered {status}: {answer}")
    return answer


def recorded(path, begun, calls):
    """Until the calls stand in the recording, behind the place where it ended before."""
    end = time.monotonic() + PATIENCE_SECS
    while True:
        with open(path, encoding="utf-8") as lines:
            lines.seek(begun)
            text = lines.read()
        missing = [call for call in calls if not has(text, *call)]
        if not missing:
            return
        if time.monotonic() > end:
            raise RuntimeError(f"no {missing} {PATIENCE_SECS} s after the change")
        time.sleep(POLL_SECS)


def has(text, service, operation):
    wanted = (f'"service":"{service}"', f'"operation":"{operation}"')
    return any(all(word in line for word in wanted) for line in text.splitlines())


def reach(cloud, platform, phase):
    """Whole, not only in its phase: Live while CloudFront still deploys is half a life."""
    end = time.monotonic() + PATIENCE_SECS
    while True:
        _, seen = cloud.rest("GET", platform)
        if seen["phase"] == phase and (phase == "Gone" or seen["progress"]["done"] == seen["progress"]["total"]):
            return
        if time.monotonic() > end or seen["phase"] == "Failed":
            raise RuntimeError(f"{platform} is not {phase}: {seen['phase']} {seen['progress']} {seen.get('failures')}")
        time.sleep(POLL_SECS)
