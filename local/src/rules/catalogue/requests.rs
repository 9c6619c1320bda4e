//! Good requests, to be edited. MediaLive's channel stands in `rules::tests`.

use serde_json::{Value, json};

use crate::rules::tests::with;

pub const ROLE: &str = "arn:aws:iam::123456789012:role/r";

pub fn group(cidrs: &[&str]) -> Value {
    json!({"whitelistRules": cidrs.iter().map(|cidr| json!({"cidr": cidr})).collect::<Value>()})
}

pub fn input(kind: &str, edits: &[(&str, Value)]) -> Value {
    with(&json!({"name": "n", "type": kind}), edits)
}

pub fn push_input(group: &str) -> Value {
    let names = json!([{"streamName": "live/a"}, {"streamName": "live/b"}]);
    input("RTMP_PUSH", &[("/inputSecurityGroups", json!([group])), ("/destinations", names)])
}

/// One source of each URL.
pub fn pull_input(kind: &str, urls: &[&str]) -> Value {
    let sources: Value = urls.iter().map(|url| json!({"url": url})).collect();
    input(kind, &[("/sources", sources)])
}

pub fn endpoint(secret_arn: &str) -> Value {
    json!({
        "id": "hls", "channelId": "platform", "manifestName": "master", "startoverWindowSeconds": 3600,
        "hlsPackage": {"segmentDurationSeconds": 4, "playlistWindowSeconds": 60},
        "authorization": {"cdnIdentifierSecret": secret_arn, "secretsRoleArn": ROLE},
    })
}

pub fn distribution(edits: &[(&str, Value)]) -> Value {
    let behaviour = json!({
        "TargetOriginId": "packaging", "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "ResponseHeadersPolicyId": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
        "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
    });
    let good = json!({
        "CallerReference": "r", "Comment": "", "Enabled": true,
        "Origins": {"Quantity": 1, "Items": [{
            "Id": "packaging", "DomainName": "0123456789abcdef.mediapackage.eu-west-1.amazonaws.com",
            "CustomHeaders": {"Quantity": 1, "Items": [
                {"HeaderName": "X-MediaPackage-CDNIdentifier", "HeaderValue": "v"}]},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }]},
        "DefaultCacheBehavior": behaviour,
        "CacheBehaviors": {"Quantity": 1, "Items": [with(&behaviour, &[("/PathPattern", json!("/out/v1/ab/*"))])]},
        "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ErrorCachingMinTTL": 1}]},
    });
    json!({"DistributionConfig": with(&good, edits)})
}

pub fn alarm(edits: &[(&str, Value)]) -> Value {
    let good = json!({
        "AlarmName": "a", "Namespace": "AWS/MediaLive", "MetricName": "NetworkIn", "Statistic": "Average",
        "Dimensions": [{"Name": "ChannelId", "Value": "1"}, {"Name": "Pipeline", "Value": "0"}],
        "Period": 10, "EvaluationPeriods": 3, "DatapointsToAlarm": 3, "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "notBreaching",
    });
    with(&good, edits)
}
