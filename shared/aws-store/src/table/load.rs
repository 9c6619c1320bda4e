//! Reading a platform: STATE, SPEC, inbox, calendar and messages with one consistent query.

use super::items::{Item, flag, moment, number, text};
use super::{Table, failure, keys, s};
use headend_control::store::{Fact, InboxItem, Lease, Loaded, Records, StoreError, Stored};
use headend_domain::calendar::Calendar;
use headend_domain::ids::PlatformKey;
use headend_domain::outbox::Message;
use headend_domain::record::{Asked, Record, State};
use serde::de::DeserializeOwned;

impl Records for Table {
    async fn load(&self, key: &PlatformKey) -> Stored<Option<Loaded>> {
        let mut state = None;
        let mut asked = None;
        let mut inbox = Vec::new();
        let mut calendar = Calendar::default();
        let mut messages = Vec::new();
        for item in self.head(key).await? {
            match text(&item, "sk").unwrap_or_default() {
                keys::STATE => state = Some(item),
                keys::SPEC => asked = Some(item),
                keys::CALENDAR => calendar = parsed(key, &item, "CALENDAR")?,
                sk if sk.starts_with(keys::MESSAGE) => messages.push(parsed::<Message>(key, &item, sk)?),
                _ => inbox.extend(inbox_item(key, &item)),
            }
        }
        // The two expire together but are not deleted together; one alone is a platform that is long gone.
        let (Some(state), Some(asked)) = (state, asked) else { return Ok(None) };
        let record = Record {
            asked: parsed::<Asked>(key, &asked, "SPEC")?,
            state: parsed::<State>(key, &state, "STATE")?,
            calendar,
            messages,
        };
        loaded(key, &state, record, inbox).map(Some)
    }
}

impl Table {
    /// The items of the platform that a step needs: all but the timeline.
    async fn head(&self, key: &PlatformKey) -> Stored<Vec<Item>> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk < :end")
            .expression_attribute_values(":pk", s(keys::partition(key)))
            .expression_attribute_values(":end", s(keys::AFTER_HEAD));
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let page = query.clone().set_exclusive_start_key(from.take()).send().await.map_err(failure::of)?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}

fn loaded(key: &PlatformKey, state: &Item, record: Record, inbox: Vec<InboxItem>) -> Stored<Loaded> {
    let missing = |name: &str| StoreError::Poisoned { key: key.clone(), why: format!("STATE has no {name}") };
    let lease = text(state, "lease_holder").zip(moment(state, "lease_until"));
    Ok(Loaded {
        record,
        version: number(state, "version").ok_or_else(|| missing("version"))?,
        lease: lease.map(|(holder, until)| Lease { holder: holder.to_owned(), until }),
        pokes: number(state, "pokes").ok_or_else(|| missing("pokes"))?,
        asked_generation: number(state, "asked_generation").ok_or_else(|| missing("asked_generation"))?,
        // Neither is there before it is first written.
        asked_calendar: number(state, "asked_calendar").unwrap_or(0),
        counted: flag(state, "counted"),
        saved_by: text(state, "saved_by").unwrap_or_default().to_owned(),
        due_at: moment(state, "due_at"),
        inbox,
    })
}

/// The document of an item; one that cannot be read names the item and the place.
pub fn parsed<T: DeserializeOwned>(key: &PlatformKey, item: &Item, what: &str) -> Stored<T> {
    let poisoned = |why: String| StoreError::Poisoned { key: key.clone(), why };
    let document = text(item, "doc").ok_or_else(|| poisoned(format!("{what} has no document")))?;
    serde_json::from_str(document).map_err(|error| poisoned(format!("{what}: {error}")))
}

/// A fact that cannot be read (a newer version's) is left where it is; it expires by itself.
fn inbox_item(key: &PlatformKey, item: &Item) -> Option<InboxItem> {
    let id = text(item, "sk")?.strip_prefix(keys::INBOX)?;
    match serde_json::from_str::<Fact>(text(item, "doc")?) {
        Ok(fact) => Some(InboxItem { id: id.to_owned(), fact }),
        Err(error) => {
            tracing::warn!(platform = %key, inbox = id, %error, "a fact in the inbox cannot be read");
            None
        }
    }
}
