//! From an encoder that stops pushing to what a producer reads of it.

use super::rig::{FULL, HOME, Rig, config};
use serde_json::{Value, json};

fn condition<'a>(platform: &'a Value, name: &str) -> Option<&'a Value> {
    platform["conditions"].as_array().unwrap().iter().find(|condition| condition["name"] == name)
}

fn signal_is(platform: &Value, status: &str) -> bool {
    condition(platform, "Signal").is_some_and(|signal| signal["status"] == status)
}

/// Switches the simulated source of every input of the platform.
async fn switch_sources(rig: &Rig, id: &str, state: &str) {
    let inputs = rig.inventory().into_iter().filter(|it| it.kind == "input" && it.tags["headend:platform"] == id);
    let inputs: Vec<String> = inputs.map(|it| it.id).collect();
    assert_eq!(inputs.len(), 3);
    for input in inputs {
        rig.control("source", &json!({"region": HOME, "input": input, "state": state})).await;
    }
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alarms_reach_the_platform() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    rig.settle(&id).await;
    rig.wait(&id, "Signal ok", |platform| signal_is(platform, "ok")).await;

    switch_sources(&rig, &id, "off").await;
    let silent = rig.wait(&id, "Signal broken", |platform| signal_is(platform, "broken")).await;
    assert_eq!(silent["phase"], "Live", "nobody pushing does not end the broadcast: {silent:#}");
    let reason = condition(&silent, "Signal").unwrap()["reason"].as_str().unwrap();
    assert!(reason.contains("input-loss"), "{reason}");
    assert!(condition(&silent, "Alarms").is_some(), "{silent:#}");
    let timeline = rig.timeline(&id).await;
    assert!(timeline.iter().any(|line| line.contains("ALARM")), "{timeline:#?}");

    switch_sources(&rig, &id, "on").await;
    let heard = rig.wait(&id, "Signal ok again", |platform| signal_is(platform, "ok")).await;
    assert_eq!(heard["phase"], "Live", "{heard:#}");
    rig.wait(&id, "no alarm", |platform| condition(platform, "Alarms").is_none()).await;
    let timeline = rig.timeline(&id).await;
    assert!(timeline.iter().any(|line| line.contains("OK again")), "{timeline:#?}");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
