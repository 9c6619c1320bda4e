//! Every sample in `events/` is what its trigger really sends, as far as we read it; and what `provision` answers to
//! messages that it cannot read.

use aws_lambda_events::cloudwatch_alarms::CloudWatchAlarmStateValue;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use futures::FutureExt as _;
use headend_control::handlers::events::{AlarmChange, Trigger, Wakeup};
use headend_control::handlers::provision::{Invocation, Provision};
use headend_control::reconcile::Reconciler;
use headend_domain::limits::Limits;
use headend_domain::time::Timestamp;
use headend_local::ports::{Sim, SimStore};
use headend_local::world::WorldConfig;
use serde_json::{Value, json};

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Parses the sample the way its function does; an unknown sample is an error.
fn parse(name: &str) {
    let event = sample(name);
    match name {
        "provision-batch.json" => {
            let Trigger::Batch(batch) = serde_json::from_value(event).unwrap() else { panic!("no batch") };
            let bodies = batch.records.iter().map(|message| message.body.as_deref().unwrap());
            let kinds: Vec<Wakeup> = bodies.map(|body| serde_json::from_str(body).unwrap()).collect();
            assert!(matches!(kinds.as_slice(), [Wakeup::Platform { .. }, Wakeup::Event(_)]), "{kinds:?}");
        }
        "provision-sweep.json" => {
            assert!(matches!(serde_json::from_value(event).unwrap(), Trigger::Sweep(sweep) if sweep.sweep));
        }
        "alarm-handler.json" => {
            let event: EventBridgeEvent = serde_json::from_value(event).unwrap();
            let change: AlarmChange = serde_json::from_value(event.detail).unwrap();
            let state = change.state.unwrap();
            assert_eq!(state.value, CloudWatchAlarmStateValue::Alarm);
            assert_eq!(state.timestamp.timestamp(), 1_768_381_800);
        }
        "medialive-channel-state-change.json" => {
            let event: EventBridgeEvent = serde_json::from_value(event).unwrap();
            assert_eq!(event.source, "aws.medialive");
        }
        _ => {
            assert_eq!(event["version"], "2.0", "{name} is an HTTP API event");
            let route = event["routeKey"].as_str().unwrap();
            assert_eq!(event["requestContext"]["routeKey"], route, "{name}");
            if let Some(body) = event["body"].as_str().filter(|_| name == "planned-events.json") {
                let plan = headend_domain::calendar::read(
                    &serde_json::from_str(body).unwrap(),
                    headend_domain::spec::ChannelClass::Single,
                );
                assert!(plan.is_ok(), "{name}: {plan:?}");
            } else if let Some(body) = event["body"].as_str() {
                let spec = headend_domain::spec::read(&serde_json::from_str(body).unwrap());
                assert!(spec.is_ok(), "{name}: {spec:?}");
            }
        }
    }
}

#[test]
fn every_sample_event_parses() {
    let folder = format!("{}/../events", env!("CARGO_MANIFEST_DIR"));
    let names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.len() >= 10, "{names:?}");
    names.iter().for_each(|name| parse(name));
}

/// What `provision` answers to an event; nothing of a simulated account makes it wait.
fn provisioned(event: Value) -> Value {
    let sim = Sim::new(WorldConfig::default(), 1_767_225_600_000);
    let store = SimStore(sim.clone());
    let reconciler = Reconciler {
        store: &store,
        account: &sim,
        wakeups: &sim,
        clock: &sim,
        entropy: &sim,
        stack: "headend",
        limits: Limits::default(),
        running_channels: 0,
    };
    let invocation = Invocation { request_id: "r-1".to_owned(), deadline: Timestamp(1_767_225_630_000) };
    let trigger: Trigger = serde_json::from_value(event).unwrap();
    Provision { reconciler }.handle(trigger, &invocation).now_or_never().unwrap().unwrap()
}

#[test]
fn a_message_that_cannot_be_read_is_named_and_comes_again() {
    let event = "{\"id\": \"e\", \"source\": \"aws.medialive\", \"detail-type\": \"x\", \"detail\": {}}";
    let batch = json!({"Records": [
        {"messageId": "unknown platform", "body": "{\"platform\": \"default/p-0123456789ab\"}"},
        {"messageId": "event of nothing", "body": event},
        {"messageId": "no key", "body": "{\"platform\": \"p\"}"},
        {"messageId": "no JSON", "body": "wake up"},
        {"messageId": "no body"},
        // A failure that names no message fails the whole batch: nothing is lost.
        {"body": "wake up"},
    ]});
    let failed = ["no key", "no JSON", "no body", ""].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(provisioned(batch), json!({"batchItemFailures": failed}));
    assert_eq!(provisioned(json!({"Records": []})), json!({"batchItemFailures": []}));
    assert_eq!(provisioned(json!({"sweep": true})), json!({"woken": 0}));
}

#[test]
fn what_is_neither_a_batch_nor_the_sweep_is_no_trigger() {
    for event in [json!({}), json!({"sweep": true, "more": 1}), json!({"records": []}), json!(null)] {
        assert!(serde_json::from_value::<Trigger>(event.clone()).is_err(), "{event}");
    }
}
