//! `provision`: wakes platforms up from the queue, and sweeps for the ones that are due without a message.

use crate::execute::Account;
use crate::handlers::events::{Trigger, Wakeup};
use crate::ports::{Clock, Entropy, Wakeups};
use crate::reconcile::{Ended, Hint, Reconciler};
use crate::store::{Due, Inbox, Lookup, Steps, StoreError};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use headend_domain::action::{Seen, Status};
use headend_domain::ids::PlatformKey;
use headend_domain::limits::{DUE_SHARDS, SWEEP_CLAIM_SECS, SWEEP_PAGE};
use headend_domain::time::Timestamp;
use serde_json::{Value, json};
use tracing::Instrument as _;

/// The system attribute of a message that carries a trace on.
const TRACE: &str = "AWSTraceHeader";

pub struct Provision<'a, S, A, Q, C, E> {
    pub reconciler: Reconciler<'a, S, A, Q, C, E>,
}

/// One invocation: its id, which is also the lease's holder, and when it will be killed.
#[derive(Debug, Clone)]
pub struct Invocation {
    pub request_id: String,
    pub deadline: Timestamp,
}

impl<S: Steps + Due + Lookup + Inbox, A: Account, Q: Wakeups, C: Clock, E: Entropy> Provision<'_, S, A, Q, C, E> {
    /// # Errors
    /// Only for a sweep that could not read the table; a batch reports its failures by message.
    pub async fn handle(&self, trigger: Trigger, invocation: &Invocation) -> Result<Value, StoreError> {
        match trigger {
            Trigger::Batch(batch) => Ok(json!(self.batch(batch, invocation).await)),
            Trigger::Sweep(sweep) if sweep.sweep => Ok(json!({"woken": self.sweep().await?})),
            Trigger::Sweep(_) => Ok(json!({"woken": 0})),
        }
    }

    async fn batch(&self, batch: SqsEvent, invocation: &Invocation) -> SqsBatchResponse {
        let mut answer = SqsBatchResponse::default();
        for message in batch.records {
            let body = message.body.unwrap_or_default();
            // What is logged meanwhile names the trace of whoever sent the message.
            let trace = message.attributes.get(TRACE);
            let span = tracing::info_span!("wake-up", requestId = invocation.request_id, xrayTraceId = trace);
            if let Err(error) = self.message(&body, invocation).instrument(span).await {
                // Without an id nothing is lost: a failure that names no message fails the whole batch (aws-facts 5.4b).
                let id = message.message_id.unwrap_or_default();
                tracing::warn!(message = id, error, "a wake-up failed and will be delivered again");
                answer.add_failure(id);
            }
        }
        answer
    }

    async fn message(&self, body: &str, invocation: &Invocation) -> Result<(), String> {
        match serde_json::from_str(body) {
            Ok(Wakeup::Platform { platform }) => match PlatformKey::parse(&platform) {
                Some(key) => self.wake(&key, None, invocation).await,
                None => Err(format!("{platform:?} is no platform's key")),
            },
            Ok(Wakeup::Event(event)) => self.event(&event, invocation).await,
            Err(error) => Err(format!("the message is neither a wake-up nor an event: {error}")),
        }
    }

    /// Events of unknown resources are dropped and counted.
    async fn event(&self, event: &EventBridgeEvent, invocation: &Invocation) -> Result<(), String> {
        for arn in event.resources.iter().flatten() {
            match self.reconciler.store.platform_of(arn).await {
                Ok(Some((key, slot))) => self.wake(&key, Some(Hint { slot, says: says(event) }), invocation).await?,
                Ok(None) => tracing::info!(
                    metric = "UnknownResourceEvents",
                    arn,
                    event = event.detail_type,
                    "event of a resource that is not ours"
                ),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    async fn wake(&self, key: &PlatformKey, hint: Option<Hint>, invocation: &Invocation) -> Result<(), String> {
        let holder = &invocation.request_id;
        match self.reconciler.reconcile(key, hint, holder, invocation.deadline).await {
            Ok(Ended::Unknown) => {
                tracing::info!(platform = %key, "wake-up of an unknown platform");
                Ok(())
            }
            Ok(ended) => {
                tracing::debug!(platform = %key, ?ended, "woken");
                Ok(())
            }
            Err(StoreError::Poisoned { key, why }) => {
                tracing::error!(metric = "PoisonedRecords", platform = %key, why, "record set aside");
                self.reconciler.store.set_aside(&key).await.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Claims every due platform by moving its due time, and wakes it. How long the first of them has been due is the sweep's
    /// lag: a claim moves the due time, so that the lag grows where the sweep does not keep up.
    async fn sweep(&self) -> Result<usize, StoreError> {
        let now = self.reconciler.clock.now();
        let (mut woken, mut lag_ms) = (0, 0);
        for shard in 0..DUE_SHARDS {
            for (key, due_at) in self.reconciler.store.due(shard, now, SWEEP_PAGE).await? {
                lag_ms = lag_ms.max(now.millis_since(due_at));
                if !self.reconciler.store.claim(&key, due_at, now.plus_secs(SWEEP_CLAIM_SECS)).await? {
                    continue;
                }
                match self.reconciler.wakeups.wake(&key, 0).await {
                    Ok(()) => woken += 1,
                    Err(why) => tracing::warn!(platform = %key, why, "no wake-up was sent; a later sweep will look"),
                }
            }
        }
        // The alarm PlatformsWait hears it.
        tracing::info!(metric = "SweepLag", value = lag_ms / 1000, unit = "Seconds", woken, "swept");
        Ok(woken)
    }
}

/// What a channel state change says, in our words. An event's states are not the API's (aws-facts 1.13).
fn says(event: &EventBridgeEvent) -> Option<Seen> {
    let status = match event.detail.get("state")?.as_str()? {
        "CREATED" | "STOPPED" => Status::Ready,
        "STARTING" => Status::Starting,
        "RUNNING" => Status::Running,
        "RECOVERING" => Status::Recovering,
        "STOPPING" => Status::Stopping,
        "DELETING" => Status::Deleting,
        _ => return None,
    };
    let count = event.detail.get("pipelines_running_count").and_then(Value::as_u64).unwrap_or(0);
    Some(Seen { pipelines: u8::try_from(count).unwrap_or(u8::MAX), ..Seen::new(status) })
}
