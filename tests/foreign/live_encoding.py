"""What MediaLive says of a live platform, and after its teardown."""
from botocore.exceptions import ClientError, WaiterError

ARCHIVE, PACKAGING = "ArchiveGroupSettings", "MediaPackageGroupSettings"


def live(report, cloud, platform):
    client = cloud.client("medialive")
    slots = platform.slots()
    channel_id = slots["channel"]["id"]
    channel = report.until(
        "both pipelines run",
        lambda: client.describe_channel(ChannelId=channel_id),
        lambda seen: seen["PipelinesRunningCount"] == 2,
        60 + cloud.real_secs(60),
    )
    report.equal("the channel is RUNNING, class STANDARD", (channel["State"], channel["ChannelClass"]), ("RUNNING", "STANDARD"))
    report.equal("its ARN is the API's", channel["Arn"], slots["channel"]["arn"])
    rungs(report, platform.spec, channel["EncoderSettings"])
    outputs(report, platform.spec, slots, channel)
    inputs(report, client, platform.spec, slots, channel)


def rungs(report, spec, settings):
    asked = [(rung["width"], rung["height"], rung["bitrate"]) for rung in spec["ladder"]["rungs"]]
    videos = settings["VideoDescriptions"]
    codec = [video["CodecSettings"]["H264Settings"] for video in videos]
    found = [(video["Width"], video["Height"], h264["Bitrate"]) for video, h264 in zip(videos, codec)]
    report.equal("the encoder settings echo the five rungs", (len(found), sorted(found)), (5, sorted(asked)))
    rates = {h264["FramerateNumerator"] / h264["FramerateDenominator"] for h264 in codec}
    report.equal("all at one frame rate", rates, {float(spec["ladder"]["frameRate"])})


def outputs(report, spec, slots, channel):
    groups = {
        kind: group
        for group in channel["EncoderSettings"]["OutputGroups"]
        for kind in group["OutputGroupSettings"]
    }
    report.equal("two output groups: packaging and archive", sorted(groups), [ARCHIVE, PACKAGING])
    packaged = groups[PACKAGING]["Outputs"]
    shown = {output["VideoDescriptionName"] for output in packaged if "VideoDescriptionName" in output}
    videos = {video["Name"] for video in channel["EncoderSettings"]["VideoDescriptions"]}
    report.equal("every rung goes to the packager", shown, videos)
    targets = {each["Id"]: each for each in channel["Destinations"]}
    settings = targets[reference(groups, PACKAGING)]["MediaPackageSettings"]
    report.equal("to the platform's own packaging channel", [each["ChannelId"] for each in settings], [slots["packaging"]["id"]])
    urls = [each["Url"] for each in targets[reference(groups, ARCHIVE)]["Settings"]]
    to_s3 = len(set(urls)) == 2 and all(url.startswith(("s3://", "s3ssl://")) for url in urls)
    report.holds("the archive has one S3 URL per pipeline", to_s3, urls)


def reference(groups, kind):
    return groups[kind]["OutputGroupSettings"][kind]["Destination"]["DestinationRefId"]


def inputs(report, client, spec, slots, channel):
    """The three kinds that were asked for, every one with what a STANDARD channel wants of it (aws-facts 1.6)."""
    expected = [slots[f"input/{each['name']}"]["id"] for each in spec["inputs"]]
    report.equal("the inputs are attached in their order", [each["InputId"] for each in channel["InputAttachments"]], expected)
    for each in spec["inputs"]:
        found = client.describe_input(InputId=slots[f"input/{each['name']}"]["id"])
        summary = (found["State"], found["Type"], found["InputClass"], found["AttachedChannels"])
        report.equal(f"input {each['name']} is as asked", summary, ("ATTACHED", each["type"], "STANDARD", [channel["Id"]]))
        ends = found["Sources"] if each["type"] == "URL_PULL" else found["Destinations"]
        report.equal(f"input {each['name']} has a way in for each pipeline", len({end["Url"] for end in ends}), 2)
        if each["type"] != "URL_PULL":
            group = client.describe_input_security_group(InputSecurityGroupId=slots[f"group/{each['name']}"]["id"])
            named = sorted(cidr for name in each["allowFrom"] for cidr in spec["allowLists"][name])
            found_rules = (group["State"], sorted(rule["Cidr"] for rule in group["WhitelistRules"]))
            report.equal(f"input {each['name']} lets in its allow-list only", found_rules, ("IN_USE", named))


def gone(report, cloud, slots):
    """DELETED things stay describable for a while, later they are unknown (aws-facts 1.2): both are gone."""
    client = cloud.client("medialive")
    deleted(report, "channel", client, "channel_deleted", ChannelId=slots["channel"]["id"])
    for slot, resource in slots.items():
        if slot.startswith("input/"):
            deleted(report, slot, client, "input_deleted", InputId=resource["id"])
        if slot.startswith("group/"):
            try:
                state = client.describe_input_security_group(InputSecurityGroupId=resource["id"])["State"]
            except ClientError as error:
                state = error.response["Error"]["Code"]
            report.holds(f"{slot} is gone", state in ("DELETED", "NotFoundException"), state)


def deleted(report, slot, client, waiter, **arguments):
    try:
        client.get_waiter(waiter).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **arguments)
        report.holds(f"boto3's waiter {waiter} agrees on {slot}", True)
    except WaiterError as error:
        code = error.last_response.get("Error", {}).get("Code")
        report.equal(f"{slot} is not found any more", code, "NotFoundException")
