//! What a rule's input transformer makes of an event: a text or a document, with values of the event in it. Read strictly: what
//! AWS would refuse when the rule is made is refused when the template is read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::deploy::template::topics::InputTransformer;

/// Variables of one transformer, and characters of its template.
const VARIABLES_MOST: usize = 100;
const TEMPLATE_MOST: usize = 8192;
/// How names begin that EventBridge keeps for its own.
const RESERVED: &str = "aws.";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformer {
    /// Variables, with the members that lead to each.
    paths: BTreeMap<String, Vec<String>>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A variable, and whether it stands within quotes.
    Variable(String, bool),
}

impl Transformer {
    /// # Errors
    /// What AWS would refuse, and what is not simulated.
    pub fn read(given: &InputTransformer) -> Result<Self, String> {
        if given.input_paths_map.len() > VARIABLES_MOST {
            return Err(format!("InputPathsMap has more than {VARIABLES_MOST} variables"));
        }
        let mut paths = BTreeMap::new();
        for (name, path) in &given.input_paths_map {
            let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            if !named {
                return Err(format!("{name:?} in InputPathsMap is no name of letters, digits, - and _"));
            }
            paths.insert(name.clone(), members(path).map_err(|why| format!("InputPathsMap {name}: {why}"))?);
        }
        if !(1..=TEMPLATE_MOST).contains(&given.input_template.len()) {
            return Err(format!("InputTemplate has 1 to {TEMPLATE_MOST} characters"));
        }
        let transformer = Self { parts: parts(&given.input_template)?, paths };
        for part in &transformer.parts {
            if let Part::Variable(name, _) = part
                && !transformer.paths.contains_key(name)
            {
                return Err(match name.starts_with(RESERVED) {
                    true => format!("<{name}> is EventBridge's own, which the local cloud does not simulate"),
                    false => format!("<{name}> in InputTemplate is not in InputPathsMap"),
                });
            }
        }
        // With any values in it the template has to be JSON: a document, or one text in quotes.
        let sample = transformer.filled(|_| Some(&Value::Null));
        serde_json::from_str::<Value>(&sample)
            .map_err(|error| format!("InputTemplate is neither a text in quotes nor JSON: {error}"))?;
        Ok(transformer)
    }

    /// What the target gets.
    pub fn apply(&self, event: &Value) -> String {
        self.filled(|name| self.paths.get(name)?.iter().try_fold(event, |value, member| value.as_object()?.get(member)))
    }

    fn filled<'v>(&self, value: impl Fn(&str) -> Option<&'v Value>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            // What is not in the event is an empty text, within quotes or without.
            Part::Variable(name, false) => value(name).map_or_else(|| "\"\"".to_owned(), Value::to_string),
            Part::Variable(name, true) => match value(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => escaped(text),
                Some(other) => escaped(&other.to_string()),
            },
        };
        self.parts.iter().map(part).collect()
    }
}

/// A text as it stands within quotes.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// `$.detail.platform.name`: members only; indexes and wildcards are not simulated.
fn members(path: &str) -> Result<Vec<String>, String> {
    let rest = path.strip_prefix("$.").ok_or_else(|| format!("{path:?} does not begin with $."))?;
    let members: Vec<String> = rest.split('.').map(str::to_owned).collect();
    let plain =
        |member: &String| !member.is_empty() && member.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if members.iter().all(plain) { Ok(members) } else { Err(format!("{path:?} is no path of plain members")) }
}

fn parts(template: &str) -> Result<Vec<Part>, String> {
    let (mut parts, mut text, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = template.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '<' => {
                let name: String = letters.by_ref().take_while(|letter| *letter != '>').collect();
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Variable(name, quoted));
            }
            '\\' => {
                text.push(letter);
                text.extend(letters.next());
            }
            _ => {
                quoted ^= letter == '"';
                text.push(letter);
            }
        }
    }
    if quoted {
        return Err("InputTemplate has a quote that is not closed".to_owned());
    }
    parts.push(Part::Text(text));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(paths: &[(&str, &str)], template: &str) -> Result<Transformer, String> {
        let input_paths_map = paths.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
        Transformer::read(&InputTransformer { input_paths_map, input_template: template.to_owned() })
    }

    #[test]
    fn a_sentence_gets_the_values_of_the_event() {
        let paths = [("name", "$.detail.platform.name"), ("kind", "$.detail-type"), ("percent", "$.detail.percent")];
        let event = json!({"detail-type": "t", "detail": {"platform": {"name": "a \"b\""}, "percent": 80}});
        let apply = |template: &str| read(&paths, template).unwrap().apply(&event);
        assert_eq!(apply(r#""<name>: <kind> at <percent> %""#), r#""a \"b\": t at 80 %""#);
        assert_eq!(apply(r#"{"n": <name>, "p": <percent>}"#), r#"{"n": "a \"b\"", "p": 80}"#);
        let missing = read(&[("x", "$.detail.none")], r#""<x>.""#).unwrap();
        assert_eq!(missing.apply(&event), r#"".""#);
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let refused = |paths: &[(&str, &str)], template: &str, words: &str| {
            let why = read(paths, template).unwrap_err();
            assert!(why.contains(words), "{template}: {why}");
        };
        refused(&[], r#""<name>""#, "<name> in InputTemplate is not in InputPathsMap");
        refused(&[], r#""<aws.events.rule-name>""#, "does not simulate");
        refused(&[("name", "detail.name")], r#""x""#, "does not begin with $.");
        refused(&[("name", "$.detail[0]")], r#""x""#, "no path of plain members");
        refused(&[("a.b", "$.detail")], r#""x""#, "no name");
        refused(&[("name", "$.detail")], "it is <name>", "neither a text in quotes nor JSON");
        refused(&[], r#""open"#, "not closed");
        refused(&[], "", "1 to 8192");
    }
}
