//! Decides what to do next. Pure: it looks at the record and the time it is given, and at nothing else.

mod build;
pub(crate) mod teardown;

use crate::action::Action;
use crate::drift;
use crate::limits::{Limits, MAX_PARALLEL, looks};
use crate::outbox;
use crate::record::{Record, SlotState, Want, WatchKind};
use crate::remedy;
use crate::request;
use crate::slot::Slot;
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Do these; they do not depend on each other.
    Act(Vec<Action>),
    Wait {
        on: Vec<WaitingOn>,
        until: Timestamp,
    },
    Settled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingOn {
    pub slot: Slot,
    pub reason: WaitReason,
    pub until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitReason {
    /// AWS is at work on it.
    Transition(WatchKind),
    /// AWS refused for now.
    Refused { code: String },
    /// An answer was lost; its effect may still land.
    LateEffect,
    /// MediaPackage does not know the newest CDN secret yet.
    SecretSpreads,
    /// Nothing is under way; something is due then.
    Scheduled,
}

impl WaitingOn {
    /// The reason as a person reads it.
    pub fn words(&self) -> String {
        let thing = match &self.slot {
            Slot::Distribution => "CloudFront".to_owned(),
            Slot::Channel => "the MediaLive channel".to_owned(),
            Slot::Group(_) | Slot::Input(_) | Slot::Secret | Slot::Packaging | Slot::Endpoint(_) | Slot::Alarm(_) => {
                self.slot.to_string()
            }
        };
        match &self.reason {
            WaitReason::Transition(kind) => {
                let (from, to) = looks(&self.slot, (*kind).into()).usually;
                let usually = if to >= 120 {
                    format!("{} to {} minutes", from.div_ceil(60), to / 60)
                } else {
                    format!("{from} to {to} seconds")
                };
                let what = match kind {
                    WatchKind::Making => "waiting for",
                    WatchKind::Starting => "starting",
                    WatchKind::Stopping => "stopping",
                    WatchKind::Removing => "removing",
                };
                format!("{what} {thing}, usually {usually}")
            }
            WaitReason::Refused { code } => format!("trying {thing} again after {code}"),
            WaitReason::SecretSpreads => {
                "waiting until MediaPackage knows the new CDN secret, about 11 minutes".to_owned()
            }
            WaitReason::Scheduled => format!("nothing is due for {thing} before {}", self.until),
            WaitReason::LateEffect => format!("making sure that nothing of {thing} is left over from a lost answer"),
        }
    }
}

/// What one slot needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Act(Action),
    Wait(WaitingOn),
    /// Nothing to do, or blocked behind another slot.
    Rest,
}

pub fn plan(record: &Record, now: Timestamp, limits: Limits) -> Plan {
    let of_platform = of_platform(record, now, limits);
    let Some(messages) = outbox::step(record, now) else { return of_platform };
    // Beside the others and never in their way.
    match (of_platform, messages) {
        (Plan::Act(mut actions), Step::Act(publish)) => {
            actions.push(publish);
            Plan::Act(actions)
        }
        (Plan::Act(actions), Step::Wait(_) | Step::Rest) => Plan::Act(actions),
        (Plan::Wait { .. } | Plan::Settled, Step::Act(publish)) => Plan::Act(vec![publish]),
        (Plan::Wait { mut on, until }, Step::Wait(retry)) => {
            let until = until.min(retry.until);
            on.push(retry);
            Plan::Wait { on, until }
        }
        (Plan::Settled, Step::Wait(retry)) => Plan::Wait { until: retry.until, on: vec![retry] },
        (of_platform, Step::Rest) => of_platform,
    }
}

/// Whether nothing is left to do but to send messages.
pub fn is_at_rest(record: &Record, now: Timestamp, limits: Limits) -> bool {
    of_platform(record, now, limits) == Plan::Settled
}

fn of_platform(record: &Record, now: Timestamp, limits: Limits) -> Plan {
    let mut steps = strays(record, now);
    match record.want() {
        Want::Gone => steps.extend(teardown::steps(record, now)),
        Want::Idle | Want::Live => steps.extend(build::steps(record, now, limits)),
    }
    let calendar = record.state.broadcasts.look_at.map(|at| wait(&Slot::Channel, WaitReason::Scheduled, at));
    steps.extend(calendar);
    let guard = record.state.guard.look_at.map(|at| wait(&Slot::Channel, WaitReason::Scheduled, at));
    steps.extend(guard);
    steps.extend(remedy::steps(record, now));
    steps.extend(drift::step(record, &steps, now, limits));
    conclude(steps, now, limits)
}

fn conclude(steps: Vec<Step>, now: Timestamp, limits: Limits) -> Plan {
    let mut actions = Vec::new();
    let mut on = Vec::new();
    for step in steps {
        match step {
            Step::Act(action) => actions.push(action),
            Step::Wait(wait) => on.push(wait),
            Step::Rest => {}
        }
    }
    if !actions.is_empty() {
        actions.truncate(MAX_PARALLEL);
        return Plan::Act(actions);
    }
    match on.iter().map(|wait| wait.until).min() {
        // A wait that is over would have been an action; never answer one that lies in the past.
        Some(until) => Plan::Wait { on, until: until.max(now.plus_millis(limits.backoff_millis(1).min(50))) },
        None => Plan::Settled,
    }
}

fn strays(record: &Record, now: Timestamp) -> Vec<Step> {
    let step = |stray: &crate::record::Stray| {
        let failed = record.slot(&stray.slot).is_some_and(|state| state.failure.is_some());
        if failed || still_used(record, &stray.slot) {
            Step::Rest
        } else if stray.retry_at <= now {
            Step::Act(Action::DeleteStray { slot: stray.slot.clone(), id: stray.id.clone() })
        } else {
            wait(&stray.slot, WaitReason::Refused { code: stray.code.clone() }, stray.retry_at)
        }
    };
    record.state.strays.iter().map(step).collect()
}

/// An input that was replaced stays attached until the channel has been changed, or is gone (aws-facts 1.2).
fn still_used(record: &Record, slot: &Slot) -> bool {
    let Slot::Input(_) = slot else { return false };
    let channel = record.slot(&Slot::Channel);
    let leaving = record.asked.intent.want == Want::Gone;
    !teardown::absent(channel) && (leaving || !request::current(record, &Slot::Channel))
}

pub(crate) fn wait(slot: &Slot, reason: WaitReason, until: Timestamp) -> Step {
    Step::Wait(WaitingOn { slot: slot.clone(), reason, until })
}

/// The retry that the slot still has to wait for, when it was the same thing that was tried.
pub(crate) fn pause(slot: &Slot, state: &SlotState, verb: crate::action::Verb, now: Timestamp) -> Option<Step> {
    let doing = state.doing.as_ref().filter(|doing| doing.verb == verb)?;
    let retry_at = doing.retry_at.filter(|at| *at > now)?;
    let code = doing.refusal.as_ref().map_or_else(String::new, |refusal| refusal.code.clone());
    Some(wait(slot, WaitReason::Refused { code }, retry_at))
}

/// A look that is due, or the wait for it. `None` when the object rests.
pub(crate) fn look(slot: &Slot, state: &SlotState, now: Timestamp) -> Option<Step> {
    let object = state.object.as_ref()?;
    let at = state.look_at?;
    if at <= now {
        return Some(Step::Act(Action::Observe {
            slot: slot.clone(),
            incarnation: state.incarnation,
            id: object.id.clone(),
        }));
    }
    let reason = match (&state.watch, &state.doing) {
        (Some(watch), _) => WaitReason::Transition(watch.kind),
        (None, Some(doing)) => WaitReason::Refused {
            code: doing.refusal.as_ref().map_or_else(String::new, |refusal| refusal.code.clone()),
        },
        (None, None) => WaitReason::LateEffect,
    };
    Some(wait(slot, reason, at))
}

/// The search that ends the doubt about a lost answer, or the wait for it.
pub(crate) fn settle(slot: &Slot, state: &SlotState, now: Timestamp) -> Option<Step> {
    let until = state.unsettled_until?;
    if until <= now {
        Some(Step::Act(Action::Find { slot: slot.clone(), incarnation: state.incarnation }))
    } else {
        Some(wait(slot, WaitReason::LateEffect, until))
    }
}
