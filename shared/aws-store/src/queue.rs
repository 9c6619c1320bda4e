//! The queue of wake-ups on SQS. A message names a platform and carries no orders.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use headend_control::ports::Wakeups;
use headend_domain::ids::PlatformKey;
use headend_domain::limits::MAX_WAKE_DELAY_SECS;
use serde_json::json;
use std::sync::OnceLock;

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
            .delay_seconds(i32::try_from(delay).unwrap_or(i32::MAX));
        request.send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        Ok(())
    }
}
