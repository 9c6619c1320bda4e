//! Every bound of the request schemas is the reader's, to the last digit: each number and each text of the samples is set to
//! what lies at, below and above every bound that a schema names.

use super::requests::{disagreement, places, seeds};
use super::rules::rules;
use super::{CONTRACT, validator_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The schemas that a request's is made of, by following the references.
fn request_schemas() -> Vec<&'static Value> {
    let mut names = vec!["PlatformRequest".to_owned()];
    let mut found: Vec<&Value> = Vec::new();
    let mut at = 0;
    while at < names.len() {
        let schema = &CONTRACT["components"]["schemas"][&names[at]];
        found.push(schema);
        for part in schema.to_string().split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        at += 1;
    }
    found
}

fn walk(value: &'static Value, see: &mut impl FnMut(&'static str, &'static Value)) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            see(name, value);
            walk(value, see);
        }),
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The samples, and what they leave out.
fn samples() -> Vec<Value> {
    let mut all = seeds();
    let conditions = json!({"inputLossMs": 100, "blackMs": 1_000, "silenceMs": 1_000});
    let failover = json!({"input": "b", "preference": "equal", "clearTimeMs": 1, "conditions": conditions});
    let first = json!({"name": "a", "type": "RTMP_PUSH", "failover": failover});
    all.push(json!({"name": "news", "inputs": [first, {"name": "b", "type": "RTMP_PUSH"}]}));
    let long = json!({"manifestName": "a", "segmentSeconds": 10, "windowSeconds": 300, "startoverSeconds": 0});
    all.push(json!({"name": "news", "endpoints": {"dash": long}}));
    let rung = json!({"name": "a", "width": 640, "height": 360, "bitrate": 800_000, "frameRate": 30});
    all.push(json!({"name": "news", "ladder": {"frameRate": 30, "gopSeconds": 1, "rungs": [rung]}}));
    all.push(json!({"name": "news", "audio": [{"layout": "stereo", "source": {"pid": 482}}]}));
    all.push(
        json!({"name": "news", "audio": [{"layout": "stereo", "source": {"track": 1}}], "archive": {"enabled": true}}),
    );
    all.push(json!({"name": "news", "alarms": {"enabled": true}, "inputLoss": {"show": "color", "color": "0000FF"}}));
    all.push(json!({"name": "news", "inputs": [{"name": "a", "type": "RTMP_PUSH", "allowAnywhere": true}]}));
    let loss =
        json!({"show": "slate", "slateUrl": "https://a.example.net/x.png", "repeatSeconds": 1, "blackSeconds": 1});
    all.push(json!({"name": "news", "inputLoss": loss}));
    let remediation = json!({"mode": "dry-run", "maxActionsPerHour": 3, "clearSeconds": 60});
    all.push(json!({"name": "news", "drift": {"mode": "report"}}));
    all.push(json!({"name": "news", "remediation": remediation, "handsOff": {"until": "2026-06-01T20:00:00Z"}}));
    all
}

#[test]
fn every_field_of_the_request_schemas_is_in_a_sample() {
    let mut known = BTreeSet::new();
    for schema in request_schemas() {
        walk(schema, &mut |name, value| {
            if name == "properties" {
                known.extend(value.as_object().unwrap().keys().cloned());
            }
        });
    }
    assert!(known.len() > 70, "{known:?}");
    let samples: String = samples().iter().map(Value::to_string).collect();
    let missing: Vec<_> = known.iter().filter(|name| !samples.contains(&format!("\"{name}\":"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_bound_is_the_same_in_the_schema_and_in_the_reader() {
    let (mut numbers, mut lengths) = (BTreeSet::from([0, 1]), BTreeSet::new());
    for schema in request_schemas() {
        walk(schema, &mut |name, value| match (name, value.as_i64()) {
            ("minimum" | "maximum" | "exclusiveMinimum", Some(bound)) => numbers.extend(bound - 1..=bound + 2),
            ("minLength" | "maxLength", Some(bound)) => lengths.extend(bound.max(1) - 1..=bound + 1),
            _ => {}
        });
    }
    let texts = lengths.iter().map(|length| json!("a".repeat(usize::try_from(*length).unwrap())));
    let values: Vec<Value> = numbers.iter().map(|number| json!(number)).chain(texts).chain([Value::Null]).collect();
    let (schema, rules) = (validator_of("PlatformRequest"), rules());
    let mut disagreements = Vec::new();
    for sample in samples() {
        // Of a sample that has many parts, the parts are samples of their own.
        if sample.as_object().unwrap().len() > 4 {
            continue;
        }
        let mut all = Vec::new();
        places(&sample, "", &mut all);
        for place in all {
            let kind = |value: &Value| (value.is_number(), value.is_string());
            let old = kind(sample.pointer(&place).unwrap());
            for value in values.iter().filter(|value| value.is_null() || kind(value) == old) {
                let mut body = sample.clone();
                *body.pointer_mut(&place).unwrap() = value.clone();
                disagreements.extend(disagreement(&schema, &rules, &body));
            }
        }
    }
    assert!(disagreements.is_empty(), "{}: {:#?}", disagreements.len(), &disagreements[..disagreements.len().min(20)]);
}
