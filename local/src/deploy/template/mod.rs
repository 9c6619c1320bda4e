//! Reads a SAM template as CloudFormation would, for the part of the language that our templates use. Whatever it
//! does not know (a resource type, a property, an intrinsic function, a section) is an error that names it and its
//! place: what the laptop would silently ignore might matter on AWS.

mod evaluate;
mod identity;
pub mod invocation;
pub mod monitoring;
mod node;
pub mod resources;
pub mod sign_in;
pub mod site;
pub mod topics;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use evaluate::{RawResource, Scope};
pub use identity::Identity;
use node::{Node, Place};
use resources::Resource;
use sign_in::SignIn;
use topics::Notes;

/// A template that cannot be deployed, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {place}: {problem}")]
pub struct TemplateError {
    pub file: String,
    pub place: String,
    pub problem: String,
}

/// What the deployment decides: the pseudo parameters and the values of the template's parameters.
#[derive(Debug, Clone)]
pub struct StackSettings {
    pub stack_name: String,
    pub region: String,
    pub account: String,
    pub partition: String,
    pub parameters: BTreeMap<String, String>,
}

impl StackSettings {
    fn pseudo_parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::AccountId" => self.account.clone(),
            "AWS::Partition" => self.partition.clone(),
            "AWS::Region" => self.region.clone(),
            "AWS::StackId" => identity::stack_id(self),
            "AWS::StackName" => self.stack_name.clone(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => return None,
        })
    }
}

/// A resource that the stack consists of.
#[derive(Debug, Clone)]
pub struct Deployed {
    pub logical: String,
    pub identity: Identity,
    pub resource: Resource,
}

/// A template with everything evaluated.
#[derive(Debug, Clone)]
pub struct Template {
    pub resources: Vec<Deployed>,
    pub outputs: BTreeMap<String, String>,
}

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
];

const RESOURCE_MEMBERS: &[&str] =
    &["Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"];

const PARAMETER_MEMBERS: &[&str] =
    &["Type", "Default", "Description", "AllowedValues", "ConstraintDescription", "MinValue", "MaxValue"];

impl Template {
    /// Parses and evaluates the text of a template. `file` is its name in messages.
    pub fn read(file: &str, text: &str, settings: &StackSettings) -> Result<Self, TemplateError> {
        let root = Place::root(file);
        let document = node::parse(file, text)?;
        only(&document, SECTIONS, &root, "the local cloud does not know the section")?;
        let section = |name: &str| document.get(name).cloned().unwrap_or(Node::Null);
        let transform = section("Transform");
        if transform != Node::Null && transform != Node::Text("AWS::Serverless-2016-10-31".to_owned()) {
            return Err(root.key("Transform").error("only AWS::Serverless-2016-10-31 is known"));
        }
        let parameters = parameters(&section("Parameters"), settings, &root.key("Parameters"))?;
        let conditions = section("Conditions").members(&root.key("Conditions"))?.iter().cloned().collect();
        let resources = raw_resources(&section("Resources"), &root.key("Resources"))?;
        let pending = RefCell::new(Vec::new());
        let scope = Scope { file, settings, parameters, conditions, resources, pending };
        let globals = function_globals(&section("Globals"), &scope, &root.key("Globals"))?;
        let resources = deployed(&scope, &globals, &root.key("Resources"))?;
        let outputs = outputs(&section("Outputs"), &scope, &root.key("Outputs"))?;
        Ok(Self { resources, outputs })
    }
}

/// Refuses members that are not in the list.
fn only(node: &Node, known: &[&str], place: &Place, complaint: &str) -> Result<(), TemplateError> {
    for (name, _) in node.members(place)? {
        if !known.contains(&name.as_str()) {
            return Err(place.key(name).error(format!("{complaint} {name}")));
        }
    }
    Ok(())
}

fn parameters(
    section: &Node,
    settings: &StackSettings,
    place: &Place,
) -> Result<BTreeMap<String, Json>, TemplateError> {
    let mut values = BTreeMap::new();
    for (name, declaration) in section.members(place)? {
        let here = place.key(name);
        only(declaration, PARAMETER_MEMBERS, &here, "the local cloud does not know the parameter attribute")?;
        let kind = match declaration.get("Type") {
            Some(kind) => kind.text(&here)?,
            None => return Err(here.error("a parameter needs a Type")),
        };
        let text = match (settings.parameters.get(name), declaration.get("Default")) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => default.text(&here)?,
            (None, None) => return Err(here.error("has no default, so it must be given")),
        };
        if let Some(Node::List(allowed)) = declaration.get("AllowedValues") {
            let allowed = allowed.iter().map(|value| value.text(&here)).collect::<Result<Vec<_>, _>>()?;
            if !allowed.contains(&text) {
                return Err(here.error(format!("`{text}` is none of {}", allowed.join(", "))));
            }
        }
        let value = match kind.as_str() {
            "String" => Json::String(text),
            "Number" => Json::from(number(declaration, &text, &here)?),
            "CommaDelimitedList" | "List<String>" => {
                text.split(',').map(|part| Json::String(part.trim().to_owned())).collect()
            }
            other => return Err(here.error(format!("the local cloud does not know the parameter type {other}"))),
        };
        values.insert(name.clone(), value);
    }
    for given in settings.parameters.keys() {
        if !values.contains_key(given) {
            return Err(place.error(format!("the template has no parameter {given}")));
        }
    }
    Ok(values)
}

/// The value of a Number parameter, within the bounds that it declares.
fn number(declaration: &Node, text: &str, here: &Place) -> Result<i64, TemplateError> {
    let read = |text: &str| text.parse::<i64>().map_err(|_| here.error(format!("`{text}` is not a number")));
    let value = read(text)?;
    if let Some(least) = declaration.get("MinValue")
        && value < read(&least.text(here)?)?
    {
        return Err(here.error(format!("{value} is less than MinValue")));
    }
    if let Some(most) = declaration.get("MaxValue")
        && value > read(&most.text(here)?)?
    {
        return Err(here.error(format!("{value} is more than MaxValue")));
    }
    Ok(value)
}

fn raw_resources(section: &Node, place: &Place) -> Result<BTreeMap<String, RawResource>, TemplateError> {
    let mut resources = BTreeMap::new();
    for (logical, body) in section.members(place)? {
        let here = place.key(logical);
        only(body, RESOURCE_MEMBERS, &here, "the local cloud does not know the resource attribute")?;
        let kind = match body.get("Type") {
            Some(kind) => kind.text(&here.key("Type"))?,
            None => return Err(here.error("a resource needs a Type")),
        };
        let condition = body.get("Condition").map(|name| name.text(&here.key("Condition"))).transpose()?;
        let properties = body.get("Properties").cloned().unwrap_or(Node::Map(Vec::new()));
        resources.insert(logical.clone(), RawResource { kind, properties, condition });
    }
    Ok(resources)
}

fn function_globals(section: &Node, scope: &Scope<'_>, place: &Place) -> Result<Json, TemplateError> {
    only(section, &["Function"], place, "the local cloud does not know the Globals section")?;
    match section.get("Function") {
        Some(node) => scope.value(node, &place.key("Function")),
        None => Ok(Json::Object(serde_json::Map::new())),
    }
}

fn deployed(scope: &Scope<'_>, globals: &Json, place: &Place) -> Result<Vec<Deployed>, TemplateError> {
    let mut all = Vec::new();
    for (logical, raw) in &scope.resources {
        let here = place.key(logical);
        if let Some(condition) = &raw.condition
            && !scope.condition(condition, &here.key("Condition"))?
        {
            continue;
        }
        let properties = scope.value(&raw.properties, &here.key("Properties"))?;
        let identity = scope.identity(logical, &here)?;
        let resource = typed(&raw.kind, properties, globals, &here)?;
        all.push(Deployed { logical: logical.clone(), identity, resource });
    }
    Ok(all)
}

fn typed(kind: &str, properties: Json, globals: &Json, here: &Place) -> Result<Resource, TemplateError> {
    let place = here.key("Properties");
    Ok(match kind {
        "AWS::Serverless::Function" => {
            let merged = merge(globals.clone(), properties);
            Resource::Function(Box::new(read_properties(merged, &place)?))
        }
        "AWS::Serverless::HttpApi" => Resource::HttpApi(read_properties(properties, &place)?),
        "AWS::DynamoDB::Table" => Resource::Table(read_properties(properties, &place)?),
        "AWS::SQS::Queue" => Resource::Queue(read_properties(properties, &place)?),
        "AWS::SQS::QueuePolicy" => Resource::QueuePolicy(read_properties(properties, &place)?),
        "AWS::Lambda::EventSourceMapping" => Resource::EventSourceMapping(read_properties(properties, &place)?),
        "AWS::Events::Rule" => Resource::Rule(read_properties(properties, &place)?),
        "AWS::Events::EventBus" => Resource::EventBus(read_properties(properties, &place)?),
        "AWS::SNS::Topic" => Resource::Notes(Notes::Topic(read_properties(properties, &place)?)),
        "AWS::SNS::TopicPolicy" => Resource::Notes(Notes::Policy(read_properties(properties, &place)?)),
        "AWS::SNS::Subscription" => Resource::Notes(Notes::Subscription(read_properties(properties, &place)?)),
        "AWS::IAM::Role" => Resource::Role(read_properties(properties, &place)?),
        "AWS::IAM::RolePolicy" => Resource::RolePolicy(read_properties(properties, &place)?),
        "AWS::S3::Bucket" => Resource::Bucket(read_properties(properties, &place)?),
        "AWS::S3::BucketPolicy" => Resource::BucketPolicy(read_properties(properties, &place)?),
        "AWS::Logs::LogGroup" => Resource::LogGroup(read_properties(properties, &place)?),
        "AWS::CloudWatch::Alarm" => Resource::Alarm(Box::new(read_properties(properties, &place)?)),
        "AWS::CloudWatch::Dashboard" => Resource::Dashboard(read_properties(properties, &place)?),
        "AWS::Cognito::UserPool" => Resource::SignIn(SignIn::Pool(Box::new(read_properties(properties, &place)?))),
        "AWS::Cognito::UserPoolDomain" => Resource::SignIn(SignIn::Domain(read_properties(properties, &place)?)),
        "AWS::Cognito::UserPoolResourceServer" => {
            Resource::SignIn(SignIn::ResourceServer(read_properties(properties, &place)?))
        }
        "AWS::Cognito::UserPoolClient" => {
            Resource::SignIn(SignIn::Client(Box::new(read_properties(properties, &place)?)))
        }
        "AWS::Cognito::UserPoolGroup" => Resource::SignIn(SignIn::Group(read_properties(properties, &place)?)),
        "AWS::CloudFront::Distribution" => Resource::Distribution(read_properties(properties, &place)?),
        "AWS::CloudFront::OriginAccessControl" => Resource::OriginAccessControl(read_properties(properties, &place)?),
        "AWS::CloudFront::CachePolicy" => Resource::CachePolicy(Box::new(read_properties(properties, &place)?)),
        "AWS::CloudFront::ResponseHeadersPolicy" => {
            Resource::ResponseHeadersPolicy(Box::new(read_properties(properties, &place)?))
        }
        "AWS::CloudFront::Function" => Resource::EdgeFunction(read_properties(properties, &place)?),
        other => {
            return Err(here.key("Type").error(format!("the local cloud does not know the resource type {other}")));
        }
    })
}

/// SAM's merge of `Globals`: maps member by member, lists one after the other, else the resource's own value.
fn merge(global: Json, own: Json) -> Json {
    match (global, own) {
        (Json::Object(mut global), Json::Object(own)) => {
            for (key, value) in own {
                let merged = match global.remove(&key) {
                    Some(base) => merge(base, value),
                    None => value,
                };
                global.insert(key, merged);
            }
            Json::Object(global)
        }
        (Json::Array(mut global), Json::Array(own)) => {
            global.extend(own);
            Json::Array(global)
        }
        (_, own) => own,
    }
}

fn read_properties<T: DeserializeOwned>(properties: Json, place: &Place) -> Result<T, TemplateError> {
    serde_path_to_error::deserialize(properties).map_err(|error| {
        let path = error.path().to_string();
        let here = if path == "." { place.clone() } else { place.key(&path) };
        here.error(error.into_inner().to_string())
    })
}

fn outputs(section: &Node, scope: &Scope<'_>, place: &Place) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut outputs = BTreeMap::new();
    for (name, body) in section.members(place)? {
        let here = place.key(name);
        only(body, &["Value", "Description", "Export", "Condition"], &here, "unknown output attribute")?;
        if let Some(condition) = body.get("Condition")
            && !scope.condition(&condition.text(&here)?, &here)?
        {
            continue;
        }
        let Some(value) = body.get("Value") else {
            return Err(here.error("an output needs a Value"));
        };
        let here = here.key("Value");
        match scope.value(value, &here)? {
            Json::String(text) => outputs.insert(name.clone(), text),
            Json::Number(number) => outputs.insert(name.clone(), number.to_string()),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
                return Err(here.error("an output's value must be a string"));
            }
        };
    }
    Ok(outputs)
}
