//! The guard on the bill, as a producer asks for it: when the channel is stopped without a hand on it.

use super::reader::{Object, Problems};
use serde::{Deserialize, Serialize};

/// What others who sell live encoding do, too.
const USUAL_IDLE_MINUTES: u32 = 20;
/// A day.
const IDLE_MINUTES_MOST: u32 = 1_440;
/// A year.
const RUN_HOURS_MOST: u32 = 8_760;
const BUDGET_LEAST: f64 = 0.01;
const BUDGET_MOST: f64 = 1_000_000.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuardSpec {
    /// The channel is stopped when nothing has come in for so long; 0 is never.
    pub idle_stop_minutes: u32,
    /// The channel is stopped when it has run for so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_run_hours: Option<u32>,
    /// What running the channel may cost in a UTC month, by the price file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_budget_usd: Option<f64>,
    pub on_budget: OnBudget,
}

/// What happens when the budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBudget {
    Warn,
    Stop,
}

impl Default for GuardSpec {
    fn default() -> Self {
        Self {
            idle_stop_minutes: USUAL_IDLE_MINUTES,
            max_run_hours: None,
            monthly_budget_usd: None,
            on_budget: OnBudget::Warn,
        }
    }
}

pub fn read(body: &mut Object<'_>) -> GuardSpec {
    let usual = GuardSpec::default();
    let Some(mut object) = body.object("guard") else { return usual };
    let read = GuardSpec {
        idle_stop_minutes: object.whole("idleStopMinutes", 0, IDLE_MINUTES_MOST).unwrap_or(usual.idle_stop_minutes),
        max_run_hours: object.whole("maxRunHours", 1, RUN_HOURS_MOST),
        monthly_budget_usd: budget(&mut object),
        on_budget: object.word("onBudget", "warn, stop").unwrap_or(OnBudget::Warn),
    };
    object.finish();
    read
}

fn budget(object: &mut Object<'_>) -> Option<f64> {
    let value = object.raw("monthlyBudgetUsd")?;
    let taken = value.as_f64().filter(|usd| (BUDGET_LEAST..=BUDGET_MOST).contains(usd));
    if taken.is_none() {
        let why =
            format!("must be dollars from {BUDGET_LEAST} to {BUDGET_MOST}, not {value}; leave it out for no budget");
        object.problem("monthlyBudgetUsd", why);
    }
    taken
}

pub fn check(guard: &GuardSpec, problems: &Problems) {
    if guard.on_budget == OnBudget::Stop && guard.monthly_budget_usd.is_none() {
        problems.add("/guard/onBudget", "stop needs a budget: say monthlyBudgetUsd too, or leave onBudget out");
    }
}
