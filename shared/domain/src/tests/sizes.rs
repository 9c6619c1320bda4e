//! The record is bounded.

use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::ids::PlatformKey;
use crate::limits::Limits;
use crate::record::{Asked, Intent, Record, SCHEMA, State, Want};
use crate::request::desired;
use crate::slot::Slot;
use crate::spec::read;
use crate::time::Timestamp;
use serde_json::json;

/// The largest platform: 20 inputs, 10 rungs, everything at its longest.
pub fn largest() -> Record {
    let name = |kind: &str, n: usize| format!("{kind}-{n:0>width$}", width = 30 - kind.len());
    let long = "x".repeat(150);
    let mut inputs: Vec<_> = (0..18)
        .map(|n| json!({"name": name("pull", n), "type": "URL_PULL", "urls": [format!("https://a.example.net/{long}"), format!("https://b.example.net/{long}")]}))
        .collect();
    let cidrs: Vec<String> = (0..10).map(|n| format!("198.51.100.{}/32", 100 + n)).collect();
    inputs.extend((0..2).map(|n| json!({"name": name("push", n), "type": "RTMP_PUSH", "allowFrom": cidrs})));
    let rungs: Vec<_> = (0..10)
        .map(|n| json!({"name": name("rung", n), "width": 1920, "height": 1080, "bitrate": 6_000_000 + n}))
        .collect();
    let tags: serde_json::Map<_, _> = (0..40).map(|n| (format!("{n:0>60}"), json!("v".repeat(60)))).collect();
    let request = json!({
        "name": "n".repeat(80), "description": "d".repeat(500), "channelClass": "standard", "inputs": inputs,
        "ladder": {"rungs": rungs}, "tags": tags,
    });
    let asked = Asked {
        schema: SCHEMA,
        key: PlatformKey::new("default", "p-0123456789ab"),
        created_at: Timestamp(0),
        spec: read(&request).unwrap(),
        intent: Intent { want: Want::Live, by: "api".to_owned(), at: Timestamp(0) },
        generation: 1,
        stream_key: "0123456789abcdef".to_owned(),
        rotated_stream_keys: std::collections::BTreeMap::new(),
        secret_rotations: 0,
        unknown: serde_json::Map::new(),
    };
    Record { asked, state: State { schema: SCHEMA, ..State::default() } }
}

#[test]
fn the_largest_record_stays_under_64_kilobytes() {
    let mut record = largest();
    let now = Timestamp(1_767_225_600_000);
    for slot in desired(&record.asked.spec) {
        record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], now);
        let object = Object {
            id: "i".repeat(60),
            arn: "a".repeat(150),
            urls: vec!["u".repeat(120); 2],
            domain: Some("d".repeat(40)),
        };
        let made = Outcome {
            slot: slot.clone(),
            incarnation: 1,
            verb: Verb::Create,
            id: None,
            asked_at: now,
            result: Ok(Answer::Made(object, Seen::new(Status::Ready))),
        };
        accept(&mut record, &Event::Outcome(made), now, Limits::default());
        if matches!(slot, Slot::Alarm(_)) {
            let alarm = Event::Alarm { slot: slot.clone(), firing: true, reason: "r".repeat(2_000), at: now };
            accept(&mut record, &alarm, now, Limits::default());
        }
        record.intend(&[Action::Delete { slot: slot.clone(), incarnation: 1, id: "i".repeat(60) }], now);
        let refusal = Refusal::new(RefusalKind::Conflict, "ConflictException", &"w".repeat(5_000));
        let refused =
            Outcome { slot, incarnation: 1, verb: Verb::Delete, id: None, asked_at: now, result: Err(refusal) };
        accept(&mut record, &Event::Outcome(refused), now, Limits::default());
    }
    let bytes = serde_json::to_vec(&record).unwrap().len();
    assert!(bytes > 20_000, "the largest record has {bytes} bytes: is it the largest?");
    assert!(bytes < 64 * 1024, "the largest record has {bytes} bytes");
}

#[test]
fn a_record_survives_being_written_and_read_with_fields_it_does_not_know() {
    let mut value = serde_json::to_value(largest()).unwrap();
    value["state"]["fromTheFuture"] = json!({"a": 1});
    value["asked"]["alsoNew"] = json!(2);
    let record: Record = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&record).unwrap(), value);
}
