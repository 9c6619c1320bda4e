//! The stack's own alarms and dashboards: what CloudWatch refuses, and what it takes without a word although it can
//! never show anything. An alarm on a metric that does not exist is accepted and stays silent (aws-facts 4), so a
//! metric, a dimension or a name that nothing has is an error here.

use serde_json::Value as Json;

use super::Placed;
use crate::deploy::template::TemplateError;
use crate::deploy::template::monitoring::{AlarmProperties, DashboardProperties, Dimension};
use crate::deploy::template::resources::Resource;
use crate::rules::{self, Strictness};

/// The metrics that the alarms and dashboards of a stack may use: namespace, its one dimension, names.
pub const METRICS: [(&str, &str, &[&str]); 5] = [
    (
        "AWS/Lambda",
        "FunctionName",
        &[
            "Invocations",
            "Errors",
            "Throttles",
            "Duration",
            "ConcurrentExecutions",
            "AsyncEventAge",
            "AsyncEventsDropped",
        ],
    ),
    (
        "AWS/SQS",
        "QueueName",
        &["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "NumberOfMessagesSent"],
    ),
    ("AWS/ApiGateway", "ApiId", &["Count", "4xx", "5xx", "Latency", "IntegrationLatency"]),
    (
        "AWS/DynamoDB",
        "TableName",
        &["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"],
    ),
    // Our own, in lines that the functions log (shared/aws-store/src/log.rs).
    (
        "Headend",
        "Stack",
        &[
            "OrphanSteps",
            "PoisonedRecords",
            "ReachedFailed",
            "ReachedGone",
            "ReachedLive",
            "ReachedProvisioning",
            "ReachedReady",
            "ReachedStarting",
            "ReachedStopping",
            "ReachedTearingDown",
            "StepFailures",
            "StepRetries",
            "Steps",
            "SweepLag",
            "TimeToLive",
            "TimeToReady",
            "UnknownResourceEvents",
            "UnreadableEvents",
            "UnreadableMessages",
            "WebhooksDelivered",
            "WebhooksRefused",
        ],
    ),
];

/// Checks every alarm and dashboard of a template.
pub fn check(placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let checked = match &deployed.resource {
            Resource::Alarm(alarm) => check_alarm(placed, alarm, &deployed.identity.name),
            Resource::Dashboard(dashboard) => check_dashboard(placed, dashboard),
            _ => Ok(()),
        };
        checked.map_err(|problem| placed.problem(&deployed.logical, "Properties", problem))?;
    }
    Ok(())
}

fn check_alarm(placed: &Placed<'_>, alarm: &AlarmProperties, name: &str) -> Result<(), String> {
    let mut request = without_nulls(serde_json::to_value(alarm).map_err(|error| error.to_string())?);
    request["AlarmName"] = name.into();
    rules::check("cloudwatch", "PutMetricAlarm", &request, &Strictness::default())
        .map_err(|error| format!("CloudWatch refuses the alarm: {error}"))?;
    if let (Some(namespace), Some(metric)) = (&alarm.namespace, &alarm.metric_name) {
        let dimensions = alarm.dimensions.as_deref().unwrap_or_default();
        check_metric(placed, namespace, metric, dimensions)?;
    }
    for query in alarm.metrics.iter().flatten() {
        if query.metric_stat.is_some() == query.expression.is_some() {
            return Err(format!("the query {} needs either MetricStat or Expression", query.id));
        }
        if let Some(stat) = &query.metric_stat {
            check_metric(placed, &stat.metric.namespace, &stat.metric.metric_name, &stat.metric.dimensions)?;
        }
    }
    Ok(())
}

/// What was not said is no member of the request.
fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(members.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn check_metric(placed: &Placed<'_>, namespace: &str, metric: &str, dimensions: &[Dimension]) -> Result<(), String> {
    let known = METRICS.iter().find(|(known, ..)| *known == namespace);
    let Some((_, dimension, metrics)) = known else {
        return Err(format!("the local cloud does not know the metrics of {namespace}"));
    };
    if !metrics.contains(&metric) {
        return Err(format!("the local cloud knows no metric {metric} of {namespace}"));
    }
    let [Dimension { name, value }] = dimensions else {
        return Err(format!("{namespace} publishes {metric} by {dimension} alone; other dimensions show nothing"));
    };
    if name != dimension {
        return Err(format!("{namespace} publishes {metric} by {dimension}; {name} shows nothing"));
    }
    let exists = placed.resources().any(|other| {
        let of_kind = match &other.resource {
            Resource::Function(function) if namespace == "Headend" => {
                return function.environment.variables.get("HEADEND_STACK") == Some(value);
            }
            Resource::Function(_) => namespace == "AWS/Lambda",
            Resource::Queue(_) => namespace == "AWS/SQS",
            Resource::HttpApi(_) => namespace == "AWS/ApiGateway",
            Resource::Table(_) => namespace == "AWS/DynamoDB",
            _ => false,
        };
        of_kind && other.identity.name == *value
    });
    match exists {
        true => Ok(()),
        false => Err(format!("nothing in the template is the {dimension} {value}, so {metric} shows nothing")),
    }
}

fn check_dashboard(placed: &Placed<'_>, dashboard: &DashboardProperties) -> Result<(), String> {
    let body: Json = serde_json::from_str(&dashboard.dashboard_body)
        .map_err(|error| format!("DashboardBody is not JSON: {error}"))?;
    let Some(widgets) = body["widgets"].as_array() else {
        return Err("DashboardBody has no list of widgets".to_owned());
    };
    for (index, widget) in widgets.iter().enumerate() {
        let told = |problem: String| format!("widget {index}: {problem}");
        if !matches!(widget["type"].as_str(), Some("metric" | "text" | "log" | "alarm")) {
            return Err(told("the type is none of metric, text, log, alarm".to_owned()));
        }
        for line in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            check_line(placed, line).map_err(told)?;
        }
    }
    Ok(())
}

/// One line of a graph: `[namespace, metric, dimension, value]`, and then perhaps how it is drawn.
fn check_line(placed: &Placed<'_>, line: &Json) -> Result<(), String> {
    let told = line.as_array().into_iter().flatten().take_while(|part| part.is_string());
    let told = told.filter_map(Json::as_str).collect::<Vec<_>>();
    let [namespace, metric, name, value] = told.as_slice() else {
        return Err(format!(
            "the local cloud knows lines of the form [namespace, metric, dimension, value], not {line}"
        ));
    };
    let dimension = Dimension { name: (*name).to_owned(), value: (*value).to_owned() };
    check_metric(placed, namespace, metric, &[dimension])
}
