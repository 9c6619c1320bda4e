//! Health over the wire: what CloudWatch has measured, asked for by the function itself.

use super::rig::{HOME, MINIMAL, Rig, config};
use serde_json::{Value, json};

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_says_what_is_wrong_with_the_signal_and_what_to_do() {
    let rig = Rig::start(config()).await;
    let id = rig.create(MINIMAL).await;
    let health = async || -> Value { rig.get(&format!("/platforms/{id}/health")).await.json() };
    rig.reach(&id, "Ready").await;
    assert_eq!(health().await["verdict"], "off");
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    // The account's minute is a second, and its first metrics come ten of its seconds after the start.
    let measured = async |metric: &str| loop {
        let health = health().await;
        let found = health["metrics"].as_array().unwrap().iter().find(|it| it["metric"] == metric).cloned().unwrap();
        if found.get("value").is_some() {
            break (health, found);
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    let (_, rate) = measured("InputVideoFrameRate").await;
    assert_eq!((&rate["value"], &rate["unit"]), (&json!(30.0), &json!("frames a second")), "{rate}");

    let input = rig.inventory().into_iter().find(|it| it.tags["headend:slot"].starts_with("input/")).unwrap().id;
    rig.control("source", &json!({"region": HOME, "input": input, "state": "degraded"})).await;
    let (begun, mut seen) = (std::time::Instant::now(), Value::Null);
    while begun.elapsed().as_secs() < 120 && !seen.to_string().contains("have been made up") {
        seen = measured("FillMsec").await.1;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert_eq!((&seen["value"], &seen["verdict"]), (&json!(900.0), &json!("warning")), "{seen}");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    rig.end().await;
}
