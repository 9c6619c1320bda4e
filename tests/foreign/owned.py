"""Whose resources there are in the account: found with boto3's paginators, told apart by tags alone."""
import json

from local_cloud import HOME, US_EAST_1

PLATFORM, SLOT, STACK = "headend:platform", "headend:slot", "headend:stack"


def pages(client, operation, result, **arguments):
    """Every item of every page; small pages, so that there is more than one."""
    found = []
    for page in client.get_paginator(operation).paginate(**arguments):
        found += page.get(result) or []
    return found


def everything(cloud):
    """(tags, id) of everything in the account that AWS lists, in both regions."""
    small = {"PaginationConfig": {"PageSize": 2}}
    for region in (HOME, US_EAST_1):
        live = cloud.client("medialive", region)
        for operation, result in (
            ("list_input_security_groups", "InputSecurityGroups"),
            ("list_inputs", "Inputs"),
            ("list_channels", "Channels"),
        ):
            for item in pages(live, operation, result, **small):
                yield item.get("Tags", {}), item["Id"]
        package = cloud.client("mediapackage", region)
        for operation, result in (("list_channels", "Channels"), ("list_origin_endpoints", "OriginEndpoints")):
            for item in pages(package, operation, result, **small):
                yield item.get("Tags", {}), item["Id"]
        secrets = cloud.client("secretsmanager", region)
        for item in pages(secrets, "list_secrets", "SecretList", IncludePlannedDeletion=True, **small):
            yield pairs(item.get("Tags", [])), item["Name"]
        watch = cloud.client("cloudwatch", region)
        for item in pages(watch, "describe_alarms", "MetricAlarms", **small):
            tags = watch.list_tags_for_resource(ResourceARN=item["AlarmArn"])["Tags"]
            yield pairs(tags), item["AlarmName"]
    front = cloud.client("cloudfront", US_EAST_1)
    for page in front.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 1}):
        for item in page["DistributionList"].get("Items", []):
            tags = front.list_tags_for_resource(Resource=item["ARN"])["Tags"]["Items"]
            yield pairs(tags), item["Id"]


def pairs(tags):
    return {tag["Key"]: tag["Value"] for tag in tags}


def owned(cloud, platform):
    """(slot, id) of everything that has the platform's tags, sorted."""
    return sorted((tags[SLOT], found) for tags, found in everything(cloud) if tags.get(PLATFORM) == platform and STACK in tags)


class Strangers:
    """Resources of somebody else in the same account, one for each service where that is cheap."""

    TAGS = {"owner": "somebody-else"}

    def __init__(self, group):
        self.group = group

    @classmethod
    def make(cls, cloud):
        live = cloud.client("medialive")
        group = live.create_input_security_group(WhitelistRules=[{"Cidr": "192.0.2.0/24"}], Tags=cls.TAGS)
        cloud.client("mediapackage").create_channel(Id="somebody-else", Tags=cls.TAGS)
        tags = [{"Key": key, "Value": value} for key, value in cls.TAGS.items()]
        secret = json.dumps({"MediaPackageCDNIdentifier": "somebody-else"})
        cloud.client("secretsmanager").create_secret(Name="somebody-else", SecretString=secret, Tags=tags)
        for region in (HOME, US_EAST_1):
            cloud.client("cloudwatch", region).put_metric_alarm(
                AlarmName="somebody-else",
                Namespace="Custom",
                MetricName="Queue",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
                Tags=tags,
            )
        return cls(group["SecurityGroup"]["Id"])

    def untouched(self, report, cloud):
        found = sorted(found for tags, found in everything(cloud) if tags == self.TAGS)
        report.equal("somebody else's resources are all there", found, sorted([self.group, *["somebody-else"] * 4]))

    def remove(self, cloud):
        cloud.client("medialive").delete_input_security_group(InputSecurityGroupId=self.group)
        cloud.client("mediapackage").delete_channel(Id="somebody-else")
        cloud.client("secretsmanager").delete_secret(SecretId="somebody-else", ForceDeleteWithoutRecovery=True)
        for region in (HOME, US_EAST_1):
            cloud.client("cloudwatch", region).delete_alarms(AlarmNames=["somebody-else"])
