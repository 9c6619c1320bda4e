//! The project's own templates as a plan, and plans that cannot be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::deploy::events::QueueTarget;
use crate::deploy::template::StackSettings;
use headend_domain::limits::DELIVER_TIMEOUT_SECS;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
pub const HOME: &str = "eu-west-1";

fn settings(region: &str) -> StackSettings {
    StackSettings {
        stack_name: "headend".into(),
        region: region.into(),
        account: "123456789012".into(),
        partition: "aws".into(),
        parameters: BTreeMap::new(),
    }
}

pub fn own(file: &str, region: &str) -> Template {
    let text = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    Template::read(file, &text, &settings(region)).unwrap()
}

pub fn own_plan() -> Plan {
    let (home, global) = (own("template.yaml", HOME), own("template-us-east-1.yaml", "us-east-1"));
    let placed = [
        Placed { file: "template.yaml", region: HOME, template: &home },
        Placed { file: "template-us-east-1.yaml", region: "us-east-1", template: &global },
    ];
    Plan::of(&placed, Path::new("bin")).unwrap()
}

pub fn plan(text: &str) -> Result<Plan, TemplateError> {
    let template = Template::read("t.yaml", text, &settings(HOME)).unwrap();
    Plan::of(&[Placed { file: "t.yaml", region: HOME, template: &template }], Path::new("bin"))
}

#[test]
fn every_function_folder_is_in_the_template_and_the_reverse() {
    let mut deployed = own_plan().functions.into_iter().map(|f| f.short_name).collect::<Vec<_>>();
    deployed.sort();
    let folders = std::fs::read_dir(Path::new(ROOT).join("functions")).unwrap();
    let mut folders = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    folders.sort();
    assert_eq!(deployed, folders);
}

#[test]
fn the_routes_are_those_of_the_design() {
    let api = own_plan().api.unwrap();
    let mut routes = api.routes.all().iter().map(|r| format!("{} -> {}", r.key, r.function)).collect::<Vec<_>>();
    routes.sort();
    assert_eq!(
        routes,
        [
            "$default -> describe-platform",
            "DELETE /orphans/{orphanId} -> orphans",
            "DELETE /platforms/{id} -> teardown",
            "DELETE /platforms/{id}/calendar-feed -> planned-events",
            "DELETE /platforms/{id}/planned-events/{eventId} -> planned-events",
            "DELETE /webhooks/{webhookId} -> webhooks",
            "GET /orphans -> orphans",
            "GET /platforms -> describe-platform",
            "GET /platforms/{id} -> describe-platform",
            "GET /platforms/{id}/calendar.ics -> planned-events",
            "GET /platforms/{id}/estimate -> describe-platform",
            "GET /platforms/{id}/health -> platform-health",
            "GET /platforms/{id}/planned-events -> planned-events",
            "GET /platforms/{id}/planned-events/{eventId} -> planned-events",
            "GET /platforms/{id}/planned-events/{eventId}/reports/{occurrence} -> describe-platform",
            "GET /platforms/{id}/player-config -> player-config",
            "GET /platforms/{id}/timeline -> describe-platform",
            "GET /webhooks -> webhooks",
            "GET /webhooks/{webhookId} -> webhooks",
            "GET /webhooks/{webhookId}/deliveries -> webhooks",
            "PATCH /platforms/{id} -> create-platform",
            "PATCH /platforms/{id}/planned-events/{eventId} -> planned-events",
            "PATCH /webhooks/{webhookId} -> webhooks",
            "POST /platforms -> create-platform",
            "POST /platforms/{id}/calendar-feed -> planned-events",
            "POST /platforms/{id}/fixtures -> planned-events",
            "POST /platforms/{id}/inputs/{name}/rotate -> create-platform",
            "POST /platforms/{id}/planned-events -> planned-events",
            "POST /platforms/{id}/retry -> start-channel",
            "POST /platforms/{id}/rotate-cdn-secret -> create-platform",
            "POST /platforms/{id}/start -> start-channel",
            "POST /platforms/{id}/stop -> stop-channel",
            "POST /webhooks -> webhooks",
            "POST /webhooks/{webhookId}/deliveries/{messageId}/resend -> webhooks",
            "POST /webhooks/{webhookId}/rotate-secret -> webhooks",
            "POST /webhooks/{webhookId}/test -> webhooks",
        ]
    );
}

#[test]
fn the_bounds_that_belong_together_do() {
    let plan = own_plan();
    for (name, timeout) in [("provision", 30), ("deliver-webhooks", DELIVER_TIMEOUT_SECS.unsigned_abs())] {
        let function = plan.functions.iter().find(|f| f.short_name == name).unwrap();
        assert_eq!(function.timeout.as_secs(), timeout);
        let mapping = plan.mappings.iter().find(|mapping| mapping.function == name).unwrap();
        assert!(mapping.report_failures);
        let queue = plan.queue(&mapping.queue_arn).unwrap();
        assert!(u64::from(queue.visibility_secs) >= 6 * function.timeout.as_secs());
        assert!(queue.attributes["RedrivePolicy"].contains("\"maxReceiveCount\":5"));
        let sweep = plan.schedules.iter().find(|schedule| schedule.function == name).unwrap();
        assert_eq!(sweep.period.as_secs(), 60);
        assert_eq!(serde_json::from_str::<Json>(&sweep.input).unwrap(), json!({"sweep": true}));
    }
    assert_eq!((plan.mappings.len(), plan.schedules.len()), (2, 2));
}

#[test]
fn events_reach_what_they_are_for() {
    let plan = own_plan();
    let reached_with = |region: &str, source: &str, kind: &str, detail: Json| {
        let event = json!({"source": source, "detail-type": kind, "detail": detail});
        let rules = plan.rules.iter().filter(|rule| rule.region == region && rule.pattern.matches(&event));
        rules.flat_map(|rule| &rule.targets).map(|target| &target.destination).collect::<Vec<_>>()
    };
    let reached = |region: &str, source: &str, kind: &str| {
        reached_with(region, source, kind, json!({"alarmName": "hl-p1-alarm-1"}))
    };
    let state_change = reached(HOME, "aws.medialive", "MediaLive Channel State Change");
    let [DestinationPlan::Queue(QueueTarget { url, allowed: true, .. })] = state_change.as_slice() else {
        panic!("{state_change:?}")
    };
    let wake_ups = plan.mappings.iter().find(|mapping| mapping.function == "provision").unwrap();
    assert_eq!(*url, wake_ups.queue_url);
    let alarm_handler = DestinationPlan::Function("alarm-handler".into());
    assert_eq!(reached(HOME, "aws.medialive", "MediaLive Channel Alert"), [&alarm_handler]);
    assert_eq!(reached(HOME, "aws.cloudwatch", "CloudWatch Alarm State Change"), [&alarm_handler]);
    let onward = reached("us-east-1", "aws.cloudwatch", "CloudWatch Alarm State Change");
    assert_eq!(onward, [&DestinationPlan::Bus { region: HOME.into() }]);
    let foreign = json!({"alarmName": "cpu"});
    assert!(reached_with(HOME, "aws.cloudwatch", "CloudWatch Alarm State Change", foreign).is_empty());
}

#[test]
fn dynamodb_takes_the_table() {
    let plan = own_plan();
    let [table] = plan.tables.as_slice() else { panic!("one table") };
    let database = dynoxide::Database::memory().unwrap();
    database.create_table(serde_json::from_value(table.create.clone()).unwrap()).unwrap();
    assert_eq!(table.time_to_live, Some(json!({"AttributeName": "expires_at", "Enabled": true})));
}

pub const FUNCTION: &str = "Type: AWS::Serverless::Function, Properties: {CodeUri: .lambda/f/, Runtime: provided.al2023, Handler: bootstrap, Architectures: [arm64]";

#[track_caller]
pub fn refused(resources: &str, place: &str, words: &str) {
    let error = plan(&format!("Resources:\n{resources}")).unwrap_err();
    assert_eq!(error.place, place, "{error}");
    assert!(error.problem.contains(words), "{error}");
}

#[test]
fn what_aws_refuses_to_deploy_is_refused() {
    let function = |more: &str| format!("  F: {{{FUNCTION}, {more}}}}}\n");
    let event = |kind: &str, properties: &str| {
        function(&format!("Events: {{E: {{Type: {kind}, Properties: {{{properties}}}}}}}"))
    };
    refused(&function("Timeout: 901"), "Resources.F.Properties.Timeout", "1 to 900");
    refused(&function("MemorySize: 64"), "Resources.F.Properties.MemorySize", "128 to 10240");
    let reserved = function("Environment: {Variables: {AWS_REGION: x}}");
    refused(&reserved, "Resources.F.Properties.Environment.Variables.AWS_REGION", "kept for Lambda");
    let route = event("HttpApi", "ApiId: other");
    refused(&route, "Resources.F.Properties.Events.E.Properties.ApiId", "no HTTP API");
    let schedule = event("Schedule", "Schedule: 'cron(0 1 * * ? *)', Input: '{}'");
    refused(&schedule, "Resources.F.Properties.Events.E.Properties.Schedule", "rate(5 minutes)");
    let pattern = event("EventBridgeRule", "Pattern: {source: aws.x}");
    refused(&pattern, "Resources.F.Properties.Events.E.Properties.Pattern", "values stand in a list");
    let queue = |properties: &str| format!("  Q: {{Type: AWS::SQS::Queue, Properties: {{{properties}}}}}\n");
    let mapping = |more: &str| event("SQS", &format!("Queue: !GetAtt Q.Arn{more}"));
    let short = format!("{}{}", queue("VisibilityTimeout: 2"), mapping(""));
    refused(&short, "Resources.F.Properties.Events.E.Properties.Queue", "visibility timeout (2 s) is below");
    let single = format!("{}{}", queue(""), mapping(", ScalingConfig: {MaximumConcurrency: 1}"));
    refused(&single, "Resources.F.Properties.Events.E.Properties.ScalingConfig.MaximumConcurrency", "2 to 1000");
    let redrive = queue("RedrivePolicy: {deadLetterTargetArn: 'arn:x', maxReceiveCount: 5}");
    refused(&redrive, "Resources.Q.Properties.RedrivePolicy", "no queue of the template");
    let rule = |target: &str| {
        format!(
            "  R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [a]}}, Targets: [{{Id: t, {target}}}]}}}}\n"
        )
    };
    refused(&rule("Arn: 'arn:x'"), "Resources.R.Properties.Targets[0]", "neither a queue");
    let transformed = rule("Arn: !GetAtt Q.Arn, InputTransformer: {InputTemplate: '\"x\"'}");
    let queued = format!("{}{transformed}", queue(""));
    refused(&queued, "Resources.R.Properties.Targets[0]", "to topics only");
    let email =
        "  S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: 'arn:x', Protocol: email, Endpoint: 'a@b'}}\n";
    refused(email, "Resources.S.Properties.TopicArn", "no topic of the template");
    let bus = rule("Arn: 'arn:aws:events:us-west-2:123456789012:event-bus/default'");
    refused(&bus, "Resources.R.Properties.Targets[0]", "needs a RoleArn");
}

#[test]
fn a_rule_without_a_queue_policy_may_not_send() {
    let text = "Resources:\n  Q: {Type: AWS::SQS::Queue}\n  \
                R: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: t, Arn: !GetAtt Q.Arn}]}}\n";
    let plan = plan(text).unwrap();
    assert!(matches!(&plan.rules[0].targets[0].destination, DestinationPlan::Queue(queue) if !queue.allowed));
}

const NOTES: &str = "Resources:
  T: {Type: AWS::SNS::Topic, Properties: {KMS}}
  P: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref T], PolicyDocument: {Version: '2012-10-17', Statement: [
    {Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sns:Publish', Resource: !Ref T,
     Condition: {ArnEquals: {aws:SourceArn: !GetAtt OTHER.Arn}}}]}}}
  R: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: t, Arn: !Ref T}]}}
  S: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [b]}, Targets: [{Id: t, Arn: !Ref T}]}}
";

#[test]
fn a_rule_tells_people_only_where_the_topics_policy_and_key_let_it() {
    let allowed = |other: &str, kms: &str| {
        let plan = plan(&NOTES.replace("OTHER", other).replace("{KMS}", kms)).unwrap();
        matches!(&plan.rules[0].targets[0].destination, DestinationPlan::Topic(topic) if topic.allowed)
    };
    assert!(allowed("R", "{}"));
    assert!(!allowed("S", "{}"), "the policy is for another rule");
    assert!(!allowed("R", "{KmsMasterKeyId: alias/aws/sns}"), "a key that EventBridge cannot use");
    assert!(allowed("R", "{KmsMasterKeyId: 'arn:aws:kms:eu-west-1:123456789012:key/k'}"));
}

#[test]
fn what_people_must_know_is_told_in_sentences() {
    let plan = own_plan();
    let told = |kind: &str, data: Json| {
        let detail =
            json!({"at": "2026-03-01T19:04:11.000Z", "platform": {"id": "p-1", "name": "Sunday"}, "data": data});
        let event = json!({"source": "headend", "detail-type": kind, "detail": detail});
        let rules = plan.rules.iter().filter(|rule| rule.bus.is_some() && rule.pattern.matches(&event));
        let targets = rules.flat_map(|rule| &rule.targets);
        let topics = targets.filter(|it| matches!(&it.destination, DestinationPlan::Topic(topic) if topic.allowed));
        topics.map(|it| it.transformer.as_ref().unwrap().apply(&event)).collect::<Vec<_>>()
    };
    let failed = json!({"phase": "Failed", "part": "channel", "code": "LimitExceeded", "cure": "raise the quota"});
    assert_eq!(
        told("platform.failed", failed),
        [
            "\"Sunday (p-1) failed at channel: LimitExceeded. What to do: raise the quota. Told at 2026-03-01T19:04:11.000Z.\""
        ]
    );
    let samples = [
        ("platform.degraded", json!({"reason": "no video"}), "no video"),
        ("remediation.given-up", json!({"what": "restart", "result": "AWS refused it"}), "restart; AWS refused it"),
        (
            "budget.reached",
            json!({"percent": 80, "budget": 5.0, "month": "2026-03"}),
            "80 % of its 5.0 dollars for 2026-03",
        ),
        ("event.overran", json!({"title": "Derby", "end": "x"}), "Derby of Sunday"),
        ("event.ended", json!({"title": "Derby", "fate": "missed"}), "did not take place: missed"),
        ("event.ended", json!({"title": "Derby", "fate": "no-room"}), "no-room"),
    ];
    for (kind, data, words) in samples {
        let notes = told(kind, data);
        assert!(matches!(notes.as_slice(), [note] if note.contains(words) && !note.contains('<')), "{kind}: {notes:?}");
    }
    for (kind, data) in [("platform.ready", json!({})), ("event.ended", json!({"title": "Derby", "fate": "aired"}))] {
        assert_eq!(told(kind, data), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn every_variable_of_the_template_is_read_and_the_reverse() {
    let source = std::fs::read_to_string(Path::new(ROOT).join("shared/aws-store/src/config.rs")).unwrap();
    let quoted = source.split('"').filter(|text| text.starts_with("HEADEND_") && !text.contains(' '));
    let added = crate::deploy::lambda::ADDED_BY_THE_LOCAL_CLOUD;
    let read = quoted.filter(|name| !added.contains(name)).map(str::to_owned).collect::<BTreeSet<_>>();
    let given = own_plan().functions.into_iter().flat_map(|f| f.variables.into_keys()).collect::<BTreeSet<_>>();
    assert_eq!(given, read);
}
