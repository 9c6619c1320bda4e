//! What an error of AWS means to control: wait, look again, try later, or a person has to help. All services
//! share one classification; what is peculiar to one is said where it is called.

use aws_sdk_medialive::config::http::HttpResponse;
use aws_sdk_medialive::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use headend_domain::action::{Refusal, RefusalKind};

/// An error, as far as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The service answered.
    Said { status: u16, code: String, message: String },
    /// No usable answer: it may have happened.
    Nothing(String),
    /// The request never left.
    NotSent(String),
}

pub fn told<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E, HttpResponse>) -> Told {
    let words = || DisplayErrorContext(error).to_string();
    match error {
        SdkError::ServiceError(answer) => Told::Said {
            status: answer.raw().status().as_u16(),
            code: answer.err().code().unwrap_or("NoCode").to_owned(),
            message: answer.err().message().unwrap_or("no message").to_owned(),
        },
        SdkError::ConstructionFailure(_) => Told::NotSent(words()),
        _ => Told::Nothing(words()),
    }
}

impl Told {
    /// The object is not there: status 404, or Secrets Manager's and CloudWatch's words for it.
    pub fn not_found(&self) -> bool {
        let named = |code: &str| code.starts_with("ResourceNotFound");
        matches!(self, Self::Said { status, code, .. } if *status == 404 || named(code))
    }

    pub fn has_code(&self, wanted: &str) -> bool {
        matches!(self, Self::Said { code, .. } if code == wanted)
    }

    /// MediaPackage has no error of its own for an id that is taken, only words (aws-facts 2.1).
    pub fn says_exists(&self) -> bool {
        let Self::Said { status: 422, message, .. } = self else { return false };
        let message = message.to_ascii_lowercase();
        message.contains("exist") && !message.contains("not exist") && !message.contains("n't exist")
    }

    pub fn refusal(self) -> Refusal {
        match self {
            Self::Nothing(words) => Refusal::new(RefusalKind::Unsure, "NoAnswer", &words),
            Self::NotSent(words) => Refusal::new(RefusalKind::NotSent, "NotSent", &words),
            Self::Said { status, code, message } => Refusal::new(kind(status, &code, &message), &code, &message),
        }
    }

    /// Of a call that only waits for something else when it is refused: a delete of what is still held has
    /// another code with each service (aws-facts 1.2, 2.9).
    pub fn refusal_of_delete(self) -> Refusal {
        let refusal = self.refusal();
        match refusal.kind {
            RefusalKind::Rejected => Refusal { kind: RefusalKind::Conflict, ..refusal },
            _ => refusal,
        }
    }

    /// Of a create that needs something which was made a moment ago and may not be visible everywhere yet.
    pub fn into_conflict(self) -> Refusal {
        Refusal { kind: RefusalKind::Conflict, ..self.refusal() }
    }
}

fn kind(status: u16, code: &str, message: &str) -> RefusalKind {
    if status >= 500 {
        return RefusalKind::Unsure;
    }
    if speaks_of_quota(code, message) {
        return RefusalKind::Quota;
    }
    let throttled = ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown"];
    if status == 429 || throttled.iter().any(|word| code.contains(word)) {
        return RefusalKind::Throttled;
    }
    if status == 409 || status == 412 || code == "InvalidIfMatchVersion" {
        return RefusalKind::Conflict;
    }
    if status == 401 || status == 403 || code.starts_with("AccessDenied") {
        return RefusalKind::Denied;
    }
    RefusalKind::Rejected
}

/// A resource quota, not a rate. MediaLive's code for it is not certain (aws-facts 7.7), so its words count.
fn speaks_of_quota(code: &str, message: &str) -> bool {
    let named =
        code.starts_with("LimitExceeded") || (code.starts_with("TooMany") && !code.starts_with("TooManyRequests"));
    let message = message.to_ascii_lowercase();
    let words = [
        "quota",
        "limit exceeded",
        "limit reached",
        "limit has been reached",
        "maximum number of",
        "exceeded the limit",
    ];
    named || (words.iter().any(|word| message.contains(word)) && !message.contains("rate"))
}

#[cfg(test)]
mod tests;
