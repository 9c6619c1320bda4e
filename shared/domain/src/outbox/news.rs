//! What there is to tell: a pure comparison of the record as it was saved last with the record as it is now. What is told of the
//! platform is compared with what was told last, since requests change what is wanted without the lease.

use super::{Kind, Stage, Told};
use crate::accept::clipped;
use crate::action::Status;
use crate::broadcast::{OnAir, Past};
use crate::calendar::Airing;
use crate::limits::MESSAGE_TEXT;
use crate::meter::month_word;
use crate::phase::{ConditionStatus, Phase, phase, signal};
use crate::price::dollars;
use crate::record::{Record, State};
use crate::remedy::{Ending, Held, Remedy, words};
use crate::slot::Slot;
use crate::time::Timestamp;
use serde_json::{Value, json};

pub(super) struct News {
    pub messages: Vec<(Kind, Value)>,
    pub told: Option<Told>,
    pub well_since: Option<Timestamp>,
    pub stage: Option<Stage>,
}

pub(super) fn since(saved: &State, record: &Record, now: Timestamp) -> News {
    let mut messages = remedies(saved, record);
    let stage = events(saved, record, now, &mut messages);
    messages.extend(budget(saved, record));
    let told = platform(record, now, &mut messages);
    let well_since =
        record.state.outbox.well_since.or(Some(now)).filter(|_| told == Some(Told::Degraded) && is_well(record));
    News { messages, told, well_since, stage }
}

/// A pipeline that comes and goes is told once, and is well when it has been for as long as an alarm has to.
pub(super) fn recovered_at(record: &Record) -> Option<Timestamp> {
    let since = record.state.outbox.well_since?;
    Some(since.plus_secs(i64::from(record.asked.spec.remediation.clear_seconds)))
}

fn is_well(record: &Record) -> bool {
    phase(record) == Phase::Live && degraded(record).is_none()
}

/// What was told last, or what is to be told now.
fn platform(record: &Record, now: Timestamp, messages: &mut Vec<(Kind, Value)>) -> Option<Told> {
    let told = record.state.outbox.told;
    let was_on = matches!(told, Some(Told::Live | Told::Degraded));
    let phase = phase(record);
    let degraded = degraded(record);
    let new = match phase {
        Phase::Gone => Told::Gone,
        Phase::Failed => Told::Failed,
        Phase::Live if degraded.is_some() => Told::Degraded,
        Phase::Live if told == Some(Told::Degraded) && recovered_at(record).is_none_or(|at| now < at) => return told,
        Phase::Live => Told::Live,
        Phase::Ready => Told::Ready,
        Phase::Provisioning | Phase::Starting | Phase::Stopping | Phase::TearingDown if was_on && at_rest(record) => {
            Told::Stopped
        }
        Phase::Provisioning | Phase::Starting | Phase::Stopping | Phase::TearingDown => return told,
    };
    if told == Some(new) {
        return told;
    }
    let plain = || json!({"phase": phase.word()});
    if was_on && !matches!(new, Told::Live | Told::Degraded) {
        messages.push((Kind::Stopped, plain()));
    }
    match new {
        Told::Ready if was_on || told == Some(Told::Stopped) => {}
        Told::Ready => messages.push((Kind::Ready, plain())),
        Told::Live if told == Some(Told::Degraded) => messages.push((Kind::Recovered, plain())),
        Told::Live => messages.push((Kind::Live, plain())),
        Told::Degraded => {
            if !was_on {
                messages.push((Kind::Live, plain()));
            }
            let reason = clipped(&degraded.unwrap_or_default(), MESSAGE_TEXT);
            messages.push((Kind::Degraded, json!({"phase": phase.word(), "reason": reason})));
        }
        Told::Stopped => {}
        Told::Failed => messages.push((Kind::Failed, failure(record))),
        Told::Gone => messages.push((Kind::Gone, plain())),
    }
    Some(new)
}

/// Why a channel that is on air is not well.
pub(crate) fn degraded(record: &Record) -> Option<String> {
    if record.seen(&Slot::Channel).is_some_and(|seen| seen.status == Status::Recovering) {
        return Some("a pipeline is down; MediaLive is recovering it".to_owned());
    }
    let signal = signal(record);
    (signal.status == ConditionStatus::Broken).then_some(signal.reason)
}

fn at_rest(record: &Record) -> bool {
    let busy = [Status::Starting, Status::Running, Status::Recovering, Status::Stopping];
    !record.seen(&Slot::Channel).is_some_and(|seen| busy.contains(&seen.status))
}

/// AWS's own words stay on the timeline: they may quote the request.
fn failure(record: &Record) -> Value {
    match record.failure() {
        None => json!({"phase": Phase::Failed.word()}),
        Some((slot, failure)) => json!({
            "phase": Phase::Failed.word(),
            "part": slot.to_string(),
            "code": clipped(&failure.code, 60),
            "cure": failure.cure(),
        }),
    }
}

fn airing(airing: &Airing) -> Value {
    json!({
        "event": airing.event,
        "occurrence": airing.occurrence,
        "title": clipped(&airing.title, MESSAGE_TEXT),
        "start": airing.start.to_string(),
        "end": airing.end.to_string(),
    })
}

fn is_of(one: &OnAir, other: &OnAir) -> bool {
    one.airing.event == other.airing.event && one.airing.occurrence == other.airing.occurrence
}

fn events(saved: &State, record: &Record, now: Timestamp, messages: &mut Vec<(Kind, Value)>) -> Option<Stage> {
    let (before, after) = (&saved.broadcasts, &record.state.broadcasts);
    let over: Vec<&Past> = after.past.iter().filter(|past| !before.past.iter().any(|known| known.is(past))).collect();
    for past in &over {
        let title = clipped(&past.title, MESSAGE_TEXT);
        let data = json!({"event": past.event, "occurrence": past.occurrence, "title": title, "fate": past.fate});
        messages.push((Kind::Ended, data));
    }
    let same = before.on_air.as_ref().zip(after.on_air.as_ref()).is_some_and(|(one, other)| is_of(one, other));
    if let Some(left) = before.on_air.as_ref().filter(|_| !same) {
        let it = &left.airing;
        // The platform goes, and the event with it.
        if !over.iter().any(|past| past.event == it.event && past.occurrence == it.occurrence) {
            let title = clipped(&it.title, MESSAGE_TEXT);
            let data = json!({"event": it.event, "occurrence": it.occurrence, "title": title, "fate": "cancelled"});
            messages.push((Kind::Ended, data));
        }
    }
    let on_air = &after.on_air.as_ref()?.airing;
    let mut stage = record.state.outbox.stage.filter(|_| same);
    let reached = [
        (Stage::Upcoming, Kind::Upcoming, true),
        (Stage::Started, Kind::Started, now >= on_air.start),
        (Stage::Overran, Kind::Overran, now >= on_air.end),
    ];
    for (next, kind, _) in reached.into_iter().filter(|(_, _, reached)| *reached) {
        if stage < Some(next) {
            messages.push((kind, airing(on_air)));
            stage = Some(next);
        }
    }
    stage
}

fn remedies(saved: &State, record: &Record) -> Vec<(Kind, Value)> {
    let (before, after) = (&saved.remedies, &record.state.remedies);
    let mut messages = Vec::new();
    let what = |remedy: &Remedy| clipped(&words(remedy), MESSAGE_TEXT);
    if let Some(doing) = before.doing.as_ref().filter(|it| after.doing.as_ref().is_none_or(|now| now.name != it.name)) {
        let ending = after.over.as_ref().filter(|over| over.name == doing.name).map(|over| over.ending);
        let (kind, why) = match ending {
            Some(Ending::Done) => (Kind::Done, "done"),
            Some(Ending::Unknown) => (Kind::Done, "no answer came; it counts as done"),
            Some(Ending::Refused) => (Kind::GivenUp, "AWS refused it"),
            None => (Kind::GivenUp, "it is not to be done any more"),
        };
        messages.push((kind, json!({"what": what(&doing.remedy), "result": why})));
    }
    let new = after.number.saturating_sub(before.number) as usize;
    for decided in after.lately.iter().skip(after.lately.len().saturating_sub(new)) {
        messages.push((Kind::Decided, json!({"what": what(&decided.remedy), "dryRun": decided.dry_run})));
    }
    for (alarm, trouble) in &after.pipelines {
        let known = before.pipelines.get(alarm).is_some_and(|it| it.told == Some(Held::GivenUp));
        if trouble.told == Some(Held::GivenUp) && !known {
            let result = "nothing that was tried has helped; a person has to look";
            messages.push((Kind::GivenUp, json!({"what": alarm.to_string(), "result": result})));
        }
    }
    messages
}

fn budget(saved: &State, record: &Record) -> Option<(Kind, Value)> {
    let warned = record.state.guard.warned.filter(|_| record.state.guard.warned != saved.guard.warned)?;
    let data = json!({
        "percent": warned.percent,
        "budget": dollars(warned.budget),
        "month": month_word(warned.month),
    });
    Some((Kind::BudgetReached, data))
}
