//! CloudWatch alarms.

use serde_json::{Value, json};

use super::bench::Bench;
use super::requests::alarm;
use super::{Behaviour, behaviour};

const PUT: &str = "cloudwatch:PutMetricAlarm";

fn state(b: &Bench) -> Value {
    b.ok("cloudwatch:DescribeAlarms", &json!({}))["MetricAlarms"][0]["StateValue"].clone()
}

/// The alarm's state after two periods without data that are treated so.
fn treated(b: &Bench, treatment: &str) -> Value {
    b.ok(PUT, &alarm(&[("/TreatMissingData", json!(treatment))]));
    b.pass(60);
    state(b)
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 4", "a period is 10, 20, 30 or whole minutes", |b| {
        b.bad_alarm(&[("/Period", json!(45))], "InvalidParameterValue");
        for period in [20, 30, 60, 300] {
            b.ok(PUT, &alarm(&[("/Period", json!(period))]));
        }
    }),
    behaviour("aws-facts 4", "all periods together end within a day, and within a week from an hour on", |b| {
        let many = [("/Period", json!(60)), ("/EvaluationPeriods", json!(1441))];
        b.bad_alarm(&many, "InvalidParameterValue");
        b.ok(PUT, &alarm(&[("/Period", json!(3600)), ("/EvaluationPeriods", json!(168))]));
        b.bad_alarm(&[("/Period", json!(3600)), ("/EvaluationPeriods", json!(169))], "InvalidParameterValue");
    }),
    behaviour("aws-facts 4", "an alarm has one statistic", |b| {
        b.bad_alarm(&[("/Statistic", Value::Null)], "InvalidParameterCombination");
        b.bad_alarm(&[("/ExtendedStatistic", json!("p99"))], "InvalidParameterCombination");
        b.bad_alarm(&[("/Statistic", json!("Mean"))], "ValidationError");
    }),
    behaviour("aws-facts 4", "an alarm on one metric names it, its namespace and its period", |b| {
        for member in ["/MetricName", "/Namespace", "/Period"] {
            b.bad_alarm(&[(member, Value::Null)], "ValidationError");
        }
    }),
    behaviour("aws-facts 4", "an alarm has a name of 255 characters at most", |b| {
        b.bad_alarm(&[("/AlarmName", json!("a".repeat(256)))], "InvalidParameterValue");
        b.bad_alarm(&[("/AlarmName", Value::Null)], "InvalidParameterValue");
    }),
    behaviour("aws-facts 4", "an alarm needs a comparison, periods and a threshold", |b| {
        for member in ["/ComparisonOperator", "/EvaluationPeriods", "/Threshold"] {
            let mut edits = vec![(member, Value::Null)];
            if member == "/EvaluationPeriods" {
                edits.push(("/DatapointsToAlarm", Value::Null));
            }
            b.bad_alarm(&edits, "ValidationError");
        }
    }),
    behaviour("aws-facts 4", "no more datapoints than periods can alarm", |b| {
        b.bad_alarm(&[("/DatapointsToAlarm", json!(4))], "ValidationError");
    }),
    behaviour("aws-facts 4", "missing data is treated in four ways", |b| {
        b.bad_alarm(&[("/TreatMissingData", json!("zero"))], "InvalidParameterValue");
        for way in ["missing", "breaching", "notBreaching", "ignore"] {
            b.ok(PUT, &alarm(&[("/TreatMissingData", json!(way))]));
        }
    }),
    behaviour("aws-facts 4", "an alarm has five actions of a kind", |b| {
        let arns = |n: usize| json!(vec!["arn:aws:sns:eu-west-1:123456789012:t"; n]);
        b.bad_alarm(&[("/AlarmActions", arns(6))], "InvalidParameterValue");
        b.ok(PUT, &alarm(&[("/AlarmActions", arns(5))]));
    }),
    behaviour("aws-facts 4", "an alarm has thirty dimensions", |b| {
        let dimensions = |n: usize| (0..n).map(|i| json!({"Name": format!("d{i}"), "Value": "v"})).collect::<Value>();
        b.bad_alarm(&[("/Dimensions", dimensions(31))], "InvalidParameterValue");
        b.ok(PUT, &alarm(&[("/Dimensions", dimensions(30))]));
    }),
    behaviour("aws-facts 4", "a description has 1024 characters", |b| {
        b.bad_alarm(&[("/AlarmDescription", json!("d".repeat(1025)))], "InvalidParameterValue");
    }),
    behaviour("aws-facts 4", "one query of an alarm's queries returns data", |b| {
        let queries = json!([{"Id": "m1", "ReturnData": true, "Expression": "1"}, {"Id": "m2", "Expression": "2"}]);
        let none = ["/Statistic", "/Namespace", "/MetricName", "/Period"].map(|member| (member, Value::Null));
        b.bad_alarm(&[&none[..], &[("/Metrics", queries)]].concat(), "InvalidParameterValue");
    }),
    behaviour("aws-facts 4, mistake 61", "an alarm on a metric that does not exist is accepted", |b| {
        b.ok(PUT, &alarm(&[("/MetricName", json!("InputVideoFreeze"))]));
        assert_eq!(state(b), "INSUFFICIENT_DATA");
    }),
    behaviour("aws-facts 4, mistake 63", "missing data that is breaching alarms on a channel that is idle", |b| {
        assert_eq!(treated(b, "breaching"), "ALARM");
    }),
    behaviour("aws-facts 4", "missing data that is notBreaching is OK on a channel that is idle", |b| {
        assert_eq!(treated(b, "notBreaching"), "OK");
    }),
    behaviour("aws-facts 4", "a put again overwrites the alarm and keeps its state", |b| {
        treated(b, "breaching");
        b.ok(PUT, &alarm(&[("/Threshold", json!(2.0))]));
        let seen = b.ok("cloudwatch:DescribeAlarms", &json!({}))["MetricAlarms"].clone();
        assert_eq!((seen.as_array().unwrap().len(), &seen[0]["Threshold"]), (1, &json!(2.0)));
        assert_eq!(seen[0]["StateValue"], "ALARM");
    }),
    behaviour("aws-facts 4", "every transition is an event, without any action", |b| {
        treated(b, "breaching");
        let event = b.events().remove(0);
        assert_eq!(
            (&event["source"], &event["detail-type"]),
            (&json!("aws.cloudwatch"), &json!("CloudWatch Alarm State Change"))
        );
        assert_eq!(event["detail"]["state"]["value"], "ALARM");
        assert_eq!(event["resources"][0], "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a");
    }),
    behaviour("aws-facts 4", "at most a hundred alarms are deleted at once", |b| {
        let names = |n: usize| json!({"AlarmNames": vec!["a"; n]});
        b.bad("cloudwatch:DeleteAlarms", &names(101), 400, "InvalidParameterValue", "100");
        b.ok("cloudwatch:DeleteAlarms", &names(100));
    }),
    behaviour("aws-facts 4", "alarms are found by name and by prefix", |b| {
        for name in ["x-1", "x-2", "y"] {
            b.ok(PUT, &alarm(&[("/AlarmName", json!(name))]));
        }
        let count =
            |filter: Value| b.ok("cloudwatch:DescribeAlarms", &filter)["MetricAlarms"].as_array().unwrap().len();
        assert_eq!((count(json!({"AlarmNamePrefix": "x-"})), count(json!({"AlarmNames": ["y"]}))), (2, 1));
    }),
    behaviour("aws-facts 4", "the quota of alarms is LimitExceeded", |b| {
        b.quota("cloudwatch.alarms", 1);
        b.ok(PUT, &alarm(&[]));
        b.bad(PUT, &alarm(&[("/AlarmName", json!("b"))]), 400, "LimitExceeded", "cloudwatch.alarms");
        b.ok(PUT, &alarm(&[]));
    }),
    behaviour("aws-facts 4", "too many puts are throttled", |b| {
        *b = Bench::with(|config| config.world.switches.throttles = true);
        let refusal = (0..100).find_map(|_| b.call(PUT, &alarm(&[])).err()).unwrap();
        assert_eq!((refusal.status, refusal.code.as_str()), (400, "Throttling"));
    }),
    behaviour(
        "aws-facts 1.14, mistake 62",
        "MediaLive's metrics have a channel and a pipeline, never a channel alone",
        |b| {
            b.running();
            b.pass(60);
            let metrics = b.ok("cloudwatch:ListMetrics", &json!({"Namespace": "AWS/MediaLive"}))["Metrics"].clone();
            let names = |metric: &Value| {
                metric["Dimensions"].as_array().unwrap().iter().map(|d| d["Name"].clone()).collect::<Vec<_>>()
            };
            assert!(metrics.as_array().unwrap().iter().all(|metric| names(metric).contains(&json!("Pipeline"))));
            assert!(!metrics.to_string().contains("InputVideoFreeze"));
        },
    ),
    behaviour(
        "aws-facts 1.14",
        "what a channel publishes is read by one call for many metrics, the newest first",
        |b| {
            let channel = b.running();
            b.pass(180);
            let query = |id: &str, name: &str| {
                let dimensions =
                    json!([{"Name": "ChannelId", "Value": channel["channelId"]}, {"Name": "Pipeline", "Value": "0"}]);
                let metric = json!({"Namespace": "AWS/MediaLive", "MetricName": name, "Dimensions": dimensions});
                json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}})
            };
            let now = b.world(|_, now| now) as f64 / 1000.0;
            let asked =
                |queries: Value| json!({"MetricDataQueries": queries, "StartTime": now - 180.0, "EndTime": now});
            let data = "cloudwatch:GetMetricData";
            let answer =
                b.ok(data, &asked(json!([query("rate", "InputVideoFrameRate"), query("none", "InputVideoFreeze")])));
            let results = &answer["MetricDataResults"];
            assert_eq!((&results[0]["Id"], &results[0]["Values"][0]), (&json!("rate"), &json!(30.0)), "{answer}");
            let times: Vec<f64> =
                results[0]["Timestamps"].as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
            assert!(times.len() > 1 && times.is_sorted_by(|one, next| one > next), "{times:?}");
            assert_eq!(results[1]["Values"], json!([]));
            b.bad(data, &asked(json!([query("Rate", "NetworkIn")])), 400, "ValidationError", "small letter");
            b.bad(
                data,
                &asked(json!([query("a", "NetworkIn"), query("a", "NetworkOut")])),
                400,
                "ValidationError",
                "named a",
            );
            let mut backwards = asked(json!([query("a", "NetworkIn")]));
            backwards["EndTime"] = json!(now - 181.0);
            b.bad(data, &backwards, 400, "ValidationError", "before EndTime");
        },
    ),
    behaviour("aws-facts 2.10", "MediaPackage publishes nothing without requests", |b| {
        b.ok("mediapackage:CreateOriginEndpoint", &b.endpoint(&[]));
        b.pass(600);
        assert_eq!(b.ok("cloudwatch:ListMetrics", &json!({"Namespace": "AWS/MediaPackage"}))["Metrics"], json!([]));
    }),
    behaviour("aws-facts 2.10, mistake 64", "requests are counted with and without a range of statuses", |b| {
        b.ok("mediapackage:CreateOriginEndpoint", &b.endpoint(&[]));
        b.world(|world, now| world.record_egress("eu-west-1", now, "hls", "5xx", 3)).unwrap();
        let list = json!({"Namespace": "AWS/MediaPackage", "MetricName": "EgressRequestCount"});
        let metrics = b.ok("cloudwatch:ListMetrics", &list)["Metrics"].clone();
        assert_eq!(metrics.as_array().unwrap().len(), 6, "{metrics}");
        assert!(metrics.to_string().contains("StatusCodeRange"));
    }),
];
