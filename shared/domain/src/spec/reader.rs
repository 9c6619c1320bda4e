//! Reads JSON objects field by field and keeps every problem it meets, with its JSON pointer, instead of
//! stopping at the first. (serde stops at the first unknown field or wrong type.)

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// One thing that is wrong with a request: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// RFC 6901 pointer into the request body.
    pub pointer: String,
    pub detail: String,
}

#[derive(Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub fn add(&self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.borrow_mut().push(Problem { pointer: pointer.into(), detail: detail.into() });
    }

    pub fn into_vec(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// One JSON object being read.
pub struct Object<'a> {
    map: &'a Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
    problems: &'a Problems,
}

/// Escapes one member name for a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl<'a> Object<'a> {
    /// `None` with a problem noted when the value is not an object.
    pub fn new(value: &'a Value, path: &str, problems: &'a Problems) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self { map, path: path.to_owned(), known: Vec::new(), problems }),
            other => {
                problems.add(path, format!("must be an object, not {}", kind(other)));
                None
            }
        }
    }

    pub fn at(&self, field: &str) -> String {
        format!("{}/{}", self.path, escape(field))
    }

    pub fn problem(&self, field: &str, detail: impl Into<String>) {
        self.problems.add(self.at(field), detail);
    }

    pub fn problem_at(&self, field: &str, index: usize, detail: impl Into<String>) {
        self.problems.add(format!("{}/{index}", self.at(field)), detail);
    }

    /// The raw member; JSON null counts as absent.
    pub fn raw(&mut self, field: &'static str) -> Option<&'a Value> {
        self.known.push(field);
        self.map.get(field).filter(|value| !value.is_null())
    }

    pub fn text(&mut self, field: &'static str) -> Option<String> {
        match self.raw(field)? {
            Value::String(text) => Some(text.clone()),
            other => self.wrong(field, "a string", other),
        }
    }

    pub fn flag(&mut self, field: &'static str) -> Option<bool> {
        match self.raw(field)? {
            Value::Bool(flag) => Some(*flag),
            other => self.wrong(field, "true or false", other),
        }
    }

    /// A whole number within bounds, both included.
    pub fn whole(&mut self, field: &'static str, least: u32, most: u32) -> Option<u32> {
        let value = self.raw(field)?;
        match value.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(n) if (least..=most).contains(&n) => Some(n),
            _ => {
                self.problem(field, format!("must be a whole number from {least} to {most}, not {value}"));
                None
            }
        }
    }

    pub fn percent(&mut self, field: &'static str) -> Option<f64> {
        let value = self.raw(field)?;
        match value.as_f64() {
            Some(n) if n > 0.0 && n <= 100.0 => Some(n),
            _ => {
                self.problem(field, format!("must be a number above 0 and up to 100, not {value}"));
                None
            }
        }
    }

    pub fn list(&mut self, field: &'static str) -> Option<&'a [Value]> {
        match self.raw(field)? {
            Value::Array(items) => Some(items),
            other => self.wrong(field, "a list", other),
        }
    }

    /// One of the words that `T` deserializes from.
    pub fn word<T: serde::de::DeserializeOwned>(&mut self, field: &'static str, words: &str) -> Option<T> {
        let value = self.raw(field)?;
        match serde_json::from_value(value.clone()) {
            Ok(word) => Some(word),
            Err(_) => {
                self.problem(field, format!("must be one of {words}, not {value}"));
                None
            }
        }
    }

    pub fn object(&mut self, field: &'static str) -> Option<Object<'a>> {
        let value = self.raw(field)?;
        Object::new(value, &self.at(field), self.problems)
    }

    /// Notes every member that nobody asked for.
    pub fn finish(self) {
        for name in self.map.keys().filter(|name| !self.known.contains(&name.as_str())) {
            self.problem(name, format!("unknown field; known here: {}", self.known.join(", ")));
        }
    }

    pub fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.map.iter()
    }

    fn wrong<T>(&self, field: &str, wanted: &str, found: &Value) -> Option<T> {
        self.problem(field, format!("must be {wanted}, not {}", kind(found)));
        None
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
