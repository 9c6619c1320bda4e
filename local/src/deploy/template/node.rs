//! Reads a CloudFormation template's YAML into a tree in which every intrinsic function is a named call,
//! whether it was written short (`!Sub`) or long (`Fn::Sub`). It knows nothing of values or resources.

use serde_yaml_ng::Value as Yaml;

use super::TemplateError;

/// Where in the template something stands, e.g. `Resources.Table.Properties.KeySchema[0]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: String,
    path: String,
}

impl Place {
    pub fn root(file: &str) -> Self {
        Self { file: file.to_owned(), path: String::new() }
    }

    pub fn key(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { file: self.file.clone(), path }
    }

    pub fn index(&self, index: usize) -> Self {
        Self { file: self.file.clone(), path: format!("{}[{index}]", self.path) }
    }

    pub fn error(&self, problem: impl Into<String>) -> TemplateError {
        let place = if self.path.is_empty() { "the document".to_owned() } else { self.path.clone() };
        TemplateError { file: self.file.clone(), place, problem: problem.into() }
    }
}

/// One node of the template, before it is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Call(Box<Call>),
}

/// The intrinsic functions that the local cloud knows. Any other is an error that names it.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    Ref(String),
    GetAtt { resource: String, attribute: String },
    Sub { text: String, variables: Vec<(String, Node)> },
    Join { separator: String, parts: Node },
    Split { separator: String, text: Node },
    Select { index: Node, list: Node },
    If { condition: String, then: Node, otherwise: Node },
    Equals(Node, Node),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Node),
    Condition(String),
}

impl Node {
    /// The members of a map; nothing for an absent (null) section.
    pub fn members(&self, place: &Place) -> Result<&[(String, Node)], TemplateError> {
        match self {
            Node::Map(members) => Ok(members),
            Node::Null => Ok(&[]),
            Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Call(_) => {
                Err(place.error("a map is expected here"))
            }
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Call(_) => None,
        }
    }

    pub fn text(&self, place: &Place) -> Result<String, TemplateError> {
        match self {
            Node::Text(text) => Ok(text.clone()),
            Node::Number(number) => Ok(number.to_string()),
            Node::Bool(value) => Ok(value.to_string()),
            Node::Null | Node::List(_) | Node::Map(_) | Node::Call(_) => Err(place.error("a string is expected here")),
        }
    }
}

/// Parses the text of a template.
pub fn parse(file: &str, text: &str) -> Result<Node, TemplateError> {
    let root = Place::root(file);
    let yaml: Yaml = serde_yaml_ng::from_str(text).map_err(|error| root.error(format!("not YAML: {error}")))?;
    read(&yaml, &root)
}

fn read(yaml: &Yaml, place: &Place) -> Result<Node, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Node::Null,
        Yaml::Bool(value) => Node::Bool(*value),
        Yaml::Number(number) => Node::Number(json_number(number, place)?),
        Yaml::String(text) => Node::Text(text.clone()),
        Yaml::Sequence(items) => {
            let items = items.iter().enumerate().map(|(index, item)| read(item, &place.index(index)));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(mapping) => read_mapping(mapping, place)?,
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let long = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
            call(&long, &tagged.value, place)?
        }
    })
}

fn json_number(number: &serde_yaml_ng::Number, place: &Place) -> Result<serde_json::Number, TemplateError> {
    if let Some(value) = number.as_u64() {
        return Ok(value.into());
    }
    if let Some(value) = number.as_i64() {
        return Ok(value.into());
    }
    let float = number.as_f64().and_then(serde_json::Number::from_f64);
    float.ok_or_else(|| place.error("not a number that a template can hold"))
}

fn read_mapping(mapping: &serde_yaml_ng::Mapping, place: &Place) -> Result<Node, TemplateError> {
    let mut members = Vec::new();
    for (key, value) in mapping {
        let key = match key {
            Yaml::String(key) => key.clone(),
            Yaml::Number(number) => number.to_string(),
            Yaml::Bool(value) => value.to_string(),
            Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => {
                return Err(place.error("a key must be a string"));
            }
        };
        // `Condition` is also the name of a resource attribute and of a policy statement's member, so only
        // `Fn::...` and a lone `Ref` are read as calls; conditions use the short `!Condition`.
        if key.starts_with("Fn::") || (key == "Ref" && mapping.len() == 1) {
            if mapping.len() != 1 {
                return Err(place.error(format!("{key} must be the only key of its map")));
            }
            return call(&key, value, place);
        }
        let node = read(value, &place.key(&key))?;
        members.push((key, node));
    }
    Ok(Node::Map(members))
}

/// Builds one call; `place` is where the call stands, since its name is part of every message about it.
fn call(name: &str, value: &Yaml, place: &Place) -> Result<Node, TemplateError> {
    let here = place.key(name);
    let arguments = read(value, &here)?;
    let call = match name {
        "Ref" => Call::Ref(arguments.text(&here)?),
        "Condition" => Call::Condition(arguments.text(&here)?),
        "Fn::GetAtt" => get_att(&arguments, &here)?,
        "Fn::Sub" => sub(arguments, &here)?,
        "Fn::Join" => {
            let [separator, parts] = exactly(arguments, &here)?;
            Call::Join { separator: separator.text(&here)?, parts }
        }
        "Fn::Split" => {
            let [separator, text] = exactly(arguments, &here)?;
            Call::Split { separator: separator.text(&here)?, text }
        }
        "Fn::Select" => {
            let [index, list] = exactly(arguments, &here)?;
            Call::Select { index, list }
        }
        "Fn::If" => {
            let [condition, then, otherwise] = exactly(arguments, &here)?;
            Call::If { condition: condition.text(&here)?, then, otherwise }
        }
        "Fn::Equals" => {
            let [left, right] = exactly(arguments, &here)?;
            Call::Equals(left, right)
        }
        "Fn::Not" => {
            let [inner] = exactly(arguments, &here)?;
            Call::Not(inner)
        }
        "Fn::And" => Call::And(list(arguments, &here)?),
        "Fn::Or" => Call::Or(list(arguments, &here)?),
        unknown => {
            return Err(place.error(format!(
                "the local cloud does not know the intrinsic function {unknown}; it knows Ref, GetAtt, Sub, Join, \
                 Split, Select, If, Equals, And, Or, Not and Condition"
            )));
        }
    };
    Ok(Node::Call(Box::new(call)))
}

fn get_att(arguments: &Node, here: &Place) -> Result<Call, TemplateError> {
    let (resource, attribute) = match arguments {
        Node::Text(text) => {
            let Some((resource, attribute)) = text.split_once('.') else {
                return Err(here.error(format!("`{text}` is not of the form Resource.Attribute")));
            };
            (resource.to_owned(), attribute.to_owned())
        }
        Node::List(items) => match items.as_slice() {
            [resource, attribute] => (resource.text(here)?, attribute.text(here)?),
            _ => return Err(here.error("takes two arguments, the resource and its attribute")),
        },
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Map(_) | Node::Call(_) => {
            return Err(here.error("takes a resource and its attribute"));
        }
    };
    Ok(Call::GetAtt { resource, attribute })
}

fn sub(arguments: Node, here: &Place) -> Result<Call, TemplateError> {
    if let Node::Text(text) = arguments {
        return Ok(Call::Sub { text, variables: Vec::new() });
    }
    let [text, variables] = exactly(arguments, here)?;
    Ok(Call::Sub { text: text.text(here)?, variables: variables.members(here)?.to_vec() })
}

fn list(node: Node, here: &Place) -> Result<Vec<Node>, TemplateError> {
    match node {
        Node::List(items) => Ok(items),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) | Node::Call(_) => {
            Err(here.error("takes a list of arguments"))
        }
    }
}

fn exactly<const N: usize>(node: Node, here: &Place) -> Result<[Node; N], TemplateError> {
    let items = list(node, here)?;
    let count = items.len();
    items.try_into().map_err(|_| here.error(format!("takes {N} arguments and got {count}")))
}
