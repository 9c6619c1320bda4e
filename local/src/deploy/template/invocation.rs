//! How Lambda invokes a function for events.

use serde::Deserialize;

/// How often and how long Lambda tries with an event, and where what failed goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EventInvokeConfig {
    pub maximum_event_age_in_seconds: Option<u32>,
    pub maximum_retry_attempts: Option<u32>,
    pub destination_config: Option<DestinationConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DestinationConfig {
    pub on_failure: OnFailure,
}

/// A queue, by its ARN. SAM lets the function's role send to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, tag = "Type", content = "Destination")]
pub enum OnFailure {
    #[serde(rename = "SQS")]
    Sqs(String),
}
