//! Whether the policy of a queue or a topic lets a rule send to it (aws-facts 5.4b): EventBridge needs a statement for
//! events.amazonaws.com, and without one every event is lost.

use serde_json::Value;

use crate::deploy::template::resources::{PolicyDocument, Statement};

/// Whether the document allows the action, e.g. `sqs:sendmessage`, on the resource to EventBridge acting for this rule.
pub fn lets_rule(document: &PolicyDocument, wanted: &str, arn: &str, rule_arn: &str) -> bool {
    let whole_service = format!("{}:*", wanted.split(':').next().unwrap_or_default());
    let applies = |statement: &&Statement| {
        names(statement.principal.as_ref(), "Service", "events.amazonaws.com")
            && any(Some(&statement.action), |action| {
                let action = action.to_lowercase();
                action == wanted || action == whole_service || action == "*"
            })
            && any(statement.resource.as_ref(), |resource| like(resource, arn))
            && conditions_hold(statement, rule_arn)
    };
    let effects = document.statement.iter().filter(applies).map(|statement| statement.effect.as_str());
    let effects = effects.collect::<Vec<_>>();
    effects.contains(&"Allow") && !effects.contains(&"Deny")
}

fn names(principal: Option<&Value>, kind: &str, service: &str) -> bool {
    match principal {
        Some(Value::String(text)) => text == "*",
        Some(Value::Object(members)) => {
            any(members.get(kind), |name| name == service) || any(members.get("AWS"), |name| name == "*")
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => false,
    }
}

/// EventBridge's request carries aws:SourceArn and is made over TLS; any other condition key is absent.
fn conditions_hold(statement: &Statement, rule_arn: &str) -> bool {
    statement.condition.iter().flatten().all(|(operator, keys)| {
        keys.iter().all(|(key, wanted)| {
            let value = match key.to_lowercase().as_str() {
                "aws:sourcearn" => rule_arn,
                "aws:sourceaccount" => rule_arn.split(':').nth(4).unwrap_or_default(),
                "aws:securetransport" => "true",
                _ => return false,
            };
            match operator.as_str() {
                "StringEquals" | "Bool" => any(Some(wanted), |wanted| wanted == value),
                "ArnEquals" | "ArnLike" | "StringLike" => any(Some(wanted), |wanted| like(wanted, value)),
                _ => false,
            }
        })
    })
}

/// One value or a list of them.
fn any(value: Option<&Value>, holds: impl Fn(&str) -> bool) -> bool {
    match value {
        Some(Value::String(text)) => holds(text),
        Some(Value::Bool(value)) => holds(&value.to_string()),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).any(holds),
        Some(Value::Null | Value::Number(_) | Value::Object(_)) | None => false,
    }
}

fn like(pattern: &str, value: &str) -> bool {
    super::pattern::wildcard(pattern, value)
}
