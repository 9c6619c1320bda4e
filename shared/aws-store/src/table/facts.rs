//! Facts from outside: from a resource's name to its platform, and into the platform's inbox.

use super::change::Changes;
use super::items::{document, expiry, text};
use super::{Table, failure, keys, n, put_action, s};
use headend_control::store::{Inbox, InboxItem, Lookup, StoreError, Stored};
use headend_domain::ids::PlatformKey;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;

/// A fact that nobody folded in for this long tells nothing any more.
const INBOX_DAYS: i64 = 7;

impl Lookup for Table {
    async fn platform_of(&self, arn: &str) -> Stored<Option<(PlatformKey, Slot)>> {
        let Some(item) = self.get(keys::arn(arn)).await? else { return Ok(None) };
        let named = || {
            let key = PlatformKey::new(text(&item, "tenant")?, text(&item, "platform")?);
            Some((key, text(&item, "slot")?.parse().ok()?))
        };
        named().map(Some).ok_or_else(|| StoreError::Failed(format!("the item of {arn} cannot be read")))
    }
}

impl Inbox for Table {
    async fn put_fact(&self, key: &PlatformKey, item: &InboxItem, now: Timestamp) -> Stored<()> {
        let mut fact = keys::inbox(key, &item.id);
        fact.insert("doc".to_owned(), document(&item.fact)?);
        fact.insert("expires_at".to_owned(), expiry(now, INBOX_DAYS));
        let state = Changes::default()
            .set("due_at", n(now.0))
            .set("due_shard", s(keys::due_shard_of(key)))
            .add_one("pokes")
            .expect_there();
        let request = self
            .client
            .transact_write_items()
            .transact_items(put_action(self.put(fact)))
            .transact_items(self.change_action(keys::state(key), &state));
        request.send().await.map_err(failure::of_transaction)?;
        Ok(())
    }
}
