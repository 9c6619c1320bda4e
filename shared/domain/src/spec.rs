//! What a producer asks for. `read` turns a JSON document into a `Spec`, or says everything that is wrong with
//! it at once, each problem with its JSON pointer.

mod address;
mod change;
mod check;
mod drift;
mod encoding;
mod fields;
mod guard;
mod input;
mod input_check;
mod input_fields;
mod ladder;
mod loss;
// JSON's kinds are serde's enum, and final.
#[allow(clippy::wildcard_enum_match_arm)]
pub(crate) mod reader;
mod remediation;
mod tracks;

pub use address::{is_local_name, is_public_address};
pub use change::{Change, Moment, changes};
pub use drift::{DriftMode, DriftSpec};
pub use guard::{GuardSpec, OnBudget};
pub use input::{
    FailoverConditions, FailoverPreference, FailoverSpec, InputKind, InputSpec, SrtAlgorithm, SrtDecryption, SrtSource,
    SrtSpec,
};
pub use ladder::preset;
pub use loss::{FOREVER_SECONDS, InputLossSpec, LossPicture};
pub use reader::Problem;
pub use remediation::{HandsOffSpec, RemediationMode, RemediationSpec, hands_off_too_far};

use crate::slot::Format;
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Reads a request body.
///
/// # Errors
/// All problems of the document, in document order.
pub fn read(document: &serde_json::Value) -> Result<Spec, Vec<Problem>> {
    let problems = reader::Problems::default();
    let spec = fields::spec(document, &problems);
    if let Some(spec) = &spec {
        check::check(spec, &problems);
    }
    let problems = problems.into_vec();
    match spec {
        Some(spec) if problems.is_empty() => Ok(spec),
        _ => Err(problems),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub channel_class: ChannelClass,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub allow_lists: BTreeMap<String, Vec<Ipv4Net>>,
    pub inputs: Vec<InputSpec>,
    pub input_specification: InputSpecification,
    pub ladder: Ladder,
    pub audio: Vec<AudioSpec>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<CaptionSpec>,
    /// Nothing is said to MediaLive when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_loss: Option<InputLossSpec>,
    pub endpoints: BTreeMap<Format, EndpointSpec>,
    pub archive: ArchiveSpec,
    pub alarms: AlarmsSpec,
    #[serde(default)]
    pub remediation: RemediationSpec,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hands_off: Option<HandsOffSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cdn_secret: Option<CdnSecretSpec>,
    /// When the channel is stopped without a hand on it.
    #[serde(default)]
    pub guard: GuardSpec,
    /// What is done about what somebody else changes.
    #[serde(default)]
    pub drift: DriftSpec,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelClass {
    /// One pipeline.
    Single,
    /// Two pipelines in two availability zones; every input has to bring two sources (aws-facts 1.6).
    Standard,
}

impl ChannelClass {
    pub fn pipelines(self) -> u8 {
        match self {
            Self::Single => 1,
            Self::Standard => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AudioLayout {
    #[serde(rename = "stereo")]
    Stereo,
    #[serde(rename = "5.1")]
    Surround,
}

impl AudioLayout {
    pub fn word(self) -> &'static str {
        match self {
            Self::Stereo => "stereo",
            Self::Surround => "5.1",
        }
    }
}

/// A ceiling for provisioning and billing: at or above the largest input and rung (aws-facts 1.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputSpecification {
    pub codec: String,
    pub resolution: Resolution,
    pub maximum_bitrate: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Resolution {
    Sd,
    Hd,
    Uhd,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ladder {
    pub frame_rate: FrameRate,
    pub gop_seconds: f64,
    pub rungs: Vec<Rung>,
}

impl Ladder {
    /// Frames of one group of pictures.
    pub fn gop_frames(&self) -> u32 {
        (self.gop_seconds * f64::from(self.frame_rate.nominal())).round().max(1.0) as u32
    }
}

/// Frames a second; written as broadcasters do, `25` or `29.97`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FrameRate {
    pub numerator: u32,
    pub denominator: u32,
}

impl From<FrameRate> for String {
    fn from(rate: FrameRate) -> Self {
        ladder::frame_rate_word(rate).to_owned()
    }
}

impl TryFrom<String> for FrameRate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        ladder::frame_rate(&text)
    }
}

impl FrameRate {
    /// Frames a second to the next whole number: 30 for 30000/1001. Segments are counted in these.
    pub fn nominal(self) -> u32 {
        self.numerator.div_ceil(self.denominator.max(1))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rung {
    pub name: String,
    pub width: u32,
    pub height: u32,
    /// Bits per second.
    pub bitrate: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioSpec {
    pub name: String,
    pub layout: AudioLayout,
    pub bitrate: u32,
    /// ISO 639-2, three letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What players show instead of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where in the source the sound is; without it, the first that is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<AudioSource>,
}

impl AudioSpec {
    /// The first sound of the source, in no language that is told.
    pub fn new(name: impl Into<String>, layout: AudioLayout, bitrate: u32) -> Self {
        Self { name: name.into(), layout, bitrate, language: None, label: None, source: None }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioSource {
    Language(String),
    /// Counted from 1.
    Track(u32),
    /// Packet id in a transport stream.
    Pid(u32),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaptionSpec {
    pub name: String,
    /// ISO 639-2, three letters.
    pub language: String,
    /// The 608 channel of the captions that are embedded in the source, 1 to 4.
    pub channel: u32,
    pub output: CaptionOutput,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptionOutput {
    /// Passed through inside the video.
    Embedded,
    /// A track of its own, for HLS and CMAF.
    Webvtt,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointSpec {
    pub manifest_name: String,
    pub segment_seconds: u32,
    pub window_seconds: u32,
    pub startover_seconds: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveSpec {
    pub enabled: bool,
    /// A piece becomes visible in S3 when it closes (aws-facts 1.10).
    pub rollover_seconds: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmsSpec {
    pub enabled: bool,
    /// 4xx answers of the packager in five minutes.
    pub packager_4xx_count: u32,
    /// 5xx answers of the packager in five minutes.
    pub packager_5xx_count: u32,
    pub cdn_4xx_percent: f64,
    pub cdn_5xx_percent: f64,
}

/// How long the secret between the CDN and the packager is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CdnSecretSpec {
    pub rotate_every_days: u32,
}

impl Spec {
    pub fn input(&self, name: &str) -> Option<&InputSpec> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The CIDR blocks that may push to an input, allow-lists resolved, each once.
    pub fn allowed(&self, input: &InputSpec) -> Vec<Ipv4Net> {
        let mut blocks: Vec<Ipv4Net> = Vec::new();
        for entry in &input.allow_from {
            match self.allow_lists.get(entry) {
                Some(list) => blocks.extend(list),
                None => blocks.extend(entry.parse::<Ipv4Net>()),
            }
        }
        blocks.sort();
        blocks.dedup();
        blocks
    }
}
