//! `platform-health`: how a channel on air does, measured by CloudWatch at this moment, in words (decision 020).

use crate::api::{HttpRequest, HttpResponse, problem};
use crate::handlers::caller::Callers;
use crate::handlers::platform_key;
use crate::ports::{Clock, Metrics};
use crate::store::{Records, Tenants};
use headend_domain::health::{WINDOW_SECS, judge, probes};
use headend_domain::limits::Limits;
use serde_json::json;

pub struct HealthReader<'a, S, M, C> {
    pub store: &'a S,
    pub metrics: &'a M,
    pub clock: &'a C,
    pub callers: Callers,
    pub limits: Limits,
}

impl<S: Records + Tenants, M: Metrics, C: Clock> HealthReader<'_, S, M, C> {
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).await.unwrap_or_else(|answer| answer)
    }

    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.callers.of(request, self.store, self.clock.now()).await?;
        let key = platform_key(request, &caller)?;
        let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| problem::unknown_platform(&key.id))?.record;
        let (asked, now) = (probes(&record), self.clock.now());
        let values = if asked.is_empty() {
            Vec::new()
        } else {
            self.metrics.newest(&asked, now).await.map_err(|why| not_measured(&why))?
        };
        let mut body = json!(judge(&record, &values, now, self.limits));
        body["at"] = json!(now.to_string());
        body["windowSeconds"] = json!(WINDOW_SECS);
        Ok(HttpResponse::json(200, &body))
    }
}

/// The reason is for whoever keeps the stack; nothing was changed.
fn not_measured(why: &str) -> HttpResponse {
    tracing::error!(why, "CloudWatch did not answer GetMetricData");
    let detail = "CloudWatch did not answer; ask again in a moment";
    problem::problem(503, "not-measured", "The health cannot be measured now", detail).with_header("retry-after", "5")
}
