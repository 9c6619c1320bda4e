//! JSON messages against the interface tables: what goes out has only the members that the interface names, and times in
//! the form that the protocol wants.

use serde_json::{Map, Number, Value};

use crate::rules::interface::{Interface, Kind, Shape};
use crate::world::rfc3339_secs;

/// How a protocol writes times where the table does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Seconds since the epoch, as a number: all JSON protocols.
    Epoch,
    /// RFC 3339: the XML protocols.
    Text,
}

/// `value` as the shape `name` shows it: other members left out, times converted, absent ones dropped.
pub fn shaped(interface: &Interface, name: &str, value: &Value, times: Times) -> Value {
    let shape = interface.shape(name);
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(members)) => {
            let mut out = Map::new();
            for (wire, member) in &shape.members {
                if let Some(value) = members.get(wire).filter(|value| !value.is_null()) {
                    out.insert(wire.clone(), shaped(interface, &member.shape, value, times));
                }
            }
            Value::Object(out)
        }
        (Kind::List, Value::Array(items)) => {
            let of = shape.of.as_deref().unwrap_or_default();
            items.iter().map(|item| shaped(interface, of, item, times)).collect()
        }
        (Kind::Map, Value::Object(members)) => {
            let of = shape.of.as_deref().unwrap_or_default();
            Value::Object(members.iter().map(|(k, v)| (k.clone(), shaped(interface, of, v, times))).collect())
        }
        (Kind::Timestamp, value) => time(shape, value, times),
        (_, value) => value.clone(),
    }
}

/// The world's documents hold times as seconds since the epoch.
fn time(shape: &Shape, value: &Value, times: Times) -> Value {
    let text = match shape.format.as_deref() {
        Some("iso8601") => true,
        Some(_) => false,
        None => times == Times::Text,
    };
    match (value.as_f64(), text) {
        // Milliseconds of this century are exact in a double.
        (Some(seconds), true) => Value::String(rfc3339_secs((seconds * 1000.0) as i64)),
        (Some(seconds), false) => Number::from_f64(seconds).map_or(Value::Null, Value::Number),
        (None, _) => value.clone(),
    }
}
