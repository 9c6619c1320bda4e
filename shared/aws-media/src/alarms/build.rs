//! What each alarm watches. Metrics and their dimension sets are the ones that AWS publishes (aws-facts 1.14,
//! 2.10, 3.7); an alarm on any other would be accepted and never fire.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmInputBuilder;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, Statistic, Tag};
use headend_domain::request::AlarmRequest;
use headend_domain::slot::AlarmKind;
use std::collections::BTreeMap;

/// How a metric becomes an alarm.
struct Watch {
    namespace: &'static str,
    metric: &'static str,
    dimensions: Vec<(&'static str, String)>,
    statistic: Statistic,
    comparison: ComparisonOperator,
    period_secs: i32,
    /// Periods in a row.
    periods: i32,
}

/// A signal that is away for a breath is no alarm; two minutes are.
const SIGNAL_PERIOD_SECS: i32 = 60;
const SIGNAL_PERIODS: i32 = 2;
const TRAFFIC_PERIOD_SECS: i32 = 300;

pub fn alarm(request: &AlarmRequest) -> PutMetricAlarmInputBuilder {
    let watch = watch(request.kind, &request.watched);
    let dimension = |(name, value): (&'static str, String)| Dimension::builder().name(name).value(value).build();
    PutMetricAlarmInputBuilder::default()
        .alarm_name(&request.name)
        .alarm_description(request.description.chars().take(1024).collect::<String>())
        .actions_enabled(true)
        .namespace(watch.namespace)
        .metric_name(watch.metric)
        .set_dimensions(Some(watch.dimensions.into_iter().map(dimension).collect()))
        .statistic(watch.statistic)
        .period(watch.period_secs)
        .evaluation_periods(watch.periods)
        .datapoints_to_alarm(watch.periods)
        .threshold(request.threshold)
        .comparison_operator(watch.comparison)
        // A channel at rest publishes nothing, and so does a platform without viewers (aws-facts 4).
        .treat_missing_data("notBreaching")
        .set_tags(Some(tags(&request.tags)))
}

pub fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn watch(kind: AlarmKind, id: &str) -> Watch {
    match kind {
        // A lost RTMP source has no metric of its own: its frame rate falls to 0 (aws-facts 1.14).
        AlarmKind::InputLoss(pipeline) => {
            encoder("InputVideoFrameRate", id, pipeline, ComparisonOperator::LessThanThreshold)
        }
        AlarmKind::ActiveAlerts(pipeline) => {
            encoder("ActiveAlerts", id, pipeline, ComparisonOperator::GreaterThanOrEqualToThreshold)
        }
        AlarmKind::Packager4xx => packager("4xx", id),
        AlarmKind::Packager5xx => packager("5xx", id),
        AlarmKind::Cdn4xx => cdn("4xxErrorRate", id),
        AlarmKind::Cdn5xx => cdn("5xxErrorRate", id),
    }
}

fn encoder(metric: &'static str, id: &str, pipeline: u8, comparison: ComparisonOperator) -> Watch {
    Watch {
        namespace: "AWS/MediaLive",
        metric,
        dimensions: vec![("ChannelId", id.to_owned()), ("Pipeline", pipeline.to_string())],
        statistic: Statistic::Maximum,
        comparison,
        period_secs: SIGNAL_PERIOD_SECS,
        periods: SIGNAL_PERIODS,
    }
}

fn packager(range: &str, id: &str) -> Watch {
    Watch {
        namespace: "AWS/MediaPackage",
        metric: "EgressRequestCount",
        dimensions: vec![("Channel", id.to_owned()), ("StatusCodeRange", range.to_owned())],
        statistic: Statistic::Sum,
        comparison: ComparisonOperator::GreaterThanOrEqualToThreshold,
        period_secs: TRAFFIC_PERIOD_SECS,
        periods: 1,
    }
}

fn cdn(metric: &'static str, id: &str) -> Watch {
    Watch {
        namespace: "AWS/CloudFront",
        metric,
        dimensions: vec![("DistributionId", id.to_owned()), ("Region", "Global".to_owned())],
        statistic: Statistic::Average,
        comparison: ComparisonOperator::GreaterThanOrEqualToThreshold,
        period_secs: TRAFFIC_PERIOD_SECS,
        periods: 1,
    }
}
