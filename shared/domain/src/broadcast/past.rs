//! What became of the last occurrences, and how they went. What is kept here outlives the timeline and the calendar.

use crate::calendar::Airing;
use crate::course::Course;
use crate::limits::PAST_AIRINGS;
use crate::record::Record;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub event: String,
    pub occurrence: String,
    pub title: String,
    pub fate: Fate,
    pub at: Timestamp,
    /// Its moments, as they were planned last; none where it was over before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Planned>,
    /// How it went; none where it never had the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub on_at: Timestamp,
    pub start: Timestamp,
    pub end: Timestamp,
    pub off_at: Timestamp,
}

impl From<&Airing> for Planned {
    fn from(airing: &Airing) -> Self {
        Self { on_at: airing.on_at, start: airing.start, end: airing.end, off_at: airing.off_at }
    }
}

impl Past {
    /// Whether it is the same one; more may be known of it meanwhile.
    pub fn is(&self, other: &Self) -> bool {
        self.event == other.event && self.occurrence == other.occurrence && self.at == other.at
    }
}

/// What became of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It was on to its end.
    Aired,
    /// A person or the guard stopped the channel.
    Stopped,
    /// It was cancelled or moved while it was on.
    Cancelled,
    /// It was too late to begin.
    Missed,
    /// The tenant had no channel left.
    NoRoom,
}

impl Record {
    pub(crate) fn is_past(&self, airing: &Airing) -> bool {
        let same = |past: &Past| past.event == airing.event && past.occurrence == airing.occurrence;
        self.state.broadcasts.past.iter().any(same)
    }

    pub(crate) fn remember(&mut self, airing: &Airing, fate: Fate, course: Option<Course>, now: Timestamp) {
        let past = &mut self.state.broadcasts.past;
        past.push(Past {
            event: airing.event.clone(),
            occurrence: airing.occurrence.clone(),
            title: airing.title.clone(),
            fate,
            at: now,
            planned: Some(Planned::from(airing)),
            course,
        });
        let beyond = past.len().saturating_sub(PAST_AIRINGS);
        past.drain(..beyond);
    }
}
