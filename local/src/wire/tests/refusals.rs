//! What a function without a permission is answered, in the shape of each service, and that its credentials are looked at.

use std::sync::Arc;

use serde_json::json;

use super::{Answer, cloud};
use crate::cloud::Cloud;
use crate::iam::{Caller, Credentials, Role};

const WORDS: &str = "is not authorized to perform:";

/// A function that may do nothing.
fn powerless(cloud: &Arc<Cloud>) -> Credentials {
    let credentials = Credentials::of("AKIALOCALPOWERLESS".to_owned(), "arn:aws:lambda:eu-west-1:1:function:powerless");
    let session_arn = "arn:aws:sts::1:assumed-role/R/powerless".to_owned();
    let role = Role { function: "powerless".to_owned(), session_arn, grants: Vec::new() };
    cloud.iam.add(Caller { credentials: credentials.clone(), role });
    credentials
}

async fn ask(
    cloud: &Arc<Cloud>,
    token: &str,
    service: &str,
    call: (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKIALOCALPOWERLESS/20260101/eu-west-1/{service}/aws4_request");
    let mut all = vec![("authorization", scope.as_str())];
    if !token.is_empty() {
        all.push(("x-amz-security-token", token));
    }
    all.extend(headers);
    super::send(cloud, "", call, &all, body.to_owned()).await
}

#[tokio::test]
async fn a_call_that_no_policy_allows_is_refused_as_the_service_refuses() {
    let cloud = cloud();
    let token = powerless(&cloud).session_token;
    let rest = ask(&cloud, &token, "medialive", ("GET", "/prod/channels/1"), &[], "").await;
    assert_eq!((rest.status, rest.header("x-amzn-errortype")), (403, "AccessDeniedException"));
    let on = "medialive:DescribeChannel on resource: arn:aws:medialive:eu-west-1:000000000000:channel:1";
    let text =
        rest.json()["message"].as_str().unwrap().replace(&cloud.peek(|world| world.account.clone()), "000000000000");
    assert!(text.contains(WORDS) && text.contains(on), "{text}");
    let packaging = ask(&cloud, &token, "mediapackage", ("GET", "/channels"), &[], "").await;
    assert_eq!((packaging.status, packaging.header("x-amzn-errortype")), (403, "AccessDeniedException"));
    let xml = ask(&cloud, &token, "cloudfront", ("GET", "/2020-05-31/distribution"), &[], "").await;
    assert!(xml.status == 403 && xml.text().contains("<Code>AccessDenied</Code>"), "{}", xml.text());
    let bucket = ask(&cloud, &token, "s3", ("GET", "/b?list-type=2"), &[], "").await;
    assert!(bucket.status == 403 && bucket.text().contains("<Code>AccessDenied</Code>"), "{}", bucket.text());
    assert!(bucket.text().contains("s3:ListBucket"), "{}", bucket.text());
    for (service, target) in
        [("secretsmanager", "secretsmanager.GetSecretValue"), ("dynamodb", "DynamoDB_20120810.GetItem")]
    {
        let typed =
            ask(&cloud, &token, service, ("POST", "/"), &[("x-amz-target", target)], "{\"TableName\":\"t\"}").await;
        assert_eq!((typed.status, typed.json()["__type"].as_str()), (400, Some("AccessDeniedException")), "{service}");
    }
    let queue = json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"}).to_string();
    let sqs = ask(&cloud, &token, "sqs", ("POST", "/"), &[("x-amz-target", "AmazonSQS.SendMessage")], &queue).await;
    assert_eq!((sqs.status, sqs.header("x-amzn-query-error")), (403, "AccessDenied;Sender"));
    let form = "Action=DescribeAlarms&Version=2010-08-01";
    let query = ask(&cloud, &token, "monitoring", ("POST", "/"), &[], form).await;
    assert!(query.status == 403 && query.text().contains("<Code>AccessDenied</Code>"), "{}", query.text());
    let rpc = ("POST", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms");
    let cbor = ask(&cloud, &token, "monitoring", rpc, &[("smithy-protocol", "rpc-v2-cbor")], "").await;
    assert_eq!((cbor.status, cbor.header("x-amzn-query-error")), (403, "AccessDenied;Sender"));
    assert_eq!(ask(&cloud, &token, "sts", ("POST", "/"), &[], "Action=GetCallerIdentity").await.status, 200);
}

#[tokio::test]
async fn a_function_without_its_token_is_nobody() {
    let cloud = cloud();
    powerless(&cloud);
    for token in ["", "stolen"] {
        let rest = ask(&cloud, token, "medialive", ("GET", "/prod/channels"), &[], "").await;
        assert_eq!((rest.status, rest.header("x-amzn-errortype")), (403, "UnrecognizedClientException"));
    }
}

#[tokio::test]
async fn the_administrator_may_do_everything() {
    let cloud = cloud();
    powerless(&cloud);
    assert_eq!(super::send(&cloud, "medialive", ("GET", "/prod/channels"), &[], "").await.status, 200);
}
