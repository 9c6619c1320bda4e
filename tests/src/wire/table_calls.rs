//! What one request of the API costs on the table.

use super::recording::{read, word};
use super::rig::{MINIMAL, Rig, config};
use crate::script::body_of;
use std::path::Path;

/// The table calls that a function has made so far. Only requests start these functions, so that the difference
/// is what one request costs.
fn table_calls(record: &Path, function: &str) -> Vec<String> {
    let calls = read(record);
    let own = calls.iter().filter(|call| word(call, "function") == function && word(call, "service") == "dynamodb");
    own.map(|call| word(call, "operation").to_owned()).collect()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_makes_at_most_two_table_calls() {
    let rig = Rig::start(config()).await;
    let record = rig.record.clone();
    let id = rig.create(MINIMAL).await;
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    let own = |rest: &str| format!("/platforms/{id}{rest}");
    let requests = [
        ("create-platform", "POST", "/platforms".to_owned()),
        ("describe-platform", "GET", "/platforms?limit=10".to_owned()),
        ("describe-platform", "GET", "/platforms?phase=Ready".to_owned()),
        ("describe-platform", "GET", own("")),
        ("describe-platform", "GET", own("/timeline")),
        ("platform-health", "GET", own("/health")),
        ("player-config", "GET", own("/player-config")),
        ("planned-events", "GET", own("/planned-events")),
        ("start-channel", "POST", own("/retry")),
        ("start-channel", "POST", own("/start")),
        ("stop-channel", "POST", own("/stop")),
        ("teardown", "DELETE", own("")),
    ];
    for (function, method, path) in requests {
        let before = table_calls(&record, function).len();
        let creates = function == "create-platform";
        let body = creates.then(|| body_of(MINIMAL).to_string());
        let key = path.replace('/', "-");
        let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
        let answer = rig.send(method, &path, &headers, body).await;
        assert!(matches!(answer.status, 200 | 202), "{method} {path}: {answer:?}");
        let made = table_calls(&record, function).split_off(before);
        assert!((1..=2).contains(&made.len()), "{method} {path} makes {made:?}");
        assert!(!made.iter().any(|operation| operation == "Scan"), "{method} {path} makes {made:?}");
    }
    rig.end().await;
}
