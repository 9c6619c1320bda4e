//! What may be done about alarms without a person, and until when nothing may (decision 015).

use super::Spec;
use super::reader::{Object, Problem};
use crate::limits::HANDS_OFF_DAYS;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemediationSpec {
    pub mode: RemediationMode,
    /// The guard-rail: no more in any hour, whatever fires.
    pub max_actions_per_hour: u32,
    /// How long something has to be well before it counts as over.
    pub clear_seconds: u32,
}

/// Nothing is done to anybody's channel who has not said so.
impl Default for RemediationSpec {
    fn default() -> Self {
        Self { mode: RemediationMode::DryRun, max_actions_per_hour: 3, clear_seconds: 60 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemediationMode {
    Act,
    /// Decides and writes it down, and does nothing.
    DryRun,
    Off,
}

/// Somebody is at work on the channel, and wants nothing done behind their back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandsOffSpec {
    /// As text, so that the spec reads as it was written.
    pub until: String,
}

impl HandsOffSpec {
    pub fn until(&self) -> Option<Timestamp> {
        let moment: jiff::Timestamp = self.until.parse().ok()?;
        Some(Timestamp(moment.as_millisecond()))
    }
}

pub(super) fn remediation(body: &mut Object<'_>) -> RemediationSpec {
    let usual = RemediationSpec::default();
    let Some(mut object) = body.object("remediation") else { return usual };
    let read = RemediationSpec {
        mode: object.word("mode", "act, dry-run, off").unwrap_or(usual.mode),
        max_actions_per_hour: object.whole("maxActionsPerHour", 1, 10).unwrap_or(usual.max_actions_per_hour),
        clear_seconds: object.whole("clearSeconds", 10, 3600).unwrap_or(usual.clear_seconds),
    };
    object.finish();
    read
}

/// `YYYY-MM-DDThh:mm:ssZ`, the digits as zeros.
const MOMENT: &str = "0000-00-00T00:00:00Z";

pub(super) fn hands_off(body: &mut Object<'_>) -> Option<HandsOffSpec> {
    let mut object = body.object("handsOff")?;
    if object.raw("until").is_none() {
        object.problem("until", "is required: the moment after which alarms are acted on again");
    }
    let until = object.text("until");
    let form = |text: &String| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let read = until.map(|until| HandsOffSpec { until });
    match &read {
        Some(read) if form(&read.until) != MOMENT => {
            object.problem("until", "must be a moment in UTC like 2026-06-01T20:00:00Z");
        }
        Some(read) if read.until().is_none() => object.problem("until", "is not a moment of the calendar"),
        Some(_) | None => {}
    }
    object.finish();
    read
}

/// Somebody forgets the switch: it reaches a few days ahead. Asked where a request is accepted, since a spec knows no time; one
/// that was accepted stays valid.
pub fn hands_off_too_far(wanted: &Spec, before: Option<&Spec>, now: Timestamp) -> Option<Problem> {
    let hands_off =
        wanted.hands_off.as_ref().filter(|it| before.and_then(|spec| spec.hands_off.as_ref()) != Some(*it))?;
    let until = hands_off.until()?;
    let detail = if until <= now {
        "is over already; give a moment that is to come, or leave handsOff out".to_owned()
    } else if until.millis_since(now) > HANDS_OFF_DAYS * 86_400_000 {
        format!("must be at most {HANDS_OFF_DAYS} days ahead; say it again then, or set remediation.mode to off")
    } else {
        return None;
    };
    Some(Problem { pointer: "/handsOff/until".to_owned(), detail })
}
