//! AWS Elemental MediaPackage v1: channels and origin endpoints. Ids are the caller's; there is no state (aws-facts 2.1).

mod channels;
mod endpoints;
mod tags;
mod viewers;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AwsError, Ms, Tags};

/// MediaPackage in one region. Ids are the keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MediaPackage {
    pub channels: BTreeMap<String, PackagingChannel>,
    pub endpoints: BTreeMap<String, OriginEndpoint>,
}

#[derive(Clone, Debug, Default)]
pub struct CreatePackagingChannel {
    pub id: String,
    pub description: String,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackagingChannel {
    pub id: String,
    pub arn: String,
    /// 32 hexadecimal digits, as in the ARN.
    pub guid: String,
    pub description: String,
    /// Always two (aws-facts 2.2).
    pub ingest: [IngestEndpoint; 2],
    /// All endpoints of the channel answer on this one host (aws-facts 2.5).
    pub egress_host: String,
    pub tags: Tags,
    pub created_at: Ms,
    /// From when on MediaLive finds the channel (aws-facts 1.7).
    pub visible_at: Ms,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestEndpoint {
    pub id: String,
    pub url: String,
    pub username: String,
    pub password: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Packager {
    Hls,
    Dash,
    Cmaf,
    Mss,
}

/// One of a CMAF endpoint's `hlsManifests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HlsManifest {
    pub id: String,
    /// Inherits the endpoint's when absent (aws-facts 2.4).
    pub manifest_name: Option<String>,
    /// Filled in by MediaPackage; what a request says here is ignored.
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CdnAuthorization {
    pub secret_arn: String,
    pub secrets_role_arn: String,
}

#[derive(Clone, Debug)]
pub struct CreateOriginEndpoint {
    pub id: String,
    pub channel_id: String,
    pub manifest_name: Option<String>,
    pub packager: Packager,
    pub hls_manifests: Vec<HlsManifest>,
    pub authorization: Option<CdnAuthorization>,
    pub tags: Tags,
    pub doc: Value,
}

/// What is `None` stays as it is; `doc`'s members replace those of the endpoint's document, one by one.
#[derive(Clone, Debug, Default)]
pub struct UpdateOriginEndpoint {
    pub id: String,
    pub manifest_name: Option<String>,
    pub packager: Option<Packager>,
    pub hls_manifests: Option<Vec<HlsManifest>>,
    pub authorization: Option<CdnAuthorization>,
    pub doc: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginEndpoint {
    pub id: String,
    pub arn: String,
    pub channel_id: String,
    /// 32 hexadecimal digits, in the playback URL. A new endpoint of the same id has another one (aws-facts 2.5).
    pub guid: String,
    pub manifest_name: String,
    pub packager: Packager,
    /// For CMAF only a base; the manifests have the URLs.
    pub url: String,
    pub hls_manifests: Vec<HlsManifest>,
    pub authorization: Option<CdnAuthorization>,
    /// When a request last named the CDN's secret, so that MediaPackage read it (aws-facts 2.6).
    #[serde(default)]
    pub(in crate::world) secret_read_at: Ms,
    pub tags: Tags,
    pub created_at: Ms,
    pub doc: Value,
}

/// MediaPackage has no BadRequest shape: what is wrong with a request is a 422 (aws-facts 2.1).
fn as_unprocessable(error: AwsError) -> AwsError {
    AwsError::unprocessable(error.message)
}
