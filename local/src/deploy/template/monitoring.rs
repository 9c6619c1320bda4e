//! The alarms and the dashboard that watch the stack itself. They are checked and not simulated: the local cloud has no
//! metrics of Lambda, SQS and API Gateway, so these alarms never change their state here.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// `AWS::CloudWatch::Alarm`: its members are those of a PutMetricAlarm request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AlarmProperties {
    pub alarm_name: Option<String>,
    pub alarm_description: Option<String>,
    pub actions_enabled: Option<bool>,
    pub alarm_actions: Option<Vec<String>>,
    #[serde(rename = "OKActions")]
    pub ok_actions: Option<Vec<String>>,
    pub insufficient_data_actions: Option<Vec<String>>,
    pub namespace: Option<String>,
    pub metric_name: Option<String>,
    pub dimensions: Option<Vec<Dimension>>,
    pub statistic: Option<String>,
    pub extended_statistic: Option<String>,
    pub period: Option<i64>,
    pub metrics: Option<Vec<MetricQuery>>,
    pub evaluation_periods: Option<i64>,
    pub datapoints_to_alarm: Option<i64>,
    pub threshold: Option<f64>,
    pub comparison_operator: Option<String>,
    pub treat_missing_data: Option<String>,
    pub tags: Option<Json>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Dimension {
    pub name: String,
    pub value: String,
}

/// One of several metrics, or what is made of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MetricQuery {
    pub id: String,
    pub expression: Option<String>,
    pub label: Option<String>,
    pub metric_stat: Option<MetricStat>,
    pub period: Option<i64>,
    pub return_data: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MetricStat {
    pub metric: Metric,
    pub period: i64,
    pub stat: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Metric {
    pub namespace: String,
    pub metric_name: String,
    pub dimensions: Vec<Dimension>,
}

/// `AWS::CloudWatch::Dashboard`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DashboardProperties {
    pub dashboard_name: Option<String>,
    /// JSON text.
    pub dashboard_body: String,
}
