//! Alarms that act: which trouble there is, what is done about it, and what is left to a person (decision 015). `decide` is a pure
//! function of record and moment; `attend` brings what is known of each trouble up to the moment, asks it, and writes the answer
//! into STATE. The planner does what stands there.
//!
//! Hysteresis: a trouble begins with its alarm and ends when the alarm has been OK for the clear time, so that one that flaps is
//! one trouble. Nothing is done but for a channel that is wanted live and runs.

mod answer;
mod guard;
mod input;
mod pipeline;

pub(crate) use answer::{answered, resumed};

use crate::accept::{Note, note};
use crate::action::{Action, Status};
use crate::limits::{
    COOL_DOWN_FIRST_SECS, COOL_DOWN_MAX_SECS, Limits, RECOVERY_PATIENCE_SECS, REMEDIES_KEPT, REMEDY_SETTLE_SECS,
};
use crate::plan::{Step, WaitReason, wait};
use crate::record::{Record, Want};
use crate::slot::Slot;
use crate::spec::RemediationMode;
use crate::time::Timestamp;
pub(crate) use guard::hands_off;
use guard::{changing_over, fit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const HOUR_MILLIS: i64 = 3_600_000;

/// The part of STATE that belongs to remedies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Remedies {
    /// By the alarm about the pipeline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pipelines: BTreeMap<Slot, Trouble>,
    /// No pipeline gets video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Trouble>,
    /// Inputs that were found without video since then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// The last switch, until its input is the first one again and has held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switched: Option<Switched>,
    /// Decided, and not known to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doing: Option<Doing>,
    /// How the last one that was sent ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Over>,
    /// What was decided lately, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lately: Vec<Decided>,
    /// How many there have been: their names are made of it.
    #[serde(default)]
    pub number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok_since: Option<Timestamp>,
    /// Remedies, or rounds through all inputs.
    pub tries: u32,
    /// The cool-down.
    pub not_before: Timestamp,
    /// Why nothing is done, as it was last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Held>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    HandsOff,
    TooMany,
    /// The channel, or an event, is just changing over.
    NotNow,
    GivenUp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    pub input: String,
    pub at: Timestamp,
    /// Ways back to the first input that found it still without video.
    pub failed: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Remedy {
    #[serde(rename = "restart")]
    RestartPipelines(Vec<u8>),
    #[serde(rename = "switch")]
    SwitchInput(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    pub remedy: Remedy,
    pub name: String,
    pub since: Timestamp,
    pub tries: u32,
    /// Sent, and no outcome recorded yet.
    pub unanswered: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// What the channel was switched to before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Switched>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    pub name: String,
    pub ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Done,
    /// No answer came.
    Unknown,
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub at: Timestamp,
    #[serde(rename = "do")]
    pub remedy: Remedy,
    /// The bound of the hour as it was then.
    #[serde(rename = "of")]
    pub most: u32,
    #[serde(default, rename = "dry", skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// What would help, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The alarm of the pipeline that it is about; none: the input.
    pub about: Option<Slot>,
    pub remedy: Remedy,
    pub seen: String,
    /// No other input is left to try: this ends the round.
    pub last: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Nothing,
    Withhold(Wish, Held),
    Do(Wish),
}

impl Remedies {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub fn is_unanswered(&self) -> bool {
        self.doing.as_ref().is_some_and(|doing| doing.unanswered)
    }

    /// An intention is saved, and is carried out next.
    pub(crate) fn sent(&mut self) {
        if let Some(doing) = &mut self.doing {
            doing.unanswered = true;
            doing.tries = doing.tries.saturating_add(1);
            doing.retry_at = None;
        }
    }

    /// When one more is within the bound of `most` in any hour; none: now.
    fn free_at(&self, most: u32, more: usize, now: Timestamp) -> Option<Timestamp> {
        let within: Vec<Timestamp> =
            self.lately.iter().map(|it| it.at).filter(|at| now.millis_since(*at) < HOUR_MILLIS).collect();
        let over = (within.len() + more).checked_sub(most as usize).filter(|over| *over > 0)?;
        Some(within.get(over - 1).copied().unwrap_or(now).plus_millis(HOUR_MILLIS))
    }
}

/// What is to be done now about the troubles that are known.
pub fn decide(record: &Record, now: Timestamp, limits: Limits) -> Decision {
    let wish = input::wish(record, now, limits).or_else(|| pipeline::wish(record, now, limits));
    let Some(wish) = wish else { return Decision::Nothing };
    match held(record, &wish, now, limits) {
        Some(held) => Decision::Withhold(wish, held),
        None => Decision::Do(wish),
    }
}

fn held(record: &Record, wish: &Wish, now: Timestamp, limits: Limits) -> Option<Held> {
    let most = record.asked.spec.remediation.max_actions_per_hour;
    if hands_off(record, now).is_some() {
        Some(Held::HandsOff)
    } else if !fit(record, &wish.remedy, now, limits) || changing_over(record, now, limits) {
        Some(Held::NotNow)
    } else {
        record.state.remedies.free_at(most, 1, now).map(|_| Held::TooMany)
    }
}

/// Brings troubles and remedies up to this moment. The same record and the same moment give the same.
pub(crate) fn attend(record: &mut Record, now: Timestamp, limits: Limits) -> Vec<Note> {
    let policy = record.asked.spec.remediation;
    if record.want() != Want::Live || policy.mode == RemediationMode::Off {
        return stand_down(record);
    }
    let mut notes = pipeline::track(record, now, limits);
    notes.extend(input::track(record, now, limits));
    notes.extend(drop_stale(record, now, limits));
    let mut soon = record.state.remedies.doing.is_some();
    if !soon {
        match decide(record, now, limits) {
            Decision::Nothing => {}
            Decision::Withhold(wish, held) => {
                soon = held == Held::NotNow;
                notes.extend(withhold(record, &wish, held));
            }
            Decision::Do(wish) => {
                soon = true;
                notes.push(begin(record, wish, now, limits));
            }
        }
    }
    look_ahead(record, soon, now, limits);
    notes
}

/// Nobody wants the channel live, or nobody wants remedies: troubles are forgotten. What the channel is switched to is not, since
/// MediaLive starts it with its last switch (aws-facts 1.11).
fn stand_down(record: &mut Record) -> Vec<Note> {
    let remedies = &mut record.state.remedies;
    let dropped = remedies.doing.take().filter(|doing| doing.tries == 0).map(|doing| {
        let words = words(&doing.remedy);
        remedies.switched = doing.before;
        note(format!("remedy: not done any more: {words}: the channel is not wanted live, or remedies are off"))
    });
    remedies.pipelines.clear();
    remedies.without.clear();
    (remedies.input, remedies.look_at) = (None, None);
    dropped.into_iter().collect()
}

/// What could not be done in time, or is no longer to be done.
fn drop_stale(record: &mut Record, now: Timestamp, limits: Limits) -> Option<Note> {
    let hands_off = hands_off(record, now);
    let remedies = &mut record.state.remedies;
    let late = limits.of_account(RECOVERY_PATIENCE_SECS);
    let doing = remedies.doing.take_if(|doing| hands_off.is_some() || now.millis_since(doing.since) > late)?;
    let why = if hands_off.is_some() { "hands off" } else { "the channel was never in a state for it" };
    if doing.tries == 0 {
        remedies.switched = doing.before;
    }
    Some(note(format!("remedy: not done any more: {}: {why}", words(&doing.remedy))))
}

/// Says once why nothing is done.
fn withhold(record: &mut Record, wish: &Wish, held: Held) -> Option<Note> {
    let until = record.asked.spec.hands_off.as_ref().map(|it| it.until.clone()).unwrap_or_default();
    let most = record.asked.spec.remediation.max_actions_per_hour;
    let trouble = trouble(record, wish.about.as_ref())?;
    if trouble.told == Some(held) {
        return None;
    }
    trouble.told = Some(held);
    let (seen, words) = (&wish.seen, words(&wish.remedy));
    let why = match held {
        Held::HandsOff => format!("hands off until {until}"),
        Held::TooMany => format!("no more than {most} in an hour"),
        // It passes by itself, and the channel's own lines tell it.
        Held::NotNow | Held::GivenUp => return None,
    };
    Some(note(format!("remedy: {seen}; not done: {words}: {why}")))
}

fn trouble<'r>(record: &'r mut Record, about: Option<&Slot>) -> Option<&'r mut Trouble> {
    match about {
        Some(alarm) => record.state.remedies.pipelines.get_mut(alarm),
        None => record.state.remedies.input.as_mut(),
    }
}

/// Writes a decision down: it counts from now on, whatever comes of it.
fn begin(record: &mut Record, wish: Wish, now: Timestamp, limits: Limits) -> Note {
    let policy = record.asked.spec.remediation;
    let dry_run = policy.mode == RemediationMode::DryRun;
    let token = record.slot(&Slot::Channel).map(|state| state.token.clone()).unwrap_or_default();
    let first = input::first(record);
    let remedies = &mut record.state.remedies;
    remedies.number += 1;
    let name = format!("{token}-r{}", remedies.number);
    let before = remedies.switched.clone();
    remedies.lately.push(Decided { at: now, remedy: wish.remedy.clone(), most: policy.max_actions_per_hour, dry_run });
    let beyond = remedies.lately.len().saturating_sub(REMEDIES_KEPT);
    remedies.lately.drain(..beyond);
    let text = words(&wish.remedy);
    if let (Remedy::SwitchInput(input), false) = (&wish.remedy, dry_run) {
        input::switch(remedies, input, &first, now);
    }
    // An input is looked for in rounds; a pipeline, and what is only said, cools down each time.
    let round = wish.about.is_none() && !dry_run && !wish.last;
    if let Some(trouble) = trouble(record, wish.about.as_ref()) {
        trouble.told = None;
        if !round {
            cool_down(trouble, now, limits);
        }
    }
    let remedies = &mut record.state.remedies;
    if wish.last {
        remedies.without.clear();
    }
    let within = remedies.lately.iter().filter(|it| now.millis_since(it.at) < HOUR_MILLIS).count();
    let most = policy.max_actions_per_hour;
    if dry_run {
        return note(format!("remedy (dry run): {}; would {text} ({within} of {most} in an hour)", wish.seen));
    }
    let (remedy, since) = (wish.remedy, now);
    remedies.doing = Some(Doing { remedy, name, since, tries: 0, unanswered: false, retry_at: None, before });
    note(format!("remedy: {}; decided to {text} ({within} of {most} in an hour)", wish.seen))
}

/// Doubling, bounded.
fn cool_down(trouble: &mut Trouble, now: Timestamp, limits: Limits) {
    let doubled = COOL_DOWN_FIRST_SECS << trouble.tries.min(8);
    trouble.tries += 1;
    trouble.not_before = now.plus_millis(limits.of_account(doubled.min(COOL_DOWN_MAX_SECS)));
}

pub(crate) fn words(remedy: &Remedy) -> String {
    match remedy {
        Remedy::RestartPipelines(pipelines) => {
            let list: Vec<String> = pipelines.iter().map(ToString::to_string).collect();
            format!("restart pipeline {}", list.join(" and "))
        }
        Remedy::SwitchInput(input) => format!("switch to input {input}"),
    }
}

/// When something may be decided otherwise, by time alone; `soon`: by what the channel does, too.
fn look_ahead(record: &mut Record, soon: bool, now: Timestamp, limits: Limits) {
    let remedies = &record.state.remedies;
    let most = record.asked.spec.remediation.max_actions_per_hour;
    let mut moments = pipeline::moments(record, now, limits);
    moments.extend(input::moments(record, now, limits));
    let troubled = !remedies.pipelines.is_empty() || remedies.input.is_some() || remedies.switched.is_some();
    if troubled || soon {
        let settle = limits.of_account(REMEDY_SETTLE_SECS);
        moments.extend(hands_off(record, now));
        moments.extend(record.state.live_since.map(|since| since.plus_millis(settle)));
        moments.extend(remedies.free_at(most, 1, now));
        moments.extend(remedies.free_at(most, 2, now));
    }
    let next = moments.into_iter().filter(|at| *at > now).min();
    let sooner = now.plus_millis(limits.of_account(REMEDY_SETTLE_SECS));
    record.state.remedies.look_at = if soon { Some(next.map_or(sooner, |at| at.min(sooner))) } else { next };
}

/// What the planner does about it.
pub(crate) fn steps(record: &Record, now: Timestamp) -> Vec<Step> {
    let look = record.state.remedies.look_at.map(|at| wait(&Slot::Channel, WaitReason::Scheduled, at));
    carry_out(record, now).into_iter().chain(look).collect()
}

fn carry_out(record: &Record, now: Timestamp) -> Option<Step> {
    let doing = record.state.remedies.doing.as_ref()?;
    let state = record.slot(&Slot::Channel)?;
    let running = matches!(state.seen.as_ref()?.status, Status::Running | Status::Recovering);
    if record.want() != Want::Live || !running || hands_off(record, now).is_some() {
        return None;
    }
    if let Some(at) = doing.retry_at.filter(|at| *at > now) {
        return Some(wait(&Slot::Channel, WaitReason::Scheduled, at));
    }
    let (incarnation, id, name) = (state.incarnation, state.object.as_ref()?.id.clone(), doing.name.clone());
    Some(Step::Act(match &doing.remedy {
        Remedy::RestartPipelines(pipelines) => {
            Action::RestartPipelines { incarnation, id, pipelines: pipelines.clone(), name }
        }
        Remedy::SwitchInput(input) => Action::SwitchInput { incarnation, id, input: input.clone(), name },
    }))
}
