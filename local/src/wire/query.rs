//! The query protocol: form fields in (`Dimensions.member.1.Name=...`), XML out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::xml;
use crate::rules::interface::{Interface, Kind, Shape};

/// Fields of a form, or of a URL's query, decoded.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

#[derive(Default)]
struct Tree {
    text: Option<String>,
    children: BTreeMap<String, Tree>,
}

/// The fields as a value of the shape `name`. Fields that the interface does not have are kept for the rules to refuse.
pub fn read(interface: &Interface, name: Option<&str>, fields: &[(String, String)]) -> Value {
    let mut root = Tree::default();
    for (path, text) in fields.iter().filter(|(path, _)| path != "Action" && path != "Version") {
        let mut tree = &mut root;
        for part in path.split('.') {
            tree = tree.children.entry(part.to_owned()).or_default();
        }
        tree.text = Some(text.clone());
    }
    match name {
        Some(name) => value(interface, interface.shape(name), &root),
        None => Value::Object(Map::new()),
    }
}

fn value(interface: &Interface, shape: &Shape, tree: &Tree) -> Value {
    match shape.kind {
        Kind::Structure => {
            let members = tree.children.iter().map(|(name, child)| {
                let value = match shape.members.get(name) {
                    Some(member) => value(interface, interface.shape(&member.shape), child),
                    None => Value::String(child.text.clone().unwrap_or_default()),
                };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        Kind::List => {
            let of = interface.shape(shape.of.as_deref().unwrap_or_default());
            // `X.member.1`; a flattened list leaves `member` out. An empty list is sent as an empty field.
            let items = tree.children.get("member").unwrap_or(tree);
            let mut numbered: Vec<_> =
                items.children.iter().filter_map(|(n, child)| Some((n.parse::<u32>().ok()?, child))).collect();
            numbered.sort_by_key(|(n, _)| *n);
            numbered.into_iter().map(|(_, child)| value(interface, of, child)).collect()
        }
        _ => xml::scalar(shape, tree.text.as_deref().unwrap_or_default()),
    }
}

/// The answer of `operation`; `value` has been `json::shaped`.
pub fn write(interface: &Interface, operation: &str, value: &Value, request_id: &str) -> String {
    let mut out = format!("<{operation}Response xmlns=\"{}\">", interface.xmlns);
    if let Some(shape) = interface.output(operation) {
        out.push_str(&format!("<{operation}Result>"));
        xml::content(interface, shape, value, &mut out);
        out.push_str(&format!("</{operation}Result>"));
    }
    out.push_str("<ResponseMetadata>");
    xml::text_element("RequestId", request_id, &mut out);
    out.push_str(&format!("</ResponseMetadata></{operation}Response>"));
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbered_fields_become_lists_in_their_order() {
        let interface = Interface::of("cloudwatch").unwrap();
        let form = "Action=PutMetricAlarm&AlarmName=a+b&Period=60&Threshold=1.5&Dimensions.member.10.Name=z\
                    &Dimensions.member.2.Name=y&Dimensions.member.2.Value=%2F&ActionsEnabled=true&Odd=1";
        let value = read(interface, Some("PutMetricAlarmInput"), &pairs(form));
        assert_eq!(
            value,
            json!({"AlarmName": "a b", "Period": 60, "Threshold": 1.5, "ActionsEnabled": true, "Odd": "1",
                   "Dimensions": [{"Name": "y", "Value": "/"}, {"Name": "z"}]})
        );
    }
}
