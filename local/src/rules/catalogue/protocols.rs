//! The shapes of refusals and answers on the wire.

use serde_json::json;

use super::{Behaviour, behaviour};

const SECRETS: (&str, &str) = ("x-amz-target", "secretsmanager.GetSecretValue");

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 0", "rest-json names the error in a header and says the message in the body", |b| {
        let answer = b.http("medialive", ("GET", "/prod/channels/7"), &[], "");
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (404, "NotFoundException"));
        assert!(answer.json()["message"].as_str().unwrap().contains('7'));
    }),
    behaviour("aws-facts 1.1", "MediaLive's 422 has a list of elementPath and errorMessage", |b| {
        let answer = b.http("medialive", ("POST", "/prod/channels"), &[], "{}");
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (422, "UnprocessableEntityException"));
        let first = answer.json()["validationErrors"][0].clone();
        assert_eq!(first, json!({"elementPath": "name", "errorMessage": "name is required"}));
    }),
    behaviour("aws-facts 1.1", "MediaLive's 409 and 404 have a message and no validation errors", |b| {
        let channel = b.running();
        let path = format!("/prod/channels/{}", channel["channelId"].as_str().unwrap());
        let answer = b.http("medialive", ("DELETE", &path), &[], "");
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (409, "ConflictException"));
        assert_eq!(answer.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    }),
    behaviour("aws-facts 1.1", "creating a channel or an input is 201, a security group 200", |b| {
        let group = json!({"whitelistRules": [{"cidr": "192.0.2.1/32"}]}).to_string();
        assert_eq!(b.http("medialive", ("POST", "/prod/inputSecurityGroups"), &[], &group).status, 200);
        let request = b.channel(&[]).to_string();
        assert_eq!(b.http("medialive", ("POST", "/prod/channels"), &[], &request).status, 201);
    }),
    behaviour("aws-facts 2.1", "MediaPackage's deletions are 202, its creations 200", |b| {
        assert_eq!(b.http("mediapackage", ("POST", "/channels"), &[], r#"{"id":"c"}"#).status, 200);
        assert_eq!(b.http("mediapackage", ("DELETE", "/channels/c"), &[], "").status, 202);
    }),
    behaviour("aws-facts 2.1", "MediaPackage's body of an error has the message alone", |b| {
        let answer = b.http("mediapackage", ("POST", "/channels"), &[], r#"{"id":"a b"}"#);
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (422, "UnprocessableEntityException"));
        assert_eq!(answer.json().as_object().unwrap().len(), 1);
    }),
    behaviour("aws-facts 0", "a body that is not JSON is a 400 and not a 500", |b| {
        assert_eq!(b.http("medialive", ("POST", "/prod/inputs"), &[], "{").status, 400);
    }),
    behaviour("aws-facts 0", "CloudFront's error is XML with type, code and message", |b| {
        let answer = b.http("cloudfront", ("GET", "/2020-05-31/distribution/E1"), &[], "");
        assert_eq!(answer.status, 404);
        for part in ["<ErrorResponse", "<Type>Sender</Type>", "<Code>NoSuchDistribution</Code>", "<RequestId>"] {
            assert!(answer.text.contains(part), "{part}: {}", answer.text);
        }
    }),
    behaviour("aws-facts 0", "json 1.1 names the error in __type, with 400", |b| {
        let answer = b.http("secretsmanager", ("POST", "/"), &[SECRETS], r#"{"SecretId":"s"}"#);
        assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("ResourceNotFoundException")));
    }),
    behaviour("aws-facts 0", "CloudWatch's query protocol answers in XML", |b| {
        let form = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a";
        let answer = b.http("monitoring", ("POST", "/"), &[], form);
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains("<Code>ValidationError</Code>"), "{}", answer.text);
    }),
    behaviour("aws-facts 0", "a request without a signature is a 403", |b| {
        let answer = b.http("", ("GET", "/prod/channels"), &[], "");
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, "MissingAuthenticationTokenException"));
    }),
    behaviour("aws-facts 0", "every answer has a request id", |b| {
        assert_eq!(b.http("medialive", ("GET", "/prod/channels"), &[], "").header("x-amzn-requestid").len(), 36);
    }),
];
