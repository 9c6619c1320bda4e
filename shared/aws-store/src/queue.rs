//! The queue of wake-ups on SQS. A message names a platform and carries no orders.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use headend_control::ports::Wakeups;
use headend_domain::ids::PlatformKey;
use headend_domain::limits::MAX_WAKE_DELAY_SECS;
use serde_json::json;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Where the runtime says which trace the invocation belongs to.
const TRACE: &str = "_X_AMZN_TRACE_ID";

type System = HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>;

pub struct Queue {
    sdk: SdkConfig,
    /// Made when it is first used: a third of what a function does before its first event, and those that only read never
    /// use it.
    client: OnceLock<Client>,
    url: String,
}

impl Queue {
    pub fn new(config: &SdkConfig, url: &str) -> Self {
        Self { sdk: config.clone(), client: OnceLock::new(), url: url.to_owned() }
    }
}

impl Wakeups for Queue {
    async fn wake(&self, key: &PlatformKey, delay_secs: i64) -> Result<(), String> {
        let delay = delay_secs.clamp(0, MAX_WAKE_DELAY_SECS);
        let client = self.client.get_or_init(|| Client::new(&self.sdk));
        let request = client
            .send_message()
            .queue_url(&self.url)
            .message_body(json!({ "platform": key.to_string() }).to_string())
            .delay_seconds(i32::try_from(delay).unwrap_or(i32::MAX))
            .set_message_system_attributes(trace());
        request.send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        Ok(())
    }
}

/// The trace goes on with the message, so that what a request set off can be found by the request's trace.
fn trace() -> Option<System> {
    let header = std::env::var(TRACE).ok().filter(|header| !header.is_empty())?;
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(header).build().ok()?;
    Some(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}
