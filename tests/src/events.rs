//! Every sample in `events/` is what its trigger really sends, as far as we read it.

use headend_control::handlers::events::{AlarmChange, AwsEvent, SqsBatch, Trigger, Wakeup};
use serde_json::Value;

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Parses the sample the way its function does; an unknown sample is an error.
fn parse(name: &str) {
    let event = sample(name);
    match name {
        "provision-batch.json" => {
            let Trigger::Batch(SqsBatch { records }) = serde_json::from_value(event).unwrap() else {
                panic!("no batch")
            };
            let kinds: Vec<Wakeup> = records.iter().map(|record| serde_json::from_str(&record.body).unwrap()).collect();
            assert!(matches!(kinds.as_slice(), [Wakeup::Platform { .. }, Wakeup::Event(_)]), "{kinds:?}");
        }
        "provision-sweep.json" => {
            assert!(matches!(serde_json::from_value(event).unwrap(), Trigger::Sweep(sweep) if sweep.sweep));
        }
        "alarm-handler.json" => {
            let event: AwsEvent = serde_json::from_value(event).unwrap();
            let change: AlarmChange = serde_json::from_value(event.detail).unwrap();
            assert_eq!(change.state.value, "ALARM");
        }
        "medialive-channel-state-change.json" => {
            let event: AwsEvent = serde_json::from_value(event).unwrap();
            assert_eq!(event.source, "aws.medialive");
        }
        _ => {
            assert_eq!(event["version"], "2.0", "{name} is an HTTP API event");
            let route = event["routeKey"].as_str().unwrap();
            assert_eq!(event["requestContext"]["routeKey"], route, "{name}");
            if let Some(body) = event["body"].as_str() {
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
