"""What AWS refuses of a live platform, in the shapes that boto3 understands; nothing of it may have an effect."""
from local_cloud import US_EAST_1
from owned import everything


def refusals(report, cloud, platform):
    slots = platform.slots()
    before = inventory(cloud)
    medialive(report, cloud.client("medialive"), slots)
    packaging(report, cloud, slots)
    delivery(report, cloud.client("cloudfront", US_EAST_1), slots)
    report.equal("nothing of it had an effect", inventory(cloud), before)


def inventory(cloud):
    return sorted((found, sorted(tags.items())) for tags, found in everything(cloud))


def medialive(report, client, slots):
    channel = slots["channel"]["id"]
    report.refused(client, "NotFoundException", 404, "describe_channel", ChannelId="1")
    report.refused(client, "NotFoundException", 404, "describe_input", InputId="1")
    report.refused(client, "ConflictException", 409, "delete_channel", ChannelId=channel)
    for slot, resource in slots.items():
        if slot.startswith("input/"):
            report.refused(client, "ConflictException", 409, "delete_input", InputId=resource["id"])
        if slot.startswith("group/"):
            # This one has no 409 in AWS's model (aws-facts 1.2).
            report.refused(client, "BadRequestException", 400, "delete_input_security_group", InputSecurityGroupId=resource["id"])
    report.refused(client, "BadRequestException", 400, "create_input_security_group", WhitelistRules=[])
    report.refused(client, "BadRequestException", 400, "create_input_security_group")


def packaging(report, cloud, slots):
    client = cloud.client("mediapackage")
    report.refused(client, "NotFoundException", 404, "describe_channel", Id="nobody")
    report.refused(client, "UnprocessableEntityException", 422, "create_channel", Id=slots["packaging"]["id"])
    report.refused(client, "UnprocessableEntityException", 422, "delete_channel", Id=slots["packaging"]["id"])
    secrets = cloud.client("secretsmanager")
    report.refused(secrets, "ResourceNotFoundException", 400, "get_secret_value", SecretId="nobody")
    report.refused(secrets, "ResourceExistsException", 400, "create_secret", Name=slots["secret"]["id"], SecretString="x")


def delivery(report, client, slots):
    distribution = slots["distribution"]["id"]
    current = client.get_distribution(Id=distribution)["ETag"]
    report.refused(client, "DistributionNotDisabled", 409, "delete_distribution", Id=distribution, IfMatch=current)
    report.refused(client, "NoSuchDistribution", 404, "get_distribution", Id="E0NOBODY")
    config = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    stale = {"Id": distribution, "IfMatch": "E0STALE", "DistributionConfig": dict(config, Enabled=False)}
    report.refused(client, "PreconditionFailed", 412, "update_distribution", **stale)
