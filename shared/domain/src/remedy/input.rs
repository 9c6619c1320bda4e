//! An input without video: the next one that the channel has goes on air, and the first one again later. Where two inputs are a
//! failover pair MediaLive switches between them by itself; an alarm says then that both are lost.
//!
//! Nothing in AWS tells whether an input that is not on air has video (aws-facts 1.14): to go back is a probe, with a pause that
//! doubles, and it is begun only where the hour leaves room for the way back from it.

use super::{Remedies, Remedy, Switched, Trouble, Wish, cool_down};
use crate::accept::{Note, note};
use crate::limits::{ALARM_LAG_SECS, COOL_DOWN_MAX_SECS, Limits, REMEDIES_MOST};
use crate::phase::no_signal;
use crate::record::{AlarmFact, Record};
use crate::slot::{AlarmKind, Slot};
use crate::time::Timestamp;

/// Inputs that can be switched to, the first one first. The second of a pair is its first one's (aws-facts 1.8).
fn choices(record: &Record) -> Vec<String> {
    let inputs = &record.asked.spec.inputs;
    let second = |name: &str| inputs.iter().any(|it| it.failover.as_ref().is_some_and(|pair| pair.input == name));
    inputs.iter().filter(|input| !second(&input.name)).map(|input| input.name.clone()).collect()
}

/// What the channel begins with.
pub(super) fn first(record: &Record) -> String {
    record.asked.spec.inputs.first().map(|input| input.name.clone()).unwrap_or_default()
}

fn current(record: &Record) -> String {
    record.state.remedies.switched.as_ref().map_or_else(|| first(record), |it| it.input.clone())
}

/// The last change among the alarms that are, or are not, firing.
fn changed_at(record: &Record, firing: bool) -> Option<Timestamp> {
    let of = |(slot, fact): (&Slot, &AlarmFact)| {
        (matches!(slot, Slot::Alarm(AlarmKind::InputLoss(_))) && fact.firing == firing).then_some(fact.at)
    };
    record.state.alarms.iter().filter_map(of).max()
}

/// The next input that has not been found without video, after the one on air.
fn next(record: &Record) -> Option<String> {
    let (choices, current) = (choices(record), current(record));
    let at = choices.iter().position(|name| *name == current).unwrap_or(0);
    let mut after = choices.iter().cycle().skip(at + 1).take(choices.len().saturating_sub(1));
    let without = &record.state.remedies.without;
    after.find(|name| **name != current && !without.contains(name)).cloned()
}

pub(super) fn track(record: &mut Record, now: Timestamp, limits: Limits) -> Vec<Note> {
    let known: Vec<String> = record.asked.spec.inputs.iter().map(|input| input.name.clone()).collect();
    let remedies = &mut record.state.remedies;
    remedies.switched.take_if(|it| !known.contains(&it.input));
    if no_signal(record) {
        let since = changed_at(record, true).unwrap_or(now);
        let opened = Trouble { since, ok_since: None, tries: 0, not_before: since, told: None };
        record.state.remedies.input.get_or_insert(opened).ok_since = None;
        return end_of_round(record, now, limits).into_iter().collect();
    }
    let ok_at = changed_at(record, false).unwrap_or(now);
    let mut notes: Vec<Note> = over(record, ok_at, now, limits).into_iter().collect();
    let (first, held) = (first(record), proven(record, limits));
    let remedies = &mut record.state.remedies;
    let back = |it: &mut Switched| it.input == first && now >= it.at.plus_millis(held);
    if remedies.input.is_none() && remedies.switched.take_if(back).is_some() {
        notes.push(note(format!("remedy: input {first} is on air again and holds")));
    }
    notes
}

/// The trouble is over when video has arrived for the clear time.
fn over(record: &mut Record, ok_at: Timestamp, now: Timestamp, limits: Limits) -> Option<Note> {
    let (clear, current) = (record.asked.spec.remediation.clear_seconds, current(record));
    let remedies = &mut record.state.remedies;
    let trouble = remedies.input.as_mut()?;
    let ok_since = *trouble.ok_since.get_or_insert(ok_at);
    if now.millis_since(ok_since) < limits.of_account(i64::from(clear)) {
        return None;
    }
    remedies.input = None;
    remedies.without.clear();
    remedies.switched.as_ref()?;
    Some(note(format!("remedy: video has arrived for {clear} s, of input {current}")))
}

/// Nothing is left to switch to, and the first input is on air: viewers get the picture for a lost input until a person, or the
/// next round, finds better.
fn end_of_round(record: &mut Record, now: Timestamp, limits: Limits) -> Option<Note> {
    let (current, next) = (current(record), next(record));
    let idle = current == first(record) && next.is_none() && !young(record, now, limits);
    let remedies = &mut record.state.remedies;
    let trouble = remedies.input.as_mut().filter(|trouble| idle && now >= trouble.not_before)?;
    if trouble.tries >= REMEDIES_MOST {
        return None;
    }
    let first_time = trouble.tries == 0;
    cool_down(trouble, now, limits);
    remedies.without.clear();
    let text =
        "remedy: no input has video, or there is only one: the picture for a lost input stays; check the encoders";
    first_time.then(|| note(text))
}

/// Whether the alarm may still tell of the input before the last switch.
fn young(record: &Record, now: Timestamp, limits: Limits) -> bool {
    let Some(switched) = &record.state.remedies.switched else { return false };
    let fired = changed_at(record, true).is_some_and(|at| at > switched.at);
    !fired && now < switched.at.plus_millis(limits.of_account(ALARM_LAG_SECS))
}

/// How long the first input has to hold after a way back.
fn proven(record: &Record, limits: Limits) -> i64 {
    limits.of_account(ALARM_LAG_SECS.max(i64::from(record.asked.spec.remediation.clear_seconds)))
}

pub(super) fn wish(record: &Record, now: Timestamp, limits: Limits) -> Option<Wish> {
    match &record.state.remedies.input {
        Some(trouble) if no_signal(record) => away(record, trouble, now, limits),
        Some(_) => None,
        None => back(record, now, limits),
    }
}

fn away(record: &Record, trouble: &Trouble, now: Timestamp, limits: Limits) -> Option<Wish> {
    if now < trouble.not_before || trouble.tries >= REMEDIES_MOST || young(record, now, limits) {
        return None;
    }
    let (current, first) = (current(record), first(record));
    let next = next(record);
    let last = next.is_none();
    // With no other left, the first one: that is where people look for the picture.
    let to = next.or_else(|| (current != first).then_some(first))?;
    let secs = now.millis_since(trouble.since) / 1000;
    let all = if last { "; no other input has any, and the picture for a lost input stays" } else { "" };
    let seen = format!("no video arrives of input {current}, for {secs} s now{all}");
    Some(Wish { about: None, remedy: Remedy::SwitchInput(to), seen, last })
}

/// When the first input is tried again, and how many remedies the hour has to have room for.
fn back_at(record: &Record, limits: Limits) -> Option<(Timestamp, usize)> {
    let switched = record.state.remedies.switched.as_ref().filter(|it| it.input != first(record))?;
    // A start is a new beginning, with encoders that send; MediaLive begins it with the last switch (aws-facts 1.11).
    if record.state.live_since.is_some_and(|since| since > switched.at) {
        return Some((switched.at, 1));
    }
    let clear = i64::from(record.asked.spec.remediation.clear_seconds);
    let pause = (clear << switched.failed.min(8)).min(COOL_DOWN_MAX_SECS);
    Some((switched.at.plus_millis(limits.of_account(pause)), 2))
}

fn back(record: &Record, now: Timestamp, limits: Limits) -> Option<Wish> {
    let (at, room) = back_at(record, limits)?;
    let most = record.asked.spec.remediation.max_actions_per_hour;
    if now < at || room > most as usize || record.state.remedies.free_at(most, room, now).is_some() {
        return None;
    }
    let (current, first) = (current(record), first(record));
    let seen = format!("input {current} is on air in place of {first}, which is tried again");
    Some(Wish { about: None, remedy: Remedy::SwitchInput(first), seen, last: false })
}

/// The channel is on this input from now on, as far as we can tell.
pub(super) fn switch(remedies: &mut Remedies, input: &str, first: &str, now: Timestamp) {
    let before = remedies.switched.take();
    let probed = before.as_ref().is_some_and(|it| it.input == first);
    let failed = before.as_ref().map_or(0, |it| it.failed) + u32::from(probed);
    if remedies.input.is_some() {
        remedies.without.push(before.map_or_else(|| first.to_owned(), |it| it.input));
    }
    remedies.switched = Some(Switched { input: input.to_owned(), at: now, failed });
}

pub(super) fn moments(record: &Record, now: Timestamp, limits: Limits) -> Vec<Timestamp> {
    let remedies = &record.state.remedies;
    let clear = i64::from(record.asked.spec.remediation.clear_seconds);
    let mut moments = Vec::new();
    if let Some(trouble) = &remedies.input {
        moments.extend(trouble.ok_since.map(|at| at.plus_millis(limits.of_account(clear))));
        moments.push(trouble.not_before);
    }
    if let Some(switched) = &remedies.switched {
        moments.push(switched.at.plus_millis(limits.of_account(ALARM_LAG_SECS)));
        moments.push(switched.at.plus_millis(proven(record, limits)));
        moments.extend(back_at(record, limits).map(|(at, _)| at));
    }
    moments.retain(|at| *at > now);
    moments
}
