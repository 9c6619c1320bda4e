//! The policies of the template, enforced over the wire: what a missing permission looks like to a producer.

use super::rig::{Folder, MINIMAL, Rig, config};
use headend_local::deploy::StackConfig;

/// The template with one line left out.
fn without(folder: &Folder, line: &str) -> StackConfig {
    let base = config();
    let text = std::fs::read_to_string(&base.template).unwrap();
    assert!(text.lines().any(|it| it.trim() == line), "the template has no line {line}");
    let kept = text.lines().filter(|it| it.trim() != line).collect::<Vec<_>>().join("\n");
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, kept).unwrap();
    StackConfig { template, ..base }
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_ends_in_failed_with_the_words_of_aws() {
    let folder = Folder::new();
    let rig = Rig::unrecorded(without(&folder, "- medialive:CreateInputSecurityGroup")).await;
    let id = rig.create(MINIMAL).await;
    let failed = rig.wait(&id, "Failed", |platform| platform["phase"] == "Failed").await;
    let text = failed["failures"].to_string();
    assert!(text.contains("is not authorized to perform: medialive:CreateInputSecurityGroup"), "{failed:#}");
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_on_the_table_is_no_answer_of_ours() {
    let folder = Folder::new();
    let rig = Rig::unrecorded(without(&folder, "- dynamodb:PutItem")).await;
    let answer = rig.post("/platforms", &crate::script::body_of(MINIMAL), &[]).await;
    assert!(answer.status >= 500, "{answer:?}");
    assert!(!answer.text.contains("arn:"), "a producer is not told of our account: {answer:?}");
    assert!(rig.stack.logs("create-platform").join("\n").contains("dynamodb:PutItem"), "the operator is");
    rig.end().await;
}

#[tokio::test]
async fn a_mapping_whose_role_may_not_empty_the_queue_is_refused() {
    let folder = Folder::new();
    let refused = headend_local::deploy::plan::plan(&without(&folder, "- sqs:DeleteMessage")).unwrap_err();
    assert!(format!("{refused:#}").contains("does not have permissions to call DeleteMessage on SQS"), "{refused:#}");
}

/// What no other test leads to: each function asked twice with one key, and alarms of both regions whose answers are lost.
#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_asked_twice_and_lost_alarms_stay_within_what_is_granted() {
    let rig = Rig::start(config()).await;
    let lost = serde_json::json!({"service": "cloudwatch", "operation": "PutMetricAlarm", "kind": "lost", "times": 20});
    rig.control("fault", &lost).await;
    let id = rig.create(MINIMAL).await;
    rig.reach(&id, "Ready").await;
    for (method, rest) in [("POST", "/start"), ("POST", "/stop"), ("DELETE", "")] {
        let path = format!("/platforms/{id}{rest}");
        let key = [("idempotency-key", rest)];
        let key = if rest.is_empty() { [("idempotency-key", "/delete")] } else { key };
        let first = rig.send(method, &path, &key, None).await;
        let second = rig.send(method, &path, &key, None).await;
        assert_eq!((first.status, second.status), (202, 202), "{first:?} {second:?}");
    }
    rig.reach(&id, "Gone").await;
    let denied = super::recording::read(&rig.record).into_iter().filter(|call| call["status"] == 403);
    assert_eq!(denied.collect::<Vec<_>>(), Vec::<serde_json::Value>::new());
    rig.end().await;
}
