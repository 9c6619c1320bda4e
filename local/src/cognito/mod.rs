//! The simulated user pool: its signing key, the tokens that it issues, and the key set that it publishes.
//!
//! Nobody signs in here: whoever reaches the AWS port of the local cloud owns everything in it anyway, so that the port
//! issues any token that is asked for (`POST /_headend/token`), the wrong ones included that a gateway has to refuse. What
//! a token holds is what Cognito puts into it (aws-facts 5.4b).

mod keys;
mod token;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use keys::SigningKey;
pub use keys::{KeyError, PublicKey};
pub use token::{Flaw, TokenError, TokenRequest};

/// What the template says of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolPlan {
    pub id: String,
    pub region: String,
    pub clients: Vec<ClientPlan>,
}

/// An app client, and what it may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPlan {
    pub id: String,
    /// Client credentials: a machine and no person.
    pub machine: bool,
    pub scopes: Vec<String>,
}

/// A user pool.
#[derive(Debug)]
pub struct UserPool {
    pub plan: PoolPlan,
    /// Where the key is kept across restarts.
    key_file: Option<PathBuf>,
    /// Made when it is first needed: most stacks never check a token.
    key: OnceLock<SigningKey>,
    /// A key that the pool does not publish.
    foreign: OnceLock<SigningKey>,
}

impl UserPool {
    pub fn new(plan: PoolPlan, key_file: Option<PathBuf>) -> Self {
        Self { plan, key_file, key: OnceLock::new(), foreign: OnceLock::new() }
    }

    /// The `iss` of the pool's tokens.
    pub fn issuer(&self) -> String {
        format!("https://cognito-idp.{}.amazonaws.com/{}", self.plan.region, self.plan.id)
    }

    fn key(&self) -> Result<&SigningKey, KeyError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = SigningKey::kept(self.key_file.as_deref())?;
        Ok(self.key.get_or_init(|| key))
    }

    fn foreign(&self) -> Result<&SigningKey, KeyError> {
        if let Some(key) = self.foreign.get() {
            return Ok(key);
        }
        let key = SigningKey::new()?;
        Ok(self.foreign.get_or_init(|| key))
    }

    /// The published key with this id.
    pub fn public_key(&self, kid: &str) -> Result<Option<&PublicKey>, KeyError> {
        let public = &self.key()?.public;
        Ok((public.kid == kid).then_some(public))
    }

    /// What stands at `/{pool}/.well-known/jwks.json`.
    pub fn key_set(&self) -> Result<Value, KeyError> {
        Ok(json!({"keys": [self.key()?.public.jwk()]}))
    }
}
