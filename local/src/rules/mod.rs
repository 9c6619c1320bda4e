//! What AWS validates in a request before it looks at any state: members, enums, bounds, and the combinations that the
//! services refuse. State (does it exist, is it in use, may it be deleted now) is `world`'s.
//!
//! A request is a JSON value with the members' names on the wire, whichever protocol carried it. `check` answers with the
//! refusal as AWS words it. Each rule is a small function that names the fact it rests on (`aws-facts N.M`).

mod cloudfront;
mod cloudwatch;
mod defects;
pub mod interface;
mod medialive;
mod mediapackage;
mod net;
mod node;
mod secretsmanager;
mod shape;

#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use defects::{Defect, Defects, Fault};
pub use interface::Interface;
pub use node::Node;

use crate::world::AwsError;

/// Facts of low confidence: each can be switched, and is tested both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Strictness {
    /// Refuse members that the interface does not have. Stricter than AWS's REST services, which ignore them (aws-facts 0).
    pub unknown_members: bool,
    /// Refuse a `manifestName` with a dot. Otherwise it is accepted and the extension doubled (aws-facts 2.3).
    pub manifest_name_dots: bool,
    /// Refuse at CreateChannel what an H.264 encoder cannot do (level, profile, B-frames). AWS may instead raise an
    /// alert at start (aws-facts 7, point 5).
    pub encoder_limits: bool,
    /// Refuse AAC bitrates outside the known rows of the table (aws-facts 1.9, 7 point 10).
    pub aac_table: bool,
    /// Refuse at CreateChannel video for MediaPackage whose frame rate or pixel aspect ratio is not SPECIFIED (aws-facts
    /// 1.9: documented; that it is enforced is of medium confidence; 7 point 5).
    pub packaging_video: bool,
    /// Name all defects of a channel at once; otherwise the first alone (aws-facts 1.1: unverified).
    pub all_defects: bool,
    /// Refuse a destination that no output group refers to (aws-facts 1.7: unverified).
    pub unreferenced_destinations: bool,
    /// Refuse live manifests of more than five minutes (aws-facts 2.3: a soft quota).
    pub manifest_window_limit: bool,
}

impl Default for Strictness {
    fn default() -> Self {
        Self {
            unknown_members: true,
            manifest_name_dots: true,
            encoder_limits: true,
            aac_table: true,
            packaging_video: true,
            all_defects: true,
            unreferenced_destinations: false,
            manifest_window_limit: true,
        }
    }
}

/// Checks `input` of `operation` against the service's interface and rules. A service or operation without a table has
/// nothing to check.
pub fn check(service: &str, operation: &str, input: &Value, strictness: &Strictness) -> Result<(), AwsError> {
    let mut defects = Defects::default();
    let root = Node::root(input);
    if let Some(interface) = Interface::of(service)
        && let Some(shape) = interface.operations.get(operation).and_then(|op| op.input.as_deref())
    {
        shape::check(interface, shape, &root, strictness, &mut defects);
    }
    if !defects.unreadable() {
        match service {
            "medialive" => medialive::check(operation, &root, strictness, &mut defects),
            "mediapackage" => mediapackage::check(operation, &root, strictness, &mut defects),
            "cloudfront" => cloudfront::check(operation, &root, &mut defects),
            "cloudwatch" | "monitoring" => cloudwatch::check(operation, &root, &mut defects),
            "secretsmanager" => secretsmanager::check(operation, &root, &mut defects),
            _ => {}
        }
    }
    if service == "medialive" && !strictness.all_defects {
        defects.keep_first();
    }
    defects.into_result(service, operation)
}
