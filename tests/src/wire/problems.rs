//! Requests that cannot be served, over HTTP: each is answered with a problem document that says what to do.

use super::rig::{Answer, MINIMAL, Rig, config, with_slow_delivery};
use crate::script::body_of;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A problem document (RFC 9457) of that status and type.
fn assert_problem(answer: &Answer, status: u16, kind: &str) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:headend:problem:{kind}"), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    for member in ["title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
    }
    problem
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_requests_are_answered_with_problem_documents() {
    let rig = Rig::start(with_slow_delivery()).await;
    assert_eq!(rig.get("/healthz").await.status, 200);
    bad_bodies(&rig).await;
    bad_addresses(&rig).await;
    bad_moments(&rig).await;
    rig.end().await;
}

async fn bad_bodies(rig: &Rig) {
    let post =
        async |kind: (&str, &str), body: &str| rig.send("POST", "/platforms", &[kind], Some(body.to_owned())).await;
    assert_problem(&post(JSON, "{\"name\": ").await, 400, "not-json");
    assert_problem(&post(("content-type", "text/plain"), "{\"name\": \"x\"}").await, 415, "not-json-type");
    let without = rig.send("POST", "/platforms", &[], Some("{}".to_owned())).await;
    assert_problem(&without, 415, "not-json-type");
    let large = json!({"name": "x", "description": "y".repeat(256 * 1024)}).to_string();
    assert_problem(&post(JSON, &large).await, 413, "body-too-large");
    // The largest body that is taken is read: it fails for what it says, not for its size.
    let fits = json!({"name": "x", "description": "y".repeat(250 * 1024)}).to_string();
    assert_problem(&post(JSON, &fits).await, 422, "invalid-request");
    // Types with parameters are JSON, too, and text in any script goes through.
    let answer = post(("content-type", "application/json; charset=utf-8"), r#"{"name": "Première", "bogus": 1}"#).await;
    assert_eq!(pointers(&assert_problem(&answer, 422, "invalid-request")), ["/bogus"]);

    let body = json!({
        "name": "",
        "bogus": true,
        "channelClass": "triple",
        "inputs": [
            {"name": "one", "type": "RTMP_PUSH", "allowFrom": ["198.51.100.7/24", "0.0.0.0/0"]},
            {"name": "two", "type": "URL_PULL", "urls": ["http://169.254.169.254/latest", "ftp://example.com/x"]},
        ],
    });
    let problem = assert_problem(&rig.post("/platforms", &body, &[]).await, 422, "invalid-request");
    let found = pointers(&problem);
    let wanted = ["/name", "/bogus", "/channelClass", "/inputs/0/allowFrom/0", "/inputs/1/urls/0", "/inputs/1/urls/1"];
    for pointer in wanted {
        assert!(found.contains(&pointer), "{pointer} is not in {problem:#}");
    }
    let list = rig.get("/platforms").await;
    assert_eq!(list.json()["platforms"], json!([]), "nothing of this made a platform");
}

async fn bad_addresses(rig: &Rig) {
    let unknown = "p-0123456789ab";
    for id in [unknown, "p-unknown", "%00", "platforms"] {
        assert_problem(&rig.get(&format!("/platforms/{id}")).await, 404, "unknown-platform");
        assert_problem(&rig.get(&format!("/platforms/{id}/timeline")).await, 404, "unknown-platform");
        assert_problem(&rig.get(&format!("/platforms/{id}/player-config")).await, 404, "unknown-platform");
        for (method, path) in [("POST", "/start"), ("POST", "/stop"), ("POST", "/retry"), ("DELETE", "")] {
            let answer = rig.send(method, &format!("/platforms/{id}{path}"), &[], None).await;
            assert_problem(&answer, 404, "unknown-platform");
        }
    }
    for path in ["/", "/platform", "/platforms/x/y", "/platforms/x/start/now", "/platforms/..%2F..", "/favicon.ico"] {
        assert_problem(&rig.get(path).await, 404, "unknown-path");
    }
    for (method, path, allow) in [
        ("PUT", "/platforms", "GET, POST"),
        ("DELETE", "/platforms", "GET, POST"),
        ("POST", "/platforms/x", "GET, PATCH, DELETE"),
        ("GET", "/platforms/x/start", "POST"),
        ("POST", "/platforms/x/timeline", "GET"),
        ("DELETE", "/platforms/x/player-config", "GET"),
    ] {
        let answer = rig.send(method, path, &[], None).await;
        assert_problem(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    let query = rig.get("/platforms?bogus=1&limit=0&phase=Asleep").await;
    let problem = assert_problem(&query, 422, "invalid-request");
    assert_eq!(pointers(&problem), ["?bogus", "?limit", "?phase"]);
    assert_problem(&rig.get("/platforms?cursor=nonsense").await, 422, "invalid-request");
}

/// What a platform's state does not allow, and what it allows again and again.
async fn bad_moments(rig: &Rig) {
    let id = rig.create(MINIMAL).await;
    let path = |verb: &str| format!("/platforms/{id}/{verb}");
    let field = rig.post(&path("start"), &json!({"now": true}), &[]).await;
    assert_eq!(pointers(&assert_problem(&field, 422, "invalid-request")), ["/now"]);
    let key = rig.send("POST", &path("start"), &[("idempotency-key", "with space")], None).await;
    assert_problem(&key, 400, "bad-idempotency-key");
    // Start while provisioning and start while starting, stop while stopping, teardown twice: accepted.
    for verb in ["start", "start", "stop", "stop"] {
        assert_eq!(rig.post(&path(verb), &json!({}), &[]).await.status, 202, "{verb}");
    }
    rig.reach(&id, "Ready").await;
    rig.tear_down(&id).await;
    rig.tear_down(&id).await;
    for verb in ["start", "stop"] {
        let answer = rig.send("POST", &path(verb), &[], None).await;
        assert_problem(&answer, 409, "tearing-down");
    }
    rig.reach(&id, "Gone").await;
    for verb in ["start", "stop", "retry"] {
        let answer = rig.send("POST", &path(verb), &[], None).await;
        assert_problem(&answer, 409, "platform-gone");
    }
    rig.tear_down(&id).await;
    assert_problem(&rig.get(&path("player-config")).await, 404, "unknown-platform");
    assert_eq!(rig.inventory(), Vec::new());
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_makes_a_repeated_request_one_request() {
    let rig = Rig::start(config()).await;
    let key = [("idempotency-key", "7f0c-first")];
    let first = rig.post("/platforms", &body_of(MINIMAL), &key).await;
    assert_eq!(first.status, 202, "{first:?}");
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/platforms/{id}"));
    assert_eq!(first.header("idempotency-replayed"), "");
    rig.reach(&id, "Ready").await;
    // The platform has moved on; the answer is still the first one.
    let again = rig.post("/platforms", &body_of(MINIMAL), &key).await;
    assert_eq!((again.status, &again.text), (202, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = rig.post("/platforms", &json!({"name": "another"}), &key).await;
    assert_problem(&other, 422, "idempotency-key-reused");
    let list = rig.get("/platforms").await.json();
    assert_eq!(list["platforms"].as_array().unwrap().len(), 1, "{list}");

    let path = |verb: &str| format!("/platforms/{id}/{verb}");
    let key = [("idempotency-key", "7f0c-start")];
    let started = rig.send("POST", &path("start"), &key, None).await;
    assert_eq!(started.status, 202, "{started:?}");
    rig.change(&id, "stop").await;
    // A late copy of the start does not start the channel again.
    let late = rig.send("POST", &path("start"), &key, None).await;
    assert_eq!((late.status, late.header("idempotency-replayed")), (202, "true"), "{late:?}");
    assert_eq!(late.text, started.text);
    assert_eq!(rig.platform(&id).await["intent"]["want"], "Idle");
    assert_problem(&rig.send("POST", &path("stop"), &key, None).await, 422, "idempotency-key-reused");
    // Neither does one that comes when a start would be refused.
    rig.tear_down(&id).await;
    assert_eq!(rig.send("POST", &path("start"), &[], None).await.status, 409);
    let last = rig.send("POST", &path("start"), &key, None).await;
    assert_eq!((last.status, &last.text), (202, &started.text), "{last:?}");
    assert_eq!(last.header("idempotency-replayed"), "true");
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_five_times_at_once_makes_one_platform() {
    let rig = Rig::start(config()).await;
    let (body, key) = (body_of(MINIMAL), [("idempotency-key", "at-once")]);
    let answers = futures::future::join_all((0..5).map(|_| rig.post("/platforms", &body, &key))).await;
    // A copy that met the others' write is asked to come again; each that was accepted names the same platform.
    let accepted: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 202).collect();
    assert!(!accepted.is_empty() && accepted.iter().all(|answer| answer.text == accepted[0].text), "{answers:#?}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 202 | 503)), "{answers:#?}");
    let list = rig.get("/platforms").await.json();
    assert_eq!(list["platforms"].as_array().unwrap().len(), 1, "{list}");
    rig.end().await;
}
