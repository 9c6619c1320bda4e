//! Takes members out of a request that `rules` has found well formed.

use serde_json::{Map, Value};

use crate::world::{AwsError, Ms, Page, Tags};

/// A text member, if it is there.
pub fn text(input: &Value, name: &str) -> Option<String> {
    input.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A text member that the interface requires; empty when the caller left it out all the same.
pub fn required(input: &Value, name: &str) -> String {
    text(input, name).unwrap_or_default()
}

/// A list of texts; none when it is absent.
pub fn texts(input: &Value, name: &str) -> Option<Vec<String>> {
    let items = input.get(name)?.as_array()?;
    Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// A list of objects.
pub fn objects<'a>(input: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    input.get(name)?.as_array()
}

pub fn flag(input: &Value, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

pub fn int(input: &Value, name: &str) -> Option<i64> {
    input.get(name).and_then(Value::as_i64)
}

/// Tags as the REST services have them: a map.
pub fn tag_map(input: &Value, name: &str) -> Tags {
    let Some(map) = input.get(name).and_then(Value::as_object) else {
        return Tags::new();
    };
    map.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// Tags as a list of Key and Value.
pub fn tag_list(list: Option<&Vec<Value>>) -> Tags {
    list.into_iter().flatten().map(|tag| (required(tag, "Key"), required(tag, "Value"))).collect()
}

/// Tags out again, as a list of Key and Value.
pub fn as_tag_list(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| serde_json::json!({"Key": key, "Value": value})).collect()
}

/// The page that a list call asks for.
pub fn page(input: &Value, size: &str, token: &str) -> Page {
    let max_results = int(input, size).and_then(|n| usize::try_from(n).ok());
    Page { max_results, next_token: text(input, token) }
}

/// A moment as answers hold it: seconds since the epoch.
pub fn seconds(at: Ms) -> Value {
    // Milliseconds of this century are exact in a double.
    serde_json::json!(at as f64 / 1000.0)
}

/// The object behind a document, empty when it is none.
pub fn object(doc: &Value) -> Map<String, Value> {
    doc.as_object().cloned().unwrap_or_default()
}

/// A document without some of its members.
pub fn without(doc: &Value, names: &[&str]) -> Value {
    let mut members = object(doc);
    for name in names {
        members.remove(*name);
    }
    Value::Object(members)
}

/// An operation that is in the table, but that no code answers: the tables promise more than the account has.
pub fn not_simulated(service: &str, operation: &str) -> AwsError {
    let message = format!("the local cloud does not simulate {operation} of {service}");
    AwsError::new(404, "UnknownOperationException", message)
}
