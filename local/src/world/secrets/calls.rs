//! The calls of Secrets Manager. A secret is named by its name or its ARN.

use super::{CreateSecret, DeleteSecret, Secret, SecretDeleted, SecretValue, SecretWritten};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    pub fn create_secret(&mut self, region: &str, now: Ms, request: CreateSecret) -> Result<SecretWritten, AwsError> { todo!() }
    pub fn describe_secret(&mut self, region: &str, now: Ms, secret_id: &str) -> Result<Secret, AwsError> { todo!() }
    /// `version_id` and `version_stage` default to the current version.
    pub fn get_secret_value(&mut self, region: &str, now: Ms, secret_id: &str, version_id: Option<&str>, version_stage: Option<&str>) -> Result<SecretValue, AwsError> { todo!() }
    pub fn put_secret_value(&mut self, region: &str, now: Ms, secret_id: &str, token: Option<&str>, secret_string: &str) -> Result<SecretWritten, AwsError> { todo!() }
    pub fn delete_secret(&mut self, region: &str, now: Ms, secret_id: &str, how: DeleteSecret) -> Result<SecretDeleted, AwsError> { todo!() }
    pub fn restore_secret(&mut self, region: &str, now: Ms, secret_id: &str) -> Result<SecretWritten, AwsError> { todo!() }
    /// Secrets in their recovery window are listed only when `deleted_too`.
    pub fn list_secrets(&mut self, region: &str, now: Ms, deleted_too: bool, page: &Page) -> Result<Paged<Secret>, AwsError> { todo!() }
    pub fn tag_secret(&mut self, region: &str, now: Ms, secret_id: &str, tags: super::Tags) -> Result<(), AwsError> { todo!() }
    pub fn untag_secret(&mut self, region: &str, now: Ms, secret_id: &str, keys: &[String]) -> Result<(), AwsError> { todo!() }
    pub(in crate::world) fn fire_secrets(&mut self, region: &str, name: &str, epoch: u64) { todo!() }
}
