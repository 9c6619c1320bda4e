//! What the front passes around: a request as it came, an answer as it leaves, and the protocols between.

use axum::body::Bytes;
use http::{HeaderMap, Method};

use super::query;

/// A request whose body has been read.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Path and query as they were sent.
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    /// The path as it was sent, percent escapes included.
    pub fn path(&self) -> &str {
        self.uri.split_once('?').map_or(self.uri.as_str(), |(path, _)| path)
    }

    /// The query's parameters, decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        self.uri.split_once('?').map(|(_, text)| query::pairs(text)).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The operation that an X-Amz-Target header names.
    pub fn target(&self) -> Option<&str> {
        self.header("x-amz-target").and_then(|target| target.rsplit('.').next())
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection breaks before the body has arrived.
    pub lost: bool,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), lost: false }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// The AWS protocols (aws-facts 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    RestJson,
    RestXml,
    /// json 1.0 and 1.1 differ in the content type alone.
    Json(&'static str),
    Query,
    Cbor,
}

pub const JSON_1_0: Protocol = Protocol::Json("application/x-amz-json-1.0");
pub const JSON_1_1: Protocol = Protocol::Json("application/x-amz-json-1.1");

impl Protocol {
    /// The protocol of a request to `service`; what an unknown or unnamed service speaks is guessed from the request.
    pub fn of(service: &str, request: &Request) -> Protocol {
        match service {
            "medialive" | "mediapackage" => Protocol::RestJson,
            "cloudfront" | "s3" => Protocol::RestXml,
            "secretsmanager" | "events" => JSON_1_1,
            "dynamodb" => JSON_1_0,
            _ if request.header("smithy-protocol") == Some("rpc-v2-cbor") => Protocol::Cbor,
            _ if request.header("x-amz-target").is_some() => JSON_1_0,
            "monitoring" | "sqs" | "sts" => Protocol::Query,
            _ if request.path().starts_with("/2020-05-31/") => Protocol::RestXml,
            _ => Protocol::RestJson,
        }
    }
}
