//! A pipeline that is stuck and an input that is lost, over the wire: the functions' own calls repair both.

use super::rig::{HOME, Rig, config};
use serde_json::{Value, json};

fn id_of(rig: &Rig, slot: &str) -> String {
    let found = rig.inventory().into_iter().find(|it| it.tags["headend:slot"] == slot);
    found.unwrap_or_else(|| panic!("there is no {slot}")).id
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_pipeline_is_restarted_and_a_lost_input_gives_way_to_the_next() {
    let rig = Rig::start(config()).await;
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowAnywhere": true});
    let body: Value = json!({"name": "two", "inputs": [push("main"), push("backup")], "remediation": {"mode": "act"}});
    let made = rig.post("/platforms", &body, &[]).await;
    assert_eq!(made.status, 202, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    rig.settle(&id).await;

    let channel = id_of(&rig, "channel");
    rig.control("stick-pipeline", &json!({"region": HOME, "channel": channel, "pipeline": 0})).await;
    rig.wait_for_line(&id, "done: restart pipeline 0").await;
    rig.reach(&id, "Live").await;

    let main = id_of(&rig, "input/main");
    rig.control("source", &json!({"region": HOME, "input": main, "state": "off"})).await;
    rig.wait_for_line(&id, "done: switch to input backup").await;
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
