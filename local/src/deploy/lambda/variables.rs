//! The environment of a function's process: the template's variables, what Lambda itself gives, and what the local
//! cloud adds. Nothing comes from the shell.

use std::collections::BTreeMap;

use super::FunctionSpec;
use crate::iam::Credentials;

/// Everything that the local cloud adds and Lambda does not give.
pub const ADDED_BY_THE_LOCAL_CLOUD: [&str; 3] = ["AWS_ENDPOINT_URL", "HEADEND_TIME_SCALE", "HEADEND_LOOPBACK_WEBHOOKS"];

/// Names that Lambda keeps for itself: a template that sets one is refused there and here.
pub const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// The values of [`ADDED_BY_THE_LOCAL_CLOUD`].
#[derive(Debug, Clone)]
pub struct LocalAdditions {
    pub endpoint_url: String,
    pub time_scale: f64,
    /// Whether webhooks may lead to receivers on this machine.
    pub loopback_webhooks: bool,
}

/// The access key that a function signs with. The local cloud tells by it which function calls.
pub fn access_key(short_name: &str) -> String {
    let letters = short_name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    // An access key id has 20 characters on AWS.
    "AKIALOCAL".chars().chain(letters).take(20).collect()
}

/// The whole environment of one process.
pub fn environment(
    spec: &FunctionSpec,
    additions: &LocalAdditions,
    runtime_api: &str,
    instance: u64,
) -> BTreeMap<String, String> {
    let task_root = spec.binary.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let credentials = Credentials::of(access_key(&spec.short_name), &spec.arn);
    let given = [
        ("_HANDLER", spec.handler.clone()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key),
        ("AWS_DEFAULT_REGION", spec.region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{instance:08x}")),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_REGION", spec.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_key),
        ("AWS_SESSION_TOKEN", credentials.session_token),
        ("LAMBDA_TASK_ROOT", task_root),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    let [endpoint_url, time_scale, loopback] = ADDED_BY_THE_LOCAL_CLOUD;
    let allowed = if additions.loopback_webhooks { "yes" } else { "no" };
    let added = [
        (endpoint_url, additions.endpoint_url.clone()),
        (time_scale, additions.time_scale.to_string()),
        (loopback, allowed.to_owned()),
    ];
    let mut all = spec.variables.clone();
    all.extend(given.into_iter().chain(added).map(|(name, value)| (name.to_owned(), value)));
    all
}
