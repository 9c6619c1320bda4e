//! Slots: the named places for the AWS objects of a platform. The printed name of a slot is stored, tagged and
//! shown to people, so it must never change.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Slot {
    /// The input security group of a push input.
    Group(String),
    Input(String),
    /// The secret with the CDN identifier.
    Secret,
    /// The MediaPackage channel.
    Packaging,
    Endpoint(Format),
    /// The MediaLive channel.
    Channel,
    Distribution,
    Alarm(AlarmKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Hls,
    Dash,
    Cmaf,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Hls, Self::Dash, Self::Cmaf];

    pub fn word(self) -> &'static str {
        match self {
            Self::Hls => "hls",
            Self::Dash => "dash",
            Self::Cmaf => "cmaf",
        }
    }
}

/// The alarms of a platform; the number is the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    InputLoss(u8),
    ActiveAlerts(u8),
    Packager4xx,
    Packager5xx,
    Cdn4xx,
    Cdn5xx,
}

/// Where an alarm has to live: an alarm reads metrics of its own region only (aws-facts 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmRegion {
    Home,
    /// CloudFront publishes its metrics in us-east-1 only (aws-facts 3.7).
    UsEast1,
}

impl AlarmKind {
    pub fn region(self) -> AlarmRegion {
        match self {
            Self::InputLoss(_) | Self::ActiveAlerts(_) | Self::Packager4xx | Self::Packager5xx => AlarmRegion::Home,
            Self::Cdn4xx | Self::Cdn5xx => AlarmRegion::UsEast1,
        }
    }
}

impl fmt::Display for AlarmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InputLoss(pipeline) => write!(f, "input-loss-{pipeline}"),
            Self::ActiveAlerts(pipeline) => write!(f, "active-alerts-{pipeline}"),
            Self::Packager4xx => f.write_str("packager-4xx"),
            Self::Packager5xx => f.write_str("packager-5xx"),
            Self::Cdn4xx => f.write_str("cdn-4xx"),
            Self::Cdn5xx => f.write_str("cdn-5xx"),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(input) => write!(f, "group/{input}"),
            Self::Input(input) => write!(f, "input/{input}"),
            Self::Secret => f.write_str("secret"),
            Self::Packaging => f.write_str("packaging"),
            Self::Endpoint(format) => write!(f, "endpoint/{}", format.word()),
            Self::Channel => f.write_str("channel"),
            Self::Distribution => f.write_str("distribution"),
            Self::Alarm(kind) => write!(f, "alarm/{kind}"),
        }
    }
}

impl Serialize for AlarmKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> Self {
        slot.to_string()
    }
}

impl TryFrom<String> for Slot {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for AlarmKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "input-loss-0" => Self::InputLoss(0),
            "input-loss-1" => Self::InputLoss(1),
            "active-alerts-0" => Self::ActiveAlerts(0),
            "active-alerts-1" => Self::ActiveAlerts(1),
            "packager-4xx" => Self::Packager4xx,
            "packager-5xx" => Self::Packager5xx,
            "cdn-4xx" => Self::Cdn4xx,
            "cdn-5xx" => Self::Cdn5xx,
            other => return Err(format!("no alarm is called {other:?}")),
        })
    }
}

impl FromStr for Slot {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once('/').map_or((text, ""), |(kind, name)| (kind, name));
        Ok(match (kind, name) {
            ("secret", "") => Self::Secret,
            ("packaging", "") => Self::Packaging,
            ("channel", "") => Self::Channel,
            ("distribution", "") => Self::Distribution,
            ("group", name) if !name.is_empty() => Self::Group(name.to_owned()),
            ("input", name) if !name.is_empty() => Self::Input(name.to_owned()),
            ("endpoint", "hls") => Self::Endpoint(Format::Hls),
            ("endpoint", "dash") => Self::Endpoint(Format::Dash),
            ("endpoint", "cmaf") => Self::Endpoint(Format::Cmaf),
            ("alarm", name) => Self::Alarm(name.parse()?),
            _ => return Err(format!("no slot is called {text:?}")),
        })
    }
}
