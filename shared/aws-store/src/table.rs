//! The table: every store trait of control on one DynamoDB table. Nothing is scanned, nothing is read twice, and
//! every write names what it expects to find. What an item looks like is said in `items`, which key it has in
//! `keys`, and what an AWS error means in `failure`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | STATE | `P#<tenant>#<id>` | `0#STATE` |
//! | SPEC | same | `1#SPEC` |
//! | inbox item | same | `2#INBOX#<id>` |
//! | CALENDAR | same | `3#CALENDAR` |
//! | message | same | `3#MESSAGE#<sequence>` |
//! | timeline entry | same | `5#TL#<ulid>` |
//! | resource's name | `ARN#<arn>` | `ARN` |
//! | remembered answer | `IDEM#<tenant>#<key>` | `IDEM` |
//! | what a tenant has | `TENANT#<tenant>` | `COUNTS` |
//! | a platform's tenant | `ID#<id>` | `TENANT` |
//! | a machine client's tenant | `CLIENT#<client id>` | `TENANT` |
//! | webhook | `HOOKS#<tenant>` | `<webhook id>` |
//! | delivery of a message | `HOOK#<tenant>#<webhook id>` | `<message id>` |

mod change;
mod due;
mod facts;
mod failure;
mod intents;
mod items;
mod keys;
mod load;
mod steps;
mod tenants;
mod views;
mod warm;
mod webhooks;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use items::Item;

/// A transaction takes this many actions (aws-facts 5.1).
const TRANSACTION_MOST: usize = 100;

pub struct Table {
    client: Client,
    name: String,
    /// Whether there is a handshake to have behind oneself: not on the local cloud, which speaks without TLS.
    worth_warming: bool,
}

impl Table {
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        let worth_warming = config.endpoint_url().is_none_or(|url| url.starts_with("https:"));
        Self { client: Client::new(config), name: name.to_owned(), worth_warming }
    }

    fn put(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }

    fn delete(&self, key: Item) -> DeleteBuilder {
        Delete::builder().table_name(&self.name).set_key(Some(key))
    }
}

fn put_action(put: PutBuilder) -> TransactWriteItem {
    TransactWriteItem::builder().put(put.build().expect("BUG: a put without an item")).build()
}

fn delete_action(delete: DeleteBuilder) -> TransactWriteItem {
    TransactWriteItem::builder().delete(delete.build().expect("BUG: a delete without a key")).build()
}

/// A text attribute.
fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
