//! Problem documents (RFC 9457). The `type` of each is stable; the words beside it may change.

use super::HttpResponse;
use crate::store::{Counter, StoreError};
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
    if !matches!(error, StoreError::Full { .. }) {
        tracing::error!(%error, "the table did not take a request");
    }
    match error {
        StoreError::Poisoned { key, .. } => problem(
            500,
            "unreadable-record",
            "The platform's record cannot be read",
            &format!("an operator has to look at {}", key.id),
        ),
        StoreError::Full { counter, have, most } => full(*counter, *have, *most),
        StoreError::Conflict | StoreError::Busy | StoreError::Unsure(_) | StoreError::Failed(_) => problem(
            503,
            "try-again",
            "Not accepted",
            "the request was not accepted; send it again with the same Idempotency-Key",
        )
        .with_header("retry-after", "2"),
    }
}

/// What the tenant may have is used up.
fn full(counter: Counter, have: u64, most: u32) -> HttpResponse {
    match counter {
        Counter::Platforms => {
            let detail = format!(
                "your tenant has {have} platforms, and the limit is {most}: DELETE one and wait until it is Gone, or have the \
                 stack's MaxPlatforms raised"
            );
            problem(409, "too-many-platforms", "The tenant's limit is reached", &detail)
        }
        Counter::Webhooks => {
            let detail =
                format!("your tenant has {have} webhooks, and the limit is {most}: DELETE one, or let one hear more");
            problem(409, "too-many-webhooks", "The tenant's limit is reached", &detail)
        }
        Counter::Running => {
            let detail = format!(
                "{have} channels of your tenant run or are about to, and the limit is {most}: stop one, or have the stack's \
                 MaxRunningChannels raised"
            );
            problem(409, "too-many-running", "The tenant's limit is reached", &detail)
        }
    }
}
