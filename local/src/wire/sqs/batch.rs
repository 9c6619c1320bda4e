//! The batch operations: each entry succeeds or fails by itself under a 200.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::sent_members;
use crate::cloud::Cloud;
use crate::world::AwsError;
use crate::world::sqs::{MessageAttribute, Send};

/// Entries of one batch.
const MAX_ENTRIES: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Batch<E> {
    queue_url: String,
    entries: Vec<E>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct SendEntry {
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, MessageAttribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeleteEntry {
    id: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct VisibilityEntry {
    id: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

pub(super) fn send(cloud: &Cloud, region: &str, batch: Batch<SendEntry>) -> Result<Value, AwsError> {
    check_ids(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    let Batch { queue_url, entries } = batch;
    let results = cloud.with_world(|world, now| {
        world.queue(region, &queue_url)?;
        let results = entries.into_iter().map(|entry| {
            let message = Send {
                body: entry.message_body,
                delay_secs: entry.delay_seconds,
                attributes: entry.message_attributes,
                trace: None,
            };
            let sent = world.send_message(region, &queue_url, message, now);
            (entry.id, sent.map(|sent| Value::Object(sent_members(&sent))))
        });
        Ok::<_, AwsError>(results.collect::<Vec<_>>())
    })?;
    Ok(answer(results))
}

pub(super) fn delete(cloud: &Cloud, region: &str, batch: Batch<DeleteEntry>) -> Result<Value, AwsError> {
    check_ids(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    let Batch { queue_url, entries } = batch;
    let results = cloud.with_world(|world, _| {
        world.queue(region, &queue_url)?;
        let results = entries.into_iter().map(|entry| {
            let deleted = world.delete_message(region, &queue_url, &entry.receipt_handle);
            (entry.id, deleted.map(|()| json!({})))
        });
        Ok::<_, AwsError>(results.collect::<Vec<_>>())
    })?;
    Ok(answer(results))
}

pub(super) fn change_visibility(cloud: &Cloud, region: &str, batch: Batch<VisibilityEntry>) -> Result<Value, AwsError> {
    check_ids(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    let Batch { queue_url, entries } = batch;
    let results = cloud.with_world(|world, now| {
        world.queue(region, &queue_url)?;
        let results = entries.into_iter().map(|entry| {
            let VisibilityEntry { id, receipt_handle, visibility_timeout } = entry;
            let changed = world.change_message_visibility(region, &queue_url, &receipt_handle, visibility_timeout, now);
            (id, changed.map(|()| json!({})))
        });
        Ok::<_, AwsError>(results.collect::<Vec<_>>())
    })?;
    Ok(answer(results))
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), AwsError> {
    let ids = ids.collect::<Vec<_>>();
    let refused = |code: &str, message: &str| Err(AwsError::new(400, code, message));
    if ids.is_empty() {
        return refused("EmptyBatchRequest", "There should be at least one entry in the request.");
    }
    if ids.len() > MAX_ENTRIES {
        return refused("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if ids.iter().any(|id| !(1..=80).contains(&id.len()) || !id.chars().all(legal)) {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores.";
        return refused("InvalidBatchEntryId", message);
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return refused("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
    }
    Ok(())
}

fn answer(results: Vec<(String, Result<Value, AwsError>)>) -> Value {
    let mut successful = Vec::new();
    let mut failed = Vec::new();
    for (id, result) in results {
        match result {
            Ok(mut members) => {
                members["Id"] = json!(id);
                successful.push(members);
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": error.status < 500,
                "Code": error.code,
                "Message": error.message,
            })),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}
