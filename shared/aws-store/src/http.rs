//! Between the events of an HTTP API (payload format 2.0) and control's plain requests. Only what is used is
//! read; every answer is text.

use crate::wiring::erased;
use base64::Engine as _;
use headend_control::api::{HttpRequest, HttpResponse};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Serves requests with `handler` until Lambda ends the process.
///
/// # Errors
/// The Lambda runtime's own.
pub async fn run<H: AsyncFn(HttpRequest) -> HttpResponse>(handler: H) -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| erased(serve(&handler, event.payload)))).await
}

async fn serve<H: AsyncFn(HttpRequest) -> HttpResponse>(handler: &H, event: Event) -> Result<Answer, Error> {
    let request = event.into_request()?;
    let (method, path) = (request.method.clone(), request.path.clone());
    let response = handler(request).await;
    tracing::info!(method, path, status = response.status, "answered");
    Ok(Answer::from(response))
}

/// The event, as far as it is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    request_context: RequestContext,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(default)]
    path_parameters: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct RequestContext {
    http: Http,
    #[serde(default)]
    stage: String,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

impl Event {
    /// # Errors
    /// A body that is said to be Base64 and is not.
    pub fn into_request(self) -> Result<HttpRequest, base64::DecodeError> {
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded {
            base64::engine::general_purpose::STANDARD.decode(body)?
        } else {
            body.into_bytes()
        };
        // The path begins with the stage's name, unless the stage is `$default`.
        let path = match self.raw_path.strip_prefix(&format!("/{}/", self.request_context.stage)) {
            Some(rest) if !self.request_context.stage.is_empty() => format!("/{rest}"),
            _ => self.raw_path,
        };
        Ok(HttpRequest {
            method: self.request_context.http.method,
            path,
            path_parameters: self.path_parameters,
            query: self.query_string_parameters,
            headers: self.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            body,
        })
    }
}

/// The answer in format 2.0.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    body: String,
    is_base64_encoded: bool,
}

impl From<HttpResponse> for Answer {
    fn from(response: HttpResponse) -> Self {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers {
            headers.entry(name).and_modify(|before| *before = format!("{before}, {value}")).or_insert(value);
        }
        Self { status_code: response.status, headers, body: response.body, is_base64_encoded: false }
    }
}

#[cfg(test)]
mod tests;
