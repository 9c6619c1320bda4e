//! Tenants: whose a platform or a machine client is, and what a tenant is counted to have. The counters of a tenant are one
//! item, changed only within the transaction that makes the change true, so that no crash comes between the two.

use super::Table;
use super::change::Changes;
use super::items::{Item, text};
use super::keys;
use aws_sdk_dynamodb::types::TransactWriteItem;
use headend_control::store::{Counter, Stored, Tally, Tenants};

impl Tenants for Table {
    async fn tenant_of_client(&self, client: &str) -> Stored<Option<String>> {
        self.tenant(keys::client(client)).await
    }

    async fn tenant_of_platform(&self, id: &str) -> Stored<Option<String>> {
        self.tenant(keys::owner(id)).await
    }
}

impl Table {
    async fn tenant(&self, key: Item) -> Stored<Option<String>> {
        Ok(self.get(key).await?.and_then(|item| text(&item, "tenant").map(str::to_owned)))
    }

    /// Less is never refused: no counter keeps anybody from stopping or removing anything.
    pub(super) fn count(&self, tenant: &str, tally: Tally) -> TransactWriteItem {
        let changes = match tally {
            Tally::OneMore { counter, most: 0 } => Changes::default().add(attribute(counter), 1),
            Tally::OneMore { counter, most } => {
                Changes::default().add(attribute(counter), 1).expect_below(attribute(counter), most)
            }
            Tally::OneLess { counter } => Changes::default().add(attribute(counter), -1),
        };
        self.change_action(keys::counts(tenant), &changes)
    }
}

pub(super) fn attribute(counter: Counter) -> &'static str {
    match counter {
        Counter::Platforms => "platforms",
        Counter::Running => "running",
        Counter::Webhooks => "webhooks",
    }
}
