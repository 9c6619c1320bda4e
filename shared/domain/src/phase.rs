//! What a person reads of a record: one phase, the conditions beside it, and how far the work has come. Pure
//! functions of the record; the table of phases is in ARCHITECTURE.md.

use crate::action::Status;
use crate::drift;
use crate::limits::Limits;
use crate::plan::{Plan, WaitReason, WaitingOn, plan};
use crate::record::{Record, Want};
use crate::request;
use crate::slot::{AlarmKind, Slot};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    Provisioning,
    Ready,
    Starting,
    Live,
    Stopping,
    TearingDown,
    Gone,
    Failed,
}

impl Phase {
    pub const ALL: [Self; 8] = [
        Self::Provisioning,
        Self::Ready,
        Self::Starting,
        Self::Live,
        Self::Stopping,
        Self::TearingDown,
        Self::Gone,
        Self::Failed,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "Provisioning",
            Self::Ready => "Ready",
            Self::Starting => "Starting",
            Self::Live => "Live",
            Self::Stopping => "Stopping",
            Self::TearingDown => "TearingDown",
            Self::Gone => "Gone",
            Self::Failed => "Failed",
        }
    }
}

pub fn phase(record: &Record) -> Phase {
    let channel = record.seen(&Slot::Channel).map(|seen| seen.status);
    let failed = record.failure().is_some();
    let running = matches!(channel, Some(Status::Running | Status::Recovering)) && record.state.live_since.is_some();
    match record.want() {
        Want::Gone if record.state.gone_at.is_some() => Phase::Gone,
        Want::Gone if failed => Phase::Failed,
        Want::Gone => Phase::TearingDown,
        // On air comes first: a failed alarm must not hide that viewers are watching.
        Want::Live if running => Phase::Live,
        Want::Live | Want::Idle if failed => Phase::Failed,
        Want::Live => match channel {
            None | Some(Status::Making | Status::Broken | Status::Deleting) => Phase::Provisioning,
            Some(
                Status::Ready
                | Status::InUse
                | Status::Starting
                | Status::Running
                | Status::Recovering
                | Status::Stopping
                | Status::Updating,
            ) => Phase::Starting,
        },
        Want::Idle => match channel {
            Some(Status::Starting | Status::Running | Status::Recovering | Status::Stopping) => Phase::Stopping,
            _ if complete(record) => Phase::Ready,
            _ => Phase::Provisioning,
        },
    }
}

fn complete(record: &Record) -> bool {
    request::desired(&record.asked.spec).iter().all(|slot| done(record, slot))
}

/// Made and at rest, the CDN deployed.
fn done(record: &Record, slot: &Slot) -> bool {
    let seen = record.slot(slot).filter(|state| state.object.is_some()).and_then(|state| state.seen.as_ref());
    seen.is_some_and(|seen| !matches!(seen.status, Status::Making | Status::Deleting | Status::Broken))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    pub name: &'static str,
    pub status: ConditionStatus,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionStatus {
    Ok,
    NotYet,
    Broken,
}

pub fn conditions(record: &Record) -> Vec<Condition> {
    let mut all = vec![
        part(record, "Ingest", |slot| matches!(slot, Slot::Group(_) | Slot::Input(_))),
        part(record, "Encoding", |slot| *slot == Slot::Channel),
        part(record, "Packaging", |slot| matches!(slot, Slot::Secret | Slot::Packaging | Slot::Endpoint(_))),
        part(record, "Delivery", |slot| *slot == Slot::Distribution),
        signal(record),
    ];
    all.extend(firing(record));
    all.extend(drifted(record));
    let closed: Vec<&str> = record
        .asked
        .spec
        .inputs
        .iter()
        .filter(|input| input.kind.is_push() && !input.allow_anywhere && record.asked.spec.allowed(input).is_empty())
        .map(|input| input.name.as_str())
        .collect();
    if !closed.is_empty() {
        all.push(Condition {
            name: "IngestClosed",
            status: ConditionStatus::Broken,
            reason: format!("no CIDR may push to: {}; name one in allowFrom", closed.join(", ")),
        });
    }
    all
}

fn part(record: &Record, name: &'static str, of: fn(&Slot) -> bool) -> Condition {
    let slots: Vec<Slot> = request::desired(&record.asked.spec).into_iter().filter(of).collect();
    for slot in &slots {
        if let Some(failure) = record.slot(slot).and_then(|state| state.failure.as_ref()) {
            let reason = format!("{slot}: {}: {}", failure.code, failure.message);
            return Condition { name, status: ConditionStatus::Broken, reason };
        }
    }
    if slots.iter().any(|slot| record.seen(slot).is_some_and(|seen| seen.status == Status::Recovering)) {
        let reason = "a pipeline is down; MediaLive is recovering it".to_owned();
        return Condition { name, status: ConditionStatus::Broken, reason };
    }
    let named = |slots: Vec<&Slot>| slots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let open: Vec<&Slot> = slots.iter().filter(|slot| !done(record, slot)).collect();
    let stale: Vec<&Slot> = slots.iter().filter(|slot| !request::current(record, slot)).collect();
    let reason = match (open.is_empty(), stale.is_empty()) {
        (true, true) => return Condition { name, status: ConditionStatus::Ok, reason: String::new() },
        (true, false) => format!("being changed: {}", named(stale)),
        (false, _) => format!("not there: {}", named(open)),
    };
    Condition { name, status: ConditionStatus::NotYet, reason }
}

/// Whether somebody pushes: what the input-loss alarms say while the channel runs.
pub fn signal(record: &Record) -> Condition {
    let name = "Signal";
    if phase(record) != Phase::Live {
        return Condition { name, status: ConditionStatus::NotYet, reason: "the channel is not running".to_owned() };
    }
    let lost: Vec<String> = record
        .state
        .alarms
        .iter()
        .filter(|(slot, fact)| fact.firing && matches!(slot, Slot::Alarm(AlarmKind::InputLoss(_))))
        .map(|(slot, _)| slot.to_string())
        .collect();
    if lost.is_empty() {
        return Condition { name, status: ConditionStatus::Ok, reason: String::new() };
    }
    let reason = format!("no video arrives: {} in ALARM; check the encoder and the allow-list", lost.join(", "));
    Condition { name, status: ConditionStatus::Broken, reason }
}

/// Whether nothing at all arrives: an event that has run over its end is over then. One of two pipelines is enough.
pub fn no_signal(record: &Record) -> bool {
    let lost = |(slot, fact): &(&Slot, &crate::record::AlarmFact)| {
        fact.firing && matches!(slot, Slot::Alarm(AlarmKind::InputLoss(_)))
    };
    record.state.alarms.iter().filter(lost).count() >= usize::from(record.asked.spec.channel_class.pipelines())
}

/// The signal as viewers have it: one of two pipelines is a picture.
pub fn viewers_signal(record: &Record) -> ConditionStatus {
    let status = signal(record).status;
    if status == ConditionStatus::Broken && !no_signal(record) { ConditionStatus::Ok } else { status }
}

fn firing(record: &Record) -> Option<Condition> {
    let firing: Vec<String> =
        record.state.alarms.iter().filter(|(_, fact)| fact.firing).map(|(slot, _)| slot.to_string()).collect();
    (!firing.is_empty()).then(|| Condition {
        name: "Alarms",
        status: ConditionStatus::Broken,
        reason: format!("in ALARM: {}", firing.join(", ")),
    })
}

/// What somebody else has changed, and what becomes of it.
fn drifted(record: &Record) -> Option<Condition> {
    let found = &record.state.drift.found;
    let one = |(slot, it): (&Slot, &drift::Found)| {
        format!("{}; {}", drift::words(slot, &it.fields), drift::cure(record, slot, it.does))
    };
    let reason = found.iter().map(one).collect::<Vec<_>>().join(". ");
    let gone = record.asked.intent.want == Want::Gone;
    (!found.is_empty() && !gone).then_some(Condition { name: "Drift", status: ConditionStatus::Broken, reason })
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub done: usize,
    pub total: usize,
    pub waiting_on: Vec<String>,
}

pub fn progress(record: &Record, now: Timestamp, limits: Limits) -> Progress {
    let waiting_on = match plan(record, now, limits) {
        Plan::Wait { on, .. } => {
            on.iter().filter(|wait| wait.reason != WaitReason::Scheduled).map(WaitingOn::words).collect()
        }
        Plan::Act(_) | Plan::Settled => Vec::new(),
    };
    let (done, total) = if record.asked.intent.want == Want::Gone {
        let total = record.state.slots.len();
        let left = record.state.slots.values().filter(|state| state.object.is_some()).count();
        (total - left, total)
    } else {
        let slots = request::desired(&record.asked.spec);
        let finished = slots.iter().filter(|slot| done(record, slot) && request::current(record, slot));
        (finished.count(), slots.len())
    };
    Progress { done, total, waiting_on }
}
