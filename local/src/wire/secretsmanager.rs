//! Secrets Manager: requests to the world, secrets to answers.

use serde_json::{Value, json};

use super::fields::{as_tag_list, flag, int, not_simulated, objects, page, required, seconds, tag_list, text, texts};
use crate::world::secrets::{CreateSecret, DeleteSecret, RandomPassword, Secret, SecretFilter, SecretWritten, stages};
use crate::world::{AwsError, Ms, World};

/// Carries out `operation`.
pub fn call(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    if input.get("SecretBinary").is_some() {
        let message = "the local cloud does not simulate SecretBinary; use SecretString";
        return Err(AwsError::new(400, "InvalidParameterException", message));
    }
    let id = required(input, "SecretId");
    Ok(match operation {
        "CreateSecret" => {
            let request = CreateSecret {
                name: required(input, "Name"),
                client_request_token: text(input, "ClientRequestToken"),
                secret_string: text(input, "SecretString"),
                description: text(input, "Description"),
                tags: tag_list(objects(input, "Tags")),
            };
            written(&world.create_secret(region, now, request)?)
        }
        "GetRandomPassword" => {
            json!({"RandomPassword": world.random_password(region, now, &wish(input))?})
        }
        "DescribeSecret" => show(&world.describe_secret(region, now, &id)?),
        "GetSecretValue" => value(world, region, now, &id, input)?,
        "PutSecretValue" => {
            let token = text(input, "ClientRequestToken");
            let secret = required(input, "SecretString");
            current_only(input)?;
            let put = world.put_secret_value(region, now, &id, token.as_deref(), &secret)?;
            let mut out = written(&put);
            out["VersionStages"] = json!(put.stages);
            out
        }
        "DeleteSecret" => {
            let how = DeleteSecret {
                recovery_window_days: int(input, "RecoveryWindowInDays"),
                force: flag(input, "ForceDeleteWithoutRecovery"),
            };
            let gone = world.delete_secret(region, now, &id, how)?;
            json!({"ARN": gone.arn, "Name": gone.name, "DeletionDate": seconds(gone.deletion_date)})
        }
        "RestoreSecret" => written(&world.restore_secret(region, now, &id)?),
        "ListSecrets" => list(world, region, now, input)?,
        "TagResource" => {
            world.tag_secret(region, now, &id, tag_list(objects(input, "Tags")))?;
            json!({})
        }
        "UntagResource" => {
            world.untag_secret(region, now, &id, &texts(input, "TagKeys").unwrap_or_default())?;
            json!({})
        }
        other => return Err(not_simulated("secretsmanager", other)),
    })
}

/// Labels of the caller's own (AWSPENDING) would keep AWSCURRENT where it is.
fn current_only(input: &Value) -> Result<(), AwsError> {
    match texts(input, "VersionStages") {
        Some(stages) if stages != ["AWSCURRENT"] => {
            let message = "the local cloud does not simulate VersionStages other than AWSCURRENT";
            Err(AwsError::new(400, "InvalidParameterException", message))
        }
        Some(_) | None => Ok(()),
    }
}

fn wish(input: &Value) -> RandomPassword {
    let default = RandomPassword::default();
    let length = int(input, "PasswordLength").and_then(|n| usize::try_from(n).ok());
    RandomPassword {
        length: length.unwrap_or(default.length),
        exclude_characters: required(input, "ExcludeCharacters"),
        exclude_lowercase: flag(input, "ExcludeLowercase"),
        exclude_uppercase: flag(input, "ExcludeUppercase"),
        exclude_numbers: flag(input, "ExcludeNumbers"),
        exclude_punctuation: flag(input, "ExcludePunctuation"),
        include_space: flag(input, "IncludeSpace"),
        require_each_included_type: input.get("RequireEachIncludedType").and_then(Value::as_bool).unwrap_or(true),
    }
}

fn value(world: &mut World, region: &str, now: Ms, id: &str, input: &Value) -> Result<Value, AwsError> {
    let (version, stage) = (text(input, "VersionId"), text(input, "VersionStage"));
    let found = world.get_secret_value(region, now, id, version.as_deref(), stage.as_deref())?;
    Ok(json!({
        "ARN": found.arn,
        "Name": found.name,
        "VersionId": found.version_id,
        "SecretString": found.secret_string,
        "VersionStages": found.stages,
        "CreatedDate": seconds(found.created_at),
    }))
}

fn list(world: &mut World, region: &str, now: Ms, input: &Value) -> Result<Value, AwsError> {
    let mut names = None;
    for filter in objects(input, "Filters").into_iter().flatten() {
        if required(filter, "Key") != "name" || names.is_some() {
            let message = "the local cloud simulates no Filters of ListSecrets but one for name";
            return Err(AwsError::new(400, "InvalidParameterException", message));
        }
        names = texts(filter, "Values");
    }
    let wanted = SecretFilter { deleted_too: flag(input, "IncludePlannedDeletion"), names };
    let list = world.list_secrets(region, now, &wanted, &page(input, "MaxResults", "NextToken"))?;
    let secrets: Value = list.items.iter().map(show).collect();
    Ok(json!({"SecretList": secrets, "NextToken": list.next_token}))
}

fn written(secret: &SecretWritten) -> Value {
    json!({"ARN": secret.arn, "Name": secret.name, "VersionId": secret.version_id})
}

fn show(secret: &Secret) -> Value {
    let versions: serde_json::Map<String, Value> = secret
        .versions
        .keys()
        .map(|id| (id.clone(), json!(stages(secret, id))))
        .filter(|(_, stages)| stages != &json!([]))
        .collect();
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "Description": secret.description,
        "CreatedDate": seconds(secret.created_at),
        "LastChangedDate": seconds(secret.changed_at),
        "DeletedDate": secret.deleted_at.map(seconds),
        "Tags": as_tag_list(&secret.tags),
        "VersionIdsToStages": versions,
        "SecretVersionsToStages": versions,
    })
}
