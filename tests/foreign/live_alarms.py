"""What CloudWatch says of a platform: its alarms, and how they follow the picture."""
import datetime

from local_cloud import HOME, US_EAST_1
from owned import PLATFORM, pages, pairs

INPUT_LOSS = ("alarm/input-loss-0", "alarm/input-loss-1")
ACTIVE_ALERTS = ("alarm/active-alerts-0", "alarm/active-alerts-1")


def expected(spec, slots):
    """Slot -> (region, namespace, metric, dimensions, statistic, threshold); aws-facts 1.14, 2.10, 3.7."""
    channel, asked = slots["channel"]["id"], spec["alarms"]
    table = {}
    for pipeline in ("0", "1"):
        dimensions = {"ChannelId": channel, "Pipeline": pipeline}
        table[f"alarm/input-loss-{pipeline}"] = (HOME, "AWS/MediaLive", "InputVideoFrameRate", dimensions, "Maximum", 1)
        table[f"alarm/active-alerts-{pipeline}"] = (HOME, "AWS/MediaLive", "ActiveAlerts", dimensions, "Maximum", 1)
    for codes in ("4xx", "5xx"):
        dimensions = {"Channel": slots["packaging"]["id"], "StatusCodeRange": codes}
        threshold = asked[f"packager{codes}Count"]
        table[f"alarm/packager-{codes}"] = (HOME, "AWS/MediaPackage", "EgressRequestCount", dimensions, "Sum", threshold)
        dimensions = {"DistributionId": slots["distribution"]["id"], "Region": "Global"}
        threshold = asked[f"cdn{codes}Percent"]
        table[f"alarm/cdn-{codes}"] = (US_EAST_1, "AWS/CloudFront", f"{codes}ErrorRate", dimensions, "Average", threshold)
    return table


def ours(cloud, region, platform):
    """Alarm name -> alarm, of this platform's tags in this region."""
    client = cloud.client("cloudwatch", region)
    found = {}
    for alarm in pages(client, "describe_alarms", "MetricAlarms", PaginationConfig={"PageSize": 3}):
        tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        if pairs(tags).get(PLATFORM) == platform.id:
            found[alarm["AlarmName"]] = alarm
    return found


def states(cloud, slots):
    """Slot -> state, of all the platform's alarms in both regions, as one DescribeAlarms per region says."""
    names = {resource["id"]: slot for slot, resource in slots.items() if slot.startswith("alarm/")}
    found = {}
    for region in (HOME, US_EAST_1):
        answer = cloud.client("cloudwatch", region).describe_alarms(AlarmNames=list(names))
        found.update({names[alarm["AlarmName"]]: alarm["StateValue"] for alarm in answer["MetricAlarms"]})
    return found


def definitions(report, cloud, platform):
    slots = platform.slots()
    table = expected(platform.spec, slots)
    listed = {region: ours(cloud, region, platform) for region in (HOME, US_EAST_1)}
    report.equal("six alarms at home, two in us-east-1", [len(listed[HOME]), len(listed[US_EAST_1])], [6, 2])
    for region, alarms in listed.items():
        client = cloud.client("cloudwatch", region)
        report.waits(f"boto3's waiter alarm_exists agrees in {region}", client, "alarm_exists", 1, 30, AlarmNames=list(alarms))
    for slot, wanted in table.items():
        alarm = listed[wanted[0]].get(slots[slot]["id"])
        if not report.holds(f"{slot} lives in {wanted[0]}", alarm):
            continue
        dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        found = (wanted[0], alarm["Namespace"], alarm["MetricName"], dimensions, alarm["Statistic"], alarm["Threshold"])
        report.equal(f"{slot} watches what AWS publishes", found, wanted)
        loss = slot in INPUT_LOSS
        shape = (alarm["ComparisonOperator"], alarm["TreatMissingData"], alarm["ActionsEnabled"])
        operator = "LessThanThreshold" if loss else "GreaterThanOrEqualToThreshold"
        report.equal(f"{slot} compares the right way; no data is no alarm", shape, (operator, "notBreaching", True))
    home = cloud.client("cloudwatch")
    for slot in (*INPUT_LOSS, *ACTIVE_ALERTS):
        _, namespace, metric, dimensions, _, _ = table[slot]
        wanted = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        metrics = pages(home, "list_metrics", "Metrics", Namespace=namespace, MetricName=metric, Dimensions=wanted)
        exact = [each for each in metrics if {it["Name"]: it["Value"] for it in each["Dimensions"]} == dimensions]
        report.equal(f"{slot}: MediaLive does publish that metric", len(exact), 1)


def quiet(report, cloud, platform):
    slots = platform.slots()
    fired = set()

    def look():
        found = states(cloud, slots)
        fired.update(slot for slot, state in found.items() if state == "ALARM")
        return found

    report.until("all eight alarms are OK", look, all_ok, 60 + cloud.real_secs(900))
    report.equal("none was in ALARM", sorted(fired), [])
    report.equal("nor does the timeline know of one", [line for line in platform.timeline() if "ALARM" in line], [])
    report.equal("the platform's Signal is ok", platform.condition("Signal"), "ok")
    for slot in INPUT_LOSS:
        report.equal(f"{slot}: its metric shows a picture", frame_rate(cloud, platform, slots, slot), 30)


def all_ok(found):
    return len(found) == 8 and set(found.values()) == {"OK"}


def frame_rate(cloud, platform, slots, slot):
    """The last minute's greatest value of what an alarm watches, as GetMetricStatistics says."""
    _, namespace, metric, dimensions, _, _ = expected(platform.spec, slots)[slot]
    now = datetime.datetime.now(datetime.timezone.utc)
    answer = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - datetime.timedelta(seconds=60),
        EndTime=now + datetime.timedelta(seconds=60),
        Period=120,
        Statistics=["Maximum"],
    )
    return max((point["Maximum"] for point in answer["Datapoints"]), default=None)


def switch(cloud, platform, state):
    """Switches the source of the input that the channel uses; answers with the time right after."""
    channel = cloud.client("medialive").describe_channel(ChannelId=platform.resource("channel"))
    active = {each["ActiveInputAttachmentName"] for each in channel["PipelineDetails"]}
    attached = {each["InputAttachmentName"]: each["InputId"] for each in channel["InputAttachments"]}
    (name,) = active
    cloud.control("POST", "source", {"region": HOME, "input": attached[name], "state": state})
    return datetime.datetime.now(datetime.timezone.utc)


def source_off(report, cloud, platform):
    slots = platform.slots()
    at = switch(cloud, platform, "off")
    report.until(
        "input loss and active alerts of both pipelines are in ALARM, nothing else",
        lambda: states(cloud, slots),
        lambda found: {slot for slot, state in found.items() if state == "ALARM"} == {*INPUT_LOSS, *ACTIVE_ALERTS},
        60 + cloud.real_secs(900),
    )
    within_its_periods(report, cloud, slots, at)
    becomes(report, platform, "Signal", "broken")
    report.equal("and is Live all the same", platform.show()["phase"], "Live")
    for slot in INPUT_LOSS:
        writes(report, platform, f"{slot}: ALARM")


def becomes(report, platform, condition, status):
    look = lambda: platform.condition(condition)
    report.until(f"the platform's condition {condition} is {status}", look, lambda found: found == status, 60)


def writes(report, platform, text):
    written = lambda lines: any(text in line for line in lines)
    report.until(f"the timeline has a line with {text!r}", platform.timeline, written, 60)


def within_its_periods(report, cloud, slots, at):
    """In the account's own time stamps: every period of the window, and the one in which the picture went."""
    names = [slots[slot]["id"] for slot in INPUT_LOSS]
    for alarm in cloud.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]:
        bound = cloud.real_secs(alarm["Period"] * (alarm["EvaluationPeriods"] + 1))
        took = (alarm["StateUpdatedTimestamp"] - at).total_seconds()
        # A second for time stamps that AWS does not print finer.
        went = alarm["StateValue"] == "ALARM" and 0 < took <= bound + 1
        report.holds(f"{alarm['AlarmName']} went to ALARM within its periods", went, f"{took} s of at most {bound} s")
        reason = alarm["StateReason"]
        crossed = reason.startswith("Threshold Crossed: 2 out of the last 2")
        report.holds("  and says which datapoints crossed the threshold", crossed, reason)


def source_on(report, cloud, platform):
    slots = platform.slots()
    switch(cloud, platform, "on")
    report.until("all eight alarms are OK again", lambda: states(cloud, slots), all_ok, 60 + cloud.real_secs(900))
    becomes(report, platform, "Signal", "ok")
    becomes(report, platform, "Alarms", "absent")
    for slot in INPUT_LOSS:
        writes(report, platform, f"{slot}: OK again")


def gone(report, cloud, slots):
    report.equal("its alarms are gone in both regions", states(cloud, slots), {})
