//! Objects of a slot that may have only one: second ones, and those that were replaced. They go when nothing uses them; and
//! the groups that inputs hold until they are gone.

use crate::accept::{Note, clipped, note};
use crate::action::{Object, Outcome, RefusalKind, Seen, Status, Verb};
use crate::limits::Limits;
use crate::record::{Failure, Record, Stray, Want, WatchKind};
use crate::request::desired;
use crate::slot::Slot;
use crate::time::Timestamp;

pub fn is_of(record: &Record, outcome: &Outcome) -> bool {
    let same = |stray: &Stray| stray.slot == outcome.slot && Some(&stray.id) == outcome.id.as_ref();
    outcome.verb == Verb::Delete && record.state.strays.iter().any(same)
}

pub fn accept(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    let strays = &mut record.state.strays;
    let Some(index) = strays.iter().position(|stray| Some(&stray.id) == outcome.id.as_ref()) else { return Vec::new() };
    let Err(refusal) = &outcome.result else {
        let stray = strays.remove(index);
        release_group(record, &stray.slot, now, limits);
        return vec![note(format!("{}: removed {}, which nothing uses any more", stray.slot, stray.id))];
    };
    let stray = &mut strays[index];
    stray.tries += 1;
    stray.code = clipped(&refusal.code, 60);
    stray.retry_at = now.plus_millis(limits.backoff_millis(stray.tries));
    let message = clipped(&refusal.message, 300);
    let words =
        format!("{}: {}, which nothing uses, cannot be removed: {}: {message}", stray.slot, stray.id, refusal.code);
    if matches!(refusal.kind, RefusalKind::Denied | RefusalKind::Rejected) {
        let failure = Failure { verb: Verb::Delete, kind: refusal.kind, code: refusal.code.clone(), message, at: now };
        record.state.slots.entry(outcome.slot.clone()).or_default().failure = Some(failure);
    }
    vec![note(words)]
}

/// A group that is to go is free some seconds after its last input has been deleted (aws-facts 1.2).
pub fn release_group(record: &mut Record, slot: &Slot, now: Timestamp, limits: Limits) {
    let Slot::Input(name) = slot else { return };
    let group = Slot::Group(name.clone());
    let stays = record.asked.intent.want != Want::Gone && desired(&record.asked.spec).contains(&group);
    if let Some(state) = record.state.slots.get_mut(&group).filter(|state| state.object.is_some() && !stays) {
        state.seen = Some(Seen::new(Status::InUse));
        state.watch_for(&group, WatchKind::Removing, now, limits);
    }
}

pub fn add(record: &mut Record, slot: &Slot, object: &Object, now: Timestamp) -> Vec<Note> {
    if record.state.strays.iter().any(|stray| stray.slot == *slot && stray.id == object.id) {
        return Vec::new();
    }
    record.state.strays.push(Stray {
        slot: slot.clone(),
        id: object.id.clone(),
        tries: 0,
        retry_at: now,
        code: String::new(),
    });
    vec![note(format!("{slot}: a second object, {}, will be removed", object.id))]
}

/// An input holds its security group until some seconds after it is deleted (aws-facts 1.2).
pub fn hold_group(record: &mut Record, slot: &Slot) {
    let Slot::Input(name) = slot else { return };
    let leaving = record.asked.intent.want == Want::Gone;
    if let Some(group) = record.state.slots.get_mut(&Slot::Group(name.clone())).filter(|group| group.object.is_some()) {
        group.seen = Some(Seen::new(Status::InUse));
        if !leaving {
            // It may have been on its way out: now it stays.
            group.rest();
        }
    }
}
