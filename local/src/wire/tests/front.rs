//! What stands before the services: signatures, unknown operations, the recording, health and control.

use serde_json::{Value, json};

use super::{cloud, send};
use crate::cloud::{Cloud, CloudConfig};

#[tokio::test]
async fn what_is_unknown_is_named_and_never_answered_with_200() {
    let cloud = cloud();
    let rest = send(&cloud, "medialive", ("GET", "/prod/offerings"), &[], "").await;
    assert_eq!((rest.status, rest.header("x-amzn-errortype")), (404, "UnknownOperationException"));
    assert!(rest.text().contains("/prod/offerings"), "{}", rest.text());
    let target = [("x-amz-target", "secretsmanager.RotateSecret")];
    let json = send(&cloud, "secretsmanager", ("POST", "/"), &target, "{}").await;
    assert_eq!(json.status, 404);
    assert!(json.text().contains("RotateSecret"), "{}", json.text());
    let service =
        send(&cloud, "kinesis", ("POST", "/"), &[("x-amz-target", "Kinesis_20131202.ListStreams")], "{}").await;
    assert_eq!(service.status, 404);
    assert!(service.text().contains("kinesis"), "{}", service.text());
    let xml = send(&cloud, "cloudfront", ("POST", "/2020-05-31/key-group"), &[], "<a/>").await;
    assert!(xml.status == 404 && xml.text().contains("UnknownOperationException"), "{}", xml.text());
}

#[tokio::test]
async fn an_unsigned_request_is_refused_in_the_shape_of_its_protocol() {
    let cloud = cloud();
    let json = send(&cloud, "", ("GET", "/prod/channels"), &[], "").await;
    assert_eq!((json.status, json.header("x-amzn-errortype")), (403, "MissingAuthenticationTokenException"));
    let xml = send(&cloud, "", ("GET", "/2020-05-31/distribution"), &[], "").await;
    assert!(xml.status == 403 && xml.text().contains("<Code>MissingAuthenticationToken</Code>"), "{}", xml.text());
    let target = [("x-amz-target", "secretsmanager.ListSecrets")];
    let typed = send(&cloud, "", ("POST", "/"), &target, "{}").await;
    assert_eq!(typed.json()["__type"], "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn an_unregistered_key_is_refused_where_only_known_ones_are_let_in() {
    let cloud = Cloud::new(CloudConfig { known_keys_only: true, ..CloudConfig::default() }).unwrap();
    assert_eq!(send(&cloud, "medialive", ("GET", "/prod/channels"), &[], "").await.status, 403);
    cloud.name_key("AKIALOCALTEST", "provision");
    assert_eq!(send(&cloud, "medialive", ("GET", "/prod/channels"), &[], "").await.status, 200);
}

#[tokio::test]
async fn the_recording_names_function_service_and_operation_and_hides_secrets() {
    let path = std::env::temp_dir().join(format!("headend-record-{}.jsonl", std::process::id()));
    let cloud = Cloud::new(CloudConfig { record: Some(path.clone()), ..CloudConfig::default() }).unwrap();
    cloud.name_key("AKIALOCALTEST", "provision");
    let body = json!({"Name": "n", "SecretString": "hush"}).to_string();
    send(&cloud, "secretsmanager", ("POST", "/"), &[("x-amz-target", "secretsmanager.CreateSecret")], body).await;
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let line: Value = serde_json::from_str(text.trim()).unwrap();
    let of = |name: &str| line[name].as_str().unwrap().to_owned();
    assert_eq!(
        (of("function"), of("service"), of("operation")),
        ("provision".into(), "secretsmanager".into(), "CreateSecret".into())
    );
    assert_eq!((line["status"].as_u64(), of("method"), of("uri")), (Some(200), "POST".into(), "/".into()));
    assert!(!text.contains("hush") && !text.contains("Signature"), "{text}");
    assert!(line["headers"].is_object() && line["time"].is_string() && line["response"].is_string());
}

#[tokio::test]
async fn health_and_control_need_no_signature() {
    let cloud = cloud();
    assert_eq!(send(&cloud, "", ("GET", "/healthz"), &[], "").await.status, 200);
    assert_eq!(send(&cloud, "", ("GET", "/_headend/inventory"), &[], "").await.json(), json!([]));
    let quota = json!({"name": "medialive.channels", "value": 7}).to_string();
    assert_eq!(send(&cloud, "", ("POST", "/_headend/quota"), &[], quota).await.status, 200);
    assert_eq!(cloud.peek(|world| world.quotas.get("medialive.channels")), 7);
    assert_eq!(send(&cloud, "", ("POST", "/_headend/quota"), &[], "{}").await.status, 400);
    assert_eq!(send(&cloud, "", ("GET", "/_headend/nothing"), &[], "").await.status, 404);
    let turn = async |name: &str, value: Value| {
        let body = json!({"name": name, "value": value}).to_string();
        send(&cloud, "", ("POST", "/_headend/switch"), &[], body).await.status
    };
    assert_eq!(turn("stop_idle_is_ok", json!(false)).await, 200);
    assert_eq!(turn("durations.channel_stop", json!({"from_ms": 5, "to_ms": 5})).await, 200);
    assert_eq!((turn("stop_idle_is_ok", json!("no")).await, turn("stop", json!(true)).await), (400, 404));
    let switches = send(&cloud, "", ("GET", "/_headend/switches"), &[], "").await.json();
    assert_eq!(
        (&switches["stop_idle_is_ok"], &switches["durations"]["channel_stop"]["to_ms"]),
        (&json!(false), &json!(5))
    );
    let source = json!({"region": "eu-west-1", "input": "1", "state": "off"}).to_string();
    assert_eq!(send(&cloud, "", ("POST", "/_headend/source"), &[], source).await.status, 404);
    let view = send(&cloud, "", ("GET", "/_headend/view?distribution=E1&path=/out/v1/0/a.m3u8"), &[], "").await;
    assert!(view.status == 200 && view.json()["status"] == 404 && view.text().contains("E1"), "{}", view.text());
    let pathless = send(&cloud, "", ("GET", "/_headend/view?distribution=E1"), &[], "").await;
    assert!(pathless.status == 400 && pathless.text().contains("path"), "{}", pathless.text());
}

#[tokio::test]
async fn a_fault_refuses_one_call_or_loses_its_answer() {
    let cloud = cloud();
    let body = json!({"id": "a"}).to_string();
    let create = ("POST", "/channels");
    let refuse = json!({"service": "mediapackage", "operation": "CreateChannel",
                        "kind": {"refuse": {"status": 429, "code": "TooManyRequestsException", "message": "slower"}}});
    let added = send(&cloud, "", ("POST", "/_headend/fault"), &[], refuse.to_string()).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let refused = send(&cloud, "mediapackage", create, &[], body.clone()).await;
    assert_eq!((refused.status, refused.text()), (429, r#"{"message":"slower"}"#));
    assert!(cloud.with_world(|world, _| world.inventory()).is_empty(), "a refused call has no effect");

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/channels", listener.local_addr().unwrap());
    tokio::spawn(crate::wire::serve(listener, cloud.clone()));
    let lost = json!({"service": "mediapackage", "operation": "CreateChannel", "kind": "lost"});
    send(&cloud, "", ("POST", "/_headend/fault"), &[], lost.to_string()).await;
    let scope = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/mediapackage/aws4_request";
    let call = || reqwest::Client::new().post(&url).header("authorization", scope).body(body.clone()).send();
    let answer = match call().await {
        Err(_) => None,
        Ok(answer) => answer.text().await.ok(),
    };
    assert_eq!(answer, None, "the answer is lost");
    assert_eq!(cloud.with_world(|world, _| world.inventory()).len(), 1, "the call took effect");
    assert_eq!(call().await.unwrap().status(), 422, "the fault is over, and the channel is there");
}
