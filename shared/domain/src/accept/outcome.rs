//! Accepts the outcome of one action. An outcome is never dropped: one that comes late, from a function that
//! froze and thawed, is folded in by what it says, not by who says it.

mod looked;
mod secret;
mod strays;

use super::{Note, clipped, note};
use crate::accept::NoteKind;
use crate::action::{Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::drift;
use crate::guard;
use crate::limits::Limits;
use crate::outbox;
use crate::record::{Failure, Record, SlotState, UNKNOWN_TAGS, Want, WatchKind};
use crate::remedy;
use crate::request::after_doubt;
use crate::slot::Slot;
use crate::time::Timestamp;

/// Objects in a row that AWS may fail to make before a person has to look.
const BROKEN_MOST: u32 = 2;
/// Times that an action may turn out not to be sendable: something of ours is wrong then.
const UNSENT_MOST: u32 = 5;

pub fn accept(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    if matches!(outcome.verb, Verb::Restart | Verb::Switch) {
        return NoteKind::Remedy.of(remedy::answered(record, outcome, now, limits));
    }
    if outcome.verb == Verb::Compare
        && let Some(notes) = drift::compared(record, outcome, now, limits)
    {
        return notes;
    }
    if outcome.verb == Verb::Publish {
        return outbox::answered(record, outcome, now, limits);
    }
    if strays::is_of(record, outcome) {
        return strays::accept(record, outcome, now, limits);
    }
    let outcome = &half_up(record, outcome);
    let notes = fold(record, outcome, now, limits);
    on_air(record, now);
    guard::look_ahead(record, now);
    notes
}

/// Since when the channel is on air: whatever brought the observation, it says the same.
fn on_air(record: &mut Record, now: Timestamp) {
    record.state.live_since = match record.seen(&Slot::Channel).map(|seen| seen.status) {
        Some(Status::Running) => record.state.live_since.or(Some(now)),
        Some(Status::Recovering) => record.state.live_since,
        None
        | Some(
            Status::Making
            | Status::Ready
            | Status::InUse
            | Status::Starting
            | Status::Stopping
            | Status::Updating
            | Status::Deleting
            | Status::Broken,
        ) => None,
    };
}

fn fold(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    match &outcome.result {
        Ok(Answer::Made(object, seen)) => made(record, outcome, object, seen, now, limits),
        Ok(Answer::Found(objects)) => found(record, outcome, objects, now, limits),
        Ok(Answer::Changed(object, seen)) => changed(record, outcome, object, seen, now, limits),
        Ok(Answer::Seen(seen)) => {
            let notes = seen_again(record, outcome, seen, now, limits);
            secret::accept(record, outcome, now, limits).into_iter().chain(notes).collect()
        }
        Ok(Answer::Partly(seen)) => partly(record, outcome, seen, now, limits),
        Ok(Answer::Tagged) => tagged(record, outcome),
        // Of a remedy, a comparison or messages, and those are not folded in here.
        Ok(Answer::Remedied | Answer::Compared(..) | Answer::Published { .. }) => Vec::new(),
        Ok(Answer::Missing) => missing(record, outcome, now, limits),
        Err(refusal) => refused(record, outcome, refusal, now, limits),
    }
}

/// A channel of two pipelines that runs on one is not up yet, or has lost one (aws-facts 1.13).
fn half_up(record: &Record, outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    if outcome.slot != Slot::Channel {
        return outcome;
    }
    let expected = record.asked.spec.channel_class.pipelines();
    let before = if record.state.live_since.is_some() { Status::Recovering } else { Status::Starting };
    let correct = |seen: &mut Seen| {
        if seen.status == Status::Running && seen.pipelines < expected {
            seen.status = before;
        }
    };
    match &mut outcome.result {
        Ok(Answer::Seen(seen) | Answer::Made(_, seen) | Answer::Changed(_, seen) | Answer::Partly(seen)) => {
            correct(seen);
        }
        Ok(Answer::Found(objects)) => objects.iter_mut().for_each(|(_, seen)| correct(seen)),
        Ok(Answer::Missing | Answer::Tagged | Answer::Remedied | Answer::Compared(..) | Answer::Published { .. })
        | Err(_) => {}
    }
    outcome
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
        return strays::add(record, slot, object, now);
    }
    let known = state.object.is_some();
    adopt(state, slot, object, seen, now, limits);
    secret::made(record, slot, known);
    strays::hold_group(record, slot);
    if known { Vec::new() } else { vec![note(format!("{slot}: made, {}", object.id))] }
}

fn adopt(state: &mut SlotState, slot: &Slot, object: &Object, seen: &Seen, now: Timestamp, limits: Limits) {
    state.object = Some(object.clone());
    state.made_at = state.made_at.or(Some(now));
    if let Some(create) = state.doing.take_if(|doing| doing.verb == Verb::Create) {
        state.applied = create.request;
        state.tagged = create.tags;
    }
    see(state, slot, seen, now, limits);
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
    // What has been replaced carries the slot's tags until it is gone.
    let leaving_anyway = |id: &str| record.state.strays.iter().any(|stray| stray.slot == *slot && stray.id == id);
    let objects: Vec<_> = objects.iter().filter(|(object, _)| !leaving_anyway(&object.id)).collect();
    let leaving = record.asked.intent.want == Want::Gone;
    let state = record.state.slots.entry(slot.clone()).or_default();
    state.refused_looks = 0;
    if leaving && state.unsettled_until.is_none_or(|until| outcome.asked_at >= until) {
        state.doubted = false;
    }
    if state.unsettled_until.is_some_and(|until| outcome.asked_at >= until) {
        state.unsettled_until = None;
        if std::mem::take(&mut state.update_doubted) {
            // An older update may have landed after a newer one: what the object is like is not known for sure.
            state.applied = after_doubt(state.applied.take());
        }
        if std::mem::take(&mut state.tags_doubted) {
            state.tagged = Some(UNKNOWN_TAGS.to_owned());
        }
        // What was sent never happened, and no longer can.
        let deleting = state.doing.as_ref().is_some_and(|doing| doing.verb == Verb::Delete);
        if (objects.is_empty() && state.object.is_none()) || (deleting && !objects.is_empty()) {
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
                secret::made(record, slot, false);
                strays::hold_group(record, slot);
                notes.push(note(format!("{slot}: found, {}", object.id)));
            }
        }
    }
    let keep = record.object(slot).map(|object| object.id.clone());
    for (object, seen) in objects {
        if Some(&object.id) != keep.as_ref() {
            notes.extend(strays::add(record, slot, object, now));
        } else if let Some(state) = record.state.slots.get_mut(slot) {
            see(state, slot, seen, now, limits);
        }
    }
    if let Some(state) = record.state.slots.get_mut(slot)
        && state.unsettled_until.is_some()
        && (leaving || state.object.is_none())
    {
        state.look_at = state.unsettled_until;
    }
    notes
}

/// An update that answers with the object: its addresses may have changed with it.
fn changed(
    record: &mut Record,
    outcome: &Outcome,
    object: &Object,
    seen: &Seen,
    now: Timestamp,
    limits: Limits,
) -> Vec<Note> {
    if let Some(state) = record.state.slots.get_mut(&outcome.slot)
        && state.object.as_ref().is_some_and(|known| known.id == object.id)
    {
        state.object = Some(object.clone());
    }
    seen_again(record, outcome, seen, now, limits)
}

fn seen_again(record: &mut Record, outcome: &Outcome, seen: &Seen, now: Timestamp, limits: Limits) -> Vec<Note> {
    let slot = &outcome.slot;
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if state.object.as_ref().map(|object| &object.id) != outcome.id.as_ref() {
        return Vec::new();
    }
    let mut updated = false;
    if let Some(done) = state.doing.take_if(|doing| doing.verb == outcome.verb) {
        updated = done.verb == Verb::Update;
        if updated {
            state.applied = done.request.or(after_doubt(state.applied.take()));
        }
    }
    let before = state.seen.replace(seen.clone());
    let group_of_live_input = matches!(slot, Slot::Group(_)) && seen.status == Status::Ready;
    see(state, slot, seen, now, limits);
    if updated {
        return vec![note(format!("{slot}: changed"))];
    }
    if before.as_ref() == Some(seen) || group_of_live_input {
        return Vec::new();
    }
    let told = vec![note(format!("{slot}: {}", describe(slot, seen)))];
    let wrong = matches!(seen.status, Status::Recovering | Status::Broken);
    if wrong { NoteKind::Trouble.of(told) } else { told }
}

/// One of several steps of an update is done: the next one is planned like an update of its own.
fn partly(record: &mut Record, outcome: &Outcome, seen: &Seen, now: Timestamp, limits: Limits) -> Vec<Note> {
    let notes = seen_again(record, outcome, seen, now, limits);
    if let Some(state) = record.state.slots.get_mut(&outcome.slot) {
        state.applied = after_doubt(state.applied.take());
    }
    notes
}

fn tagged(record: &mut Record, outcome: &Outcome) -> Vec<Note> {
    let slot = &outcome.slot;
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if state.object.as_ref().map(|object| &object.id) != outcome.id.as_ref() {
        return Vec::new();
    }
    let Some(done) = state.doing.take_if(|doing| doing.verb == Verb::Tag) else { return Vec::new() };
    state.tagged = done.tags;
    vec![note(format!("{slot}: tags changed"))]
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
    state.refused_looks = 0;
    let broken = seen.status == Status::Broken;
    if broken && state.watch.is_some() {
        state.broken += 1;
    }
    if broken && state.broken >= BROKEN_MOST {
        state.failure = Some(Failure {
            verb: Verb::Create,
            kind: RefusalKind::Rejected,
            code: "CREATE_FAILED".to_owned(),
            message: format!("AWS could not make it, {} times in a row", state.broken),
            at: now,
        });
    }
    if matches!(seen.status, Status::Ready | Status::Running) {
        state.broken = 0;
    }
    state.seen = Some(seen.clone());
    let kind = match seen.status {
        // A distribution that deploys its own end.
        Status::Making if !seen.enabled => Some(WatchKind::Removing),
        Status::Making | Status::Updating => Some(WatchKind::Making),
        Status::Starting | Status::Recovering => Some(WatchKind::Starting),
        Status::Stopping => Some(WatchKind::Stopping),
        Status::Deleting => Some(WatchKind::Removing),
        Status::InUse => {
            // Watched only while its input goes away.
            Some(WatchKind::Removing).filter(|kind| state.watch.as_ref().is_some_and(|watch| watch.kind == *kind))
        }
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
    let (kept, mut notes) = drift::gone(record, outcome, now);
    let Some(state) = record.state.slots.get_mut(slot) else { return notes };
    if kept {
        state.rest();
        return notes;
    }
    state.forget_object();
    record.state.alarms.remove(slot);
    strays::release_group(record, slot, now, limits);
    notes.push(note(format!("{slot}: gone")));
    notes
}

fn refused(record: &mut Record, outcome: &Outcome, refusal: &Refusal, now: Timestamp, limits: Limits) -> Vec<Note> {
    let slot = &outcome.slot;
    let leaving = record.asked.intent.want == Want::Gone && outcome.verb == Verb::Create;
    let who = format!("{}/{slot}", record.asked.key);
    let Some(state) = record.state.slots.get_mut(slot) else { return Vec::new() };
    if refusal.kind == RefusalKind::Unsure && !matches!(outcome.verb, Verb::Observe | Verb::Find) {
        state.doubt_change(outcome.verb);
        state.unsettled(now, limits);
    }
    let Some(doing) = state.doing.as_mut().filter(|doing| doing.verb == outcome.verb) else {
        return looked::refused(state, slot, &who, outcome.verb, refusal, now, limits);
    };
    doing.unanswered = false;
    doing.unsure |= refusal.kind == RefusalKind::Unsure;
    let words = clipped(&refusal.message, 600);
    let impatient =
        refusal.kind == RefusalKind::Conflict && now.millis_since(doing.since) > limits.conflict_patience_millis();
    let unsendable = refusal.kind == RefusalKind::NotSent && doing.tries >= UNSENT_MOST;
    let refused = matches!(refusal.kind, RefusalKind::Quota | RefusalKind::Denied | RefusalKind::Rejected);
    let final_word = refused || unsendable;
    if leaving && final_word {
        // Nobody wants it any more; what an earlier try may have made is looked for.
        state.doing.take_if(|doing| !doing.unsure);
        return Vec::new();
    }
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
        return NoteKind::Trouble.of(vec![note(format!("{slot}: AWS refused: {}: {words}", refusal.code))]);
    }
    let retry_at = now.plus_millis(limits.pause_millis(refusal.kind, doing.tries, &who));
    doing.retry_at = Some(retry_at);
    doing.refusal = Some(Refusal { message: clipped(&refusal.message, 160), ..refusal.clone() });
    if refusal.kind == RefusalKind::Conflict && state.object.is_some() {
        // AWS's view of the state is not ours: look before trying again.
        state.look_at = Some(retry_at);
    }
    vec![note(format!("{slot}: trying again after {}: {}", refusal.code, clipped(&refusal.message, 200)))]
}
