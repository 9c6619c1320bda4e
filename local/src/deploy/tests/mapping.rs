//! What a function's answer does to the messages of a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::cloud::{Cloud, CloudConfig};
use crate::deploy::lambda::Invoker;
use crate::deploy::mapping::{Mapping, run, succeeded};
use crate::world::sqs::{Depth, Received, Send};

fn message(id: &str) -> Received {
    Received {
        message_id: id.to_owned(),
        receipt_handle: format!("h-{id}"),
        body: String::new(),
        md5_of_body: String::new(),
        system: BTreeMap::new(),
        attributes: BTreeMap::new(),
    }
}

/// The messages of the batch a, b, c that an answer lets be deleted.
#[track_caller]
fn check(report_failures: bool, answer: &str, deleted: Result<&[&str], &str>) {
    let batch = [message("a"), message("b"), message("c")];
    let done = succeeded(report_failures, answer.as_bytes(), &batch);
    let ids = done.map(|done| done.iter().map(|message| message.message_id.as_str()).collect::<Vec<_>>());
    assert_eq!(ids, deleted.map(<[_]>::to_vec), "{answer}");
}

#[test]
fn partial_failures_are_read_as_lambda_reads_them() {
    let all: Result<&[&str], &str> = Ok(&["a", "b", "c"]);
    check(true, "", all);
    check(true, "null", all);
    check(true, "{}", all);
    check(true, r#"{"batchItemFailures": null}"#, all);
    check(true, r#"{"batchItemFailures": []}"#, all);
    check(true, r#"{"batchItemFailures": [{"itemIdentifier": "b"}]}"#, Ok(&["a", "c"]));
    check(
        true,
        r#"{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}, {"itemIdentifier": "c"}]}"#,
        Ok(&[]),
    );
}

#[test]
fn a_malformed_answer_fails_the_whole_batch() {
    check(true, "nonsense", Err("the answer is not JSON"));
    check(true, "[]", Err("the answer is not an object"));
    check(true, r#"{"batchItemFailures": {}}"#, Err("batchItemFailures is not a list"));
    let unknown = Err("an itemIdentifier names no message of the batch");
    check(true, r#"{"batchItemFailures": [{"itemIdentifier": "x"}]}"#, unknown);
    check(true, r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#, unknown);
    check(true, r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#, unknown);
    check(true, r#"{"batchItemFailures": [{"item": "a"}]}"#, unknown);
}

#[test]
fn without_the_response_type_the_answer_does_not_matter() {
    let all: Result<&[&str], &str> = Ok(&["a", "b", "c"]);
    check(false, "nonsense", all);
    check(false, r#"{"batchItemFailures": [{"itemIdentifier": "b"}]}"#, all);
}

#[tokio::test]
async fn messages_become_records_and_failed_ones_stay_in_flight() {
    let cloud = Cloud::new(CloudConfig { clock: Clock::starting_at(0), ..CloudConfig::default() }).unwrap();
    let url = cloud.with_world(|world, now| {
        let url = world.create_queue("eu-west-1", "q", &BTreeMap::new(), BTreeMap::new(), now).unwrap();
        for body in ["good", "bad"] {
            world.send_message("eu-west-1", &url, Send { body: body.into(), ..Send::default() }, now).unwrap();
        }
        url
    });
    let (events, mut seen) = mpsc::unbounded_channel();
    // Fails the records whose body is `bad`.
    let invoke: Invoker = Arc::new(move |payload: Bytes| {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let bad = event["Records"].as_array().unwrap().iter().filter(|record| record["body"] == "bad");
        let failures = bad.map(|record| json!({"itemIdentifier": record["messageId"]})).collect::<Vec<_>>();
        events.send(event).unwrap();
        Box::pin(async move { Ok(Bytes::from(json!({"batchItemFailures": failures}).to_string())) })
    });
    let mapping = Mapping {
        region: "eu-west-1".into(),
        queue_url: url.clone(),
        queue_arn: "arn:aws:sqs:eu-west-1:123456789012:q".into(),
        batch_size: 10,
        maximum_concurrency: 2,
        report_failures: true,
        function: "f".into(),
        invoke,
    };
    let polling = tokio::spawn(run(cloud.clone(), mapping));
    let event = seen.recv().await.unwrap();
    let record = &event["Records"][0];
    assert_eq!(event["Records"].as_array().unwrap().len(), 2);
    assert_eq!((&record["body"], &record["eventSource"]), (&json!("good"), &json!("aws:sqs")));
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:eu-west-1:123456789012:q");
    assert_eq!(record["awsRegion"], "eu-west-1");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["messageAttributes"], json!({}));
    let settled = Depth { visible: 0, in_flight: 1, delayed: 0 };
    while cloud.with_world(|world, now| world.queue("eu-west-1", &url).unwrap().depth(now)) != settled {
        tokio::task::yield_now().await;
    }
    polling.abort();
}
