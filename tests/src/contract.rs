//! `openapi.yaml` against the code, in both directions: routes, problem types, what is answered, what is asked. What
//! only a running stack shows is `tests/foreign/contract.py`'s.

pub mod answers;
mod bounds;
mod examples;
mod feed;
mod planned;
mod problems;
mod requests;
mod routes;
mod rules;
mod sign_in;

pub use answers::hold;

use jsonschema::Validator;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::LazyLock;

/// The contract as it is written.
static CONTRACT: LazyLock<Value> = LazyLock::new(|| serde_yaml_ng::from_str(&text("openapi.yaml")).unwrap());

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A file of the project.
fn text(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a reference leads to; anything else is itself.
fn resolved(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap();
            CONTRACT.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

/// One operation, and where it stands.
pub struct Operation {
    pub path: &'static str,
    pub method: String,
    pub document: &'static Value,
}

pub fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in CONTRACT["paths"].as_object().unwrap() {
        for (method, document) in item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            all.push(Operation { path, method: method.to_ascii_uppercase(), document });
        }
    }
    all
}

fn operation(id: &str) -> Operation {
    let found = operations().into_iter().find(|operation| operation.document["operationId"] == id);
    found.unwrap_or_else(|| panic!("no operation is called {id}"))
}

/// A validator of any schema of the contract; its references lead into the contract.
fn validator(schema: &Value) -> Validator {
    let document = json!({"allOf": [schema], "components": {"schemas": CONTRACT["components"]["schemas"]}});
    jsonschema::draft202012::new(&document).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn validator_of(name: &str) -> Validator {
    validator(&json!({"$ref": format!("#/components/schemas/{name}")}))
}

/// Everything that the schema has against the value.
fn wrong(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
