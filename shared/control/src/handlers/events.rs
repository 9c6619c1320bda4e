//! The shapes of the events that functions receive, as far as we read them. The samples in `events/` are parsed
//! by a test.

use serde::{Deserialize, Serialize};

/// What `provision` is invoked with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    Batch(SqsBatch),
    Sweep(Sweep),
}

/// The schedule's constant input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    pub sweep: bool,
}

#[derive(Debug, Deserialize)]
pub struct SqsBatch {
    #[serde(rename = "Records")]
    pub records: Vec<SqsRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsRecord {
    pub message_id: String,
    pub body: String,
}

/// The messages that failed; SQS delivers them again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    pub batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    pub item_identifier: String,
}

/// A message of the wake-ups queue: our own, or an event that a rule sent there.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wakeup {
    Platform { platform: String },
    Event(AwsEvent),
}

/// The envelope of an EventBridge event.
#[derive(Debug, Clone, Deserialize)]
pub struct AwsEvent {
    pub id: String,
    pub source: String,
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    #[serde(default)]
    pub resources: Vec<String>,
    #[serde(default)]
    pub detail: serde_json::Value,
}

/// The detail of a "CloudWatch Alarm State Change".
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmChange {
    pub state: AlarmState,
}

#[derive(Debug, Deserialize)]
pub struct AlarmState {
    pub value: String,
    #[serde(default)]
    pub reason: String,
    pub timestamp: String,
}
