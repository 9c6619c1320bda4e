//! Items: reading attributes, and writing the parts that several writes have in common. Documents are stored as
//! JSON text, so that fields which a newer version wrote are kept.

use super::{keys, n, s};
use aws_sdk_dynamodb::types::AttributeValue;
use headend_control::store::{StoreError, Stored, TimelineEntry};
use headend_domain::accept::NoteKind;
use headend_domain::ids::PlatformKey;
use headend_domain::limits::TIMELINE_DAYS;
use headend_domain::record::Asked;
use headend_domain::time::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

pub type Item = HashMap<String, AttributeValue>;

pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// A flag that is not there is not set.
pub fn flag(item: &Item, name: &str) -> bool {
    item.get(name).and_then(|value| value.as_bool().ok()).is_some_and(|flag| *flag)
}

pub fn moment(item: &Item, name: &str) -> Option<Timestamp> {
    number(item, name).map(Timestamp)
}

/// A document as the text of an attribute.
pub fn document(value: &impl Serialize) -> Stored<AttributeValue> {
    serde_json::to_string(value)
        .map(s)
        .map_err(|error| StoreError::Failed(format!("the document cannot be written: {error}")))
}

/// Days after a moment, as the TTL attribute has it.
pub fn expiry(now: Timestamp, days: i64) -> AttributeValue {
    n(now.plus_secs(days.saturating_mul(86_400)).0 / 1000)
}

pub fn timeline_item(key: &PlatformKey, entry: &TimelineEntry) -> Item {
    let mut item = keys::timeline(key, &entry.ulid);
    item.insert("at".to_owned(), n(entry.at.0));
    item.insert("text".to_owned(), s(&entry.text));
    item.insert("count".to_owned(), n(entry.count));
    item.extend(entry.kind.map(|kind| ("kind".to_owned(), s(kind.word()))));
    item.insert("expires_at".to_owned(), expiry(entry.at, TIMELINE_DAYS));
    item
}

pub fn timeline_entry(item: &Item) -> Option<TimelineEntry> {
    Some(TimelineEntry {
        ulid: text(item, "sk")?.strip_prefix(keys::TIMELINE)?.to_owned(),
        at: moment(item, "at")?,
        text: text(item, "text")?.to_owned(),
        count: number(item, "count")?,
        kind: text(item, "kind").and_then(NoteKind::from_word),
    })
}

/// The attributes of STATE by which platforms are listed.
pub fn listing(asked: &Asked) -> [(&'static str, AttributeValue); 4] {
    let key = &asked.key;
    [
        ("list_pk", s(keys::list_partition(&key.tenant))),
        ("list_sk", s(keys::list_order(asked.created_at, &key.id))),
        ("name", s(&asked.spec.name)),
        ("created_at", n(asked.created_at.0)),
    ]
}
