//! What people are told over the wire: from provision through the bus, a rule and its transformer to the topic.

use super::rig::{HOME, MINIMAL, Rig, config};
use headend_local::deploy::StackConfig;
use serde_json::{Value, json};
use std::time::Duration;

/// What waits in the queue of the stack whose name has this in it, in the order of arrival.
fn bodies(rig: &Rig, queue: &str) -> Vec<Value> {
    rig.stack.cloud.peek(|world| {
        let queues = world.regions[HOME].sqs.queues().iter().filter(|(name, _)| name.contains(queue));
        let bodies = queues.flat_map(|(_, queue)| queue.bodies());
        bodies.map(|body| serde_json::from_str(body).unwrap()).collect()
    })
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_platform_is_told_to_people_in_a_sentence() {
    let base = config();
    let parameters = [("AlertsEmail".to_owned(), "anna@example.com".to_owned())].into();
    let rig = Rig::start(StackConfig { parameters, ..base }).await;
    let refuse = json!({"status": 422, "code": "UnprocessableEntityException", "message": "no"});
    let fault =
        json!({"service": "mediapackage", "operation": "CreateChannel", "kind": {"refuse": refuse}, "times": 1});
    rig.control("fault", &fault).await;
    let id = rig.create(MINIMAL).await;
    rig.wait(&id, "Failed", |platform| platform["phase"] == "Failed").await;
    let topics = async || -> Value {
        let url = format!("{}/_headend/topics", rig.stack.aws_url);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    };
    let arn = rig.stack.outputs["AlertsTopicArn"].clone();
    let mut topic = Value::Null;
    for _ in 0..600 {
        topic = topics().await[&arn].clone();
        if topic["notes"] != json!([]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(topic["subscriptions"], json!([{"protocol": "email", "endpoint": "anna@example.com"}]));
    let notes = topic["notes"].as_array().unwrap();
    let text = notes[0]["text"].as_str().unwrap();
    let begin = format!("({id}) failed at packaging: UnprocessableEntityException. What to do: ");
    assert!(notes.len() == 1 && text.contains(&begin) && !text.contains('<'), "{topic:#}");
    assert_eq!(bodies(&rig, "EventsDeadLetters"), Vec::<Value>::new());
    rig.end().await;
}
