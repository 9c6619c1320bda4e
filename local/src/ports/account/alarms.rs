//! CloudWatch alarms behind their port.

use super::object;
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim, US_EAST_1};
use crate::world::cloudwatch::{Alarm, AlarmFilter, AlarmSpec, Comparison, Metric, MissingData, Statistic};
use crate::world::{Page, World};
use headend_control::ports::{Alarms, Created, FoundOne, Looked};
use headend_domain::action::{Seen, Status};
use headend_domain::request::AlarmRequest;
use headend_domain::slot::{AlarmKind, AlarmRegion};

pub(super) fn region(region: AlarmRegion) -> &'static str {
    match region {
        AlarmRegion::Home => HOME,
        AlarmRegion::UsEast1 => US_EAST_1,
    }
}

/// Metric, statistic, comparison and period of each alarm (aws-facts 1.14, 2.10, 3.7).
fn watched(kind: AlarmKind, watched: &str) -> (Metric, Statistic, Comparison, u32) {
    use Comparison::{GreaterThanOrEqualToThreshold, LessThanThreshold};
    let live = |name, pipeline: u8| {
        Metric::new("AWS/MediaLive", name, &[("ChannelId", watched), ("Pipeline", &pipeline.to_string())])
    };
    let packager = |range| {
        Metric::new("AWS/MediaPackage", "EgressRequestCount", &[("Channel", watched), ("StatusCodeRange", range)])
    };
    let cdn = |name| Metric::new("AWS/CloudFront", name, &[("DistributionId", watched), ("Region", "Global")]);
    match kind {
        AlarmKind::InputLoss(pipeline) => {
            (live("InputVideoFrameRate", pipeline), Statistic::Maximum, LessThanThreshold, 60)
        }
        AlarmKind::ActiveAlerts(pipeline) => {
            (live("ActiveAlerts", pipeline), Statistic::Maximum, GreaterThanOrEqualToThreshold, 60)
        }
        AlarmKind::Packager4xx => (packager("4xx"), Statistic::Sum, GreaterThanOrEqualToThreshold, 300),
        AlarmKind::Packager5xx => (packager("5xx"), Statistic::Sum, GreaterThanOrEqualToThreshold, 300),
        AlarmKind::Cdn4xx => (cdn("4xxErrorRate"), Statistic::Average, GreaterThanOrEqualToThreshold, 300),
        AlarmKind::Cdn5xx => (cdn("5xxErrorRate"), Statistic::Average, GreaterThanOrEqualToThreshold, 300),
    }
}

impl Alarms for Sim {
    async fn put_alarm(&self, request: &AlarmRequest) -> Created {
        let (metric, statistic, comparison, period_secs) = watched(request.kind, &request.watched);
        let spec = AlarmSpec {
            name: request.name.clone(),
            description: Some(request.description.clone()),
            metric,
            statistic,
            period_secs,
            // Two minutes of a signal, or five of answers.
            evaluation_periods: if period_secs == 60 { 2 } else { 1 },
            datapoints_to_alarm: None,
            comparison,
            threshold: request.threshold,
            missing_data: MissingData::NotBreaching,
            actions_enabled: true,
            ok_actions: Vec::new(),
            alarm_actions: Vec::new(),
            insufficient_data_actions: Vec::new(),
            unit: None,
            tags: request.tags.clone(),
        };
        let (name, region) = (request.name.clone(), region(request.region));
        let put = move |world: &mut World, now| {
            world.put_metric_alarm(region, now, spec)?;
            Ok(object(&name, &format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", world.account)))
        };
        self.create("PutMetricAlarm", &request.name, put, |made| (made.clone(), Seen::new(Status::Ready))).await
    }

    async fn find_alarm(&self, at: AlarmRegion, name: &str) -> FoundOne {
        let filter = AlarmFilter { names: vec![name.to_owned()], ..AlarmFilter::default() };
        let list = move |world: &mut World, now| world.describe_alarms(region(at), now, &filter, &Page::default());
        let found = self.aws("DescribeAlarms", false, name, list).await?.map_err(|error| refusal(&error))?;
        let seen = |alarm: &Alarm| (object(&alarm.spec.name, &alarm.arn), Seen::new(Status::Ready));
        Ok(found.items.first().map(seen))
    }

    async fn delete_alarms(&self, at: AlarmRegion, names: &[String]) -> Looked {
        let (wanted, on) = (names.to_vec(), region(at));
        self.change("DeleteAlarms", on, move |world, now| world.delete_alarms(on, now, &wanted), |()| None).await
    }
}
