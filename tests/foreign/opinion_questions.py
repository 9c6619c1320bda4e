"""Questions to a simulated AWS that has nothing in it yet, and what it answers: question -> a short value.

An answer is what the projection of a question picks from an accepted call, or `status code` of a refused one. Nothing
here knows which simulation is asked.
"""
import time

from botocore.exceptions import ClientError

PATIENCE_SECS, POLL_SECS = 30, 0.2
TAGS = [{"Key": "a", "Value": "b"}]


class Witness:
    def __init__(self, client):
        self.client = client
        self.answers = {}

    def ask(self, question, call, pick=lambda answer: "accepted", **arguments):
        """Keeps the answer; gives back what came from AWS, or None when it was refused."""
        try:
            answer = call(**arguments)
        except ClientError as error:
            told = error.response
            self.answers[question] = f"{told['ResponseMetadata']['HTTPStatusCode']} {told['Error']['Code']}"
            return None
        try:
            self.answers[question] = pick(answer)
        except (KeyError, IndexError) as missing:
            self.answers[question] = f"accepted, and the answer has no {missing.args[0]}"
        return answer

    def until(self, question, look, wanted):
        """What is seen in the end, when it is asked again and again."""
        end = time.monotonic() + PATIENCE_SECS
        while True:
            try:
                seen = look()
            except ClientError as error:
                seen = f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
            if seen == wanted or time.monotonic() > end:
                break
            time.sleep(POLL_SECS)
        self.answers[question] = seen


def answers(client, without=()):
    """Of all groups of questions but those."""
    witness = Witness(client)
    for questions in (secrets, queues, table, alarms, packaging, delivery, encoding):
        if questions not in without:
            questions(witness)
    return witness.answers


def secrets(witness):
    client, ask = witness.client("secretsmanager"), witness.ask
    made = ask("secret.create", client.create_secret, Name="one", SecretString="s", Tags=TAGS)
    ask("secret.create-again", client.create_secret, Name="one", SecretString="other")
    ask("secret.get", client.get_secret_value, lambda it: it["SecretString"], SecretId="one")
    ask("secret.get-by-arn", client.get_secret_value, lambda it: it["Name"], SecretId=made["ARN"])
    ask("secret.get-missing", client.get_secret_value, SecretId="none")
    ask("secret.describe", client.describe_secret, lambda it: it["Tags"], SecretId="one")
    ask("secret.put", client.put_secret_value, lambda it: it["VersionStages"], SecretId="one", SecretString="t")
    previous = {"SecretId": "one", "VersionStage": "AWSPREVIOUS"}
    ask("secret.previous", client.get_secret_value, lambda it: it["SecretString"], **previous)
    versions(witness)
    both = {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}
    ask("secret.delete-both-ways", client.delete_secret, SecretId="one", **both)
    ask("secret.delete-window-too-short", client.delete_secret, SecretId="one", RecoveryWindowInDays=6)
    ask("secret.delete", client.delete_secret, SecretId="one", RecoveryWindowInDays=7)
    ask("secret.get-deleted", client.get_secret_value, SecretId="one")
    ask("secret.create-over-deleted", client.create_secret, Name="one", SecretString="s")
    ask("secret.restore", client.restore_secret, SecretId="one")
    ask("secret.force-delete", client.delete_secret, SecretId="one", ForceDeleteWithoutRecovery=True)
    ask("secret.force-delete-missing", client.delete_secret, SecretId="none", ForceDeleteWithoutRecovery=True)


def versions(witness):
    """What a rotation that may be interrupted anywhere rests on."""
    client, ask = witness.client("secretsmanager"), witness.ask
    token, stages = "0123456789abcdef0123456789abcdef", lambda it: it["VersionStages"]
    put = {"SecretId": "one", "ClientRequestToken": token, "SecretString": "u"}
    ask("secret.put-token", client.put_secret_value, lambda it: it["VersionId"] == token, **put)
    ask("secret.put-token-again", client.put_secret_value, stages, **put)
    ask("secret.put-token-other", client.put_secret_value, **{**put, "SecretString": "w"})
    ask("secret.put-next", client.put_secret_value, stages, SecretId="one", SecretString="v")
    ask("secret.put-old-token", client.put_secret_value, stages, **put)
    ask("secret.put-old-token-current", client.get_secret_value, lambda it: it["SecretString"], SecretId="one")
    old = {"SecretId": "one", "VersionId": token}
    ask("secret.get-by-version", client.get_secret_value, lambda it: (it["SecretString"], it["VersionStages"]), **old)
    ask("secret.get-other-stage", client.get_secret_value, VersionStage="AWSCURRENT", **old)
    ask("secret.get-no-version", client.get_secret_value, SecretId="one", VersionId="f" * 32)
    ask("secret.get-no-stage", client.get_secret_value, SecretId="one", VersionStage="AWSPENDING")


def queues(witness):
    client, ask = witness.client("sqs"), witness.ask
    url = ask("queue.create", client.create_queue, QueueName="one", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    ask("queue.create-otherwise", client.create_queue, QueueName="one", Attributes={"VisibilityTimeout": "31"})
    ask("queue.send", client.send_message, lambda it: it["MD5OfMessageBody"], QueueUrl=url, MessageBody="hello")
    ask("queue.send-too-late", client.send_message, QueueUrl=url, MessageBody="hello", DelaySeconds=901)
    ask("queue.send-missing", client.send_message, QueueUrl=url + "-none", MessageBody="x")
    count = {"QueueUrl": url, "AttributeNames": ["ApproximateReceiveCount"], "WaitTimeSeconds": 1}
    received = ask("queue.receive", client.receive_message, lambda it: it["Messages"][0]["Attributes"], **count)
    ask("queue.receive-hidden", client.receive_message, lambda it: len(it.get("Messages", [])), QueueUrl=url)
    handle = received["Messages"][0]["ReceiptHandle"]
    ask("queue.delete-message", client.delete_message, QueueUrl=url, ReceiptHandle=handle)
    ask("queue.delete-message-again", client.delete_message, QueueUrl=url, ReceiptHandle=handle)
    ask("queue.delete", client.delete_queue, QueueUrl=url)


def table(witness):
    client, ask = witness.client("dynamodb"), witness.ask
    key = {"AttributeName": "pk", "AttributeType": "S"}
    shape = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": [key]}
    ask("table.create", client.create_table, TableName="one", BillingMode="PAY_PER_REQUEST", **shape)
    client.get_waiter("table_exists").wait(TableName="one", WaiterConfig={"Delay": 1})
    new = {"TableName": "one", "ConditionExpression": "attribute_not_exists(pk)"}
    ask("item.put", client.put_item, Item={"pk": {"S": "a"}}, **new)
    ask("item.put-again", client.put_item, Item={"pk": {"S": "a"}}, **new)
    ask("item.put-empty-key", client.put_item, TableName="one", Item={"pk": {"S": ""}})
    put = {"Put": {"TableName": "one", "Item": {"pk": {"S": "b"}}}}
    check = {"ConditionCheck": {"Key": {"pk": {"S": "none"}}, "ConditionExpression": "attribute_exists(pk)", "TableName": "one"}}
    ask("item.transaction-cancelled", client.transact_write_items, TransactItems=[put, check])
    ask("item.transaction-twice", client.transact_write_items, TransactItems=[put, put])
    ask("item.after-cancelled", client.get_item, lambda it: "Item" in it, TableName="one", Key={"pk": {"S": "b"}})
    ask("item.get-missing-table", client.get_item, TableName="none", Key={"pk": {"S": "a"}})


def alarms(witness):
    client, ask = witness.client("cloudwatch"), witness.ask
    alarm = {
        "AlarmName": "one",
        "Namespace": "Custom",
        "MetricName": "Depth",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    ask("alarm.put", client.put_metric_alarm, Tags=TAGS, **alarm)
    ask("alarm.put-odd-period", client.put_metric_alarm, **{**alarm, "AlarmName": "two", "Period": 45})
    ask("alarm.put-many-datapoints", client.put_metric_alarm, **{**alarm, "AlarmName": "three", "DatapointsToAlarm": 3})
    bare = {name: value for name, value in alarm.items() if name != "Statistic"}
    ask("alarm.put-no-statistic", client.put_metric_alarm, **{**bare, "AlarmName": "four"})
    first = lambda it: (it["MetricAlarms"][0]["StateValue"], it["MetricAlarms"][0].get("TreatMissingData", "missing"))
    described = ask("alarm.new-state", client.describe_alarms, first, AlarmNames=["one"])
    arn = described["MetricAlarms"][0]["AlarmArn"]
    ask("alarm.tags", client.list_tags_for_resource, lambda it: it["Tags"], ResourceARN=arn)
    ask("alarm.set-state", client.set_alarm_state, AlarmName="one", StateValue="ALARM", StateReason="asked")
    ask("alarm.set-state-missing", client.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="asked")
    ask("alarm.delete", client.delete_alarms, AlarmNames=["one"])
    ask("alarm.delete-missing", client.delete_alarms, AlarmNames=["none"])


def packaging(witness):
    client, ask = witness.client("mediapackage"), witness.ask
    ingests = lambda it: len(it["HlsIngest"]["IngestEndpoints"])
    ask("packaging.create", client.create_channel, ingests, Id="one", Tags={"a": "b"})
    ask("packaging.create-again", client.create_channel, Id="one")
    ask("packaging.describe-missing", client.describe_channel, Id="none")
    endpoint = {"ChannelId": "one", "HlsPackage": {"SegmentDurationSeconds": 4}}
    ending = lambda it: it["Url"].rsplit("/", 1)[-1]
    ask("endpoint.create", client.create_origin_endpoint, ending, Id="hls", ManifestName="master", **endpoint)
    ask("endpoint.create-no-package", client.create_origin_endpoint, Id="none", ChannelId="one")
    ask("endpoint.create-short-delay", client.create_origin_endpoint, Id="delay", TimeDelaySeconds=2, **endpoint)
    ask("endpoint.create-no-channel", client.create_origin_endpoint, Id="lost", ChannelId="none", HlsPackage={})
    ask("packaging.delete-with-endpoint", client.delete_channel, Id="one")
    ask("endpoint.delete", client.delete_origin_endpoint, Id="hls")
    ask("endpoint.delete-again", client.delete_origin_endpoint, Id="hls")
    ask("packaging.delete", client.delete_channel, Id="one")
    ask("packaging.delete-again", client.delete_channel, Id="one")


def delivery(witness):
    client, ask = witness.client("cloudfront"), witness.ask
    config = distribution("one")
    state = lambda it: (it["Distribution"]["Status"], bool(it["ETag"]), it["Location"].endswith(it["Distribution"]["Id"]))
    made = ask("distribution.create", client.create_distribution, state, DistributionConfig=config)
    ask("distribution.create-again", client.create_distribution, DistributionConfig=config)
    ttl = distribution("two", MinTTL=0)
    ask("distribution.create-ttl", client.create_distribution, DistributionConfig=ttl)
    lost = distribution("three", TargetOriginId="none")
    ask("distribution.create-no-origin", client.create_distribution, DistributionConfig=lost)
    name, etag = made["Distribution"]["Id"], made["ETag"]
    witness.until("distribution.deployed", lambda: client.get_distribution(Id=name)["Distribution"]["Status"], "Deployed")
    # Another one: it may be gone after this.
    other = client.create_distribution(DistributionConfig=distribution("four"))
    ask("distribution.delete-enabled", client.delete_distribution, Id=other["Distribution"]["Id"], IfMatch=other["ETag"])
    ask("distribution.update-stale", client.update_distribution, Id=name, IfMatch="E000", DistributionConfig=config)
    off = {**config, "Enabled": False}
    new_tag = lambda it: it["ETag"] != etag
    updated = ask("distribution.update", client.update_distribution, new_tag, Id=name, IfMatch=etag, DistributionConfig=off)
    witness.until("distribution.disabled", lambda: client.get_distribution(Id=name)["Distribution"]["Status"], "Deployed")
    if updated:
        ask("distribution.delete", client.delete_distribution, Id=name, IfMatch=updated["ETag"])
    ask("distribution.get-deleted", client.get_distribution, Id=name)


def distribution(reference, **behaviour):
    origin = {
        "Id": "o",
        "DomainName": "origin.example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    default = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "08627262-05a9-4f76-9ded-b50ca2e3a84f"}
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {**default, **behaviour},
    }


def encoding(witness):
    client, ask = witness.client("medialive"), witness.ask
    sources = [{"Url": "https://example.com/a.m3u8"}, {"Url": "https://example.com/b.m3u8"}]
    pull = {"Name": "pull", "Type": "URL_PULL", "Sources": sources, "RequestId": "one"}
    made = ask("input.create", client.create_input, lambda it: it["Input"]["State"], **pull)["Input"]["Id"]
    ask("input.create-again", client.create_input, lambda it: it["Input"]["Id"] == made, **pull)
    ask("input.create-push-no-names", client.create_input, Name="push", Type="RTMP_PUSH")
    state = lambda: client.describe_input(InputId=made)["State"]
    witness.until("input.detached", state, "DETACHED")
    ask("input.describe-missing", client.describe_input, InputId="1")
    ask("channel.create-bare", client.create_channel, Name="bare")
    ask("channel.describe-missing", client.describe_channel, ChannelId="1")
    ask("channel.start-missing", client.start_channel, ChannelId="1")
    ask("input.delete", client.delete_input, InputId=made)
    witness.until("input.deleted", state, "DELETED")
