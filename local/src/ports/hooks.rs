//! Webhooks and their deliveries in a simulated life, in memory, under the conditions of the DynamoDB table; and receivers
//! whose answers a test decides.

use super::Sim;
use super::store::SimStore;
use super::table::page;
use headend_control::ports::{Post, Posted};
use headend_control::store::{Counter, Page, StoreError, Stored, Tally};
use headend_control::webhooks::{Deliveries, DeliveryKey, Kept, WebhookChange, Webhooks};
use headend_domain::limits::MAX_WEBHOOKS;
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Delivery, Trouble, Webhook};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Debug, Default)]
pub struct Hooks {
    webhooks: BTreeMap<(String, String), Kept>,
    deliveries: BTreeMap<DeliveryKey, Row>,
}

#[derive(Debug, Clone)]
struct Row {
    delivery: Delivery,
    due_at: Option<Timestamp>,
}

impl Hooks {
    fn expect(&self, tenant: &str, id: &str, version: Option<u64>) -> Stored<()> {
        let found = self.webhooks.get(&(tenant.to_owned(), id.to_owned()));
        if found.map(|kept| kept.webhook.version) == version { Ok(()) } else { Err(StoreError::Conflict) }
    }

    fn put(&mut self, tenant: &str, webhook: &Webhook) {
        let key = (tenant.to_owned(), webhook.id.clone());
        let trouble = self.webhooks.get(&key).and_then(|kept| kept.trouble.clone());
        self.webhooks.insert(key, Kept { webhook: webhook.clone(), trouble });
    }

    /// Every delivery, for tests.
    pub fn all(&self) -> impl Iterator<Item = (&DeliveryKey, &Delivery)> {
        self.deliveries.iter().map(|(key, row)| (key, &row.delivery))
    }
}

impl Webhooks for SimStore {
    async fn webhooks(&self, tenant: &str) -> Stored<Vec<Kept>> {
        let of = tenant.to_owned();
        let all = self.on("Table.webhooks", false, tenant, move |table| {
            let all = table.hooks.webhooks.iter().filter(|((tenant, _), _)| *tenant == of);
            Ok(all.map(|(_, kept)| kept.clone()).collect::<Vec<_>>())
        });
        let mut all = all.await?;
        all.sort_by_key(|kept| (kept.webhook.created_at, kept.webhook.id.clone()));
        Ok(all)
    }

    async fn webhook(&self, tenant: &str, id: &str) -> Stored<Option<Kept>> {
        let key = (tenant.to_owned(), id.to_owned());
        self.on("Table.webhook", false, id, move |table| Ok(table.hooks.webhooks.get(&key).cloned())).await
    }

    async fn put_webhook(&self, change: &WebhookChange<'_>) -> Stored<()> {
        let (tenant, webhook, remembered) =
            (change.tenant.to_owned(), change.webhook.clone(), change.remembered.clone());
        let (expect_version, token, now) = (change.expect_version, change.token.clone(), change.now);
        self.on("Table.put_webhook", true, &change.webhook.id, move |table| {
            let (tenant, webhook) = (&tenant, &webhook);
            table.put_webhook(&WebhookChange { tenant, webhook, expect_version, remembered, token, now })
        })
        .await
    }

    async fn remove_webhook(&self, tenant: &str, id: &str, version: u64) -> Stored<()> {
        let key = (tenant.to_owned(), id.to_owned());
        self.on("Table.remove_webhook", true, id, move |table| {
            table.hooks.expect(&key.0, &key.1, Some(version))?;
            table.hooks.webhooks.remove(&key);
            table.count(&key.0, Some(Tally::OneLess { counter: Counter::Webhooks }))
        })
        .await
    }

    async fn note_trouble(&self, tenant: &str, id: &str, trouble: Option<&Trouble>) -> Stored<bool> {
        let (key, trouble) = ((tenant.to_owned(), id.to_owned()), trouble.cloned());
        self.on("Table.note_trouble", true, id, move |table| {
            let Some(kept) = table.hooks.webhooks.get_mut(&key) else { return Ok(false) };
            kept.trouble = trouble;
            Ok(true)
        })
        .await
    }
}

impl Deliveries for SimStore {
    async fn open_delivery(&self, key: &DeliveryKey, delivery: &Delivery, until: Timestamp) -> Stored<bool> {
        let (id, key, delivery) = (key.webhook.clone(), key.clone(), delivery.clone());
        self.on("Table.open_delivery", true, &id, move |table| {
            if table.hooks.deliveries.contains_key(&key) {
                return Ok(false);
            }
            table.hooks.deliveries.insert(key, Row { delivery, due_at: Some(until) });
            Ok(true)
        })
        .await
    }

    async fn delivery(&self, key: &DeliveryKey) -> Stored<Option<Delivery>> {
        let (id, key) = (key.webhook.clone(), key.clone());
        let found = |table: &mut super::Table, key| table.hooks.deliveries.get(&key).map(|row| row.delivery.clone());
        self.on("Table.delivery", false, &id, move |table| Ok(found(table, key))).await
    }

    async fn settle_delivery(&self, key: &DeliveryKey, delivery: &Delivery, attempts: u32) -> Stored<()> {
        let (id, key, delivery) = (key.webhook.clone(), key.clone(), delivery.clone());
        self.on("Table.settle_delivery", true, &id, move |table| {
            let row = table.hooks.deliveries.get_mut(&key).filter(|row| row.delivery.attempts == attempts);
            let row = row.ok_or(StoreError::Conflict)?;
            row.due_at = delivery.next_at;
            row.delivery = delivery;
            Ok(())
        })
        .await
    }

    async fn forget_delivery(&self, key: &DeliveryKey) -> Stored<()> {
        let (id, key) = (key.webhook.clone(), key.clone());
        self.on("Table.forget_delivery", true, &id, move |table| {
            table.hooks.deliveries.remove(&key);
            Ok(())
        })
        .await
    }

    async fn due_deliveries(&self, now: Timestamp, limit: usize) -> Stored<Vec<(DeliveryKey, Timestamp)>> {
        self.on("Table.due_deliveries", false, "", move |table| {
            let due = |row: &Row| row.due_at.filter(|at| *at <= now);
            let all = table.hooks.deliveries.iter();
            let mut due: Vec<_> = all.filter_map(|(key, row)| Some((key.clone(), due(row)?))).collect();
            due.sort_by_key(|(_, at)| *at);
            due.truncate(limit);
            Ok(due)
        })
        .await
    }

    async fn claim_delivery(&self, key: &DeliveryKey, due_at: Timestamp, until: Timestamp) -> Stored<bool> {
        let (id, key) = (key.webhook.clone(), key.clone());
        self.on("Table.claim_delivery", true, &id, move |table| {
            let row = table.hooks.deliveries.get_mut(&key).filter(|row| row.due_at == Some(due_at));
            let Some(row) = row else { return Ok(false) };
            row.due_at = Some(until);
            Ok(true)
        })
        .await
    }

    async fn deliveries(&self, tenant: &str, id: &str, cursor: Option<&str>, limit: usize) -> Stored<Page<Delivery>> {
        let (of, cursor) = ((tenant.to_owned(), id.to_owned()), cursor.map(str::to_owned));
        self.on("Table.deliveries", false, id, move |table| {
            let all = table.hooks.deliveries.iter();
            let all = all.filter(|(key, _)| (&key.tenant, &key.webhook) == (&of.0, &of.1));
            let mut all: Vec<Delivery> = all.map(|(_, row)| row.delivery.clone()).collect();
            all.sort_by_key(|it| std::cmp::Reverse((it.created_at.to_string(), it.message.clone())));
            page(all, cursor.as_deref(), limit)
        })
        .await
    }
}

impl super::Table {
    fn put_webhook(&mut self, change: &WebhookChange<'_>) -> Stored<()> {
        if self.is_done(&change.token) {
            return Ok(());
        }
        if change.remembered.as_ref().is_some_and(|it| self.remembered(change.tenant, &it.key).is_some()) {
            return Err(StoreError::Conflict);
        }
        self.hooks.expect(change.tenant, &change.webhook.id, change.expect_version)?;
        let one_more = Tally::OneMore { counter: Counter::Webhooks, most: MAX_WEBHOOKS };
        self.count(change.tenant, change.expect_version.is_none().then_some(one_more))?;
        self.hooks.put(change.tenant, change.webhook);
        self.remember(change.tenant, change.remembered.clone(), &change.token);
        Ok(())
    }
}

/// What a receiver answers to a request: address, headers, body, and the moment.
type Answers = dyn Fn(&str, &[(&'static str, String)], &str, Timestamp) -> Result<Posted, String>;

/// The internet of a simulated life. A request takes no time.
#[derive(Clone)]
pub struct Receivers {
    pub sim: Sim,
    pub answers: Rc<Answers>,
}

impl Post for Receivers {
    async fn post(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Posted, String> {
        let (url, headers, body) = (url.to_owned(), headers.to_vec(), body.to_owned());
        let (answers, key) = (self.answers.clone(), url.clone());
        let posted =
            self.sim.call("Post.post", true, &key, move |inner| answers(&url, &headers, &body, Timestamp(inner.now)));
        posted.await.unwrap_or_else(|_| Err("no answer".to_owned()))
    }

    fn takes_loopback(&self) -> bool {
        false
    }
}
