//! What planned events make of the channel: which occurrence has it, what comes next, and what became of the last ones.
//! `attend` works the calendar out for a moment and is the only one who needs the time zone database; all others read the
//! moments that it left in STATE.
//!
//! Who wins: a stop during an occurrence ends that occurrence, a start during an occurrence outlives it. A start from before
//! is over with the next occurrence that ends, so that whoever tries the line beforehand does not pay for the night after.

mod past;

pub use past::{Fate, Past, Planned};

use crate::accept::{Note, note};
use crate::calendar::{Airing, MissedStart};
use crate::course::Course;
use crate::limits::{BRIDGE_SECS, MISSED_AFTER_SECS, NO_ROOM_PAUSE_SECS};
use crate::phase::no_signal;
use crate::record::{Record, Want};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The part of STATE that belongs to planned events.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Broadcasts {
    /// The occurrence that wants the channel live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_air: Option<OnAir>,
    /// The one after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Airing>,
    /// One that could not begin, because the tenant has no channel left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What became of the last ones, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Past>,
    /// The last stop that a person said, and the occurrence that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// A start from before this is used up: an event has ended since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<Timestamp>,
    /// When the calendar has to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnAir {
    #[serde(flatten)]
    pub airing: Airing,
    pub since: Timestamp,
    /// None where it began before courses were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    #[serde(flatten)]
    pub airing: Airing,
    pub retry_at: Timestamp,
}

/// A stop concerns the occurrence that has the channel when it is said, and no other: not the one that follows at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub said_at: Timestamp,
    /// Event and occurrence; none when nothing was on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<(String, String)>,
}

impl Broadcasts {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Record {
    /// What is wanted of the channel: the person's word, and the planned events.
    pub fn want(&self) -> Want {
        let intent = &self.asked.intent;
        let used_up = self.state.broadcasts.spent.is_some_and(|spent| intent.said_at.unwrap_or(intent.at) < spent)
            || self.guard_stop().is_some();
        match intent.want {
            Want::Gone => Want::Gone,
            Want::Live | Want::Idle if self.state.broadcasts.on_air.is_some() => Want::Live,
            Want::Live if used_up => Want::Idle,
            Want::Live => Want::Live,
            Want::Idle => Want::Idle,
        }
    }

    /// Who wants that, and since when.
    pub fn wanted_by(&self) -> (String, Timestamp) {
        let intent = &self.asked.intent;
        let broadcasts = &self.state.broadcasts;
        if let Some(stop) = self.guard_stop().filter(|_| intent.want == Want::Live) {
            return (format!("guard ({})", stop.rule.word()), stop.at);
        }
        match (&broadcasts.on_air, broadcasts.past.last()) {
            (Some(on_air), _) if intent.want == Want::Idle => (by_event(&on_air.airing.title), on_air.since),
            (None, Some(past)) if self.want() != intent.want => (by_event(&past.title), past.at),
            _ => (intent.by.clone(), intent.at),
        }
    }

    /// Whether an occurrence has the channel at this moment, or is about to have it.
    pub fn is_event_time(&self, now: Timestamp) -> bool {
        let broadcasts = &self.state.broadcasts;
        broadcasts.on_air.is_some() || broadcasts.next.as_ref().is_some_and(|next| next.on_at <= now)
    }

    /// The moment of a person's stop that is still their last word.
    fn stop_said(&self) -> Option<Timestamp> {
        self.asked.intent.said_at.filter(|_| self.asked.intent.want == Want::Idle)
    }

    /// Whether a person or the guard has stopped this occurrence.
    fn is_stopped(&self, airing: &Airing) -> bool {
        let of = |stop: &Stop| {
            stop.of.as_ref().is_some_and(|(event, which)| *event == airing.event && *which == airing.occurrence)
        };
        let during = self.stop_said().is_some_and(|said| airing.on_at <= said && said < airing.off_at);
        let stopped = during
            && self
                .state
                .broadcasts
                .stop
                .as_ref()
                .is_some_and(|stop| Some(stop.said_at) == self.stop_said() && of(stop));
        stopped || self.is_guarded(airing)
    }
}

fn by_event(title: &str) -> String {
    format!("planned event {title:?}")
}

/// Brings what planned events want up to this moment. The same record and the same moment give the same; a moment later it
/// changes nothing until `look_at`.
pub(crate) fn attend(record: &mut Record, now: Timestamp) -> Vec<Note> {
    let mut notes = Vec::new();
    if record.asked.intent.want == Want::Gone {
        if let Some(on_air) = record.state.broadcasts.on_air.take() {
            notes.push(note(format!("event {:?} is over: the platform is being removed", on_air.airing.title)));
            let course = on_air.course.map(|course| course.end(&on_air.airing, now));
            record.remember(&on_air.airing, Fate::Cancelled, course, now);
        }
        let broadcasts = &mut record.state.broadcasts;
        (broadcasts.next, broadcasts.held, broadcasts.look_at) = (None, None, None);
        return notes;
    }
    if record.calendar.events.is_empty() && record.state.broadcasts.is_default() {
        return notes;
    }
    let airings = record.calendar.airings(now, EACH);
    let planned = refresh(record, now);
    assign_stop(record, &airings, now, &mut notes);
    overslept(record, now, &mut notes);
    let ending = if planned { over(record, now) } else { Some(Fate::Cancelled) };
    let follower = candidate(record, &airings, now);
    turn(record, ending, follower, now, &mut notes);
    missed(record, &airings, now, &mut notes);
    look_ahead(record, &airings, now);
    notes
}

/// Occurrences of each event that are looked at: the one that is on, the one that runs into it, and the ones after.
const EACH: usize = 4;

/// The occurrence that has the channel, as the calendar has it now: a change while it is on takes effect at once. `false` when
/// it is not in the calendar any more, or only later.
fn refresh(record: &mut Record, now: Timestamp) -> bool {
    let Some(on_air) = &mut record.state.broadcasts.on_air else { return true };
    let event = record.calendar.event(&on_air.airing.event);
    let since = on_air.airing.start.min(now).plus_secs(-1);
    let same = |airing: &Airing| is_same(airing, &on_air.airing) && airing.on_at <= now.plus_secs(BRIDGE_SECS);
    let Some(found) = event.and_then(|event| event.airings(since).take(EACH).find(same)) else { return false };
    on_air.airing = found;
    true
}

/// Finds out which occurrence a stop is about, once: what is changed later does not change that.
fn assign_stop(record: &mut Record, airings: &[Airing], now: Timestamp, notes: &mut Vec<Note>) {
    let Some(said_at) = record.stop_said() else { return };
    let broadcasts = &mut record.state.broadcasts;
    if broadcasts.stop.as_ref().is_some_and(|stop| stop.said_at == said_at) {
        return;
    }
    let has_it = broadcasts.on_air.as_ref().map(|on_air| &on_air.airing);
    let has_it = has_it.filter(|airing| airing.on_at <= said_at).cloned();
    let waits = airings.iter().find(|airing| airing.on_at <= said_at && said_at < airing.end).cloned();
    let of = has_it.clone().or_else(|| waits.clone());
    broadcasts.stop = Some(Stop { said_at, of: of.map(|airing| (airing.event, airing.occurrence)) });
    if let (None, Some(airing)) = (has_it, waits) {
        notes.push(note(format!("event {:?} does not begin: {} said stop", airing.title, record.asked.intent.by)));
        record.remember(&airing, Fate::Stopped, None, now);
    }
}

/// What came next and is over, and nobody came to begin it.
fn overslept(record: &mut Record, now: Timestamp, notes: &mut Vec<Note>) {
    let Some(next) = record.state.broadcasts.next.take().filter(|next| next.end <= now) else { return };
    let on = record.state.broadcasts.on_air.as_ref().is_some_and(|on_air| is_same(&on_air.airing, &next));
    let held = record.state.broadcasts.held.as_ref().is_some_and(|held| is_same(&held.airing, &next));
    if !on && !held && !record.is_past(&next) && record.calendar.event(&next.event).is_some() {
        notes.push(note(format!("event {:?} was missed: it was over before it could begin", next.title)));
        record.remember(&next, Fate::Missed, None, now);
    }
}

/// Whether and how the occurrence that has the channel is over.
fn over(record: &Record, now: Timestamp) -> Option<Fate> {
    let airing = &record.state.broadcasts.on_air.as_ref()?.airing;
    if record.is_stopped(airing) {
        return Some(Fate::Stopped);
    }
    (now >= airing.off_at || (now >= airing.end && no_signal(record))).then_some(Fate::Aired)
}

/// The occurrence whose time it is, other than the one that has the channel.
fn candidate(record: &Record, airings: &[Airing], now: Timestamp) -> Option<Airing> {
    let mut open = airings.iter().filter(|airing| is_open(record, airing, now) && !record.is_budget_spent(now));
    open.find(|airing| airing.on_at <= now).cloned()
}

/// Whether the occurrence may still begin.
fn is_open(record: &Record, airing: &Airing, now: Timestamp) -> bool {
    let broadcasts = &record.state.broadcasts;
    let on = broadcasts.on_air.as_ref().is_some_and(|on_air| is_same(&on_air.airing, airing));
    let waits = broadcasts.held.as_ref().is_some_and(|held| is_same(&held.airing, airing) && held.retry_at > now);
    !on && !waits && now < airing.end && !is_missed(airing, now) && !record.is_stopped(airing)
}

fn is_same(one: &Airing, other: &Airing) -> bool {
    one.event == other.event && one.occurrence == other.occurrence
}

fn is_missed(airing: &Airing, now: Timestamp) -> bool {
    airing.missed_start == MissedStart::Skip && now > airing.start.plus_secs(MISSED_AFTER_SECS)
}

/// Hands the channel from one occurrence to the next, or gives it back.
fn turn(record: &mut Record, ending: Option<Fate>, follower: Option<Airing>, now: Timestamp, notes: &mut Vec<Note>) {
    let Some(on_air) = record.state.broadcasts.on_air.clone() else {
        return follower.into_iter().for_each(|airing| begin(record, airing, now, notes));
    };
    // One that has run over its end gives way to the next.
    let past_end = now >= on_air.airing.end;
    match (ending, follower) {
        (None, Some(follower)) if past_end => {
            end(record, &on_air.airing, Fate::Aired, now, notes);
            begin(record, follower, now, notes);
        }
        (None, _) => {}
        (Some(fate), follower) => {
            let follower = follower.or_else(|| soon(record, fate, now));
            end(record, &on_air.airing, fate, now, notes);
            follower.into_iter().for_each(|airing| begin(record, airing, now, notes));
        }
    }
}

/// What begins so soon that the channel had better stay on.
fn soon(record: &Record, fate: Fate, now: Timestamp) -> Option<Airing> {
    if fate == Fate::Stopped || record.is_budget_spent(now) {
        return None;
    }
    let airings = record.calendar.airings(now, EACH);
    let mut open = airings.into_iter().filter(|airing| is_open(record, airing, now));
    open.find(|airing| airing.on_at <= now.plus_secs(BRIDGE_SECS))
}

fn begin(record: &mut Record, airing: Airing, now: Timestamp, notes: &mut Vec<Note>) {
    let late = now.millis_since(airing.start) / 1000;
    let late = if late > 0 { format!(", {late} s late") } else { String::new() };
    let (title, start, end) = (&airing.title, airing.start, airing.end);
    notes.push(note(format!("event {title:?} has the channel{late}: it begins at {start} and ends at {end}")));
    record.another_go();
    let course = Some(Course::new(record, now));
    let broadcasts = &mut record.state.broadcasts;
    broadcasts.held = None;
    broadcasts.on_air = Some(OnAir { airing, since: now, course });
}

fn stopper<'a>(record: &'a Record, airing: &Airing) -> &'a str {
    if record.is_guarded(airing) { "the guard" } else { &record.asked.intent.by }
}

fn end(record: &mut Record, airing: &Airing, fate: Fate, now: Timestamp, notes: &mut Vec<Note>) {
    let title = &airing.title;
    let lost = no_signal(record);
    let broadcasts = &mut record.state.broadcasts;
    let course = broadcasts.on_air.take().and_then(|on_air| on_air.course);
    let course = course.map(|course| course.end(airing, now));
    let words = match fate {
        Fate::Aired => {
            broadcasts.spent = broadcasts.spent.max(Some(airing.on_at));
            let why = if lost { ": no video arrives any more" } else { "" };
            format!("event {title:?} is over{why}")
        }
        Fate::Stopped => format!("event {title:?} gives the channel up: it was stopped by {}", stopper(record, airing)),
        Fate::Cancelled => format!("event {title:?} gives the channel up: it was cancelled or moved"),
        Fate::Missed | Fate::NoRoom => format!("event {title:?} did not take place"),
    };
    notes.push(note(words));
    record.remember(airing, fate, course, now);
}

/// Writes down, once, what can no longer begin.
fn missed(record: &mut Record, airings: &[Airing], now: Timestamp, notes: &mut Vec<Note>) {
    if let Some(held) = record.state.broadcasts.held.clone() {
        let current = airings.iter().find(|airing| is_same(airing, &held.airing));
        let open = current.is_some_and(|it| now < it.end && !is_missed(it, now) && !record.is_stopped(it));
        if !open {
            record.state.broadcasts.held = None;
            notes.push(note(format!("event {:?} did not take place: no channel became free", held.airing.title)));
            record.remember(&held.airing, Fate::NoRoom, None, now);
        }
    }
    for airing in airings {
        let broadcasts = &record.state.broadcasts;
        let on = broadcasts.on_air.as_ref().is_some_and(|on_air| is_same(&on_air.airing, airing));
        if !on && !record.is_past(airing) && now < airing.off_at && is_missed(airing, now) {
            let late = now.millis_since(airing.start) / 1000;
            notes.push(note(format!("event {:?} is skipped: its start was {late} s ago", airing.title)));
            record.remember(airing, Fate::Missed, None, now);
        }
    }
}

/// What comes next, and when to look again.
fn look_ahead(record: &mut Record, airings: &[Airing], now: Timestamp) {
    let broadcasts = &record.state.broadcasts;
    let held = broadcasts.held.as_ref();
    let waiting = |airing: &&Airing| is_open(record, airing, now) || held.is_some_and(|it| is_same(&it.airing, airing));
    let next = airings.iter().find(waiting).cloned();
    let mut moments: Vec<Timestamp> = airings.iter().map(|airing| airing.on_at).collect();
    moments.extend(airings.iter().map(|airing| airing.end));
    moments.extend(held.map(|held| held.retry_at));
    if let Some(on_air) = &broadcasts.on_air {
        moments.extend([on_air.airing.start, on_air.airing.end, on_air.airing.off_at]);
    }
    let look_at = moments.into_iter().filter(|at| *at > now).min();
    let broadcasts = &mut record.state.broadcasts;
    (broadcasts.next, broadcasts.look_at) = (next, look_at);
}

/// The occurrence that was to begin does not: the tenant has as many channels as it may have.
pub(crate) fn no_room(record: &mut Record, airing: &Airing, have: u64, most: u32, now: Timestamp) -> Vec<Note> {
    let text = format!(
        "event {:?} cannot begin: {have} channels of the tenant run or are about to, and the limit is {most}; trying again \
         until it ends at {}",
        airing.title, airing.end
    );
    let retry_at = now.plus_secs(NO_ROOM_PAUSE_SECS);
    let broadcasts = &mut record.state.broadcasts;
    broadcasts.look_at = Some(retry_at);
    broadcasts.next = Some(airing.clone());
    broadcasts.held = Some(Held { airing: airing.clone(), retry_at });
    vec![note(text)]
}
