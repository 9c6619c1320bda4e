//! One life of a simulated stack: requests come in, functions run, messages and events are delivered, the sweep
//! sweeps, virtual time passes.

use super::gate::{Call, Fault, FaultPlan};
use super::{Sim, SimStore};
use crate::world::{Ms, WorldConfig};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use headend_control::api::view::ViewSettings;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::accept::{Acceptor, Allowance, Change};
use headend_control::handlers::alarm::AlarmHandler;
use headend_control::handlers::caller::{Callers, Known};
use headend_control::handlers::events::{Sweep, Trigger};
use headend_control::handlers::feed::{CalendarFeed, Planner};
use headend_control::handlers::orphans::OrphanKeeper;
use headend_control::handlers::provision::{Invocation, Provision};
use headend_control::reconcile::Reconciler;
use headend_domain::limits::{FUNCTION_TIMEOUT_SECS, Limits};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// How a life is lived.
#[derive(Debug, Clone)]
pub struct LifeConfig {
    pub world: WorldConfig,
    pub faults: FaultPlan,
    /// How often each event is delivered; 0 drops every event.
    pub event_copies: usize,
    /// Wake-ups get lost, all but the sweep's own.
    pub lose_wakeups: bool,
    /// How long a frozen function sleeps.
    pub frozen_ms: Ms,
    /// What each tenant may have.
    pub allowance: Allowance,
    /// Sweeps that would find nothing are passed over: for lives of a year.
    pub jumps: bool,
}

/// What goes wrong for a while, and not with one call.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Wake-ups get lost, all but the sweep's own.
    pub loses_wakeups: bool,
    /// How often each wake-up arrives.
    pub wakeup_copies: usize,
    pub sweep_ms: Ms,
    /// No function is invoked but by requests.
    pub asleep: bool,
}

/// The tenant of whoever asks, where a test says nothing else.
pub const TENANT: &str = "default";

/// The claims of somebody who works for the tenant, as API Gateway hands them on.
pub fn claims(tenant: &str, who: &str) -> BTreeMap<String, String> {
    let all = [("sub", who), ("username", who), ("cognito:groups", &format!("[tenant:{tenant}]"))];
    all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What became of a request.
#[derive(Debug)]
pub enum Answered {
    Response(HttpResponse),
    /// The function died; the caller saw an error from the gateway.
    Died,
}

type Running = Pin<Box<dyn Future<Output = bool>>>;

pub struct Life {
    pub sim: Sim,
    /// What the requests from now on carry.
    pub claims: BTreeMap<String, String>,
    pub weather: Weather,
    config: LifeConfig,
    sweep_at: Ms,
    frozen: Vec<(Ms, Running)>,
    invocations: u64,
    /// Messages and sweeps that failed; the queue delivers them again.
    pub failures: usize,
}

const SWEEP_MS: Ms = 60_000;
/// Stack name of simulated lives.
const STACK: &str = "headend";
/// In the paths of the function `planned-events`.
const CALENDAR: [&str; 3] = ["/planned-events", "/fixtures", "/calendar"];

pub fn view() -> ViewSettings {
    ViewSettings { playback_url_pattern: "https://{domain}".to_owned(), limits: Limits::default() }
}

impl Life {
    /// Begins at a fixed moment, so that the same configuration gives the same life.
    pub fn begin(config: LifeConfig) -> Self {
        let start = 1_767_225_600_000;
        let sim = Sim::new(config.world.clone(), start);
        sim.0.borrow_mut().gate.plan = config.faults.clone();
        sim.0.borrow_mut().queue.copies = usize::from(!config.lose_wakeups);
        let loses_wakeups = config.lose_wakeups;
        let weather = Weather { loses_wakeups, wakeup_copies: 1, sweep_ms: SWEEP_MS, asleep: false };
        let claims = claims(TENANT, "dev");
        Self {
            sim,
            claims,
            weather,
            config,
            sweep_at: start + SWEEP_MS,
            frozen: Vec::new(),
            invocations: 0,
            failures: 0,
        }
    }

    pub fn now(&self) -> Ms {
        self.sim.0.borrow().now
    }

    pub fn calls(&self) -> Vec<Call> {
        self.sim.0.borrow().gate.calls.clone()
    }

    pub fn records(&self) -> Vec<Record> {
        self.sim.0.borrow().table.records()
    }

    /// `POST /platforms`
    pub fn create(&mut self, body: &Value, idempotency_key: Option<&str>) -> Answered {
        let request = request("POST", "/platforms", None, body.to_string().into_bytes(), idempotency_key);
        self.api(request, None)
    }

    /// `POST /platforms/{id}/start` and the like.
    pub fn change(&mut self, id: &str, change: Change, idempotency_key: Option<&str>) -> Answered {
        let path = format!("/platforms/{id}/{change:?}").to_ascii_lowercase();
        self.api(request("POST", &path, Some(id), Vec::new(), idempotency_key), Some(change))
    }

    /// `PATCH /platforms/{id}` of the platform as it is now.
    pub fn patch(&mut self, id: &str, body: &Value, idempotency_key: Option<&str>) -> Answered {
        self.patch_of(id, "*", body, idempotency_key)
    }

    /// `PATCH /platforms/{id}` of the platform as it was when it had this ETag.
    pub fn patch_of(&mut self, id: &str, etag: &str, body: &Value, idempotency_key: Option<&str>) -> Answered {
        let path = format!("/platforms/{id}");
        let mut request = request("PATCH", &path, Some(id), body.to_string().into_bytes(), idempotency_key);
        request.headers.insert("if-match".to_owned(), etag.to_owned());
        self.api(request, None)
    }

    /// `POST /platforms/{id}/rotate-cdn-secret`, or `/inputs/{name}/rotate`.
    pub fn rotate(&mut self, id: &str, input: Option<&str>, idempotency_key: Option<&str>) -> Answered {
        let path = match input {
            Some(name) => format!("/platforms/{id}/inputs/{name}/rotate"),
            None => format!("/platforms/{id}/rotate-cdn-secret"),
        };
        let mut request = request("POST", &path, Some(id), Vec::new(), idempotency_key);
        request.path_parameters.extend(input.map(|name| ("name".to_owned(), name.to_owned())));
        self.api(request, None)
    }

    /// `/platforms/{id}/planned-events`, or one of them: `method` with this body. A change is made to what is there now.
    pub fn planned(
        &mut self,
        method: &str,
        id: &str,
        event: Option<&str>,
        body: &Value,
        key: Option<&str>,
    ) -> Answered {
        let base = format!("/platforms/{id}/planned-events");
        let path = event.map_or_else(|| base.clone(), |event| format!("{base}/{event}"));
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut request = request(method, &path, Some(id), bytes, key);
        request.path_parameters.extend(event.map(|event| ("eventId".to_owned(), event.to_owned())));
        request.headers.insert("if-match".to_owned(), "*".to_owned());
        self.api(request, None)
    }

    /// `POST` or `DELETE` of `/platforms/{id}/calendar-feed`.
    pub fn calendar_feed(&mut self, method: &str, id: &str) -> Answered {
        self.api(request(method, &format!("/platforms/{id}/calendar-feed"), Some(id), Vec::new(), None), None)
    }

    /// `GET /platforms/{id}/calendar.ics`, as a calendar program asks for it.
    pub fn calendar(&mut self, id: &str, key: Option<&str>, etag: Option<&str>) -> Answered {
        let mut request = request("GET", &format!("/platforms/{id}/calendar.ics"), Some(id), Vec::new(), None);
        request.query.extend(key.map(|key| ("key".to_owned(), key.to_owned())));
        request.headers.extend(etag.map(|etag| ("if-none-match".to_owned(), etag.to_owned())));
        self.api(request, None)
    }

    /// `GET /orphans`, or `DELETE` of one.
    pub fn orphans(&mut self, orphan: Option<&str>, query: &[(&str, &str)]) -> Answered {
        let (method, path) = orphan.map_or(("GET", "/orphans".to_owned()), |key| ("DELETE", format!("/orphans/{key}")));
        let mut request = request(method, &path, None, Vec::new(), None);
        request.path_parameters.extend(orphan.map(|key| ("orphanId".to_owned(), key.to_owned())));
        request.query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.api(request, None)
    }

    /// Any other request to the API.
    pub fn api(&mut self, mut request: HttpRequest, change: Option<Change>) -> Answered {
        request.claims = Some(self.claims.clone());
        let (sim, allowance) = (self.sim.clone(), self.config.allowance);
        let slot = std::rc::Rc::new(std::cell::RefCell::new(None));
        let out = slot.clone();
        let future = async move {
            let store = SimStore(sim.clone());
            let acceptor = Acceptor {
                store: &store,
                wakeups: &sim,
                clock: &sim,
                entropy: &sim,
                view: view(),
                callers: Callers::default(),
                allowance,
            };
            let response = match change {
                None if request.path.starts_with("/orphans") => {
                    let (callers, limits) = (Callers::default(), Limits::default());
                    let (clock, account) = (&sim, &sim);
                    OrphanKeeper { store: &store, account, clock, callers, stack: STACK, limits }.handle(&request).await
                }
                None if CALENDAR.iter().any(|part| request.path.contains(part)) => {
                    let feed = CalendarFeed { store: &store, clock: &sim, tenants: Known::default() };
                    Planner { acceptor, feed }.handle(&request).await
                }
                None => acceptor.create_or_change(&request).await,
                Some(change) => acceptor.change(&request, change).await,
            };
            *out.borrow_mut() = Some(response);
            true
        };
        self.poll(Box::pin(future));
        let response = slot.borrow_mut().take();
        response.map_or(Answered::Died, Answered::Response)
    }

    /// Runs a function until it ends, dies or freezes. `Some(false)`: it ended and asks to be invoked again.
    fn poll(&mut self, mut future: Running) -> Option<bool> {
        let mut context = Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => {
                let how = self.sim.0.borrow_mut().gate.stopped.take();
                if matches!(how, Some(Fault::Freeze | Fault::FreezeThenDie)) {
                    let now = self.now();
                    self.frozen.push((now, future));
                }
                None
            }
        }
    }

    /// Lets the functions go on that have been frozen for long enough.
    fn thaw(&mut self) {
        let now = self.now();
        let (due, rest): (Vec<_>, Vec<_>) =
            self.frozen.drain(..).partition(|(since, _)| since + self.config.frozen_ms <= now);
        self.frozen = rest;
        for (_, future) in due {
            self.poll(future);
        }
    }

    fn provision(&mut self, trigger: Trigger) -> Option<bool> {
        self.invocations += 1;
        let (sim, running_channels) = (self.sim.clone(), self.config.allowance.running_channels);
        let invocation = Invocation {
            request_id: format!("invocation-{}", self.invocations),
            deadline: Timestamp(self.now()).plus_secs(FUNCTION_TIMEOUT_SECS),
        };
        self.poll(Box::pin(async move {
            let store = SimStore(sim.clone());
            let reconciler = Reconciler {
                store: &store,
                account: &sim,
                wakeups: &sim,
                clock: &sim,
                entropy: &sim,
                stack: STACK,
                limits: Limits::default(),
                running_channels,
            };
            let answer = Provision { reconciler }.handle(trigger, &invocation).await;
            answer.is_ok_and(|answer| answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty))
        }))
    }

    fn alarm(&mut self, event: Value) -> Option<bool> {
        let sim = self.sim.clone();
        let event = serde_json::from_value(event).expect("BUG: the world emits whole envelopes");
        self.poll(Box::pin(async move {
            let store = SimStore(sim.clone());
            AlarmHandler { store: &store, wakeups: &sim, clock: &sim }.handle(&event).await.is_ok()
        }))
    }

    /// Delivers everything that is due now.
    pub fn deliver(&mut self) {
        self.sim.land_late();
        if self.weather.asleep {
            return;
        }
        self.thaw();
        self.route_events();
        let copies = self.weather.wakeup_copies;
        if self.sweep_at <= self.now() {
            self.sweep_at = self.now() + self.weather.sweep_ms;
            self.sim.0.borrow_mut().queue.copies = copies.max(1);
            if self.provision(Trigger::Sweep(Sweep { sweep: true })) != Some(true) {
                self.failures += 1;
            }
        }
        self.sim.0.borrow_mut().queue.copies = if self.weather.loses_wakeups { 0 } else { copies };
        while let Some(delivery) = {
            let now = self.now();
            self.sim.0.borrow_mut().queue.receive(now)
        } {
            if self.provision(Trigger::Batch(batch_of(delivery.number, &delivery.body))) == Some(true) {
                self.sim.0.borrow_mut().queue.delete(delivery.number);
            } else {
                self.failures += 1;
            }
        }
    }

    fn route_events(&mut self) {
        let now = self.now();
        let events = self.sim.0.borrow_mut().world.take_events(now);
        for emitted in events {
            for _ in 0..self.config.event_copies {
                if emitted.event["source"] == "aws.cloudwatch" {
                    self.alarm(emitted.event.clone());
                } else {
                    self.sim.0.borrow_mut().queue.post(emitted.event.to_string(), now);
                }
            }
        }
    }

    /// Moves on to the next moment at which something happens, at most to `until`.
    pub fn step(&mut self, until: Ms) {
        if self.config.jumps {
            self.jump();
        }
        let mut inner = self.sim.0.borrow_mut();
        let next = [
            Some(self.sweep_at),
            inner.world.next_timer(),
            inner.world.next_event(),
            inner.queue.next_visible(),
            inner.gate.next_late(),
            self.frozen.iter().map(|(since, _)| since + self.config.frozen_ms).min(),
        ];
        let next = if self.weather.asleep { [inner.world.next_timer(), None, None, None, None, None] } else { next };
        let next = next.into_iter().flatten().min().unwrap_or(until);
        inner.now = next.clamp(inner.now + 1, until.max(inner.now + 1));
        let now = inner.now;
        inner.world.advance(now);
        drop(inner);
        self.deliver();
    }

    /// Passes over the sweeps before the next platform is due.
    fn jump(&mut self) {
        let due = self.sim.0.borrow().table.next_due().unwrap_or(Timestamp(Ms::MAX)).0;
        if due > self.sweep_at {
            let passed = (due - self.sweep_at).min(365 * 24 * 60 * SWEEP_MS) / self.weather.sweep_ms;
            self.sweep_at += passed * self.weather.sweep_ms;
        }
    }

    /// Lives on until `reached` holds, or `limit` milliseconds have passed. True when it was reached.
    pub fn run_until(&mut self, limit: Ms, mut reached: impl FnMut(&mut Self) -> bool) -> bool {
        let end = self.now() + limit;
        self.deliver();
        while !reached(self) {
            if self.now() >= end {
                return false;
            }
            self.step(end);
        }
        true
    }
}

/// A batch of one message, as far as `provision` reads it.
fn batch_of(number: u64, body: &str) -> SqsEvent {
    let mut message = SqsMessage::default();
    message.message_id = Some(number.to_string());
    message.body = Some(body.to_owned());
    let mut batch = SqsEvent::default();
    batch.records.push(message);
    batch
}

pub fn request(
    method: &str,
    path: &str,
    id: Option<&str>,
    body: Vec<u8>,
    idempotency_key: Option<&str>,
) -> HttpRequest {
    let mut headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    headers.extend(idempotency_key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
    HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        path_parameters: id.map(|id| ("id".to_owned(), id.to_owned())).into_iter().collect(),
        query: BTreeMap::new(),
        headers,
        body,
        claims: None,
    }
}
