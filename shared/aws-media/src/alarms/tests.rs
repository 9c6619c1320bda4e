//! What we send to CloudWatch, held against the recipe's mistakes (numbers of aws-facts section 6).

use super::build;
use crate::Account;
use aws_config::SdkConfig;
use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmInput;
use headend_aws_store::config::MediaConfig;
use headend_domain::request::AlarmRequest;
use headend_domain::slot::{AlarmKind, AlarmRegion};
use std::collections::BTreeMap;

const ALL: [AlarmKind; 6] = [
    AlarmKind::InputLoss(1),
    AlarmKind::ActiveAlerts(0),
    AlarmKind::Packager4xx,
    AlarmKind::Packager5xx,
    AlarmKind::Cdn4xx,
    AlarmKind::Cdn5xx,
];

fn built(kind: AlarmKind) -> PutMetricAlarmInput {
    let request = AlarmRequest {
        name: format!("hl-p-alarm-{kind}-1"),
        description: "x".repeat(2000),
        kind,
        region: kind.region(),
        watched: "watched".to_owned(),
        threshold: 1.0,
        tags: BTreeMap::from([("headend:slot".to_owned(), format!("alarm/{kind}"))]),
    };
    build::alarm(&request).build().unwrap()
}

fn metric(kind: AlarmKind) -> String {
    let alarm = built(kind);
    let dimensions: Vec<String> = alarm
        .dimensions()
        .iter()
        .map(|it| format!("{}={}", it.name().unwrap_or_default(), it.value().unwrap_or_default()))
        .collect();
    let (namespace, name) = (alarm.namespace().unwrap_or_default(), alarm.metric_name().unwrap_or_default());
    let (statistic, comparison) = (alarm.statistic().unwrap().as_str(), alarm.comparison_operator().unwrap().as_str());
    format!("{namespace} {name} {} {statistic} {comparison} {}s", dimensions.join(","), alarm.period().unwrap())
}

#[test]
fn mistake_61_a_lost_signal_is_a_frame_rate_of_zero() {
    let expected = "AWS/MediaLive InputVideoFrameRate ChannelId=watched,Pipeline=1 Maximum LessThanThreshold 60s";
    assert_eq!(metric(AlarmKind::InputLoss(1)), expected);
}

#[test]
fn mistake_62_a_pipeline_is_named() {
    let expected = "AWS/MediaLive ActiveAlerts ChannelId=watched,Pipeline=0 Maximum GreaterThanOrEqualToThreshold 60s";
    assert_eq!(metric(AlarmKind::ActiveAlerts(0)), expected);
}

#[test]
fn mistake_63_what_rests_does_not_alarm() {
    assert!(ALL.iter().all(|kind| built(*kind).treat_missing_data() == Some("notBreaching")));
}

#[test]
fn mistake_64_the_packagers_successes_are_no_alarm() {
    for (kind, range) in [(AlarmKind::Packager4xx, "4xx"), (AlarmKind::Packager5xx, "5xx")] {
        let dimensions = format!("Channel=watched,StatusCodeRange={range}");
        assert_eq!(
            metric(kind),
            format!("AWS/MediaPackage EgressRequestCount {dimensions} Sum GreaterThanOrEqualToThreshold 300s")
        );
    }
}

#[test]
fn mistakes_65_and_66_the_cdns_errors_of_both_kinds_are_watched_where_they_are_published() {
    for (kind, name) in [(AlarmKind::Cdn4xx, "4xxErrorRate"), (AlarmKind::Cdn5xx, "5xxErrorRate")] {
        let dimensions = "DistributionId=watched,Region=Global";
        assert_eq!(
            metric(kind),
            format!("AWS/CloudFront {name} {dimensions} Average GreaterThanOrEqualToThreshold 300s")
        );
        assert_eq!(kind.region(), AlarmRegion::UsEast1);
    }
}

#[test]
fn an_alarm_is_within_the_limits_and_tagged() {
    for kind in ALL {
        let alarm = built(kind);
        assert_eq!(alarm.alarm_description().map(str::len), Some(1024));
        assert!(alarm.datapoints_to_alarm() <= alarm.evaluation_periods());
        assert_eq!(alarm.tags()[0].key(), Some("headend:slot"));
    }
}

#[test]
fn an_alarms_arn_names_the_region_that_it_lives_in() {
    let sdk = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
    let config = MediaConfig {
        region: "eu-west-1".to_owned(),
        medialive_role_arn: "arn:aws:iam::111122223333:role/medialive".to_owned(),
        secrets_role_arn: "arn:aws:iam::111122223333:role/secrets".to_owned(),
        archive_bucket: "b".to_owned(),
        bus: "headend".to_owned(),
    };
    let account = Account::new(&sdk, config);
    let arn = |region| account.alarm(account.alarms_in(region).1, "a").arn;
    assert_eq!(arn(AlarmRegion::Home), "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a");
    assert_eq!(arn(AlarmRegion::UsEast1), "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a");
}
