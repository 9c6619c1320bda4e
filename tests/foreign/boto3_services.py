#!/usr/bin/env python3
"""Drives the simulated account with unmodified boto3, waiters included: one platform's resources, made and removed.

    python tests/foreign/boto3_services.py --local target/debug/headend-local     (0 when the account did what AWS does)
"""
import json
import sys
import time

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

from botocore.exceptions import ClientError

import scripts
from local_cloud import HOME, LocalCloud

ROLE = "arn:aws:iam::123456789012:role/MediaLiveRole"
# The running local cloud.
CLOUD = None


def client(service, region=HOME):
    return CLOUD.client(service, region)


def refused(code, call, **arguments):
    """The call must be refused with `code`; answers with the error."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"expected {code}, got {found}: {error}"
        return error.response
    raise AssertionError(f"{call} was not refused with {code}")


def until(what, condition, seconds=60):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.2)


def quick(waiter, **arguments):
    waiter.wait(WaiterConfig={"Delay": 1, "MaxAttempts": 120}, **arguments)


def step(text):
    print(f"- {text}", flush=True)


def video(name, width, height, bitrate):
    return {
        "Name": name,
        "Width": width,
        "Height": height,
        "CodecSettings": {
            "H264Settings": {
                "Bitrate": bitrate,
                "RateControlMode": "CBR",
                "FramerateControl": "SPECIFIED",
                "FramerateNumerator": 30,
                "FramerateDenominator": 1,
                "ParControl": "SPECIFIED",
                "ParNumerator": 1,
                "ParDenominator": 1,
                "GopSize": 60,
                "GopSizeUnits": "FRAMES",
                "GopClosedCadence": 1,
                "Level": "H264_LEVEL_AUTO",
                "Profile": "MAIN",
            }
        },
    }


def encoder_settings():
    return {
        "TimecodeConfig": {"Source": "SYSTEMCLOCK"},
        "AudioDescriptions": [
            {
                "Name": "stereo",
                "AudioSelectorName": "default",
                "CodecSettings": {"AacSettings": {"Bitrate": 128000, "SampleRate": 48000, "CodingMode": "CODING_MODE_2_0"}},
            }
        ],
        "VideoDescriptions": [video("720p", 1280, 720, 3000000), video("360p", 640, 360, 800000)],
        "OutputGroups": [
            {
                "Name": "packaging",
                "OutputGroupSettings": {"MediaPackageGroupSettings": {"Destination": {"DestinationRefId": "mp"}}},
                "Outputs": [
                    {
                        "OutputName": name,
                        "VideoDescriptionName": name,
                        "AudioDescriptionNames": ["stereo"],
                        "OutputSettings": {"MediaPackageOutputSettings": {}},
                    }
                    for name in ("720p", "360p")
                ],
            },
            {
                "Name": "archive",
                "OutputGroupSettings": {
                    "ArchiveGroupSettings": {"Destination": {"DestinationRefId": "s3"}, "RolloverInterval": 300}
                },
                "Outputs": [
                    {
                        "OutputName": "archive",
                        "VideoDescriptionName": "720p",
                        "AudioDescriptionNames": ["stereo"],
                        "OutputSettings": {"ArchiveOutputSettings": {"ContainerSettings": {"M2tsSettings": {}}}},
                    }
                ],
            },
        ],
    }


def medialive(packaging):
    live = client("medialive")
    step("medialive: security group and input")
    refused("BadRequestException", live.create_input_security_group, WhitelistRules=[{"Cidr": "10.0.0.1/8"}])
    group = live.create_input_security_group(WhitelistRules=[{"Cidr": "192.0.2.1/32"}], Tags={"a": "b"})["SecurityGroup"]
    refused("BadRequestException", live.create_input, Name="x", Type="RTMP_PUSH", InputSecurityGroups=[group["Id"]])
    made = live.create_input(
        Name="rtmp",
        Type="RTMP_PUSH",
        InputSecurityGroups=[group["Id"]],
        Destinations=[{"StreamName": "live/a"}, {"StreamName": "live/b"}],
        RequestId="one",
        Tags={"headend:slot": "input/rtmp"},
    )["Input"]
    again = live.create_input(
        Name="rtmp",
        Type="RTMP_PUSH",
        InputSecurityGroups=[group["Id"]],
        Destinations=[{"StreamName": "live/a"}, {"StreamName": "live/b"}],
        RequestId="one",
        Tags={"headend:slot": "input/rtmp"},
    )["Input"]
    assert made["Id"] == again["Id"], "the same requestId makes the same input"
    assert made["InputClass"] == "STANDARD" and len(made["Destinations"]) == 2, made
    quick(live.get_waiter("input_detached"), InputId=made["Id"])

    step("medialive: channel, with every defect of a bad one at once")
    request = {
        "Name": "channel",
        "ChannelClass": "STANDARD",
        "RoleArn": ROLE,
        "InputSpecification": {"Codec": "AVC", "Resolution": "HD", "MaximumBitrate": "MAX_20_MBPS"},
        "InputAttachments": [{"InputId": made["Id"], "InputAttachmentName": "rtmp"}],
        "Destinations": [
            {"Id": "mp", "MediaPackageSettings": [{"ChannelId": packaging}]},
            {"Id": "s3", "Settings": [{"Url": "s3ssl://headend-archive/p0/a"}, {"Url": "s3ssl://headend-archive/p1/a"}]},
        ],
        "EncoderSettings": encoder_settings(),
        "Tags": {"headend:slot": "channel"},
    }
    bad = json.loads(json.dumps(request))
    bad["EncoderSettings"]["OutputGroups"][1]["OutputGroupSettings"]["ArchiveGroupSettings"]["Destination"] = {
        "DestinationRefId": "nowhere"
    }
    bad["EncoderSettings"]["VideoDescriptions"][1]["CodecSettings"]["H264Settings"]["ParControl"] = "INITIALIZE_FROM_SOURCE"
    answer = refused("UnprocessableEntityException", live.create_channel, **bad)
    paths = [defect["ElementPath"] for defect in answer["ValidationErrors"]]
    assert paths == [
        "outputGroups[1].outputGroupSettings.archiveGroupSettings.destination.destinationRefId",
        "videoDescriptions[1].codecSettings.h264Settings.parControl",
    ], paths
    channel = live.create_channel(RequestId="two", **request)["Channel"]
    quick(live.get_waiter("channel_created"), ChannelId=channel["Id"])
    refused("ConflictException", live.delete_input, InputId=made["Id"])
    live.start_channel(ChannelId=channel["Id"])
    quick(live.get_waiter("channel_running"), ChannelId=channel["Id"])
    until("both pipelines", lambda: live.describe_channel(ChannelId=channel["Id"])["PipelinesRunningCount"] == 2)
    listed = [c for page in live.get_paginator("list_channels").paginate() for c in page["Channels"]]
    assert [c["Id"] for c in listed] == [channel["Id"]] and "EncoderSettings" not in listed[0], listed
    assert live.list_tags_for_resource(ResourceArn=channel["Arn"])["Tags"] == {"headend:slot": "channel"}

    step("medialive: stop and remove")
    refused("ConflictException", live.delete_channel, ChannelId=channel["Id"])
    live.stop_channel(ChannelId=channel["Id"])
    quick(live.get_waiter("channel_stopped"), ChannelId=channel["Id"])
    live.delete_channel(ChannelId=channel["Id"])
    quick(live.get_waiter("channel_deleted"), ChannelId=channel["Id"])
    quick(live.get_waiter("input_detached"), InputId=made["Id"])
    live.delete_input(InputId=made["Id"])
    quick(live.get_waiter("input_deleted"), InputId=made["Id"])
    state = lambda: live.describe_input_security_group(InputSecurityGroupId=group["Id"])["State"]
    until("the security group's release", lambda: state() == "IDLE")
    live.delete_input_security_group(InputSecurityGroupId=group["Id"])
    refused("NotFoundException", live.describe_channel, ChannelId="1")


def secret():
    secrets = client("secretsmanager")
    step("secretsmanager")
    made = secrets.create_secret(
        Name="headend/cdn", SecretString=json.dumps({"MediaPackageCDNIdentifier": "0123456789abcdef"}), Tags=[{"Key": "a", "Value": "b"}]
    )
    assert json.loads(secrets.get_secret_value(SecretId="headend/cdn")["SecretString"])["MediaPackageCDNIdentifier"]
    refused("ResourceExistsException", secrets.create_secret, Name="headend/cdn", SecretString="x")
    assert secrets.describe_secret(SecretId=made["ARN"])["Tags"] == [{"Key": "a", "Value": "b"}]
    return made["ARN"]


def mediapackage(secret_arn):
    package = client("mediapackage")
    step("mediapackage")
    channel = package.create_channel(Id="platform-1", Tags={"a": "b"})
    assert len(channel["HlsIngest"]["IngestEndpoints"]) == 2
    refused("UnprocessableEntityException", package.create_channel, Id="platform-1")
    authorization = {"CdnIdentifierSecret": secret_arn, "SecretsRoleArn": "arn:aws:iam::123456789012:role/Secrets"}
    refused(
        "UnprocessableEntityException",
        package.create_origin_endpoint,
        Id="bad",
        ChannelId="platform-1",
        ManifestName="master.m3u8",
        HlsPackage={},
    )
    common = {"ChannelId": "platform-1", "Authorization": authorization, "StartoverWindowSeconds": 3600}
    endpoints = [
        package.create_origin_endpoint(Id="hls", ManifestName="master", HlsPackage={"SegmentDurationSeconds": 4}, **common),
        package.create_origin_endpoint(Id="dash", ManifestName="manifest", DashPackage={"SegmentDurationSeconds": 4}, **common),
        package.create_origin_endpoint(Id="cmaf", CmafPackage={"HlsManifests": [{"Id": "cmaf", "ManifestName": "main"}]}, **common),
    ]
    assert endpoints[0]["Url"].endswith("/master.m3u8") and endpoints[1]["Url"].endswith("/manifest.mpd"), endpoints
    assert endpoints[2]["CmafPackage"]["HlsManifests"][0]["Url"].endswith("/cmaf/main.m3u8"), endpoints[2]
    assert len(package.list_origin_endpoints(ChannelId="platform-1")["OriginEndpoints"]) == 3
    assert package.list_tags_for_resource(ResourceArn=channel["Arn"])["Tags"] == {"a": "b"}
    refused("UnprocessableEntityException", package.delete_channel, Id="platform-1")
    return endpoints


def remove_packaging():
    package = client("mediapackage")
    for name in ("hls", "dash", "cmaf"):
        package.delete_origin_endpoint(Id=name)
    package.delete_channel(Id="platform-1")
    refused("NotFoundException", package.describe_channel, Id="platform-1")


def distribution_config(url, secret):
    host = url.split("/")[2]
    path = "/".join(url.split("/")[3:6])
    behaviour = {
        "TargetOriginId": "packaging",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"], "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]}},
        "Compress": True,
    }
    return {
        "CallerReference": "platform-1",
        "Comment": "<platform & 1>",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "packaging",
                    "DomainName": host,
                    "CustomHeaders": {
                        "Quantity": 1,
                        "Items": [{"HeaderName": "X-MediaPackage-CDNIdentifier", "HeaderValue": secret}],
                    },
                    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
                }
            ],
        },
        "DefaultCacheBehavior": behaviour,
        "CacheBehaviors": {"Quantity": 1, "Items": [dict(behaviour, PathPattern=f"/{path}/*")]},
        "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ErrorCachingMinTTL": 1}]},
    }


def cloudfront(url):
    front = client("cloudfront", "us-east-1")
    step("cloudfront: create, wait, update, disable, delete")
    config = distribution_config(url, "0123456789abcdef")
    bad = json.loads(json.dumps(config))
    bad["DefaultCacheBehavior"]["MinTTL"] = 0
    refused("InvalidArgument", front.create_distribution, DistributionConfig=bad)
    bad = json.loads(json.dumps(config))
    bad["DefaultCacheBehavior"]["TargetOriginId"] = "nowhere"
    refused("NoSuchOrigin", front.create_distribution, DistributionConfig=bad)
    tagged = {"DistributionConfig": config, "Tags": {"Items": [{"Key": "headend:slot", "Value": "distribution"}]}}
    answer = front.create_distribution_with_tags(DistributionConfigWithTags=tagged)
    made = answer["Distribution"]
    assert answer["Location"].endswith(made["Id"]) and made["Status"] == "InProgress", answer
    refused("DistributionAlreadyExists", front.create_distribution, DistributionConfig=config)
    quick(front.get_waiter("distribution_deployed"), Id=made["Id"])
    got = front.get_distribution_config(Id=made["Id"])
    assert got["ETag"] == answer["ETag"] and got["DistributionConfig"]["Comment"] == "<platform & 1>", got
    assert front.list_tags_for_resource(Resource=made["ARN"])["Tags"]["Items"][0]["Value"] == "distribution"
    listed = [d for page in front.get_paginator("list_distributions").paginate() for d in page["DistributionList"].get("Items", [])]
    assert [d["Id"] for d in listed] == [made["Id"]], listed
    refused("DistributionNotDisabled", front.delete_distribution, Id=made["Id"], IfMatch=got["ETag"])
    refused("PreconditionFailed", front.update_distribution, Id=made["Id"], IfMatch="EOLD", DistributionConfig=got["DistributionConfig"])
    off = dict(got["DistributionConfig"], Enabled=False)
    updated = front.update_distribution(Id=made["Id"], IfMatch=got["ETag"], DistributionConfig=off)
    refused("DistributionNotDisabled", front.delete_distribution, Id=made["Id"], IfMatch=updated["ETag"])
    quick(front.get_waiter("distribution_deployed"), Id=made["Id"])
    front.delete_distribution(Id=made["Id"], IfMatch=front.get_distribution(Id=made["Id"])["ETag"])
    refused("NoSuchDistribution", front.get_distribution, Id=made["Id"])


def cloudwatch():
    watch = client("cloudwatch")
    step("cloudwatch")
    alarm = {
        "AlarmName": "platform-1-input",
        "Namespace": "AWS/MediaLive",
        "MetricName": "NetworkIn",
        "Dimensions": [{"Name": "ChannelId", "Value": "1"}, {"Name": "Pipeline", "Value": "0"}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    refused("InvalidParameterValue", watch.put_metric_alarm, **dict(alarm, Period=45))
    watch.put_metric_alarm(Tags=[{"Key": "a", "Value": "b"}], **alarm)
    quick(watch.get_waiter("alarm_exists"), AlarmNames=["platform-1-input"])
    found = watch.describe_alarms(AlarmNamePrefix="platform-1")["MetricAlarms"][0]
    assert found["Threshold"] == 1.0 and found["StateUpdatedTimestamp"].year >= 2026, found
    assert watch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    watch.set_alarm_state(AlarmName="platform-1-input", StateValue="ALARM", StateReason="a test")
    assert watch.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]["StateReason"] == "a test"
    refused("ResourceNotFound", watch.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="x")
    watch.delete_alarms(AlarmNames=["platform-1-input"])
    assert watch.describe_alarms()["MetricAlarms"] == []


def stores():
    step("sts, sqs, dynamodb, s3")
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    queues = client("sqs")
    url = queues.create_queue(QueueName="foreign")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="hello")
    received = queues.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"]
    assert received[0]["Body"] == "hello"
    queues.delete_queue(QueueUrl=url)
    refused("AWS.SimpleQueueService.NonExistentQueue", queues.send_message, QueueUrl=url, MessageBody="x")
    table = client("dynamodb")
    table.create_table(
        TableName="foreign",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    quick(table.get_waiter("table_exists"), TableName="foreign")
    table.put_item(TableName="foreign", Item={"pk": {"S": "a"}}, ConditionExpression="attribute_not_exists(pk)")
    refused(
        "ConditionalCheckFailedException",
        table.put_item,
        TableName="foreign",
        Item={"pk": {"S": "a"}},
        ConditionExpression="attribute_not_exists(pk)",
    )
    assert client("dynamodb", "us-east-1").list_tables()["TableNames"] == [], "regions are apart"
    table.delete_table(TableName="foreign")
    buckets = client("s3")
    for bucket in buckets.list_buckets()["Buckets"][:1]:
        buckets.put_object(Bucket=bucket["Name"], Key="foreign/a b.txt", Body=b"hello")
        assert buckets.get_object(Bucket=bucket["Name"], Key="foreign/a b.txt")["Body"].read() == b"hello"
        listed = buckets.list_objects_v2(Bucket=bucket["Name"], Prefix="foreign/")
        assert [o["Key"] for o in listed["Contents"]] == ["foreign/a b.txt"]
        buckets.delete_object(Bucket=bucket["Name"], Key="foreign/a b.txt")
    refused("NoSuchBucket", buckets.list_objects_v2, Bucket="no-such-bucket")


def story():
    arn = secret()
    endpoints = mediapackage(arn)
    stores()
    cloudwatch()
    medialive("platform-1")
    cloudfront(endpoints[0]["Url"])
    remove_packaging()
    secrets = client("secretsmanager")
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    until("an empty account", lambda: CLOUD.control("GET", "inventory") == [])
    print("ok: the account is empty again")


def main():
    global CLOUD
    asked = scripts.arguments(__doc__, speed=60)
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed) as CLOUD:
        story()


if __name__ == "__main__":
    main()
