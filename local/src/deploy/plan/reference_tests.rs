//! Queues, roles, buckets, alarms and dashboards that refer to each other, in the project's templates and in wrong ones.

use std::collections::BTreeSet;

use super::tests::{FUNCTION, HOME, own, own_plan, plan, refused};
use super::*;
use crate::deploy::template::monitoring::AlarmProperties;

fn own_alarm(logical: &str) -> AlarmProperties {
    let template = own("template.yaml", HOME);
    let found = template.resources.into_iter().find(|deployed| deployed.logical == logical);
    match found.map(|deployed| deployed.resource) {
        Some(Resource::Alarm(alarm)) => *alarm,
        other => panic!("{logical} is {other:?}"),
    }
}

#[test]
fn whatever_eventbridge_cannot_deliver_is_kept() {
    let plan = own_plan();
    let targets =
        plan.rules.iter().flat_map(|rule| rule.targets.iter().map(|target| (&rule.name, &target.dead_letters)));
    for (rule, dead_letters) in targets {
        assert!(dead_letters.as_ref().is_some_and(|queue| queue.allowed), "{rule}: {dead_letters:?}");
    }
    let ticks = plan.schedules.iter().map(|schedule| &schedule.dead_letters).collect::<Vec<_>>();
    assert!(matches!(ticks.as_slice(), [Some(queue)] if queue.allowed), "{ticks:?}");
}

#[test]
fn the_alarms_leave_no_function_out() {
    let functions = own_plan().functions.into_iter().map(|function| function.name).collect::<BTreeSet<_>>();
    let pairs =
        [("FunctionsFail", "OrphansFail", "Errors"), ("FunctionsAreThrottled", "OrphansAreThrottled", "Throttles")];
    for (alarm, beside, metric) in pairs {
        let queries = own_alarm(alarm).metrics.unwrap();
        let metrics = queries.iter().filter_map(|query| query.metric_stat.as_ref()).map(|stat| &stat.metric);
        let watched = metrics.inspect(|watched| assert_eq!(watched.metric_name, metric));
        let mut watched = watched.map(|watched| watched.dimensions[0].value.clone()).collect::<BTreeSet<_>>();
        // An alarm takes ten metrics.
        let beside = own_alarm(beside);
        assert_eq!(beside.metric_name.as_deref(), Some(metric));
        watched.insert(beside.dimensions.unwrap()[0].value.clone());
        assert_eq!(watched, functions, "{alarm}");
    }
}

#[test]
fn a_silent_sweep_is_an_alarm() {
    let alarm = own_alarm("SweepIsSilent");
    let provision = own_plan().functions.into_iter().find(|function| function.short_name == "provision").unwrap();
    assert_eq!(alarm.dimensions.unwrap()[0].value, provision.name);
    assert_eq!((alarm.statistic.as_deref(), alarm.period), (Some("Sum"), Some(300)));
    assert_eq!((alarm.comparison_operator.as_deref(), alarm.threshold), (Some("LessThanThreshold"), Some(1.0)));
    assert_eq!(alarm.treat_missing_data.as_deref(), Some("breaching"));
    assert_eq!(alarm.alarm_actions, None, "without a topic there is nobody to tell");
}

#[test]
fn recordings_grow_colder_with_age_and_nothing_half_done_stays() {
    let template = own("template.yaml", HOME);
    let bucket = template.resources.iter().find_map(|deployed| match &deployed.resource {
        Resource::Bucket(bucket) if deployed.logical == "ArchiveBucket" => Some(bucket),
        _ => None,
    });
    let bucket = bucket.unwrap();
    assert_eq!(bucket.versioning_configuration, Some(json!({"Status": "Enabled"})));
    let rules = &bucket.lifecycle_configuration.as_ref().unwrap()["Rules"];
    let ages = rules[0]["Transitions"].as_array().unwrap().iter().map(|t| (&t["StorageClass"], &t["TransitionInDays"]));
    let ages = ages.map(|(class, days)| format!("{class} {days}")).collect::<Vec<_>>();
    assert_eq!(ages, ["\"STANDARD_IA\" 30", "\"GLACIER\" 90", "\"DEEP_ARCHIVE\" 365"]);
    assert_eq!(rules[0]["Prefix"], "archives/");
    let rest = rules.as_array().unwrap()[1..].iter();
    let rest = rest.flat_map(|rule| rule.as_object().unwrap().keys()).collect::<BTreeSet<_>>();
    for member in ["AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"] {
        assert!(rest.contains(&member.to_owned()), "{member}");
    }
}

fn buried(dead_letters: &str) -> String {
    format!(
        "  D: {{Type: AWS::SQS::Queue{dead_letters}}}\n  \
           Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q, RedrivePolicy: {{deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5}}}}}}\n"
    )
}

#[test]
fn dead_letters_come_from_the_queues_that_are_allowed() {
    let allow = |policy: &str| buried(&format!(", Properties: {{RedriveAllowPolicy: {{{policy}}}}}"));
    let own = "redrivePermission: byQueue, sourceQueueArns: ['arn:aws:sqs:eu-west-1:123456789012:q']";
    for allowed in [buried(""), allow("redrivePermission: allowAll"), allow(own)] {
        plan(&format!("Resources:\n{allowed}")).unwrap();
    }
    let other = "redrivePermission: byQueue, sourceQueueArns: ['arn:aws:sqs:eu-west-1:123456789012:other']";
    for forbidden in [other, "redrivePermission: denyAll"] {
        refused(&allow(forbidden), "Resources.Q.Properties.RedrivePolicy", "does not allow");
    }
    let alone =
        |policy: &str| format!("  D: {{Type: AWS::SQS::Queue, Properties: {{RedriveAllowPolicy: {{{policy}}}}}}}\n");
    let place = "Resources.D.Properties.RedriveAllowPolicy";
    refused(&alone("redrivePermission: byQueue"), place, "1 to 10");
    refused(&alone("redrivePermission: denyAll, sourceQueueArns: ['arn:x']"), place, "byQueue only");
}

#[test]
fn a_policy_is_for_something_that_exists() {
    let document = "PolicyDocument: {Version: '2012-10-17', Statement: []}";
    let bucket = format!("  P: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: b, {document}}}}}\n");
    refused(&bucket, "Resources.P.Properties.Bucket", "no bucket of the template");
    let role = format!("  P: {{Type: AWS::IAM::RolePolicy, Properties: {{RoleName: r, PolicyName: p, {document}}}}}\n");
    refused(&role, "Resources.P.Properties.RoleName", "no role of the template");
}

#[test]
fn eventbridge_retries_within_its_bounds() {
    let rule = |policy: &str| {
        format!(
            "  Q: {{Type: AWS::SQS::Queue}}\n  \
               R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [a]}}, Targets: [{{Id: t, Arn: !GetAtt Q.Arn, RetryPolicy: {{{policy}}}}}]}}}}\n"
        )
    };
    let event = |kind: &str, properties: &str, policy: &str| {
        format!(
            "  F: {{{FUNCTION}, Events: {{E: {{Type: {kind}, Properties: {{{properties}, RetryPolicy: {{{policy}}}}}}}}}}}}}\n"
        )
    };
    let pattern = |policy: &str| event("EventBridgeRule", "Pattern: {source: [a]}", policy);
    let schedule = |policy: &str| event("Schedule", "Schedule: rate(1 minute), Input: '{}'", policy);
    let bounds = [
        ("MaximumEventAgeInSeconds: 59", "60 to 86400"),
        ("MaximumEventAgeInSeconds: 86401", "60 to 86400"),
        ("MaximumRetryAttempts: 186", "0 to 185"),
    ];
    for (policy, words) in bounds {
        refused(&rule(policy), "Resources.R.Properties.Targets[0]", words);
        refused(&pattern(policy), "Resources.F.Properties.Events.E.Properties.RetryPolicy", words);
        refused(&schedule(policy), "Resources.F.Properties.Events.E.Properties.RetryPolicy", words);
    }
}

#[test]
fn dead_letters_of_a_function_need_a_queue_and_its_policy() {
    let events = |queue: &str| {
        let dead_letters = format!("DeadLetterConfig: {{Arn: {queue}}}");
        format!(
            "  Q: {{Type: AWS::SQS::Queue}}\n  \
               F: {{{FUNCTION}, Events: {{E: {{Type: EventBridgeRule, Properties: {{Pattern: {{source: [a]}}, {dead_letters}}}}}, \
               S: {{Type: Schedule, Properties: {{Schedule: rate(1 minute), Input: '{{}}', {dead_letters}}}}}}}}}}}\n"
        )
    };
    refused(&events("'arn:x'"), "Resources.F.Properties.Events.E.Properties.DeadLetterConfig", "no queue");
    let plan = plan(&format!("Resources:\n{}", events("!GetAtt Q.Arn"))).unwrap();
    let dead_letters = [&plan.rules[0].targets[0].dead_letters, &plan.schedules[0].dead_letters];
    assert!(dead_letters.iter().all(|queue| queue.as_ref().is_some_and(|queue| !queue.allowed)), "{dead_letters:?}");
}

#[test]
fn an_alarm_that_could_never_fire_is_refused() {
    let alarm = |metric: &str| {
        format!(
            "  Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q}}}}\n  \
               A: {{Type: AWS::CloudWatch::Alarm, Properties: {{{metric}, Statistic: Sum, Period: 60, EvaluationPeriods: 1, \
               Threshold: 1, ComparisonOperator: GreaterThanThreshold}}}}\n"
        )
    };
    let of = |namespace: &str, metric: &str, dimension: &str, value: &str| {
        alarm(&format!(
            "Namespace: {namespace}, MetricName: {metric}, Dimensions: [{{Name: {dimension}, Value: {value}}}]"
        ))
    };
    let place = "Resources.A.Properties";
    plan(&format!("Resources:\n{}", of("AWS/SQS", "NumberOfMessagesSent", "QueueName", "q"))).unwrap();
    refused(&of("AWS/SNS", "X", "QueueName", "q"), place, "the metrics of AWS/SNS");
    refused(&of("AWS/SQS", "MessagesSent", "QueueName", "q"), place, "no metric MessagesSent");
    refused(&of("AWS/SQS", "NumberOfMessagesSent", "Queue", "q"), place, "by QueueName; Queue shows nothing");
    refused(&of("AWS/SQS", "NumberOfMessagesSent", "QueueName", "r"), place, "the QueueName r");
    refused(&of("AWS/Lambda", "Errors", "FunctionName", "q"), place, "the FunctionName q");
    refused(&alarm("Namespace: AWS/SQS, MetricName: NumberOfMessagesSent"), place, "by QueueName alone");
    refused(&of("AWS/SQS", "NumberOfMessagesSent", "QueueName", "q").replace("60", "45"), place, "CloudWatch refuses");
    let query = |query: &str| {
        let head = "  A: {Type: AWS::CloudWatch::Alarm, Properties: {EvaluationPeriods: 1, Threshold: 1";
        format!("{head}, ComparisonOperator: GreaterThanThreshold, Metrics: [{query}]}}}}\n")
    };
    refused(&query("{Id: a}"), place, "either MetricStat or Expression");
    let stat = "MetricStat: {Stat: Sum, Period: 60, Metric: {Namespace: AWS/SQS, MetricName: X, Dimensions: []}}";
    refused(&query(&format!("{{Id: a, {stat}}}")), place, "no metric X");
}

#[test]
fn a_dashboard_that_could_never_show_anything_is_refused() {
    let dashboard =
        |body: &str| format!("  D: {{Type: AWS::CloudWatch::Dashboard, Properties: {{DashboardBody: '{body}'}}}}\n");
    let line = |line: &str| {
        dashboard(&format!(r#"{{"widgets": [{{"type": "metric", "properties": {{"metrics": [{line}]}}}}]}}"#))
    };
    let place = "Resources.D.Properties";
    refused(&dashboard("{"), place, "not JSON");
    refused(&dashboard("{}"), place, "no list of widgets");
    refused(&dashboard(r#"{"widgets": [{"type": "chart"}]}"#), place, "widget 0: the type");
    refused(&line(r#"["AWS/SQS", "Sent", "QueueName", "q"]"#), place, "no metric Sent");
    refused(&line(r#"["AWS/SQS", "NumberOfMessagesSent", "QueueName", "q"]"#), place, "the QueueName q");
    refused(&line(r#"["...", "q"]"#), place, "lines of the form");
}
