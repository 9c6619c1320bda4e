//! XML messages against the interface tables: elements to JSON values and back.

use roxmltree::{Document, Node};
use serde_json::{Map, Number, Value, json};

use crate::rules::interface::{Interface, Kind, Member, Shape};

/// Reads a document whose root has the shape `name`. Elements that the interface does not have are kept under their names,
/// so that the rules can refuse them.
pub fn read(interface: &Interface, name: &str, text: &str) -> Result<Value, String> {
    let document = Document::parse(text).map_err(|e| format!("the body is not XML: {e}"))?;
    Ok(element(interface, interface.shape(name), document.root_element()))
}

fn element(interface: &Interface, shape: &Shape, node: Node<'_, '_>) -> Value {
    match shape.kind {
        Kind::Structure => structure(interface, shape, node),
        Kind::List => {
            let of = interface.shape(shape.of.as_deref().unwrap_or_default());
            children(node).map(|child| element(interface, of, child)).collect()
        }
        _ => scalar(shape, node.text().unwrap_or_default()),
    }
}

fn structure(interface: &Interface, shape: &Shape, node: Node<'_, '_>) -> Value {
    let mut out = Map::new();
    for child in children(node) {
        let name = child.tag_name().name();
        match shape.members.get(name) {
            None => {
                out.insert(name.to_owned(), Value::String(child.text().unwrap_or_default().to_owned()));
            }
            Some(member) => {
                let of = interface.shape(&member.shape);
                if of.flattened {
                    let item = element(interface, interface.shape(of.of.as_deref().unwrap_or_default()), child);
                    let list = out.entry(name.to_owned()).or_insert_with(|| json!([]));
                    list.as_array_mut().expect("BUG: a flattened list is a list").push(item);
                } else {
                    out.insert(name.to_owned(), element(interface, of, child));
                }
            }
        }
    }
    Value::Object(out)
}

fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// Text as the type that the interface wants. What does not parse stays text, for the rules to refuse.
pub fn scalar(shape: &Shape, text: &str) -> Value {
    let word = text.trim();
    let parsed = match shape.kind {
        Kind::Integer | Kind::Long => word.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => word.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        Kind::Boolean => word.parse::<bool>().ok().map(Value::Bool),
        Kind::Timestamp => seconds(word).map(Value::Number),
        Kind::Structure | Kind::List | Kind::Map | Kind::String | Kind::Blob => None,
    };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// RFC 3339 as seconds since the epoch.
fn seconds(text: &str) -> Option<Number> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    // Milliseconds of this century are exact in a double.
    Number::from_f64(moment.as_millisecond() as f64 / 1000.0)
}

/// Writes the element `tag` of the shape `name`; `value` has been `json::shaped`.
pub fn write(interface: &Interface, name: &str, tag: &str, value: &Value, out: &mut String) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
    content(interface, interface.shape(name), value, out);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// The inside of an element.
pub fn content(interface: &Interface, shape: &Shape, value: &Value, out: &mut String) {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(members)) => {
            for (name, member) in body_members(shape) {
                if let Some(value) = members.get(name) {
                    member_element(interface, name, member, value, out);
                }
            }
        }
        (Kind::List, Value::Array(items)) => {
            let of = shape.of.as_deref().unwrap_or_default();
            for item in items {
                write(interface, of, shape.item.as_deref().unwrap_or("member"), item, out);
            }
        }
        (_, Value::String(text)) => escape(text, out),
        (_, Value::Null) => {}
        (_, value) => out.push_str(&value.to_string()),
    }
}

fn member_element(interface: &Interface, name: &str, member: &Member, value: &Value, out: &mut String) {
    let shape = interface.shape(&member.shape);
    match (shape.flattened, value) {
        (true, Value::Array(items)) => {
            let of = shape.of.as_deref().unwrap_or_default();
            items.iter().for_each(|item| write(interface, of, name, item, out));
        }
        _ => write(interface, &member.shape, name, value, out),
    }
}

fn body_members(shape: &Shape) -> impl Iterator<Item = (&str, &Member)> {
    use crate::rules::interface::Place;
    shape.members.iter().filter(|(_, m)| m.place == Place::Body).map(|(name, m)| (name.as_str(), m))
}

/// Text as XML text.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

/// An element with plain text in it.
pub fn text_element(tag: &str, text: &str, out: &mut String) {
    out.push_str(&format!("<{tag}>"));
    escape(text, out);
    out.push_str(&format!("</{tag}>"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_config_survives_the_way_in_and_out() {
        let interface = Interface::of("cloudfront").unwrap();
        let text = "<DistributionConfig xmlns=\"x\"><CallerReference>a&amp;b</CallerReference><Origins><Quantity>1</Quantity>\
                    <Items><Origin><Id>o</Id><DomainName>d.example</DomainName></Origin></Items></Origins>\
                    <Enabled>true</Enabled></DistributionConfig>";
        let value = read(interface, "DistributionConfig", text).unwrap();
        assert_eq!(
            value,
            json!({"CallerReference": "a&b", "Enabled": true,
                   "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "d.example"}]}})
        );
        let mut out = String::new();
        write(interface, "DistributionConfig", "DistributionConfig", &value, &mut out);
        assert_eq!(read(interface, "DistributionConfig", &out).unwrap(), value);
    }

    #[test]
    fn an_unknown_element_is_kept_for_the_rules_to_refuse() {
        let interface = Interface::of("cloudfront").unwrap();
        let value = read(interface, "Tags", "<Tags><Itmes/></Tags>").unwrap();
        assert_eq!(value, json!({"Itmes": ""}));
    }
}
