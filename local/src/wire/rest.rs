//! The REST protocols: which operation a method and path mean, where the members of its input are, and where those of its
//! output go.

use serde_json::{Map, Value};

use super::json::{self, Times};
use super::message::{Protocol, Reply, Request};
use super::xml;
use crate::rules::Interface;
use crate::rules::interface::{Kind, Member, Operation, Place};
use crate::world::AwsError;

/// An operation that a request matches, with what its path holds.
struct Match<'i> {
    name: &'i str,
    operation: &'i Operation,
    labels: Vec<(String, String)>,
}

/// Finds the operation of a request and reads its input.
pub fn read(interface: &'static Interface, protocol: Protocol, request: &Request) -> Result<(String, Value), AwsError> {
    let found = find(interface, request).ok_or_else(|| unknown(interface, request))?;
    let mut input = Map::new();
    let shape = found.operation.input.as_deref().map(|name| interface.shape(name));
    let payload = shape.and_then(|shape| shape.payload.as_deref());
    if !request.body.is_empty() {
        body(interface, protocol, found.operation, payload, request, &mut input)?;
    }
    for (name, text) in found.labels {
        input.insert(name, Value::String(text));
    }
    let member = |name: &str| shape.and_then(|shape| shape.members.get(name));
    let literal = literal_query(&found.operation.uri);
    for (name, text) in request.query() {
        // x-id only repeats the operation's name.
        if name == "x-id" || literal.iter().any(|(known, _)| *known == name) {
            continue;
        }
        parameter(interface, member(&name), name, text, &mut input);
    }
    for (name, member) in shape.iter().flat_map(|shape| &shape.members) {
        if let Some(text) = member.header.as_deref().and_then(|header| request.header(header)) {
            input.insert(name.clone(), Value::String(text.to_owned()));
        }
    }
    Ok((found.name.to_owned(), Value::Object(input)))
}

fn body(
    interface: &Interface,
    protocol: Protocol,
    operation: &Operation,
    payload: Option<&str>,
    request: &Request,
    input: &mut Map<String, Value>,
) -> Result<(), AwsError> {
    let text = std::str::from_utf8(&request.body).map_err(|_| malformed(protocol, "the body is not UTF-8"))?;
    if protocol == Protocol::RestXml {
        let shape = operation.input.as_deref().map(|name| interface.shape(name));
        let member = payload.and_then(|name| shape.and_then(|shape| shape.members.get(name)));
        let (Some(name), Some(member)) = (payload, member) else {
            return Ok(());
        };
        let value = xml::read(interface, &member.shape, text).map_err(|e| malformed(protocol, &e))?;
        input.insert(name.to_owned(), value);
        return Ok(());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => input.extend(members),
        Ok(_) => return Err(malformed(protocol, "the body is not a JSON object")),
        Err(e) => return Err(malformed(protocol, &format!("the body is not JSON: {e}"))),
    }
    Ok(())
}

fn malformed(protocol: Protocol, message: &str) -> AwsError {
    let code = if protocol == Protocol::RestXml { "MalformedXML" } else { "BadRequestException" };
    AwsError::new(400, code, message)
}

/// A query parameter; a list is sent as the same parameter several times.
fn parameter(
    interface: &Interface,
    member: Option<&Member>,
    name: String,
    text: String,
    input: &mut Map<String, Value>,
) {
    let Some(shape) = member.map(|member| interface.shape(&member.shape)) else {
        input.insert(name, Value::String(text));
        return;
    };
    if shape.kind == Kind::List {
        let list = input.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(items) = list.as_array_mut() {
            items.push(Value::String(text));
        }
        return;
    }
    input.insert(name, xml::scalar(shape, &text));
}

fn unknown(interface: &Interface, request: &Request) -> AwsError {
    let message = format!("{} has no operation {} {}", interface.service, request.method, request.path());
    AwsError::new(404, "UnknownOperationException", message)
}

/// The operation with the most literal query parameters wins: `?WithTags` before none.
fn find<'i>(interface: &'i Interface, request: &Request) -> Option<Match<'i>> {
    let query = request.query();
    let mut best: Option<(usize, Match<'i>)> = None;
    for (name, operation) in &interface.operations {
        if operation.method != request.method.as_str() {
            continue;
        }
        let literal = literal_query(&operation.uri);
        let given = |(key, value): &(&str, &str)| query.iter().any(|(k, v)| k == key && v == value);
        if !literal.iter().all(given) {
            continue;
        }
        let template = operation.uri.split_once('?').map_or(operation.uri.as_str(), |(path, _)| path);
        let Some(labels) = labels(template, request.path()) else {
            continue;
        };
        if best.as_ref().is_none_or(|(most, _)| literal.len() > *most) {
            best = Some((literal.len(), Match { name, operation, labels }));
        }
    }
    best.map(|(_, found)| found)
}

fn literal_query(uri: &str) -> Vec<(&str, &str)> {
    let Some((_, text)) = uri.split_once('?') else {
        return Vec::new();
    };
    text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

/// The labels that `path` fills into `template`; none when they do not match.
fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if given.is_empty() => return None,
            Some(name) => labels.push((name.to_owned(), decode(given))),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(labels)
}

/// Undoes percent escapes; a plus sign stays one, this is a path.
pub fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let escaped = (byte == b'%').then(|| bytes.clone().take(2).collect::<Vec<_>>()).and_then(|hex| {
            let hex = std::str::from_utf8(&hex).ok().filter(|hex| hex.len() == 2)?.to_owned();
            u8::from_str_radix(&hex, 16).ok()
        });
        match escaped {
            Some(decoded) => {
                out.push(decoded);
                bytes.next();
                bytes.next();
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Writes the output of an operation.
pub fn write(interface: &Interface, protocol: Protocol, operation: &str, output: &Value) -> Reply {
    let Some(found) = interface.operations.get(operation) else {
        return Reply::default();
    };
    let times = if protocol == Protocol::RestXml { Times::Text } else { Times::Epoch };
    let Some(name) = found.output.as_deref() else {
        return Reply { status: found.status, ..Reply::default() };
    };
    let shape = interface.shape(name);
    let shown = json::shaped(interface, name, output, times);
    let mut reply = Reply { status: found.status, ..Reply::default() };
    let mut body = Map::new();
    for (name, member) in &shape.members {
        let Some(value) = shown.get(name) else {
            continue;
        };
        match (member.place, member.header.as_deref()) {
            (Place::Header, Some(header)) => {
                reply = reply.with(header, value.as_str().unwrap_or_default());
            }
            _ => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
    if protocol == Protocol::RestJson {
        reply.body = Value::Object(body).to_string().into_bytes();
        return reply.with("content-type", "application/json");
    }
    if let Some((tag, value)) = shape.payload.as_deref().and_then(|name| Some((name, body.get(name)?))) {
        let of = interface.shape(&shape.members[tag].shape);
        let mut text = format!("<?xml version=\"1.0\"?>\n<{tag} xmlns=\"{}\">", interface.xmlns);
        xml::content(interface, of, value, &mut text);
        text.push_str(&format!("</{tag}>"));
        reply.body = text.into_bytes();
    }
    reply.with("content-type", "text/xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_in_a_path_is_one_label_although_it_holds_a_slash() {
        let arn = "arn%3Aaws%3Amediapackage%3Aeu-west-1%3A1%3Achannels%2Fab";
        let found = labels("/tags/{resource-arn}", &format!("/tags/{arn}")).unwrap();
        assert_eq!(found, [("resource-arn".to_owned(), "arn:aws:mediapackage:eu-west-1:1:channels/ab".to_owned())]);
        assert_eq!(labels("/tags/{resource-arn}", "/tags/a/b"), None);
        assert_eq!(labels("/prod/channels/{channelId}", "/prod/channels/"), None);
    }
}
