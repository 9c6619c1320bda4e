//! What CloudWatch has measured, behind its port.

use crate::ports::{HOME, Sim};
use crate::world::World;
use crate::world::cloudwatch::{GetStatistics, Metric, Statistic};
use headend_control::ports::Metrics;
use headend_domain::health::{self, PERIOD_SECS, Probe, WINDOW_SECS};
use headend_domain::time::Timestamp;

impl Metrics for Sim {
    async fn newest(&self, probes: &[Probe], now: Timestamp) -> Result<Vec<Option<f64>>, String> {
        let request = |probe: &Probe| {
            let dimensions: Vec<(&str, &str)> = probe.dimensions.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let metric = Metric::new(probe.namespace, probe.metric, &dimensions);
            let start = now.plus_secs(-WINDOW_SECS).0;
            GetStatistics { metric, start, end: now.0, period_secs: PERIOD_SECS.unsigned_abs() }
        };
        let requests: Vec<GetStatistics> = probes.iter().map(request).collect();
        let call = move |world: &mut World, now| world.get_metric_data(HOME, now, &requests);
        let found = self.aws("GetMetricData", false, HOME, call).await.map_err(|refusal| refusal.message)?;
        let found = found.map_err(|error| error.message)?;
        let newest = found.iter().zip(probes).map(|(data, probe)| Some(data.last()?.value(statistic(probe.statistic))));
        Ok(newest.collect())
    }
}

fn statistic(asked: health::Statistic) -> Statistic {
    match asked {
        health::Statistic::Average => Statistic::Average,
        health::Statistic::Minimum => Statistic::Minimum,
        health::Statistic::Maximum => Statistic::Maximum,
        health::Statistic::Sum => Statistic::Sum,
    }
}
