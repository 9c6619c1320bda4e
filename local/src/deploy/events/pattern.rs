//! EventBridge event patterns (aws-facts 5.4): exact values, prefix, suffix, equals-ignore-case, wildcard,
//! anything-but, exists, numeric, nested fields and `$or`. An operator that is not known is an error that names it.

use serde_json::{Map, Value};

/// A pattern that an event matches or does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    fields: Vec<(String, Field)>,
    /// `$or`: one of the alternatives must match too.
    any_of: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Nested(Pattern),
    /// One of these must match.
    Leaf(Vec<Matcher>),
}

#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    Exact(Value),
    Text(TextMatcher),
    AnythingBut(Vec<Value>),
    AnythingButText(Vec<TextMatcher>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Debug, Clone, PartialEq)]
enum TextMatcher {
    Prefix { text: String, ignore_case: bool },
    Suffix { text: String, ignore_case: bool },
    EqualsIgnoreCase(String),
    Wildcard(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A pattern that EventBridge would refuse, or that the local cloud does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event pattern at {at}: {problem}")]
pub struct PatternError {
    pub at: String,
    pub problem: String,
}

impl Pattern {
    /// Reads a pattern.
    pub fn read(pattern: &Value) -> Result<Self, PatternError> {
        read_pattern(pattern, "$")
    }

    /// Whether an event (its whole envelope) matches.
    pub fn matches(&self, event: &Value) -> bool {
        let fields = self.fields.iter().all(|(name, field)| field.matches(event.get(name)));
        fields && (self.any_of.is_empty() || self.any_of.iter().any(|pattern| pattern.matches(event)))
    }
}

impl Field {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Field::Nested(pattern) => match value {
                // One element of an array of objects is enough.
                Some(Value::Array(items)) => items.iter().any(|item| pattern.matches(item)),
                Some(value) => pattern.matches(value),
                // `exists: false` inside is true of a field that is not there at all.
                None => pattern.matches(&Value::Null),
            },
            Field::Leaf(matchers) => matchers.iter().any(|matcher| matcher.matches(value)),
        }
    }
}

impl Matcher {
    fn matches(&self, value: Option<&Value>) -> bool {
        if let Matcher::Exists(wanted) = self {
            let leaf = value.is_some_and(|value| !value.is_object());
            return leaf == *wanted;
        }
        match value {
            Some(Value::Array(items)) => items.iter().any(|item| self.matches_one(item)),
            Some(value) => self.matches_one(value),
            None => false,
        }
    }

    fn matches_one(&self, value: &Value) -> bool {
        match self {
            Matcher::Exact(wanted) => same(wanted, value),
            Matcher::Text(matcher) => value.as_str().is_some_and(|text| matcher.matches(text)),
            Matcher::AnythingBut(excluded) => !excluded.iter().any(|wanted| same(wanted, value)),
            Matcher::AnythingButText(excluded) => {
                let matches = |text: &str| excluded.iter().any(|matcher| matcher.matches(text));
                !value.as_str().is_some_and(matches)
            }
            Matcher::Numeric(bounds) => value
                .as_f64()
                .is_some_and(|number| bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))),
            Matcher::Exists(wanted) => *wanted,
        }
    }
}

impl TextMatcher {
    fn matches(&self, value: &str) -> bool {
        let fold = |text: &str, ignore: bool| if ignore { text.to_lowercase() } else { text.to_owned() };
        match self {
            Self::Prefix { text, ignore_case } => fold(value, *ignore_case).starts_with(&fold(text, *ignore_case)),
            Self::Suffix { text, ignore_case } => fold(value, *ignore_case).ends_with(&fold(text, *ignore_case)),
            Self::EqualsIgnoreCase(text) => fold(value, true) == fold(text, true),
            Self::Wildcard(text) => wildcard(text, value),
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

/// 300, 300.0 and 3.0e2 are the same number.
fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => wanted == value,
        (None, None) | (Some(_), None) | (None, Some(_)) => wanted == value,
    }
}

/// `*` stands for any text.
pub(super) fn wildcard(pattern: &str, value: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == value;
    };
    let Some(mut value) = value.strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('*').collect::<Vec<_>>();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match value.find(part) {
            Some(at) => value = &value[at + part.len()..],
            None => return false,
        }
    }
    value.ends_with(last)
}

fn error(at: &str, problem: impl Into<String>) -> PatternError {
    PatternError { at: at.to_owned(), problem: problem.into() }
}

fn read_pattern(pattern: &Value, at: &str) -> Result<Pattern, PatternError> {
    let Value::Object(members) = pattern else {
        return Err(error(at, "a pattern is an object"));
    };
    if members.is_empty() {
        return Err(error(at, "a pattern must not be empty"));
    }
    let mut read = Pattern { fields: Vec::new(), any_of: Vec::new() };
    for (name, value) in members {
        let here = format!("{at}.{name}");
        match (name.as_str(), value) {
            ("$or", Value::Array(alternatives)) if !alternatives.is_empty() => {
                let alternatives = alternatives.iter().map(|alternative| read_pattern(alternative, &here));
                read.any_of = alternatives.collect::<Result<_, _>>()?;
            }
            ("$or", _) => return Err(error(&here, "$or takes a list of patterns")),
            (_, Value::Object(_)) => {
                read.fields.push((name.clone(), Field::Nested(read_pattern(value, &here)?)));
            }
            (_, Value::Array(items)) if items.is_empty() => return Err(error(&here, "a list must not be empty")),
            (_, Value::Array(items)) => {
                let matchers = items.iter().map(|item| read_matcher(item, &here)).collect::<Result<_, _>>()?;
                read.fields.push((name.clone(), Field::Leaf(matchers)));
            }
            (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                return Err(error(&here, "values stand in a list"));
            }
        }
    }
    Ok(read)
}

fn read_matcher(item: &Value, at: &str) -> Result<Matcher, PatternError> {
    match item {
        Value::Object(operator) => read_operator(operator, at),
        Value::Array(_) => Err(error(at, "a list cannot stand in a list")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Matcher::Exact(item.clone())),
    }
}

fn read_operator(operator: &Map<String, Value>, at: &str) -> Result<Matcher, PatternError> {
    let (name, value) = single(operator, at)?;
    match name {
        "exists" => match value {
            Value::Bool(wanted) => Ok(Matcher::Exists(*wanted)),
            _ => Err(error(at, "exists takes true or false")),
        },
        "numeric" => read_numeric(value, at),
        "anything-but" => read_anything_but(value, at),
        _ => Ok(Matcher::Text(read_text(name, value, at)?)),
    }
}

fn single<'a>(operator: &'a Map<String, Value>, at: &str) -> Result<(&'a str, &'a Value), PatternError> {
    match operator.iter().next() {
        Some((name, value)) if operator.len() == 1 => Ok((name, value)),
        Some(_) | None => Err(error(at, "an operator is an object with one member")),
    }
}

fn read_text(name: &str, value: &Value, at: &str) -> Result<TextMatcher, PatternError> {
    let plain = |value: &Value| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(error(at, format!("{name} takes a string"))),
    };
    let foldable = |value: &Value| match value {
        Value::Object(inner) => match single(inner, at)? {
            ("equals-ignore-case", value) => Ok((plain(value)?, true)),
            (other, _) => Err(error(at, format!("{name} does not know {other}"))),
        },
        other => Ok((plain(other)?, false)),
    };
    match name {
        "prefix" => foldable(value).map(|(text, ignore_case)| TextMatcher::Prefix { text, ignore_case }),
        "suffix" => foldable(value).map(|(text, ignore_case)| TextMatcher::Suffix { text, ignore_case }),
        "equals-ignore-case" => Ok(TextMatcher::EqualsIgnoreCase(plain(value)?)),
        "wildcard" => Ok(TextMatcher::Wildcard(plain(value)?)),
        unknown => Err(error(at, format!("the local cloud does not know the operator {unknown}"))),
    }
}

fn read_anything_but(value: &Value, at: &str) -> Result<Matcher, PatternError> {
    match value {
        Value::Object(operator) => {
            let (name, inner) = single(operator, at)?;
            let values = match inner {
                Value::Array(items) => items.iter().collect(),
                other => vec![other],
            };
            let matchers = values.into_iter().map(|value| read_text(name, value, at));
            Ok(Matcher::AnythingButText(matchers.collect::<Result<_, _>>()?))
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| item.is_string() || item.is_number()) => {
            Ok(Matcher::AnythingBut(items.clone()))
        }
        Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) => {
            Ok(Matcher::AnythingBut(vec![value.clone()]))
        }
        Value::Array(_) => Err(error(at, "anything-but takes strings or numbers")),
    }
}

fn read_numeric(value: &Value, at: &str) -> Result<Matcher, PatternError> {
    let wrong = || error(at, "numeric takes pairs of a comparison (=, <, <=, >, >=) and a number");
    let items = value.as_array().filter(|items| matches!(items.len(), 2 | 4)).ok_or_else(wrong)?;
    let mut bounds = Vec::new();
    for pair in items.chunks(2) {
        let comparison = match pair[0].as_str() {
            Some("=") => Comparison::Equal,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            Some(_) | None => return Err(wrong()),
        };
        bounds.push((comparison, pair[1].as_f64().ok_or_else(wrong)?));
    }
    Ok(Matcher::Numeric(bounds))
}
