//! Webhooks and the log of their deliveries. A delivery that waits is in the index of what is due; every delivery is in the
//! index by creation, as its webhook's log.

use super::change::Changes;
use super::items::{Item, document, expiry, moment, text};
use super::views::{bad_cursor, decoded, page};
use super::{Table, delete_action, failure, keys, n, s};
use headend_control::store::{Counter, Page, StoreError, Stored, Tally};
use headend_control::webhooks::{Deliveries, DeliveryKey, Kept, WebhookChange, Webhooks};
use headend_domain::limits::{DELIVERY_DAYS, MAX_WEBHOOKS};
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Delivery, Trouble};
use serde::de::DeserializeOwned;

impl Webhooks for Table {
    async fn webhooks(&self, tenant: &str) -> Stored<Vec<Kept>> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::webhooks(tenant)));
        let items = query.send().await.map_err(failure::of)?.items.unwrap_or_default();
        let mut all = items.iter().map(kept).collect::<Stored<Vec<Kept>>>()?;
        all.sort_by(|one, other| {
            (one.webhook.created_at, &one.webhook.id).cmp(&(other.webhook.created_at, &other.webhook.id))
        });
        Ok(all)
    }

    async fn webhook(&self, tenant: &str, id: &str) -> Stored<Option<Kept>> {
        self.get(keys::webhook(tenant, id)).await?.as_ref().map(kept).transpose()
    }

    async fn put_webhook(&self, change: &WebhookChange<'_>) -> Stored<()> {
        let (tenant, webhook) = (change.tenant, change.webhook);
        let changes = Changes::default().set("doc", document(webhook)?).set("version", n(webhook.version));
        let changes = match change.expect_version {
            None => changes.expect_new(),
            Some(version) => changes.expect("version", n(version)),
        };
        let mut actions = vec![self.change_action(keys::webhook(tenant, &webhook.id), &changes)];
        if let Some(remembered) = &change.remembered {
            actions.push(self.remember(tenant, remembered, change.now)?);
        }
        let one_more = Tally::OneMore { counter: Counter::Webhooks, most: MAX_WEBHOOKS };
        let tally = change.expect_version.is_none().then_some(one_more);
        // The last one, so that its failure can be told from the others'.
        actions.extend(tally.map(|tally| self.count(tenant, tally)));
        let request = self.client.transact_write_items().client_request_token(&change.token);
        let sent = request.set_transact_items(Some(actions)).send().await;
        sent.map_err(|error| failure::of_counted(error, tally))?;
        Ok(())
    }

    async fn remove_webhook(&self, tenant: &str, id: &str, version: u64) -> Stored<()> {
        let delete = self.delete(keys::webhook(tenant, id)).condition_expression("#version = :version");
        let delete = delete
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", n(version));
        let count = self.count(tenant, Tally::OneLess { counter: Counter::Webhooks });
        let request = self.client.transact_write_items().transact_items(delete_action(delete)).transact_items(count);
        request.send().await.map_err(failure::of_transaction)?;
        Ok(())
    }

    async fn note_trouble(&self, tenant: &str, id: &str, trouble: Option<&Trouble>) -> Stored<bool> {
        let changes = match trouble {
            Some(trouble) => Changes::default().set("trouble", document(trouble)?),
            None => Changes::default().remove("trouble"),
        };
        self.change_if(keys::webhook(tenant, id), &changes.expect_there()).await
    }
}

impl Deliveries for Table {
    async fn open_delivery(&self, key: &DeliveryKey, delivery: &Delivery, until: Timestamp) -> Stored<bool> {
        let order = format!("{}#{}", delivery.created_at, delivery.message);
        let changes = Changes::default()
            .set("doc", document(delivery)?)
            .set("attempts", n(delivery.attempts))
            .set("due_shard", s(keys::DUE_DELIVERIES))
            .set("due_at", n(until.0))
            .set("list_pk", s(keys::log_partition(&key.tenant, &key.webhook)))
            .set("list_sk", s(order))
            .set("expires_at", expiry(delivery.created_at, DELIVERY_DAYS))
            .expect_new();
        self.change_if(keys::delivery(key), &changes).await
    }

    async fn delivery(&self, key: &DeliveryKey) -> Stored<Option<Delivery>> {
        self.get(keys::delivery(key)).await?.as_ref().map(|item| read(item, "doc")).transpose()
    }

    async fn settle_delivery(&self, key: &DeliveryKey, delivery: &Delivery, attempts: u32) -> Stored<()> {
        let changes = Changes::default()
            .set("doc", document(delivery)?)
            .set("attempts", n(delivery.attempts))
            .expect("attempts", n(attempts));
        let changes = match delivery.next_at {
            Some(at) => changes.set("due_shard", s(keys::DUE_DELIVERIES)).set("due_at", n(at.0)),
            None => changes.remove("due_shard").remove("due_at"),
        };
        self.change(keys::delivery(key), &changes).await
    }

    async fn forget_delivery(&self, key: &DeliveryKey) -> Stored<()> {
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(keys::delivery(key)));
        delete.send().await.map_err(failure::of)?;
        Ok(())
    }

    async fn due_deliveries(&self, now: Timestamp, limit: usize) -> Stored<Vec<(DeliveryKey, Timestamp)>> {
        let items = self.due_of(keys::DUE_DELIVERIES, now, limit).await?;
        Ok(items.iter().filter_map(|item| Some((keys::delivery_key(item)?, moment(item, "due_at")?))).collect())
    }

    async fn claim_delivery(&self, key: &DeliveryKey, due_at: Timestamp, until: Timestamp) -> Stored<bool> {
        let changes = Changes::default().set("due_at", n(until.0)).expect("due_at", n(due_at.0));
        self.change_if(keys::delivery(key), &changes).await
    }

    async fn deliveries(&self, tenant: &str, id: &str, cursor: Option<&str>, limit: usize) -> Stored<Page<Delivery>> {
        let from = cursor.map(|cursor| log_start(tenant, id, cursor)).transpose()?;
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::BY_CREATED)
            .key_condition_expression("list_pk = :log")
            .expression_attribute_values(":log", s(keys::log_partition(tenant, id)));
        page(query, from, limit, "list_sk", |item| read(item, "doc").ok()).await
    }
}

fn kept(item: &Item) -> Stored<Kept> {
    let trouble = item.contains_key("trouble").then(|| read(item, "trouble")).transpose()?;
    Ok(Kept { webhook: read(item, "doc")?, trouble })
}

fn read<T: DeserializeOwned>(item: &Item, name: &str) -> Stored<T> {
    let found = serde_json::from_str(text(item, name).unwrap_or_default());
    let key = || format!("{} {}", text(item, "pk").unwrap_or_default(), text(item, "sk").unwrap_or_default());
    found.map_err(|error| StoreError::Failed(format!("{name} of {} cannot be read: {error}", key())))
}

fn log_start(tenant: &str, id: &str, cursor: &str) -> Stored<Item> {
    let order = decoded(cursor)?;
    let message =
        order.split_once('#').map(|(_, message)| message).filter(|it| !it.is_empty()).ok_or_else(bad_cursor)?;
    let key = DeliveryKey { tenant: tenant.to_owned(), webhook: id.to_owned(), message: message.to_owned() };
    let mut start = keys::delivery(&key);
    start.insert("list_pk".to_owned(), s(keys::log_partition(tenant, id)));
    start.insert("list_sk".to_owned(), s(&order));
    Ok(start)
}
