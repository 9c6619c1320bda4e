//! The metric store.

use super::{Datum, Metric};
use crate::world::{AwsError, Ms, Page, Paged, World};

/// GetMetricStatistics' request. Times are real, the period too.
#[derive(Clone, Debug)]
pub struct GetStatistics {
    pub metric: Metric,
    pub start: Ms,
    pub end: Ms,
    pub period_secs: u32,
}

/// One period's datapoint: `Datum::at` is the beginning of the period.
pub type Statistics = Vec<Datum>;

impl World {
    pub fn put_metric_data(&mut self, region: &str, now: Ms, data: Vec<(Metric, Datum)>) -> Result<(), AwsError> { todo!() }
    pub fn get_metric_statistics(&mut self, region: &str, now: Ms, request: &GetStatistics) -> Result<Statistics, AwsError> { todo!() }
    /// Dimensions filter by name and, where given, by value.
    pub fn list_metrics(&mut self, region: &str, now: Ms, namespace: Option<&str>, name: Option<&str>, dimensions: &[(String, Option<String>)], page: &Page) -> Result<Paged<Metric>, AwsError> { todo!() }
}
