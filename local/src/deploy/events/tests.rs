//! Queue policies, and delivery to queues, functions and other buses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudConfig};
use crate::deploy::lambda::{FunctionError, InvokeError, Invoker};
use crate::world::Emitted;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:q";
const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/r";

fn statement() -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
    })
}

#[track_caller]
fn check(change: impl FnOnce(&mut Value), allowed: bool) {
    let mut document = json!({"Version": "2012-10-17", "Statement": [statement()]});
    change(&mut document["Statement"]);
    let parsed = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(lets_rule(&parsed, "sqs:sendmessage", QUEUE, RULE), allowed, "{document}");
}

#[test]
fn a_policy_lets_a_rule_send_only_when_everything_fits() {
    check(|_| {}, true);
    check(|s| s[0]["Principal"] = json!({"Service": ["x", "events.amazonaws.com"]}), true);
    check(|s| s[0]["Principal"] = json!({"Service": "sns.amazonaws.com"}), false);
    check(|s| s[0]["Action"] = json!(["sqs:ReceiveMessage"]), false);
    check(|s| s[0]["Action"] = json!("sqs:*"), true);
    check(|s| s[0]["Resource"] = json!(format!("{QUEUE}2")), false);
    check(|s| s[0]["Condition"] = json!({"ArnEquals": {"aws:SourceArn": format!("{RULE}2")}}), false);
    check(|s| s[0]["Condition"] = json!({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:123456789012:rule/*"}}), true);
    check(|s| s[0]["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "999999999999"}}), false);
    check(|s| s[0]["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), false);
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE});
    check(|s| s.as_array_mut().unwrap().push(deny), false);
    let plain = json!({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE,
                       "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    check(|s| s.as_array_mut().unwrap().push(plain), true);
}

fn cloud() -> Arc<Cloud> {
    let cloud = Cloud::new(CloudConfig { clock: Clock::starting_at(0), ..CloudConfig::default() }).unwrap();
    for name in ["q", "dead"] {
        cloud.with_world(|world, now| {
            world.create_queue("eu-west-1", name, &BTreeMap::new(), BTreeMap::new(), now).unwrap();
        });
    }
    cloud
}

fn bodies(cloud: &Cloud, name: &str) -> Vec<Value> {
    cloud.with_world(|world, _| {
        let queue = world.queue("eu-west-1", name).unwrap();
        queue.bodies().into_iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    })
}

fn queue(name: &str, allowed: bool) -> QueueTarget {
    QueueTarget { region: "eu-west-1".into(), url: name.into(), allowed }
}

fn rule(region: &str, source: &str, destination: Destination, dead_letters: Option<QueueTarget>) -> Rule {
    let target = Target { id: "t".into(), destination, transformer: None, dead_letters };
    let pattern = Pattern::read(&json!({"source": [source]})).unwrap();
    Rule { region: region.into(), bus: None, name: "r".into(), pattern, targets: vec![target] }
}

fn deliver(cloud: &Arc<Cloud>, rules: Vec<Rule>, region: &str, source: &str) -> Value {
    let event = json!({"source": source, "detail": {}});
    let router = Router { cloud: cloud.clone(), rules, speed: 1000.0 };
    router.deliver(&Emitted { at: 0, region: region.into(), bus: None, event: event.clone() });
    event
}

#[tokio::test]
async fn an_event_reaches_the_queue_of_a_matching_rule_of_its_region() {
    let cloud = cloud();
    let rules = || vec![rule("eu-west-1", "a", Destination::Queue(queue("q", true)), None)];
    deliver(&cloud, rules(), "eu-west-1", "b");
    deliver(&cloud, rules(), "us-east-1", "a");
    assert_eq!(bodies(&cloud, "q"), Vec::<Value>::new());
    let event = deliver(&cloud, rules(), "eu-west-1", "a");
    assert_eq!(bodies(&cloud, "q"), [event]);
}

#[tokio::test]
async fn an_event_that_a_queue_policy_refuses_goes_to_the_dead_letters() {
    let cloud = cloud();
    let refused = Destination::Queue(queue("q", false));
    let event = deliver(&cloud, vec![rule("eu-west-1", "a", refused, Some(queue("dead", true)))], "eu-west-1", "a");
    assert_eq!(bodies(&cloud, "q"), Vec::<Value>::new());
    assert_eq!(bodies(&cloud, "dead"), [event]);
}

#[tokio::test]
async fn an_event_goes_on_to_the_bus_of_another_region_once() {
    let cloud = cloud();
    let rules = vec![
        rule("us-east-1", "a", Destination::Bus { region: "eu-west-1".into() }, None),
        rule("eu-west-1", "a", Destination::Queue(queue("q", true)), None),
        rule("eu-west-1", "a", Destination::Bus { region: "us-east-1".into() }, None),
    ];
    let event = deliver(&cloud, rules, "us-east-1", "a");
    assert_eq!(bodies(&cloud, "q"), [event]);
}

/// An invoker that answers from a list and remembers the payloads.
fn scripted(answers: Vec<Result<Bytes, InvokeError>>) -> (Invoker, Arc<Mutex<Vec<Bytes>>>) {
    let seen: Arc<Mutex<Vec<Bytes>>> = Arc::default();
    let answers = Arc::new(Mutex::new(answers));
    let calls = seen.clone();
    let invoke: Invoker = Arc::new(move |payload| {
        calls.lock().unwrap().push(payload);
        let answer = answers.lock().unwrap().remove(0);
        Box::pin(async move { answer })
    });
    (invoke, seen)
}

fn function(invoke: Invoker, settings: AsyncSettings) -> AsyncFunction {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned();
    AsyncFunction { name: "f".into(), arn, invoke, settings }
}

fn failed() -> Result<Bytes, InvokeError> {
    Err(FunctionError { error_type: "Error".into(), message: "no".into() }.into())
}

#[tokio::test]
async fn an_asynchronous_invocation_is_tried_three_times() {
    let (invoke, seen) = scripted(vec![failed(), failed(), failed()]);
    function(invoke, AsyncSettings::default()).invoke(cloud(), Bytes::from("{}"), 1000.0).await;
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn an_asynchronous_invocation_ends_with_its_first_success() {
    let (invoke, seen) = scripted(vec![failed(), Ok(Bytes::new())]);
    function(invoke, AsyncSettings::default()).invoke(cloud(), Bytes::from("{}"), 1000.0).await;
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn throttling_does_not_count_as_a_try() {
    let throttled = || Err(InvokeError::Throttled);
    let (invoke, seen) = scripted(vec![throttled(), failed(), throttled(), failed(), Ok(Bytes::new())]);
    function(invoke, AsyncSettings::default()).invoke(cloud(), Bytes::from("{}"), 1000.0).await;
    assert_eq!(seen.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn what_an_asynchronous_invocation_gave_up_on_goes_to_its_destination() {
    let cloud = cloud();
    let (invoke, seen) = scripted(vec![failed()]);
    let settings = AsyncSettings { retries: 0, on_failure: Some(queue("dead", true)), ..AsyncSettings::default() };
    function(invoke, settings).invoke(cloud.clone(), Bytes::from(r#"{"sweep": true}"#), 1000.0).await;
    assert_eq!(seen.lock().unwrap().len(), 1);
    let [record] = bodies(&cloud, "dead").try_into().unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestPayload"], json!({"sweep": true}));
    assert_eq!(record["responsePayload"]["errorMessage"], "no");
}

#[tokio::test]
async fn an_asynchronous_event_that_is_too_old_goes_to_its_destination() {
    let cloud = cloud();
    let (invoke, _) = scripted((0..20).map(|_| Err(InvokeError::Throttled)).collect());
    let settings = AsyncSettings { retries: 2, max_age_secs: 60.0, on_failure: Some(queue("dead", true)) };
    function(invoke, settings).invoke(cloud.clone(), Bytes::from("{}"), 1000.0).await;
    assert_eq!(bodies(&cloud, "dead")[0]["requestContext"]["condition"], "EventAgeExceeded");
}

#[tokio::test]
async fn a_note_reaches_the_topic_and_what_may_not_be_published_the_dead_letters() {
    let cloud = cloud();
    let arn = "arn:aws:sns:eu-west-1:123456789012:t";
    cloud.with_world(|world, _| world.add_topic(arn, Vec::new()));
    let notes = || cloud.peek(|world| world.topics()[arn].notes.iter().map(|it| it.text.clone()).collect::<Vec<_>>());
    let topic = |allowed| Destination::Topic(TopicTarget { arn: arn.to_owned(), allowed });
    let event =
        deliver(&cloud, vec![rule("eu-west-1", "a", topic(false), Some(queue("dead", true)))], "eu-west-1", "a");
    assert_eq!((notes(), bodies(&cloud, "dead")), (Vec::new(), vec![event]));
    let given = json!({"InputPathsMap": {"from": "$.source"}, "InputTemplate": "\"from <from>\""});
    let mut told = rule("eu-west-1", "a", topic(true), None);
    told.targets[0].transformer = Some(Transformer::read(&serde_json::from_value(given).unwrap()).unwrap());
    deliver(&cloud, vec![told], "eu-west-1", "a");
    assert_eq!(notes(), ["\"from a\""]);
    assert_eq!(bodies(&cloud, "dead").len(), 1);
}
