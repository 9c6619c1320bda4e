//! Keys of the table and of its indexes. They are stored, so they must never change.

use super::items::{Item, text};
use super::s;
use headend_control::store::shard_of;
use headend_control::webhooks::DeliveryKey;
use headend_domain::ids::PlatformKey;
use headend_domain::phase::Phase;
use headend_domain::time::Timestamp;

pub const STATE: &str = "0#STATE";
pub const SPEC: &str = "1#SPEC";
/// STATE, SPEC, inbox, calendar and messages sort before this; the timeline after it.
pub const AFTER_HEAD: &str = "4";
pub const CALENDAR: &str = "3#CALENDAR";
pub const INBOX: &str = "2#INBOX#";
pub const MESSAGE: &str = "3#MESSAGE#";
pub const TIMELINE: &str = "5#TL#";

/// The indexes.
pub const BY_DUE: &str = "due";
pub const BY_CREATED: &str = "created";
pub const BY_PHASE: &str = "phase";

pub fn partition(key: &PlatformKey) -> String {
    format!("P#{}#{}", key.tenant, key.id)
}

/// The platform whose partition it is.
pub fn platform(partition: &str) -> Option<PlatformKey> {
    let (tenant, id) = partition.strip_prefix("P#")?.rsplit_once('#')?;
    Some(PlatformKey::new(tenant, id))
}

pub fn state(key: &PlatformKey) -> Item {
    item_key(partition(key), STATE)
}

pub fn spec(key: &PlatformKey) -> Item {
    item_key(partition(key), SPEC)
}

pub fn inbox(key: &PlatformKey, id: &str) -> Item {
    item_key(partition(key), format!("{INBOX}{id}"))
}

pub fn calendar(key: &PlatformKey) -> Item {
    item_key(partition(key), CALENDAR)
}

/// Twenty digits, so that they sort as numbers.
pub fn message(key: &PlatformKey, sequence: u64) -> Item {
    item_key(partition(key), format!("{MESSAGE}{sequence:020}"))
}

pub fn timeline(key: &PlatformKey, ulid: &str) -> Item {
    item_key(partition(key), format!("{TIMELINE}{ulid}"))
}

pub fn arn(arn: &str) -> Item {
    item_key(format!("ARN#{arn}"), "ARN")
}

pub fn idempotency(tenant: &str, key: &str) -> Item {
    item_key(format!("IDEM#{tenant}#{key}"), "IDEM")
}

/// What the tenant has: counters.
pub fn counts(tenant: &str) -> Item {
    item_key(format!("TENANT#{tenant}"), "COUNTS")
}

/// Whose the platform is.
pub fn owner(id: &str) -> Item {
    item_key(format!("ID#{id}"), "TENANT")
}

/// For which tenant a machine client works. Operators write it (docs/deploy.md).
pub fn client(client: &str) -> Item {
    item_key(format!("CLIENT#{client}"), "TENANT")
}

/// Webhooks of a tenant.
pub fn webhooks(tenant: &str) -> String {
    format!("HOOKS#{tenant}")
}

pub fn webhook(tenant: &str, id: &str) -> Item {
    item_key(webhooks(tenant), id)
}

pub fn delivery(key: &DeliveryKey) -> Item {
    item_key(format!("HOOK#{}#{}", key.tenant, key.webhook), &key.message)
}

/// The delivery that has this key.
pub fn delivery_key(item: &Item) -> Option<DeliveryKey> {
    let (tenant, webhook) = text(item, "pk")?.strip_prefix("HOOK#")?.rsplit_once('#')?;
    Some(DeliveryKey { tenant: tenant.to_owned(), webhook: webhook.to_owned(), message: text(item, "sk")?.to_owned() })
}

/// The log of a webhook, in the index by creation.
pub fn log_partition(tenant: &str, webhook: &str) -> String {
    format!("HOOKLOG#{tenant}#{webhook}")
}

/// Where deliveries are due: one partition takes a thousand writes a second.
pub const DUE_DELIVERIES: &str = "HOOKS";

fn item_key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

pub fn due_shard(shard: u32) -> String {
    format!("DUE#{shard}")
}

pub fn due_shard_of(key: &PlatformKey) -> String {
    due_shard(shard_of(key))
}

pub fn list_partition(tenant: &str) -> String {
    format!("LIST#{tenant}")
}

/// Orders platforms by their creation; the id makes it unique.
pub fn list_order(created_at: Timestamp, id: &str) -> String {
    format!("{created_at}#{id}")
}

pub fn phase_partition(tenant: &str, phase: Phase) -> String {
    format!("PHASE#{tenant}#{}", phase.word())
}
