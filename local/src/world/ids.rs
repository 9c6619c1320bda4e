//! Names that AWS gives: ids, ARNs, times as text.

use super::{Ms, World};

/// `at` as RFC 3339 with milliseconds, for example `2026-01-01T00:00:00.000Z`.
pub fn rfc3339(at: Ms) -> String {
    format_time(at, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// `at` as RFC 3339 in whole seconds, as EventBridge envelopes have it.
pub fn rfc3339_secs(at: Ms) -> String {
    format_time(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// `at` as CloudWatch writes times inside its events: `2026-01-01T00:00:00.000+0000`.
pub(crate) fn alarm_time(at: Ms) -> String {
    format_time(at, "%Y-%m-%dT%H:%M:%S%.3f+0000")
}

fn format_time(at: Ms, format: &str) -> String {
    let moment = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime(format).to_string()
}

impl World {
    /// MediaLive separates kind and id by a colon (aws-facts 1.2).
    pub(crate) fn medialive_arn(&self, region: &str, kind: &str, id: &str) -> String {
        format!("arn:aws:medialive:{region}:{}:{kind}:{id}", self.account)
    }

    pub(crate) fn arn(&self, service: &str, region: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{region}:{}:{rest}", self.account)
    }

    /// Seven digits, as MediaLive numbers its resources (aws-facts 1.2).
    pub(crate) fn numeric_id(&mut self) -> String {
        self.dice.between(1_000_000, 9_999_999).to_string()
    }
}
