//! Evaluates a template's nodes to plain JSON: parameters, pseudo parameters, conditions, and the names that the
//! resources will have. Physical names are a function of the stack and the logical name, so a template can be
//! evaluated before anything exists.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::identity::{self, Identity};
use super::node::{Call, Node, Place};
use super::{StackSettings, TemplateError};

/// A resource as the template states it.
#[derive(Debug, Clone)]
pub struct RawResource {
    pub kind: String,
    pub properties: Node,
    pub condition: Option<String>,
}

/// Everything that an expression can refer to.
pub struct Scope<'a> {
    pub file: &'a str,
    pub settings: &'a StackSettings,
    pub parameters: BTreeMap<String, Json>,
    pub conditions: BTreeMap<String, Node>,
    pub resources: BTreeMap<String, RawResource>,
    /// Names being worked out right now: a name that depends on itself is an error and not an endless loop.
    pub pending: RefCell<Vec<String>>,
}

impl Scope<'_> {
    /// The value of a node; `None` for `AWS::NoValue`, which removes the member or element it stands for.
    pub fn evaluate(&self, node: &Node, place: &Place) -> Result<Option<Json>, TemplateError> {
        Ok(Some(match node {
            Node::Null => Json::Null,
            Node::Bool(value) => Json::Bool(*value),
            Node::Number(number) => Json::Number(number.clone()),
            Node::Text(text) => Json::String(text.clone()),
            Node::List(items) => {
                let mut values = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    values.extend(self.evaluate(item, &place.index(index))?);
                }
                Json::Array(values)
            }
            Node::Map(members) => {
                let mut object = serde_json::Map::new();
                for (key, member) in members {
                    if let Some(value) = self.evaluate(member, &place.key(key))? {
                        object.insert(key.clone(), value);
                    }
                }
                Json::Object(object)
            }
            Node::Call(call) => return self.call(call, place),
        }))
    }

    /// The value of a node that must have one.
    pub fn value(&self, node: &Node, place: &Place) -> Result<Json, TemplateError> {
        self.evaluate(node, place)?.ok_or_else(|| place.error("AWS::NoValue has no meaning here"))
    }

    fn call(&self, call: &Call, place: &Place) -> Result<Option<Json>, TemplateError> {
        Ok(Some(match call {
            Call::Ref(name) if name == "AWS::NoValue" => return Ok(None),
            Call::Ref(name) => self.reference(name, place)?,
            Call::GetAtt { resource, attribute } => Json::String(self.attribute(resource, attribute, place)?),
            Call::Sub { text, variables } => Json::String(self.substitute(text, variables, place)?),
            Call::Join { separator, parts } => {
                let parts = self.strings(parts, place)?;
                Json::String(parts.join(separator))
            }
            Call::Split { separator, text } => {
                let text = self.string(text, place)?;
                Json::Array(text.split(separator.as_str()).map(|part| Json::String(part.to_owned())).collect())
            }
            Call::Select { index, list } => {
                let index = self.string(index, place)?;
                let list = self.value(list, place)?;
                let picked = index.parse::<usize>().ok().and_then(|index| list.get(index).cloned());
                picked.ok_or_else(|| place.error(format!("Fn::Select finds no element {index}")))?
            }
            Call::If { condition, then, otherwise } => {
                let chosen = if self.condition(condition, place)? { then } else { otherwise };
                return self.evaluate(chosen, place);
            }
            Call::Equals(..) | Call::And(_) | Call::Or(_) | Call::Not(_) | Call::Condition(_) => {
                return Err(place.error("conditions belong in the Conditions section"));
            }
        }))
    }

    /// Whether a named condition holds.
    pub fn condition(&self, name: &str, place: &Place) -> Result<bool, TemplateError> {
        let Some(node) = self.conditions.get(name) else {
            return Err(place.error(format!("there is no condition {name}")));
        };
        let place = Place::root(self.file).key("Conditions").key(name);
        self.guarded(name, &place, || self.truth(node, &place))
    }

    fn truth(&self, node: &Node, place: &Place) -> Result<bool, TemplateError> {
        let Node::Call(call) = node else {
            return Err(place.error("a condition function is expected here"));
        };
        match call.as_ref() {
            Call::Equals(left, right) => Ok(self.string(left, place)? == self.string(right, place)?),
            Call::Not(inner) => Ok(!self.truth(inner, place)?),
            Call::Condition(name) => self.condition(name, place),
            Call::And(items) => items.iter().try_fold(true, |held, item| Ok(held && self.truth(item, place)?)),
            Call::Or(items) => items.iter().try_fold(false, |held, item| Ok(held || self.truth(item, place)?)),
            Call::Ref(_)
            | Call::GetAtt { .. }
            | Call::Sub { .. }
            | Call::Join { .. }
            | Call::Split { .. }
            | Call::Select { .. }
            | Call::If { .. } => Err(place.error("a condition function is expected here")),
        }
    }

    fn reference(&self, name: &str, place: &Place) -> Result<Json, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = self.settings.pseudo_parameter(name) {
            return Ok(Json::String(value));
        }
        let identity = self.identity(name, place)?;
        Ok(Json::String(identity.reference))
    }

    fn attribute(&self, resource: &str, attribute: &str, place: &Place) -> Result<String, TemplateError> {
        let identity = self.identity(resource, place)?;
        let kind = &self.resources[resource].kind;
        identity.attributes.get(attribute).cloned().ok_or_else(|| {
            place.error(format!("{kind} has no attribute {attribute} that the local cloud knows (resource {resource})"))
        })
    }

    /// The names of a resource, worked out from its own name property alone.
    pub fn identity(&self, logical: &str, place: &Place) -> Result<Identity, TemplateError> {
        let Some(resource) = self.resources.get(logical) else {
            return Err(place.error(format!("there is no parameter, pseudo parameter or resource {logical}")));
        };
        if let Some(condition) = &resource.condition
            && !self.condition(condition, place)?
        {
            return Err(
                place.error(format!("the resource {logical} does not exist: its condition {condition} is false"))
            );
        }
        let here = Place::root(self.file).key("Resources").key(logical);
        let name = match identity::name_property(&resource.kind).and_then(|key| resource.properties.get(key)) {
            Some(node) => Some(self.guarded(logical, place, || self.string(node, &here))?),
            None => None,
        };
        let identity = identity::of(&resource.kind, logical, name, self.settings)
            .ok_or_else(|| here.error(format!("the local cloud does not know the resource type {}", resource.kind)))?;
        match resource.properties.get("EventBusName").filter(|_| resource.kind == "AWS::Events::Rule") {
            None => Ok(identity),
            Some(node) => {
                let bus = self.guarded(logical, place, || self.string(node, &here))?;
                Ok(if bus == "default" { identity } else { identity.on_bus(&bus) })
            }
        }
    }

    fn guarded<T>(
        &self,
        name: &str,
        place: &Place,
        work: impl FnOnce() -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.pending.borrow().iter().any(|pending| pending == name) {
            return Err(place.error(format!("{name} depends on itself")));
        }
        self.pending.borrow_mut().push(name.to_owned());
        let result = work();
        self.pending.borrow_mut().pop();
        result
    }

    fn substitute(&self, text: &str, variables: &[(String, Node)], place: &Place) -> Result<String, TemplateError> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            out.push_str(&rest[..start]);
            let after = &rest[start + 2..];
            let Some(end) = after.find('}') else {
                return Err(place.error(format!("`{text}` opens ${{ and never closes it")));
            };
            let name = after[..end].trim();
            rest = &after[end + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                // `${!x}` stands for the text `${x}`.
                out.push_str(&format!("${{{literal}}}"));
            } else if let Some((_, node)) = variables.iter().find(|(variable, _)| variable == name) {
                out.push_str(&self.string(node, place)?);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                out.push_str(&self.attribute(resource, attribute, place)?);
            } else {
                out.push_str(&plain(&self.reference(name, place)?, place)?);
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn string(&self, node: &Node, place: &Place) -> Result<String, TemplateError> {
        plain(&self.value(node, place)?, place)
    }

    fn strings(&self, node: &Node, place: &Place) -> Result<Vec<String>, TemplateError> {
        match self.value(node, place)? {
            Json::Array(items) => items.iter().map(|item| plain(item, place)).collect(),
            other => Ok(vec![plain(&other, place)?]),
        }
    }
}

fn plain(value: &Json, place: &Place) -> Result<String, TemplateError> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(place.error("a string is expected here")),
    }
}
