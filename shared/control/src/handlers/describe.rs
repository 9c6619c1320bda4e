//! `describe-platform`: everything that is only read, and the answers for what is not routed.

use crate::api::view::report::{self, Report};
use crate::api::view::{ViewSettings, costs, etag, platform};
use crate::api::{HttpRequest, HttpResponse, problem};
use crate::handlers::caller::{Caller, Callers};
use crate::handlers::platform_key;
use crate::ports::Clock;
use crate::store::{StoreError, Tenants, Views};
use headend_domain::phase::Phase;
use headend_domain::spec::Problem;
use serde_json::{Value, json};

pub struct Describer<'a, S, C> {
    pub store: &'a S,
    pub clock: &'a C,
    pub view: ViewSettings,
    pub callers: Callers,
}

/// Entries of a page when nothing else is asked for, and at most.
const PAGE_USUAL: usize = 50;
const PAGE_MOST: usize = 200;
/// Viewers that an estimate may be asked for.
const VIEWERS_MOST: u32 = 10_000_000;

/// The API's routes: path, methods.
const ROUTES: [(&str, &str); 25] = [
    ("/platforms", "GET, POST"),
    ("/platforms/{id}", "GET, PATCH, DELETE"),
    ("/platforms/{id}/start", "POST"),
    ("/platforms/{id}/stop", "POST"),
    ("/platforms/{id}/retry", "POST"),
    ("/platforms/{id}/inputs/{name}/rotate", "POST"),
    ("/platforms/{id}/rotate-cdn-secret", "POST"),
    ("/platforms/{id}/timeline", "GET"),
    ("/platforms/{id}/estimate", "GET"),
    ("/platforms/{id}/health", "GET"),
    ("/platforms/{id}/player-config", "GET"),
    ("/platforms/{id}/planned-events", "GET, POST"),
    ("/platforms/{id}/fixtures", "POST"),
    ("/platforms/{id}/planned-events/{eventId}", "GET, PATCH, DELETE"),
    ("/platforms/{id}/calendar-feed", "POST, DELETE"),
    ("/platforms/{id}/calendar.ics", "GET"),
    (REPORT, "GET"),
    ("/webhooks", "GET, POST"),
    ("/webhooks/{webhookId}", "GET, PATCH, DELETE"),
    ("/webhooks/{webhookId}/rotate-secret", "POST"),
    ("/webhooks/{webhookId}/test", "POST"),
    ("/webhooks/{webhookId}/deliveries", "GET"),
    ("/webhooks/{webhookId}/deliveries/{messageId}/resend", "POST"),
    ("/orphans", "GET"),
    ("/orphans/{orphanId}", "DELETE"),
];
const REPORT: &str = "/platforms/{id}/planned-events/{eventId}/reports/{occurrence}";

pub(super) struct PageQuery {
    pub cursor: Option<String>,
    pub limit: usize,
    phase: Option<Phase>,
}

impl<S: Views + Tenants, C: Clock> Describer<'_, S, C> {
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        let answer = match (request.method.as_str(), matching(&request.path)) {
            ("GET", Some(("/platforms", _))) => self.list(request).await,
            ("GET", Some(("/platforms/{id}", _))) => self.describe(request).await,
            ("GET", Some(("/platforms/{id}/timeline", _))) => self.timeline(request).await,
            ("GET", Some(("/platforms/{id}/estimate", _))) => self.estimate(request).await,
            ("GET", Some((REPORT, _))) => self.report(request).await,
            (_, Some((path, methods))) => {
                let detail = format!("{path} takes {methods}, not {}", request.method);
                Err(problem::problem(405, "method-not-allowed", "The method is not allowed here", &detail)
                    .with_header("allow", methods))
            }
            (_, None) => Err(problem::problem(
                404,
                "unknown-path",
                "There is nothing here",
                &format!("no route leads to {}", request.path),
            )),
        };
        answer.unwrap_or_else(|answer| answer)
    }

    async fn caller(&self, request: &HttpRequest) -> Result<Caller, HttpResponse> {
        self.callers.of(request, self.store, self.clock.now()).await
    }

    async fn describe(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let key = platform_key(request, &self.caller(request).await?)?;
        let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| problem::unknown_platform(&key.id))?.record;
        let answer = HttpResponse::json(200, &platform(&record, self.clock.now(), &self.view));
        Ok(answer.with_header("etag", &etag(&record)))
    }

    async fn estimate(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let key = platform_key(request, &self.caller(request).await?)?;
        let viewers = viewers(request)?;
        let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| problem::unknown_platform(&key.id))?.record;
        Ok(HttpResponse::json(200, &costs::estimate(&record, viewers)))
    }

    async fn list(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let query = page_query(request, &["phase", "cursor", "limit"])?;
        let page = self.store.list(&caller.tenant, query.phase, query.cursor.as_deref(), query.limit).await;
        let page = page.map_err(|error| bad_cursor(&error))?;
        let items: Vec<Value> = page
            .items
            .iter()
            .map(|item| json!({"id": item.id, "name": item.name, "phase": item.phase, "createdAt": item.created_at.to_string()}))
            .collect();
        Ok(HttpResponse::json(200, &paged("platforms", items, page.next)))
    }

    async fn timeline(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let key = platform_key(request, &self.caller(request).await?)?;
        let query = page_query(request, &["cursor", "limit"])?;
        let page = self.store.timeline(&key, query.cursor.as_deref(), query.limit).await;
        let page = page.map_err(|error| bad_cursor(&error))?;
        if page.items.is_empty() && query.cursor.is_none() {
            // Entries expire; the platform may still be there.
            let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
            loaded.ok_or_else(|| problem::unknown_platform(&key.id))?;
        }
        let items: Vec<Value> = page.items.iter().map(report::line).collect();
        Ok(HttpResponse::json(200, &paged("entries", items, page.next)))
    }

    async fn report(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let key = platform_key(request, &self.caller(request).await?)?;
        let loaded = self.store.load(&key).await.map_err(|error| problem::from_store(&error))?;
        let record = loaded.ok_or_else(|| problem::unknown_platform(&key.id))?.record;
        let part = |name: &str| request.path_parameters.get(name).map(String::as_str).unwrap_or_default();
        let (event, occurrence) = (part("eventId"), part("occurrence"));
        let report = Report::of(&record, event, occurrence).ok_or_else(|| {
            let detail = format!(
                "{} knows no occurrence {occurrence:?} of an event {event:?} that is on air or among the last that were; \
                 `past` of the planned events has those that have a report",
                key.id
            );
            problem::problem(404, "unknown-occurrence", "No report of such an occurrence", &detail)
        })?;
        let now = self.clock.now();
        let (from, until) = report.window(now);
        let page = self.store.timeline_of(&key, from, until, report::LINES).await;
        let page = page.map_err(|error| problem::from_store(&error))?;
        Ok(HttpResponse::json(200, &report.view(&page, now)))
    }
}

pub(super) fn paged(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut page = json!({ name: items });
    if let Some(next) = next {
        page["cursor"] = json!(next);
    }
    page
}

pub(super) fn bad_cursor(error: &StoreError) -> HttpResponse {
    if let StoreError::Failed(why) = error
        && why.contains("cursor")
    {
        return problem::invalid(&[Problem { pointer: "?cursor".to_owned(), detail: why.clone() }]);
    }
    problem::from_store(error)
}

pub(super) fn page_query(request: &HttpRequest, known: &[&str]) -> Result<PageQuery, HttpResponse> {
    let mut problems = Vec::new();
    let mut query = PageQuery { cursor: None, limit: PAGE_USUAL, phase: None };
    for (name, value) in &request.query {
        let mut wrong = |detail: String| problems.push(Problem { pointer: format!("?{name}"), detail });
        match name.as_str() {
            _ if !known.contains(&name.as_str()) => {
                wrong(format!("unknown parameter; known here: {}", known.join(", ")))
            }
            "cursor" => query.cursor = Some(value.clone()),
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE_MOST).contains(&limit) => query.limit = limit,
                _ => wrong(format!("must be a whole number from 1 to {PAGE_MOST}")),
            },
            _ => match Phase::ALL.into_iter().find(|phase| phase.word() == value) {
                Some(phase) => query.phase = Some(phase),
                None => wrong(format!("must be one of {}", Phase::ALL.map(Phase::word).join(", "))),
            },
        }
    }
    if problems.is_empty() { Ok(query) } else { Err(problem::invalid(&problems)) }
}

/// `?viewers=100` of an estimate.
fn viewers(request: &HttpRequest) -> Result<u32, HttpResponse> {
    let mut problems = Vec::new();
    let mut viewers = 0;
    for (name, value) in &request.query {
        let taken = value.parse().ok().filter(|count| *count <= VIEWERS_MOST);
        match taken.filter(|_| name == "viewers") {
            Some(count) => viewers = count,
            None => {
                let detail = format!("the only parameter is viewers, a whole number from 0 to {VIEWERS_MOST}");
                problems.push(Problem { pointer: format!("?{name}"), detail });
            }
        }
    }
    if problems.is_empty() { Ok(viewers) } else { Err(problem::invalid(&problems)) }
}

/// The route whose path the request has.
fn matching(path: &str) -> Option<(&'static str, &'static str)> {
    let asked: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    ROUTES.into_iter().find(|(route, _)| {
        let route: Vec<&str> = route.trim_start_matches('/').split('/').collect();
        route.len() == asked.len()
            && route
                .iter()
                .zip(&asked)
                .all(|(route, part)| (route.starts_with('{') && !part.is_empty()) || route == part)
    })
}
