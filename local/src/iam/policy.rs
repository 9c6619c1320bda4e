//! Reads policy documents into grants: one statement, one action, one resource. What is granted and what is used can be
//! held against each other then, and a document that says what we do not know is an error and not a silent nothing.

use iam_rs::{IAMPolicy, PolicyEvaluator};
use serde_json::{Value, json};

use super::facts;
use crate::deploy::template::resources::{PolicyDocument, Statement};

/// Condition keys that the local cloud fills in.
const KEYS: [&str; 5] =
    ["aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "iam:PassedToService", super::tags::STACK];
/// Operators that mean here what they mean on AWS.
const OPERATORS: [&str; 8] =
    ["ArnEquals", "ArnLike", "ArnNotLike", "Bool", "StringEquals", "StringLike", "StringNotEquals", "StringNotLike"];

/// What a document belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A role: says what it may do, and to what.
    Identity,
    /// A queue or a bucket: says who may do what, to it.
    Resource,
    /// A role's trust: says who may take it on.
    Trust,
}

/// One action on one resource that a statement allows or denies.
#[derive(Debug, Clone)]
pub struct Grant {
    pub sid: String,
    pub allows: bool,
    pub action: String,
    /// An ARN, a pattern of ARNs or `*`.
    pub resource: String,
    /// Attached by SAM or used by Lambda itself, and not written in the template.
    pub managed: bool,
    evaluator: PolicyEvaluator,
}

impl Grant {
    /// The same grant, by a policy of AWS's own.
    pub fn of_aws(self) -> Self {
        Self { managed: true, ..self }
    }

    pub(super) fn evaluator(&self) -> &PolicyEvaluator {
        &self.evaluator
    }
}

/// Reads a document; the error names the statement and what is wrong with it.
pub fn read(document: &PolicyDocument, kind: Kind) -> Result<Vec<Grant>, String> {
    if document.version != "2012-10-17" {
        return Err(format!("Version is 2012-10-17 and not {}", document.version));
    }
    let mut grants = Vec::new();
    for (index, statement) in document.statement.iter().enumerate() {
        let name = statement.sid.clone().unwrap_or_else(|| format!("statement {index}"));
        let read = self::statement(statement, &name, kind);
        grants.extend(read.map_err(|problem| format!("{name}: {problem}"))?);
    }
    Ok(grants)
}

fn statement(statement: &Statement, sid: &str, kind: Kind) -> Result<Vec<Grant>, String> {
    let allows = match statement.effect.as_str() {
        "Allow" => true,
        "Deny" => false,
        other => return Err(format!("Effect is Allow or Deny and not {other}")),
    };
    match (kind, &statement.principal) {
        (Kind::Identity, Some(_)) => return Err("a role's policy has no Principal".to_owned()),
        (Kind::Resource | Kind::Trust, None) => return Err("Principal is missing".to_owned()),
        (Kind::Identity, None) | (Kind::Resource | Kind::Trust, Some(_)) => {}
    }
    conditions(statement)?;
    let resources = match (kind, &statement.resource) {
        (Kind::Trust, None) => vec!["*".to_owned()],
        (Kind::Trust, Some(_)) => return Err("a trust policy has no Resource".to_owned()),
        (Kind::Identity | Kind::Resource, Some(resource)) => texts("Resource", resource)?,
        (Kind::Identity | Kind::Resource, None) => return Err("Resource is missing".to_owned()),
    };
    let mut grants = Vec::new();
    for action in texts("Action", &statement.action)? {
        let mut fitting = false;
        for resource in &resources {
            fitting |= known(&action, resource, kind)?;
            grants.push(grant(statement, sid, allows, &action, resource)?);
        }
        if !fitting {
            return Err(format!("{action} takes none of {}", resources.join(", ")));
        }
    }
    Ok(grants)
}

/// Whether the resource is of a type that the action takes. An action that AWS does not have is an error.
fn known(action: &str, resource: &str, kind: Kind) -> Result<bool, String> {
    if kind == Kind::Resource && action.ends_with(":*") {
        // A denial of everything, as in `TlsOnly`.
        let prefix = action.trim_end_matches(":*");
        return facts::service(prefix).map(|_| true).ok_or_else(|| format!("{prefix} is no service"));
    }
    let Some(types) = facts::types(action) else {
        return Err(format!("{action} is no action of AWS (or of none of the services in actions.json)"));
    };
    Ok(resource == "*" || types.iter().any(|kind| facts::fits(action, kind, resource)))
}

fn conditions(statement: &Statement) -> Result<(), String> {
    for (operator, keys) in statement.condition.iter().flatten() {
        if !OPERATORS.contains(&operator.as_str()) {
            return Err(format!("the local cloud does not know the condition operator {operator}"));
        }
        for (key, value) in keys {
            if !KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                return Err(format!("the local cloud does not fill in the condition key {key}"));
            }
            texts(key, value)?;
        }
    }
    Ok(())
}

fn grant(statement: &Statement, sid: &str, allows: bool, action: &str, resource: &str) -> Result<Grant, String> {
    let mut document = json!({
        "Effect": statement.effect,
        "Action": action,
        "Resource": resource,
    });
    if let Some(condition) = &statement.condition {
        document["Condition"] = arn_like(condition);
    }
    let document = json!({"Version": "2012-10-17", "Statement": [document]});
    let policy: IAMPolicy = serde_json::from_value(document).map_err(|error| error.to_string())?;
    let evaluator = PolicyEvaluator::with_policies(vec![policy]);
    let (sid, action, resource) = (sid.to_owned(), action.to_owned(), resource.to_owned());
    Ok(Grant { sid, allows, action, resource, managed: false, evaluator })
}

/// On AWS the two operators for ARNs mean the same; the evaluator takes `ArnEquals` without its wildcards.
fn arn_like(condition: &std::collections::BTreeMap<String, std::collections::BTreeMap<String, Value>>) -> Value {
    let mut out = serde_json::Map::new();
    for (operator, keys) in condition {
        let operator = if operator == "ArnEquals" { "ArnLike" } else { operator };
        let members = out.entry(operator).or_insert_with(|| json!({}));
        for (key, value) in keys {
            members[key] = value.clone();
        }
    }
    Value::Object(out)
}

/// One text or a list of them.
fn texts(place: &str, value: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(format!("{place} is no text")),
    };
    match value {
        Value::Array(items) if items.is_empty() => Err(format!("{place} is empty")),
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}
