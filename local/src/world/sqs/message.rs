//! One message: its identity, its digests and its receipts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Send;
use crate::world::{AwsError, Dice, Ms};

/// A message as the queue keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Message {
    id: String,
    pub(super) body: String,
    attributes: BTreeMap<String, MessageAttribute>,
    pub(super) sent_at: Ms,
    first_received: Option<Ms>,
    pub(super) visible_from: Ms,
    pub(super) receive_count: u32,
    /// Tells the receipts of this message from those of one that had its number in a queue of the same name.
    nonce: String,
    dead_letter_source: Option<String>,
    #[serde(default)]
    trace: Option<String>,
}

/// The name of the system attribute that carries a trace on.
pub const TRACE_HEADER: &str = "AWSTraceHeader";

/// A custom attribute of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MessageAttribute {
    pub data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

/// What a sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub message_id: String,
    pub md5_of_body: String,
    pub md5_of_attributes: Option<String>,
}

/// A message as a receiver gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub message_id: String,
    pub receipt_handle: String,
    pub body: String,
    pub md5_of_body: String,
    /// `SentTimestamp`, `ApproximateReceiveCount`...
    pub system: BTreeMap<String, String>,
    pub attributes: BTreeMap<String, MessageAttribute>,
}

/// What a receipt handle says.
pub(super) struct Receipt {
    pub(super) sequence: u64,
    receive_count: u32,
    nonce: String,
}

impl Receipt {
    const PREFIX: &str = "AQEB";

    /// Reads a receipt handle back.
    pub(super) fn parse(handle: &str) -> Result<Self, AwsError> {
        let parts = handle.strip_prefix(Self::PREFIX).map(|rest| rest.split('-').collect::<Vec<_>>());
        let read = match parts.as_deref() {
            Some([sequence, count, nonce]) => sequence
                .parse()
                .ok()
                .zip(count.parse().ok())
                .map(|(sequence, receive_count)| Self { sequence, receive_count, nonce: (*nonce).to_owned() }),
            Some(_) | None => None,
        };
        read.ok_or_else(|| {
            let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            AwsError::new(400, "ReceiptHandleIsInvalid", message)
        })
    }
}

impl Message {
    pub(super) fn new(id: String, send: Send, now: Ms, delay: Ms) -> Self {
        Self {
            id,
            body: send.body,
            attributes: send.attributes,
            trace: send.trace,
            sent_at: now,
            first_received: None,
            visible_from: now + delay,
            receive_count: 0,
            nonce: String::new(),
            dead_letter_source: None,
        }
    }

    pub(super) fn sent(&self) -> Sent {
        Sent {
            message_id: self.id.clone(),
            md5_of_body: md5_hex(self.body.as_bytes()),
            md5_of_attributes: md5_of_attributes(&self.attributes),
        }
    }

    /// Whether this receipt is the latest of this message.
    pub(super) fn holds(&self, receipt: &Receipt) -> bool {
        self.nonce == receipt.nonce && self.receive_count == receipt.receive_count
    }

    pub(super) fn hand_out(&mut self, sequence: u64, now: Ms, dice: &mut Dice) -> Received {
        self.receive_count += 1;
        self.nonce = dice.hex(24);
        let first = *self.first_received.get_or_insert(now);
        let mut system: BTreeMap<String, String> = [
            ("ApproximateFirstReceiveTimestamp", first.to_string()),
            ("ApproximateReceiveCount", self.receive_count.to_string()),
            ("SenderId", "AIDALOCALCLOUD".to_owned()),
            ("SentTimestamp", self.sent_at.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if let Some(trace) = &self.trace {
            system.insert(TRACE_HEADER.into(), trace.clone());
        }
        if let Some(source) = &self.dead_letter_source {
            system.insert("DeadLetterQueueSourceArn".into(), source.clone());
        }
        Received {
            message_id: self.id.clone(),
            receipt_handle: format!("{}{sequence}-{}-{}", Receipt::PREFIX, self.receive_count, self.nonce),
            body: self.body.clone(),
            md5_of_body: md5_hex(self.body.as_bytes()),
            system,
            attributes: self.attributes.clone(),
        }
    }

    /// The same message for the dead-letter queue. It keeps its age, as on AWS, and can be received there at once.
    pub(super) fn buried(mut self, source: &str) -> Self {
        self.dead_letter_source = Some(source.to_owned());
        self.visible_from = self.sent_at;
        self.nonce = String::new();
        self
    }
}

/// The characters that SQS takes: XML's, without most control characters.
pub(super) fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The MD5 digest that SDKs compare with their own.
pub fn md5_hex(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}

/// The digest of the custom attributes: each name, type and value with its length before it, in the order of names.
pub fn md5_of_attributes(attributes: &BTreeMap<String, MessageAttribute>) -> Option<String> {
    use base64::Engine as _;

    if attributes.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        let binary = attribute.data_type.starts_with("Binary");
        let value = match (&attribute.binary_value, &attribute.string_value) {
            (Some(encoded), _) if binary => {
                base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default()
            }
            (_, Some(text)) => text.as_bytes().to_vec(),
            (_, None) => Vec::new(),
        };
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, attribute.data_type.as_bytes());
        bytes.push(if binary { 2 } else { 1 });
        put(&mut bytes, &value);
    }
    Some(md5_hex(&bytes))
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(part);
}
