"""The recipe's cleanup, in the order and with the waits that AWS demands (aws-facts 6, numbers 81 to 90)."""
import json
import os

from local_cloud import US_EAST_1

INPUTS = ("RTMP_INPUT_ID", "HLS_INPUT_ID", "RTP_INPUT_ID")
GROUPS = ("GROUP_ID", "INTERNAL_GROUP_ID")
RELEASE_SECS = 300


def everything(cli, report, names):
    disable_distribution(cli, names)
    remove_alarms(cli, names)
    remove_encoding(cli, report, names)
    remove_distribution(cli, names)
    remove_packaging(cli, names)
    nothing_listed(cli, report)


def disable_distribution(cli, names):
    """First of all (84), with the configuration and the ETag of one answer (85)."""
    distribution = ("--id", names["DISTRIBUTION_ID"])
    found = cli.json("cloudfront", "get-distribution-config", *distribution)
    path = os.path.join(cli.folder, "disabled.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**found["DistributionConfig"], "Enabled": False}, file)
    disabled = ("--distribution-config", f"file://{path}", "--if-match", found["ETag"])
    cli.json("cloudfront", "update-distribution", *distribution, *disabled)


def remove_alarms(cli, names):
    live = f"MediaLive-live-channel-{names['SUFFIX']}-InputLoss"
    packager = f"MediaPackage-package-channel-{names['SUFFIX']}-EgressErrors"
    cli.end(cli.start("cloudwatch", "delete-alarms", "--alarm-names", f"{live}-0", f"{live}-1", packager))
    delivery = f"CloudFront-{names['DISTRIBUTION_ID']}-ErrorRate"
    cli.end(cli.start("cloudwatch", "delete-alarms", "--alarm-names", delivery, "--region", US_EAST_1))


def remove_encoding(cli, report, names):
    """An input is attached until its channel is DELETED (82), a group is in use until its inputs are (83)."""
    channel = ("--channel-id", names["CHANNEL_ID"])
    cli.json("medialive", "stop-channel", *channel)
    cli.wait("medialive", "channel-stopped", *channel)
    inputs = [names[name] for name in INPUTS]
    cli.refused(report, "ConflictException", "medialive", "delete-input", "--input-id", inputs[0])
    cli.json("medialive", "delete-channel", *channel)
    cli.wait("medialive", "channel-deleted", *channel)
    cli.wait_inputs("input-detached", inputs)
    group = ("--input-security-group-id", names["GROUP_ID"])
    cli.refused(report, "BadRequestException", "medialive", "delete-input-security-group", *group)
    for each in inputs:
        cli.json("medialive", "delete-input", "--input-id", each)
    cli.wait_inputs("input-deleted", inputs)
    patience = 60 + cli.cloud.real_secs(RELEASE_SECS)
    for name in GROUPS:
        group = ("--input-security-group-id", names[name])
        state = lambda: cli.text("medialive", "describe-input-security-group", *group, "--query", "State")
        report.until(f"security group {names[name]} is released", state, lambda seen: seen == "IDLE", patience)
        cli.json("medialive", "delete-input-security-group", *group)


def remove_distribution(cli, names):
    """Disabled and Deployed again, it can go (85)."""
    distribution = ("--id", names["DISTRIBUTION_ID"])
    cli.wait("cloudfront", "distribution-deployed", *distribution)
    etag = cli.text("cloudfront", "get-distribution", *distribution, "--query", "ETag")
    cli.end(cli.start("cloudfront", "delete-distribution", *distribution, "--if-match", etag))


def remove_packaging(cli, names):
    """The secret last: the endpoints read it."""
    channel = f"package-channel-{names['SUFFIX']}"
    for suffix in ("hls-advanced", "dash-drm", "cmaf-ll"):
        cli.json("mediapackage", "delete-origin-endpoint", "--id", f"{channel}-{suffix}")
    cli.json("mediapackage", "delete-channel", "--id", channel)
    cli.json("secretsmanager", "delete-secret", "--secret-id", names["SECRET_ARN"], "--force-delete-without-recovery")


def nothing_listed(cli, report):
    for service, operation, query in (
        ("medialive", "list-channels", "Channels"),
        ("medialive", "list-inputs", "Inputs"),
        ("medialive", "list-input-security-groups", "InputSecurityGroups"),
        ("mediapackage", "list-channels", "Channels"),
        ("mediapackage", "list-origin-endpoints", "OriginEndpoints"),
        ("cloudfront", "list-distributions", "DistributionList.Items || `[]`"),
        ("secretsmanager", "list-secrets", "SecretList"),
    ):
        report.equal(f"aws {service} {operation} shows nothing", cli.json(service, operation, "--query", query), [])
