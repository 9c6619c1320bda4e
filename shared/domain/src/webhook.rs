//! Webhooks: who hears which messages at which address, and what becomes of a delivery. Pure: keeping and sending are others'
//! (decision 019).

mod read;

pub use read::{read, refused};

use crate::limits::Limits;
use crate::outbox::Kind;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The type of the message that the test button sends.
pub const TEST: &str = "webhook.test";
/// Of an answer's body the log keeps the beginning, in characters.
pub const SAID_KEPT: usize = 256;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub url: String,
    #[serde(default)]
    pub description: String,
    /// None are all.
    #[serde(default)]
    pub types: Vec<Kind>,
    /// Ids; none are all.
    #[serde(default)]
    pub platforms: Vec<String>,
    pub enabled: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: String,
    #[serde(flatten)]
    pub wish: Wish,
    pub created_at: Timestamp,
    /// Counts changes.
    pub version: u64,
    pub secret: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// The secret before the last rotation: it signs too until receivers have had time to change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub secret: String,
    pub until: Timestamp,
}

/// Without the secrets.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Webhook({}, {:?}, version {})", self.id, self.wish, self.version)
    }
}

impl Webhook {
    pub fn hears(&self, message: &Heard) -> bool {
        let wish = &self.wish;
        let kind = || wish.types.is_empty() || wish.types.iter().any(|kind| kind.word() == message.kind);
        let platform = || wish.platforms.is_empty() || wish.platforms.contains(&message.platform);
        wish.enabled && kind() && platform()
    }

    /// The secrets that sign now, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous.as_ref().filter(|previous| previous.until > now);
        std::iter::once(self.secret.as_str()).chain(previous.map(|previous| previous.secret.as_str()))
    }

    #[must_use]
    pub fn rotated(&self, secret: String, until: Timestamp) -> Self {
        let previous = Some(Previous { secret: self.secret.clone(), until });
        Self { secret, previous, version: self.version + 1, ..self.clone() }
    }
}

/// A webhook's id is `w-` and 12 hexadecimal digits.
pub fn is_webhook_id(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.strip_prefix("w-").is_some_and(|rest| rest.len() == 12 && rest.bytes().all(legal))
}

/// A message as the bus hands it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub tenant: String,
    pub id: String,
    pub kind: String,
    pub platform: String,
    pub sequence: u64,
    /// What is posted: the bus's `detail`, as JSON.
    pub body: String,
}

impl Heard {
    /// Reads the `detail` of an event of ours.
    pub fn read(detail: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            tenant: text(&detail["tenant"])?,
            id: text(&detail["id"])?,
            kind: text(&detail["type"])?,
            platform: text(&detail["platform"]["id"])?,
            sequence: detail["sequence"].as_u64()?,
            body: detail.to_string(),
        })
    }

    /// What the test button sends: of no platform, and outside every sequence.
    pub fn test(id: String, webhook: &Webhook, tenant: &str, now: Timestamp) -> Self {
        let detail = json!({
            "id": id,
            "type": TEST,
            "at": now.to_string(),
            "tenant": tenant,
            "data": {"webhook": webhook.id, "says": "a test; receivers answer with any status from 200 to 299"},
        });
        let (tenant, kind) = (tenant.to_owned(), TEST.to_owned());
        Self { tenant, id, kind, platform: String::new(), sequence: 0, body: detail.to_string() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// To be tried, or tried again.
    Waiting,
    Delivered,
    /// Not taken within a day.
    GivenUp,
}

/// One message on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub message: String,
    pub kind: String,
    /// Empty for a test.
    pub platform: String,
    pub sequence: u64,
    pub body: String,
    pub created_at: Timestamp,
    /// When trying began: at first, or when a person had it sent again.
    pub begun_at: Timestamp,
    /// Since `begun_at`.
    pub tries: u32,
    /// In all.
    pub attempts: u32,
    pub fate: Fate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Answer>,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub at: Timestamp,
    pub milliseconds: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The beginning of the body.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// Why it does not count as taken, with the cure where we know one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Answer {
    /// An answer over HTTP. Only 200 to 299 takes the message.
    pub fn of_status(at: Timestamp, milliseconds: i64, status: u16, said: &str) -> Self {
        let error = match status {
            200..=299 => None,
            300..=399 => {
                Some("it redirects, which is not followed: give the webhook the address it leads to".to_owned())
            }
            401 | 403 => Some(format!("it refuses with {status}: does it expect a token instead of the signature?")),
            404 | 410 => Some(format!("there is nothing at this address ({status})")),
            _ => Some(format!("it answers with {status}")),
        };
        let said = said.chars().filter(|it| !it.is_control() || *it == '\n').take(SAID_KEPT).collect();
        Self { at, milliseconds, status: Some(status), said, error }
    }

    pub fn of_error(at: Timestamp, milliseconds: i64, error: String) -> Self {
        Self { at, milliseconds, status: None, said: String::new(), error: Some(error) }
    }

    pub fn took_it(&self) -> bool {
        self.error.is_none()
    }
}

impl Delivery {
    /// To be tried now.
    pub fn new(message: &Heard, now: Timestamp) -> Self {
        Self {
            message: message.id.clone(),
            kind: message.kind.clone(),
            platform: message.platform.clone(),
            sequence: message.sequence,
            body: message.body.clone(),
            created_at: now,
            begun_at: now,
            tries: 0,
            attempts: 0,
            fate: Fate::Waiting,
            next_at: Some(now),
            last: None,
        }
    }

    /// As a person wants it: with all its tries before it again.
    #[must_use]
    pub fn again(&self, now: Timestamp) -> Self {
        Self { begun_at: now, tries: 0, fate: Fate::Waiting, next_at: Some(now), ..self.clone() }
    }

    /// What an attempt leaves behind.
    #[must_use]
    pub fn tried(&self, answer: Answer, limits: Limits) -> Self {
        let now = answer.at.plus_millis(answer.milliseconds);
        let (tries, attempts) = (self.tries.saturating_add(1), self.attempts.saturating_add(1));
        let took_it = answer.took_it();
        let tried = Self { tries, attempts, last: Some(answer), ..self.clone() };
        if took_it {
            return Self { fate: Fate::Delivered, next_at: None, ..tried };
        }
        let next = now.plus_millis(limits.webhook_pause_millis(tries));
        tried.later(next, limits)
    }

    /// To be tried at that moment, unless that would be too late.
    #[must_use]
    pub fn later(&self, next: Timestamp, limits: Limits) -> Self {
        if next.millis_since(self.begun_at) > limits.webhook_patience_millis() {
            return Self { fate: Fate::GivenUp, next_at: None, ..self.clone() };
        }
        Self { next_at: Some(next), ..self.clone() }
    }
}

/// What stands beside a webhook while its last attempts failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub since: Timestamp,
    pub failures: u32,
    pub last: Answer,
}

impl Trouble {
    /// After one more attempt.
    pub fn after(before: Option<&Self>, answer: &Answer) -> Option<Self> {
        if answer.took_it() {
            return None;
        }
        let failures = before.map_or(0, |before| before.failures).saturating_add(1);
        let since = before.map_or(answer.at, |before| before.since);
        Some(Self { since, failures, last: answer.clone() })
    }
}

/// What is signed: the moment in seconds, so that an old request cannot be sent again, and the body as it is.
pub fn signed_text(seconds: i64, body: &str) -> String {
    format!("{seconds}.{body}")
}
