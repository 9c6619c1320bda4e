//! CBOR messages (rpc-v2-cbor): to JSON values and back. Times are tag 1, doubles stay doubles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ciborium::value::Value as Cbor;
use serde_json::{Map, Number, Value};

use crate::rules::interface::{Interface, Kind};

/// Seconds since the epoch (RFC 8949, 3.4.2).
const EPOCH_TAG: u64 = 1;

/// Reads a message. An empty body is an empty structure.
pub fn read(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let cbor: Cbor = ciborium::from_reader(body).map_err(|e| format!("the body is not CBOR: {e}"))?;
    to_json(cbor)
}

fn to_json(cbor: Cbor) -> Result<Value, String> {
    Ok(match cbor {
        Cbor::Integer(n) => {
            let n = i64::try_from(n).map_err(|_| "an integer is out of range".to_owned())?;
            Value::from(n)
        }
        Cbor::Float(n) => Number::from_f64(n).map_or(Value::Null, Value::Number),
        Cbor::Text(text) => Value::String(text),
        Cbor::Bytes(bytes) => Value::String(BASE64.encode(bytes)),
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Null => Value::Null,
        Cbor::Tag(_, inner) => to_json(*inner)?,
        Cbor::Array(items) => items.into_iter().map(to_json).collect::<Result<_, _>>()?,
        Cbor::Map(entries) => {
            let mut out = Map::new();
            for (key, value) in entries {
                let Cbor::Text(key) = key else {
                    return Err("a member's name is not text".to_owned());
                };
                out.insert(key, to_json(value)?);
            }
            Value::Object(out)
        }
        other => return Err(format!("{other:?} has no meaning here")),
    })
}

/// Writes a value of the shape `name`; without a shape, as it is.
pub fn write(interface: &Interface, name: Option<&str>, value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(&from_json(interface, name, value), &mut out).expect("BUG: writing to memory cannot fail");
    out
}

fn from_json(interface: &Interface, name: Option<&str>, value: &Value) -> Cbor {
    let shape = name.map(|name| interface.shape(name));
    let kind = shape.map(|shape| shape.kind);
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(n) => number(kind, n),
        Value::Array(items) => {
            let of = shape.and_then(|shape| shape.of.as_deref());
            Cbor::Array(items.iter().map(|item| from_json(interface, of, item)).collect())
        }
        Value::Object(members) => {
            let of = |member: &str| match (kind, shape) {
                (Some(Kind::Structure), Some(shape)) => shape.members.get(member).map(|m| m.shape.as_str()),
                (_, Some(shape)) => shape.of.as_deref(),
                (_, None) => None,
            };
            let entries = members.iter().map(|(k, v)| (Cbor::Text(k.clone()), from_json(interface, of(k), v)));
            Cbor::Map(entries.collect())
        }
    }
}

fn number(kind: Option<Kind>, n: &Number) -> Cbor {
    let float = Cbor::Float(n.as_f64().unwrap_or_default());
    match (kind, n.as_i64()) {
        (Some(Kind::Timestamp), _) => Cbor::Tag(EPOCH_TAG, Box::new(float)),
        (Some(Kind::Float | Kind::Double), _) | (_, None) => float,
        (_, Some(n)) => Cbor::Integer(n.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_tagged_and_doubles_stay_doubles() {
        let interface = Interface::of("cloudwatch").unwrap();
        let value = json!({"MetricAlarms": [{"Threshold": 1, "Period": 60, "StateUpdatedTimestamp": 5}]});
        let bytes = write(interface, Some("DescribeAlarmsOutput"), &value);
        let Cbor::Map(entries) = ciborium::from_reader(&bytes[..]).unwrap() else { panic!("not a map") };
        let (_, Cbor::Array(alarms)) = &entries[0] else { panic!("not a list") };
        let Cbor::Map(alarm) = &alarms[0] else { panic!("not a map") };
        let of = |name: &str| alarm.iter().find(|(k, _)| k.as_text() == Some(name)).map(|(_, v)| v.clone()).unwrap();
        assert_eq!(of("Threshold"), Cbor::Float(1.0));
        assert_eq!(of("Period"), Cbor::Integer(60.into()));
        assert_eq!(of("StateUpdatedTimestamp"), Cbor::Tag(1, Box::new(Cbor::Float(5.0))));
        assert_eq!(read(&bytes).unwrap()["MetricAlarms"][0]["Period"], 60);
    }
}
