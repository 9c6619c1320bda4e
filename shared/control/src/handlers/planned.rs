//! `planned-events`: the calendar of a platform. An event that cannot take place is refused, or warned of, when it is saved.

use crate::api::view::calendar::{event, events, preview};
use crate::api::{HttpRequest, HttpResponse, body, problem};
use crate::handlers::accept::{Acceptor, Write, entry_of, fingerprint_of, idempotency_key};
use crate::handlers::caller::Caller;
use crate::handlers::feed;
use crate::handlers::fixtures::imported;
use crate::handlers::patch::{dry_run, merge};
use crate::handlers::platform_key;
use crate::ports::{Clock, Entropy, Wakeups};
use crate::store::{CalendarChange, Intents, Loaded, Records, Remembered, StoreError, Tenants};
use headend_domain::calendar::{self, Blocker, Booking, Calendar, EventPlan, PlannedEvent, book};
use headend_domain::ids::PlatformKey;
use headend_domain::record::Record;
use headend_domain::spec::Problem;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

/// What a change makes of the calendar, and what is answered.
pub(super) struct Changed {
    pub calendar: Calendar,
    pub what: String,
    pub answer: HttpResponse,
}

/// What is answered to a change that is possible.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Told {
    /// Of an event that is not there yet: it gets its id when it is planned.
    Preview,
    Made,
    Changed,
}

/// Whether a refused change is a change of somebody else's in between, after which it is worth asking again.
enum Refused {
    Answer(HttpResponse),
    Meanwhile,
}

impl From<HttpResponse> for Refused {
    fn from(answer: HttpResponse) -> Self {
        Self::Answer(answer)
    }
}

impl<S: Intents + Records + Tenants, Q: Wakeups, C: Clock, E: Entropy> Acceptor<'_, S, Q, C, E> {
    /// The routes of one function that take a token: `/platforms/{id}/planned-events`, one of them, `/platforms/{id}/fixtures`
    /// and `/platforms/{id}/calendar-feed`.
    pub async fn planned_events(&self, request: &HttpRequest) -> HttpResponse {
        let answer = match request.method.as_str() {
            "GET" => self.show(request).await,
            _ => self.plan(request).await,
        };
        answer.unwrap_or_else(|answer| answer)
    }

    async fn show(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let record = self.loaded(&platform_key(request, &caller)?).await?.record;
        let now = self.clock.now();
        if !request.path_parameters.contains_key("eventId") {
            return Ok(HttpResponse::json(200, &events(&record, now)));
        }
        let found = known(&record, request)?;
        Ok(HttpResponse::json(200, &event(&record, found, now)).with_header("etag", &etag(found)))
    }

    async fn plan(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let key = idempotency_key(request)?;
        let platform = platform_key(request, &caller)?;
        let of_feed = request.path.ends_with(feed::SUFFIX);
        let dry_run = !of_feed && dry_run(request)?;
        let document = if of_feed || request.method == "DELETE" {
            body::no_fields(request).map(|()| Value::Null)?
        } else {
            body::document(request)?
        };
        // Somebody else's change in between is looked at and asked again; three in a row are a storm.
        for _ in 0..3 {
            let loaded = self.loaded(&platform).await?;
            let changed = match self.changed(request, &loaded.record, &document, dry_run) {
                Ok(changed) => changed,
                Err(refused) if dry_run => return Err(refused),
                // What was accepted once has the same answer for ever.
                Err(refused) => return self.replayed(request, &platform.tenant, key).await?.ok_or(refused),
            };
            if dry_run {
                return Ok(changed.answer);
            }
            match self.save(request, &caller, key.as_deref(), &loaded, changed).await {
                Err(Refused::Meanwhile) => {}
                Err(Refused::Answer(answer)) => return Err(answer),
                Ok(answer) => return Ok(answer),
            }
        }
        Err(problem::from_store(&StoreError::Conflict))
    }

    async fn loaded(&self, key: &PlatformKey) -> Result<Loaded, HttpResponse> {
        let loaded = self.store.load(key).await.map_err(|error| problem::from_store(&error))?;
        loaded.ok_or_else(|| problem::unknown_platform(&key.id))
    }

    fn changed(
        &self,
        request: &HttpRequest,
        record: &Record,
        document: &Value,
        dry_run: bool,
    ) -> Result<Changed, HttpResponse> {
        let now = self.clock.now();
        let told = if dry_run { Told::Preview } else { Told::Made };
        match request.method.as_str() {
            "DELETE" if request.path.ends_with(feed::SUFFIX) => feed::taken_back(record),
            _ if request.path.ends_with(feed::SUFFIX) => feed::made(record, self.entropy.random(), now),
            "DELETE" => cancelled(request, record, now),
            "PATCH" => patched(request, record, document, now),
            _ if request.path.ends_with("/fixtures") => imported(record, document, told, || self.event_id(), now),
            _ => {
                let plan = read(document, record).map_err(|problems| problem::invalid(&problems))?;
                let version = record.calendar.version + 1;
                booked(record, PlannedEvent { id: self.event_id(), version, placed_at: now, plan }, told, now)
            }
        }
    }

    fn event_id(&self) -> String {
        format!("e-{}", &hex::encode(self.entropy.random())[..12])
    }

    async fn save(
        &self,
        request: &HttpRequest,
        caller: &Caller,
        key: Option<&str>,
        loaded: &Loaded,
        changed: Changed,
    ) -> Result<HttpResponse, Refused> {
        let (asked, now) = (&loaded.record.asked, self.clock.now());
        let fingerprint = fingerprint_of(request);
        let header =
            |name: &str| changed.answer.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
        let remembered = key.map(|key| Remembered {
            key: key.to_owned(),
            fingerprint: fingerprint.clone(),
            status: changed.answer.status,
            location: header("location"),
            body: changed.answer.body.clone(),
        });
        let mut calendar = changed.calendar;
        calendar.version = loaded.record.calendar.version + 1;
        calendar.forget_past(now);
        let text = format!("asked: {} (by {}, calendar {})", changed.what, caller.who, calendar.version);
        let change = CalendarChange {
            key: &asked.key,
            calendar: &calendar,
            expect_version: loaded.record.calendar.version,
            remembered,
            entry: entry_of(asked, calendar.version, text, now),
            token: hex::encode(self.entropy.random()),
            now,
        };
        match self.surely(Write::Calendar(&change)).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => {
                let before = self.answered_before(&asked.key.tenant, key, &fingerprint).await?;
                return before.ok_or(Refused::Meanwhile);
            }
            Err(error) => return Err(problem::from_store(&error).into()),
        }
        if let Err(why) = self.wakeups.wake(&asked.key, 0).await {
            tracing::warn!(platform = %asked.key, why, "no wake-up was sent; the sweep will look");
        }
        Ok(changed.answer)
    }
}

/// The entity tag of an event: what `If-Match` of a change has to be.
fn etag(event: &PlannedEvent) -> String {
    format!("\"e{}\"", event.version)
}

fn known<'r>(record: &'r Record, request: &HttpRequest) -> Result<&'r PlannedEvent, HttpResponse> {
    let id = request.path_parameters.get("eventId").map(String::as_str).unwrap_or_default();
    let detail = format!("{} has no planned event {id:?}", record.asked.key.id);
    record.calendar.event(id).ok_or_else(|| problem::problem(404, "unknown-event", "No such planned event", &detail))
}

pub(super) fn read(document: &Value, record: &Record) -> Result<EventPlan, Vec<Problem>> {
    calendar::read(document, record.asked.spec.channel_class)
}

fn patched(request: &HttpRequest, record: &Record, patch: &Value, now: Timestamp) -> Result<Changed, HttpResponse> {
    let before = known(record, request)?;
    matches(request, before, true)?;
    let mut document = json!(before.plan);
    merge(&mut document, patch);
    let plan = read(&document, record).map_err(|problems| problem::invalid(&problems))?;
    let placed_at = if plan.is_moved(&before.plan) { now } else { before.placed_at };
    let version = record.calendar.version + 1;
    booked(record, PlannedEvent { id: before.id.clone(), version, placed_at, plan }, Told::Changed, now)
}

fn cancelled(request: &HttpRequest, record: &Record, now: Timestamp) -> Result<Changed, HttpResponse> {
    let found = known(record, request)?;
    matches(request, found, false)?;
    let mut calendar = record.calendar.clone();
    calendar.events.retain(|event| event.id != found.id);
    let what = format!("planned event {:?} cancelled", found.plan.title);
    Ok(Changed { calendar, what, answer: HttpResponse::json(200, &event(record, found, now)) })
}

/// A change is made to what its author has seen.
fn matches(request: &HttpRequest, event: &PlannedEvent, required: bool) -> Result<(), HttpResponse> {
    let current = etag(event);
    match request.header("if-match") {
        None if !required => Ok(()),
        None => {
            let detail = "send If-Match with the ETag of the planned event that you have read";
            Err(problem::problem(428, "if-match-required", "If-Match is required", detail))
        }
        Some(tags) if tags.split(',').any(|tag| tag.trim() == current || tag.trim() == "*") => Ok(()),
        Some(_) => {
            let detail = format!("the planned event has been changed since; it is at {current} now: read it again");
            Err(problem::problem(412, "changed-meanwhile", "The event is not what you have read", &detail))
        }
    }
}

/// The event in the calendar, if it can take place.
fn booked(record: &Record, planned: PlannedEvent, told: Told, now: Timestamp) -> Result<Changed, HttpResponse> {
    let booking = book(record, &planned, now);
    refuse(&booking, record)?;
    let (id, etag) = (&record.asked.key.id, etag(&planned));
    let location = format!("/platforms/{id}/planned-events/{}", planned.id);
    let word = if told == Told::Changed { "changed" } else { "made" };
    let what = format!("planned event {:?} {word}", planned.plan.title);
    let mut view = event(record, &planned, now);
    if !booking.warnings.is_empty() {
        view["warnings"] = json!(booking.warnings);
    }
    let answer = match told {
        Told::Preview => HttpResponse::json(200, &preview(view)),
        Told::Made => HttpResponse::json(201, &view).with_header("etag", &etag).with_header("location", &location),
        Told::Changed => HttpResponse::json(200, &view).with_header("etag", &etag),
    };
    Ok(Changed { calendar: record.calendar.clone().with(planned), what, answer })
}

/// The answer to what the booking check found, the worst first.
pub(super) fn refuse(booking: &Booking, record: &Record) -> Result<(), HttpResponse> {
    let id = &record.asked.key.id;
    let overlaps: Vec<Problem> = booking.blockers.iter().filter_map(overlap).collect();
    let Some(worst) = booking.blockers.first() else { return Ok(()) };
    Err(match worst {
        Blocker::Leaving => problem::conflict("tearing-down", &format!("{id} is being torn down or gone")),
        Blocker::CannotRun { detail } => {
            problem::conflict("platform-failed", &format!("the event could not run: {detail}"))
        }
        Blocker::CalendarFull => {
            let detail =
                "the platform has as many planned events as it may have; make a series of them, or cancel some";
            problem::conflict("calendar-full", detail)
        }
        Blocker::Over => {
            let detail = "no occurrence of it lies ahead; take a later start, or a later end of the series".to_owned();
            problem::invalid(&[Problem { pointer: "/start".to_owned(), detail }])
        }
        Blocker::Overlaps { .. } => {
            let detail = "the platform has one channel, and another event is on at that time";
            problem::with_errors(409, "event-overlaps", "The event overlaps another", detail, &overlaps)
        }
    })
}

fn overlap(blocker: &Blocker) -> Option<Problem> {
    match blocker {
        Blocker::Overlaps { pointer, detail } => Some(Problem { pointer: pointer.clone(), detail: detail.clone() }),
        Blocker::Over | Blocker::Leaving | Blocker::CannotRun { .. } | Blocker::CalendarFull => None,
    }
}
