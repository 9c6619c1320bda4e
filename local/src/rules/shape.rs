//! Checks a request against the interface tables: unknown members, types, required members, enums, bounds (aws-facts 0:
//! SDKs check only some of this, so the service must).

use serde_json::Value;

use super::interface::{Interface, Kind, Shape};
use super::{Defects, Fault, Node, Strictness};

/// Checks `node` against the shape `name`, and all that is inside.
pub fn check(interface: &Interface, name: &str, node: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    if !node.exists() {
        return;
    }
    let shape = interface.shape(name);
    if !fits(shape, node.value) {
        defects.add(node, Fault::Unreadable, format!("expected {}", expected(shape)));
        return;
    }
    match shape.kind {
        Kind::Structure => structure(interface, shape, node, strictness, defects),
        Kind::List => {
            length(shape, node.items().len(), "elements", node, defects);
            let of = shape.of.as_deref().unwrap_or_default();
            for item in node.items() {
                check(interface, of, &item, strictness, defects);
            }
        }
        Kind::Map => {
            let of = shape.of.as_deref().unwrap_or_default();
            for (_, value) in node.members() {
                check(interface, of, &value, strictness, defects);
            }
        }
        Kind::String => string(shape, node, defects),
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => number(shape, node, defects),
        Kind::Boolean | Kind::Timestamp | Kind::Blob => {}
    }
}

fn structure(interface: &Interface, shape: &Shape, node: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    for name in &shape.required {
        defects.require(&node.get(name));
    }
    for (name, child) in node.members() {
        match shape.members.get(name) {
            Some(member) => check(interface, &member.shape, &child, strictness, defects),
            None if strictness.unknown_members => {
                defects.add(&child, Fault::Unreadable, format!("unknown member {name}"));
            }
            None => {}
        }
    }
}

fn fits(shape: &Shape, value: &Value) -> bool {
    match shape.kind {
        Kind::Structure | Kind::Map => value.is_object(),
        Kind::List => value.is_array(),
        Kind::String | Kind::Blob => value.is_string(),
        Kind::Integer | Kind::Long => value.is_i64() || value.is_u64(),
        Kind::Float | Kind::Double => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Timestamp => value.is_number() || value.is_string(),
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape.kind {
        Kind::Structure | Kind::Map => "an object",
        Kind::List => "a list",
        Kind::String | Kind::Blob => "a string",
        Kind::Integer | Kind::Long => "an integer",
        Kind::Float | Kind::Double => "a number",
        Kind::Boolean => "true or false",
        Kind::Timestamp => "a time",
    }
}

fn string(shape: &Shape, node: &Node<'_>, defects: &mut Defects) {
    let text = node.str().unwrap_or_default();
    if !shape.values.is_empty() && !shape.values.iter().any(|v| v == text) {
        let known = shape.values.join(", ");
        defects.add(node, Fault::Unreadable, format!("value {text} is not one of [{known}]"));
    }
    length(shape, text.chars().count(), "characters", node, defects);
}

fn length(shape: &Shape, length: usize, unit: &str, node: &Node<'_>, defects: &mut Defects) {
    // Lengths are far below 2^52: a double holds them exactly.
    let length = length as f64;
    if shape.min.is_some_and(|min| length < min) || shape.max.is_some_and(|max| length > max) {
        defects.invalid(node, format!("must have {} {unit}, has {length}", range(shape)));
    }
}

fn number(shape: &Shape, node: &Node<'_>, defects: &mut Defects) {
    let value = node.num().unwrap_or_default();
    if shape.min.is_some_and(|min| value < min) || shape.max.is_some_and(|max| value > max) {
        defects.invalid(node, format!("must be {}, is {value}", range(shape)));
    }
}

fn range(shape: &Shape) -> String {
    match (shape.min, shape.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "anything".to_owned(),
    }
}
