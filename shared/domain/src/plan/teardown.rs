//! Plans for a platform that has to go: the reverse of the resource graph, with the waits that AWS demands
//! (aws-facts 1.2, 2.9, 3.6). Works from any half-made state.

use super::{Step, WaitReason, look, pause, wait};
use crate::action::{Action, Status, Verb};
use crate::record::{Record, SlotState};
use crate::slot::{AlarmRegion, Slot};
use crate::time::Timestamp;

pub fn steps(record: &Record, now: Timestamp) -> Vec<Step> {
    let mut steps: Vec<Step> = [AlarmRegion::Home, AlarmRegion::UsEast1]
        .into_iter()
        .filter_map(|region| alarms(record, region, now))
        .collect();
    for (slot, state) in &record.state.slots {
        steps.push(step(record, slot, state, now));
    }
    steps
}

/// Nothing of the slot exists, and nothing can come into being any more.
pub fn absent(state: Option<&SlotState>) -> bool {
    state.is_none_or(|state| {
        let pending = state.doing.as_ref().is_some_and(|doing| doing.unsure || doing.unanswered);
        state.object.is_none() && state.unsettled_until.is_none() && !pending
    })
}

/// One delete for all alarms of a region (DeleteAlarms takes up to 100 names, aws-facts 4).
fn alarms(record: &Record, region: AlarmRegion, now: Timestamp) -> Option<Step> {
    let ready = record.state.slots.iter().filter_map(|(slot, state)| {
        let Slot::Alarm(kind) = slot else { return None };
        let object = state.object.as_ref().filter(|_| kind.region() == region && state.failure.is_none())?;
        let paused = pause(slot, state, Verb::Delete, now).is_some();
        (!paused).then(|| (slot.clone(), state.incarnation, object.id.clone()))
    });
    let alarms: Vec<_> = ready.collect();
    (!alarms.is_empty()).then_some(Step::Act(Action::DeleteAlarms { region, alarms }))
}

fn step(record: &Record, slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    if state.failure.is_some() {
        return Step::Rest;
    }
    if state.object.is_none() {
        return doubt(slot, state, now);
    }
    if matches!(slot, Slot::Alarm(_)) {
        return pause(slot, state, Verb::Delete, now).unwrap_or(Step::Rest);
    }
    if blocked(record, slot) {
        return Step::Rest;
    }
    if matches!(slot, Slot::Group(_)) && state.doubted {
        // A function that froze for long may have made a second one since: its create has no token.
        return doubt(slot, state, now);
    }
    match slot {
        Slot::Channel => channel(state, now),
        Slot::Distribution => distribution(state, now),
        Slot::Group(_) | Slot::Input(_) | Slot::Secret | Slot::Packaging | Slot::Endpoint(_) | Slot::Alarm(_) => {
            look(slot, state, now).unwrap_or_else(|| delete(slot, state, now))
        }
    }
}

/// Something may have been made although no answer came: look at once, and again when it can no longer come.
pub fn doubt(slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    if absent(Some(state)) {
        return Step::Rest;
    }
    match state.look_at.filter(|at| *at > now) {
        Some(at) => wait(slot, WaitReason::LateEffect, at),
        None => Step::Act(Action::Find { slot: slot.clone(), incarnation: state.incarnation }),
    }
}

/// Whether something that still exists has to go first.
fn blocked(record: &Record, slot: &Slot) -> bool {
    let there = |other: &Slot| !absent(record.slot(other));
    match slot {
        Slot::Input(_) => there(&Slot::Channel),
        Slot::Group(name) => {
            let input = Slot::Input(name.clone());
            there(&input) || record.state.strays.iter().any(|stray| stray.slot == input)
        }
        // Viewers see a clean end from the CDN, not errors from a packager that is gone.
        Slot::Endpoint(_) => serving(record),
        Slot::Secret => any_endpoint(record),
        Slot::Packaging => any_endpoint(record) || there(&Slot::Channel),
        Slot::Channel | Slot::Distribution | Slot::Alarm(_) => false,
    }
}

fn any_endpoint(record: &Record) -> bool {
    record.state.slots.iter().any(|(slot, state)| matches!(slot, Slot::Endpoint(_)) && !absent(Some(state)))
}

fn serving(record: &Record) -> bool {
    let state = record.slot(&Slot::Distribution);
    let out_of_service = state
        .and_then(|state| state.seen.as_ref())
        .is_some_and(|seen| !seen.enabled && matches!(seen.status, Status::Ready | Status::Deleting));
    !absent(state) && !out_of_service
}

fn channel(state: &SlotState, now: Timestamp) -> Step {
    let (Some(object), Some(seen)) = (&state.object, &state.seen) else { return Step::Rest };
    let running = matches!(seen.status, Status::Starting | Status::Running | Status::Recovering);
    let due = state.look_at.is_some_and(|at| at <= now);
    if running && !due {
        let stop = Action::Stop { incarnation: state.incarnation, id: object.id.clone() };
        return pause(&Slot::Channel, state, Verb::Stop, now).unwrap_or(Step::Act(stop));
    }
    look(&Slot::Channel, state, now).unwrap_or_else(|| delete(&Slot::Channel, state, now))
}

/// Disabled as soon as it is known: an update is allowed while CloudFront still deploys (aws-facts 3.6).
fn distribution(state: &SlotState, now: Timestamp) -> Step {
    let (Some(object), Some(seen)) = (&state.object, &state.seen) else { return Step::Rest };
    if seen.enabled {
        let disable = Action::Disable { incarnation: state.incarnation, id: object.id.clone() };
        return pause(&Slot::Distribution, state, Verb::Disable, now).unwrap_or(Step::Act(disable));
    }
    look(&Slot::Distribution, state, now).unwrap_or_else(|| delete(&Slot::Distribution, state, now))
}

fn delete(slot: &Slot, state: &SlotState, now: Timestamp) -> Step {
    let id = state.object.as_ref().map(|object| object.id.clone()).unwrap_or_default();
    let delete = Action::Delete { slot: slot.clone(), incarnation: state.incarnation, id };
    pause(slot, state, Verb::Delete, now).unwrap_or(Step::Act(delete))
}
