//! Amazon CloudFront: distributions and how long they take. Global; its calls name no region.

mod distributions;
mod tags;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Ms, Tags};

/// All distributions of the account. Ids are the keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CloudFront {
    pub distributions: BTreeMap<String, Distribution>,
    /// Every CallerReference that ever made a distribution.
    spent_references: BTreeSet<String>,
}

/// What a CloudFront timer does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    Deployed { id: String, epoch: u64 },
}

/// What of a DistributionConfig means something to the account; the whole document is in `xml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistributionConfig {
    pub caller_reference: String,
    pub enabled: bool,
    pub comment: String,
    pub origins: Vec<Origin>,
    /// In the order of evaluation, the default behaviour (no pattern) last.
    pub behaviors: Vec<Behavior>,
    pub aliases: Vec<String>,
    /// For how many seconds an error of the origin is kept, by its status (`CustomErrorResponses`).
    #[serde(default)]
    pub error_ttl: BTreeMap<u16, u64>,
    /// The DistributionConfig element as it came, to be echoed.
    pub xml: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub id: String,
    pub domain: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behavior {
    pub path_pattern: Option<String>,
    pub target_origin: String,
    /// `AllowedMethods`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Ids of the policies.
    #[serde(default)]
    pub cache_policy: Option<String>,
    #[serde(default)]
    pub headers_policy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DistributionStatus {
    InProgress,
    Deployed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub status: DistributionStatus,
    pub etag: String,
    pub last_modified: Ms,
    pub config: DistributionConfig,
    /// What some edges may still serve, until `config` is Deployed; `None` stands for an edge that knows nothing yet.
    #[serde(default)]
    pub(in crate::world) superseded: Vec<Option<DistributionConfig>>,
    pub tags: Tags,
    pub(crate) epoch: u64,
}

impl DistributionStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Deployed => "Deployed",
        }
    }
}
