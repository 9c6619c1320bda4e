//! The trace that an invocation belongs to: the caller's where it sent one in the header `X-Amzn-Trace-Id`, else a new one. Nothing is
//! sampled: there is no X-Ray here.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Deserialize;

/// What is read of an event.
#[derive(Deserialize)]
struct Headers {
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// A new trace: when it began, in seconds, and 96 bits at random.
pub fn root() -> String {
    let secs = super::epoch_ms() / 1000;
    format!("Root=1-{secs:08x}-{}", hex::encode(rand::random::<[u8; 12]>()))
}

/// The header that the function gets.
pub fn of(payload: &Bytes) -> String {
    let event: Option<Headers> = serde_json::from_slice(payload).ok();
    let sent = event.and_then(|event| event.headers.get("x-amzn-trace-id").cloned());
    let given = sent.as_deref().and_then(|sent| sent.split(';').find(|part| part.starts_with("Root=1-")));
    let root = given.map_or_else(root, str::to_owned);
    format!("{root};Parent={};Sampled=0", hex::encode(rand::random::<[u8; 8]>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_trace_goes_on_and_every_other_event_has_its_own() {
        let event = Bytes::from_static(
            br#"{"headers": {"x-amzn-trace-id": "Self=1-a-b;Root=1-67891233-abcdef012345678912345678"}}"#,
        );
        let traced = of(&event);
        assert!(traced.starts_with("Root=1-67891233-abcdef012345678912345678;Parent="), "{traced}");
        let (one, other) = (of(&Bytes::from_static(b"{}")), of(&Bytes::from_static(b"[1]")));
        assert!(one.starts_with("Root=1-") && one.ends_with(";Sampled=0") && one != other, "{one} {other}");
    }
}
