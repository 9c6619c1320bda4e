//! Lambda's event source mapping for SQS: batches, the maximum concurrency, and what is deleted after an answer
//! (aws-facts 5.4b). What is not deleted becomes visible again after the queue's visibility timeout.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::lambda::{InvokeError, Invoker};
use crate::cloud::Cloud;
use crate::world::sqs::{Receive, Received};

/// A queue that is empty is looked at again after this long even if nothing seems to have changed.
const IDLE_POLL: Duration = Duration::from_secs(1);

/// A queue and the function that empties it.
#[derive(Clone)]
pub struct Mapping {
    pub region: String,
    pub queue_url: String,
    pub queue_arn: String,
    pub batch_size: usize,
    pub maximum_concurrency: usize,
    /// Whether the function names the messages that failed.
    pub report_failures: bool,
    /// The function's short name.
    pub function: String,
    pub invoke: Invoker,
}

/// Polls the queue until the task is aborted.
pub async fn run(cloud: Arc<Cloud>, mapping: Mapping) {
    let permits = Arc::new(Semaphore::new(mapping.maximum_concurrency));
    let mapping = Arc::new(mapping);
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        let batch = next_batch(&cloud, &mapping).await;
        let (cloud, mapping) = (cloud.clone(), mapping.clone());
        tokio::spawn(async move {
            work(&cloud, &mapping, batch).await;
            drop(permit);
        });
    }
}

/// Waits until there is at least one message.
async fn next_batch(cloud: &Cloud, mapping: &Mapping) -> Vec<Received> {
    loop {
        // Before looking: a message that comes in between wakes us.
        let changed = cloud.changed();
        let now = cloud.now();
        let (received, due) = {
            let world = cloud.world();
            let mut world = world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let ask = Receive { max: mapping.batch_size, visibility_secs: None };
            let received = world.receive_messages(&mapping.region, &mapping.queue_url, ask, now);
            let due = world.queue(&mapping.region, &mapping.queue_url).ok().and_then(|queue| queue.next_due());
            (received, due)
        };
        match received {
            Ok(messages) if !messages.is_empty() => return messages,
            Ok(_) => {}
            Err(error) => tracing::warn!(queue = mapping.queue_url, %error, "a mapping cannot read its queue"),
        }
        let until_due = due.map(|due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0)));
        let pause = until_due.unwrap_or(IDLE_POLL).min(IDLE_POLL).max(Duration::from_millis(1));
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Invokes the function with one batch and deletes what succeeded.
async fn work(cloud: &Cloud, mapping: &Mapping, batch: Vec<Received>) {
    let event = event(mapping, &batch).to_string();
    let done: Vec<&Received> = match (mapping.invoke)(Bytes::from(event)).await {
        Ok(answer) => match succeeded(mapping.report_failures, &answer, &batch) {
            Ok(done) => done,
            Err(problem) => {
                let function = &mapping.function;
                tracing::warn!(function, problem, "a malformed answer fails the whole batch");
                Vec::new()
            }
        },
        Err(InvokeError::Throttled) => Vec::new(),
        Err(InvokeError::Function(error)) => {
            tracing::warn!(function = mapping.function, %error, "a batch failed");
            Vec::new()
        }
    };
    if done.is_empty() {
        return;
    }
    cloud.with_world(|world, _| {
        for message in done {
            let deleted = world.delete_message(&mapping.region, &mapping.queue_url, &message.receipt_handle);
            if let Err(error) = deleted {
                tracing::warn!(queue = mapping.queue_url, %error, "a message could not be deleted");
            }
        }
    });
}

/// The messages to delete after an answer, or why the answer fails the whole batch.
pub fn succeeded<'a>(
    report_failures: bool,
    answer: &[u8],
    batch: &'a [Received],
) -> Result<Vec<&'a Received>, &'static str> {
    let all = || batch.iter().collect();
    if !report_failures {
        return Ok(all());
    }
    let answer: Value = if answer.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(answer).map_err(|_| "the answer is not JSON")?
    };
    let failures = match &answer {
        Value::Null => return Ok(all()),
        Value::Object(members) => match members.get("batchItemFailures") {
            None | Some(Value::Null) => return Ok(all()),
            Some(Value::Array(failures)) => failures,
            Some(_) => return Err("batchItemFailures is not a list"),
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err("the answer is not an object");
        }
    };
    let mut failed = Vec::new();
    for failure in failures {
        let identifier = failure.get("itemIdentifier").and_then(Value::as_str).unwrap_or_default();
        if !batch.iter().any(|message| message.message_id == identifier) {
            return Err("an itemIdentifier names no message of the batch");
        }
        failed.push(identifier);
    }
    Ok(batch.iter().filter(|message| !failed.contains(&message.message_id.as_str())).collect())
}

/// The event with the records of a batch.
fn event(mapping: &Mapping, batch: &[Received]) -> Value {
    let records = batch.iter().map(|message| {
        let attributes = message.attributes.iter().map(|(name, attribute)| {
            let mut value = json!({
                "dataType": attribute.data_type,
                "stringListValues": [],
                "binaryListValues": [],
            });
            if let Some(text) = &attribute.string_value {
                value["stringValue"] = json!(text);
            }
            if let Some(bytes) = &attribute.binary_value {
                value["binaryValue"] = json!(bytes);
            }
            (name.clone(), value)
        });
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.system,
            "messageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": mapping.queue_arn,
            "awsRegion": mapping.region,
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}
