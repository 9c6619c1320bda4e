//! STS: who am I.

use serde_json::{Value, json};

use crate::world::World;

/// GetCallerIdentity. Every caller is a user of the account, named by its access key.
pub fn call(world: &World, access_key: &str) -> Value {
    let account = &world.account;
    json!({
        "UserId": access_key,
        "Account": account,
        "Arn": format!("arn:aws:iam::{account}:user/{access_key}"),
    })
}
