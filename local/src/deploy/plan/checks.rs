//! What AWS refuses about queues, buckets and roles that refer to each other.

use super::{Placed, Plan};
use crate::deploy::events::{AsyncSettings, QueueTarget};
use crate::deploy::template::TemplateError;
use crate::deploy::template::invocation::{DestinationConfig, EventInvokeConfig, OnFailure};
use crate::deploy::template::resources::{
    BucketProperties, HttpApiProperties, QueueProperties, RedriveAllowPolicy, RedrivePermission, Resource, RetryPolicy,
};

/// Checks every resource of a template whose plan is made.
pub fn check(plan: &Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let checked = match &deployed.resource {
            Resource::Queue(queue) => {
                let arn = deployed.identity.attributes.get("Arn").map(String::as_str).unwrap_or_default();
                redrive(plan, placed, queue, arn)
                    .and_then(|()| allow_policy(queue.redrive_allow_policy.as_ref()))
                    .and_then(|()| one_encryption(queue))
            }
            Resource::Bucket(bucket) => access_logs(plan, bucket, &deployed.identity.name),
            Resource::HttpApi(api) => stage(placed, api),
            Resource::BucketPolicy(policy) if !plan.buckets.contains(&policy.bucket) => {
                Err(("Bucket", format!("{} is no bucket of the template", policy.bucket)))
            }
            Resource::RolePolicy(policy) if !has_role(placed, &policy.role_name) => {
                Err(("RoleName", format!("{} is no role of the template", policy.role_name)))
            }
            _ => Ok(()),
        };
        if let Err((property, problem)) = checked {
            return Err(placed.problem(&deployed.logical, &format!("Properties.{property}"), problem));
        }
    }
    Ok(())
}

type Checked = Result<(), (&'static str, String)>;

fn has_role(placed: &Placed<'_>, name: &str) -> bool {
    placed.resources().any(|other| matches!(other.resource, Resource::Role(_)) && other.identity.name == name)
}

/// The queue of the dead letters is there, and lets this one bury its messages in it.
fn redrive(plan: &Plan, placed: &Placed<'_>, queue: &QueueProperties, arn: &str) -> Checked {
    let Some(redrive) = &queue.redrive_policy else { return Ok(()) };
    let target = redrive.dead_letter_target_arn.as_str();
    if plan.queue(target).is_none() {
        return Err(("RedrivePolicy", format!("{target} is no queue of the template")));
    }
    let policy = placed.resources().find_map(|other| match &other.resource {
        Resource::Queue(queue) if other.identity.attributes.get("Arn").is_some_and(|arn| arn == target) => {
            queue.redrive_allow_policy.as_ref()
        }
        _ => None,
    });
    let allowed = policy.is_none_or(|policy| match policy.redrive_permission {
        RedrivePermission::AllowAll => true,
        RedrivePermission::DenyAll => false,
        RedrivePermission::ByQueue => policy.source_queue_arns.iter().any(|source| source == arn),
    });
    match allowed {
        true => Ok(()),
        false => Err(("RedrivePolicy", format!("the RedriveAllowPolicy of {target} does not allow {arn}"))),
    }
}

/// SQS's own encryption and that with a key exclude each other.
fn one_encryption(queue: &QueueProperties) -> Checked {
    match (queue.sqs_managed_sse_enabled, &queue.kms_master_key_id) {
        (Some(true), Some(_)) => Err(("KmsMasterKeyId", "goes without SqsManagedSseEnabled only".to_owned())),
        _ => Ok(()),
    }
}

/// A bucket that logs to itself makes a log line of every log line.
fn access_logs(plan: &Plan, bucket: &BucketProperties, name: &str) -> Checked {
    let Some(logging) = &bucket.logging_configuration else { return Ok(()) };
    let destination = &logging.destination_bucket_name;
    if destination == name || !plan.buckets.contains(destination) {
        return Err(("LoggingConfiguration", format!("{destination} is no other bucket of the template")));
    }
    Ok(())
}

/// The access log is one line of JSON to a log group of the template, and the throttle lets something pass.
fn stage(placed: &Placed<'_>, api: &HttpApiProperties) -> Checked {
    if let Some(log) = &api.access_log_settings {
        let group = placed.resources().any(|other| {
            let arn = other.identity.attributes.get("Arn");
            matches!(other.resource, Resource::LogGroup(_)) && arn == Some(&log.destination_arn)
        });
        if !group {
            let problem = format!("{} is no log group of the template", log.destination_arn);
            return Err(("AccessLogSettings", problem));
        }
        if serde_json::from_str::<serde_json::Value>(&log.format).is_err() || log.format.contains('\n') {
            return Err(("AccessLogSettings", "Format must be one line of JSON".to_owned()));
        }
        if !log.format.contains("$context.requestId") {
            return Err(("AccessLogSettings", "API Gateway wants $context.requestId in Format".to_owned()));
        }
    }
    match &api.default_route_settings {
        Some(route) if route.throttling_rate_limit <= 0.0 || route.throttling_burst_limit == 0 => {
            Err(("DefaultRouteSettings", "with a limit of 0 every request is refused".to_owned()))
        }
        _ => Ok(()),
    }
}

/// SQS takes one to ten sources with byQueue, and none otherwise.
fn allow_policy(policy: Option<&RedriveAllowPolicy>) -> Checked {
    let Some(policy) = policy else { return Ok(()) };
    let sources = policy.source_queue_arns.len();
    match policy.redrive_permission {
        RedrivePermission::ByQueue if !matches!(sources, 1..=10) => {
            Err(("RedriveAllowPolicy", "byQueue takes 1 to 10 sourceQueueArns".to_owned()))
        }
        RedrivePermission::AllowAll | RedrivePermission::DenyAll if sources > 0 => {
            Err(("RedriveAllowPolicy", "sourceQueueArns go with byQueue only".to_owned()))
        }
        RedrivePermission::AllowAll | RedrivePermission::DenyAll | RedrivePermission::ByQueue => Ok(()),
    }
}

/// Lambda's bounds for asynchronous invocations (aws-facts 5.6), and the queue that what failed goes to. SAM lets the role send.
pub fn invocation(
    plan: &Plan,
    config: Option<&EventInvokeConfig>,
    placed: &Placed<'_>,
) -> Result<AsyncSettings, String> {
    let mut settings = AsyncSettings::default();
    let Some(config) = config else { return Ok(settings) };
    if let Some(secs) = config.maximum_event_age_in_seconds {
        if !matches!(secs, 60..=21_600) {
            return Err("MaximumEventAgeInSeconds is 60 to 21600".to_owned());
        }
        settings.max_age_secs = secs.into();
    }
    if let Some(retries) = config.maximum_retry_attempts {
        if retries > 2 {
            return Err("MaximumRetryAttempts is 0 to 2".to_owned());
        }
        settings.retries = retries as usize;
    }
    if let Some(DestinationConfig { on_failure: OnFailure::Sqs(arn) }) = &config.destination_config {
        let queue = plan.queue(arn).filter(|queue| queue.region == placed.region);
        let Some(queue) = queue else { return Err(format!("{arn} is no queue of the template")) };
        settings.on_failure = Some(QueueTarget { region: queue.region.clone(), url: queue.url.clone(), allowed: true });
    }
    Ok(settings)
}

/// EventBridge's bounds for the delivery to a target (aws-facts 5.4).
pub fn retry_policy(policy: Option<&RetryPolicy>) -> Result<(), String> {
    let Some(policy) = policy else { return Ok(()) };
    if policy.maximum_event_age_in_seconds.is_some_and(|secs| !matches!(secs, 60..=86_400)) {
        return Err("MaximumEventAgeInSeconds is 60 to 86400".to_owned());
    }
    if policy.maximum_retry_attempts.is_some_and(|attempts| attempts > 185) {
        return Err("MaximumRetryAttempts is 0 to 185".to_owned());
    }
    Ok(())
}
