//! What the functions log over a platform's life: a line for each step, metrics that CloudWatch reads, and nothing secret.

use super::recording::word;
use super::rig::{FULL, HOME, Rig, config};
use crate::script::body_of;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TRACE: &str = "Root=1-67891233-abcdef012345678912345678";

/// What may stand in an answer for the producer, and nowhere else: the CDN's identifier, and the names of the streams.
async fn canaries(rig: &Rig, id: &str) -> (Vec<String>, Vec<String>) {
    let secrets: Vec<String> = rig.stack.cloud.peek(|world| {
        let secrets = world.regions[HOME].secrets.secrets.values();
        secrets.flat_map(|secret| secret.versions.values().map(|version| version.secret_string.clone())).collect()
    });
    let document = |secret: &String| serde_json::from_str::<Value>(secret).unwrap();
    let values = secrets.iter().flat_map(|secret| document(secret).as_object().unwrap().clone().into_values());
    let values = values.map(|value| value.as_str().unwrap().to_owned()).collect();
    let platform = rig.platform(id).await;
    let pushed = platform["ingest"].as_array().unwrap().iter().filter_map(|entry| entry["url"].as_str());
    // rtmp://address:port/<input>-<key>/<pipeline>
    let streams = pushed.filter_map(|url| url.strip_prefix("rtmp:")?.rsplit('/').nth(1)?.rsplit('-').next());
    let streams = streams.map(str::to_owned);
    (values, streams.collect())
}

fn json_lines(lines: &[String]) -> Vec<Value> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_is_in_the_logs_step_by_step_and_none_of_its_secrets() {
    let rig = Rig::start(config()).await;
    let traced_by = [("x-amzn-trace-id", TRACE)];
    let answer = rig.post("/platforms", &body_of(FULL), &traced_by).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    rig.reach(&id, "Ready").await;
    let (secrets, streams) = canaries(&rig, &id).await;
    assert_eq!((secrets.len(), streams.len()), (1, 2), "one identifier of the CDN, a stream for each pipeline");
    assert!(secrets.iter().chain(&streams).all(|canary| canary.len() >= 12), "{secrets:?} {streams:?}");
    let answer = rig.send("POST", &format!("/platforms/{id}/start"), &traced_by, None).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    rig.reach(&id, "Live").await;
    rig.change(&id, "stop").await;
    rig.reach(&id, "Ready").await;
    let shown = rig.get(&format!("/platforms/{id}")).await.text;
    let public = rig.get(&format!("/platforms/{id}/player-config")).await.text + &rig.get("/platforms").await.text;
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    let timeline = rig.timeline(&id).await.join("\n");
    let functions = rig.stack.functions().map(str::to_owned).collect::<Vec<_>>();
    let logged: Vec<String> = functions.iter().flat_map(|function| rig.stack.logs(function)).collect();
    let provision = json_lines(&rig.stack.logs("provision"));
    let record = std::fs::read_to_string(&rig.record).unwrap();
    rig.end().await;

    // Written by whoever: items of the table, wake-ups, metrics.
    let written = json_lines(&record.lines().map(str::to_owned).collect::<Vec<_>>());
    let written = written.iter().filter(|call| ["dynamodb", "sqs", "cloudwatch"].contains(&word(call, "service")));
    let written = written.map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert!(written.contains("TransactWriteItems") && written.contains("SendMessage"), "{}", written.len());
    assert!(
        secrets.iter().all(|secret| !written.contains(secret.as_str())),
        "the CDN's identifier is in an item or a message"
    );

    let everything = [("the logs", logged.join("\n")), ("the timeline", timeline), ("public answers", public)];
    for (place, text) in &everything {
        assert!(!text.is_empty());
        for canary in secrets.iter().chain(&streams) {
            assert!(!text.contains(canary.as_str()), "{canary} stands in {place}");
        }
    }
    assert!(secrets.iter().all(|secret| !shown.contains(secret.as_str())), "the producer sees the CDN's identifier");
    steps(&provision, &id);
    traced(&provision);
    metrics(&provision);
}

fn steps(lines: &[Value], id: &str) {
    let steps = lines.iter().filter(|line| line["message"] == "step finished").collect::<Vec<_>>();
    let done = steps.iter().map(|step| format!("{} {}", step["action"], step["slot"]).replace('"', ""));
    let done = done.collect::<BTreeSet<_>>();
    for needed in
        ["create channel", "start channel", "stop channel", "create secret", "disable distribution", "delete channel"]
    {
        assert!(done.contains(needed), "{needed} is not among {done:?}");
    }
    for step in steps {
        let numbers = ["generation", "attempt", "duration_ms"];
        let whole = numbers.iter().all(|name| step[*name].is_i64()) && step["phase"].is_string();
        assert!(whole && step["platform"].as_str().is_some_and(|platform| platform.ends_with(id)), "{step}");
    }
}

/// Steps that a request set off are logged with the trace that the request came with.
fn traced(lines: &[Value]) {
    let steps = lines.iter().filter(|line| line["message"] == "step finished").map(|line| &line["span"]);
    let steps: Vec<&Value> = steps.collect();
    let ours = |span: &&&Value| span["xrayTraceId"].as_str().is_some_and(|trace| trace.starts_with(TRACE));
    // Of two requests, since a sweep between request and wake-up would have come first.
    assert!(steps.iter().any(|span| ours(&span)), "no step has the trace {TRACE}: {steps:?}");
    assert!(steps.iter().all(|span| span["requestId"].is_string()), "{steps:?}");
}

fn metrics(lines: &[Value]) {
    let mut named = BTreeSet::new();
    for line in lines.iter().filter(|line| line["_aws"].is_object()) {
        let told = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&told["Namespace"], &told["Dimensions"]), (&json!("Headend"), &json!([["Stack"]])), "{line}");
        let name = told["Metrics"][0]["Name"].as_str().unwrap();
        assert!(line[name].is_i64() && line["Stack"] == "headend", "{line}");
        named.insert(name);
    }
    for needed in ["ReachedGone", "ReachedLive", "ReachedReady", "Steps", "SweepLag", "TimeToLive", "TimeToReady"] {
        assert!(named.contains(needed), "{needed} is not among {named:?}");
    }
}
