//! Secrets Manager behind its port.

use super::{gone, object};
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim};
use crate::world::World;
use crate::world::secrets::{CreateSecret, DeleteSecret};
use headend_control::ports::{Created, FoundOne, Looked, SecretValue, Secrets};
use headend_domain::action::{Refusal, RefusalKind, Seen, Status};
use headend_domain::request::SecretRequest;
use serde_json::Value;

impl Secrets for Sim {
    async fn create_secret(&self, request: &SecretRequest, value: &SecretValue) -> Created {
        let document = serde_json::json!({"MediaPackageCDNIdentifier": value.reveal()});
        let create = CreateSecret {
            name: request.name.clone(),
            secret_string: Some(document.to_string()),
            client_request_token: Some(request.version.clone()),
            tags: request.tags.clone(),
            ..CreateSecret::default()
        };
        let seen =
            |made: &crate::world::secrets::SecretWritten| (object(&made.name, &made.arn), Seen::new(Status::Ready));
        self.create("CreateSecret", &request.name, move |world, now| world.create_secret(HOME, now, create), seen).await
    }

    async fn find_secret(&self, name: &str) -> FoundOne {
        let wanted = name.to_owned();
        let describe = move |world: &mut World, now| world.describe_secret(HOME, now, &wanted);
        match self.aws("DescribeSecret", false, name, describe).await? {
            Ok(secret) if secret.deleted_at.is_some() => Ok(None),
            Ok(secret) => Ok(Some((object(&secret.name, &secret.arn), Seen::new(Status::Ready)))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn read_secret(&self, id: &str, version: &str) -> Result<SecretValue, Refusal> {
        let (wanted, version) = (id.to_owned(), version.to_owned());
        let read =
            move |world: &mut World, now| world.get_secret_value(HOME, now, &wanted, Some(version.as_str()), None);
        let read = self.aws("GetSecretValue", false, id, read).await?;
        let document: Value =
            serde_json::from_str(&read.map_err(|error| refusal(&error))?.secret_string).unwrap_or_default();
        let value = document.get("MediaPackageCDNIdentifier").and_then(Value::as_str);
        let missing =
            || Refusal::new(RefusalKind::Rejected, "NoIdentifier", "the secret has no MediaPackageCDNIdentifier");
        value.map(|value| SecretValue::new(value.to_owned())).ok_or_else(missing)
    }

    async fn put_secret(&self, id: &str, request: &SecretRequest, value: &SecretValue) -> Looked {
        let document = serde_json::json!({"MediaPackageCDNIdentifier": value.reveal()}).to_string();
        let (wanted, version) = (id.to_owned(), request.version.clone());
        let put = move |world: &mut World, now| world.put_secret_value(HOME, now, &wanted, Some(&version), &document);
        match self.aws("PutSecretValue", true, id, put).await? {
            Ok(_) => Ok(Some(Seen::new(Status::Ready))),
            Err(error) if error.code == "ResourceExistsException" => Ok(Some(Seen::new(Status::Ready))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn delete_secret(&self, id: &str) -> Looked {
        let (wanted, how) = (id.to_owned(), DeleteSecret { recovery_window_days: None, force: true });
        self.change("DeleteSecret", id, move |world, now| world.delete_secret(HOME, now, &wanted, how), |_| None).await
    }
}
