//! The guard on the bill: stops a channel to which nothing comes, which has run for as long as it may, or whose budget is
//! spent, and warns before. It never starts anything and never deletes anything.
//!
//! A guard stops as the end of an event does: with a moment in STATE that uses up every start said before it (`want`), and
//! with the occurrence that had the channel. Whoever says start afterwards has it again; while the budget is spent and
//! `onBudget` is `stop`, a start is refused.

use crate::accept::{Note, note};
use crate::broadcast::Fate;
use crate::calendar::Airing;
use crate::meter::{follow, month_after, month_of, month_word};
use crate::phase::no_signal;
use crate::price::{dollars, micros};
use crate::record::{Record, Want};
use crate::slot::{AlarmKind, Slot};
use crate::spec::OnBudget;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Parts of the budget at which a person is told, in percent.
pub const WARNED_AT: [u8; 3] = [50, 80, 100];

/// The part of STATE that belongs to the guard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guard {
    /// The last stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<GuardStop>,
    /// What has been told of the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned: Option<Warned>,
    /// When there may be something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

/// A start from before `at` is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardStop {
    pub at: Timestamp,
    pub rule: Rule,
    /// In words.
    pub reason: String,
    /// Event and occurrence that had the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Nothing has come in.
    Idle,
    /// It has run for as long as it may.
    MaxRun,
    /// The month's budget is spent.
    Budget,
}

impl Rule {
    pub fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::MaxRun => "max-run",
            Self::Budget => "budget",
        }
    }
}

/// Told once in a month, and again where the budget is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warned {
    pub month: Timestamp,
    pub budget: i64,
    pub percent: u8,
}

impl Guard {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Record {
    /// In millionths of a dollar.
    pub fn budget(&self) -> Option<i64> {
        self.asked.spec.guard.monthly_budget_usd.map(micros)
    }

    /// Whether the channel may not run any more this month.
    pub fn is_budget_spent(&self, now: Timestamp) -> bool {
        self.asked.spec.guard.on_budget == OnBudget::Stop
            && self.budget().is_some_and(|budget| self.state.meter.at(now).sum.micros >= budget)
    }

    /// What a person does about a budget that is spent.
    pub fn budget_cure(&self, now: Timestamp) -> String {
        let (budget, month) = (self.budget().unwrap_or(0), month_word(now));
        format!(
            "the budget of {} for {month} is spent: raise guard.monthlyBudgetUsd, set guard.onBudget to warn, or wait until {}",
            dollars(budget),
            month_after(now)
        )
    }

    /// The guard's stop, where it is why the channel does not run: everything that was said before it is used up.
    pub fn guard_stop(&self) -> Option<&GuardStop> {
        let intent = &self.asked.intent;
        let stop = self.state.guard.stop.as_ref()?;
        (intent.said_at.unwrap_or(intent.at) <= stop.at && self.state.broadcasts.on_air.is_none()).then_some(stop)
    }

    /// Whether a guard has stopped this occurrence.
    pub(crate) fn is_guarded(&self, airing: &Airing) -> bool {
        let of = self.state.guard.stop.as_ref().and_then(|stop| stop.of.as_ref());
        of.is_some_and(|(event, which)| *event == airing.event && *which == airing.occurrence)
    }
}

/// Looks at the bill. `true`: the channel is to be stopped now.
pub(crate) fn judge(record: &mut Record, now: Timestamp, notes: &mut Vec<Note>) -> bool {
    if record.asked.intent.want == Want::Gone {
        return false;
    }
    follow(record, now);
    warn(record, now, notes);
    hold_back(record, now, notes);
    if record.want() != Want::Live {
        return false;
    }
    let Some((rule, reason)) = due(record, now) else { return false };
    notes.push(note(format!("guard: the channel is stopped: {reason}")));
    let of = record.state.broadcasts.on_air.as_ref().map(|on| (on.airing.event.clone(), on.airing.occurrence.clone()));
    record.state.guard.stop = Some(GuardStop { at: now, rule, reason, of });
    true
}

/// Whether one of the rules says stop, and why.
fn due(record: &Record, now: Timestamp) -> Option<(Rule, String)> {
    let wanted = &record.asked.spec.guard;
    if record.is_budget_spent(now) {
        return Some((Rule::Budget, record.budget_cure(now)));
    }
    if max_run_over(record).is_some_and(|over| over <= now) {
        let hours = wanted.max_run_hours.unwrap_or(0);
        return Some((Rule::MaxRun, format!("it has run for {hours} h, as long as guard.maxRunHours lets it")));
    }
    let over = idle_over(record).filter(|over| *over <= now)?;
    let minutes = i64::from(wanted.idle_stop_minutes);
    let since = over.plus_secs(-60 * minutes);
    let reason = format!(
        "no video has arrived for {minutes} minutes, since {since}; push to an input, then start it again \
         (guard.idleStopMinutes)"
    );
    Some((Rule::Idle, reason))
}

/// Since when the channel runs for whoever wants it now: a start that was said after a guard's stop, before the channel had
/// come to rest, begins anew.
fn run_since(record: &Record) -> Option<Timestamp> {
    let stopped = record.state.guard.stop.as_ref().map(|stop| stop.at);
    record.state.live_since.map(|since| stopped.map_or(since, |stopped| since.max(stopped)))
}

fn max_run_over(record: &Record) -> Option<Timestamp> {
    let hours = record.asked.spec.guard.max_run_hours?;
    Some(run_since(record)?.plus_secs(i64::from(hours) * 3_600))
}

/// An event that does not begin, because the budget is spent, is told once; in the next month it may still begin.
fn hold_back(record: &mut Record, now: Timestamp, notes: &mut Vec<Note>) {
    let next = record.state.broadcasts.next.clone().filter(|next| next.on_at <= now && !record.is_past(next));
    if let Some(next) = next.filter(|_| record.is_budget_spent(now)) {
        notes.push(note(format!("guard: event {:?} does not begin: {}", next.title, record.budget_cure(now))));
        record.remember(&next, Fate::Stopped, None, now);
    }
}

/// When nothing will have come in for as long as that may be: counted from the alarm of the last pipeline, from the start of
/// the channel (an alarm may be from before), and from the beginning of an event: in its warm-up nobody has to push.
fn idle_over(record: &Record) -> Option<Timestamp> {
    let minutes = record.asked.spec.guard.idle_stop_minutes;
    let running = run_since(record).filter(|_| minutes > 0 && no_signal(record))?;
    let alarms = record.state.alarms.iter();
    let lost = alarms.filter(|(slot, fact)| fact.firing && matches!(slot, Slot::Alarm(AlarmKind::InputLoss(_))));
    let begins = record.state.broadcasts.on_air.as_ref().map(|on_air| on_air.airing.start);
    let since = lost.map(|(_, fact)| fact.at).chain(begins).fold(running, Timestamp::max);
    Some(since.plus_secs(60 * i64::from(minutes)))
}

/// Tells how much of the budget is spent, once for each of `WARNED_AT` and month.
fn warn(record: &mut Record, now: Timestamp, notes: &mut Vec<Note>) {
    let Some(budget) = record.budget() else { return };
    let spent = record.state.meter.at(now).sum.micros;
    let reached = WARNED_AT.into_iter().rfind(|percent| spent >= part(budget, *percent));
    let Some(percent) = reached.filter(|percent| *percent > told(record, budget, now)) else { return };
    let month = month_of(now);
    notes.push(note(format!(
        "guard: {percent} % of the budget of {} for {} are spent on running the channel: {} (by the price file)",
        dollars(budget),
        month_word(now),
        dollars(spent)
    )));
    record.state.guard.warned = Some(Warned { month, budget, percent });
}

/// How much has been told of this budget in this month, in percent.
fn told(record: &Record, budget: i64, now: Timestamp) -> u8 {
    let same = |warned: &&Warned| warned.month == month_of(now) && warned.budget == budget;
    record.state.guard.warned.as_ref().filter(same).map_or(0, |warned| warned.percent)
}

fn part(budget: i64, percent: u8) -> i64 {
    // Rounded up, so that nothing is told too early.
    let hundredths = i128::from(budget) * i128::from(percent);
    i64::try_from((hundredths + 99) / 100).unwrap_or(i64::MAX)
}

/// Keeps the meter, and works out when to look again.
pub(crate) fn look_ahead(record: &mut Record, now: Timestamp) {
    follow(record, now);
    let look_at = if record.asked.intent.want == Want::Gone { None } else { next_look(record, now) };
    record.state.guard.look_at = look_at;
}

fn next_look(record: &Record, now: Timestamp) -> Option<Timestamp> {
    let mut moments = Vec::new();
    if record.want() == Want::Live {
        moments.extend([max_run_over(record), idle_over(record)]);
    }
    if let Some(budget) = record.budget() {
        let meter = &record.state.meter;
        moments.extend(WARNED_AT.map(|percent| meter.reaches(part(budget, percent))));
        // With the month the budget begins anew: for a channel that runs, and for an event that had to wait.
        let waits = record.is_budget_spent(now) && record.state.broadcasts.next.is_some();
        moments.push((meter.runs.is_some() || waits).then(|| month_after(now)));
    }
    moments.into_iter().flatten().filter(|at| *at > now).min()
}
