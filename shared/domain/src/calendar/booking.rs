//! The booking check: what is wrong with a planned event is said when it is saved, not at air time.

use super::{Airing, Calendar, PlannedEvent};
use crate::limits::{MAX_EVENTS, SLOWEST_START_SECS};
use crate::phase::{Phase, phase};
use crate::record::{Record, Want};
use crate::spec::Problem;
use crate::time::Timestamp;

/// How many occurrences of the event are compared with the others': a year of every day, seven years of every week.
const COMPARED: usize = 366;

/// What the check found. Blockers are refused; warnings are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Booking {
    pub blockers: Vec<Blocker>,
    pub warnings: Vec<Problem>,
    /// The next occurrences.
    pub airings: Vec<Airing>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// There is no occurrence left.
    Over,
    /// At the same time as another event of the platform.
    Overlaps {
        pointer: String,
        detail: String,
    },
    /// The platform is going or has gone.
    Leaving,
    /// A slot has failed: what AWS says, and what is to be done.
    CannotRun {
        detail: String,
    },
    CalendarFull,
}

/// Checks an event that is to be saved. `record` has the calendar as it is; the event in it with the same id counts as
/// replaced.
pub fn book(record: &Record, event: &PlannedEvent, now: Timestamp) -> Booking {
    let mut booking = Booking { airings: event.airings(now).take(super::SHOWN).collect(), ..Booking::default() };
    let others: Vec<&PlannedEvent> = record.calendar.events.iter().filter(|other| other.id != event.id).collect();
    if others.len() >= MAX_EVENTS {
        booking.blockers.push(Blocker::CalendarFull);
    }
    if !event.airings(now).any(|airing| airing.end > now) {
        booking.blockers.push(Blocker::Over);
    }
    booking.blockers.extend(overlaps(&others, event, now));
    if is_leaving(record) {
        booking.blockers.push(Blocker::Leaving);
    } else if phase(record) == Phase::Failed {
        booking.blockers.extend(failed(record));
    }
    booking.warnings.extend(lead_time(record, event, &booking.airings, now));
    booking
}

/// Whether the platform is going or has gone: nothing can be planned on it any more.
pub fn is_leaving(record: &Record) -> bool {
    match phase(record) {
        Phase::Gone | Phase::TearingDown => true,
        Phase::Failed => record.asked.intent.want == Want::Gone,
        Phase::Provisioning | Phase::Ready | Phase::Starting | Phase::Live | Phase::Stopping => false,
    }
}

fn failed(record: &Record) -> Option<Blocker> {
    let (slot, failure) = record.failure()?;
    let detail = format!("{slot} has failed: {}: {}; {}", failure.code, failure.message, failure.cure());
    Some(Blocker::CannotRun { detail })
}

/// The first occurrence at the same time as one of another event, for each other event. Warm-up and overrun may overlap:
/// the channel then goes on from one to the other.
fn overlaps(others: &[&PlannedEvent], event: &PlannedEvent, now: Timestamp) -> Vec<Blocker> {
    let own: Vec<Airing> = event.airings(now).take(COMPARED).collect();
    let own_pairs = own.windows(2).find(|pair| pair[1].start < pair[0].end);
    let itself = own_pairs.map(|pair| Blocker::Overlaps {
        pointer: "/recurrence".to_owned(),
        detail: format!("the occurrence of {} begins before the one of {} ends", pair[1].start, pair[0].start),
    });
    let Some(last) = own.last().map(|airing| airing.end) else { return Vec::new() };
    let with = |other: &&PlannedEvent| {
        let theirs = other.airings(now).take_while(|airing| airing.start < last);
        let (ours, theirs) = meeting(&own, theirs)?;
        Some(Blocker::Overlaps {
            pointer: "/start".to_owned(),
            detail: format!(
                "the occurrence of {} overlaps {:?} ({}), which is on from {} to {}",
                ours.start, theirs.title, theirs.event, theirs.start, theirs.end
            ),
        })
    };
    itself.into_iter().chain(others.iter().filter_map(with)).collect()
}

/// The first two of both lists, each in order, that are on at the same time.
fn meeting(own: &[Airing], theirs: impl Iterator<Item = Airing>) -> Option<(Airing, Airing)> {
    let mut own = own.iter().peekable();
    for their in theirs {
        while own.next_if(|airing| airing.end <= their.start).is_some() {}
        match own.peek() {
            Some(airing) if airing.start < their.end => return Some(((*airing).clone(), their)),
            Some(_) => {}
            None => return None,
        }
    }
    None
}

fn lead_time(record: &Record, event: &PlannedEvent, airings: &[Airing], now: Timestamp) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let warn = |pointer: &str, detail: String| Problem { pointer: pointer.to_owned(), detail };
    let Some(first) = airings.first() else { return warnings };
    let ready = phase(record) != Phase::Provisioning;
    let ahead = first.start.millis_since(now) / 1000;
    if ahead < SLOWEST_START_SECS && phase(record) != Phase::Live {
        let detail =
            format!("the lead time is too short: a channel takes 1 to 3 minutes to run, and {ahead} s are left");
        warnings.push(warn("/start", detail));
    } else if !ready && ahead < 20 * 60 {
        let detail = "the platform is still being made, and the event begins in less than 20 minutes".to_owned();
        warnings.push(warn("/start", detail));
    }
    if i64::from(event.plan.warmup_seconds) < SLOWEST_START_SECS {
        let detail = format!(
            "a channel takes up to {SLOWEST_START_SECS} s to run, and is found up to 60 s late: the beginning may be missed"
        );
        warnings.push(warn("/warmupSeconds", detail));
    }
    warnings
}

impl Calendar {
    /// The calendar with the event in it, replaced or added.
    #[must_use]
    pub fn with(mut self, event: PlannedEvent) -> Self {
        match self.events.iter_mut().find(|other| other.id == event.id) {
            Some(other) => *other = event,
            None => self.events.push(event),
        }
        self
    }
}
