//! Lambda's asynchronous invocation: it keeps an event, tries again after a failure, and gives up after so many tries or
//! so much time; what it gave up on goes to the destination of the function's EventInvokeConfig (aws-facts 5.6).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::QueueTarget;
use crate::cloud::Cloud;
use crate::deploy::lambda::{FunctionError, InvokeError, Invoker};
use crate::world::sqs::Send;

/// Pauses before the two retries, in simulated seconds.
const RETRY_SECS: [f64; 2] = [60.0, 120.0];
/// Pause before a throttled invocation is tried again, in simulated seconds.
const THROTTLED_RETRY_SECS: f64 = 5.0;

/// What a function's EventInvokeConfig says, or Lambda's defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct AsyncSettings {
    /// 0 to 2.
    pub retries: usize,
    /// Simulated seconds.
    pub max_age_secs: f64,
    /// Where what failed goes.
    pub on_failure: Option<QueueTarget>,
}

impl Default for AsyncSettings {
    fn default() -> Self {
        Self { retries: RETRY_SECS.len(), max_age_secs: 6.0 * 3600.0, on_failure: None }
    }
}

/// A function as the target of events.
#[derive(Clone)]
pub struct AsyncFunction {
    /// The short name.
    pub name: String,
    pub arn: String,
    pub invoke: Invoker,
    pub settings: AsyncSettings,
}

impl AsyncFunction {
    /// Invokes the function until it succeeds or Lambda gives up.
    pub async fn invoke(self, cloud: Arc<Cloud>, payload: Bytes, speed: f64) {
        let begun = tokio::time::Instant::now();
        let simulated = |secs: f64| Duration::from_secs_f64(secs / speed);
        let mut retries = RETRY_SECS.iter().take(self.settings.retries);
        let (mut tries, mut last) = (0, None);
        while begun.elapsed() < simulated(self.settings.max_age_secs) {
            let pause = match (self.invoke)(payload.clone()).await {
                Ok(_) => return,
                Err(InvokeError::Throttled) => THROTTLED_RETRY_SECS,
                Err(InvokeError::Function(error)) => {
                    tries += 1;
                    let pause = retries.next();
                    let again = pause.is_some();
                    tracing::warn!(function = self.name, %error, again, "an asynchronous invocation failed");
                    last = Some(error);
                    match pause {
                        Some(pause) => *pause,
                        None => return self.give_up(&cloud, "RetriesExhausted", &payload, tries, last),
                    }
                }
            };
            tokio::time::sleep(simulated(pause)).await;
        }
        tracing::warn!(function = self.name, "an asynchronous event grew too old");
        self.give_up(&cloud, "EventAgeExceeded", &payload, tries, last);
    }

    /// The record that Lambda sends to a destination.
    fn give_up(&self, cloud: &Cloud, why: &str, payload: &Bytes, tries: usize, error: Option<FunctionError>) {
        let Some(queue) = &self.settings.on_failure else { return };
        let error = error.map(|error| json!({"errorType": error.error_type, "errorMessage": error.message}));
        let record = json!({
            "version": "1.0",
            "requestContext": {
                "functionArn": format!("{}:$LATEST", self.arn),
                "condition": why,
                "approximateInvokeCount": tries,
            },
            "requestPayload": serde_json::from_slice::<Value>(payload).unwrap_or(Value::Null),
            "responsePayload": error,
        });
        let message = Send { body: record.to_string(), ..Send::default() };
        let sent = cloud.with_world(|world, now| world.send_message(&queue.region, &queue.url, message, now));
        if let Err(error) = sent {
            tracing::warn!(function = self.name, %error, "what failed did not reach its destination");
        }
    }
}
