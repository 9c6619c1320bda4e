//! CloudWatch alarms.

use serde_json::{Value, json};

use super::{accepted, refused, with};

fn alarm(edits: &[(&str, Value)]) -> Value {
    let good = json!({
        "AlarmName": "a", "Namespace": "AWS/MediaLive", "MetricName": "NetworkIn", "Statistic": "Average",
        "Dimensions": [{"Name": "ChannelId", "Value": "1"}, {"Name": "Pipeline", "Value": "0"}],
        "Period": 10, "EvaluationPeriods": 3, "DatapointsToAlarm": 3, "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "notBreaching",
    });
    with(&good, edits)
}

#[track_caller]
fn bad(edits: &[(&str, Value)], code: &str) {
    accepted("cloudwatch", "PutMetricAlarm", &alarm(&[]));
    let refusal = refused("monitoring", "PutMetricAlarm", &alarm(edits));
    assert_eq!((refusal.status, refusal.code.as_str()), (400, code), "{refusal}");
}

#[test]
fn periods_are_ten_twenty_thirty_or_whole_minutes_and_end_within_a_day() {
    for period in [20, 30, 60, 300] {
        accepted("cloudwatch", "PutMetricAlarm", &alarm(&[("/Period", json!(period))]));
    }
    bad(&[("/Period", json!(45))], "InvalidParameterValue");
    bad(&[("/Period", json!(60)), ("/EvaluationPeriods", json!(1441))], "InvalidParameterValue");
    accepted("cloudwatch", "PutMetricAlarm", &alarm(&[("/Period", json!(3600)), ("/EvaluationPeriods", json!(168))]));
}

#[test]
fn an_alarm_watches_one_metric_or_one_expression() {
    bad(&[("/Statistic", Value::Null)], "InvalidParameterCombination");
    bad(&[("/ExtendedStatistic", json!("p99"))], "InvalidParameterCombination");
    bad(&[("/MetricName", Value::Null)], "ValidationError");
    bad(&[("/DatapointsToAlarm", json!(4))], "ValidationError");
    bad(&[("/TreatMissingData", json!("zero"))], "InvalidParameterValue");
    bad(&[("/Statistic", json!("Mean"))], "ValidationError");
    bad(&[("/Bogus", json!(1))], "ValidationError");
    let queries = json!([{"Id": "m1", "ReturnData": true, "Expression": "1"}, {"Id": "m2", "Expression": "2"}]);
    let only = [
        ("/Statistic", Value::Null),
        ("/Namespace", Value::Null),
        ("/MetricName", Value::Null),
        ("/Period", Value::Null),
    ];
    bad(&[only.as_slice(), &[("/Metrics", queries.clone())]].concat(), "InvalidParameterValue");
    let one = with(&queries, &[("/1/ReturnData", json!(false))]);
    accepted("cloudwatch", "PutMetricAlarm", &alarm(&[only.as_slice(), &[("/Metrics", one)]].concat()));
}
