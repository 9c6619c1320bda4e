//! What the functions that serve no requests are invoked with: the trigger types of `aws_lambda_events`, and what we
//! tell apart among them. The samples in `events/` are parsed by a test.

use aws_lambda_events::cloudwatch_alarms::CloudWatchAlarmData;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::SqsEvent;
use serde::Deserialize;
use serde_json::Value;

/// What `provision` and `deliver-webhooks` are invoked with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    Batch(SqsEvent),
    Sweep(Sweep),
}

/// The schedule's constant input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    pub sweep: bool,
}

/// A message of the wake-ups queue: our own, or an event that a rule sent there.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wakeup {
    Platform { platform: String },
    Event(EventBridgeEvent),
}

/// The detail of a "CloudWatch Alarm State Change" (aws-facts 4). It has the shape of the alarm in the payload of an
/// alarm's Lambda action. What the alarm watches and the reason's data are not read: their shapes differ by alarm.
pub type AlarmChange = CloudWatchAlarmData<Value, Value>;

/// The detail of an event that a rule of our bus put into a queue.
pub fn bus_event(body: &str) -> Option<Value> {
    serde_json::from_str::<EventBridgeEvent>(body).ok().map(|event| event.detail)
}
