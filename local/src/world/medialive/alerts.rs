//! The alerts of a channel, those that are SET and those that were (aws-facts 1.1, 1.13).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, page};

/// How many of a channel's alerts are kept.
const KEPT: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub id: String,
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

impl Alert {
    /// The one kind of alert that is simulated (aws-facts 1.13: an opaque phrase).
    pub const TYPE: &str = "Video Not Detected";
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

    pub(super) fn log_alert(&mut self, region: &str, at: Ms, channel: &str, pipeline: usize, id: &str) {
        let alerts = self.region(region).medialive.alerts.entry(channel.to_owned()).or_default();
        alerts.push(Alert { id: id.to_owned(), pipeline, set_at: at, cleared_at: None });
        if alerts.len() > KEPT {
            alerts.remove(0);
        }
    }

    pub(super) fn clear_alert(&mut self, region: &str, at: Ms, channel: &str, id: &str) {
        let alerts = self.region(region).medialive.alerts.entry(channel.to_owned()).or_default();
        if let Some(alert) = alerts.iter_mut().find(|alert| alert.id == id) {
            alert.cleared_at = Some(at);
        }
    }
}
