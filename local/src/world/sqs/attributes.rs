//! A queue's attributes: SQS passes all of them as strings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Depth, MAX_DELAY_SECS, MAX_VISIBILITY_SECS, Queue, invalid};
use crate::world::{AwsError, Ms};

/// The settings of a queue, with SQS's defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSettings {
    pub visibility_secs: i64,
    pub retention_secs: i64,
    pub delay_secs: i64,
    pub receive_wait_secs: i64,
    pub maximum_bytes: usize,
    pub redrive: Option<Redrive>,
    /// The queue policy, as JSON text.
    pub policy: Option<String>,
    pub sse: bool,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redrive {
    pub dead_letter_target_arn: String,
    pub max_receive_count: u32,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            visibility_secs: 30,
            retention_secs: 345_600,
            delay_secs: 0,
            receive_wait_secs: 0,
            // 1 MB since late 2025 (aws-facts 5.4b).
            maximum_bytes: 1_048_576,
            redrive: None,
            policy: None,
            sse: true,
        }
    }
}

impl QueueSettings {
    /// Sets the attributes that are named, after checking each.
    pub fn apply(&mut self, attributes: &BTreeMap<String, String>) -> Result<(), AwsError> {
        for (name, value) in attributes {
            match name.as_str() {
                "VisibilityTimeout" => self.visibility_secs = number(name, value, 0, MAX_VISIBILITY_SECS)?,
                "MessageRetentionPeriod" => self.retention_secs = number(name, value, 60, 1_209_600)?,
                "DelaySeconds" => self.delay_secs = number(name, value, 0, MAX_DELAY_SECS)?,
                "ReceiveMessageWaitTimeSeconds" => self.receive_wait_secs = number(name, value, 0, 20)?,
                "MaximumMessageSize" => {
                    let bytes = number(name, value, 1024, 1_048_576)?;
                    self.maximum_bytes = usize::try_from(bytes).map_err(|_| bad_value(name, value))?;
                }
                "RedrivePolicy" => self.redrive = redrive(name, value)?,
                "Policy" => self.policy = (!value.is_empty()).then(|| value.clone()),
                "SqsManagedSseEnabled" => self.sse = value.parse().map_err(|_| bad_value(name, value))?,
                other => {
                    let message = format!("Unknown Attribute {other}.");
                    return Err(AwsError::new(400, "InvalidAttributeName", message));
                }
            }
        }
        Ok(())
    }
}

impl Queue {
    /// Every attribute that GetQueueAttributes can name.
    pub fn attributes(&self, now: Ms) -> BTreeMap<String, String> {
        let Depth { visible, in_flight, delayed } = self.depth(now);
        let settings = &self.settings;
        let mut all: BTreeMap<String, String> = [
            ("QueueArn", self.arn.clone()),
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
            ("CreatedTimestamp", (self.created / 1000).to_string()),
            ("LastModifiedTimestamp", (self.modified / 1000).to_string()),
            ("VisibilityTimeout", settings.visibility_secs.to_string()),
            ("MessageRetentionPeriod", settings.retention_secs.to_string()),
            ("DelaySeconds", settings.delay_secs.to_string()),
            ("ReceiveMessageWaitTimeSeconds", settings.receive_wait_secs.to_string()),
            ("MaximumMessageSize", settings.maximum_bytes.to_string()),
            ("SqsManagedSseEnabled", settings.sse.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if let Some(policy) = &settings.policy {
            all.insert("Policy".into(), policy.clone());
        }
        if let Some(redrive) = &settings.redrive {
            let text = serde_json::to_string(redrive).expect("BUG: a redrive policy is plain JSON");
            all.insert("RedrivePolicy".into(), text);
        }
        all
    }
}

fn number(name: &str, value: &str, low: i64, high: i64) -> Result<i64, AwsError> {
    value.parse().ok().filter(|number| (low..=high).contains(number)).ok_or_else(|| bad_value(name, value))
}

fn bad_value(name: &str, value: &str) -> AwsError {
    AwsError::new(400, "InvalidAttributeValue", format!("Invalid value for the parameter {name}: {value}"))
}

/// SQS takes `maxReceiveCount` as a number and as a string.
fn redrive(name: &str, value: &str) -> Result<Option<Redrive>, AwsError> {
    if value.is_empty() {
        return Ok(None);
    }
    let json: Value = serde_json::from_str(value).map_err(|_| bad_value(name, value))?;
    let count = match &json["maxReceiveCount"] {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let count = count.and_then(|count| u32::try_from(count).ok()).filter(|count| (1..=1000).contains(count));
    match (json["deadLetterTargetArn"].as_str(), count) {
        (Some(arn), Some(max_receive_count)) => {
            Ok(Some(Redrive { dead_letter_target_arn: arn.to_owned(), max_receive_count }))
        }
        _ => Err(invalid(format!(
            "Value {value} for parameter RedrivePolicy is invalid. Reason: it needs deadLetterTargetArn and a \
             maxReceiveCount from 1 to 1000."
        ))),
    }
}
