//! The calls of Secrets Manager. A secret is named by its name, its ARN, or its ARN without the random ending.

use super::{
    CreateSecret, DeleteSecret, Secret, SecretDeleted, SecretFilter, SecretValue, SecretVersion, SecretWritten,
};
use crate::world::tagging::{apply, remove};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Tags, World, page};

const ARN_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const DAY_MS: Ms = 86_400_000;
const DEFAULT_WINDOW_DAYS: i64 = 30;
const MOST_TAGS: usize = 50;

impl World {
    /// Idempotent for the same token and content (aws-facts 5.2).
    pub fn create_secret(&mut self, region: &str, now: Ms, request: CreateSecret) -> Result<SecretWritten, AwsError> {
        self.open(region, now, Kind::Write)?;
        if let Some(secret) = self.region(region).secrets.secrets.get(&request.name) {
            return already_there(secret, &request);
        }
        let most = self.quotas.get("secretsmanager.secrets");
        if self.region(region).secrets.secrets.len() >= most as usize {
            let message = format!("There may be {most} secrets in a region (quota secretsmanager.secrets)");
            return Err(AwsError::new(400, "LimitExceededException", message));
        }
        let ending = self.dice.text(6, ARN_LETTERS);
        let mut secret = Secret {
            arn: self.arn("secretsmanager", region, &format!("secret:{}-{ending}", request.name)),
            name: request.name,
            description: request.description,
            tags: request.tags,
            created_at: now,
            changed_at: now,
            versions: Default::default(),
            current: None,
            previous: None,
            deleted_at: None,
            purge_at: None,
            purging: false,
        };
        if let Some(text) = request.secret_string {
            let version = request.client_request_token.unwrap_or_else(|| self.dice.uuid());
            add_version(&mut secret, now, &version, text);
        }
        let written = written(&secret, secret.current.clone());
        self.region(region).secrets.secrets.insert(secret.name.clone(), secret);
        Ok(written)
    }

    pub fn describe_secret(&mut self, region: &str, now: Ms, secret_id: &str) -> Result<Secret, AwsError> {
        self.open(region, now, Kind::Read)?;
        self.secret(region, secret_id).cloned()
    }

    /// `version_id` and `version_stage` default to the current version.
    pub fn get_secret_value(
        &mut self,
        region: &str,
        now: Ms,
        secret_id: &str,
        version_id: Option<&str>,
        version_stage: Option<&str>,
    ) -> Result<SecretValue, AwsError> {
        self.open(region, now, Kind::Read)?;
        let secret = self.living_secret(region, secret_id)?;
        let by_stage = match version_stage.unwrap_or("AWSCURRENT") {
            "AWSCURRENT" => secret.current.as_deref(),
            "AWSPREVIOUS" => secret.previous.as_deref(),
            _ => None,
        };
        let known = version_id.is_some_and(|id| secret.versions.contains_key(id));
        if known && version_stage.is_some() && by_stage != version_id {
            let message = "You provided a VersionStage that is not associated to the provided VersionId.";
            return Err(AwsError::new(400, "InvalidRequestException", message));
        }
        let Some((id, version)) = version_id.or(by_stage).and_then(|id| secret.versions.get_key_value(id)) else {
            let message = "Secrets Manager can't find the specified secret value for the version asked for";
            return Err(AwsError::new(400, "ResourceNotFoundException", message));
        };
        Ok(SecretValue {
            name: secret.name.clone(),
            arn: secret.arn.clone(),
            version_id: id.clone(),
            secret_string: version.secret_string.clone(),
            stages: stages(secret, id),
            created_at: version.created_at,
        })
    }

    /// The new version becomes AWSCURRENT, the one before AWSPREVIOUS. The token is its id: with the same value again
    /// nothing happens, whatever its labels are by then; with another value it is refused.
    pub fn put_secret_value(
        &mut self,
        region: &str,
        now: Ms,
        secret_id: &str,
        token: Option<&str>,
        secret_string: &str,
    ) -> Result<SecretWritten, AwsError> {
        self.open(region, now, Kind::Write)?;
        let version = token.map_or_else(|| self.dice.uuid(), str::to_owned);
        let secret = self.living_secret(region, secret_id)?;
        match secret.versions.get(&version) {
            Some(existing) if existing.secret_string == secret_string => {}
            Some(_) => return Err(exists("The version already exists with other content")),
            None => add_version(secret, now, &version, secret_string.to_owned()),
        }
        Ok(written(secret, Some(version)))
    }

    /// With a window the secret can come back; with force only its name stays taken for a while (aws-facts 5.2).
    pub fn delete_secret(
        &mut self,
        region: &str,
        now: Ms,
        secret_id: &str,
        how: DeleteSecret,
    ) -> Result<SecretDeleted, AwsError> {
        self.open(region, now, Kind::Write)?;
        let days = window_days(how)?;
        let wait = if how.force {
            let span = self.switches.durations.secret_purge;
            self.lasting(span)
        } else {
            self.scaled(days * DAY_MS)
        };
        let unknown = self.arn("secretsmanager", region, &format!("secret:{secret_id}"));
        let secret = match self.secret(region, secret_id) {
            Ok(secret) => secret,
            // Force succeeds for what is not there (aws-facts 5.2).
            Err(_) if how.force => {
                return Ok(SecretDeleted { name: secret_id.into(), arn: unknown, deletion_date: now });
            }
            Err(error) => return Err(error),
        };
        if secret.deleted_at.is_some() && !how.force {
            return Err(scheduled());
        }
        secret.deleted_at = Some(now);
        secret.purge_at = Some(now + wait);
        secret.purging = how.force;
        Ok(SecretDeleted { name: secret.name.clone(), arn: secret.arn.clone(), deletion_date: now + wait })
    }

    pub fn restore_secret(&mut self, region: &str, now: Ms, secret_id: &str) -> Result<SecretWritten, AwsError> {
        self.open(region, now, Kind::Write)?;
        let secret = self.secret(region, secret_id)?;
        secret.deleted_at = None;
        secret.purge_at = None;
        Ok(written(secret, None))
    }

    /// Secrets in their recovery window are listed only when `deleted_too`.
    pub fn list_secrets(
        &mut self,
        region: &str,
        now: Ms,
        wanted: &SecretFilter,
        page: &Page,
    ) -> Result<Paged<Secret>, AwsError> {
        self.open(region, now, Kind::Read)?;
        let secrets = self.region(region).secrets.secrets.iter();
        let listed = secrets.filter(|(_, secret)| !secret.purging && wanted.takes(secret));
        page::cut(listed, page, 100).map_err(|error| AwsError::new(400, "InvalidNextTokenException", error.message))
    }

    pub fn tag_secret(&mut self, region: &str, now: Ms, secret_id: &str, tags: Tags) -> Result<(), AwsError> {
        self.open(region, now, Kind::Write)?;
        let secret = self.living_secret(region, secret_id)?;
        apply(&mut secret.tags, tags, MOST_TAGS).map_err(invalid)
    }

    pub fn untag_secret(&mut self, region: &str, now: Ms, secret_id: &str, keys: &[String]) -> Result<(), AwsError> {
        self.open(region, now, Kind::Write)?;
        remove(&mut self.living_secret(region, secret_id)?.tags, keys);
        Ok(())
    }

    /// What another service of the account reads with its role: the current text of a secret named by ARN.
    pub(in crate::world) fn current_secret(&mut self, region: &str, now: Ms, arn: &str) -> Option<String> {
        self.purge_secrets(region, now);
        let secret = self.living_secret(region, arn).ok()?;
        let current = secret.current.as_ref()?;
        secret.versions.get(current).map(|version| version.secret_string.clone())
    }

    /// What a service of the account is sure to know when it read the secret at some moment between `since` and now: the
    /// values that were labelled during all of that time.
    pub(in crate::world) fn values_known_since(&mut self, region: &str, now: Ms, arn: &str, since: Ms) -> Vec<String> {
        self.purge_secrets(region, now);
        let Ok(secret) = self.living_secret(region, arn) else {
            return Vec::new();
        };
        // A version has its label from the moment when it is made; one without a label is forgotten at once.
        let labelled = [&secret.current, &secret.previous].into_iter().flatten();
        let versions = labelled.filter_map(|id| secret.versions.get(id));
        versions.filter(|version| version.created_at <= since).map(|version| version.secret_string.clone()).collect()
    }

    fn open(&mut self, region: &str, now: Ms, kind: Kind) -> Result<(), AwsError> {
        self.admit(region, now, Service::SecretsManager, kind)?;
        self.purge_secrets(region, now);
        Ok(())
    }

    /// Needs no timer: nobody sees the difference before the next call.
    fn purge_secrets(&mut self, region: &str, now: Ms) {
        let secrets = &mut self.region(region).secrets.secrets;
        secrets.retain(|_, secret| secret.purge_at.is_none_or(|at| at > now));
    }

    fn secret(&mut self, region: &str, secret_id: &str) -> Result<&mut Secret, AwsError> {
        let secrets = &mut self.region(region).secrets.secrets;
        secrets.values_mut().find(|secret| !secret.purging && is_named(secret, secret_id)).ok_or_else(|| {
            let message = "Secrets Manager can't find the specified secret.";
            AwsError::new(400, "ResourceNotFoundException", message)
        })
    }

    fn living_secret(&mut self, region: &str, secret_id: &str) -> Result<&mut Secret, AwsError> {
        let secret = self.secret(region, secret_id)?;
        if secret.deleted_at.is_some() {
            return Err(scheduled());
        }
        Ok(secret)
    }
}

/// The labels of a version.
pub fn stages(secret: &Secret, version_id: &str) -> Vec<String> {
    let mut stages = Vec::new();
    if secret.current.as_deref() == Some(version_id) {
        stages.push("AWSCURRENT".to_owned());
    }
    if secret.previous.as_deref() == Some(version_id) {
        stages.push("AWSPREVIOUS".to_owned());
    }
    stages
}

fn is_named(secret: &Secret, id: &str) -> bool {
    let without_ending = secret.arn.rsplit_once('-').map(|(rest, _)| rest);
    secret.name == id || secret.arn == id || without_ending == Some(id)
}

fn add_version(secret: &mut Secret, now: Ms, version: &str, text: String) {
    secret.versions.insert(version.to_owned(), SecretVersion { secret_string: text, created_at: now });
    secret.previous = secret.current.replace(version.to_owned());
    secret.changed_at = now;
}

fn already_there(secret: &Secret, request: &CreateSecret) -> Result<SecretWritten, AwsError> {
    if secret.deleted_at.is_some() {
        let message = "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Err(AwsError::new(400, "InvalidRequestException", message));
    }
    let version = request.client_request_token.as_ref().filter(|token| {
        let existing = secret.versions.get(*token).map(|version| &version.secret_string);
        existing.is_some() && existing == request.secret_string.as_ref()
    });
    match version {
        Some(version) => Ok(written(secret, Some(version.clone()))),
        None => Err(exists(&format!("The operation failed because the secret {} already exists.", secret.name))),
    }
}

fn window_days(how: DeleteSecret) -> Result<i64, AwsError> {
    if how.force && how.recovery_window_days.is_some() {
        return Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.".into(),
        ));
    }
    let days = how.recovery_window_days.unwrap_or(DEFAULT_WINDOW_DAYS);
    if !(7..=30).contains(&days) {
        return Err(invalid("The RecoveryWindowInDays value must be between 7 and 30 days.".into()));
    }
    Ok(days)
}

fn written(secret: &Secret, version_id: Option<String>) -> SecretWritten {
    let stages = version_id.as_deref().map(|id| stages(secret, id)).unwrap_or_default();
    SecretWritten { name: secret.name.clone(), arn: secret.arn.clone(), version_id, stages }
}

fn exists(message: &str) -> AwsError {
    AwsError::new(400, "ResourceExistsException", message)
}

pub(super) fn invalid(message: String) -> AwsError {
    AwsError::new(400, "InvalidParameterException", message)
}

fn scheduled() -> AwsError {
    let message = "You can't perform this operation on the secret because it was marked for deletion.";
    AwsError::new(400, "InvalidRequestException", message)
}
