//! What CloudWatch refuses about alarms (aws-facts 4).

use std::collections::BTreeSet;

use super::{Defects, Node};

/// A day; up to seven where the period is an hour or longer (aws-facts 4).
const EVALUATED_MAX: i64 = 86_400;
const EVALUATED_LONG_MAX: i64 = 7 * 86_400;
const DELETE_MAX: usize = 100;
/// Of GetMetricData (CloudWatch API reference).
const QUERIES_MAX: usize = 500;

/// Checks one request.
pub fn check(operation: &str, input: &Node<'_>, defects: &mut Defects) {
    match operation {
        "PutMetricAlarm" => alarm(input, defects),
        "DeleteAlarms" => {
            let names = input.get("AlarmNames");
            if names.items().len() > DELETE_MAX {
                defects.invalid(&names, format!("at most {DELETE_MAX} alarms can be deleted at once"));
            }
        }
        "GetMetricData" => queries(input, defects),
        _ => {}
    }
}

/// Each query has a name of its own, and is of a metric or an expression; the window is one (CloudWatch API reference, GetMetricData
/// and MetricDataQuery). Which code AWS answers with is not known for sure.
fn queries(input: &Node<'_>, defects: &mut Defects) {
    let all = input.get("MetricDataQueries");
    if all.items().is_empty() || all.items().len() > QUERIES_MAX {
        defects.named(&all, 400, "ValidationError", format!("1 to {QUERIES_MAX} queries, not {}", all.items().len()));
    }
    let mut names = BTreeSet::new();
    for query in all.items() {
        let id = query.get("Id");
        let name = id.str().unwrap_or_default();
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !letters || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            let message = "begins with a small letter, and has letters, digits and _ only";
            defects.named(&id, 400, "ValidationError", message);
        }
        if !names.insert(name.to_owned()) {
            defects.named(&id, 400, "ValidationError", format!("two queries are named {name}"));
        }
        if query.present(&["MetricStat", "Expression"]).len() != 1 {
            let message = "exactly one of MetricStat and Expression is needed";
            defects.named(&query, 400, "ValidationError", message);
        }
        length(&query.at("MetricStat.Period"), defects);
    }
    let (start, end) = (input.get("StartTime"), input.get("EndTime"));
    if start.num().zip(end.num()).is_some_and(|(start, end)| start >= end) {
        defects.named(&start, 400, "ValidationError", "StartTime must be before EndTime");
    }
}

fn alarm(input: &Node<'_>, defects: &mut Defects) {
    metric(input, defects);
    datapoints(input, defects);
    // aws-facts 4: required, although the newest interface no longer says so.
    for name in ["EvaluationPeriods", "ComparisonOperator"] {
        let node = input.get(name);
        if !node.exists() {
            defects.named(&node, 400, "ValidationError", format!("{name} is required"));
        }
    }
    let missing = input.get("TreatMissingData");
    if missing.str().is_some_and(|word| !["missing", "breaching", "notBreaching", "ignore"].contains(&word)) {
        defects.invalid(&missing, "must be one of missing, breaching, notBreaching, ignore");
    }
    if !input.get("Threshold").exists() && !input.get("ThresholdMetricId").exists() {
        defects.named(&input.get("Threshold"), 400, "ValidationError", "an alarm needs a threshold");
    }
}

/// aws-facts 4: one metric with a statistic and a period, or a list of queries of which exactly one returns data.
fn metric(input: &Node<'_>, defects: &mut Defects) {
    let queries = input.get("Metrics");
    let single = input.present(&["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period"]);
    if queries.items().is_empty() {
        for name in ["MetricName", "Namespace", "Period"] {
            let node = input.get(name);
            if !node.exists() {
                defects.named(&node, 400, "ValidationError", format!("{name} is required for an alarm on one metric"));
            }
        }
        let statistics = input.present(&["Statistic", "ExtendedStatistic"]);
        if statistics.len() != 1 {
            let message = "exactly one of Statistic and ExtendedStatistic is needed";
            defects.named(input, 400, "InvalidParameterCombination", message);
        }
        period(&input.get("Period"), &input.get("EvaluationPeriods"), defects);
        return;
    }
    if !single.is_empty() {
        let message = format!("Metrics does not go with {}", single.join(", "));
        defects.named(&queries, 400, "InvalidParameterCombination", message);
    }
    // ReturnData is true where it is not told.
    let returning =
        queries.items().iter().filter(|q| !q.get("ReturnData").exists() || q.get("ReturnData").is_true()).count();
    if returning != 1 {
        defects.invalid(&queries, format!("exactly one query must return data, found {returning}"));
    }
}

/// aws-facts 4: 10, 20, 30 or a multiple of 60 s.
fn length(period: &Node<'_>, defects: &mut Defects) {
    let Some(seconds) = period.int() else { return };
    if !matches!(seconds, 10 | 20 | 30) && (seconds <= 0 || seconds % 60 != 0) {
        defects.invalid(period, format!("must be 10, 20, 30 or a multiple of 60, is {seconds}"));
    }
}

/// aws-facts 4: all periods together a day, or seven with periods of an hour.
fn period(period: &Node<'_>, periods: &Node<'_>, defects: &mut Defects) {
    length(period, defects);
    let Some(seconds) = period.int() else { return };
    let most = if seconds >= 3600 { EVALUATED_LONG_MAX } else { EVALUATED_MAX };
    if periods.int().is_some_and(|n| n.saturating_mul(seconds) > most) {
        defects.invalid(periods, format!("Period times EvaluationPeriods must be at most {most} s"));
    }
}

fn datapoints(input: &Node<'_>, defects: &mut Defects) {
    let (datapoints, periods) = (input.get("DatapointsToAlarm"), input.get("EvaluationPeriods"));
    if let (Some(needed), Some(periods)) = (datapoints.int(), periods.int())
        && needed > periods
    {
        defects.named(&datapoints, 400, "ValidationError", format!("must be at most EvaluationPeriods, {periods}"));
    }
}
