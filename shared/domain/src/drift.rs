//! Drift: what somebody else has changed or deleted of a platform that is at rest (decision 017). One slot at a time is compared with
//! what the spec asks for, on a slow round; what differs is changed back by the planner's own updates, or only told, as the
//! spec's policy says. It never changes anything itself and never against a hand on the platform.

mod wanted;

use crate::accept::{Note, clipped, note};
use crate::action::{Action, Answer, Object, Outcome, RefusalKind, Seen, Verb};
use crate::limits::{
    DRIFT_FIELDS_KEPT, DRIFT_LIVE_ROUND_SECS, DRIFT_PAUSE_SECS, DRIFT_READY_ROUND_SECS, DRIFT_REPAIRS_A_DAY,
    DRIFT_SLOTS_A_DAY, DRIFT_VALUE_KEPT, DRIFTS_KEPT, LEASE_SECS, Limits,
};
use crate::phase::{Phase, phase};
use crate::plan::{Step, WaitReason, wait};
use crate::record::{Record, SlotState, Want};
use crate::request::{after_doubt, current, desired, needs, updatable};
use crate::slot::Slot;
use crate::spec::DriftMode;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use wanted::{attachment, list, seconds, set, video, wanted};

const DAY_MILLIS: i64 = 86_400_000;

/// What matters of an object, by its name in words. An adapter says what AWS describes, `wanted` what we asked for, in the
/// same form.
pub type Traits = BTreeMap<&'static str, String>;

/// The part of STATE that belongs to drift.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Drift {
    /// The slot that was compared last, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Slot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// What differs, as of the last comparison.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<Slot, Found>,
    /// What was changed back, or made again, within a day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repairs: BTreeMap<Slot, Repairs>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub at: Timestamp,
    /// As of this generation: a change of the spec, or of the policy, brings the next comparison soon.
    pub generation: u64,
    /// The first of them.
    pub fields: Vec<Difference>,
    pub does: Does,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub field: String,
    pub found: String,
    pub wanted: String,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    Repair,
    Report,
    /// Somebody changes it again and again.
    GiveUp,
}

/// The first of a day, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repairs(pub Timestamp, pub u32);

impl Drift {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Its next comparison, where everything else of the platform rests: `steps` is what everybody else wants.
pub(crate) fn step(record: &Record, steps: &[Step], now: Timestamp, limits: Limits) -> Option<Step> {
    let rests = |step: &Step| match step {
        Step::Rest => true,
        Step::Wait(wait) => wait.reason == WaitReason::Scheduled,
        Step::Act(_) => false,
    };
    if record.asked.spec.drift.mode == DriftMode::Off || !steps.iter().all(rests) {
        return None;
    }
    let round = match phase(record) {
        Phase::Live => DRIFT_LIVE_ROUND_SECS,
        Phase::Ready => DRIFT_READY_ROUND_SECS,
        Phase::Provisioning | Phase::Starting | Phase::Stopping | Phase::TearingDown | Phase::Gone | Phase::Failed => {
            return None;
        }
    };
    let (slot, state, due) = next(record, round, limits)?;
    let due = crate::remedy::hands_off(record, now).map_or(due, |until| due.max(until));
    if due > now {
        return Some(wait(&slot, WaitReason::Scheduled, due));
    }
    let id = state.object.as_ref()?.id.clone();
    Some(Step::Act(Action::Compare { slot, incarnation: state.incarnation, id }))
}

/// Which slot comes next, and when: what was found first, then one after the other.
fn next(record: &Record, round_secs: i64, limits: Limits) -> Option<(Slot, &SlotState, Timestamp)> {
    let drift = &record.state.drift;
    let slots = desired(&record.asked.spec);
    let pace = (round_secs / i64::try_from(slots.len()).unwrap_or(1).max(1)).max(DRIFT_PAUSE_SECS);
    let fit: Vec<Slot> = slots.into_iter().filter(|slot| comparable(record, slot)).collect();
    let again = |slot: &&Slot| {
        let found = drift.found.get(*slot);
        found.is_some_and(|found| found.does == Does::Repair || found.generation != record.asked.generation)
    };
    let urgent = fit.iter().find(again);
    let place = drift.last.as_ref().and_then(|last| fit.iter().position(|slot| slot == last));
    let following = fit.get(place.map_or(0, |place| (place + 1) % fit.len()));
    let slot = urgent.or(following)?.clone();
    let secs = if urgent.is_some() { DRIFT_PAUSE_SECS } else { pace };
    let newest = record.state.slots.values().filter_map(|state| state.made_at).max();
    let base = drift.last_at.max(newest).max(record.state.live_since)?;
    let state = record.slot(&slot)?;
    Some((slot, state, base.plus_millis(limits.of_account(secs))))
}

/// Whether nothing of ours is under way with the object, so that every difference is somebody else's.
fn comparable(record: &Record, slot: &Slot) -> bool {
    let Some(state) = record.slot(slot).filter(|state| state.object.is_some() && state.failure.is_none()) else {
        return false;
    };
    let quiet = state.doing.is_none() && state.unsettled_until.is_none() && !state.update_doubted;
    quiet && (!updatable(slot) || current(record, slot))
}

/// Takes a comparison in. `None`: the object is not there, which is everybody's business.
pub(crate) fn compared(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Option<Vec<Note>> {
    let slot = &outcome.slot;
    if record.asked.intent.want == Want::Gone {
        return Some(Vec::new());
    }
    record.state.drift.last = Some(slot.clone());
    record.state.drift.last_at = Some(now);
    let (object, seen, traits) = match &outcome.result {
        Ok(Answer::Compared(object, seen, traits)) => (object, seen, traits),
        Ok(Answer::Missing) => return None,
        Err(refusal) if refusal.kind == RefusalKind::Denied => {
            return Some(vec![note(format!("drift: {slot}: cannot be looked at: {}", refusal.code))]);
        }
        // The next round looks again.
        Ok(_) | Err(_) => return Some(Vec::new()),
    };
    let same = record.object(slot).is_some_and(|known| known.id == object.id);
    // A function that froze on the way back tells of another time.
    let old = now.millis_since(outcome.asked_at) > LEASE_SECS * 1000;
    if !same || old || !comparable(record, slot) {
        return Some(Vec::new());
    }
    let mut fields = differences(&wanted(record, slot), traits);
    fields.extend(moved(record, slot, object));
    let notes = if fields.is_empty() { well(record, slot) } else { differs(record, slot, fields, now) };
    adopt(record, slot, object);
    look_closer(record, slot, seen, now, limits);
    Some(notes)
}

/// Only what we asked for is compared: AWS adds fields of its own.
fn differences(wanted: &Traits, found: &Traits) -> Vec<Difference> {
    let differs = |(field, wanted): (&&'static str, &String)| {
        let found = found.get(field).map_or("nothing", String::as_str);
        (found != wanted).then(|| Difference {
            field: (*field).to_owned(),
            found: found.to_owned(),
            wanted: wanted.clone(),
        })
    };
    wanted.iter().filter_map(differs).collect()
}

/// Addresses follow from how the object was made; others mean that somebody has made it anew, or renamed it.
fn moved(record: &Record, slot: &Slot, object: &Object) -> Option<Difference> {
    let known = &record.object(slot)?.urls;
    (*known != object.urls).then(|| Difference {
        field: "addresses".to_owned(),
        found: object.urls.join(", "),
        wanted: known.join(", "),
    })
}

/// Addresses cannot be changed back: what is built from them follows, unless nothing may be done.
fn adopt(record: &mut Record, slot: &Slot, object: &Object) {
    if record.asked.spec.drift.mode == DriftMode::Repair
        && let Some(state) = record.state.slots.get_mut(slot)
    {
        state.object = Some(object.clone());
    }
}

fn well(record: &mut Record, slot: &Slot) -> Vec<Note> {
    let before = record.state.drift.found.remove(slot);
    before.map(|_| note(format!("drift: {slot}: is as it should be again"))).into_iter().collect()
}

fn differs(record: &mut Record, slot: &Slot, fields: Vec<Difference>, now: Timestamp) -> Vec<Note> {
    let does = decide(record, slot, now);
    if does == Does::Repair {
        count(record, slot, now);
        if let Some(state) = record.state.slots.get_mut(slot) {
            // Not known to be as asked: the planner updates it, when it may.
            state.applied = after_doubt(state.applied.take());
        }
    }
    tell(record, slot, fields, does, now)
}

/// An object that is not there, and that nobody of ours deleted. `true`: it stays in the record as it was, for a person to see.
pub(crate) fn gone(record: &mut Record, outcome: &Outcome, now: Timestamp) -> (bool, Vec<Note>) {
    let slot = &outcome.slot;
    let ours = || {
        let doing = record.slot(slot).and_then(|state| state.doing.as_ref());
        let settled = record.seen(slot).is_some_and(|seen| seen.status.is_settled());
        doing.is_some_and(|doing| doing.verb == Verb::Delete) || !settled
    };
    let looked = matches!(outcome.verb, Verb::Observe | Verb::Compare);
    let wanted = record.asked.intent.want != Want::Gone && desired(&record.asked.spec).contains(slot);
    if !looked || !wanted || record.asked.spec.drift.mode == DriftMode::Off || ours() {
        return (false, Vec::new());
    }
    let does = match record.asked.spec.drift.mode {
        DriftMode::Report => Does::Report,
        DriftMode::Repair | DriftMode::Off if is_fought(record, slot, now) => Does::GiveUp,
        DriftMode::Repair | DriftMode::Off => Does::Repair,
    };
    let id = record.object(slot).map_or_else(String::new, |object| object.id.clone());
    if does != Does::Repair {
        let fields = vec![Difference { field: "the object".to_owned(), found: "nothing".to_owned(), wanted: id }];
        return (true, tell(record, slot, fields, does, now));
    }
    count(record, slot, now);
    record.state.drift.found.remove(slot);
    // Whoever deleted it may have deleted what it stands on, too.
    for need in needs(&record.asked.spec, slot) {
        if let Some(state) = record.state.slots.get_mut(&need).filter(|state| state.object.is_some()) {
            state.look_at = Some(now);
        }
    }
    (false, vec![note(format!("drift: {slot}: {id} was deleted, and not by us; it is made again{}", lost_with(slot)))])
}

/// What no new object can have again.
fn lost_with(slot: &Slot) -> &'static str {
    match slot {
        Slot::Distribution => ": AWS gives it another domain, so that viewers need the new URLs",
        Slot::Endpoint(_) => ": AWS gives it another path, so that viewers need the new URL",
        Slot::Input(_) => ": AWS may give it other addresses; look at `ingest` before you push",
        Slot::Packaging => "; the channel sends to it when it has been stopped and started",
        Slot::Group(_) | Slot::Secret | Slot::Channel | Slot::Alarm(_) => "",
    }
}

/// Whether it has been repaired as often as may be, in a day.
fn is_fought(record: &Record, slot: &Slot, now: Timestamp) -> bool {
    let today = |it: &&Repairs| now.millis_since(it.0) < DAY_MILLIS;
    let repairs = &record.state.drift.repairs;
    match repairs.get(slot).filter(today) {
        Some(it) => it.1 >= DRIFT_REPAIRS_A_DAY,
        None => repairs.values().filter(today).count() >= DRIFT_SLOTS_A_DAY,
    }
}

fn decide(record: &Record, slot: &Slot, now: Timestamp) -> Does {
    match record.asked.spec.drift.mode {
        DriftMode::Repair if !updatable(slot) => Does::Report,
        DriftMode::Repair if is_fought(record, slot, now) => Does::GiveUp,
        DriftMode::Repair => Does::Repair,
        DriftMode::Report | DriftMode::Off => Does::Report,
    }
}

fn count(record: &mut Record, slot: &Slot, now: Timestamp) {
    let repairs = &mut record.state.drift.repairs;
    repairs.retain(|_, it| now.millis_since(it.0) < DAY_MILLIS);
    repairs.entry(slot.clone()).or_insert(Repairs(now, 0)).1 += 1;
}

/// Writes it down; says it on the timeline when it is news.
fn tell(record: &mut Record, slot: &Slot, mut fields: Vec<Difference>, does: Does, now: Timestamp) -> Vec<Note> {
    let text = words(slot, &fields);
    fields.truncate(DRIFT_FIELDS_KEPT);
    for it in &mut fields {
        it.found = clipped(&it.found, DRIFT_VALUE_KEPT);
        it.wanted = clipped(&it.wanted, DRIFT_VALUE_KEPT);
    }
    let found = Found { at: now, generation: record.asked.generation, fields, does };
    let all = &mut record.state.drift.found;
    let known = all.get(slot).is_some_and(|it| it.fields == found.fields && it.does == does);
    if all.len() < DRIFTS_KEPT || all.contains_key(slot) {
        all.insert(slot.clone(), found);
    }
    if known && does != Does::Repair {
        return Vec::new();
    }
    vec![note(clipped(&format!("drift: {text}; {}", cure(record, slot, does)), 600))]
}

/// `group/main: rules: 0.0.0.0/0 instead of 203.0.113.0/24`
pub fn words(slot: &Slot, fields: &[Difference]) -> String {
    let field = |it: &Difference| format!("{}: {} instead of {}", it.field, it.found, it.wanted);
    format!("{slot}: {}", fields.iter().map(field).collect::<Vec<_>>().join("; "))
}

/// What becomes of it, and what a person can do.
pub fn cure(record: &Record, slot: &Slot, does: Does) -> String {
    match (does, slot) {
        (Does::Repair, Slot::Channel | Slot::Input(_)) if phase(record) == Phase::Live => {
            "it is changed back when the channel is next idle: stop and start it".to_owned()
        }
        (Does::Repair, _) => "it is changed back".to_owned(),
        (Does::GiveUp, _) => format!(
            "it is left alone after {DRIFT_REPAIRS_A_DAY} repairs (or {DRIFT_SLOTS_A_DAY} repaired resources) in a day: find \
             who changes it, or ask for it in the spec"
        ),
        (Does::Report, Slot::Secret) => {
            "viewers get 403 when MediaPackage has read it: make that version AWSCURRENT again".to_owned()
        }
        (Does::Report, _) => "undo it, or set drift.mode to repair".to_owned(),
    }
}

/// What the comparison saw beside: a look of the usual kind follows where the state is another. A distribution is changed back at
/// once instead: it need not be deployed for that.
fn look_closer(record: &mut Record, slot: &Slot, seen: &Seen, now: Timestamp, _limits: Limits) {
    let watched = matches!(slot, Slot::Channel | Slot::Input(_));
    if let Some(state) = record.state.slots.get_mut(slot).filter(|_| watched)
        && state.seen.as_ref().is_some_and(|known| known.status != seen.status)
    {
        state.look_at = Some(now);
    }
}

/// What is no longer asked for cannot differ.
pub(crate) fn asked(record: &mut Record) {
    let slots = desired(&record.asked.spec);
    record.state.drift.found.retain(|slot, _| slots.contains(slot));
}
