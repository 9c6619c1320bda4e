//! CloudWatch: requests to the world, alarms and metrics to answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fields::{as_tag_list, int, not_simulated, objects, page, required, seconds, tag_list, text, texts};
use crate::world::cloudwatch::{
    Alarm, AlarmFilter, AlarmSpec, AlarmState, Comparison, GetStatistics, Metric, MissingData, Statistic,
};
use crate::world::{AwsError, Ms, World};

/// Carries out `operation`.
pub fn call(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let arn = required(input, "ResourceARN");
    Ok(match operation {
        "PutMetricAlarm" => {
            world.put_metric_alarm(region, now, alarm_spec(input)?)?;
            json!({})
        }
        "DescribeAlarms" => describe(world, region, now, input)?,
        "DeleteAlarms" => {
            world.delete_alarms(region, now, &texts(input, "AlarmNames").unwrap_or_default())?;
            json!({})
        }
        "SetAlarmState" => {
            let state = word(input, "StateValue", AlarmState::parse)?;
            let (reason, data) = (required(input, "StateReason"), required(input, "StateReasonData"));
            world.set_alarm_state(region, now, &required(input, "AlarmName"), state, &reason, &data)?;
            json!({})
        }
        "ListMetrics" => list_metrics(world, region, now, input)?,
        "GetMetricStatistics" => statistics(world, region, now, input)?,
        "GetMetricData" => metric_data(world, region, now, input)?,
        "ListTagsForResource" => {
            json!({"Tags": as_tag_list(&world.list_cloudwatch_tags(region, now, &arn)?)})
        }
        "TagResource" => {
            world.tag_cloudwatch_resource(region, now, &arn, tag_list(objects(input, "Tags")))?;
            json!({})
        }
        "UntagResource" => {
            let keys = texts(input, "TagKeys").unwrap_or_default();
            world.untag_cloudwatch_resource(region, now, &arn, &keys)?;
            json!({})
        }
        other => return Err(not_simulated("cloudwatch", other)),
    })
}

/// A member that holds one of a few words.
fn word<T>(input: &Value, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, AwsError> {
    let text = required(input, name);
    parse(&text).ok_or_else(|| not_supported(&format!("{name} {text:?}")))
}

fn not_supported(what: &str) -> AwsError {
    AwsError::new(400, "InvalidParameterValue", format!("the local cloud does not simulate alarms with {what}"))
}

fn count(input: &Value, name: &str) -> Option<u32> {
    int(input, name).and_then(|n| u32::try_from(n).ok())
}

fn metric(input: &Value) -> Metric {
    let dimensions = objects(input, "Dimensions").into_iter().flatten();
    let dimensions: BTreeMap<_, _> = dimensions.map(|d| (required(d, "Name"), required(d, "Value"))).collect();
    Metric { namespace: required(input, "Namespace"), name: required(input, "MetricName"), dimensions }
}

fn alarm_spec(input: &Value) -> Result<AlarmSpec, AwsError> {
    if let Some(unsupported) = ["Metrics", "ExtendedStatistic", "ThresholdMetricId", "EvaluateLowSampleCountPercentile"]
        .iter()
        .find(|name| input.get(**name).is_some_and(|value| value != &json!([])))
    {
        return Err(not_supported(unsupported));
    }
    let missing = match text(input, "TreatMissingData") {
        None => MissingData::default(),
        Some(_) => word(input, "TreatMissingData", MissingData::parse)?,
    };
    Ok(AlarmSpec {
        name: required(input, "AlarmName"),
        description: text(input, "AlarmDescription"),
        metric: metric(input),
        statistic: word(input, "Statistic", Statistic::parse)?,
        period_secs: count(input, "Period").unwrap_or(60),
        evaluation_periods: count(input, "EvaluationPeriods").unwrap_or(1),
        datapoints_to_alarm: count(input, "DatapointsToAlarm"),
        comparison: word(input, "ComparisonOperator", Comparison::parse)?,
        threshold: input.get("Threshold").and_then(Value::as_f64).unwrap_or_default(),
        missing_data: missing,
        // On unless it is switched off.
        actions_enabled: input.get("ActionsEnabled").and_then(Value::as_bool).unwrap_or(true),
        ok_actions: texts(input, "OKActions").unwrap_or_default(),
        alarm_actions: texts(input, "AlarmActions").unwrap_or_default(),
        insufficient_data_actions: texts(input, "InsufficientDataActions").unwrap_or_default(),
        unit: text(input, "Unit"),
        tags: tag_list(objects(input, "Tags")),
    })
}

fn describe(world: &mut World, region: &str, now: Ms, input: &Value) -> Result<Value, AwsError> {
    let filter = AlarmFilter {
        names: texts(input, "AlarmNames").unwrap_or_default(),
        name_prefix: text(input, "AlarmNamePrefix"),
        state: text(input, "StateValue").and_then(|word| AlarmState::parse(&word)),
    };
    let list = world.describe_alarms(region, now, &filter, &page(input, "MaxRecords", "NextToken"))?;
    let alarms: Value = list.items.iter().map(show).collect();
    Ok(json!({"MetricAlarms": alarms, "CompositeAlarms": [], "NextToken": list.next_token}))
}

fn show_dimensions(metric: &Metric) -> Value {
    metric.dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect()
}

fn show(alarm: &Alarm) -> Value {
    let spec = &alarm.spec;
    let reason_data = Some(&alarm.reason_data).filter(|data| !data.is_empty());
    json!({
        "AlarmName": spec.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": spec.description,
        "AlarmConfigurationUpdatedTimestamp": seconds(alarm.configured_at),
        "ActionsEnabled": spec.actions_enabled,
        "OKActions": spec.ok_actions,
        "AlarmActions": spec.alarm_actions,
        "InsufficientDataActions": spec.insufficient_data_actions,
        "StateValue": alarm.state.as_str(),
        "StateReason": alarm.reason,
        "StateReasonData": reason_data,
        "StateUpdatedTimestamp": seconds(alarm.state_updated_at),
        "StateTransitionedTimestamp": seconds(alarm.state_updated_at),
        "Namespace": spec.metric.namespace,
        "MetricName": spec.metric.name,
        "Dimensions": show_dimensions(&spec.metric),
        "Statistic": spec.statistic.as_str(),
        "Period": spec.period_secs,
        "EvaluationPeriods": spec.evaluation_periods,
        "DatapointsToAlarm": spec.datapoints_to_alarm,
        "Threshold": spec.threshold,
        "ComparisonOperator": spec.comparison.as_str(),
        "TreatMissingData": spec.missing_data.as_str(),
        "Unit": spec.unit,
    })
}

fn list_metrics(world: &mut World, region: &str, now: Ms, input: &Value) -> Result<Value, AwsError> {
    let (namespace, name) = (text(input, "Namespace"), text(input, "MetricName"));
    let wanted = objects(input, "Dimensions").into_iter().flatten();
    let wanted: Vec<_> = wanted.map(|d| (required(d, "Name"), text(d, "Value"))).collect();
    // The list cannot be cut by the caller, only continued.
    let paging = page(input, "", "NextToken");
    let list = world.list_metrics(region, now, namespace.as_deref(), name.as_deref(), &wanted, &paging)?;
    let show = |m: &Metric| json!({"Namespace": m.namespace, "MetricName": m.name, "Dimensions": show_dimensions(m)});
    let metrics: Value = list.items.iter().map(show).collect();
    Ok(json!({"Metrics": metrics, "NextToken": list.next_token}))
}

/// Times arrive as seconds; milliseconds of this century fit.
fn millis(input: &Value, name: &str) -> Ms {
    input.get(name).and_then(Value::as_f64).map_or(0, |secs| (secs * 1000.0) as Ms)
}

/// Queries of metrics; metric math is refused.
fn metric_data(world: &mut World, region: &str, now: Ms, input: &Value) -> Result<Value, AwsError> {
    let queries: Vec<&Value> = objects(input, "MetricDataQueries").into_iter().flatten().collect();
    let mut asked = Vec::new();
    for query in &queries {
        let Some(stat) = query.get("MetricStat") else { return Err(not_supported("Expression")) };
        let statistic = word(stat, "Stat", Statistic::parse)?;
        let metric = metric(stat.get("Metric").unwrap_or(&Value::Null));
        let (start, end) = (millis(input, "StartTime"), millis(input, "EndTime"));
        let request = GetStatistics { metric, start, end, period_secs: count(stat, "Period").unwrap_or(60) };
        asked.push((request, statistic));
    }
    let requests: Vec<GetStatistics> = asked.iter().map(|(request, _)| request.clone()).collect();
    let found = world.get_metric_data(region, now, &requests)?;
    // The newest first, where nothing else is said.
    let ascending = text(input, "ScanBy").is_some_and(|word| word == "TimestampAscending");
    let results = queries.iter().zip(&asked).zip(found).map(|((query, (request, statistic)), mut data)| {
        if !ascending {
            data.reverse();
        }
        json!({
            "Id": required(query, "Id"),
            "Label": text(query, "Label").unwrap_or_else(|| request.metric.name.clone()),
            "StatusCode": "Complete",
            "Timestamps": data.iter().map(|datum| json!(seconds(datum.at))).collect::<Value>(),
            "Values": data.iter().map(|datum| json!(datum.value(*statistic))).collect::<Value>(),
        })
    });
    Ok(json!({"MetricDataResults": results.collect::<Value>(), "Messages": []}))
}

fn statistics(world: &mut World, region: &str, now: Ms, input: &Value) -> Result<Value, AwsError> {
    let request = GetStatistics {
        metric: metric(input),
        start: millis(input, "StartTime"),
        end: millis(input, "EndTime"),
        period_secs: count(input, "Period").unwrap_or(60),
    };
    let found = world.get_metric_statistics(region, now, &request)?;
    let wanted = texts(input, "Statistics").unwrap_or_default();
    let points = found.iter().map(|datum| {
        let mut point = json!({"Timestamp": seconds(datum.at), "Unit": text(input, "Unit")});
        for statistic in wanted.iter().filter_map(|word| Statistic::parse(word)) {
            point[statistic.as_str()] = json!(datum.value(statistic));
        }
        point
    });
    Ok(json!({"Label": request.metric.name, "Datapoints": points.collect::<Value>()}))
}
