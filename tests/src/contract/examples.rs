//! The examples of the contract are what the contract says, and what `events/` sends.

use super::{CONTRACT, operation, operations, resolved, validator, wrong};
use crate::script::body_of;
use serde_json::Value;

/// Every example of a media type, by name.
fn examples(media: &'static Value) -> Vec<(String, &'static Value)> {
    let mut all: Vec<(String, &Value)> =
        media.get("example").map(|one| ("example".to_owned(), one)).into_iter().collect();
    if let Some(named) = media["examples"].as_object() {
        all.extend(named.iter().map(|(name, example)| (name.clone(), &resolved(example)["value"])));
    }
    all
}

fn check(place: &str, media: &'static Value) {
    let found = examples(media);
    assert!(!found.is_empty(), "{place} has no example");
    let schema = validator(&media["schema"]);
    for (name, example) in found {
        let problems = wrong(&schema, example);
        assert!(problems.is_empty(), "{place}, {name}: {problems:#?}");
    }
}

#[test]
fn every_body_of_the_contract_has_examples_and_they_are_valid() {
    for it in operations() {
        let name = &it.document["operationId"];
        if let Some(body) = it.document.get("requestBody") {
            check(&format!("{name}, request"), &body["content"]["application/json"]);
        }
        for (status, response) in it.document["responses"].as_object().unwrap() {
            for (kind, media) in resolved(response)["content"].as_object().into_iter().flatten() {
                check(&format!("{name}, {status} {kind}"), media);
            }
        }
    }
}

#[test]
fn every_schema_that_gives_examples_accepts_them() {
    let mut places = vec![("", &*CONTRACT)];
    let mut seen = 0;
    while let Some((key, value)) = places.pop() {
        match value {
            Value::Object(map) => {
                if let (Some(examples), true) =
                    (map.get("examples").and_then(Value::as_array), map.contains_key("type"))
                {
                    let schema = validator(value);
                    for example in examples {
                        seen += 1;
                        assert_eq!(wrong(&schema, example), Vec::<String>::new(), "{key}");
                    }
                }
                places.extend(
                    map.iter().filter(|(name, _)| *name != "examples").map(|(name, value)| (name.as_str(), value)),
                );
            }
            Value::Array(items) => places.extend(items.iter().map(|item| (key, item))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn the_requests_in_events_are_the_examples_of_the_contract() {
    let value = |id: &str, name: &str| {
        let body = &operation(id).document["requestBody"]["content"]["application/json"];
        body["examples"][name]["value"].clone()
    };
    assert_eq!(value("createPlatform", "minimal"), body_of("create-platform-minimal"));
    assert_eq!(value("createPlatform", "everything"), body_of("create-platform"));
    assert_eq!(value("createPlatform", "inputs"), body_of("create-platform-inputs"));
    assert_eq!(value("changePlatform", "change"), body_of("change-platform"));
}
