//! The metric store: recent datapoints of every metric, in the order of their time.

use std::collections::VecDeque;

use super::{Datum, Metric, Series};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, page};

/// Datapoints kept of one metric: five hours of ten-second windows, more than any alarm here looks back.
const KEPT: usize = 1800;
const LIST_PAGE: usize = 500;

/// GetMetricStatistics' request. Times are real, the period too.
#[derive(Clone, Debug)]
pub struct GetStatistics {
    pub metric: Metric,
    pub start: Ms,
    pub end: Ms,
    pub period_secs: u32,
}

/// One datum for each period that has data; `Datum::at` is the beginning of the period.
pub type Statistics = Vec<Datum>;

impl World {
    /// Callers may not write into AWS's own namespaces.
    pub fn put_metric_data(&mut self, region: &str, now: Ms, data: Vec<(Metric, Datum)>) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        if let Some((metric, _)) = data.iter().find(|(metric, _)| metric.namespace.starts_with("AWS/")) {
            let message = format!("The value {} for parameter Namespace is invalid.", metric.namespace);
            return Err(AwsError::new(400, "InvalidParameterValue", message));
        }
        for (metric, datum) in data {
            self.record_metric(region, metric, datum);
        }
        Ok(())
    }

    /// What an AWS service publishes by itself, for example the requests that CloudFront answered. Not an AWS call.
    pub fn record_metric(&mut self, region: &str, metric: Metric, datum: Datum) {
        let metrics = &mut self.region(region).cloudwatch.metrics;
        let series = metrics.entry(metric.key()).or_insert_with(|| Series { metric, data: VecDeque::new() });
        let place = series.data.partition_point(|other| other.at <= datum.at);
        series.data.insert(place, datum);
        if series.data.len() > KEPT {
            series.data.pop_front();
        }
    }

    pub fn get_metric_statistics(
        &mut self,
        region: &str,
        now: Ms,
        request: &GetStatistics,
    ) -> Result<Statistics, AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Read)?;
        Ok(self.statistics(region, request))
    }

    /// The oldest first.
    fn statistics(&mut self, region: &str, request: &GetStatistics) -> Statistics {
        let period = Ms::from(request.period_secs.max(1)) * 1000;
        let Some(series) = self.region(region).cloudwatch.metrics.get(&request.metric.key()) else {
            return Vec::new();
        };
        let mut statistics: Statistics = Vec::new();
        for datum in series.data.iter().filter(|it| request.start <= it.at && it.at < request.end) {
            let start = request.start + (datum.at - request.start) / period * period;
            match statistics.last_mut().filter(|last| last.at == start) {
                Some(last) => last.add(datum),
                None => statistics.push(Datum { at: start, ..*datum }),
            }
        }
        statistics
    }

    /// All of it is one call and counts as one.
    pub fn get_metric_data(
        &mut self,
        region: &str,
        now: Ms,
        requests: &[GetStatistics],
    ) -> Result<Vec<Statistics>, AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Read)?;
        let found = requests.iter().map(|request| self.statistics(region, request));
        Ok(found.collect())
    }

    /// Dimensions filter by name and, where given, by value.
    pub fn list_metrics(
        &mut self,
        region: &str,
        now: Ms,
        namespace: Option<&str>,
        name: Option<&str>,
        dimensions: &[(String, Option<String>)],
        page: &Page,
    ) -> Result<Paged<Metric>, AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Read)?;
        let metrics = self.region(region).cloudwatch.metrics.iter();
        let listed = metrics.map(|(key, series)| (key, &series.metric)).filter(|(_, metric)| {
            namespace.is_none_or(|namespace| metric.namespace == namespace)
                && name.is_none_or(|name| metric.name == name)
                && dimensions.iter().all(|(key, wanted)| {
                    let value = metric.dimensions.get(key);
                    value.is_some() && (wanted.is_none() || value == wanted.as_ref())
                })
        });
        page::cut(listed, page, LIST_PAGE).map_err(|error| AwsError::new(400, "InvalidNextToken", error.message))
    }
}

impl Metric {
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.iter().map(pair).collect(),
        }
    }

    /// One text for each metric: stored worlds need text keys.
    pub(super) fn key(&self) -> String {
        let mut key = format!("{}\n{}", self.namespace, self.name);
        for (name, value) in &self.dimensions {
            key.push('\n');
            key.push_str(name);
            key.push('=');
            key.push_str(value);
        }
        key
    }
}

impl Datum {
    fn add(&mut self, other: &Datum) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

impl Series {
    /// Everything from `start` up to, not including, `end`; `None` when there is nothing.
    pub(super) fn aggregate(&self, start: Ms, end: Ms) -> Option<Datum> {
        let first = self.data.partition_point(|datum| datum.at < start);
        let mut inside = self.data.range(first..).take_while(|datum| datum.at < end);
        let mut total = *inside.next()?;
        inside.for_each(|datum| total.add(datum));
        Some(total)
    }
}
