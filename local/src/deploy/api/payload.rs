//! The events and answers of an HTTP API with payload format 2.0.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::deploy::lambda::trace;

use super::route::{Found, percent_decoded};

/// What of the API stands in every event.
#[derive(Debug, Clone)]
pub struct ApiIdentity {
    pub api_id: String,
    pub account: String,
    pub region: String,
}

/// The facts of one request that are not in its HTTP parts.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    pub request_id: &'a str,
    pub source_ip: &'a str,
    /// The port that the API listens on.
    pub port: u16,
    pub epoch_ms: i64,
    /// What the authorizer says of who calls.
    pub caller: Option<Value>,
}

/// Builds the event for a request.
pub fn event(api: &ApiIdentity, found: &Found<'_>, parts: &Parts, body: &[u8], call: &Call<'_>) -> Value {
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let (mut headers, cookies) = headers_and_cookies(&parts.headers);
    headers.entry("x-amzn-trace-id".to_owned()).or_insert_with(trace::root);
    headers.insert("x-forwarded-for".to_owned(), call.source_ip.to_owned());
    headers.insert("x-forwarded-port".to_owned(), call.port.to_string());
    // No TLS on the laptop; on AWS it is always https.
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
    let domain = format!("{}.execute-api.{}.amazonaws.com", api.api_id, api.region);
    let mut event = json!({
        "version": "2.0",
        "routeKey": found.route.key,
        "rawPath": percent_decoded(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": api.account,
            "apiId": api.api_id,
            "domainName": domain,
            "domainPrefix": api.api_id,
            "http": {
                "method": parts.method.as_str(),
                "path": percent_decoded(path),
                "protocol": "HTTP/1.1",
                "sourceIp": call.source_ip,
                "userAgent": user_agent,
            },
            "requestId": call.request_id,
            "routeKey": found.route.key,
            "stage": "$default",
            "time": access_log_time(call.epoch_ms),
            "timeEpoch": call.epoch_ms,
        },
        "isBase64Encoded": false,
    });
    if let Some(caller) = &call.caller {
        event["requestContext"]["authorizer"] = caller.clone();
    }
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query_parameters(query));
    }
    if !found.parameters.is_empty() {
        event["pathParameters"] = json!(found.parameters);
    }
    if !body.is_empty() {
        let text = if is_text(&parts.headers) { std::str::from_utf8(body).ok() } else { None };
        event["isBase64Encoded"] = Value::Bool(text.is_none());
        event["body"] = Value::String(text.map_or_else(|| STANDARD.encode(body), str::to_owned));
    }
    event
}

/// Header names in lower case, repeated ones joined by commas, cookies apart.
fn headers_and_cookies(headers: &HeaderMap) -> (BTreeMap<String, String>, Vec<String>) {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if name == header::COOKIE {
            cookies.extend(value.split(';').map(|cookie| cookie.trim().to_owned()));
            continue;
        }
        let entry = joined.entry(name.as_str().to_owned()).or_default();
        if !entry.is_empty() {
            entry.push(',');
        }
        entry.push_str(&value);
    }
    (joined, cookies)
}

/// Decoded parameters; repeated ones are joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|joined| *joined = format!("{joined},{value}"))
            .or_insert_with(|| value.clone().into_owned());
    }
    parameters
}

/// Bodies of these types arrive as text; all others as base64.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_lowercase();
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || matches!(kind.as_str(), "application/json" | "application/javascript" | "application/xml")
}

/// `12/Mar/2026:19:03:58 +0000`.
fn access_log_time(epoch_ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(epoch_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// Turns a function's answer into the HTTP response; `None` when it is not one that API Gateway understands.
pub fn response(answer: &[u8]) -> Option<Response<Body>> {
    let value: Value = serde_json::from_slice(answer).ok()?;
    let Some(status) = value.get("statusCode") else {
        // Format 2.0 infers a response from an answer without a status.
        let body = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return build(StatusCode::OK, &Map::new(), &[], Bytes::from(body), true);
    };
    let status = status.as_u64().and_then(|code| u16::try_from(code).ok());
    let status = StatusCode::from_u16(status?).ok()?;
    let no_headers = Map::new();
    let headers = match value.get("headers") {
        None | Some(Value::Null) => &no_headers,
        Some(headers) => headers.as_object()?,
    };
    let cookies = value.get("cookies").and_then(Value::as_array).cloned().unwrap_or_default();
    let body = match value.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(body) if value["isBase64Encoded"] == Value::Bool(true) => {
            Bytes::from(STANDARD.decode(body.as_str()?).ok()?)
        }
        Some(Value::String(text)) => Bytes::from(text.clone()),
        Some(other) => Bytes::from(other.to_string()),
    };
    build(status, headers, &cookies, body, false)
}

fn build(
    status: StatusCode,
    headers: &Map<String, Value>,
    cookies: &[Value],
    body: Bytes,
    json: bool,
) -> Option<Response<Body>> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let own = response.headers_mut();
    let default = if json { "application/json" } else { "text/plain;charset=UTF-8" };
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(default));
    for (name, value) in headers {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = HeaderName::try_from(name.as_str()).ok()?;
        // The length is that of the body that is sent.
        if name != header::CONTENT_LENGTH {
            own.insert(name, HeaderValue::try_from(text).ok()?);
        }
    }
    for cookie in cookies {
        own.append(header::SET_COOKIE, HeaderValue::try_from(cookie.as_str()?).ok()?);
    }
    Some(response)
}
