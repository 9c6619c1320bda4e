//! Messages over the wire: from provision through the bus, its rule, the queue and `deliver-webhooks` to receivers, and how
//! receivers that do not do what they should are dealt with.

use super::rig::{MINIMAL, Rig, config};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use headend_local::deploy::StackConfig;
use headend_local::world::{Switches, WorldConfig};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// One request as it came in.
#[derive(Debug, Clone)]
struct Got {
    path: &'static str,
    signature: String,
    message: String,
    body: String,
}

type Inbox = Arc<Mutex<Vec<Got>>>;

fn note(inbox: &Inbox, path: &'static str, headers: &HeaderMap, body: String) -> usize {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let mut inbox = inbox.lock().unwrap();
    inbox.push(Got { path, signature: header("headend-signature"), message: header("headend-message"), body });
    inbox.iter().filter(|got| got.path == path).count()
}

/// `/good` takes everything; `/moody` fails three times, each in another way, before it does.
async fn receiver() -> (String, Inbox) {
    let inbox = Inbox::default();
    let good = |State(inbox): State<Inbox>, headers: HeaderMap, body: String| async move {
        note(&inbox, "/good", &headers, body);
        StatusCode::NO_CONTENT
    };
    let moody = |State(inbox): State<Inbox>, headers: HeaderMap, body: String| async move {
        match note(&inbox, "/moody", &headers, body) {
            1 => (StatusCode::INTERNAL_SERVER_ERROR, [("location", "")], "out of order"),
            2 => (StatusCode::FOUND, [("location", "/good")], ""),
            3 => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                (StatusCode::OK, [("location", "")], "too late")
            }
            _ => (StatusCode::OK, [("location", "")], "thanks"),
        }
    };
    let app = Router::new().route("/good", post(good)).route("/moody", post(moody)).with_state(inbox.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    (url, inbox)
}

fn of(inbox: &Inbox, path: &str) -> Vec<Got> {
    inbox.lock().unwrap().iter().filter(|got| got.path == path).cloned().collect()
}

/// As docs/webhooks.md tells receivers to check it.
fn is_signed(got: &Got, secret: &str) -> bool {
    let (seconds, signatures) = got.signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{}", got.body).as_bytes());
    let expected = hex::encode(mac.finalize().into_bytes());
    signatures.split(",v1=").any(|signature| signature == expected)
}

async fn with_loopback() -> Rig {
    let base = config();
    let switches = Switches { throttles: false, ..Switches::default() };
    let world = WorldConfig { switches, ..base.world.clone() };
    Rig::start(StackConfig { world, loopback_webhooks: true, ..base }).await
}

async fn made(rig: &Rig, wish: Value) -> Value {
    let answer = rig.post("/webhooks", &wish, &[]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// The log of a webhook, the oldest first, once `enough` holds of it.
async fn log(rig: &Rig, webhook: &Value, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let path = format!("/webhooks/{}/deliveries?limit=200", webhook["id"].as_str().unwrap());
    for _ in 0..1_200 {
        let mut log = rig.send("GET", &path, &[], None).await.json()["deliveries"].as_array().unwrap().clone();
        log.reverse();
        if enough(&log) {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log does not become what it should: {}", rig.send("GET", &path, &[], None).await.text);
}

fn delivered(log: &[Value], kind: &str) -> bool {
    log.iter().any(|it| it["type"] == kind && it["state"] == "delivered")
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_life_arrives_signed_and_in_order() {
    let rig = with_loopback().await;
    let (url, inbox) = receiver().await;
    let all = made(&rig, json!({"url": format!("{url}/good")})).await;
    let some = json!({"url": format!("{url}/moody"), "types": ["platform.ready"], "description": "On call"});
    let some = made(&rig, some).await;
    let id = rig.create(MINIMAL).await;
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    rig.settle(&id).await;
    rig.change(&id, "stop").await;
    rig.reach(&id, "Ready").await;
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    log(&rig, &all, |log| delivered(log, "platform.gone")).await;

    let got = of(&inbox, "/good");
    let bodies: Vec<Value> = got.iter().map(|got| serde_json::from_str(&got.body).unwrap()).collect();
    let types: Vec<&str> = bodies.iter().filter_map(|it| it["type"].as_str()).collect();
    let of_signal = ["platform.degraded", "platform.recovered"];
    let plain: Vec<&str> = types.iter().copied().filter(|it| !of_signal.contains(it)).collect();
    assert_eq!(plain, ["platform.ready", "platform.live", "platform.stopped", "platform.gone"], "{types:?}");
    for (index, (body, got)) in bodies.iter().zip(&got).enumerate() {
        assert_eq!(body["sequence"], index + 1, "{types:?}");
        assert_eq!(got.message, format!("{id}-{}", index + 1));
        assert_eq!(crate::script::wrong_message(body), Vec::<String>::new());
        assert!(is_signed(got, all["secret"].as_str().unwrap()), "{got:?}");
        assert!(!is_signed(got, some["secret"].as_str().unwrap()), "{got:?}");
    }

    // 500, a redirect, an answer that is too late: tried again each time, and taken in the end.
    let log = log(&rig, &some, |log| delivered(log, "platform.ready")).await;
    let [ready] = log.as_slice() else { panic!("{log:#?}") };
    assert_eq!((&ready["attempts"], &ready["lastAnswer"]["said"]), (&json!(4), &json!("thanks")), "{ready:#}");
    let moody = of(&inbox, "/moody");
    assert_eq!(moody.len(), 4);
    assert!(moody.iter().all(|got| got.message == moody[0].message && got.body == moody[0].body));
    assert_eq!(of(&inbox, "/good").len(), got.len(), "no redirect was followed");
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_tests_changes_and_sends_again() {
    let rig = with_loopback().await;
    let (url, inbox) = receiver().await;
    let wish = json!({"url": format!("{url}/moody")});
    let first = rig.post("/webhooks", &wish, &[("idempotency-key", "once")]).await;
    let again = rig.post("/webhooks", &wish, &[("idempotency-key", "once")]).await;
    assert_eq!((first.status, &first.text), (201, &again.text), "the same answer, with the same secret");
    let webhook = first.json();
    let path = format!("/webhooks/{}", webhook["id"].as_str().unwrap());
    let ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>| {
        let json = [("content-type", "application/json")];
        let headers: Vec<_> = headers.iter().copied().chain(json).collect();
        rig.send(method, path, &headers, body.map(|body| body.to_string())).await
    };

    let tested = ask("POST", &format!("{path}/test"), &[], None).await.json();
    assert_eq!((&tested["state"], &tested["lastAnswer"]["status"]), (&json!("given-up"), &json!(500)), "{tested}");
    assert_eq!(tested["lastAnswer"]["said"], "out of order");
    let shown = ask("GET", &path, &[], None).await;
    assert_eq!((&shown.json()["trouble"]["failures"], shown.json().get("secret")), (&json!(1), None), "{shown:?}");
    let etag = shown.header("etag").to_owned();
    let change = Some(json!({"url": format!("{url}/good")}));
    assert_eq!(ask("PATCH", &path, &[], change.clone()).await.status, 428);
    assert_eq!(ask("PATCH", &path, &[("if-match", &etag)], change.clone()).await.status, 200);
    assert_eq!(ask("PATCH", &path, &[("if-match", &etag)], change).await.status, 412);
    let message = tested["messageId"].as_str().unwrap();
    let resent = ask("POST", &format!("{path}/deliveries/{message}/resend"), &[], None).await.json();
    assert_eq!((&resent["state"], &resent["attempts"]), (&json!("delivered"), &json!(2)), "{resent}");
    assert_eq!(ask("GET", &path, &[], None).await.json().get("trouble"), None);

    let rotated = ask("POST", &format!("{path}/rotate-secret"), &[], None).await.json();
    ask("POST", &format!("{path}/test"), &[], None).await;
    let got = of(&inbox, "/good");
    for secret in [&webhook["secret"], &rotated["secret"]] {
        assert!(is_signed(got.last().unwrap(), secret.as_str().unwrap()));
    }
    assert_eq!(ask("DELETE", &path, &[], None).await.status, 204);
    assert_eq!(ask("DELETE", &path, &[], None).await.status, 404);
    for secret in [&webhook["secret"], &rotated["secret"]] {
        let secret = secret.as_str().unwrap();
        let logs: Vec<String> = rig.stack.functions().flat_map(|function| rig.stack.logs(function)).collect();
        assert!(!logs.is_empty() && !logs.iter().any(|line| line.contains(secret)), "a secret is logged");
    }
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_webhook_that_is_removed_is_forgotten() {
    let rig = with_loopback().await;
    let (url, _) = receiver().await;
    let webhook = made(&rig, json!({"url": format!("{url}/nowhere")})).await;
    rig.create(MINIMAL).await;
    let log = log(&rig, &webhook, |log| log.iter().any(|it| it["state"] == "waiting" && it["attempts"] != 0)).await;
    assert_eq!(log[0]["lastAnswer"]["error"], "there is nothing at this address (404)");
    let path = format!("/webhooks/{}", webhook["id"].as_str().unwrap());
    assert_eq!(rig.send("DELETE", &path, &[], None).await.status, 204);
    let forgets = |call: &Value| call["function"] == "deliver-webhooks" && call["operation"] == "DeleteItem";
    for _ in 0..300 {
        if super::recording::read(&rig.record).iter().any(forgets) {
            rig.end().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the delivery is still there");
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_as_it_is_deployed_posts_to_no_machine_of_its_own_network() {
    let rig = Rig::start(config()).await;
    let (url, inbox) = receiver().await;
    let refused = rig.post("/webhooks", &json!({"url": format!("{url}/good")}), &[]).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(of(&inbox, "/good").len(), 0);
    assert_eq!(rig.send("GET", "/webhooks", &[], None).await.json()["webhooks"], json!([]));
    rig.end().await;
}
