//! Secrets Manager: the secret by which MediaPackage knows the CDN. Its value is in no log and in no error.

use crate::refusal::told;
use crate::tags::{Changes, gone, unless_missing};
use crate::{Account, object};
use aws_sdk_secretsmanager::operation::create_secret::builders::CreateSecretInputBuilder;
use aws_sdk_secretsmanager::types::Tag;
use headend_control::ports::{Created, Creation, FoundOne, Looked, SecretValue, Secrets};
use headend_domain::action::{Refusal, RefusalKind, Seen, Status};
use headend_domain::request::SecretRequest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The key that MediaPackage looks for (aws-facts 2.6).
const IDENTIFIER: &str = "MediaPackageCDNIdentifier";

impl Secrets for Account {
    async fn create_secret(&self, request: &SecretRequest, value: &SecretValue) -> Created {
        match build(request, value).send_with(&self.secrets).await {
            Ok(made) => Ok(Creation::Made(object(made.name, made.arn), Seen::new(Status::Ready))),
            Err(error) => {
                let told = told(&error);
                match () {
                    () if told.has_code("ResourceExistsException") => Ok(Creation::AlreadyThere),
                    // The name is being deleted still (aws-facts 5.2).
                    () if told.has_code("InvalidRequestException") => Err(told.into_conflict()),
                    () => Err(told.refusal()),
                }
            }
        }
    }

    async fn find_secret(&self, name: &str) -> FoundOne {
        match self.secrets.describe_secret().secret_id(name).send().await {
            Ok(found) if found.deleted_date.is_some() => Ok(None),
            Ok(found) => Ok(Some((object(found.name, found.arn), Seen::new(Status::Ready)))),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    async fn read_secret(&self, id: &str, version: &str) -> Result<SecretValue, Refusal> {
        let read = self.secrets.get_secret_value().secret_id(id).version_id(version);
        let answer = read.send().await.map_err(|error| told(&error).refusal())?;
        identifier(answer.secret_string().unwrap_or_default())
    }

    async fn put_secret(&self, id: &str, request: &SecretRequest, value: &SecretValue) -> Looked {
        let put = self.secrets.put_secret_value().secret_id(id).client_request_token(&request.version);
        match put.secret_string(document(value)).send().await {
            Ok(_) => Ok(Some(Seen::new(Status::Ready))),
            Err(error) => {
                let told = told(&error);
                match () {
                    // An earlier try has put this version, with the value of that try (aws-facts 5.2).
                    () if told.has_code("ResourceExistsException") => Ok(Some(Seen::new(Status::Ready))),
                    () if told.not_found() => Ok(None),
                    () => Err(told.refusal()),
                }
            }
        }
    }

    async fn delete_secret(&self, id: &str) -> Looked {
        // Without a recovery window: the value is of no use once the endpoints are gone.
        match self.secrets.delete_secret().secret_id(id).force_delete_without_recovery(true).send().await {
            Ok(_) => Ok(None),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal_of_delete()) }
            }
        }
    }
}

impl Account {
    /// Makes the tags of a secret equal to `wanted`. `None`: it is not there.
    ///
    /// # Errors
    /// AWS's refusal, of the second of two calls perhaps.
    pub async fn retag_secret(&self, id: &str, wanted: &BTreeMap<String, String>) -> Result<Option<()>, Refusal> {
        let listed = self.secrets.describe_secret().secret_id(id).send().await;
        let Some(listed) = unless_missing(listed)? else { return Ok(None) };
        if listed.deleted_date.is_some() {
            return Ok(None);
        }
        let pairs = listed.tags.unwrap_or_default().into_iter();
        let pairs = pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
        let Changes { remove, set } = Changes::between(pairs, wanted);
        if !remove.is_empty()
            && gone(self.secrets.untag_resource().secret_id(id).set_tag_keys(Some(remove)).send().await)?
        {
            return Ok(None);
        }
        if !set.is_empty() && gone(self.secrets.tag_resource().secret_id(id).set_tags(Some(tags(&set))).send().await)? {
            return Ok(None);
        }
        Ok(Some(()))
    }
}

fn build(request: &SecretRequest, value: &SecretValue) -> CreateSecretInputBuilder {
    CreateSecretInputBuilder::default()
        .name(&request.name)
        .client_request_token(&request.version)
        .description("By this value MediaPackage knows the CDN")
        .secret_string(document(value))
        .set_tags(Some(tags(&request.tags)))
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn document(value: &SecretValue) -> String {
    json!({ IDENTIFIER: value.reveal() }).to_string()
}

/// The identifier in the secret's document.
fn identifier(document: &str) -> Result<SecretValue, Refusal> {
    let parsed: Value = serde_json::from_str(document).unwrap_or_default();
    let value = parsed.get(IDENTIFIER).and_then(Value::as_str);
    let message = format!("the secret has no {IDENTIFIER}; put it back, or delete the platform");
    value
        .map(|value| SecretValue::new(value.to_owned()))
        .ok_or_else(|| Refusal::new(RefusalKind::Rejected, "NoIdentifier", &message))
}

#[cfg(test)]
mod tests;
