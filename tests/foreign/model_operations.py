"""Every operation that our functions call, by service. The suite must have seen each of them, and no other.

The names are those of the recordings: AWS's own. An operation that is added to an adapter is added here.
"""

OPERATIONS = {
    "medialive": """
        CreateInputSecurityGroup DescribeInputSecurityGroup ListInputSecurityGroups UpdateInputSecurityGroup
        DeleteInputSecurityGroup CreateInput DescribeInput ListInputs UpdateInput DeleteInput
        CreateChannel DescribeChannel ListChannels UpdateChannel UpdateChannelClass DeleteChannel StartChannel StopChannel
        RestartChannelPipelines BatchUpdateSchedule
        CreateTags DeleteTags ListTagsForResource
    """,
    "mediapackage": """
        CreateChannel DescribeChannel ListChannels DeleteChannel
        CreateOriginEndpoint DescribeOriginEndpoint ListOriginEndpoints UpdateOriginEndpoint DeleteOriginEndpoint
        TagResource UntagResource ListTagsForResource
    """,
    "cloudfront": """
        CreateDistributionWithTags GetDistribution ListDistributions UpdateDistribution
        DeleteDistribution TagResource UntagResource ListTagsForResource
    """,
    "cloudwatch": "GetMetricData PutMetricAlarm DescribeAlarms DeleteAlarms TagResource UntagResource ListTagsForResource",
    "secretsmanager": """
        CreateSecret DescribeSecret ListSecrets GetSecretValue PutSecretValue DeleteSecret TagResource UntagResource
    """,
    "dynamodb": "GetItem Query UpdateItem DeleteItem TransactWriteItems",
    "sqs": "SendMessage",
    "events": "PutEvents",
}

NAMED = {(service, name) for service, names in OPERATIONS.items() for name in names.split()}
# What a life without mishap does not need: searches by tag or name after a lost answer, remedies, looking for orphans,
# and forgetting what waits for a webhook that is gone. Wire tests send them, so that the recordings of the whole suite
# are held to them too.
AFTER_A_LOSS = {
    ("medialive", "ListChannels"),
    ("medialive", "ListInputs"),
    ("medialive", "ListInputSecurityGroups"),
    ("mediapackage", "ListChannels"),
    ("mediapackage", "ListOriginEndpoints"),
    ("secretsmanager", "ListSecrets"),
    ("mediapackage", "DescribeChannel"),
    ("mediapackage", "DescribeOriginEndpoint"),
    ("cloudfront", "ListDistributions"),
    ("medialive", "RestartChannelPipelines"),
    ("medialive", "BatchUpdateSchedule"),
    ("dynamodb", "DeleteItem"),
}
