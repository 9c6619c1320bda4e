//! Plans for a platform that is wanted: make what is missing in the order of the resource graph, run or stop
//! the channel.

mod secret;

use super::teardown::{absent, doubt};
use super::{Step, WaitReason, look, pause, settle, wait};
use crate::action::{Action, Status, Verb};
use crate::limits::Limits;
use crate::record::{Record, SlotState, Want, WatchKind};
use crate::request;
use crate::slot::Slot;
use crate::time::Timestamp;

pub fn steps(record: &Record, now: Timestamp, limits: Limits) -> Vec<Step> {
    let mut steps = Vec::new();
    for slot in request::desired(&record.asked.spec) {
        let first = step(record, &slot, now, limits);
        let quiet = idle(&first);
        steps.push(first);
        if let Some(state) = record.slot(&slot).filter(|state| state.object.is_some()) {
            // The doubt about a lost answer is settled beside the work, not before it.
            let doubt = settle(&slot, state, now).filter(|doubt| quiet || matches!(doubt, Step::Wait(_)));
            steps.extend(doubt);
        }
    }
    for (slot, state) in &record.state.slots {
        if !request::desired(&record.asked.spec).contains(slot) {
            steps.push(leave(record, slot, state, now));
        }
    }
    steps
}

fn step(record: &Record, slot: &Slot, now: Timestamp, limits: Limits) -> Step {
    let fresh = SlotState::default();
    let state = record.slot(slot).unwrap_or(&fresh);
    if state.failure.is_some() {
        return Step::Rest;
    }
    if state.object.is_none() {
        return make(record, slot, state, now, limits);
    }
    if let Some(step) = look_unless_superseded(record, slot, state, now) {
        return step;
    }
    let Some(seen) = &state.seen else { return Step::Rest };
    let step = match (slot, seen.status) {
        (_, Status::Broken) => return delete(slot, state, now),
        // A running channel keeps what it was started with: everything is changed before it starts.
        (Slot::Channel, Status::Ready) if !inputs_ready(record) => Step::Rest,
        (Slot::Channel, Status::Ready) => change(record, slot, state, now).unwrap_or_else(|| run(record, state, now)),
        (Slot::Channel, _) => run(record, state, now),
        (Slot::Secret, _) => secret::rotate(record, state, now, limits),
        // AWS changes nothing of the inputs of a channel that is not IDLE (aws-facts 1.2).
        (Slot::Input(_), _) if !channel_rests(record) => Step::Rest,
        _ => change(record, slot, state, now).unwrap_or(Step::Rest),
    };
    if !idle(&step) {
        return step;
    }
    match tag(record, slot, state, now) {
        Step::Rest => step,
        tag @ (Step::Act(_) | Step::Wait(_)) => tag,
    }
}

/// Nothing to be done, or nothing before a certain time.
fn idle(step: &Step) -> bool {
    match step {
        Step::Rest => true,
        Step::Wait(wait) => matches!(wait.reason, WaitReason::Scheduled | WaitReason::SecretSpreads),
        Step::Act(_) => false,
    }
}

fn channel_rests(record: &Record) -> bool {
    let channel = record.slot(&Slot::Channel).filter(|state| state.object.is_some());
    channel.and_then(|state| state.seen.as_ref()).is_none_or(|seen| seen.status == Status::Ready)
}

/// Whether every input is there as the spec asks: only then can it be attached, and the channel be started.
fn inputs_ready(record: &Record) -> bool {
    let mut inputs = record.asked.spec.inputs.iter().map(|input| Slot::Input(input.name.clone()));
    inputs.all(|input| {
        let sure = record.slot(&input).is_some_and(|state| !state.update_doubted);
        sure && request::usable(record, &input, &Slot::Channel) && applied(record, &input)
    })
}

/// Whether the object is as the spec asks, whatever its tags are.
fn applied(record: &Record, slot: &Slot) -> bool {
    let applied = record.slot(slot).and_then(|state| state.applied.clone());
    applied.is_some() && applied == request::fingerprint(record, slot)
}

/// Makes the object's tags those of the spec.
fn tag(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    let Some(object) = state.object.as_ref().filter(|_| state.tagged != request::tag_print(record)) else {
        return Step::Rest;
    };
    let tag = Action::Tag { slot: slot.clone(), incarnation: state.incarnation, id: object.id.clone() };
    pause(slot, state, Verb::Tag, now).unwrap_or(Step::Act(tag))
}

/// Brings an object to what the spec now asks for.
fn change(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp) -> Option<Step> {
    let wanted = request::fingerprint(record, slot).filter(|_| request::updatable(slot))?;
    if state.applied.as_ref() == Some(&wanted) {
        return None;
    }
    if request::replaces(slot, state.applied.as_ref(), &wanted) {
        if !buildable(record, slot) {
            return None;
        }
        return Some(Step::Act(Action::Create {
            slot: slot.clone(),
            incarnation: state.incarnation + 1,
            unsure: false,
        }));
    }
    let id = state.object.as_ref()?.id.clone();
    let update = Action::Update { slot: slot.clone(), incarnation: state.incarnation, id };
    Some(pause(slot, state, Verb::Update, now).unwrap_or(Step::Act(update)))
}

/// Removes what the spec no longer asks for, once nothing refers to it any more.
fn leave(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    if state.failure.is_some() {
        return Step::Rest;
    }
    if state.object.is_none() {
        return doubt(slot, state, now);
    }
    let free = match slot {
        Slot::Input(_) => applied(record, &Slot::Channel),
        Slot::Group(name) => {
            let input = Slot::Input(name.clone());
            // An input of another type does without.
            (absent(record.slot(&input)) || applied(record, &input))
                && record.state.strays.iter().all(|stray| stray.slot != input)
        }
        // Every edge has to have forgotten it first.
        Slot::Endpoint(_) => {
            let deployed = record.seen(&Slot::Distribution).is_some_and(|seen| seen.status == Status::Ready);
            deployed && applied(record, &Slot::Distribution)
        }
        Slot::Alarm(_) | Slot::Secret | Slot::Packaging | Slot::Channel | Slot::Distribution => true,
    };
    if !free {
        return Step::Rest;
    }
    look(slot, state, now).unwrap_or_else(|| delete(slot, state, now))
}

/// A channel that is starting and no longer wanted is stopped at once instead of being watched (a STARTING
/// channel can be stopped, aws-facts 1.2).
fn look_unless_superseded(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp) -> Option<Step> {
    let starting = state.seen.as_ref().is_some_and(|seen| matches!(seen.status, Status::Starting | Status::Recovering));
    let due = state.look_at.is_some_and(|at| at <= now);
    if *slot == Slot::Channel && starting && !due && record.want() == Want::Idle {
        return None;
    }
    look(slot, state, now)
}

fn buildable(record: &Record, slot: &Slot) -> bool {
    request::needs(&record.asked.spec, slot).iter().all(|need| request::usable(record, need, slot))
}

/// Whether something that it stands on may have gone with it: a look is due.
fn looked_for(record: &Record, slot: &Slot, now: Timestamp) -> bool {
    let due = |need: &Slot| record.slot(need).is_some_and(|state| state.look_at.is_some_and(|at| at <= now));
    record.state.drift.repairs.contains_key(slot) && request::needs(&record.asked.spec, slot).iter().any(due)
}

fn make(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp, limits: Limits) -> Step {
    if !buildable(record, slot) || looked_for(record, slot, now) {
        return Step::Rest;
    }
    if let Some(step) = pause(slot, state, Verb::Create, now) {
        return step;
    }
    if let Some(step) = visible(record, slot, now, limits) {
        return step;
    }
    let doing = state.doing.as_ref().filter(|doing| doing.verb == Verb::Create);
    let incarnation = if doing.is_some() { state.incarnation } else { state.incarnation + 1 };
    let unsure = doing.is_some_and(|doing| doing.unsure || doing.unanswered);
    Step::Act(Action::Create { slot: slot.clone(), incarnation, unsure })
}

/// The wait until MediaLive sees the packaging channel that the encoder is to send to.
fn visible(record: &Record, slot: &Slot, now: Timestamp, limits: Limits) -> Option<Step> {
    let made_at = record.slot(&Slot::Packaging)?.made_at.filter(|_| *slot == Slot::Channel)?;
    let from = made_at.plus_millis(limits.packaging_visible_millis());
    (from > now).then(|| wait(&Slot::Packaging, WaitReason::Transition(WatchKind::Making), from))
}

fn delete(slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    if let Some(step) = pause(slot, state, Verb::Delete, now) {
        return step;
    }
    let id = state.object.as_ref().map(|object| object.id.clone()).unwrap_or_default();
    Step::Act(Action::Delete { slot: slot.clone(), incarnation: state.incarnation, id })
}

fn run(record: &Record, state: &SlotState, now: Timestamp) -> Step {
    let (Some(object), Some(seen)) = (&state.object, &state.seen) else { return Step::Rest };
    let (incarnation, id) = (state.incarnation, object.id.clone());
    let live = record.want() == Want::Live;
    match seen.status {
        // What may still land could change it after the start: it goes on air as it is known to be, or not yet.
        Status::Ready if live && state.update_doubted => Step::Rest,
        Status::Ready if live => {
            pause(&Slot::Channel, state, Verb::Start, now).unwrap_or(Step::Act(Action::Start { incarnation, id }))
        }
        Status::Starting | Status::Running | Status::Recovering if !live => {
            pause(&Slot::Channel, state, Verb::Stop, now).unwrap_or(Step::Act(Action::Stop { incarnation, id }))
        }
        Status::Ready
        | Status::InUse
        | Status::Making
        | Status::Starting
        | Status::Running
        | Status::Recovering
        | Status::Stopping
        | Status::Updating
        | Status::Deleting
        | Status::Broken => Step::Rest,
    }
}
