//! A life for each type of input, and for pairs of them, captions, languages and loss.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::api::view::{self, ViewSettings};
use headend_control::handlers::accept::Change;
use headend_domain::limits::Limits;
use headend_domain::phase::Phase;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

fn flow(n: u32) -> String {
    format!("arn:aws:mediaconnect:eu-west-1:111122223333:flow:{n}-abc:studio")
}

fn key() -> Value {
    json!({"algorithm": "AES256", "passphraseSecretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:srt-a1b2c3"})
}

/// What each type needs beside its name, for two pipelines.
fn types() -> Vec<(&'static str, Value)> {
    let source = |host: &str| json!({"address": host, "port": 9000, "decryption": key()});
    let srt = json!({"sources": [source("a.example.com"), source("b.example.com")]});
    let urls = |scheme: &str, path: &str| json!({"urls": [format!("{scheme}://a.example.com/{path}"), format!("{scheme}://b.example.com/{path}")]});
    vec![
        ("RTMP_PUSH", json!({})),
        ("RTP_PUSH", json!({})),
        ("SRT_LISTENER", json!({"srt": {"minimumLatencyMs": 2000, "decryption": key()}})),
        ("URL_PULL", urls("https", "live.m3u8")),
        ("RTMP_PULL", urls("rtmp", "app/stream")),
        ("MP4_FILE", urls("https", "a.mp4")),
        ("SRT_CALLER", json!({"srt": srt})),
        ("MEDIACONNECT", json!({"flows": [flow(1), flow(2)]})),
    ]
}

fn input(name: &str, kind: &str, rest: &Value) -> Value {
    let mut input = rest.clone();
    input["name"] = json!(name);
    input["type"] = json!(kind);
    input
}

/// Create, Ready, Live, Gone, and nothing left.
fn whole_life(body: &Value) -> Story {
    let mut story = Story::create(quiet(1), body);
    story.reach(Phase::Ready, 30 * MINUTE);
    story.settle(HOUR);
    story.assert_no_doubles();
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    story
}

fn gone(mut story: Story) {
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, HOUR);
    story.settle(HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new());
}

/// How many addresses people are shown.
fn shown(story: &Story) -> usize {
    let settings = ViewSettings { playback_url_pattern: "https://{domain}".to_owned(), limits: Limits::default() };
    let view = view::platform(&story.record(), Timestamp(story.life.now()), &settings);
    view["ingest"].as_array().unwrap().len()
}

#[test]
fn a_platform_with_any_type_of_input_goes_live_and_away_without_a_trace() {
    for class in ["single", "standard"] {
        for (kind, rest) in types() {
            let body = json!({"name": kind, "channelClass": class, "inputs": [input("only", kind, &rest)]});
            let story = whole_life(&body);
            let addresses = story.record().object(&Slot::Input("only".to_owned())).unwrap().urls.len();
            let listens = ["RTMP_PUSH", "RTP_PUSH", "SRT_LISTENER"].contains(&kind);
            assert_eq!(addresses, if listens { 2 } else { 0 }, "{kind} in {class}: both classes listen at two");
            let pipelines = if class == "single" { 1 } else { 2 };
            assert_eq!(shown(&story), if listens { pipelines } else { 0 }, "{kind} in {class}");
            gone(story);
        }
    }
}

#[test]
fn a_single_channel_pulls_one_source_of_each_type() {
    for (kind, mut rest) in types() {
        for list in ["/urls", "/flows", "/srt/sources"] {
            if let Some(Value::Array(sources)) = rest.pointer_mut(list) {
                sources.truncate(1);
            }
        }
        gone(whole_life(&json!({"name": kind, "inputs": [input("only", kind, &rest)]})));
    }
}

#[test]
fn a_pair_that_can_take_over_from_each_other_is_made_and_removed() {
    let pairs = ["RTMP_PUSH", "RTP_PUSH", "SRT_LISTENER", "MEDIACONNECT"];
    for (kind, rest) in types().into_iter().filter(|(kind, _)| pairs.contains(kind)) {
        let mut main = input("main", kind, &rest);
        main["failover"] = json!({"input": "backup", "conditions": {"blackMs": 2000}});
        let mut backup = input("backup", kind, &rest);
        if kind == "MEDIACONNECT" {
            backup["flows"] = json!([flow(3), flow(4)]);
        }
        gone(whole_life(&json!({"name": "n", "channelClass": "standard", "inputs": [main, backup]})));
    }
}

#[test]
fn the_sample_with_every_kind_of_field_lives() {
    gone(whole_life(&body_of("create-platform-inputs")));
}
