//! Which permissions a call needs: its own action on each resource it names, those for the tags it sets, for each item of a
//! transaction, and for the roles it hands to a service.
//!
//! A resource that the call makes has no identifier yet; it stands as `*`, which a pattern covers and a fixed ARN does not.

use serde_json::Value;

use super::{facts, tags};
use crate::world::World;

/// One permission that a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// E.g. `medialive:CreateInput`.
    pub action: String,
    /// The ARN; `None` for an action that has no type of resource.
    pub resource: Option<String>,
    /// Condition keys with their values.
    pub context: Vec<(&'static str, String)>,
}

impl Ask {
    pub fn new(action: impl Into<String>, resource: Option<String>) -> Self {
        Self { action: action.into(), resource, context: Vec::new() }
    }
}

/// Where a call arrived.
pub struct Site<'a> {
    pub region: &'a str,
    pub world: &'a World,
}

/// What the call needs, its own action first. `service` is what it was signed for.
pub fn of(service: &str, operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let mut asks = by_service(service, operation, input, site);
    for ask in &mut asks {
        let tag = ask.resource.as_deref().and_then(|arn| tags::stack_of(site.world, arn));
        ask.context.extend(tag.map(|stack| (tags::STACK, stack.to_owned())));
    }
    asks
}

fn by_service(service: &str, operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    match service {
        "medialive" => medialive(operation, input, site),
        "mediapackage" => mediapackage(operation, input, site),
        "cloudfront" => cloudfront(operation, input, site),
        "monitoring" => cloudwatch(operation, input, site),
        "secretsmanager" => secretsmanager(operation, input, site),
        "dynamodb" => dynamodb(operation, input, site),
        "sqs" => sqs(operation, input, site),
        "events" => events(operation, input, site),
        "s3" => vec![site.on_anything("s3", s3(operation))],
        // Anybody may ask who he is.
        "sts" => Vec::new(),
        other => vec![site.on_anything(other, operation)],
    }
}

impl Site<'_> {
    /// The ARN of a resource, in the form that AWS's reference gives. What is not named stays open.
    pub fn arn(&self, service: &str, kind: &str, names: &[&str]) -> String {
        let form = facts::service(service).and_then(|it| it.resources.get(kind));
        let form = form.unwrap_or_else(|| panic!("BUG: {service} has no type of resource {kind}"));
        let (mut arn, mut names) = (String::new(), names.iter());
        for (index, part) in form.split("${").enumerate() {
            let Some((variable, after)) = part.split_once('}').filter(|_| index > 0) else {
                arn.push_str(part);
                continue;
            };
            arn.push_str(match variable {
                "Partition" => "aws",
                "Region" => self.region,
                "Account" => &self.world.account,
                _ => names.next().copied().unwrap_or("*"),
            });
            arn.push_str(after);
        }
        arn
    }

    /// An operation on whatever there is of the first type that it takes.
    fn on_anything(&self, service: &str, operation: &str) -> Ask {
        let action = format!("{service}:{operation}");
        let kind = facts::types(&action).and_then(|types| types.first());
        let resource = kind.map(|kind| self.arn(service, kind, &[]));
        Ask::new(action, resource)
    }

    /// iam:PassRole for a role that the call names.
    fn pass(&self, role: &Value, to: &str) -> Option<Ask> {
        let role = role.as_str().filter(|arn| !arn.is_empty())?;
        let context = vec![("iam:PassedToService", to.to_owned())];
        Some(Ask { action: "iam:PassRole".to_owned(), resource: Some(role.to_owned()), context })
    }
}

/// Some of S3's operations are permitted under another's name.
fn s3(operation: &str) -> &str {
    match operation {
        "ListObjectsV2" | "HeadBucket" => "ListBucket",
        "HeadObject" => "GetObject",
        "ListBuckets" => "ListAllMyBuckets",
        other => other,
    }
}

fn text<'a>(input: &'a Value, member: &str) -> &'a str {
    input[member].as_str().unwrap_or_default()
}

/// Whether a call sets tags.
fn has_tags(tags: &Value) -> bool {
    tags.as_object().is_some_and(|tags| !tags.is_empty()) || tags.as_array().is_some_and(|tags| !tags.is_empty())
}

fn medialive(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let action = format!("medialive:{operation}");
    let own = |resource: String| Ask::new(action.as_str(), Some(resource));
    let arn =
        |kind: &str, id: &str| site.arn("medialive", kind, if id.is_empty() { &[] } else { std::slice::from_ref(&id) });
    let mut asks = match operation {
        "CreateChannel" => {
            let inputs = input["inputAttachments"].as_array().into_iter().flatten();
            let inputs = inputs.map(|attachment| own(arn("input", text(attachment, "inputId"))));
            [own(arn("channel", ""))].into_iter().chain(inputs).collect()
        }
        "CreateInput" => {
            let groups = input["inputSecurityGroups"].as_array().into_iter().flatten();
            let groups = groups.map(|id| own(arn("input-security-group", id.as_str().unwrap_or_default())));
            [own(arn("input", ""))].into_iter().chain(groups).collect()
        }
        "CreateInputSecurityGroup" => vec![own(arn("input-security-group", ""))],
        "CreateTags" | "DeleteTags" | "ListTagsForResource" => vec![own(text(input, "resource-arn").to_owned())],
        _ if operation.starts_with("List") && facts::types(&action).is_some_and(<[_]>::is_empty) => {
            vec![Ask::new(action.as_str(), None)]
        }
        _ if input["channelId"].is_string() => vec![own(arn("channel", text(input, "channelId")))],
        _ if input["inputId"].is_string() => vec![own(arn("input", text(input, "inputId")))],
        _ if input["inputSecurityGroupId"].is_string() => {
            vec![own(arn("input-security-group", text(input, "inputSecurityGroupId")))]
        }
        _ => vec![site.on_anything("medialive", operation)],
    };
    // Each resource of one type is asked for once.
    asks.dedup();
    if operation != "CreateTags" && has_tags(&input["tags"]) {
        asks.push(Ask::new("medialive:CreateTags", asks[0].resource.clone()));
    }
    asks.extend(site.pass(&input["roleArn"], "medialive.amazonaws.com"));
    asks
}

fn mediapackage(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let action = format!("mediapackage:{operation}");
    let home = site.world.regions.get(site.region).map(|region| &region.mediapackage);
    // The ARN holds an identifier of its own, which is not the id.
    let channel = |id: &str| {
        let known = home.and_then(|home| home.channels.values().find(|it| it.id == id)).map(|it| it.arn.clone());
        known.unwrap_or_else(|| site.arn("mediapackage", "channels", &[id]))
    };
    let endpoint = |id: &str| {
        let known = home.and_then(|home| home.endpoints.values().find(|it| it.id == id)).map(|it| it.arn.clone());
        known.unwrap_or_else(|| site.arn("mediapackage", "origin_endpoints", &[id]))
    };
    let resource = match operation {
        "TagResource" | "UntagResource" | "ListTagsForResource" => Some(text(input, "resource-arn").to_owned()),
        _ if facts::types(&action).is_some_and(<[_]>::is_empty) => None,
        _ if operation.contains("OriginEndpoint") => Some(endpoint(text(input, "id"))),
        _ => Some(channel(text(input, "id"))),
    };
    let mut asks = vec![Ask::new(action.as_str(), resource)];
    if operation.starts_with("Create") && has_tags(&input["tags"]) {
        let kind = if operation == "CreateChannel" { "channels" } else { "origin_endpoints" };
        asks.push(Ask::new("mediapackage:TagResource", Some(site.arn("mediapackage", kind, &[]))));
    }
    let role = &input["authorization"]["secretsRoleArn"];
    if let Some(pass) = site.pass(role, "mediapackage.amazonaws.com") {
        // MediaPackage's guide asks for both where it reads secrets with a role.
        asks.push(Ask::new("iam:GetRole", pass.resource.clone()));
        asks.push(pass);
    }
    asks
}

fn cloudfront(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let distribution = |id: &str| Some(site.arn("cloudfront", "distribution", &[id]));
    match operation {
        "CreateDistribution" | "CreateDistributionWithTags" => {
            let mut asks = vec![Ask::new("cloudfront:CreateDistribution", None)];
            if has_tags(&input["DistributionConfigWithTags"]["Tags"]["Items"]) {
                asks.push(Ask::new("cloudfront:TagResource", distribution("*")));
            }
            asks
        }
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            vec![Ask::new(format!("cloudfront:{operation}"), Some(text(input, "Resource").to_owned()))]
        }
        _ if input["Id"].is_string() => {
            vec![Ask::new(format!("cloudfront:{operation}"), distribution(text(input, "Id")))]
        }
        _ => vec![site.on_anything("cloudfront", operation)],
    }
}

fn cloudwatch(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let alarm = |name: &str| Some(site.arn("cloudwatch", "alarm", &[name]));
    let action = format!("cloudwatch:{operation}");
    match operation {
        "PutMetricAlarm" => {
            let alarm = alarm(text(input, "AlarmName"));
            let tagged = has_tags(&input["Tags"]).then(|| Ask::new("cloudwatch:TagResource", alarm.clone()));
            [Ask::new(action, alarm)].into_iter().chain(tagged).collect()
        }
        "DeleteAlarms" => {
            let names = input["AlarmNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(|name| Ask::new(action.as_str(), alarm(name))).collect()
        }
        // Whatever names are asked for, the action is on all alarms: refusals that were seen name `alarm:*`.
        "DescribeAlarms" => vec![Ask::new(action, alarm("*"))],
        "SetAlarmState" => vec![Ask::new(action, alarm(text(input, "AlarmName")))],
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            vec![Ask::new(action, Some(text(input, "ResourceARN").to_owned()))]
        }
        _ => vec![site.on_anything("cloudwatch", operation)],
    }
}

fn secretsmanager(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let action = format!("secretsmanager:{operation}");
    if facts::types(&action).is_some_and(<[_]>::is_empty) {
        return vec![Ask::new(action, None)];
    }
    let secrets = site.world.regions.get(site.region).map(|region| &region.secrets.secrets);
    let name = if operation == "CreateSecret" { text(input, "Name") } else { text(input, "SecretId") };
    let known = secrets.and_then(|secrets| secrets.values().find(|secret| secret.name == name));
    let resource = match known {
        _ if name.starts_with("arn:") => name.to_owned(),
        Some(secret) => secret.arn.clone(),
        // AWS appends six characters to the name.
        None => site.arn("secretsmanager", "Secret", &[&format!("{name}-??????")]),
    };
    let tagged = operation == "CreateSecret" && has_tags(&input["Tags"]);
    let tagged = tagged.then(|| Ask::new("secretsmanager:TagResource", Some(resource.clone())));
    [Ask::new(action, Some(resource.clone()))].into_iter().chain(tagged).collect()
}

fn dynamodb(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let table = |input: &Value| match text(input, "TableName") {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        name => site.arn("dynamodb", "table", &[name]),
    };
    let member = |name: &str, of: &Value| Ask::new(format!("dynamodb:{name}"), Some(table(of)));
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let mut asks = Vec::new();
            for item in input["TransactItems"].as_array().into_iter().flatten() {
                for (kind, of) in item.as_object().into_iter().flatten() {
                    let action =
                        if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                    asks.push(member(&action, of));
                }
            }
            asks.sort_by(|a, b| (&a.action, &a.resource).cmp(&(&b.action, &b.resource)));
            asks.dedup();
            asks
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = input["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(name, _)| member(operation, &serde_json::json!({ "TableName": name }))).collect()
        }
        "Query" | "Scan" if input["IndexName"].is_string() => {
            let index = format!("{}/index/{}", table(input), text(input, "IndexName"));
            vec![Ask::new(format!("dynamodb:{operation}"), Some(index))]
        }
        _ if input["TableName"].is_string() => vec![member(operation, input)],
        _ => vec![site.on_anything("dynamodb", operation)],
    }
}

fn sqs(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let action = format!("sqs:{}", operation.trim_end_matches("Batch"));
    let name = match text(input, "QueueUrl").rsplit('/').next() {
        Some(name) if !name.is_empty() => name,
        _ => input["QueueName"].as_str().unwrap_or("*"),
    };
    let resource = facts::types(&action).is_none_or(|types| !types.is_empty());
    vec![Ask::new(action, resource.then(|| site.arn("sqs", "queue", &[name])))]
}

/// One for each bus that is named.
fn events(operation: &str, input: &Value, site: &Site<'_>) -> Vec<Ask> {
    let buses = input["Entries"].as_array().into_iter().flatten().map(|entry| match text(entry, "EventBusName") {
        "" => "default",
        name => name.rsplit('/').next().unwrap_or(name),
    });
    let buses: std::collections::BTreeSet<&str> = buses.collect();
    if buses.is_empty() {
        return vec![site.on_anything("events", operation)];
    }
    let ask = |bus: &str| Ask::new(format!("events:{operation}"), Some(site.arn("events", "event-bus", &[bus])));
    buses.into_iter().map(ask).collect()
}
