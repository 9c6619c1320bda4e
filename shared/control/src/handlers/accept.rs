//! Requests that change what is wanted: create, start, stop, retry, teardown. The intent is in the table before
//! the answer; the wake-up only makes it quick.

use crate::api::view::{ViewSettings, platform};
use crate::api::{HttpRequest, HttpResponse, body, problem};
use crate::handlers::caller::{Caller, Callers};
use crate::handlers::platform_key;
use crate::ports::{Clock, Entropy, Wakeups};
use crate::reconcile::entry_id;
use crate::store::{
    Acceptance, CalendarChange, Counter, Intents, Records, Remembered, StoreError, Tally, Tenants, TimelineEntry,
};
use headend_domain::accept::NoteKind;
use headend_domain::calendar::Calendar;
use headend_domain::ids::{PlatformKey, platform_id};
use headend_domain::limits::BUSY_TRIES;
use headend_domain::record::{Asked, Intent, Record, SCHEMA, State, Want};
use headend_domain::spec;
use headend_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub struct Acceptor<'a, S, Q, C, E> {
    pub store: &'a S,
    pub wakeups: &'a Q,
    pub clock: &'a C,
    pub entropy: &'a E,
    pub view: ViewSettings,
    pub callers: Callers,
    pub allowance: Allowance,
}

/// What each tenant may have; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowance {
    pub platforms: u32,
    pub running_channels: u32,
}

/// What a change asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Start,
    Stop,
    Retry,
    Teardown,
}

/// What is to be accepted of a request.
pub(super) struct Commit<'r> {
    pub request: &'r HttpRequest,
    pub caller: &'r Caller,
    /// The Idempotency-Key.
    pub key: Option<String>,
    pub asked: &'r Asked,
    /// As it was read; `None` for a new platform.
    pub before: Option<&'r Asked>,
    /// Where the request says start or stop: whether the channel was counted as running, and whether it is now.
    pub counts: Option<(bool, bool)>,
    /// For the timeline.
    pub what: &'r str,
    pub answer: HttpResponse,
}

/// What is written in one transaction.
#[derive(Clone, Copy)]
pub(super) enum Write<'w> {
    Request(&'w Acceptance<'w>),
    Calendar(&'w CalendarChange<'w>),
}

impl<S: Intents + Records + Tenants, Q: Wakeups, C: Clock, E: Entropy> Acceptor<'_, S, Q, C, E> {
    /// `POST /platforms`
    pub async fn create(&self, request: &HttpRequest) -> HttpResponse {
        self.try_create(request).await.unwrap_or_else(|answer| answer)
    }

    /// `POST /platforms/{id}/start`, `/stop`, `/retry`, `DELETE /platforms/{id}`
    pub async fn change(&self, request: &HttpRequest, change: Change) -> HttpResponse {
        self.try_change(request, change).await.unwrap_or_else(|answer| answer)
    }

    pub(super) async fn caller(&self, request: &HttpRequest) -> Result<Caller, HttpResponse> {
        self.callers.of(request, self.store, self.clock.now()).await
    }

    async fn try_create(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let key = idempotency_key(request)?;
        let document = body::document(request)?;
        let spec = spec::read(&document).map_err(|problems| problem::invalid(&problems))?;
        let now = self.clock.now();
        spec::hands_off_too_far(&spec, None, now).map_or(Ok(()), |problem| Err(problem::invalid(&[problem])))?;
        let asked = Asked {
            schema: SCHEMA,
            key: PlatformKey::new(&caller.tenant, &platform_id(self.entropy.random())),
            created_at: now,
            spec,
            intent: Intent { want: Want::Idle, by: caller.who.clone(), at: now, said_at: None },
            generation: 1,
            stream_key: hex::encode(&self.entropy.random()[..8]),
            rotated_stream_keys: BTreeMap::new(),
            secret_rotations: 0,
            unknown: serde_json::Map::new(),
        };
        let location = format!("/platforms/{}", asked.key.id);
        let state = State { schema: SCHEMA, ..State::default() };
        let record = Record { asked, state, calendar: Calendar::default(), messages: Vec::new() };
        let answer = HttpResponse::json(202, &platform(&record, now, &self.view)).with_header("location", &location);
        let asked = &record.asked;
        self.commit(Commit {
            request,
            caller: &caller,
            key,
            asked,
            before: None,
            counts: None,
            what: "created",
            answer,
        })
        .await
    }

    async fn try_change(&self, request: &HttpRequest, change: Change) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let key = idempotency_key(request)?;
        let platform_key = platform_key(request, &caller)?;
        body::no_fields(request)?;
        // Somebody else's change in between is looked at and asked again; three in a row are a storm.
        for _ in 0..3 {
            let loaded = self.store.load(&platform_key).await.map_err(|error| problem::from_store(&error))?;
            let loaded = loaded.ok_or_else(|| problem::unknown_platform(&platform_key.id))?;
            let (counted, mut record) = (loaded.counted, loaded.record);
            let now = self.clock.now();
            let want = match allowed(&record, change, now) {
                Ok(want) => want,
                Err(refused) => return self.replayed(request, &platform_key.tenant, key).await?.ok_or(refused),
            };
            let before = record.asked.clone();
            // A stop while a planned event has the channel is said to that event.
            let stops_event = change == Change::Stop && record.is_event_time(now);
            let differs = want != record.asked.intent.want || want != record.want();
            let said = change != Change::Retry && (differs || stops_event);
            let changes = said || change == Change::Retry;
            if changes {
                record.asked.generation += 1;
                record.asked.intent = record.asked.intent.kept(&caller.who, now);
            }
            if said {
                record.asked.intent = Intent { want, said_at: Some(now), ..record.asked.intent };
            }
            let answer = HttpResponse::json(202, &platform(&record, now, &self.view));
            if !changes && key.is_none() {
                return Ok(answer);
            }
            let (caller, key, asked) = (&caller, key.clone(), &record.asked);
            let counts = said.then_some((counted, record.want() == Want::Live));
            let commit =
                Commit { request, caller, key, asked, before: Some(&before), counts, what: word(change), answer };
            match self.commit(commit).await {
                Err(answer)
                    if answer.status == 503 && answer.body.contains("urn:headend:problem:changed-meanwhile") => {}
                other => return other,
            }
        }
        Err(problem::from_store(&StoreError::Conflict))
    }

    pub(super) async fn commit(&self, commit: Commit<'_>) -> Result<HttpResponse, HttpResponse> {
        let Commit { request, caller, key, asked, before, counts, what, answer } = commit;
        let now = self.clock.now();
        let fingerprint = fingerprint_of(request);
        let location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
        let remembered = key.as_ref().map(|key| Remembered {
            key: key.clone(),
            fingerprint: fingerprint.clone(),
            status: answer.status,
            location,
            body: answer.body.clone(),
        });
        let acceptance = Acceptance {
            asked,
            expect_generation: before.map(|before| before.generation),
            remembered,
            tally: self.tally(before.is_none(), counts),
            counted: counts.map(|(counted, _)| counted),
            entry: entry(asked, what, &caller.who, now),
            token: hex::encode(self.entropy.random()),
            now,
        };
        match self.surely(Write::Request(&acceptance)).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => return self.conflicted(asked, key, &fingerprint).await,
            // What was accepted once has the same answer for ever, although the tenant has all that it may have by now.
            Err(error @ StoreError::Full { .. }) => {
                let before = self.answered_before(&asked.key.tenant, key.as_deref(), &fingerprint).await?;
                return before.ok_or_else(|| problem::from_store(&error));
            }
            Err(error) => return Err(problem::from_store(&error)),
        }
        if let Err(why) = self.wakeups.wake(&asked.key, 0).await {
            tracing::warn!(platform = %asked.key, why, "no wake-up was sent; the sweep will look");
        }
        Ok(answer)
    }

    /// Accepts, and asks again where the answer was lost or another transaction was in the way: the same token again, so
    /// that what was written already is not written twice.
    pub(super) async fn surely(&self, write: Write<'_>) -> Result<(), StoreError> {
        let (mut unsure, mut busy) = (2, BUSY_TRIES);
        loop {
            let answer = match write {
                Write::Request(acceptance) => self.store.accept(acceptance).await,
                Write::Calendar(change) => self.store.change_calendar(change).await,
            };
            let left = match answer {
                Err(StoreError::Unsure(_)) if unsure > 0 => &mut unsure,
                Err(StoreError::Busy) if busy > 0 => &mut busy,
                other => return other,
            };
            *left -= 1;
        }
    }

    /// What the request changes of what its tenant has.
    fn tally(&self, is_new: bool, counts: Option<(bool, bool)>) -> Option<Tally> {
        if is_new {
            return Some(Tally::OneMore { counter: Counter::Platforms, most: self.allowance.platforms });
        }
        let counter = Counter::Running;
        match counts? {
            (false, true) => Some(Tally::OneMore { counter, most: self.allowance.running_channels }),
            (true, false) => Some(Tally::OneLess { counter }),
            (true, true) | (false, false) => None,
        }
    }

    /// Either the Idempotency-Key was used before, or somebody else changed the platform.
    async fn conflicted(
        &self,
        asked: &Asked,
        key: Option<String>,
        fingerprint: &str,
    ) -> Result<HttpResponse, HttpResponse> {
        if let Some(answer) = self.answered_before(&asked.key.tenant, key.as_deref(), fingerprint).await? {
            return Ok(answer);
        }
        Err(problem::problem(
            503,
            "changed-meanwhile",
            "Not accepted",
            "the platform was changed at the same moment; send the request again",
        )
        .with_header("retry-after", "1"))
    }

    /// What was accepted once has the same answer for ever, whatever the platform's state is by now.
    pub(super) async fn replayed(
        &self,
        request: &HttpRequest,
        tenant: &str,
        key: Option<String>,
    ) -> Result<Option<HttpResponse>, HttpResponse> {
        self.answered_before(tenant, key.as_deref(), &fingerprint_of(request)).await
    }

    /// The answer that this request has had before; 422 when its Idempotency-Key belongs to another one.
    pub(super) async fn answered_before(
        &self,
        tenant: &str,
        key: Option<&str>,
        fingerprint: &str,
    ) -> Result<Option<HttpResponse>, HttpResponse> {
        let Some(key) = key else { return Ok(None) };
        let remembered = self.store.remembered(tenant, key).await.map_err(|error| problem::from_store(&error))?;
        remembered.map(|before| replayed(before, fingerprint)).transpose()
    }
}

/// The answer that an Idempotency-Key has had, to the same request only.
pub(super) fn replayed(before: Remembered, fingerprint: &str) -> Result<HttpResponse, HttpResponse> {
    if before.fingerprint == fingerprint {
        return Ok(replay(before));
    }
    let detail = "this Idempotency-Key belongs to another request; use a new one";
    Err(problem::problem(422, "idempotency-key-reused", "The Idempotency-Key was used before", detail))
}

fn entry(asked: &Asked, what: &str, who: &str, now: Timestamp) -> TimelineEntry {
    let text = format!("asked: {what} (by {who}, generation {})", asked.generation);
    entry_of(asked, asked.generation, text, now)
}

/// A line of a request that made this version of something; the lease holder's lines have other ids.
pub(super) fn entry_of(asked: &Asked, version: u64, text: String, now: Timestamp) -> TimelineEntry {
    TimelineEntry {
        ulid: entry_id(&asked.key.id, version, 0xffff, now),
        at: now,
        text,
        count: 1,
        kind: Some(NoteKind::Request),
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Start => "start",
        Change::Stop => "stop",
        Change::Retry => "retry",
        Change::Teardown => "teardown",
    }
}

/// What the change makes of the intent, or why it cannot be.
fn allowed(record: &Record, change: Change, now: Timestamp) -> Result<Want, HttpResponse> {
    let want = record.asked.intent.want;
    let id = &record.asked.key.id;
    let leaving = want == Want::Gone;
    if record.state.gone_at.is_some() && change != Change::Teardown {
        return Err(problem::conflict("platform-gone", &format!("{id} is gone; create a new platform")));
    }
    match change {
        Change::Start | Change::Stop if leaving => {
            Err(problem::conflict("tearing-down", &format!("{id} is being torn down; create a new platform")))
        }
        // It would be stopped within the minute.
        Change::Start if record.is_budget_spent(now) => {
            Err(problem::conflict("budget-spent", &record.budget_cure(now)))
        }
        Change::Start => Ok(Want::Live),
        Change::Stop => Ok(Want::Idle),
        Change::Retry => Ok(want),
        Change::Teardown => Ok(Want::Gone),
    }
}

pub(super) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, HttpResponse> {
    let Some(key) = request.header("idempotency-key") else { return Ok(None) };
    if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(key.to_owned()));
    }
    let detail = "Idempotency-Key must have 1 to 255 visible ASCII characters, for example a UUID";
    Err(problem::problem(400, "bad-idempotency-key", "The Idempotency-Key is not usable", detail))
}

pub(super) fn fingerprint_of(request: &HttpRequest) -> String {
    let mut hash = Sha256::new();
    for part in [request.method.as_bytes(), request.path.as_bytes(), &request.body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn replay(before: Remembered) -> HttpResponse {
    let mut answer = HttpResponse {
        status: before.status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: before.body,
    };
    if let Some(location) = before.location {
        answer = answer.with_header("location", &location);
    }
    answer.with_header("idempotency-replayed", "true")
}
