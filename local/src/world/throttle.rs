//! API rate quotas: one token bucket for each region, service and kind of call.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AwsError, Ms, World};

/// Who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    MediaLive,
    MediaPackage,
    CloudFront,
    CloudWatch,
    SecretsManager,
}

/// Reading and writing have buckets of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Read,
    Write,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Buckets {
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Bucket {
    tokens: f64,
    filled_at: Ms,
}

/// Calls per second and burst (aws-facts 1.5, 3.3, 4, 5.2; generous where AWS publishes nothing).
fn rate(service: Service, kind: Kind) -> (f64, f64) {
    match (service, kind) {
        (Service::MediaLive | Service::MediaPackage, Kind::Read) => (10.0, 50.0),
        (Service::MediaLive | Service::MediaPackage, Kind::Write) => (5.0, 20.0),
        (Service::CloudFront, Kind::Read) => (10.0, 50.0),
        (Service::CloudFront, Kind::Write) => (2.0, 10.0),
        (Service::CloudWatch, Kind::Read) => (9.0, 50.0),
        (Service::CloudWatch, Kind::Write) => (3.0, 30.0),
        (Service::SecretsManager, Kind::Read) => (10_000.0, 10_000.0),
        (Service::SecretsManager, Kind::Write) => (50.0, 50.0),
    }
}

fn exceeded(service: Service) -> AwsError {
    match service {
        Service::MediaLive | Service::MediaPackage => AwsError::too_many_requests("Too Many Requests"),
        Service::CloudFront | Service::CloudWatch => AwsError::new(400, "Throttling", "Rate exceeded"),
        Service::SecretsManager => AwsError::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

impl World {
    /// Opens a call: catches up with the time, then takes a token from the caller's bucket.
    pub(crate) fn admit(&mut self, region: &str, now: Ms, service: Service, kind: Kind) -> Result<(), AwsError> {
        self.advance(now);
        if !self.switches.throttles {
            return Ok(());
        }
        let (per_sec, burst) = rate(service, kind);
        let per_sec = per_sec * self.speed;
        let bucket = self
            .buckets
            .buckets
            .entry(format!("{region}/{service:?}/{kind:?}"))
            .or_insert(Bucket { tokens: burst, filled_at: now });
        let gained = (now - bucket.filled_at).max(0) as f64 / 1000.0 * per_sec;
        bucket.tokens = (bucket.tokens + gained).min(burst);
        bucket.filled_at = bucket.filled_at.max(now);
        if bucket.tokens < 1.0 {
            return Err(exceeded(service));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}
