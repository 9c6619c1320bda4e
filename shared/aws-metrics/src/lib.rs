//! CloudWatch's measurements of a channel, in one call. A crate of its own, so that who measures links no other heavy client.

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::error::DisplayErrorContext;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use headend_control::ports::Metrics;
use headend_domain::health::{PERIOD_SECS, Probe, WINDOW_SECS};
use headend_domain::time::Timestamp;
use std::sync::OnceLock;

/// The metrics of the stack's own region: MediaLive's and MediaPackage's are there.
pub struct Measurements {
    sdk: SdkConfig,
    /// Made when it is first asked: it reads AWS's list of partitions, which is more than a third of a start.
    client: OnceLock<aws_sdk_cloudwatch::Client>,
}

impl Measurements {
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { sdk: sdk.clone(), client: OnceLock::new() }
    }
}

impl Metrics for Measurements {
    async fn newest(&self, probes: &[Probe], now: Timestamp) -> Result<Vec<Option<f64>>, String> {
        let queries = probes.iter().enumerate().map(|(index, probe)| query(index, probe)).collect();
        let client = self.client.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.sdk));
        let call = client.get_metric_data().set_metric_data_queries(Some(queries));
        let call = call.start_time(moment(now.plus_secs(-WINDOW_SECS))).end_time(moment(now));
        let answer = call.scan_by(ScanBy::TimestampDescending).send().await;
        let answer = answer.map_err(|error| DisplayErrorContext(&error).to_string())?;
        let results = answer.metric_data_results.unwrap_or_default();
        let newest = |index: usize| {
            let result = results.iter().find(|it| it.id() == Some(name(index).as_str()))?;
            result.values().first().copied()
        };
        Ok((0..probes.len()).map(newest).collect())
    }
}

/// Names of queries begin with a small letter.
fn name(index: usize) -> String {
    format!("m{index}")
}

fn moment(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.0)
}

fn query(index: usize, probe: &Probe) -> MetricDataQuery {
    let dimension = |(name, value): &(&str, String)| Dimension::builder().name(*name).value(value).build();
    let metric = Metric::builder()
        .namespace(probe.namespace)
        .metric_name(probe.metric)
        .set_dimensions(Some(probe.dimensions.iter().map(dimension).collect()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD_SECS).stat(probe.statistic.word()).build();
    MetricDataQuery::builder().id(name(index)).metric_stat(stat).return_data(true).build()
}
