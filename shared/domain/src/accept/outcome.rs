//! Accepts the outcome of one action. An outcome is never dropped: one that comes late, from a function that
//! froze and thawed, is folded in by what it says, not by who says it.

use super::{Note, clipped, note};
use crate::action::{Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::limits::Limits;
use crate::record::{Failure, Record, SlotState, Stray, WatchKind};
use crate::slot::Slot;
use crate::time::Timestamp;

pub fn accept(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    if is_of_stray(record, outcome) {
        return stray_outcome(record, outcome, now, limits);
    }
    let outcome = &half_up(record, outcome);
    match &outcome.result {
        Ok(Answer::Made(object, seen)) => made(record, outcome, object, seen, now, limits),
        Ok(Answer::Found(objects)) => found(record, outcome, objects, now, limits),
        Ok(Answer::Seen(seen)) => seen_again(record, outcome, seen, now, limits),
        Ok(Answer::Missing) => missing(record, outcome, now, limits),
        Err(refusal) => refused(record, outcome, refusal, now, limits),
    }
}

/// A channel of two pipelines that runs on one is not up yet, or has lost one (aws-facts 1.13).
fn half_up(record: &Record, outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    let expected = record.asked.spec.channel_class.pipelines();
    if let (Slot::Channel, Ok(Answer::Seen(seen) | Answer::Made(_, seen))) = (&outcome.slot, &mut outcome.result)
        && seen.status == Status::Running
        && seen.pipelines < expected
    {
        seen.status = if record.state.live_since.is_some() { Status::Recovering } else { Status::Starting };
    }
    outcome
}

fn is_of_stray(record: &Record, outcome: &Outcome) -> bool {
    let same = |stray: &Stray| stray.slot == outcome.slot && Some(&stray.id) == outcome.id.as_ref();
    outcome.verb == Verb::Delete && record.state.strays.iter().any(same)
}

fn stray_outcome(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    let strays = &mut record.state.strays;
    let Some(index) = strays.iter().position(|stray| Some(&stray.id) == outcome.id.as_ref()) else { return Vec::new() };
    if outcome.result.is_ok() {
        let stray = strays.remove(index);
        return vec![note(format!("{}: removed a second object, {}", stray.slot, stray.id))];
    }
    strays[index].tries += 1;
    strays[index].retry_at = now.plus_millis(limits.backoff_millis(strays[index].tries));
    Vec::new()
}

fn made(
    record: &mut Record,
    outcome: &Outcome,
    object: &Object,
    seen: &Seen,
    now: Timestamp,
    limits: Limits,
) -> Vec<Note> {
    let slot = &outcome.slot;
    let state = record.state.slots.entry(slot.clone()).or_default();
    let other = state.object.as_ref().is_some_and(|known| known.id != object.id);
    if other || outcome.incarnation != state.incarnation {
        return stray(record, slot, object, now);
    }
    let known = state.object.is_some();
    adopt(state, slot, object, seen, now, limits);
    hold_group(record, slot);
    if known { Vec::new() } else { vec![note(format!("{slot}: made, {}", object.id))] }
}

fn adopt(state: &mut SlotState, slot: &Slot, object: &Object, seen: &Seen, now: Timestamp, limits: Limits) {
    state.object = Some(object.clone());
    state.made_at = state.made_at.or(Some(now));
    if state.doing.as_ref().is_some_and(|doing| doing.verb == Verb::Create) {
        state.doing = None;
    }
    see(state, slot, seen, now, limits);
}

/// An input holds its security group until some seconds after it is deleted (aws-facts 1.2).
fn hold_group(record: &mut Record, slot: &Slot) {
    let Slot::Input(name) = slot else { return };
    if let Some(group) = record.state.slots.get_mut(&Slot::Group(name.clone())).filter(|group| group.object.is_some()) {
        group.seen = Some(Seen::new(Status::InUse));
    }
}

fn stray(record: &mut Record, slot: &Slot, object: &Object, now: Timestamp) -> Vec<Note> {
    if record.state.strays.iter().any(|stray| stray.slot == *slot && stray.id == object.id) {
        return Vec::new();
    }
    record.state.strays.push(Stray { slot: slot.clone(), id: object.id.clone(), tries: 0, retry_at: now });
    vec![note(format!("{slot}: a second object, {}, will be removed", object.id))]
}

fn found(
    record: &mut Record,
    outcome: &Outcome,
    objects: &[(Object, Seen)],
    now: Timestamp,
    limits: Limits,
) -> Vec<Note> {
    let slot = &outcome.slot;
    let mut notes = Vec::new();
    let state = record.state.slots.entry(slot.clone()).or_default();
    if state.unsettled_until.is_some_and(|until| outcome.asked_at >= until) {
        state.unsettled_until = None;
        if objects.is_empty() && state.object.is_none() {
            // What was sent never happened, and no longer can.
            state.doing = None;
        }
    }
    let known = state.object.as_ref().map(|object| object.id.clone());
    match known {
        Some(id) if !objects.iter().any(|(object, _)| object.id == id) => state.look_at = Some(now),
        Some(_) => {}
        None => {
            if let Some((object, seen)) = objects.first() {
                adopt(state, slot, object, seen, now, limits);
                hold_group(record, slot);
                notes.push(note(format!("{slot}: found, {}", object.id)));
            } else if state.unsettled_until.is_some() {
                state.look_at = state.unsettled_until;
            }
        }
    }
    let keep = record.object(slot).map(|object| object.id.clone());
    for (object, seen) in objects {
        if Some(&object.id) != keep.as_ref() {
            notes.extend(stray(record, slot, object, now));
        } else if let Some(state) = record.state.slots.get_mut(slot) {
            see(state, slot, seen, now, limits);
        }
    }
    notes
}

fn seen_again(record: &mut Record, outcome: &Outcome, seen: &Seen, now: Timestamp, limits: Limits) -> Vec<Note> {
    let slot = &outcome.slot;
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if state.object.as_ref().map(|object| &object.id) != outcome.id.as_ref() {
        return Vec::new();
    }
    if state.doing.as_ref().is_some_and(|doing| doing.verb == outcome.verb) {
        state.doing = None;
    }
    let before = state.seen.replace(seen.clone());
    let group_of_live_input = matches!(slot, Slot::Group(_)) && seen.status == Status::Ready;
    see(state, slot, seen, now, limits);
    if before.as_ref() == Some(seen) || group_of_live_input {
        return Vec::new();
    }
    if *slot == Slot::Channel {
        record.state.live_since = match seen.status {
            Status::Running => record.state.live_since.or(Some(now)),
            Status::Recovering => record.state.live_since,
            Status::Making
            | Status::Ready
            | Status::InUse
            | Status::Starting
            | Status::Stopping
            | Status::Updating
            | Status::Deleting
            | Status::Broken => None,
        };
    }
    vec![note(format!("{slot}: {}", describe(slot, seen)))]
}

fn describe(slot: &Slot, seen: &Seen) -> String {
    match (slot, seen.status) {
        (Slot::Distribution, Status::Ready) if seen.enabled => "deployed".to_owned(),
        (Slot::Distribution, Status::Ready) => "out of service".to_owned(),
        (Slot::Channel, Status::Running) => format!("running, {} pipeline(s)", seen.pipelines),
        (_, Status::Making) => "being made".to_owned(),
        (_, Status::Ready) => "ready".to_owned(),
        (_, Status::InUse) => "in use".to_owned(),
        (_, Status::Starting) => "starting".to_owned(),
        (_, Status::Running) => "running".to_owned(),
        (_, Status::Recovering) => "recovering".to_owned(),
        (_, Status::Stopping) => "stopping".to_owned(),
        (_, Status::Updating) => "being changed".to_owned(),
        (_, Status::Deleting) => "being deleted".to_owned(),
        (_, Status::Broken) => "AWS could not make it".to_owned(),
    }
}

/// Takes an observation in: either something is in transition and is looked at again, or it rests.
fn see(state: &mut SlotState, slot: &Slot, seen: &Seen, now: Timestamp, limits: Limits) {
    state.seen = Some(seen.clone());
    let kind = match seen.status {
        // A distribution that deploys its own end.
        Status::Making if !seen.enabled => Some(WatchKind::Removing),
        Status::Making | Status::Updating => Some(WatchKind::Making),
        Status::Starting | Status::Recovering => Some(WatchKind::Starting),
        Status::Stopping => Some(WatchKind::Stopping),
        Status::Deleting => Some(WatchKind::Removing),
        Status::InUse => Some(WatchKind::Removing).filter(|_| state.watch.is_some()),
        Status::Ready | Status::Running | Status::Broken => None,
    };
    match kind {
        Some(kind) => state.watch_for(slot, kind, now, limits),
        None => state.rest(),
    }
}

fn missing(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    let slot = &outcome.slot;
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if state.object.as_ref().map(|object| &object.id) != outcome.id.as_ref() || state.object.is_none() {
        return Vec::new();
    }
    let age = state.made_at.map_or(i64::MAX, |made| now.millis_since(made));
    if outcome.verb == Verb::Observe
        && age < limits.late_effect_millis()
        && state.seen.as_ref().is_some_and(|seen| seen.status == Status::Making)
    {
        // Read after create is not always visible; a thing just made is not gone yet.
        state.watch_for(slot, WatchKind::Making, now, limits);
        return Vec::new();
    }
    state.forget_object();
    record.state.alarms.remove(slot);
    if let Slot::Input(name) = slot {
        let group = Slot::Group(name.clone());
        if let Some(state) = record.state.slots.get_mut(&group).filter(|state| state.object.is_some()) {
            state.seen = Some(Seen::new(Status::InUse));
            state.watch_for(&group, WatchKind::Removing, now, limits);
        }
    }
    if *slot == Slot::Channel {
        record.state.live_since = None;
    }
    vec![note(format!("{slot}: gone"))]
}

fn refused(record: &mut Record, outcome: &Outcome, refusal: &Refusal, now: Timestamp, limits: Limits) -> Vec<Note> {
    let slot = &outcome.slot;
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if refusal.kind == RefusalKind::Unsure && !matches!(outcome.verb, Verb::Observe | Verb::Find) {
        state.unsettled(now, limits);
    }
    let Some(doing) = state.doing.as_mut().filter(|doing| doing.verb == outcome.verb) else {
        return look_refused(state, slot, outcome.verb, refusal, now, limits);
    };
    doing.unanswered = false;
    doing.unsure |= refusal.kind == RefusalKind::Unsure;
    let words = clipped(&refusal.message, 600);
    let impatient =
        refusal.kind == RefusalKind::Conflict && now.millis_since(doing.since) > limits.conflict_patience_millis();
    let final_word = matches!(refusal.kind, RefusalKind::Quota | RefusalKind::Denied | RefusalKind::Rejected);
    if final_word || impatient {
        let failed_create = outcome.verb == Verb::Create && !doing.unsure;
        state.failure = Some(Failure {
            verb: outcome.verb,
            kind: refusal.kind,
            code: refusal.code.clone(),
            message: words.clone(),
            at: now,
        });
        if failed_create || outcome.verb != Verb::Create {
            state.doing = None;
        }
        return vec![note(format!("{slot}: AWS refused: {}: {words}", refusal.code))];
    }
    let pause = if refusal.kind == RefusalKind::NotSent { 0 } else { limits.backoff_millis(doing.tries) };
    let retry_at = now.plus_millis(pause);
    doing.retry_at = Some(retry_at);
    doing.refusal = Some(Refusal { message: clipped(&refusal.message, 300), ..refusal.clone() });
    if refusal.kind == RefusalKind::Conflict && state.object.is_some() {
        // AWS's view of the state is not ours: look before trying again.
        state.look_at = Some(retry_at);
    }
    let quiet = refusal.kind == RefusalKind::NotSent;
    if quiet {
        Vec::new()
    } else {
        vec![note(format!("{slot}: trying again after {}: {}", refusal.code, clipped(&refusal.message, 200)))]
    }
}

/// A look that failed changes nothing but the time of the next one; only a missing permission is final.
fn look_refused(
    state: &mut SlotState,
    slot: &Slot,
    verb: Verb,
    refusal: &Refusal,
    now: Timestamp,
    limits: Limits,
) -> Vec<Note> {
    if refusal.kind == RefusalKind::Denied {
        let message = clipped(&refusal.message, 600);
        state.failure =
            Some(Failure { verb, kind: refusal.kind, code: refusal.code.clone(), message: message.clone(), at: now });
        return vec![note(format!("{slot}: AWS refused: {}: {message}", refusal.code))];
    }
    let waited = state.watch.as_ref().map_or(0, |watch| now.millis_since(watch.since));
    let pause = limits.backoff_millis(2).max(waited / 20);
    state.look_at = Some(now.plus_millis(pause));
    Vec::new()
}
