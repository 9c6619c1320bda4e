//! AWS as it is on a bad day, seen through the SDKs: answers that never arrive, errors of the service, throttling.

use super::recording::{read, word};
use super::rig::{FULL, Rig, config};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Every call that a life makes to change something in the account, as it is called on the wire.
const CHANGES: [(&str, &str); 19] = [
    ("medialive", "CreateInputSecurityGroup"),
    ("medialive", "CreateInput"),
    ("medialive", "CreateChannel"),
    ("medialive", "StartChannel"),
    ("medialive", "StopChannel"),
    ("medialive", "DeleteChannel"),
    ("medialive", "DeleteInput"),
    ("medialive", "DeleteInputSecurityGroup"),
    ("mediapackage", "CreateChannel"),
    ("mediapackage", "CreateOriginEndpoint"),
    ("mediapackage", "DeleteOriginEndpoint"),
    ("mediapackage", "DeleteChannel"),
    ("cloudfront", "CreateDistributionWithTags"),
    ("cloudfront", "UpdateDistribution"),
    ("cloudfront", "DeleteDistribution"),
    ("secretsmanager", "CreateSecret"),
    ("secretsmanager", "DeleteSecret"),
    ("cloudwatch", "PutMetricAlarm"),
    ("cloudwatch", "DeleteAlarms"),
];

/// What the record and the queue are written with.
const WRITES: [(&str, &str); 2] = [("dynamodb", "TransactWriteItems"), ("sqs", "SendMessage")];

fn all_changes() -> BTreeSet<(String, String)> {
    CHANGES.into_iter().map(|(service, operation)| (service.to_owned(), operation.to_owned())).collect()
}

fn made(record: &Path, of: impl Fn(&Value) -> bool) -> BTreeSet<(String, String)> {
    let pair = |call: &Value| (word(call, "service").to_owned(), word(call, "operation").to_owned());
    read(record).iter().filter(|call| of(call)).map(pair).filter(|pair| all_changes().contains(pair)).collect()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_each_call_costs_only_time() {
    let rig = Rig::start(config()).await;
    let calls = rig.record.clone();
    for (service, operation) in CHANGES.into_iter().chain(WRITES) {
        rig.control("fault", &json!({"service": service, "operation": operation, "kind": "lost"})).await;
    }
    let id = rig.whole_life(FULL).await;
    let unanswered = rig.timeline(&id).await.iter().filter(|line| line.contains("NoAnswer")).count();
    assert!(unanswered >= CHANGES.len(), "{unanswered} answers were lost\n{}", rig.report(&id).await);
    rig.end().await;
    assert_eq!(made(&calls, |_| true), all_changes(), "each call met its fault");
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_error_and_a_throttle_of_each_call_cost_only_time() {
    let rig = Rig::start(config()).await;
    let calls = rig.record.clone();
    for (service, operation) in CHANGES {
        let throttle = match service {
            "medialive" | "mediapackage" => {
                json!({"status": 429, "code": "TooManyRequestsException", "message": "Too Many Requests"})
            }
            "secretsmanager" => json!({"status": 400, "code": "ThrottlingException", "message": "Rate exceeded"}),
            _ => json!({"status": 400, "code": "Throttling", "message": "Rate exceeded"}),
        };
        let broken = json!({"status": 500, "code": "InternalServerError", "message": "an internal error"});
        for refusal in [throttle, broken] {
            let fault = json!({"service": service, "operation": operation, "kind": {"refuse": refusal}});
            rig.control("fault", &fault).await;
        }
    }
    rig.whole_life(FULL).await;
    rig.end().await;
    assert_eq!(made(&calls, |call| call["status"] == 500), all_changes());
    assert_eq!(made(&calls, |call| call["status"] == 429 || call["status"] == 400), all_changes());
}
