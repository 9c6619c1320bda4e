//! The roles of the functions, one each as SAM makes them, and every other policy of the templates read as strictly.

use serde_json::json;

use super::{Placed, Plan};
use crate::deploy::template::resources::{FunctionEvent, FunctionProperties, PolicyDocument, Resource, Tracing};
use crate::deploy::template::{Deployed, TemplateError};
use crate::iam::policy::{self, Grant, Kind};
use crate::iam::{Ask, Role, Verdict};

/// What SAM attaches to the role of a function that names none: AWS's own policies, by their names, with what they allow.
/// All of it is on `*`.
const BASIC_EXECUTION: (&str, &[&str]) =
    ("AWSLambdaBasicExecutionRole", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]);
const TRACING: (&str, &[&str]) = (
    "AWSXrayWriteOnlyAccess",
    &[
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:GetSamplingStatisticSummaries",
    ],
);
const QUEUE: (&str, &[&str]) = (
    "AWSLambdaSQSQueueExecutionRole",
    &[
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
);

/// What Lambda does with the function's role to empty a queue; it refuses a mapping whose role lacks one of them.
pub const POLLING: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// Reads every policy of a template, and adds the roles of its functions.
pub fn add(plan: &mut Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        if let Resource::Function(properties) = &deployed.resource {
            let role = function_role(placed, deployed, properties)?;
            plan.roles.push(role);
            continue;
        }
        for (place, document, kind) in documents(&deployed.resource) {
            policy::read(document, kind).map_err(|problem| placed.problem(&deployed.logical, &place, problem))?;
        }
    }
    for mapping in &plan.mappings {
        let Some(role) = plan.roles.iter().find(|role| role.function == mapping.function) else { continue };
        let lacks = |action: &str| {
            let ask = Ask::new(action, Some(mapping.queue_arn.clone()));
            !matches!(role.judge(&ask), Verdict::Allowed(_))
        };
        if let Some(action) = POLLING.iter().find(|action| lacks(action)) {
            let call = action.trim_start_matches("sqs:");
            let problem = format!(
                "Lambda refuses the mapping: the function's role does not have permissions to call {call} on SQS"
            );
            return Err(placed.problem(&mapping.function, "Policies", problem));
        }
    }
    Ok(())
}

/// The policies of a resource that is no function, with where each stands.
fn documents(resource: &Resource) -> Vec<(String, &PolicyDocument, Kind)> {
    let one = |document, kind| vec![("Properties.PolicyDocument".to_owned(), document, kind)];
    match resource {
        Resource::Role(role) => {
            let trust = &role.assume_role_policy_document;
            let trust = ("Properties.AssumeRolePolicyDocument".to_owned(), trust, Kind::Trust);
            let own = role.policies.iter().enumerate().map(|(index, policy)| {
                (format!("Properties.Policies[{index}].PolicyDocument"), &policy.policy_document, Kind::Identity)
            });
            [trust].into_iter().chain(own).collect()
        }
        Resource::RolePolicy(policy) => one(&policy.policy_document, Kind::Identity),
        Resource::QueuePolicy(policy) => one(&policy.policy_document, Kind::Resource),
        Resource::BucketPolicy(policy) => one(&policy.policy_document, Kind::Resource),
        _ => Vec::new(),
    }
}

fn function_role(
    placed: &Placed<'_>,
    deployed: &Deployed,
    properties: &FunctionProperties,
) -> Result<Role, TemplateError> {
    let mut grants = Vec::new();
    for (index, document) in properties.policies.iter().enumerate() {
        let place = format!("Properties.Policies[{index}]");
        let read = policy::read(document, Kind::Identity);
        grants.extend(read.map_err(|problem| placed.problem(&deployed.logical, &place, problem))?);
    }
    let polls = properties.events.values().any(|event| matches!(event, FunctionEvent::Sqs(_)));
    let traced = properties.tracing == Some(Tracing::Active);
    let attached = [(true, BASIC_EXECUTION), (traced, TRACING), (polls, QUEUE)];
    for (_, (name, actions)) in attached.into_iter().filter(|(attached, _)| *attached) {
        let read = managed(name, actions);
        grants.extend(read.map_err(|problem| placed.problem(&deployed.logical, "Properties.Policies", problem))?);
    }
    let (name, arn) = (&deployed.identity.name, deployed.identity.attributes.get("Arn"));
    let account = arn.and_then(|arn| arn.split(':').nth(4)).unwrap_or_default();
    Ok(Role {
        function: super::functions::short_name(properties),
        // The name that SAM gives the role of a function.
        session_arn: format!("arn:aws:sts::{account}:assumed-role/{}Role/{name}", deployed.logical),
        grants,
    })
}

fn managed(name: &str, actions: &[&str]) -> Result<Vec<Grant>, String> {
    let statement = json!({"Sid": name, "Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let document = serde_json::from_value(document).map_err(|error| error.to_string())?;
    let grants = policy::read(&document, Kind::Identity)?;
    Ok(grants.into_iter().map(Grant::of_aws).collect())
}
