//! What AWS refuses about queues, buckets and roles that refer to each other.

use super::{Placed, Plan};
use crate::deploy::template::TemplateError;
use crate::deploy::template::resources::{
    QueueProperties, RedriveAllowPolicy, RedrivePermission, Resource, RetryPolicy,
};

/// Checks every resource of a template whose plan is made.
pub fn check(plan: &Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let checked = match &deployed.resource {
            Resource::Queue(queue) => {
                let arn = deployed.identity.attributes.get("Arn").map(String::as_str).unwrap_or_default();
                redrive(plan, placed, queue, arn).and_then(|()| allow_policy(queue.redrive_allow_policy.as_ref()))
            }
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
