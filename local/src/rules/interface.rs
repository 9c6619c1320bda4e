//! The interface of each service as AWS publishes it: operations, members and their names on the wire,
//! required members, enums and bounds. Read from the tables in `tables/` (made by `tables/extract.py`).
//!
//! `wire` parses and writes messages by it and `shape` checks requests against it. It knows no protocol and
//! no state.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

/// One service's table.
#[derive(Debug, Deserialize)]
pub struct Interface {
    pub service: String,
    pub version: String,
    pub target: String,
    pub xmlns: String,
    pub operations: BTreeMap<String, Operation>,
    pub errors: HashMap<String, ErrorShape>,
    pub shapes: HashMap<String, Shape>,
}

/// One operation: its HTTP binding and the names of its input and output structures.
#[derive(Debug, Deserialize)]
pub struct Operation {
    pub method: String,
    pub uri: String,
    #[serde(default = "ok")]
    pub status: u16,
    pub input: Option<String>,
    pub output: Option<String>,
}

/// An error that the service declares. `code` is present where it differs from the shape's name.
#[derive(Debug, Deserialize)]
pub struct ErrorShape {
    pub status: u16,
    pub code: Option<String>,
}

fn ok() -> u16 {
    200
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A type. Bounds are of the value for numbers, of the length for strings and lists.
#[derive(Debug, Deserialize)]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub min: Option<f64>,
    pub max: Option<f64>,
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    #[serde(default)]
    pub sensitive: bool,
    pub format: Option<String>,
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    #[serde(default)]
    pub required: Vec<String>,
    /// The one member that is the whole body, for the REST protocols.
    pub payload: Option<String>,
    /// Of what a list or a map is.
    pub of: Option<String>,
    /// Name of a list's elements in XML; `member` where it is not told.
    pub item: Option<String>,
    #[serde(default)]
    pub flattened: bool,
}

/// A member, kept under its name on the wire.
#[derive(Debug, Deserialize)]
pub struct Member {
    pub shape: String,
    #[serde(default, rename = "in")]
    pub place: Place,
    pub header: Option<String>,
    pub xmlns: Option<String>,
}

/// Where an HTTP binding puts a member.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    #[default]
    Body,
    Uri,
    Querystring,
    Header,
    StatusCode,
}

impl Interface {
    /// The table of one of the services that the account has, by the name it is signed for (`monitoring` is CloudWatch).
    pub fn of(service: &str) -> Option<&'static Interface> {
        let name = if service == "monitoring" { "cloudwatch" } else { service };
        tables().get(name)
    }

    pub fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).unwrap_or_else(|| panic!("BUG: table {} has no shape {name}", self.service))
    }

    /// The input structure of an operation, if it has one.
    pub fn input(&self, operation: &str) -> Option<&Shape> {
        self.operations.get(operation)?.input.as_deref().map(|name| self.shape(name))
    }

    /// The output structure of an operation, if it has one.
    pub fn output(&self, operation: &str) -> Option<&Shape> {
        self.operations.get(operation)?.output.as_deref().map(|name| self.shape(name))
    }
}

fn tables() -> &'static HashMap<&'static str, Interface> {
    static TABLES: OnceLock<HashMap<&'static str, Interface>> = OnceLock::new();
    TABLES.get_or_init(|| {
        [
            ("medialive", include_str!("tables/medialive.json")),
            ("mediapackage", include_str!("tables/mediapackage.json")),
            ("cloudfront", include_str!("tables/cloudfront.json")),
            ("cloudwatch", include_str!("tables/cloudwatch.json")),
            ("secretsmanager", include_str!("tables/secretsmanager.json")),
            ("sts", include_str!("tables/sts.json")),
            ("events", include_str!("tables/events.json")),
        ]
        .into_iter()
        .map(|(name, text)| {
            let table = serde_json::from_str(text).unwrap_or_else(|e| panic!("BUG: table {name} is not readable: {e}"));
            (name, table)
        })
        .collect()
    })
}
