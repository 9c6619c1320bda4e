//! A place in a request: the value there and the path that leads to it, in the notation of MediaLive's `elementPath`.

use serde_json::Value;

/// A value (perhaps absent) and where it stands.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    pub value: &'a Value,
    pub path: String,
}

static ABSENT: Value = Value::Null;

impl<'a> Node<'a> {
    pub fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// The member `name`; absent when there is none.
    pub fn get(&self, name: &str) -> Node<'a> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Node { value: self.value.get(name).unwrap_or(&ABSENT), path }
    }

    /// Follows a dotted path of members.
    pub fn at(&self, path: &str) -> Node<'a> {
        path.split('.').fold(self.clone(), |node, name| node.get(name))
    }

    /// The elements of a list; none when it is absent.
    pub fn items(&self) -> Vec<Node<'a>> {
        let Some(items) = self.value.as_array() else {
            return Vec::new();
        };
        items.iter().enumerate().map(|(i, value)| Node { value, path: format!("{}[{i}]", self.path) }).collect()
    }

    /// The members that are present, in the order of their names.
    pub fn members(&self) -> Vec<(&'a str, Node<'a>)> {
        let Some(object) = self.value.as_object() else {
            return Vec::new();
        };
        object.keys().map(|name| (name.as_str(), self.get(name))).filter(|(_, node)| node.exists()).collect()
    }

    /// Which of `names` are present.
    pub fn present(&self, names: &[&'static str]) -> Vec<&'static str> {
        names.iter().copied().filter(|name| self.get(name).exists()).collect()
    }

    pub fn exists(&self) -> bool {
        !self.value.is_null()
    }

    pub fn str(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    pub fn num(&self) -> Option<f64> {
        self.value.as_f64()
    }

    pub fn int(&self) -> Option<i64> {
        self.value.as_i64()
    }

    pub fn is_true(&self) -> bool {
        self.value.as_bool().unwrap_or(false)
    }

    /// Whether the value is the word `word`.
    pub fn is(&self, word: &str) -> bool {
        self.str() == Some(word)
    }
}
