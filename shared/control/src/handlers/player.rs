//! `player-config`: what a player needs to know. Public, read only, cacheable.

use crate::api::view::{ViewSettings, player_config};
use crate::api::{HttpRequest, HttpResponse, problem};
use crate::handlers::caller::Known;
use crate::handlers::platform_id;
use crate::ports::Clock;
use crate::store::{Records, Tenants};
use headend_domain::phase::{Phase, phase};
use sha2::{Digest, Sha256};

pub struct PlayerConfig<'a, S, C> {
    pub store: &'a S,
    pub clock: &'a C,
    pub view: ViewSettings,
    /// Tenants of platforms: a platform keeps its tenant for ever.
    pub tenants: Known<String>,
}

/// A viewer notices a start or an end this much later at most, in seconds.
const FRESH_SECS: u32 = 5;

/// 304 for an answer whose entity tag the caller has: `If-None-Match` compares weakly (RFC 9110, 13.1.2).
pub fn unless_known(request: &HttpRequest, mut answer: HttpResponse) -> HttpResponse {
    let tag = answer.headers.iter().find(|(name, _)| name == "etag").map(|(_, tag)| tag.as_str());
    let known = request
        .header("if-none-match")
        .zip(tag)
        .is_some_and(|(known, tag)| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    if known {
        answer.status = 304;
        answer.body.clear();
        answer.headers.retain(|(name, _)| name != "content-type");
    }
    answer
}

impl<S: Records + Tenants, C: Clock> PlayerConfig<'_, S, C> {
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        unless_known(request, self.current(request).await)
    }

    /// The whole answer, whatever the caller has already.
    pub async fn current(&self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).await.unwrap_or_else(|answer| answer)
    }

    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        // Viewers belong to no tenant; the platform does.
        let id = platform_id(request)?;
        let key = self.tenants.platform(self.store, id).await?.ok_or_else(|| problem::unknown_platform(id))?;
        let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| problem::unknown_platform(&key.id))?.record;
        if phase(&record) == Phase::Gone {
            return Err(problem::unknown_platform(&key.id));
        }
        let answer = HttpResponse::json(200, &player_config(&record, self.clock.now(), &self.view));
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(answer.body.as_bytes())[..12]));
        Ok(answer
            .with_header("etag", &etag)
            .with_header("cache-control", &format!("public, max-age={FRESH_SECS}"))
            .with_header("access-control-allow-origin", "*"))
    }
}
