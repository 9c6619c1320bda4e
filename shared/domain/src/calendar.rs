//! Planned events of a platform: when they take place, in the wall-clock time of their place. What is kept is what was
//! asked (written by API requests only); the moments follow from it and the time zone database. Only who works the calendar
//! out links that database; everybody else reads the moments that the record keeps (`broadcast`).

mod booking;
mod feed;
mod fields;
mod recurrence;
mod zone;

pub use booking::{Blocker, Booking, book, is_leaving};
pub use feed::{Feed, Shown, shown};
pub use fields::read;
pub use recurrence::{Recurrence, Until};
pub use zone::{Day, Local};

use crate::limits::{PAST_EVENT_DAYS, SLOWEST_START_SECS};
use crate::spec::ChannelClass;
use crate::time::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Occurrences of an event that the API shows.
pub const SHOWN: usize = 10;

/// The CALENDAR item.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calendar {
    /// Grows with each change; 0 is a platform without a calendar.
    pub version: u64,
    pub events: Vec<PlannedEvent>,
    /// Where calendar programs read it; none where nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
    /// Fields that a newer version wrote.
    #[serde(flatten)]
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

/// One planned event: a broadcast, or a series of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedEvent {
    pub id: String,
    /// The calendar's version that wrote it: its entity tag.
    pub version: u64,
    /// When it was made, or moved: a stop from before that does not concern it.
    pub placed_at: Timestamp,
    #[serde(flatten)]
    pub plan: EventPlan,
}

/// What a producer says of a planned event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventPlan {
    pub title: String,
    /// Of the first occurrence, by the clocks of the time zone.
    pub start: Local,
    pub end: Local,
    pub time_zone: String,
    /// How long before the start the channel is started.
    pub warmup_seconds: u32,
    /// How long after the end it stays on while there is a signal.
    pub overrun_seconds: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Dates of occurrences that do not take place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Day>,
    pub missed_start: MissedStart,
}

/// What to do when the channel could not be started in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissedStart {
    /// Better late than never: start as long as the event has not ended.
    StartLate,
    Skip,
}

/// One occurrence of a planned event, in moments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Airing {
    pub event: String,
    /// Which one: its start by the clocks of its place. Stays the same when the end moves.
    pub occurrence: String,
    pub title: String,
    /// The channel is to be started.
    pub on_at: Timestamp,
    pub start: Timestamp,
    pub end: Timestamp,
    /// The channel is stopped, signal or not.
    pub off_at: Timestamp,
    pub missed_start: MissedStart,
}

/// How long before the start the channel is started when the producer does not say: the slowest start, two sweeps that come
/// late, and a margin, which is larger where two pipelines have to come up.
pub fn usual_warmup(class: ChannelClass) -> u32 {
    let margin = match class {
        ChannelClass::Single => 60,
        ChannelClass::Standard => 120,
    };
    u32::try_from(SLOWEST_START_SECS).unwrap_or(0) + 2 * 60 + margin
}

impl Calendar {
    pub fn event(&self, id: &str) -> Option<&PlannedEvent> {
        self.events.iter().find(|event| event.id == id)
    }

    /// Up to `each` occurrences of every event whose channel time is not over at that moment, by their start.
    pub fn airings(&self, after: Timestamp, each: usize) -> Vec<Airing> {
        let mut all: Vec<Airing> = self.events.iter().flat_map(|event| event.airings(after).take(each)).collect();
        all.sort_by(|a, b| (a.start, &a.event).cmp(&(b.start, &b.event)));
        all
    }

    /// Leaves out what has been over for long: the calendar is bounded.
    pub fn forget_past(&mut self, now: Timestamp) {
        let since = now.plus_secs(-PAST_EVENT_DAYS * 86_400);
        self.events.retain(|event| event.airings(since).next().is_some());
    }
}

impl PlannedEvent {
    /// The occurrences whose channel time is not over at that moment, in order. None where the time zone is not known any
    /// more; a calendar is only taken with zones that are.
    pub fn airings(&self, after: Timestamp) -> impl Iterator<Item = Airing> {
        let zone = zone::find(&self.plan.time_zone);
        zone.into_iter().flat_map(move |zone| {
            let plan = &self.plan;
            let days =
                self.plan.start.days_until(&self.plan.end) + i32::try_from(plan.overrun_seconds / 86_400).unwrap_or(0);
            let from = zone::date_of(after, &zone, -(days + 2));
            let dates = plan.dates(from).take_while({
                let (zone, plan) = (zone.clone(), plan.clone());
                move |date| plan.goes_on(*date, &zone)
            });
            let airing = move |date| self.airing(date, &zone);
            dates.filter(|date| !plan.excepted(*date)).filter_map(airing).filter(move |airing| airing.off_at > after)
        })
    }

    fn airing(&self, date: Date, zone: &jiff::tz::TimeZone) -> Option<Airing> {
        let plan = &self.plan;
        let begins = plan.start.on(date)?;
        let start = begins.moment(zone)?;
        let end = begins.ends(&plan.start, &plan.end, zone)?;
        // What was placed when its time had come already begins then: nobody can have stopped it before.
        let on_at = start.plus_secs(-i64::from(plan.warmup_seconds)).max(self.placed_at);
        Some(Airing {
            event: self.id.clone(),
            occurrence: begins.to_string(),
            title: plan.title.clone(),
            on_at,
            start,
            end,
            off_at: end.plus_secs(i64::from(plan.overrun_seconds)),
            missed_start: plan.missed_start,
        })
    }
}

impl EventPlan {
    /// The dates on which it begins, in order, the ones before `from` left out as far as that is easily said.
    fn dates(&self, from: Date) -> Box<dyn Iterator<Item = Date>> {
        match &self.recurrence {
            None => Box::new(std::iter::once(self.start.date())),
            Some(recurrence) => Box::new(recurrence.dates(self.start.date(), from)),
        }
    }

    fn goes_on(&self, date: Date, zone: &jiff::tz::TimeZone) -> bool {
        match self.recurrence.as_ref().and_then(|it| it.until.as_ref()) {
            None => true,
            Some(Until::Date(last)) => date <= last.0,
            Some(Until::Moment(last)) => {
                self.start.on(date).and_then(|begins| begins.moment(zone)).is_some_and(|start| start <= *last)
            }
        }
    }

    fn excepted(&self, date: Date) -> bool {
        self.exceptions.iter().any(|exception| exception.0 == date)
    }

    /// Whether it takes place at other times than before.
    pub fn is_moved(&self, before: &Self) -> bool {
        self.start != before.start || self.time_zone != before.time_zone || self.recurrence != before.recurrence
    }
}
