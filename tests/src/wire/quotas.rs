//! More platforms than the account's default quotas allow.

use super::rig::{MINIMAL, Rig, config};
use headend_local::deploy::StackConfig;
use headend_local::world::{Quotas, WorldConfig};
use serde_json::json;

/// AWS's default for channels, push inputs and input security groups alike (aws-facts 1.5).
const ALLOWED: usize = 5;

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quota_excess_ends_failed_and_retry_succeeds() {
    let base = config();
    let world = WorldConfig { quotas: Quotas::default(), ..base.world.clone() };
    let rig = Rig::start(StackConfig { world, ..base }).await;
    let mut ids = Vec::new();
    for _ in 0..=ALLOWED {
        ids.push(rig.create(MINIMAL).await);
    }
    let (mut ready, mut failed) = (Vec::new(), Vec::new());
    for id in &ids {
        let ended = |phase: &serde_json::Value| *phase == "Ready" || *phase == "Failed";
        let platform = rig.wait(id, "Ready or Failed", |platform| ended(&platform["phase"])).await;
        if platform["phase"] == "Failed" { failed.push(platform) } else { ready.push(platform) }
    }
    assert_eq!((ready.len(), failed.len()), (ALLOWED, 1), "{failed:#?}");
    let excess = &failed[0];
    let failure = &excess["failures"][0];
    let text = |name: &str| failure[name].as_str().unwrap_or_default();
    assert!(text("message").to_lowercase().contains("quota"), "AWS's own words: {failure:#}");
    assert!(text("cure").contains("Service Quotas") && text("cure").contains("retry"), "{failure:#}");
    assert!(!text("code").is_empty() && !text("slot").is_empty(), "{failure:#}");
    for quota in ["channels", "push-inputs", "input-security-groups"] {
        rig.control("quota", &json!({"name": format!("medialive.{quota}"), "value": 2 * ALLOWED})).await;
    }
    let id = excess["id"].as_str().unwrap();
    rig.change(id, "retry").await;
    // Failed is what it still says until the next step.
    let healed = rig.wait(id, "Ready after retry", |platform| platform["phase"] == "Ready").await;
    assert!(healed["failures"].is_null(), "{healed:#}");
    assert_eq!(rig.doubles(), Vec::<String>::new());
    for id in &ids {
        rig.tear_down(id).await;
    }
    for id in &ids {
        rig.reach(id, "Gone").await;
    }
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
