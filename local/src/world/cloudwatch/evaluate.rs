//! How alarms change their state: windows, missing data, and the event of every transition (aws-facts 4).

use serde_json::json;

use super::{Alarm, AlarmSpec, AlarmState, Comparison, Datum, Metric, MissingData, Statistic, Step};
use crate::world::events::Notice;
use crate::world::{Ms, Timer, World, ids};

/// Alarms of longer periods are looked at every minute.
const LONGEST_INTERVAL_SECS: u32 = 60;
/// How many more periods CloudWatch looks back for real datapoints before it fills gaps.
const EXTRA_PERIODS: u32 = 2;

/// What the datapoints of an evaluation say.
struct Findings {
    /// The most recent real datapoints, the newest first: (beginning of the period, value).
    points: Vec<(Ms, f64)>,
    breaching: u32,
    missing: u32,
}

impl World {
    pub(in crate::world) fn fire_cloudwatch(&mut self, region: &str, at: Ms, step: Step) {
        let Step::Evaluate { alarm: name, epoch } = step;
        let alarms = &self.region(region).cloudwatch.alarms;
        let Some(alarm) = alarms.get(&name).filter(|alarm| alarm.epoch == epoch).cloned() else {
            return;
        };
        let findings = self.findings(region, at, &alarm.spec);
        if let Some(state) = judge(&alarm.spec, &findings)
            && state != alarm.state
        {
            let reason = reason(&alarm.spec, &findings, state);
            let data = reason_data(&alarm.spec, &findings, at);
            self.change_alarm(region, at, &name, state, reason, data);
        }
        // Without metrics nothing new will ever be found: one look, so that missing data has its effect.
        if self.switches.metrics {
            self.evaluate_again(region, at, &name, epoch);
        }
    }

    /// A new or changed alarm is looked at from now on.
    pub(super) fn begin_evaluating(&mut self, region: &str, now: Ms, name: &str) {
        let Some(alarm) = self.region(region).cloudwatch.alarms.get_mut(name) else {
            return;
        };
        // A number that no earlier alarm of this name has used: its timers may still be set.
        alarm.epoch = alarm.epoch.max(now.unsigned_abs()) + 1;
        let epoch = alarm.epoch;
        self.evaluate_again(region, now, name, epoch);
    }

    /// The one door through which a state changes; every transition is an event, whatever the actions (aws-facts 4).
    pub(super) fn change_alarm(
        &mut self,
        region: &str,
        at: Ms,
        name: &str,
        state: AlarmState,
        reason: String,
        reason_data: String,
    ) {
        let Some(alarm) = self.region(region).cloudwatch.alarms.get_mut(name) else {
            return;
        };
        let before = alarm.clone();
        alarm.state = state;
        alarm.reason = reason;
        alarm.reason_data = reason_data;
        if before.state == state {
            return;
        }
        alarm.state_updated_at = at;
        let after = alarm.clone();
        let notice = Notice {
            source: "aws.cloudwatch",
            kind: "CloudWatch Alarm State Change",
            resource: after.arn.clone(),
            detail: detail(&before, &after),
        };
        self.emit(region, at, notice);
    }

    fn evaluate_again(&mut self, region: &str, at: Ms, name: &str, epoch: u64) {
        let alarms = &self.region(region).cloudwatch.alarms;
        let Some(alarm) = alarms.get(name) else {
            return;
        };
        let secs = alarm.spec.period_secs.min(LONGEST_INTERVAL_SECS);
        let due = at + self.scaled(Ms::from(secs) * 1000);
        let step = Step::Evaluate { alarm: name.to_owned(), epoch };
        self.later(due, Timer::CloudWatch { region: region.to_owned(), step });
    }

    fn findings(&mut self, region: &str, at: Ms, spec: &AlarmSpec) -> Findings {
        let period = self.scaled(Ms::from(spec.period_secs) * 1000);
        let series = self.region(region).cloudwatch.metrics.get(&spec.metric.key());
        let wanted = spec.evaluation_periods as usize;
        let mut points = Vec::new();
        for back in 1..=Ms::from(spec.evaluation_periods + EXTRA_PERIODS) {
            let start = at - back * period;
            let total = series.and_then(|series| series.aggregate(start, start + period));
            points.extend(total.map(|total| (start, total.value(spec.statistic))));
        }
        points.truncate(wanted);
        let breaching = points.iter().filter(|(_, value)| spec.comparison.holds(*value, spec.threshold));
        Findings {
            breaching: u32::try_from(breaching.count()).unwrap_or(u32::MAX),
            missing: u32::try_from(wanted - points.len()).unwrap_or(u32::MAX),
            points,
        }
    }
}

impl Comparison {
    fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::GreaterThanThreshold => value > threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "greater than or equal to",
            Self::GreaterThanThreshold => "greater than",
            Self::LessThanThreshold => "less than",
            Self::LessThanOrEqualToThreshold => "less than or equal to",
        }
    }
}

impl Datum {
    /// One statistic of it.
    pub fn value(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::SampleCount => self.count,
            Statistic::Average => self.sum / self.count,
            Statistic::Sum => self.sum,
            Statistic::Minimum => self.min,
            Statistic::Maximum => self.max,
        }
    }
}

impl AlarmSpec {
    fn to_alarm(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }
}

/// The state that the findings ask for; `None` keeps the present one. CloudWatch's table of missing data (aws-facts 4).
fn judge(spec: &AlarmSpec, findings: &Findings) -> Option<AlarmState> {
    let needed = spec.to_alarm();
    let &Findings { breaching, missing, ref points } = findings;
    if breaching >= needed {
        return Some(AlarmState::Alarm);
    }
    let undecided = breaching + missing >= needed;
    match spec.missing_data {
        MissingData::Breaching if undecided => Some(AlarmState::Alarm),
        MissingData::Breaching | MissingData::NotBreaching => Some(AlarmState::Ok),
        MissingData::Ignore | MissingData::Missing if points.len() > breaching as usize => Some(AlarmState::Ok),
        MissingData::Ignore => None,
        MissingData::Missing if points.is_empty() => Some(AlarmState::InsufficientData),
        // Every real datapoint breaches and the gaps cannot contradict it.
        MissingData::Missing => Some(AlarmState::Alarm),
    }
}

fn reason(spec: &AlarmSpec, findings: &Findings, state: AlarmState) -> String {
    if findings.points.is_empty() {
        let filled = match spec.missing_data {
            MissingData::Breaching => " and it was treated as [Breaching]",
            MissingData::NotBreaching => " and it was treated as [NonBreaching]",
            MissingData::Missing | MissingData::Ignore => "",
        };
        let head = if state == AlarmState::InsufficientData { "Insufficient Data" } else { "Threshold Crossed" };
        let datapoints = if findings.missing == 1 { "datapoint was" } else { "datapoints were" };
        return format!(
            "{head}: no datapoints were received for {} period(s), {} missing {datapoints} not found{filled}.",
            spec.evaluation_periods, findings.missing
        );
    }
    let (count, total) = match state {
        AlarmState::Alarm => (findings.breaching, findings.points.len()),
        AlarmState::Ok | AlarmState::InsufficientData => {
            (findings.points.len() as u32 - findings.breaching, findings.points.len())
        }
    };
    let values: Vec<String> =
        findings.points.iter().map(|(at, value)| format!("{value:?} ({})", ids::rfc3339_secs(*at))).collect();
    let not = if state == AlarmState::Alarm { "" } else { "not " };
    format!(
        "Threshold Crossed: {count} out of the last {total} datapoints [{}] was {not}{} the threshold ({:?}).",
        values.join(", "),
        spec.comparison.words(),
        spec.threshold
    )
}

fn reason_data(spec: &AlarmSpec, findings: &Findings, at: Ms) -> String {
    let recent: Vec<f64> = findings.points.iter().rev().map(|(_, value)| *value).collect();
    json!({
        "version": "1.0",
        "queryDate": ids::alarm_time(at),
        "startDate": findings.points.last().map(|(start, _)| ids::alarm_time(*start)),
        "statistic": spec.statistic.as_str(),
        "period": spec.period_secs,
        "recentDatapoints": recent,
        "threshold": spec.threshold,
    })
    .to_string()
}

fn detail(before: &Alarm, after: &Alarm) -> serde_json::Value {
    let Metric { namespace, name, dimensions } = &after.spec.metric;
    let mut state = json!({
        "value": after.state.as_str(),
        "reason": after.reason,
        "timestamp": ids::alarm_time(after.state_updated_at),
    });
    if !after.reason_data.is_empty() {
        state["reasonData"] = json!(after.reason_data);
    }
    json!({
        "alarmName": after.spec.name,
        "configuration": {
            "description": after.spec.description.clone().unwrap_or_default(),
            "metrics": [{
                "id": "m1",
                "metricStat": {
                    "metric": { "namespace": namespace, "name": name, "dimensions": dimensions },
                    "period": after.spec.period_secs,
                    "stat": after.spec.statistic.as_str(),
                },
                "returnData": true,
            }],
        },
        "previousState": {
            "value": before.state.as_str(),
            "reason": before.reason,
            "timestamp": ids::alarm_time(before.state_updated_at),
        },
        "state": state,
    })
}
