//! The calendar for programs that cannot sign in: a secret address, made, renewed and taken back by whoever plans events, and
//! what it leads to. Whoever has the address reads the titles and times of planned events, and nothing else.

use crate::api::view::feed::{address, document};
use crate::api::{HttpRequest, HttpResponse, problem};
use crate::handlers::accept::Acceptor;
use crate::handlers::caller::Known;
use crate::handlers::planned::Changed;
use crate::handlers::platform_id;
use crate::handlers::player::unless_known;
use crate::ports::{Clock, Entropy, Wakeups};
use crate::store::{Intents, Records, Tenants};
use headend_domain::calendar::{Feed, is_leaving};
use headend_domain::phase::{Phase, phase};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

/// What the address is made and taken back at: `POST` and `DELETE`.
pub(super) const SUFFIX: &str = "/calendar-feed";
/// Where the calendar is read.
const DOCUMENT_SUFFIX: &str = "/calendar.ics";
/// A program that reads more often than every five minutes has what it read last.
const FRESH_SECS: u32 = 300;

/// All routes of the function `planned-events`: those that take a token, and the one that takes a key.
pub struct Planner<'a, S, Q, C, E> {
    pub acceptor: Acceptor<'a, S, Q, C, E>,
    pub feed: CalendarFeed<'a, S, C>,
}

impl<S: Intents + Records + Tenants, Q: Wakeups, C: Clock, E: Entropy> Planner<'_, S, Q, C, E> {
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        if request.path.ends_with(DOCUMENT_SUFFIX) {
            self.feed.handle(request).await
        } else {
            self.acceptor.planned_events(request).await
        }
    }
}

pub struct CalendarFeed<'a, S, C> {
    pub store: &'a S,
    pub clock: &'a C,
    /// Tenants of platforms: a platform keeps its tenant for ever.
    pub tenants: Known<String>,
}

impl<S: Records + Tenants, C: Clock> CalendarFeed<'_, S, C> {
    /// `GET /platforms/{id}/calendar.ics?key=...`, for everybody who has the key. Without it nothing is told, not even whether
    /// there is such a platform.
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        unless_known(request, self.answer(request).await.unwrap_or_else(|answer| answer))
    }

    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let id = request.path_parameters.get("id").map(String::as_str).unwrap_or_default();
        let id = platform_id(request).map_err(|_| unknown(id))?;
        let given = request.query.get("key").ok_or_else(|| unknown(id))?;
        let platform = self.tenants.platform(self.store, id).await?.ok_or_else(|| unknown(id))?;
        let loaded = self.store.load(&platform).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| unknown(id))?.record;
        let right = record.calendar.feed.as_ref().is_some_and(|feed| is_same(&feed.key, given));
        if !right || phase(&record) == Phase::Gone {
            return Err(unknown(id));
        }
        let body = document(&record, self.clock.now());
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(body.as_bytes())[..12]));
        let headers = vec![
            ("content-type".to_owned(), "text/calendar; charset=utf-8".to_owned()),
            ("cache-control".to_owned(), format!("private, max-age={FRESH_SECS}")),
            ("etag".to_owned(), etag),
        ];
        Ok(HttpResponse { status: 200, headers, body })
    }
}

/// The same for a platform that is not there, one without a feed, and a wrong key.
fn unknown(id: &str) -> HttpResponse {
    let detail = format!(
        "there is no calendar of a platform {id:?} at this address; ask whoever plans its events for a new one"
    );
    problem::problem(404, "unknown-feed", "No such calendar", &detail)
}

/// Takes as long for a key that begins like the right one as for any other: digests are compared, which nobody can choose.
fn is_same(key: &str, given: &str) -> bool {
    Sha256::digest(key.as_bytes()) == Sha256::digest(given.as_bytes())
}

/// A new address; the one before, if any, leads nowhere from then on.
pub(super) fn made(record: &Record, key: [u8; 16], now: Timestamp) -> Result<Changed, HttpResponse> {
    if is_leaving(record) {
        let detail = format!("{} is being torn down or gone", record.asked.key.id);
        return Err(problem::conflict("tearing-down", &detail));
    }
    let feed = Feed { key: hex::encode(key), made_at: now };
    let word = if record.calendar.feed.is_some() { "renewed" } else { "made" };
    let answer = HttpResponse::json(201, &json!({"feed": address(record, &feed), "madeAt": now.to_string()}));
    let mut calendar = record.calendar.clone();
    calendar.feed = Some(feed);
    Ok(Changed { calendar, what: format!("calendar address {word}"), answer })
}

/// No address. Taking back what is not there is refused, so that a mistaken id is noticed.
pub(super) fn taken_back(record: &Record) -> Result<Changed, HttpResponse> {
    let id = &record.asked.key.id;
    let mut calendar = record.calendar.clone();
    let feed = calendar.feed.take().ok_or_else(|| {
        problem::problem(404, "unknown-feed", "No such calendar", &format!("{id} has no calendar address"))
    })?;
    let answer = HttpResponse::json(200, &json!({"feed": address(record, &feed), "madeAt": feed.made_at.to_string()}));
    Ok(Changed { calendar, what: "calendar address taken back".to_owned(), answer })
}
