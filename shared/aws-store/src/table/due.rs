//! The index of platforms that are due, and claiming them.

use super::change::Changes;
use super::items::{Item, moment, text};
use super::{Table, failure, keys, n, s};
use headend_control::store::{Due, Stored};
use headend_domain::ids::PlatformKey;
use headend_domain::time::Timestamp;

impl Due for Table {
    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Stored<Vec<(PlatformKey, Timestamp)>> {
        let items = self.due_of(keys::due_shard(shard), now, limit).await?;
        let platform = |item| Some((keys::platform(text(item, "pk")?)?, moment(item, "due_at")?));
        Ok(items.iter().filter_map(platform).collect())
    }

    async fn claim(&self, key: &PlatformKey, due_at: Timestamp, until: Timestamp) -> Stored<bool> {
        let changes = Changes::default().set("due_at", n(until.0)).expect("due_at", n(due_at.0));
        self.change_if(keys::state(key), &changes).await
    }
}

impl Table {
    /// What is due in one partition of the index, the longest due first.
    pub(super) async fn due_of(&self, shard: impl Into<String>, now: Timestamp, limit: usize) -> Stored<Vec<Item>> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::BY_DUE)
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", s(shard))
            .expression_attribute_values(":now", n(now.0))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        Ok(query.send().await.map_err(failure::of)?.items.unwrap_or_default())
    }
}
