//! The recording of every AWS request and answer, one JSON object a line:
//! `{time, function, service, operation, method, uri, headers, body, status, response}`, and for a function's call the
//! `privileges` that it needed.
//!
//! A body that is not UTF-8 stands under `body_base64` (`response_base64`) instead. Secret values are replaced by
//! `[redacted]` unless the recorder was told to keep them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::world::{Ms, rfc3339};

const REDACTED: &str = "[redacted]";
/// Members whose values are secret, in JSON bodies.
const SECRET_MEMBERS: [&str; 5] = ["SecretString", "SecretBinary", "password", "Password", "HeaderValue"];
/// Elements whose text is secret, in XML bodies: the CDN identifier is an origin's custom header (aws-facts 2.6).
const SECRET_ELEMENT: &str = "HeaderValue";

/// Writes the recording.
pub struct Recorder {
    file: Mutex<BufWriter<File>>,
    keep_secrets: bool,
}

/// One request and its answer.
pub struct Entry<'a> {
    pub time: Ms,
    pub function: Option<&'a str>,
    pub service: &'a str,
    pub operation: &'a str,
    pub method: &'a str,
    pub uri: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub status: u16,
    pub response: &'a [u8],
    /// The permissions that a function's call needed, as far as they were looked at.
    pub privileges: &'a [Value],
}

impl Recorder {
    /// Starts a new recording; an older file of the name is replaced.
    pub fn create(path: &Path, keep_secrets: bool) -> std::io::Result<Self> {
        Ok(Self { file: Mutex::new(BufWriter::new(File::create(path)?)), keep_secrets })
    }

    /// Adds one line. A disk that is full loses the recording, not the call: that is logged once for each line.
    pub fn write(&self, entry: &Entry<'_>) {
        let line = self.line(entry).to_string();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(file, "{line}").and_then(|()| file.flush()) {
            tracing::warn!(%error, "a request could not be recorded");
        }
    }

    fn line(&self, entry: &Entry<'_>) -> Value {
        let mut line = Map::new();
        line.insert("time".into(), json!(rfc3339(entry.time)));
        line.insert("function".into(), json!(entry.function));
        line.insert("service".into(), json!(entry.service));
        line.insert("operation".into(), json!(entry.operation));
        line.insert("method".into(), json!(entry.method));
        line.insert("uri".into(), json!(entry.uri));
        line.insert("headers".into(), self.headers(entry.headers));
        self.body(&mut line, "body", entry.body);
        line.insert("status".into(), json!(entry.status));
        self.body(&mut line, "response", entry.response);
        if !entry.privileges.is_empty() {
            line.insert("privileges".into(), json!(entry.privileges));
        }
        Value::Object(line)
    }

    fn headers(&self, headers: &HeaderMap) -> Value {
        let secret = |name: &str| !self.keep_secrets && matches!(name, "authorization" | "x-amz-security-token");
        let entries = headers.iter().map(|(name, value)| {
            let text = if secret(name.as_str()) { REDACTED.into() } else { String::from_utf8_lossy(value.as_bytes()) };
            (name.as_str().to_owned(), json!(text))
        });
        Value::Object(entries.collect())
    }

    fn body(&self, line: &mut Map<String, Value>, key: &str, body: &[u8]) {
        match std::str::from_utf8(body) {
            Ok(text) if self.keep_secrets => line.insert(key.into(), json!(text)),
            Ok(text) => line.insert(key.into(), json!(redact(text))),
            Err(_) => line.insert(format!("{key}_base64"), json!(BASE64.encode(body))),
        };
    }
}

/// `text` with its secret values replaced; anything but JSON and XML is left as it is.
fn redact(text: &str) -> String {
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => match serde_json::from_str::<Value>(text) {
            Ok(mut json) => {
                redact_json(&mut json);
                json.to_string()
            }
            Err(_) => text.to_owned(),
        },
        Some(b'<') => redact_xml(text),
        _ => text.to_owned(),
    }
}

fn redact_json(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) && !member.is_null() {
                    *member = json!(REDACTED);
                } else {
                    redact_json(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact_json),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn redact_xml(text: &str) -> String {
    let (open, close) = (format!("<{SECRET_ELEMENT}>"), format!("</{SECRET_ELEMENT}>"));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&open) {
        let Some((_, tail)) = after.split_once(&close) else {
            break;
        };
        out.push_str(before);
        out.push_str(&open);
        out.push_str(REDACTED);
        out.push_str(&close);
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_values_do_not_reach_the_recording() {
        let json = redact(r#"{"Name":"n","SecretString":"hush","a":[{"password":"p"}]}"#);
        assert_eq!(json, r#"{"Name":"n","SecretString":"[redacted]","a":[{"password":"[redacted]"}]}"#);
        let xml = redact("<H><HeaderName>X</HeaderName><HeaderValue>hush</HeaderValue></H>");
        assert_eq!(xml, "<H><HeaderName>X</HeaderName><HeaderValue>[redacted]</HeaderValue></H>");
    }
}
