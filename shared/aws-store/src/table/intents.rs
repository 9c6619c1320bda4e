//! Accepting requests: SPEC, the due time on STATE, the Idempotency-Key and a timeline entry in one transaction.

use super::change::Changes;
use super::items::{Item, document, expiry, listing, text, timeline_item};
use super::{Table, failure, keys, n, put_action, s};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use headend_control::store::{Acceptance, CalendarChange, Intents, Remembered, StoreError, Stored, Tally};
use headend_domain::limits::IDEMPOTENCY_HOURS;
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, SCHEMA, State};
use headend_domain::time::Timestamp;

impl Intents for Table {
    async fn accept(&self, acceptance: &Acceptance<'_>) -> Stored<()> {
        let asked = acceptance.asked;
        let mut actions = match acceptance.expect_generation {
            None => self.new_platform(asked, acceptance.now)?,
            Some(generation) => self.changed_platform(acceptance, generation)?,
        };
        if let Some(remembered) = &acceptance.remembered {
            actions.push(self.remember(&asked.key.tenant, remembered, acceptance.now)?);
        }
        actions.push(put_action(self.put(timeline_item(&asked.key, &acceptance.entry))));
        // The last one, so that its failure can be told from the others'.
        actions.extend(acceptance.tally.map(|tally| self.count(&asked.key.tenant, tally)));
        let request = self.client.transact_write_items().client_request_token(&acceptance.token);
        let sent = request.set_transact_items(Some(actions)).send().await;
        sent.map_err(|error| failure::of_counted(error, acceptance.tally))?;
        Ok(())
    }

    async fn change_calendar(&self, change: &CalendarChange<'_>) -> Stored<()> {
        let (key, now) = (change.key, change.now);
        let mut item = keys::calendar(key);
        item.insert("doc".to_owned(), document(change.calendar)?);
        item.insert("version".to_owned(), n(change.calendar.version));
        let put = self.put(item);
        let put = match change.expect_version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            version => put
                .condition_expression("#version = :expected_version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":expected_version", n(version)),
        };
        let state = Changes::default()
            .set("asked_calendar", n(change.calendar.version))
            .set("due_at", n(now.0))
            .set("due_shard", s(keys::due_shard_of(key)))
            .add_one("pokes")
            .expect_there();
        let mut actions = vec![put_action(put), self.change_action(keys::state(key), &state)];
        if let Some(remembered) = &change.remembered {
            actions.push(self.remember(&key.tenant, remembered, now)?);
        }
        actions.push(put_action(self.put(timeline_item(key, &change.entry))));
        let request = self.client.transact_write_items().client_request_token(&change.token);
        let sent = request.set_transact_items(Some(actions)).send().await;
        sent.map_err(|error| failure::of_counted(error, None))?;
        Ok(())
    }

    /// Kept for a day at least; the table removes it some time later.
    async fn remembered(&self, tenant: &str, key: &str) -> Stored<Option<Remembered>> {
        let Some(item) = self.get(keys::idempotency(tenant, key)).await? else { return Ok(None) };
        let document = text(&item, "doc").unwrap_or_default();
        let unreadable =
            |error| StoreError::Failed(format!("the answer to Idempotency-Key {key} cannot be read: {error}"));
        serde_json::from_str(document).map(Some).map_err(unreadable)
    }
}

impl Table {
    pub(super) async fn get(&self, key: Item) -> Stored<Option<Item>> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true).set_key(Some(key));
        Ok(request.send().await.map_err(failure::of)?.item)
    }

    fn new_platform(&self, asked: &Asked, now: Timestamp) -> Stored<Vec<TransactWriteItem>> {
        let key = &asked.key;
        let mut spec = keys::spec(key);
        spec.insert("doc".to_owned(), document(asked)?);
        spec.insert("schema".to_owned(), n(asked.schema));
        spec.insert("generation".to_owned(), n(asked.generation));

        let empty = State { schema: SCHEMA, ..State::default() };
        let mut state = keys::state(key);
        let attributes = [
            ("doc", document(&empty)?),
            ("schema", n(SCHEMA)),
            ("version", n(0)),
            ("pokes", n(0)),
            ("saved_by", s("")),
            ("asked_generation", n(asked.generation)),
            ("due_shard", s(keys::due_shard_of(key))),
            ("due_at", n(now.0)),
            ("phase", s(Phase::Provisioning.word())),
            ("phase_pk", s(keys::phase_partition(&key.tenant, Phase::Provisioning))),
        ];
        state.extend(attributes.into_iter().chain(listing(asked)).map(|(name, value)| (name.to_owned(), value)));
        let mut owner = keys::owner(&key.id);
        owner.insert("tenant".to_owned(), s(&key.tenant));
        let absent = |item| put_action(self.put(item).condition_expression("attribute_not_exists(pk)"));
        Ok(vec![absent(spec), absent(state), absent(owner)])
    }

    fn changed_platform(&self, acceptance: &Acceptance<'_>, expected: u64) -> Stored<Vec<TransactWriteItem>> {
        let (asked, now) = (acceptance.asked, acceptance.now);
        let key = &asked.key;
        let spec = Changes::default()
            .set("doc", document(asked)?)
            .set("schema", n(asked.schema))
            .set("generation", n(asked.generation))
            .expect("generation", n(expected));
        let state = Changes::default()
            .set("asked_generation", n(asked.generation))
            .set("due_at", n(now.0))
            .set("due_shard", s(keys::due_shard_of(key)))
            .set_all(listing(asked))
            .add_one("pokes")
            .expect_there();
        let state = match acceptance.counted {
            Some(counted) => state.expect_flag("counted", counted),
            None => state,
        };
        let state = match acceptance.tally.and_then(Tally::counts) {
            Some(counted) => state.set("counted", AttributeValue::Bool(counted)),
            None => state,
        };
        Ok(vec![self.change_action(keys::spec(key), &spec), self.change_action(keys::state(key), &state)])
    }

    pub(super) fn remember(&self, tenant: &str, remembered: &Remembered, now: Timestamp) -> Stored<TransactWriteItem> {
        let mut item = keys::idempotency(tenant, &remembered.key);
        item.insert("doc".to_owned(), document(remembered)?);
        item.insert("expires_at".to_owned(), expiry(now.plus_secs(IDEMPOTENCY_HOURS * 3600), 0));
        Ok(put_action(self.put(item).condition_expression("attribute_not_exists(pk)")))
    }
}
