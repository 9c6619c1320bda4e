"""Requests with one defect each, and good ones, in the form of a recording: what shows that `model_check` can fail.

And suites of recordings, whole ones and such with one thing missing.
"""
import base64
import copy
import json

GOOD_QUERY = {"TableName": "headend", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "a"}}}


def entry(service, operation, method, uri, headers, body=""):
    binary = isinstance(body, bytes)
    kept = {"body_base64": base64.b64encode(body).decode()} if binary else {"body": body}
    found = {"service": service, "operation": operation, "method": method, "uri": uri, "headers": headers}
    return {"function": "provision", **found, **kept}


def live(operation, method, path, members):
    return entry("medialive", operation, method, path, {"content-type": "application/json"}, json.dumps(members))


def target(service, prefix, version, operation, members):
    headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": f"{prefix}.{operation}"}
    return entry(service, operation, "POST", "/", headers, json.dumps(members))


def secret(**members):
    good = {"Name": "cdn/one", "SecretString": "s", "ClientRequestToken": "0" * 32}
    return target("secretsmanager", "secretsmanager", "1.1", "CreateSecret", {**good, **members})


def query(**members):
    return target("dynamodb", "DynamoDB_20120810", "1.0", "Query", {**GOOD_QUERY, **members})


def message(**members):
    good = {"QueueUrl": "http://127.0.0.1/queue", "MessageBody": "{}"}
    return target("sqs", "AmazonSQS", "1.0", "SendMessage", {**good, **members})


def channel(**h264):
    video = {"name": "v", "codecSettings": {"h264Settings": {"bitrate": 1000000, **h264}}}
    encoder = {
        "audioDescriptions": [],
        "outputGroups": [],
        "timecodeConfig": {"source": "SYSTEMCLOCK"},
        "videoDescriptions": [video],
    }
    return live("CreateChannel", "POST", "/prod/channels", {"name": "c", "encoderSettings": encoder})


def clockless_channel():
    encoder = {"audioDescriptions": [], "outputGroups": [], "videoDescriptions": []}
    return live("CreateChannel", "POST", "/prod/channels", {"name": "c", "encoderSettings": encoder})


def alarm(**members):
    """PutMetricAlarm in CBOR (RFC 8949), as far as these requests need it."""
    good = {"AlarmName": "a", "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 2, **members}
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
    present = {name: value for name, value in good.items() if value is not None}
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm"
    return entry("cloudwatch", "PutMetricAlarm", "POST", path, headers, cbor(present))


def cbor(value):
    if isinstance(value, dict):
        return cbor_head(5, len(value)) + b"".join(cbor(key) + cbor(member) for key, member in value.items())
    if isinstance(value, str):
        return cbor_head(3, len(value.encode())) + value.encode()
    return cbor_head(0, value)


def cbor_head(major, number):
    return bytes([major << 5 | number]) if number < 24 else bytes([major << 5 | 25, number >> 8, number & 255])


def distribution(change=("", "")):
    config = (
        "<DistributionConfig><CallerReference>r</CallerReference><Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id>"
        "<DomainName>d</DomainName></Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o</TargetOriginId>"
        "<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior><Comment/><Enabled>true</Enabled>"
        "</DistributionConfig>"
    )
    tags = "<Tags><Items><Tag><Key>headend:slot</Key><Value>distribution</Value></Tag></Items></Tags>"
    namespace = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'
    body = f"<DistributionConfigWithTags {namespace}>{config}{tags}</DistributionConfigWithTags>"
    changed = body.replace(*change) if change[0] else body
    return entry("cloudfront", "CreateDistributionWithTags", "POST", "/2020-05-31/distribution?WithTags", {}, changed)


def taken_for(operation, good):
    other = copy.deepcopy(good)
    other["operation"] = operation
    return other


# (what it is, the request, what its only violation says; None for a good request)
DEFECTS = [
    ("good JSON in REST", channel(level="H264_LEVEL_3"), None),
    ("an enum's value that there is not", channel(level="H264_LEVEL_3_0"), "'H264_LEVEL_3_0' is not one of"),
    ("a number below its bound", channel(gopNumBFrames=-1), "at least 0"),
    ("a number as text", channel(bitrate="6000000"), "not of type integer"),
    ("a member that there is not", channel(bitRate=1), "unknown member encoderSettings.videoDescriptions[0]"),
    ("a required member that is missing", clockless_channel(), "TimecodeConfig is missing"),
    ("a boolean as text", live("CreateChannel", "POST", "/prod/channels", {"dryRun": "true"}), "not a boolean"),
    ("a list that is none", live("CreateInput", "POST", "/prod/inputs", {"sources": {}}), "not a list"),
    ("a route that there is not", live("CreateChannel", "POST", "/prod/channel", {}), "no operation of medialive"),
    ("a query parameter that there is not", entry("medialive", "ListInputs", "GET", "/prod/inputs?max=3", {}), "parameter max"),
    ("a query parameter of another type", entry("medialive", "ListInputs", "GET", "/prod/inputs?maxResults=x", {}), "type integer"),
    ("a good label with a dash", entry("medialive", "DeleteTags", "DELETE", "/prod/tags/arn%3Aa%3A1?tagKeys=k", {}), None),
    ("a list in the query that is missing", entry("medialive", "DeleteTags", "DELETE", "/prod/tags/a", {}), "TagKeys is missing"),
    ("a body where there is none", live("StartChannel", "POST", "/prod/channels/1/start", {"a": 1}), "has no body"),
    ("another operation", taken_for("ListInputs", channel()), "was taken for ListInputs"),
    ("good JSON 1.1", secret(), None),
    ("a text that is too short", secret(ClientRequestToken="0"), "at least 32"),
    ("a text that is empty", secret(Name=""), "at least 1"),
    ("a member that is missing", secret(Name=None), "required member Name is missing"),
    ("good JSON 1.0", query(), None),
    ("two values in a union", query(ExpressionAttributeValues={":pk": {"S": "a", "N": "1"}}), "exactly one member"),
    ("a good message", message(DelaySeconds=900), None),
    ("a message's delay as text", message(DelaySeconds="900"), "not of type integer"),
    ("good CBOR", alarm(), None),
    ("CBOR without a required member", alarm(AlarmName=None), "AlarmName is missing"),
    ("CBOR with a number out of bounds", alarm(EvaluationPeriods=0), "at least 1"),
    ("CBOR with a text too long", alarm(AlarmName="a" * 256), "at most 255"),
    ("CBOR with a member that there is not", alarm(Treshold=1), "unknown member Treshold"),
    ("good XML", distribution(), None),
    ("XML without a required member", distribution(("<Comment/>", "")), "Comment is missing"),
    ("XML with a boolean that is none", distribution(("true", "yes")), "not a boolean"),
    ("XML with a member that there is not", distribution(("<Comment/>", "<Comment/><Coment/>")), "unknown member"),
    ("XML with a tag's key that does not match", distribution(("headend:slot", "headend;slot")), "does not match"),
    ("XML with an enum's value that there is not", distribution(("https-only", "https")), "is not one of"),
]


def of_others(request):
    return {**request, "function": None}


SENT = {("secretsmanager", "CreateSecret"), ("sqs", "SendMessage")}
WHOLE = {"wire-1-0.jsonl": [secret(), message()], "demo.jsonl": [message()]}
# (what it is, its files, the operations that our functions call, what is said to be missing; None for a whole one)
SUITES = [
    ("a whole suite", WHOLE, SENT, None),
    ("an empty recording", {**WHOLE, "wire-1-1.jsonl": []}, SENT, "wire-1-1.jsonl has no request"),
    ("a recording of others alone", {**WHOLE, "wire-1-1.jsonl": [of_others(secret())]}, SENT, "(1 of others)"),
    ("a story of others", {**WHOLE, "recipe_cli-1.jsonl": [of_others(secret(Name=""))]}, SENT, None),
    ("an empty story of others", {**WHOLE, "recipe_cli-1.jsonl": []}, SENT, "recipe_cli-1.jsonl has no request"),
    ("an operation that nobody sent", {"demo.jsonl": [message()]}, SENT, "no function sent secretsmanager CreateSecret"),
    ("an operation that nobody named", WHOLE, SENT - {("sqs", "SendMessage")}, "sqs SendMessage is not named"),
    ("one broken request", {**WHOLE, "wire-1-1.jsonl": [secret(Name="")]}, SENT, "at least 1"),
]
