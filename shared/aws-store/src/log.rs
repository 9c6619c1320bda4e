//! Log lines as JSON on standard output, where Lambda collects them. The level is Lambda's own setting for the
//! function (`LoggingConfig`), `info` where there is none.
//!
//! An event with the field `metric` is a metric besides: it gets a second line in CloudWatch's embedded metric format, with
//! what its fields `value` (else 1) and `unit` (else Count) say. CloudWatch makes the metric from the line; no call is made.

use serde_json::{Value, json};
use std::fmt::Debug;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lambda puts the function's `ApplicationLogLevel` here.
const LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
/// Of every metric; template.yaml has alarms on them.
const NAMESPACE: &str = "Headend";

/// Starts logging for the life of the process. A second call changes nothing.
pub fn init() {
    let filter = level(std::env::var(LEVEL).ok().as_deref());
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
    let metrics = Metrics { stack: std::env::var("HEADEND_STACK").unwrap_or_default() };
    // An error says that logging runs already.
    let _ = registry().with(filter).with(lines.with_writer(std::io::stdout)).with(metrics).try_init();
}

/// Lambda has one level above ERROR, which nobody here logs at.
fn level(set: Option<&str>) -> LevelFilter {
    match set {
        Some("FATAL") => LevelFilter::ERROR,
        Some(word) => word.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    }
}

/// Writes the metrics of a stack.
struct Metrics {
    stack: String,
}

impl<S: Subscriber> Layer<S> for Metrics {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut measured = Measured::default();
        event.record(&mut measured);
        if let Some(line) = measured.line(&self.stack, epoch_ms()) {
            // A log that cannot be written has nobody to be told to.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

fn epoch_ms() -> u128 {
    // Metrics carry the time of their line, which is the real one.
    #[allow(clippy::disallowed_methods)]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

/// The fields of an event that make a metric.
#[derive(Default)]
struct Measured {
    metric: Option<String>,
    value: Option<Value>,
    unit: Option<String>,
}

impl Measured {
    /// The line in embedded metric format; nothing for an event that is no metric.
    fn line(self, stack: &str, epoch_ms: u128) -> Option<Value> {
        let metric = self.metric?;
        let told = json!({
            "Namespace": NAMESPACE,
            "Dimensions": [["Stack"]],
            "Metrics": [{"Name": metric, "Unit": self.unit.as_deref().unwrap_or("Count")}],
        });
        let mut line = json!({
            "_aws": {"Timestamp": u64::try_from(epoch_ms).unwrap_or_default(), "CloudWatchMetrics": [told]},
            "Stack": stack,
        });
        line[metric] = self.value.unwrap_or(json!(1));
        Some(line)
    }
}

impl Visit for Measured {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "metric" => self.metric = Some(value.to_owned()),
            "unit" => self.unit = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, json!(value));
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Measured {
    fn number(&mut self, field: &Field, value: Value) {
        if field.name() == "value" {
            self.value = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_one_line_that_cloudwatch_reads() {
        let measured =
            Measured { metric: Some("SweepLag".into()), value: Some(json!(1.5)), unit: Some("Seconds".into()) };
        let line = measured.line("headend", 1_700_000_000_000).unwrap();
        assert_eq!(
            line.to_string(),
            r#"{"Stack":"headend","SweepLag":1.5,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Stack"]],"Metrics":[{"Name":"SweepLag","Unit":"Seconds"}],"Namespace":"Headend"}],"Timestamp":1700000000000}}"#
        );
    }

    #[test]
    fn the_level_is_lambdas_and_info_where_there_is_none() {
        let told = |word| level(Some(word));
        assert_eq!(
            (told("DEBUG"), told("ERROR"), told("FATAL")),
            (LevelFilter::DEBUG, LevelFilter::ERROR, LevelFilter::ERROR)
        );
        assert_eq!((level(None), told("loud")), (LevelFilter::INFO, LevelFilter::INFO));
    }

    #[test]
    fn a_metric_without_a_value_counts() {
        let measured = Measured { metric: Some("PoisonedRecords".into()), ..Measured::default() };
        let line = measured.line("headend", 0).unwrap();
        assert_eq!(
            (&line["PoisonedRecords"], &line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"]),
            (&json!(1), &json!("Count"))
        );
        assert_eq!(Measured::default().line("headend", 0), None);
    }
}
