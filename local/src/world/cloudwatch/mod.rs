//! Amazon CloudWatch in one region: metrics, and alarms that are evaluated against them.

mod alarms;
mod evaluate;
mod metrics;
mod tags;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Ms, Tags};
pub use metrics::{GetStatistics, Statistics};

/// Metrics and alarms of one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CloudWatch {
    pub alarms: BTreeMap<String, Alarm>,
    /// Keyed by the metric's own text form.
    metrics: BTreeMap<String, Series>,
}

/// What a CloudWatch timer does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    Evaluate { alarm: String, epoch: u64 },
}

/// Which metric: namespace, name, and the exact set of dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    pub dimensions: BTreeMap<String, String>,
}

/// A value, or the statistics of several.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Datum {
    pub at: Ms,
    pub count: f64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
}

impl Datum {
    /// One value.
    pub fn single(at: Ms, value: f64) -> Self {
        Self { at, count: 1.0, sum: value, min: value, max: value }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Series {
    metric: Metric,
    data: VecDeque<Datum>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MissingData {
    #[default]
    Missing,
    Breaching,
    NotBreaching,
    Ignore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmState {
    InsufficientData,
    Ok,
    Alarm,
}

/// PutMetricAlarm's request. Alarms over metric math are not simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmSpec {
    pub name: String,
    pub description: Option<String>,
    pub metric: Metric,
    pub statistic: Statistic,
    pub period_secs: u32,
    pub evaluation_periods: u32,
    /// Defaults to `evaluation_periods`.
    pub datapoints_to_alarm: Option<u32>,
    pub comparison: Comparison,
    pub threshold: f64,
    pub missing_data: MissingData,
    pub actions_enabled: bool,
    pub ok_actions: Vec<String>,
    pub alarm_actions: Vec<String>,
    pub insufficient_data_actions: Vec<String>,
    pub unit: Option<String>,
    /// Only taken when the alarm is new.
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub arn: String,
    pub spec: AlarmSpec,
    pub state: AlarmState,
    pub reason: String,
    /// JSON as text, or empty.
    pub reason_data: String,
    /// When the state last changed, or was set.
    pub state_updated_at: Ms,
    pub configured_at: Ms,
    pub tags: Tags,
    pub(crate) epoch: u64,
}

/// Which alarms DescribeAlarms is asked for.
#[derive(Clone, Debug, Default)]
pub struct AlarmFilter {
    /// Empty: all.
    pub names: Vec<String>,
    pub name_prefix: Option<String>,
    pub state: Option<AlarmState>,
}

/// Gives an enum the words that AWS uses on the wire.
macro_rules! wire_words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// From the word on the wire.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

wire_words!(Statistic {
    SampleCount = "SampleCount", Average = "Average", Sum = "Sum", Minimum = "Minimum", Maximum = "Maximum",
});
wire_words!(Comparison {
    GreaterThanOrEqualToThreshold = "GreaterThanOrEqualToThreshold",
    GreaterThanThreshold = "GreaterThanThreshold",
    LessThanThreshold = "LessThanThreshold",
    LessThanOrEqualToThreshold = "LessThanOrEqualToThreshold",
});
wire_words!(MissingData {
    Missing = "missing", Breaching = "breaching", NotBreaching = "notBreaching", Ignore = "ignore",
});
wire_words!(AlarmState { InsufficientData = "INSUFFICIENT_DATA", Ok = "OK", Alarm = "ALARM" });
