//! What a refusal of the simulated account means to control.

use crate::world::AwsError;
use headend_domain::action::{Refusal, RefusalKind};

pub fn refusal(error: &AwsError) -> Refusal {
    let kind = match error.status {
        429 | 403 if speaks_of_quota(&error.message) => RefusalKind::Quota,
        400 | 422 if speaks_of_quota(&error.message) => RefusalKind::Quota,
        429 => RefusalKind::Throttled,
        409 | 412 => RefusalKind::Conflict,
        403 => RefusalKind::Denied,
        422 if not_visible_yet(error) => RefusalKind::Conflict,
        500.. => RefusalKind::Unsure,
        _ => RefusalKind::Rejected,
    };
    let mut message = error.message.clone();
    for (path, words) in &error.validation {
        message.push_str(&format!("; {path}: {words}"));
    }
    Refusal::new(kind, &error.code, &message)
}

/// A delete that is refused because something still holds the object is a wait, whatever code AWS gives it
/// (aws-facts 1.2, 2.9).
pub fn refusal_of_delete(error: &AwsError) -> Refusal {
    let refusal = refusal(error);
    match refusal.kind {
        RefusalKind::Rejected => Refusal { kind: RefusalKind::Conflict, ..refusal },
        _ => refusal,
    }
}

fn speaks_of_quota(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("quota") || message.contains("limit exceeded")
}

/// MediaLive does not see a fresh MediaPackage channel for some seconds (aws-facts 1.7).
fn not_visible_yet(error: &AwsError) -> bool {
    !error.validation.is_empty() && error.validation.iter().all(|(path, _)| path.ends_with("destination.channelId"))
}
