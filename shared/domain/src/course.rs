//! How an occurrence goes: when the channel was live for it, for how long it was in trouble, and what it cost. Kept as sums and
//! the moments since when they grow, as the meter is: looking at it twice, or never, changes nothing. What the report of an
//! event says is read from here, since the timeline forgets (decision 021).

use crate::broadcast::Past;
use crate::calendar::Airing;
use crate::meter::{Runs, Sum};
use crate::outbox::degraded;
use crate::phase::{Phase, phase};
use crate::record::{Record, Want};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// It was given the channel.
    pub asked_at: Timestamp,
    /// The channel was first seen running for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_at: Option<Timestamp>,
    /// The channel was seen at rest after it; none where it stayed on for something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_at: Option<Timestamp>,
    /// Nothing more will be known of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// The channel runs for it.
    #[serde(default, skip_serializing_if = "Span::is_default")]
    pub on: Span,
    /// Between start and end the channel was degraded, or did not run any more.
    #[serde(default, skip_serializing_if = "Span::is_default")]
    pub trouble: Span,
    /// What it cost, from the moment it had the channel until that was at rest.
    #[serde(default)]
    pub cost: Sum,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<Runs>,
    /// `Remedies::number` as it began.
    pub remedies_before: u32,
    /// Remedies that were decided on meanwhile.
    #[serde(default)]
    pub remedies: u32,
}

/// Times that add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// Of what is over.
    #[serde(default)]
    pub millis: i64,
    /// How often that was.
    #[serde(default)]
    pub times: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Span {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// As it stands at a moment. Only what lies within the bounds counts.
    #[must_use]
    fn at(self, now: Timestamp, within: (Timestamp, Timestamp)) -> Self {
        let Some(since) = self.since else { return self };
        let millis = now.min(within.1).millis_since(since.max(within.0)).max(0);
        Self { millis: self.millis + millis, times: self.times + u32::from(millis > 0), since: None }
    }

    fn follow(&mut self, holds: bool, now: Timestamp, within: (Timestamp, Timestamp)) {
        match (self.since, holds) {
            (None, true) => self.since = Some(now),
            (Some(_), false) => *self = self.at(now, within),
            (None, false) | (Some(_), true) => {}
        }
    }
}

const EVER: (Timestamp, Timestamp) = (Timestamp(i64::MIN), Timestamp(i64::MAX));

impl Course {
    pub(crate) fn new(record: &Record, now: Timestamp) -> Self {
        Self {
            asked_at: now,
            live_at: None,
            off_at: None,
            closed: false,
            on: Span::default(),
            trouble: Span::default(),
            cost: Sum::default(),
            runs: None,
            remedies_before: record.state.remedies.number,
            remedies: 0,
        }
    }

    /// What it shows at a moment of an occurrence that takes place from `start` to `end`.
    #[must_use]
    pub fn at(&self, now: Timestamp, start: Timestamp, end: Timestamp) -> Self {
        let mut shown = self.clone();
        shown.on = shown.on.at(now, EVER);
        shown.trouble = shown.trouble.at(now, (start, end));
        shown.charge(None, now);
        shown
    }

    /// It has the channel no more.
    pub(crate) fn end(self, airing: &Airing, now: Timestamp) -> Self {
        let runs = self.runs;
        let ended = self.at(now, airing.start, airing.end);
        // It is paid for until the channel is at rest.
        Self { cost: self.cost, runs, ..ended }
    }

    fn charge(&mut self, runs: Option<Runs>, now: Timestamp) {
        if self.runs.map(|runs| runs.rate) == runs.map(|runs| runs.rate) {
            return;
        }
        if let Some(before) = self.runs.take() {
            self.cost = self.cost.plus(before, now);
        }
        self.runs = runs.map(|runs| Runs { since: now, ..runs });
    }
}

/// Brings what is kept of the occurrence that is on, and of the one before it, up to this moment.
pub(crate) fn follow(record: &mut Record, now: Timestamp) {
    let broadcasts = &record.state.broadcasts;
    let open = |past: &Past| past.course.as_ref().is_some_and(|course| !course.closed);
    if broadcasts.on_air.is_none() && !broadcasts.past.iter().any(open) {
        return;
    }
    let live = phase(record) == Phase::Live;
    let wrong = !live || degraded(record).is_some();
    let goes_on = record.want() == Want::Live;
    let (runs, number) = (record.state.meter.runs, record.state.remedies.number);
    let broadcasts = &mut record.state.broadcasts;
    for course in broadcasts.past.iter_mut().filter(|past| open(past)).filter_map(|past| past.course.as_mut()) {
        let (ran, at_rest) = (course.runs.is_some(), runs.is_none());
        course.charge(runs.filter(|_| !goes_on), now);
        course.off_at = (ran && at_rest).then_some(now);
        course.closed = at_rest || goes_on;
    }
    let Some(on_air) = &mut broadcasts.on_air else { return };
    let Some(course) = &mut on_air.course else { return };
    course.live_at = course.live_at.or(live.then_some(now));
    course.on.follow(live, now, EVER);
    let trouble = wrong && course.live_at.is_some();
    course.trouble.follow(trouble, now, (on_air.airing.start, on_air.airing.end));
    course.charge(runs, now);
    course.remedies = number.saturating_sub(course.remedies_before);
}
