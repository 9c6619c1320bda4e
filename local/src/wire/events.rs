//! EventBridge: PutEvents onto the buses of the stack. An answer is 200 even where entries failed: those carry a code in place of an
//! id (aws-facts 5.4).

use serde_json::{Value, json};

use super::fields::not_simulated;
use crate::world::{AwsError, Ms, PutEvent, World};

/// Of all entries of a call (aws-facts 5.4; the older and smaller of two bounds).
const TOTAL_MOST: usize = 256 * 1024;

/// Carries out `operation`.
pub fn call(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    if operation != "PutEvents" {
        return Err(not_simulated("events", operation));
    }
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let size: usize = entries.iter().map(size).sum();
    if size > TOTAL_MOST {
        let message = "Total size of the entries in the request is over the limit.";
        return Err(AwsError::new(400, "ValidationException", message));
    }
    let results: Vec<Value> = entries.iter().map(|entry| put(world, region, now, entry)).collect();
    let failed = results.iter().filter(|result| result["EventId"].is_null()).count();
    Ok(json!({"FailedEntryCount": failed, "Entries": results}))
}

fn text<'a>(entry: &'a Value, member: &str) -> &'a str {
    entry[member].as_str().unwrap_or_default()
}

/// As the guide counts: 14 bytes for the time, and every text.
fn size(entry: &Value) -> usize {
    let time = if entry["Time"].is_null() { 0 } else { 14 };
    time + ["Source", "DetailType", "Detail"].iter().map(|member| text(entry, member).len()).sum::<usize>()
}

fn put(world: &mut World, region: &str, now: Ms, entry: &Value) -> Value {
    match judged(world, region, entry) {
        Err((code, message)) => json!({"ErrorCode": code, "ErrorMessage": message}),
        Ok((bus, detail)) => {
            let time = entry["Time"].as_f64().map_or(now, |seconds| (seconds * 1000.0) as Ms);
            let event = PutEvent { source: text(entry, "Source"), kind: text(entry, "DetailType"), time, detail };
            json!({"EventId": world.put_event(region, &bus, now, event)})
        }
    }
}

/// The bus and the detail of an entry that can be put.
fn judged(world: &World, region: &str, entry: &Value) -> Result<(String, Value), (&'static str, String)> {
    for member in ["Source", "DetailType", "Detail"] {
        if text(entry, member).is_empty() {
            let message = format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
            return Err(("InvalidArgument", message));
        }
    }
    if text(entry, "Source").starts_with("aws.") {
        let message = format!("Not authorized for the source {}.", text(entry, "Source"));
        return Err(("NotAuthorizedForSourceException", message));
    }
    let detail: Value = serde_json::from_str(text(entry, "Detail")).unwrap_or(Value::Null);
    if !detail.is_object() {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    }
    let named = match text(entry, "EventBusName") {
        "" => "default",
        name => name.rsplit('/').next().unwrap_or(name),
    };
    // Stricter than AWS may be, which is said to drop such events in silence.
    if !world.has_bus(region, named) {
        return Err(("ResourceNotFoundException", format!("Event bus {named} does not exist.")));
    }
    Ok((named.to_owned(), detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::WorldConfig;

    fn entry(changes: &[(&str, Value)]) -> Value {
        let mut entry =
            json!({"Source": "headend", "DetailType": "platform.live", "Detail": "{}", "EventBusName": "live"});
        changes.iter().for_each(|(member, value)| entry[*member] = value.clone());
        entry
    }

    #[test]
    fn each_entry_is_taken_or_refused_by_itself() {
        let mut world = World::new(WorldConfig::default());
        world.add_bus("eu-west-1", "live");
        let entries = [
            entry(&[]),
            entry(&[("Source", json!("aws.medialive"))]),
            entry(&[("Detail", json!("not json"))]),
            entry(&[("DetailType", Value::Null)]),
            entry(&[("EventBusName", json!("other"))]),
        ];
        let answer = call(&mut world, "eu-west-1", 0, "PutEvents", &json!({"Entries": entries})).unwrap();
        assert_eq!(answer["FailedEntryCount"], 4);
        let codes: Vec<&str> = (1..5).map(|n| answer["Entries"][n]["ErrorCode"].as_str().unwrap()).collect();
        let wanted =
            ["NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument", "ResourceNotFoundException"];
        assert_eq!(codes, wanted);
        let emitted = world.take_events(0);
        assert_eq!(emitted.len(), 1);
        assert_eq!(emitted[0].bus.as_deref(), Some("live"));
        assert_eq!(emitted[0].event["detail-type"], "platform.live");
    }

    #[test]
    fn a_call_that_is_too_large_is_refused_as_a_whole() {
        let mut world = World::new(WorldConfig::default());
        world.add_bus("eu-west-1", "live");
        let large = entry(&[("Detail", json!("x".repeat(TOTAL_MOST)))]);
        let refused = call(&mut world, "eu-west-1", 0, "PutEvents", &json!({"Entries": [large]})).unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (400, "ValidationException"));
    }
}
