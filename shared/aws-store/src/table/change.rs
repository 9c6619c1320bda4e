//! Conditional changes of one item, alone or within a transaction. Always an update, never a put of the whole
//! item: attributes that other writers own must stay as they are.

use super::items::Item;
use super::{Table, failure, n};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use headend_control::store::{StoreError, Stored};
use std::collections::HashMap;

/// Collects `SET name = value` clauses; names are aliased, since many words are reserved in expressions.
#[derive(Default)]
pub struct Changes {
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    conditions: Vec<String>,
    tells_what_was_there: bool,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Changes {
    fn alias(&mut self, name: &str) -> String {
        let alias = format!("#{name}");
        self.names.insert(alias.clone(), name.to_owned());
        alias
    }

    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let alias = self.alias(name);
        self.set.push(format!("{alias} = :{name}"));
        self.values.insert(format!(":{name}"), value);
        self
    }

    pub fn set_all<'a>(self, pairs: impl IntoIterator<Item = (&'a str, AttributeValue)>) -> Self {
        pairs.into_iter().fold(self, |changes, (name, value)| changes.set(name, value))
    }

    pub fn remove(mut self, name: &str) -> Self {
        let alias = self.alias(name);
        self.remove.push(alias);
        self
    }

    pub fn add_one(self, name: &str) -> Self {
        self.add(name, 1)
    }

    /// A number that is not there is 0.
    pub fn add(mut self, name: &str, number: i32) -> Self {
        let alias = self.alias(name);
        self.add.push(format!("{alias} :added_{name}"));
        self.values.insert(format!(":added_{name}"), n(number));
        self
    }

    /// Only if the number is below; if not, the failure brings the item along.
    pub fn expect_below(mut self, name: &str, most: u32) -> Self {
        let alias = self.alias(name);
        self.conditions.push(format!("(attribute_not_exists({alias}) OR {alias} < :most_{name})"));
        self.values.insert(format!(":most_{name}"), n(most));
        self.tells_what_was_there = true;
        self
    }

    /// Only if the attribute has this value.
    pub fn expect(mut self, name: &str, value: AttributeValue) -> Self {
        let alias = self.alias(name);
        self.conditions.push(format!("{alias} = :expected_{name}"));
        self.values.insert(format!(":expected_{name}"), value);
        self
    }

    /// Only if the flag is set, or is not; one that is not there is not set.
    pub fn expect_flag(mut self, name: &str, flag: bool) -> Self {
        let alias = self.alias(name);
        let absent = if flag { String::new() } else { format!("attribute_not_exists({alias}) OR ") };
        self.conditions.push(format!("({absent}{alias} = :expected_{name})"));
        self.values.insert(format!(":expected_{name}"), AttributeValue::Bool(flag));
        self
    }

    /// Only if there is no such item.
    pub fn expect_new(mut self) -> Self {
        self.conditions.push("attribute_not_exists(pk)".to_owned());
        self
    }

    pub fn expect_there(mut self) -> Self {
        self.conditions.push("attribute_exists(pk)".to_owned());
        self
    }

    fn expression(&self) -> String {
        let clause = |word: &str, parts: &[String]| (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")));
        let clauses = [clause("SET", &self.set), clause("REMOVE", &self.remove), clause("ADD", &self.add)];
        clauses.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

impl Table {
    /// The changes as one action of a transaction.
    pub(super) fn change_action(&self, key: Item, changes: &Changes) -> TransactWriteItem {
        let told = ReturnValuesOnConditionCheckFailure::AllOld;
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key))
            .update_expression(changes.expression())
            .set_condition_expression(changes.condition())
            .set_expression_attribute_names(Some(changes.names.clone()))
            .set_expression_attribute_values(changes.values())
            .set_return_values_on_condition_check_failure(changes.tells_what_was_there.then_some(told));
        TransactWriteItem::builder().update(update.build().expect("BUG: an update without key or expression")).build()
    }

    /// The changes as a write of their own.
    pub(super) async fn change(&self, key: Item, changes: &Changes) -> Stored<()> {
        if self.change_if(key, changes).await? { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// As `change`, for a caller to whom "not as expected" is an answer: `false`. So is a transaction that has the
    /// item at this moment: whoever asks looks again.
    pub(super) async fn change_if(&self, key: Item, changes: &Changes) -> Stored<bool> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .update_expression(changes.expression())
            .set_condition_expression(changes.condition())
            .set_expression_attribute_names(Some(changes.names.clone()))
            .set_expression_attribute_values(changes.values());
        match request.send().await.map_err(failure::of) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
