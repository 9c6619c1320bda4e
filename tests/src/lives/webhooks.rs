//! Webhooks in virtual time: receivers that fail, are slow, redirect and come back; functions that die at every call; the log,
//! the test and the resend button.

use futures::task::noop_waker;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::caller::Callers;
use headend_control::handlers::deliver::Deliverer;
use headend_control::handlers::events::{Sweep, Trigger};
use headend_control::handlers::provision::Invocation;
use headend_control::handlers::webhooks::WebhooksApi;
use headend_control::ports::Posted;
use headend_domain::limits::{DELIVER_TIMEOUT_SECS, Limits};
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Delivery, Fate};
use headend_local::ports::{Fault, FaultPlan, Receivers, Sim, SimStore, TENANT, claims, request};
use headend_local::world::{Ms, WorldConfig};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

const MINUTE: Ms = 60_000;
const HOUR: Ms = 60 * MINUTE;
const START: Ms = 1_767_225_600_000;
const ADDRESS: &str = "https://ops.example.net/headend";

/// One request as a receiver got it.
#[derive(Debug, Clone)]
struct Got {
    at: Ms,
    message: String,
    signature: String,
    took_it: bool,
}

/// The functions, the queue in front of them, and a receiver that does at each moment what a test wants.
struct Desk {
    sim: Sim,
    got: Rc<RefCell<Vec<Got>>>,
    receivers: Receivers,
    /// Messages that the queue still has.
    queue: Vec<Value>,
}

fn message(platform: &str, sequence: u64, kind: &str) -> Value {
    json!({
        "version": "0", "id": "e", "detail-type": kind, "source": "headend", "account": "1", "region": "eu-west-1",
        "time": "2026-01-01T00:00:00Z", "resources": [],
        "detail": {
            "id": format!("{platform}-{sequence}"), "sequence": sequence, "type": kind, "at": "2026-01-01T00:00:00.000Z",
            "tenant": TENANT, "platform": {"id": platform, "name": "Sunday service"}, "data": {},
        },
    })
}

impl Desk {
    fn new(answers: impl Fn(Ms) -> Result<u16, String> + 'static) -> Self {
        let sim = Sim::new(WorldConfig::default(), START);
        let got = Rc::new(RefCell::new(Vec::new()));
        let seen = got.clone();
        let answers = Rc::new(move |url: &str, headers: &[(&'static str, String)], _: &str, now: Timestamp| {
            assert_eq!(url, ADDRESS);
            let header = |name| headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.clone());
            let answer = answers(now.0 - START);
            let (message, signature) = (header("headend-message").unwrap(), header("headend-signature").unwrap());
            let took_it = matches!(answer, Ok(200..=299));
            seen.borrow_mut().push(Got { at: now.0 - START, message, signature, took_it });
            answer.map(|status| Posted { status, said: "as it likes".to_owned() })
        });
        let receivers = Receivers { sim: sim.clone(), answers };
        Self { sim, got, receivers, queue: Vec::new() }
    }

    /// Runs a function until it ends; `None` when it died.
    fn run<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        match future.as_mut().poll(&mut Context::from_waker(&noop_waker())) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => {
                self.sim.0.borrow_mut().gate.stopped = None;
                None
            }
        }
    }

    fn deliverer(&self, trigger: Trigger) -> Option<Value> {
        let deadline = Timestamp(self.sim.0.borrow().now).plus_secs(DELIVER_TIMEOUT_SECS);
        let invocation = Invocation { request_id: "r".to_owned(), deadline };
        let store = SimStore(self.sim.clone());
        let deliverer = Deliverer { store: &store, post: &self.receivers, clock: &self.sim, limits: Limits::default() };
        self.run(deliverer.handle(trigger, &invocation))?.ok()
    }

    fn api(&self, method: &str, path: &str, body: &Value) -> HttpResponse {
        self.ask(&self.asked(method, path, body))
    }

    fn asked(&self, method: &str, path: &str, body: &Value) -> HttpRequest {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut asked = request(method, path, None, bytes, None);
        asked.claims = Some(claims(TENANT, "dev"));
        asked.headers.insert("if-match".to_owned(), "*".to_owned());
        let parts: Vec<&str> = path.split('/').collect();
        let named = [("webhookId", parts.get(2)), ("messageId", parts.get(4))];
        let named = named.into_iter().filter_map(|(name, part)| Some((name.to_owned(), (*part?).to_owned())));
        asked.path_parameters.extend(named);
        asked
    }

    fn ask(&self, asked: &HttpRequest) -> HttpResponse {
        let store = SimStore(self.sim.clone());
        let (callers, limits) = (Callers::default(), Limits::default());
        let (post, clock, entropy) = (&self.receivers, &self.sim, &self.sim);
        let api = WebhooksApi { store: &store, post, clock, entropy, callers, limits };
        self.run(api.handle(asked)).expect("no request dies here")
    }

    fn webhook(&self, wish: &Value) -> String {
        let mut body = json!({"url": ADDRESS});
        body.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
        let made = self.api("POST", "/webhooks", &body);
        assert_eq!(made.status, 201, "{}", made.body);
        read(&made)["id"].as_str().unwrap().to_owned()
    }

    /// Hands the function what the queue has, a batch of ten; what failed or was not answered comes again.
    fn drain(&mut self) {
        let batch: Vec<Value> = self.queue.drain(..self.queue.len().min(10)).collect();
        if batch.is_empty() {
            return;
        }
        let records: Vec<Value> = batch
            .iter()
            .enumerate()
            .map(|(n, it)| json!({"messageId": n.to_string(), "body": it.to_string()}))
            .collect();
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        match self.deliverer(Trigger::Batch(event)) {
            None => self.queue.extend(batch),
            Some(answer) => {
                let failed = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
                let number = |it: &Value| it["itemIdentifier"].as_str().unwrap().parse::<usize>().unwrap();
                self.queue.extend(failed.iter().map(|it| batch[number(it)].clone()));
            }
        }
    }

    /// One minute: the queue, late effects, the sweep.
    fn minute(&mut self) {
        self.drain();
        self.sim.0.borrow_mut().now += MINUTE;
        self.sim.land_late();
        self.deliverer(Trigger::Sweep(Sweep { sweep: true }));
    }

    fn minutes(&mut self, count: usize) {
        (0..count).for_each(|_| self.minute());
    }

    fn log(&self) -> Vec<Delivery> {
        self.sim.0.borrow().table.hooks.all().map(|(_, delivery)| delivery.clone()).collect()
    }
}

fn read(answer: &HttpResponse) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// For an hour, from the tenth minute: every way in which receivers fail.
fn an_hours_outage(at: Ms) -> Result<u16, String> {
    match at / MINUTE {
        10..25 => Ok(500),
        25..40 => Ok(302),
        40..55 => Err("no answer within 10 s".to_owned()),
        55..70 => Err("no connection: Connection refused".to_owned()),
        _ => Ok(204),
    }
}

#[test]
fn an_hours_outage_loses_nothing_and_what_waited_comes_in_its_order() {
    let mut desk = Desk::new(an_hours_outage);
    let id = desk.webhook(&json!({}));
    for number in 1..=40 {
        for platform in ["p-00000000000a", "p-00000000000b"] {
            desk.queue.push(message(platform, number, "platform.live"));
        }
        // Each message is on the bus twice now and then.
        if number % 7 == 0 {
            desk.queue.push(message("p-00000000000a", number, "platform.live"));
        }
        desk.minutes(2);
        if number == 22 {
            let view = read(&desk.api("GET", &format!("/webhooks/{id}"), &Value::Null));
            assert_eq!(view["trouble"]["lastAnswer"]["error"], "no answer within 10 s", "{view}");
            assert!(view["trouble"]["failures"].as_u64().unwrap() > 3, "{view}");
        }
    }
    desk.minutes(120);
    let log = desk.log();
    assert_eq!(log.len(), 80);
    assert!(log.iter().all(|it| it.fate == Fate::Delivered && it.last.as_ref().unwrap().status == Some(204)));
    let got = desk.got.borrow();
    let taken: Vec<&Got> = got.iter().filter(|it| it.took_it).collect();
    let different: BTreeSet<&str> = taken.iter().map(|it| it.message.as_str()).collect();
    assert_eq!((taken.len(), different.len()), (80, 80), "none is sent again that was taken");
    // New messages ask for themselves; of those that wait only the first of a round does.
    let during = got.iter().filter(|it| !it.took_it).count();
    assert!((8..=90).contains(&during), "{during} requests in the hour that nobody answered");
    // What waited goes out in one round each, the older first.
    for platform in ["p-00000000000a", "p-00000000000b"] {
        let numbers = |at: Ms| -> Vec<u64> {
            let of = taken.iter().filter(|it| it.at == at && it.message.starts_with(platform));
            of.map(|it| it.message.rsplit('-').next().unwrap().parse().unwrap()).collect()
        };
        let rounds: BTreeSet<Ms> = taken.iter().map(|it| it.at).collect();
        assert!(rounds.iter().all(|at| numbers(*at).is_sorted()), "{platform}");
    }
    let view = read(&desk.api("GET", &format!("/webhooks/{id}"), &Value::Null));
    assert_eq!(view.get("trouble"), None);
    let page = read(&desk.api("GET", &format!("/webhooks/{id}/deliveries"), &Value::Null));
    assert_eq!(page["deliveries"].as_array().unwrap().len(), 50);
    assert!(page["cursor"].is_string());
}

/// Two messages, one of which is refused once.
fn deliver_two(plan: FaultPlan) -> Desk {
    let mut desk = Desk::new(|at| if at < 2 * MINUTE { Ok(503) } else { Ok(200) });
    desk.webhook(&json!({}));
    desk.sim.0.borrow_mut().gate.calls.clear();
    desk.sim.0.borrow_mut().gate.plan = plan;
    desk.queue.extend([1, 2].map(|number| message("p-00000000000a", number, "platform.live")));
    desk.minutes(15);
    desk
}

#[test]
fn no_crash_loses_a_message() {
    let calls = deliver_two(FaultPlan::default()).sim.0.borrow().gate.calls.len();
    assert!(calls > 20, "{calls}");
    for fault in [Fault::CrashBefore, Fault::EffectThenError, Fault::AnswerThenCrash, Fault::TimeoutThenLate] {
        for number in 0..calls {
            let desk = deliver_two(FaultPlan::from([(number, fault)]));
            let what = || format!("{fault:?} at {:?}", desk.sim.0.borrow().gate.calls[number]);
            let fates: Vec<Fate> = desk.log().iter().map(|it| it.fate).collect();
            assert_eq!(fates, [Fate::Delivered; 2], "{}", what());
            let got = desk.got.borrow();
            for message in ["p-00000000000a-1", "p-00000000000a-2"] {
                let taken = got.iter().filter(|it| it.took_it && it.message == message).count();
                assert!((1..=2).contains(&taken), "{message} came {taken} times: {}", what());
            }
            assert!(got.len() <= 8, "{} requests: {}", got.len(), what());
        }
    }
}

/// Two messages that a receiver has refused, and that are due again an hour later.
fn refused_two(answers: impl Fn(Ms) -> Result<u16, String> + 'static) -> (Desk, String) {
    let mut desk = Desk::new(answers);
    let id = desk.webhook(&json!({}));
    desk.queue.extend([1, 2].map(|number| message("p-00000000000a", number, "platform.live")));
    desk.drain();
    desk.sim.0.borrow_mut().now += HOUR;
    (desk, id)
}

impl Desk {
    /// Freezes a function at its call of that number, and lets it go on when something else has happened.
    fn frozen<T>(&self, future: impl Future<Output = T>, call: (usize, &str), meanwhile: impl FnOnce()) -> T {
        let mut future = pin!(future);
        let waker = noop_waker();
        let mut poll = || future.as_mut().poll(&mut Context::from_waker(&waker));
        {
            let gate = &mut self.sim.0.borrow_mut().gate;
            gate.calls.clear();
            gate.plan = FaultPlan::from([(call.0, Fault::Freeze)]);
        }
        assert!(poll().is_pending());
        assert_eq!(self.sim.0.borrow().gate.calls[call.0].name, call.1);
        self.sim.0.borrow_mut().gate.stopped = None;
        meanwhile();
        let Poll::Ready(done) = poll() else { panic!("it goes on when it is thawed") };
        done
    }

    fn taken(&self) -> Vec<String> {
        self.got.borrow().iter().filter(|it| it.took_it).map(|it| it.message.clone()).collect()
    }
}

#[test]
fn what_another_sweep_has_taken_meanwhile_is_not_sent_again() {
    let (desk, _) = refused_two(|at| if at < 2 * MINUTE { Ok(503) } else { Ok(200) });
    let store = SimStore(desk.sim.clone());
    let frozen = Deliverer { store: &store, post: &desk.receivers, clock: &desk.sim, limits: Limits::default() };
    let deadline = Timestamp(desk.sim.0.borrow().now).plus_secs(DELIVER_TIMEOUT_SECS);
    let invocation = Invocation { request_id: "frozen".to_owned(), deadline };
    let sweep = || Trigger::Sweep(Sweep { sweep: true });
    // It has read what is due, and freezes before it takes the first.
    let done = desk.frozen(frozen.handle(sweep(), &invocation), (1, "Table.claim_delivery"), || {
        desk.deliverer(sweep()).unwrap();
        assert_eq!(desk.taken(), ["p-00000000000a-1", "p-00000000000a-2"]);
    });
    assert!(done.is_ok());
    assert_eq!(desk.taken().len(), 2, "thawed, it sends nothing again");
}

/// A person sends again while the sweep does: neither is told that it did not happen.
#[test]
fn sending_again_while_the_sweep_does_is_answered_with_what_came_of_it() {
    const SECOND: Ms = HOUR + MINUTE;
    for (by_hand, by_sweep) in [(500, 200), (200, 500), (200, 200)] {
        let (desk, id) = refused_two(move |at| match at {
            ..HOUR => Ok(503),
            HOUR..SECOND => Ok(by_hand),
            _ => Ok(by_sweep),
        });
        let store = SimStore(desk.sim.clone());
        let (callers, limits) = (Callers::default(), Limits::default());
        let (post, clock, entropy) = (&desk.receivers, &desk.sim, &desk.sim);
        let api = WebhooksApi { store: &store, post, clock, entropy, callers, limits };
        let asked = desk.asked("POST", &format!("/webhooks/{id}/deliveries/p-00000000000a-1/resend"), &Value::Null);
        let answer = desk.frozen(api.handle(&asked), (3, "Table.settle_delivery"), || {
            desk.sim.0.borrow_mut().now += MINUTE;
            desk.deliverer(Trigger::Sweep(Sweep { sweep: true })).unwrap();
        });
        assert_eq!((answer.status, &read(&answer)["state"]), (200, &json!("delivered")), "{}", answer.body);
        let log = desk.log();
        let first = log.iter().find(|it| it.sequence == 1).unwrap();
        assert_eq!((first.fate, first.next_at), (Fate::Delivered, None), "by hand {by_hand}, by the sweep {by_sweep}");
        assert!(first.last.as_ref().unwrap().took_it(), "{first:?}");
    }
}

#[test]
fn after_a_day_it_is_given_up_and_can_be_sent_again() {
    let mut desk = Desk::new(|at| if at < 30 * HOUR { Ok(500) } else { Ok(200) });
    let id = desk.webhook(&json!({}));
    desk.queue.push(message("p-00000000000a", 1, "platform.failed"));
    desk.minutes(30 * 60);
    let [given_up] = &desk.log()[..] else { panic!("one delivery") };
    assert_eq!(given_up.fate, Fate::GivenUp);
    // After 1, 2, 4, 8, 16, 32 minutes and every hour.
    assert_eq!(given_up.attempts, 29);
    assert!(desk.got.borrow().last().unwrap().at < 24 * HOUR);
    let again = desk.api("POST", &format!("/webhooks/{id}/deliveries/p-00000000000a-1/resend"), &Value::Null);
    let view = read(&again);
    assert_eq!((again.status, &view["state"], &view["attempts"]), (200, &json!("delivered"), &json!(30)), "{view}");
    let unknown = desk.api("POST", &format!("/webhooks/{id}/deliveries/p-00000000000a-2/resend"), &Value::Null);
    assert_eq!(unknown.status, 404);
}

#[test]
fn only_what_a_webhook_hears_is_sent() {
    let mut desk = Desk::new(|_| Ok(200));
    desk.webhook(&json!({"types": ["platform.failed"], "platforms": ["p-00000000000a"]}));
    let off = desk.webhook(&json!({"enabled": false}));
    desk.queue.extend([
        message("p-00000000000a", 1, "platform.live"),
        message("p-00000000000a", 2, "platform.failed"),
        message("p-00000000000b", 1, "platform.failed"),
    ]);
    let mut of_another = message("p-00000000000a", 3, "platform.failed");
    of_another["detail"]["tenant"] = json!("another");
    desk.queue.extend([of_another, json!("rubbish")]);
    desk.minutes(3);
    let got: Vec<String> = desk.got.borrow().iter().map(|it| it.message.clone()).collect();
    assert_eq!(got, ["p-00000000000a-2"]);
    assert!(desk.queue.is_empty(), "rubbish does not come for ever");
    // The test button works for one that is off.
    let tested = desk.api("POST", &format!("/webhooks/{off}/test"), &Value::Null);
    assert_eq!((tested.status, &read(&tested)["state"]), (200, &json!("delivered")));
}

#[test]
fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let mut desk = Desk::new(|_| Ok(200));
    let id = desk.webhook(&json!({}));
    let signatures = |desk: &Desk| {
        desk.api("POST", &format!("/webhooks/{id}/test"), &Value::Null);
        desk.got.borrow().last().unwrap().signature.matches(",v1=").count()
    };
    assert_eq!(signatures(&desk), 1);
    let rotated = read(&desk.api("POST", &format!("/webhooks/{id}/rotate-secret"), &Value::Null));
    assert_eq!((rotated["secret"].as_str().unwrap().len(), rotated["previousSecretUntil"].is_string()), (70, true));
    assert_eq!(signatures(&desk), 2);
    desk.minutes(24 * 60);
    assert_eq!(signatures(&desk), 1);
    let view = read(&desk.api("GET", &format!("/webhooks/{id}"), &Value::Null));
    assert_eq!((view.get("secret"), view.get("previousSecretUntil")), (None, None));
}

#[test]
fn a_test_is_tried_once_and_a_removed_webhook_is_sent_nothing() {
    let mut desk = Desk::new(|_| Ok(500));
    let id = desk.webhook(&json!({}));
    let tested = read(&desk.api("POST", &format!("/webhooks/{id}/test"), &Value::Null));
    assert_eq!((&tested["state"], &tested["lastAnswer"]["status"]), (&json!("given-up"), &json!(500)));
    desk.queue.push(message("p-00000000000a", 1, "platform.live"));
    desk.minute();
    let before = desk.got.borrow().len();
    assert_eq!(desk.api("DELETE", &format!("/webhooks/{id}"), &Value::Null).status, 204);
    desk.minutes(60);
    assert_eq!(desk.got.borrow().len(), before);
    assert_eq!(desk.log().iter().filter(|it| it.fate == Fate::Waiting).count(), 0);
    assert_eq!(desk.api("GET", &format!("/webhooks/{id}"), &Value::Null).status, 404);
}

#[test]
fn every_field_that_is_wrong_is_named() {
    let desk = Desk::new(|_| Ok(200));
    let wrong = json!({
        "url": "http://10.0.0.1/", "types": ["platform.live", "nonsense"], "platforms": ["mine"], "enabled": "no", "color": 1,
    });
    let answer = desk.api("POST", "/webhooks", &wrong);
    let problem = read(&answer);
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!((answer.status, pointers), (422, vec!["/url", "/types/1", "/platforms/0", "/enabled", "/color"]));
    for url in [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://ops.internal/",
        "https://user:pass@ops.example.net/",
        "ftp://ops.example.net/",
        "ops.example.net",
        "https://ops.example.net/#a",
        "https://2130706433/",
        "http://ops.example.net/",
    ] {
        assert_eq!(desk.api("POST", "/webhooks", &json!({ "url": url })).status, 422, "{url}");
    }
    for number in 0..20 {
        desk.webhook(&json!({"description": number.to_string()}));
    }
    let full = desk.api("POST", "/webhooks", &json!({"url": ADDRESS}));
    assert_eq!((full.status, full.body.contains("too-many-webhooks")), (409, true), "{}", full.body);
}
