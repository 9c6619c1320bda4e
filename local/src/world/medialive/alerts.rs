//! The alerts of a channel, those that are SET and those that were (aws-facts 1.1, 1.13).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, page};

/// How many of a channel's alerts are kept.
const KEPT: usize = 100;

/// What an alert is about. AWS's phrases are opaque (aws-facts 1.13), and only the first is one that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertKind {
    #[default]
    VideoNotDetected,
    /// The pipeline has failed and MediaLive is recovering it.
    PipelineDown,
    /// The pipeline runs and cannot write its outputs.
    OutputFailed,
}

impl AlertKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VideoNotDetected => "Video Not Detected",
            Self::PipelineDown => "Pipeline Down",
            Self::OutputFailed => "Failed to Create Output",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub id: String,
    #[serde(default)]
    pub kind: AlertKind,
    pub pipeline: usize,
    pub set_at: Ms,
    pub cleared_at: Option<Ms>,
}

/// `stateFilter` of ListAlerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertFilter {
    #[default]
    Set,
    Cleared,
    All,
}

impl AlertFilter {
    fn takes(self, alert: &Alert) -> bool {
        match self {
            Self::Set => alert.cleared_at.is_none(),
            Self::Cleared => alert.cleared_at.is_some(),
            Self::All => true,
        }
    }
}

impl World {
    pub fn list_alerts(
        &mut self,
        region: &str,
        now: Ms,
        channel: &str,
        filter: AlertFilter,
        page: &Page,
    ) -> Result<Paged<Alert>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.channel(region, now, channel)?;
        let alerts = self.region(region).medialive.alerts.get(channel).cloned().unwrap_or_default();
        // In the order in which they were set.
        let keyed = alerts.into_iter().map(|alert| (format!("{:020}-{}", alert.set_at, alert.pipeline), alert));
        let keyed: BTreeMap<String, Alert> = keyed.collect();
        page::cut(keyed.iter().filter(|(_, alert)| filter.takes(alert)), page, 1000)
    }

    pub(super) fn log_alert(&mut self, region: &str, channel: &str, alert: Alert) {
        let alerts = self.region(region).medialive.alerts.entry(channel.to_owned()).or_default();
        alerts.push(alert);
        if alerts.len() > KEPT {
            alerts.remove(0);
        }
    }

    /// What an alert of the channel is about, while it is remembered.
    pub(super) fn alert_kind(&mut self, region: &str, channel: &str, id: &str) -> Option<AlertKind> {
        let alerts = self.region(region).medialive.alerts.get(channel)?;
        alerts.iter().find(|alert| alert.id == id).map(|alert| alert.kind)
    }

    pub(super) fn clear_alert(&mut self, region: &str, at: Ms, channel: &str, id: &str) {
        let alerts = self.region(region).medialive.alerts.entry(channel.to_owned()).or_default();
        if let Some(alert) = alerts.iter_mut().find(|alert| alert.id == id) {
            alert.cleared_at = Some(at);
        }
    }
}
