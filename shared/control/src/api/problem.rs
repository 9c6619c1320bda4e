//! Problem documents (RFC 9457). The `type` of each is stable; the words beside it may change.

use super::HttpResponse;
use crate::store::StoreError;
use headend_domain::spec::Problem;
use serde_json::json;

/// What a request can fail with, and the answer it gets.
pub fn problem(status: u16, kind: &str, title: &str, detail: &str) -> HttpResponse {
    with_errors(status, kind, title, detail, &[])
}

pub fn with_errors(status: u16, kind: &str, title: &str, detail: &str, errors: &[Problem]) -> HttpResponse {
    let mut body = json!({
        "type": format!("urn:headend:problem:{kind}"),
        "title": title,
        "status": status,
        "detail": detail,
    });
    if !errors.is_empty() {
        body["errors"] = json!(errors);
    }
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/problem+json".to_owned())],
        body: body.to_string(),
    }
}

pub fn invalid(errors: &[Problem]) -> HttpResponse {
    let detail = match errors {
        [one] => format!("{} {}", one.pointer, one.detail),
        many => format!("{} fields have to be corrected", many.len()),
    };
    with_errors(422, "invalid-request", "The request is well formed but not valid", detail.trim(), errors)
}

pub fn unknown_platform(id: &str) -> HttpResponse {
    problem(404, "unknown-platform", "No such platform", &format!("there is no platform {id:?}"))
}

pub fn conflict(kind: &str, detail: &str) -> HttpResponse {
    problem(409, kind, "The platform's state does not allow this", detail)
}

/// The table did not take the request: nothing was acknowledged, so the caller has to ask again.
pub fn from_store(error: &StoreError) -> HttpResponse {
    tracing::error!(%error, "the table did not take a request");
    match error {
        StoreError::Poisoned { key, .. } => problem(
            500,
            "unreadable-record",
            "The platform's record cannot be read",
            &format!("an operator has to look at {}", key.id),
        ),
        StoreError::Conflict | StoreError::Unsure(_) | StoreError::Failed(_) => problem(
            503,
            "try-again",
            "Not accepted",
            "the request was not accepted; send it again with the same Idempotency-Key",
        )
        .with_header("retry-after", "2"),
    }
}
