//! What webhooks need of the table, and the one place where an attempt to deliver is made: the API's test button and the
//! sender do the same.

use crate::ports::{Clock, Post};
use crate::store::{Page, Remembered, Stored};
use headend_domain::limits::Limits;
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Answer, Delivery, Trouble, Webhook, signed_text};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// A webhook as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub webhook: Webhook,
    /// Beside it, since the sender writes it and persons write the webhook.
    pub trouble: Option<Trouble>,
}

/// One delivery's key. Tests have messages of their own, so that message and webhook tell all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryKey {
    pub tenant: String,
    pub webhook: String,
    pub message: String,
}

/// One accepted change of a webhook, with the Idempotency-Key and the tenant's counter, all or nothing.
#[derive(Debug, Clone)]
pub struct WebhookChange<'a> {
    pub tenant: &'a str,
    pub webhook: &'a Webhook,
    /// As read; `None` for a new one, which counts.
    pub expect_version: Option<u64>,
    pub remembered: Option<Remembered>,
    /// At most 36 characters; the same token makes a repeated write harmless.
    pub token: String,
    pub now: Timestamp,
}

pub trait Webhooks {
    /// All of a tenant, the oldest first.
    async fn webhooks(&self, tenant: &str) -> Stored<Vec<Kept>>;
    async fn webhook(&self, tenant: &str, id: &str) -> Stored<Option<Kept>>;
    /// # Errors
    /// `Conflict` when version or Idempotency-Key are not as expected, `Full` when the tenant has all that it may have.
    async fn put_webhook(&self, change: &WebhookChange<'_>) -> Stored<()>;
    /// # Errors
    /// `Conflict` when it is not there, or has another version.
    async fn remove_webhook(&self, tenant: &str, id: &str, version: u64) -> Stored<()>;
    /// `false` when the webhook is not there (any more).
    async fn note_trouble(&self, tenant: &str, id: &str, trouble: Option<&Trouble>) -> Stored<bool>;
}

pub trait Deliveries {
    /// Writes it down; whoever does so has it until `until`. `false` when it is there already.
    async fn open_delivery(&self, key: &DeliveryKey, delivery: &Delivery, until: Timestamp) -> Stored<bool>;
    async fn delivery(&self, key: &DeliveryKey) -> Stored<Option<Delivery>>;
    /// What came of an attempt; the next is due as the delivery says.
    ///
    /// # Errors
    /// `Conflict` when somebody else has written meanwhile: it had `attempts` attempts and is at another count.
    async fn settle_delivery(&self, key: &DeliveryKey, delivery: &Delivery, attempts: u32) -> Stored<()>;
    async fn forget_delivery(&self, key: &DeliveryKey) -> Stored<()>;
    async fn due_deliveries(&self, now: Timestamp, limit: usize) -> Stored<Vec<(DeliveryKey, Timestamp)>>;
    /// Moves the due time, provided that it is still the one that was read.
    async fn claim_delivery(&self, key: &DeliveryKey, due_at: Timestamp, until: Timestamp) -> Stored<bool>;
    /// Newest first.
    async fn deliveries(&self, tenant: &str, id: &str, cursor: Option<&str>, limit: usize) -> Stored<Page<Delivery>>;
}

/// Posts the message, and says what is to be written down.
pub async fn attempt(
    post: &impl Post,
    clock: &impl Clock,
    limits: Limits,
    webhook: &Webhook,
    delivery: &Delivery,
) -> Delivery {
    let begun = clock.now();
    let headers = headers(webhook, delivery, begun);
    let posted = post.post(&webhook.wish.url, &headers, &delivery.body).await;
    let took = clock.now().millis_since(begun).max(0);
    let answer = match posted {
        Ok(posted) => Answer::of_status(begun, took, posted.status, &posted.said),
        Err(why) => Answer::of_error(begun, took, why),
    };
    delivery.tried(answer, limits)
}

/// What a receiver checks and tells apart by.
fn headers(webhook: &Webhook, delivery: &Delivery, now: Timestamp) -> Vec<(&'static str, String)> {
    let seconds = now.0.div_euclid(1000);
    let text = signed_text(seconds, &delivery.body);
    let signatures = webhook.secrets(now).map(|secret| format!(",v1={}", signature(secret, &text)));
    vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", concat!("Headend/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("headend-webhook", webhook.id.clone()),
        ("headend-message", delivery.message.clone()),
        ("headend-attempt", delivery.attempts.saturating_add(1).to_string()),
        ("headend-signature", format!("t={seconds}{}", signatures.collect::<String>())),
    ]
}

fn signature(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("BUG: HMAC takes keys of every length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_every_other_implementation_does() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", "what do ya want for nothing?"), expected);
    }
}
