//! What an input is: where its pictures come from, and what takes over when they stop coming (aws-facts 1.8).

use super::AudioLayout;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputSpec {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: InputKind,
    /// Names of allow-lists, or CIDR blocks; only push inputs have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_from: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_anywhere: bool,
    /// Sources of a pull input, one per pipeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Who MediaLive is to the source. The password is in Parameter Store, under the name beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_parameter: Option<String>,
    /// ARNs of MediaConnect flows, one per pipeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srt: Option<SrtSpec>,
    /// A file begins again when it has ended.
    #[serde(default, rename = "loop", skip_serializing_if = "std::ops::Not::not")]
    pub loops: bool,
    /// The layout of the audio that the source carries.
    pub source_audio: AudioLayout,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<FailoverSpec>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    #[serde(rename = "RTMP_PUSH")]
    RtmpPush,
    #[serde(rename = "RTP_PUSH")]
    RtpPush,
    /// SRT, the encoder calls.
    #[serde(rename = "SRT_LISTENER")]
    SrtListener,
    /// HLS pull.
    #[serde(rename = "URL_PULL")]
    UrlPull,
    #[serde(rename = "RTMP_PULL")]
    RtmpPull,
    #[serde(rename = "MP4_FILE")]
    Mp4File,
    /// SRT, MediaLive calls.
    #[serde(rename = "SRT_CALLER")]
    SrtCaller,
    #[serde(rename = "MEDIACONNECT")]
    MediaConnect,
}

/// Every type, as a message lists them.
pub const INPUT_KINDS: &str =
    "RTMP_PUSH, RTP_PUSH, SRT_LISTENER, URL_PULL, RTMP_PULL, MP4_FILE, SRT_CALLER, MEDIACONNECT";

impl InputKind {
    /// Whether the encoder comes to MediaLive: such inputs have a security group.
    pub fn is_push(self) -> bool {
        match self {
            Self::RtmpPush | Self::RtpPush | Self::SrtListener => true,
            Self::UrlPull | Self::RtmpPull | Self::Mp4File | Self::SrtCaller | Self::MediaConnect => false,
        }
    }

    /// The schemes of its `urls`; none where it has none.
    pub fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::UrlPull => &["http", "https"],
            Self::RtmpPull => &["rtmp", "rtmps"],
            Self::Mp4File => &["https", "http", "s3ssl"],
            Self::RtmpPush | Self::RtpPush | Self::SrtListener | Self::SrtCaller | Self::MediaConnect => &[],
        }
    }

    /// Whether two of them can be a failover pair (aws-facts 1.8).
    pub fn can_fail_over(self) -> bool {
        self.is_push() || self == Self::MediaConnect
    }
}

/// `sources` of a caller, or what an encoder has to agree on that calls a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SrtSpec {
    /// One per pipeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SrtSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_latency_ms: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decryption: Option<SrtDecryption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SrtSource {
    pub address: String,
    pub port: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_latency_ms: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decryption: Option<SrtDecryption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SrtDecryption {
    pub algorithm: SrtAlgorithm,
    /// The passphrase itself is in Secrets Manager and nowhere else.
    pub passphrase_secret_arn: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SrtAlgorithm {
    Aes128,
    Aes192,
    Aes256,
}

/// Automatic input failover, said on the primary input (aws-facts 1.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailoverSpec {
    /// The name of the input that takes over.
    pub input: String,
    pub preference: FailoverPreference,
    /// How long the primary has to be healthy before it counts as cured.
    pub clear_time_ms: u32,
    pub conditions: FailoverConditions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailoverPreference {
    /// Whichever is on air stays there while it is healthy.
    Equal,
    /// Back to the primary as soon as it is cured.
    Primary,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailoverConditions {
    pub input_loss_ms: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub black_ms: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence_ms: Option<u32>,
}

impl InputSpec {
    /// An input of which nothing else is said.
    pub fn new(name: impl Into<String>, kind: InputKind) -> Self {
        Self {
            name: name.into(),
            kind,
            allow_from: Vec::new(),
            allow_anywhere: false,
            urls: Vec::new(),
            username: None,
            password_parameter: None,
            flows: Vec::new(),
            srt: None,
            loops: false,
            source_audio: AudioLayout::Stereo,
            failover: None,
        }
    }

    /// How many sources it brings, where that decides its class (aws-facts 1.6); push inputs always listen at two
    /// addresses.
    pub fn ways(&self) -> usize {
        match self.kind {
            InputKind::RtmpPush | InputKind::RtpPush | InputKind::SrtListener => 2,
            InputKind::UrlPull | InputKind::RtmpPull | InputKind::Mp4File => self.urls.len(),
            InputKind::SrtCaller => self.srt.as_ref().map_or(0, |srt| srt.sources.len()),
            InputKind::MediaConnect => self.flows.len(),
        }
    }
}
