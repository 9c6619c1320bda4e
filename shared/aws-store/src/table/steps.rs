//! What the lease holder writes: STATE with its version, and in the same transaction the timeline, the names of
//! resources and the inbox items that STATE now contains.

use super::change::Changes;
use super::items::{Item, document, expiry, listing, timeline_item};
use super::{TRANSACTION_MOST, Table, delete_action, failure, keys, n, put_action, s};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use headend_control::store::{LeaseChange, Save, Steps, StoreError, Stored, Tally};
use headend_domain::ids::PlatformKey;
use headend_domain::limits::GONE_DAYS;
use headend_domain::outbox::Message;
use headend_domain::phase::Phase;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl Steps for Table {
    async fn save(&self, save: &Save<'_>) -> Stored<()> {
        let key = &save.asked.key;
        let state = state_changes(save)?;
        let beside = self.beside(save)?;
        if beside.is_empty() {
            return self.change(keys::state(key), &state).await;
        }
        let mut actions = vec![self.change_action(keys::state(key), &state)];
        actions.extend(beside);
        let request = self.client.transact_write_items().set_transact_items(Some(actions));
        // The count comes last, so that its failure can be told from the others'. Whoever meets another transaction reads anew.
        match request.send().await.map_err(|error| failure::of_counted(error, save.tally)) {
            Ok(_) => Ok(()),
            Err(StoreError::Busy) => Err(StoreError::Conflict),
            Err(error) => Err(error),
        }
    }

    async fn poke(&self, key: &PlatformKey, holder: &str) -> Stored<bool> {
        let changes = Changes::default().add_one("pokes").expect("lease_holder", s(holder));
        self.change_if(keys::state(key), &changes).await
    }

    async fn set_aside(&self, key: &PlatformKey) -> Stored<()> {
        let changes = Changes::default().remove("due_at").remove("due_shard").expect_there();
        match self.change(keys::state(key), &changes).await {
            // Not there at all: nothing is due.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }
}

fn state_changes(save: &Save<'_>) -> Stored<Changes> {
    let key = &save.asked.key;
    let changes = Changes::default()
        .set("doc", document(save.state)?)
        .set("schema", n(save.state.schema))
        .set("version", n(save.expect_version.saturating_add(1)))
        .set("saved_by", s(&save.save_id))
        .set("phase", s(save.phase.word()))
        .set("phase_pk", s(keys::phase_partition(&key.tenant, save.phase)))
        .set_all(listing(save.asked))
        .expect("version", n(save.expect_version));
    let changes = match expires(save) {
        Some(moment) => changes.set("expires_at", moment),
        None => changes,
    };
    // A request that was accepted meanwhile may have counted already, or have taken its count back.
    let changes = match save.tally.and_then(Tally::counts) {
        Some(counted) => changes
            .set("counted", AttributeValue::Bool(counted))
            .expect_flag("counted", !counted)
            .expect("asked_generation", n(save.asked.generation)),
        None => changes,
    };
    Ok(lease_changes(changes, key, &save.lease))
}

fn lease_changes(changes: Changes, key: &PlatformKey, lease: &LeaseChange) -> Changes {
    let shard = || s(keys::due_shard_of(key));
    match lease {
        LeaseChange::Keep => changes,
        LeaseChange::Hold(lease) => changes
            .set("lease_holder", s(&lease.holder))
            .set("lease_until", n(lease.until.0))
            // Should the holder die, the sweep finds the platform when the lease is over.
            .set("due_at", n(lease.until.plus_secs(1).0))
            .set("due_shard", shard()),
        LeaseChange::Release { pokes, due_at } => {
            let changes = changes.remove("lease_holder").remove("lease_until").expect("pokes", n(pokes));
            match due_at {
                Some(due_at) => changes.set("due_at", n(due_at.0)).set("due_shard", shard()),
                None => changes.remove("due_at").remove("due_shard"),
            }
        }
    }
}

/// When a platform that is gone is forgotten.
fn expires(save: &Save<'_>) -> Option<aws_sdk_dynamodb::types::AttributeValue> {
    (save.phase == Phase::Gone).then(|| expiry(save.state.gone_at.unwrap_or(save.now), GONE_DAYS))
}

impl Table {
    /// Everything that is written beside STATE. Messages, names and folded facts come first: where a transaction cannot
    /// hold all, the oldest timeline entries are left out, and facts beyond that are folded in again later.
    fn beside(&self, save: &Save<'_>) -> Stored<Vec<TransactWriteItem>> {
        let key = &save.asked.key;
        let mut actions = Vec::new();
        for message in &save.messages {
            actions.push(put_action(self.put(message_item(key, message, save.now)?)));
        }
        actions.extend(save.told.iter().map(|sequence| delete_action(self.delete(keys::message(key, *sequence)))));
        if let Some(moment) = expires(save) {
            let forget = || Changes::default().set("expires_at", moment.clone());
            let spec = forget().expect_there();
            actions.push(self.change_action(keys::spec(key), &spec));
            let owner = forget();
            actions.push(self.change_action(keys::owner(&key.id), &owner));
            if save.has_calendar {
                let calendar = forget().expect_there();
                actions.push(self.change_action(keys::calendar(key), &calendar));
            }
        }
        let names: BTreeMap<&String, &Slot> = save.arns.iter().map(|(arn, slot)| (arn, slot)).collect();
        actions.extend(names.into_iter().map(|(arn, slot)| put_action(self.put(name_item(key, arn, slot)))));
        let dropped: BTreeSet<&String> = save.dropped_arns.iter().collect();
        actions.extend(dropped.into_iter().map(|arn| delete_action(self.delete(keys::arn(arn)))));
        let folded: BTreeSet<&String> = save.folded.iter().collect();
        actions.extend(folded.into_iter().map(|id| delete_action(self.delete(keys::inbox(key, id)))));
        let beside = TRANSACTION_MOST - 1 - usize::from(save.tally.is_some());
        actions.truncate(beside);

        let room = beside - actions.len();
        // By id, so that no item is written twice; the newest entries have the largest ids.
        let entries: BTreeMap<&String, _> = save.timeline.iter().map(|entry| (&entry.ulid, entry)).collect();
        if entries.len() > room {
            tracing::warn!(platform = %key, dropped = entries.len() - room, "timeline entries did not fit into the save");
        }
        let newest = entries.into_values().rev().take(room);
        actions.extend(newest.map(|entry| put_action(self.put(timeline_item(key, entry)))));
        actions.extend(save.tally.map(|tally| self.count(&key.tenant, tally)));
        Ok(actions)
    }
}

/// One that the bus never takes is forgotten with the platform.
fn message_item(key: &PlatformKey, message: &Message, now: Timestamp) -> Stored<Item> {
    let mut item = keys::message(key, message.sequence);
    item.insert("doc".to_owned(), document(message)?);
    item.insert("expires_at".to_owned(), expiry(now, GONE_DAYS));
    Ok(item)
}

fn name_item(key: &PlatformKey, arn: &str, slot: &Slot) -> Item {
    let mut item = keys::arn(arn);
    item.insert("tenant".to_owned(), s(&key.tenant));
    item.insert("platform".to_owned(), s(&key.id));
    item.insert("slot".to_owned(), s(slot.to_string()));
    item
}
