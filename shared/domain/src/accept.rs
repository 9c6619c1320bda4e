//! Folds events into the record: outcomes of actions, hints, alarms, new intents. Says what is worth a line on
//! the timeline.

mod outcome;

use crate::action::{Outcome, Seen, Status, Verb};
use crate::broadcast;
use crate::calendar::Airing;
use crate::course;
use crate::drift;
use crate::guard;
use crate::limits::{Limits, REASON_KEPT, looks};
use crate::record::{AlarmFact, Record, SlotState, UNKNOWN_TAGS, Watch, WatchKind};
use crate::remedy;
use crate::request::after_doubt;
use crate::slot::Slot;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The SPEC item carries a generation that was not planned for yet.
    Asked,
    /// Time has passed: what do planned events want now?
    Attended,
    /// The tenant has no channel left for the occurrence that was to begin.
    NoRoom {
        airing: Box<Airing>,
        have: u64,
        most: u32,
    },
    /// A new lease holder found intentions without an outcome.
    Resumed,
    /// AWS said that something happened to the slot's object: look sooner, unless it says what is known already.
    Hint {
        slot: Slot,
        says: Option<Seen>,
    },
    Outcome(Outcome),
    /// `at` is when the alarm changed its state.
    Alarm {
        slot: Slot,
        firing: bool,
        reason: String,
        at: Timestamp,
    },
}

/// One line for the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub text: String,
    pub kind: Option<NoteKind>,
}

/// What a report of an event sorts lines by; most lines are of no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Something is wrong, or well again.
    Trouble,
    /// What is done about it, and what came of that.
    Remedy,
    /// Somebody asked for something.
    Request,
}

impl NoteKind {
    const ALL: [Self; 3] = [Self::Trouble, Self::Remedy, Self::Request];

    pub fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Remedy => "remedy",
            Self::Request => "request",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    #[must_use]
    pub fn of(self, notes: Vec<Note>) -> Vec<Note> {
        notes.into_iter().map(|note| Note { kind: Some(self), ..note }).collect()
    }
}

pub(crate) fn note(text: impl Into<String>) -> Note {
    Note { text: text.into(), kind: None }
}

pub fn accept(record: &mut Record, event: &Event, now: Timestamp, limits: Limits) -> Vec<Note> {
    let notes = fold(record, event, now, limits);
    course::follow(record, now);
    notes
}

fn fold(record: &mut Record, event: &Event, now: Timestamp, limits: Limits) -> Vec<Note> {
    match event {
        Event::Asked => asked(record),
        Event::Attended => {
            let mut notes = attended(record, now);
            notes.extend(NoteKind::Remedy.of(remedy::attend(record, now, limits)));
            notes
        }
        Event::NoRoom { airing, have, most } => broadcast::no_room(record, airing, *have, *most, now),
        Event::Resumed => resumed(record, now, limits),
        Event::Hint { slot, says } => {
            hint(record, slot, says.as_ref(), now);
            Vec::new()
        }
        Event::Outcome(outcome) => outcome::accept(record, outcome, now, limits),
        Event::Alarm { slot, firing, reason, at } => alarm(record, slot, *firing, reason, *at),
    }
}

/// Planned events first: the guard judges what they make of the channel, and what it stops they give up.
fn attended(record: &mut Record, now: Timestamp) -> Vec<Note> {
    let mut notes = broadcast::attend(record, now);
    if guard::judge(record, now, &mut notes) {
        notes.extend(broadcast::attend(record, now));
    }
    guard::look_ahead(record, now);
    notes
}

fn hint(record: &mut Record, slot: &Slot, says: Option<&Seen>, now: Timestamp) {
    let expected = record.asked.spec.channel_class.pipelines();
    let Some(state) = record.state.slots.get_mut(slot).filter(|state| state.object.is_some()) else { return };
    let known = state.seen.as_ref().zip(says).is_some_and(|(seen, says)| match (seen.status, says.status) {
        // One of two pipelines is up, or one of two is down: we wait for the other anyway (aws-facts 1.13).
        (Status::Starting, Status::Running) => says.pipelines < expected,
        (Status::Stopping, Status::Ready) => says.pipelines > 0,
        (seen, says) => seen == says,
    });
    if !known {
        state.look_at = Some(now);
    }
}

/// A new generation gives every failed slot another go.
fn asked(record: &mut Record) -> Vec<Note> {
    record.state.seen_generation = record.asked.generation;
    record.another_go();
    drift::asked(record);
    Vec::new()
}

impl Record {
    /// Nothing that failed before keeps it from being tried again.
    pub(crate) fn another_go(&mut self) {
        for state in self.state.slots.values_mut() {
            state.failure = None;
            state.broken = 0;
            if let Some(doing) = &mut state.doing {
                doing.retry_at = None;
            }
        }
    }
}

fn resumed(record: &mut Record, now: Timestamp, limits: Limits) -> Vec<Note> {
    let mut notes = Vec::new();
    for (slot, state) in &mut record.state.slots {
        let Some(doing) = state.doing.as_mut().filter(|doing| doing.unanswered) else { continue };
        doing.unanswered = false;
        doing.unsure = true;
        let verb = doing.verb;
        state.doubt_change(verb);
        notes.push(note(format!("{slot}: a step was interrupted; finding out how far it came")));
        state.unsettled(now, limits);
    }
    notes.extend(NoteKind::Remedy.of(remedy::resumed(record, now).into_iter().collect()));
    notes
}

fn alarm(record: &mut Record, slot: &Slot, firing: bool, reason: &str, at: Timestamp) -> Vec<Note> {
    if record.state.alarms.get(slot).is_some_and(|fact| fact.at > at) {
        return Vec::new();
    }
    let before = record.state.alarms.get(slot).is_some_and(|fact| fact.firing);
    record.state.alarms.insert(slot.clone(), AlarmFact { firing, reason: clipped(reason, REASON_KEPT), at });
    NoteKind::Trouble.of(match (before, firing) {
        (false, true) => vec![note(format!("{slot}: ALARM: {}", clipped(reason, 300)))],
        (true, false) => vec![note(format!("{slot}: OK again"))],
        _ => Vec::new(),
    })
}

/// At most `most` characters: what AWS writes must not make the record grow without bound.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

impl SlotState {
    /// The answer of a change was lost: what the object is like is not known for sure, now and until the doubt is over.
    fn doubt_change(&mut self, verb: Verb) {
        if verb == Verb::Update {
            self.update_doubted = true;
            self.applied = after_doubt(self.applied.take());
        }
        if verb == Verb::Tag {
            self.tags_doubted = true;
            self.tagged = Some(UNKNOWN_TAGS.to_owned());
        }
    }

    /// A lost answer: what was sent may land until the bound for late effects is over.
    fn unsettled(&mut self, now: Timestamp, limits: Limits) {
        self.doubted = true;
        let until = now.plus_millis(limits.late_effect_millis());
        self.unsettled_until = self.unsettled_until.max(Some(until));
        if self.object.is_some() {
            self.look_at = Some(now);
        }
    }

    /// Begins or continues a wait and sets the next look.
    fn watch_for(&mut self, slot: &Slot, kind: WatchKind, now: Timestamp, limits: Limits) {
        let since = self.watch.as_ref().filter(|watch| watch.kind == kind).map_or(now, |watch| watch.since);
        self.watch = Some(Watch { kind, since });
        let pause = limits.look_pause_millis(looks(slot, kind.into()), now.millis_since(since));
        self.look_at = Some(now.plus_millis(pause));
    }

    fn rest(&mut self) {
        self.watch = None;
        self.look_at = None;
    }

    pub(crate) fn forget_object(&mut self) {
        self.object = None;
        self.applied = None;
        self.tagged = None;
        self.update_doubted = false;
        self.tags_doubted = false;
        self.seen = None;
        self.made_at = None;
        self.doing = None;
        self.rest();
    }
}
