//! Webhooks and their log as the API shows them. A secret is not shown again after it was made.

use crate::webhooks::Kept;
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Answer, Delivery, Trouble};
use serde_json::{Value, json};

pub fn webhook(kept: &Kept, now: Timestamp) -> Value {
    let Kept { webhook, trouble } = kept;
    let mut view = json!(webhook.wish);
    view["id"] = json!(webhook.id);
    view["createdAt"] = json!(webhook.created_at.to_string());
    if let Some(previous) = webhook.previous.as_ref().filter(|previous| previous.until > now) {
        view["previousSecretUntil"] = json!(previous.until.to_string());
    }
    if let Some(trouble) = trouble {
        view["trouble"] = in_trouble(trouble);
    }
    view
}

fn in_trouble(trouble: &Trouble) -> Value {
    json!({"since": trouble.since.to_string(), "failures": trouble.failures, "lastAnswer": answer(&trouble.last)})
}

pub fn delivery(delivery: &Delivery) -> Value {
    let mut view = json!({
        "messageId": delivery.message,
        "type": delivery.kind,
        "createdAt": delivery.created_at.to_string(),
        "state": delivery.fate,
        "attempts": delivery.attempts,
    });
    if !delivery.platform.is_empty() {
        view["platform"] = json!(delivery.platform);
        view["sequence"] = json!(delivery.sequence);
    }
    if let Some(next) = delivery.next_at {
        view["nextAttemptAt"] = json!(next.to_string());
    }
    if let Some(last) = &delivery.last {
        view["lastAnswer"] = answer(last);
    }
    view
}

fn answer(answer: &Answer) -> Value {
    let mut view = json!({"at": answer.at.to_string(), "milliseconds": answer.milliseconds});
    if let Some(status) = answer.status {
        view["status"] = json!(status);
    }
    if !answer.said.is_empty() {
        view["said"] = json!(answer.said);
    }
    if let Some(error) = &answer.error {
        view["error"] = json!(error);
    }
    view
}
