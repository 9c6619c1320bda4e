//! AWS Secrets Manager: secrets, their versions, and the window in which a deleted one can come back (aws-facts 5.2).

mod calls;
mod password;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ms, Tags};
pub use calls::stages;
pub use password::RandomPassword;

/// Secrets Manager in one region. Names are the keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Secrets {
    pub secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Debug, Default)]
pub struct CreateSecret {
    pub name: String,
    pub client_request_token: Option<String>,
    pub secret_string: Option<String>,
    pub description: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub name: String,
    /// Ends in six random characters.
    pub arn: String,
    pub description: Option<String>,
    pub tags: Tags,
    pub created_at: Ms,
    pub changed_at: Ms,
    pub versions: BTreeMap<String, SecretVersion>,
    /// The version with the label AWSCURRENT, and the one with AWSPREVIOUS.
    pub current: Option<String>,
    pub previous: Option<String>,
    pub deleted_at: Option<Ms>,
    /// When the name becomes free.
    pub purge_at: Option<Ms>,
    /// Deleted without a window: nothing can be read any more, only the name is still taken.
    pub(crate) purging: bool,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretVersion {
    pub secret_string: String,
    pub created_at: Ms,
}

/// GetSecretValue's answer.
#[derive(Clone, PartialEq)]
pub struct SecretValue {
    pub name: String,
    pub arn: String,
    pub version_id: String,
    pub secret_string: String,
    pub stages: Vec<String>,
    pub created_at: Ms,
}

/// CreateSecret's and PutSecretValue's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretWritten {
    pub name: String,
    pub arn: String,
    pub version_id: Option<String>,
    /// The labels of that version.
    pub stages: Vec<String>,
}

/// How a secret goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteSecret {
    pub recovery_window_days: Option<i64>,
    pub force: bool,
}

/// DeleteSecret's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretDeleted {
    pub name: String,
    pub arn: String,
    pub deletion_date: Ms,
}

// Values never reach a log through a debug print.
impl std::fmt::Debug for SecretVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretVersion").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretValue")
            .field("name", &self.name)
            .field("version_id", &self.version_id)
            .finish_non_exhaustive()
    }
}

/// Which secrets a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretFilter {
    /// Those in their recovery window, too.
    pub deleted_too: bool,
    /// With a name that begins with one of these; case counts.
    pub names: Option<Vec<String>>,
}

impl SecretFilter {
    pub(crate) fn takes(&self, secret: &Secret) -> bool {
        let named = |names: &Vec<String>| names.iter().any(|name| secret.name.starts_with(name.as_str()));
        (self.deleted_too || secret.deleted_at.is_none()) && self.names.as_ref().is_none_or(named)
    }
}
