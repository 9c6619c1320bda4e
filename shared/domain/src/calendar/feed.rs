//! What calendar programs are shown: the occurrences around a moment, those that are over with what became of them.

use super::{Airing, Calendar, PlannedEvent};
use crate::broadcast::{Fate, Past};
use crate::limits::{FEED_AHEAD_DAYS, FEED_BACK_DAYS, FEED_MOST};
use crate::record::Record;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The secret address of the calendar, which programs without a token read. Whoever has the key has the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feed {
    /// 128 bits in hexadecimal digits.
    pub key: String,
    pub made_at: Timestamp,
}

/// An occurrence in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub event: String,
    pub occurrence: String,
    pub title: String,
    pub on_at: Timestamp,
    pub start: Timestamp,
    pub end: Timestamp,
    pub off_at: Timestamp,
    /// When what is shown was last written, as far as it is known.
    pub written_at: Timestamp,
    /// None: it lies ahead, is on, or was so long ago that it is forgotten what became of it.
    pub fate: Option<Fate>,
}

/// The occurrences of a platform in its feed, by their start.
pub fn shown(record: &Record, now: Timestamp) -> Vec<Shown> {
    let (since, until) = (now.plus_secs(-FEED_BACK_DAYS * 86_400), now.plus_secs(FEED_AHEAD_DAYS * 86_400));
    let past = record.state.broadcasts.past.iter().filter(|past| past.at > since);
    let mut all: Vec<Shown> = past.filter_map(Shown::over).collect();
    let planned: Vec<Shown> = record.calendar.around(since, until).collect();
    let known: Vec<_> = all.iter().map(|it| (it.event.clone(), it.occurrence.clone())).collect();
    all.extend(planned.into_iter().filter(|it| !known.contains(&(it.event.clone(), it.occurrence.clone()))));
    all.sort_by(|a, b| (a.start, &a.event).cmp(&(b.start, &b.event)));
    all.truncate(FEED_MOST);
    all
}

impl Calendar {
    fn around(&self, since: Timestamp, until: Timestamp) -> impl Iterator<Item = Shown> {
        self.events.iter().flat_map(move |event| {
            let airings = event.airings(since).take_while(move |airing| airing.start < until);
            // What was over when it was planned never took place.
            airings.filter(|airing| airing.end > event.placed_at).map(|airing| Shown::planned(event, airing))
        })
    }
}

impl Shown {
    fn planned(event: &PlannedEvent, airing: Airing) -> Self {
        Self {
            event: airing.event,
            occurrence: airing.occurrence,
            title: airing.title,
            on_at: airing.on_at,
            start: airing.start,
            end: airing.end,
            off_at: airing.off_at,
            written_at: event.placed_at,
            fate: None,
        }
    }

    /// None where its moments were not kept.
    fn over(past: &Past) -> Option<Self> {
        let planned = past.planned?;
        Some(Self {
            event: past.event.clone(),
            occurrence: past.occurrence.clone(),
            title: past.title.clone(),
            on_at: planned.on_at,
            start: planned.start,
            end: planned.end,
            off_at: planned.off_at,
            written_at: past.at,
            fate: Some(past.fate),
        })
    }
}
