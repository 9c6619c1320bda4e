#!/usr/bin/env python3
"""The calendar of a platform, read by a calendar library that knows nothing of us.

    python tests/foreign/calendar_feed.py --local target/debug/headend-local

Plans events in several time zones, makes an address for calendar programs, and reads the document without a token: each
occurrence that the API names has to be an event with the same title at the same moments. One line for each check; the
exit status is the verdict. Nights on which clocks change are tests/src/contract/feed.rs's, where the date is chosen.
"""
import datetime
import json
import sys
import urllib.error
import urllib.request

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import icalendar
import scripts
from local_cloud import REQUEST_SECS, LocalCloud, Report

TITLE = "Derby; live, \\ \"extra\": long enough to be folded, with é, 日本語 and 🎥"


def made(report, cloud):
    with open(f"{scripts.ROOT}/events/create-platform-minimal.json", encoding="utf-8") as event:
        status, platform = cloud.rest("POST", "/platforms", json.load(event)["body"])
    report.equal("a platform is accepted", status, 202)
    return platform["id"]


def planned(report, cloud, platform, now):
    """Series in three places, one with an exception, one over midnight."""
    first = now.date() + datetime.timedelta(days=1)
    skipped = first + datetime.timedelta(days=3)
    night = {"start": f"{first}T23:30", "end": f"{first + datetime.timedelta(days=1)}T04:30"}
    noon = {"start": f"{first}T12:00", "end": f"{first}T12:30"}
    plans = [
        {"title": TITLE, **night, "timeZone": "Europe/Paris", "recurrence": "FREQ=WEEKLY;COUNT=8"},
        {"title": "Noon", **noon, "timeZone": "Asia/Kathmandu", "recurrence": "FREQ=DAILY;COUNT=9", "exceptions": [str(skipped)]},
        {"title": "Once", **noon, "timeZone": "America/New_York"},
    ]
    for plan in plans:
        status, answer = cloud.rest("POST", f"/platforms/{platform}/planned-events", json.dumps(plan))
        report.holds(f"an event in {plan['timeZone']} is planned", status == 201, (status, answer))


def fetch(cloud, path, etag=None):
    asked = urllib.request.Request(cloud.api + path, headers={"If-None-Match": etag} if etag else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=REQUEST_SECS) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def named(cloud, platform):
    """What the API says of all occurrences: id of the event, occurrence, title, moments."""
    _, calendar = cloud.rest("GET", f"/platforms/{platform}/planned-events")
    for event in calendar["events"]:
        for one in event["upcoming"]:
            moments = [datetime.datetime.fromisoformat(one[edge].replace("Z", "+00:00")) for edge in ("start", "end")]
            yield f"{one['event']}.{one['occurrence']}@{platform}", (one["title"], *moments)


def read(report, cloud, platform):
    status, answer = cloud.rest("POST", f"/platforms/{platform}/calendar-feed")
    report.equal("an address is made", status, 201)
    path = answer["feed"]
    status, headers, body = fetch(cloud, path)
    report.equal("it is read without a token", status, 200)
    report.equal("as text/calendar", headers["content-type"], "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(body)
    # The library keeps what it could not read instead of failing.
    report.equal("nothing in it is wrong", [error for part in calendar.walk() for error in part.errors], [])
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    found = {uid: (str(event["SUMMARY"]), event.decoded("DTSTART"), event.decoded("DTEND")) for uid, event in events.items()}
    expected = dict(named(cloud, platform))
    report.equal("there are as many as were planned", len(expected), 8 + 8 + 1)
    report.equal("each occurrence is an event at its moments, with its title", found, expected)
    wanted = ("DTSTAMP", "SEQUENCE", "STATUS", "DESCRIPTION", "TRANSP")
    lacking = [(uid, name) for uid, event in events.items() for name in wanted if name not in event]
    report.equal("each says what a calendar program needs", lacking, [])
    return path, headers["etag"]


def guarded(report, cloud, platform, path, etag):
    report.equal("what is known is not sent again", fetch(cloud, path, etag)[0], 304)
    wrong = path[:-1] + ("0" if path[-1] != "0" else "1")
    nobody = path.replace(platform, "p-000000000000")
    refused = [fetch(cloud, other) for other in (wrong, path.split("?")[0], nobody)]
    report.equal("without the key there is nothing", [status for status, _, _ in refused], [404] * 3)
    told = {body.replace(b"p-000000000000", platform.encode()) for _, _, body in refused}
    report.equal("and a platform that is not there looks the same", len(told), 1)
    report.equal("the address is taken back", cloud.rest("DELETE", f"/platforms/{platform}/calendar-feed")[0], 200)
    report.equal("and leads nowhere", fetch(cloud, path)[0], 404)


def story(report, cloud):
    platform = report.part("a platform", made, report, cloud)
    _, clock = cloud.rest("GET", f"/platforms/{platform}")
    now = datetime.datetime.fromisoformat(clock["createdAt"].replace("Z", "+00:00"))
    report.part("events are planned", planned, report, cloud, platform, now)
    seen = report.part("the calendar is read", read, report, cloud, platform)
    if seen:
        report.part("its key", guarded, report, cloud, platform, *seen)


def main():
    asked = scripts.arguments(__doc__, speed=20)
    report = Report()
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed) as cloud:
        story(report, cloud)
        if report.failed:
            print(f"-- the last lines of the local cloud's log:\n{cloud.log_tail()}", flush=True)
    report.equal("the local cloud ends well on SIGTERM", cloud.stopped_with, 0)
    print(f"{report.passed} checks passed, {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
