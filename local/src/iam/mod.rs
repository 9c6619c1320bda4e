//! IAM: what a function's role may do. Each call that arrives with a function's credentials is translated into the
//! actions that AWS would ask its policies for, and judged by the policies of the template.
//!
//! `facts` knows which actions there are, `policy` reads documents into grants, `role` judges, `asks` translates calls,
//! `privileges` sums up what was granted and what was used. Nothing here knows a protocol.

pub mod asks;
pub mod facts;
pub mod policy;
pub mod privileges;
pub mod role;
mod tags;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest as _, Sha256};

pub use asks::Ask;
pub use role::{Role, Verdict};

/// What a function signs with. Temporary credentials on AWS: a call needs the token, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: String,
    pub session_token: String,
}

impl Credentials {
    /// The credentials of one function of one stack; a restart finds the same ones.
    pub fn of(access_key: String, function_arn: &str) -> Self {
        let made = |what: &str| hex::encode(Sha256::digest(format!("{what} of {function_arn}")));
        Self { access_key, secret_key: made("secret")[..40].to_owned(), session_token: made("token") }
    }
}

/// A function with its role.
#[derive(Debug)]
pub struct Caller {
    pub credentials: Credentials,
    pub role: Role,
}

/// The roles of the account, by access key. A key that is not here belongs to the account's administrator.
#[derive(Default)]
pub struct Iam {
    callers: RwLock<BTreeMap<String, Arc<Caller>>>,
}

impl Iam {
    pub fn add(&self, caller: Caller) {
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        callers.insert(caller.credentials.access_key.clone(), Arc::new(caller));
    }

    pub fn caller(&self, access_key: &str) -> Option<Arc<Caller>> {
        let callers = self.callers.read().unwrap_or_else(PoisonError::into_inner);
        callers.get(access_key).cloned()
    }
}
