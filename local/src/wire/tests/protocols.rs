//! One operation of each protocol.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, START, cloud, send};
use crate::cloud::Cloud;
use crate::rules::Interface;
use crate::wire::{cbor, xml};

#[tokio::test]
async fn rest_json_answers_with_the_members_of_the_interface() {
    let cloud = cloud();
    let body = json!({"whitelistRules": [{"cidr": "192.0.2.1/32"}], "tags": {"a": "b"}}).to_string();
    let made = send(&cloud, "medialive", ("POST", "/prod/inputSecurityGroups"), &[], body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let group = &made.json()["securityGroup"];
    assert_eq!(group["whitelistRules"], json!([{"cidr": "192.0.2.1/32"}]));
    let id = group["id"].as_str().unwrap();
    let path = format!("/prod/inputSecurityGroups/{id}");
    assert_eq!(send(&cloud, "medialive", ("GET", &path), &[], "").await.json()["tags"], json!({"a": "b"}));
    let list = send(&cloud, "medialive", ("GET", "/prod/inputSecurityGroups?maxResults=1"), &[], "").await.json();
    assert_eq!(list["inputSecurityGroups"][0]["id"], id);
    // Another region is another place.
    let mut elsewhere = send(&cloud, "medialive", ("GET", &path), &[], "").await;
    assert_eq!(elsewhere.status, 200);
    let scope = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-2/medialive/aws4_request";
    elsewhere = send(&cloud, "", ("GET", &path), &[("authorization", scope)], "").await;
    assert_eq!((elsewhere.status, elsewhere.header("x-amzn-errortype")), (404, "NotFoundException"));
}

#[tokio::test]
async fn a_medialive_422_lists_every_defect() {
    let body = json!({"name": "n", "encoderSettings": {"audioDescriptions": [], "videoDescriptions": [], "outputGroups": [],
                       "timecodeConfig": {"source": "SYSTEMCLOCK"}}});
    let answer = send(&cloud(), "medialive", ("POST", "/prod/channels"), &[], body.to_string()).await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (422, "UnprocessableEntityException"));
    let defects = answer.json()["validationErrors"].as_array().unwrap().clone();
    let paths: Vec<_> = defects.iter().map(|d| d["elementPath"].as_str().unwrap()).collect();
    assert_eq!(paths, ["roleArn", "inputAttachments", "inputSpecification", "destinations", "outputGroups"]);
}

#[tokio::test]
async fn rest_xml_carries_configuration_tags_etag_and_location() {
    let cloud = cloud();
    let behaviour = "<TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
                     <CachePolicyId>08627262-05a9-4f76-9ded-b50ca2e3a84f</CachePolicyId>";
    let config = format!(
        "<DistributionConfigWithTags xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><DistributionConfig>\
         <CallerReference>r</CallerReference><Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id>\
         <DomainName>a.example</DomainName><CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>\
         <OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>\
         <DefaultCacheBehavior>{behaviour}</DefaultCacheBehavior><Comment></Comment><Enabled>true</Enabled>\
         </DistributionConfig><Tags><Items><Tag><Key>k</Key><Value>v</Value></Tag></Items></Tags></DistributionConfigWithTags>"
    );
    let made = send(&cloud, "cloudfront", ("POST", "/2020-05-31/distribution?WithTags"), &[], config).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(
        !made.header("etag").is_empty() && made.header("location").contains("/distribution/"),
        "{:?}",
        made.headers
    );
    let shape = xml::read(Interface::of("cloudfront").unwrap(), "Distribution", made.text()).unwrap();
    assert_eq!(shape["DistributionConfig"]["Comment"], "");
    let id = shape["Id"].as_str().unwrap();
    let got = send(&cloud, "cloudfront", ("GET", &format!("/2020-05-31/distribution/{id}/config")), &[], "").await;
    assert_eq!(got.header("etag"), made.header("etag"));
    let arn = shape["ARN"].as_str().unwrap();
    let tags = send(&cloud, "cloudfront", ("GET", &format!("/2020-05-31/tagging?Resource={arn}")), &[], "").await;
    assert!(tags.text().contains("<Tag><Key>k</Key><Value>v</Value></Tag>"), "{}", tags.text());
}

#[tokio::test]
async fn rest_xml_words_a_refusal_as_an_error_response() {
    let gone = send(&cloud(), "cloudfront", ("GET", "/2020-05-31/distribution/E1"), &[], "").await;
    assert_eq!(gone.status, 404);
    assert!(gone.text().contains("<Error><Type>Sender</Type><Code>NoSuchDistribution</Code>"), "{}", gone.text());
}

fn alarm() -> Value {
    json!({"AlarmName": "a", "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
           "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"})
}

/// Headers of a CBOR call.
const CBOR: [(&str, &str); 2] = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];

/// Calls CloudWatch over CBOR.
async fn cbor_call(cloud: &Arc<Cloud>, operation: &str, input: &Value) -> Answer {
    let interface = Interface::of("cloudwatch").unwrap();
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    send(cloud, "monitoring", ("POST", &path), &CBOR, cbor::write(interface, None, input)).await
}

#[tokio::test]
async fn cloudwatch_speaks_cbor() {
    let cloud = cloud();
    let put = cbor_call(&cloud, "PutMetricAlarm", &alarm()).await;
    assert_eq!((put.status, put.header("smithy-protocol"), put.body.len()), (200, "rpc-v2-cbor", 0));
    let seen = cbor_call(&cloud, "DescribeAlarms", &json!({})).await;
    assert_eq!(cbor::read(&seen.body).unwrap()["MetricAlarms"][0]["AlarmName"], "a");
    let wrong = json!({"AlarmName": "none", "StateValue": "OK", "StateReason": "r"});
    let refused = cbor_call(&cloud, "SetAlarmState", &wrong).await;
    assert_eq!((refused.status, refused.header("x-amzn-query-error")), (404, "ResourceNotFound;Sender"));
    assert_eq!(cbor::read(&refused.body).unwrap()["__type"], "ResourceNotFound");
}

#[tokio::test]
async fn cloudwatch_speaks_json_and_query_about_the_same_alarm() {
    let cloud = cloud();
    cbor_call(&cloud, "PutMetricAlarm", &alarm()).await;
    let target = [("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms")];
    let seen = send(&cloud, "monitoring", ("POST", "/"), &target, "{}").await;
    assert_eq!(seen.json()["MetricAlarms"][0]["StateUpdatedTimestamp"], json!(START as f64 / 1000.0));
    let form = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a";
    let seen = send(&cloud, "monitoring", ("POST", "/"), &[], form).await;
    for element in ["<AlarmName>a</AlarmName>", "<StateUpdatedTimestamp>2026-01-01T00:00:00Z</StateUpdatedTimestamp>"] {
        assert!(seen.text().contains(element), "{}", seen.text());
    }
}

#[tokio::test]
async fn secrets_manager_speaks_json_1_1() {
    let cloud = cloud();
    let call = |op: &str| format!("secretsmanager.{op}");
    let body =
        json!({"Name": "n", "SecretString": "s", "ClientRequestToken": "0123456789abcdef0123456789abcdef"}).to_string();
    let made = send(&cloud, "secretsmanager", ("POST", "/"), &[("x-amz-target", &call("CreateSecret"))], body).await;
    assert_eq!((made.status, made.header("content-type")), (200, "application/x-amz-json-1.1"), "{}", made.text());
    let body = json!({"SecretId": made.json()["ARN"]}).to_string();
    let got = send(&cloud, "secretsmanager", ("POST", "/"), &[("x-amz-target", &call("GetSecretValue"))], body).await;
    assert_eq!(got.json()["SecretString"], "s");
    let gone = send(
        &cloud,
        "secretsmanager",
        ("POST", "/"),
        &[("x-amz-target", &call("GetSecretValue"))],
        r#"{"SecretId":"x"}"#,
    )
    .await;
    assert_eq!((gone.status, gone.json()["__type"].as_str()), (400, Some("ResourceNotFoundException")));
    assert!(gone.json()["Message"].is_string());
}

#[tokio::test]
async fn dynamodb_has_a_database_for_each_region() {
    let cloud = cloud();
    let table = json!({"TableName": "table", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]});
    let headers = |op: &'static str| {
        [("x-amz-target", op), ("content-type", "application/x-amz-json-1.0"), ("x-amz-date", "20260101T000000Z")]
    };
    let made =
        send(&cloud, "dynamodb", ("POST", "/"), &headers("DynamoDB_20120810.CreateTable"), table.to_string()).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let list = send(&cloud, "dynamodb", ("POST", "/"), &headers("DynamoDB_20120810.ListTables"), "{}").await;
    assert_eq!(list.json(), json!({"TableNames": ["table"]}));
    assert!(
        cloud
            .dynamodb
            .database("eu-west-2")
            .await
            .unwrap()
            .list_tables(Default::default())
            .unwrap()
            .table_names
            .is_empty()
    );
}
