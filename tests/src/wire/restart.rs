//! A stack that is ended in the middle of its work and started again from what it kept.

use super::rig::{FULL, Folder, Rig, with_slow_delivery};
use headend_local::deploy::StackConfig;
use std::path::Path;

async fn start(state: &Path) -> Rig {
    Rig::start(StackConfig { state: Some(state.to_owned()), ..with_slow_delivery() }).await
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_with_state_goes_on() {
    let folder = Folder::new();
    let rig = start(folder.path()).await;
    let id = rig.create(FULL).await;
    let before =
        rig.wait(&id, "a half-made platform", |platform| platform["progress"]["done"].as_u64() >= Some(5)).await;
    assert_eq!(before["phase"], "Provisioning", "{before:#}");
    let existed = rig.inventory();
    rig.end().await;

    let rig = start(folder.path()).await;
    let after = rig.platform(&id).await;
    assert_eq!((&after["name"], &after["createdAt"]), (&before["name"], &before["createdAt"]));
    let exists = rig.inventory();
    let lost: Vec<_> = existed.iter().filter(|old| !exists.iter().any(|new| new.arn == old.arn)).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    assert_eq!(rig.doubles(), Vec::<String>::new());
    rig.end().await;

    // What is at rest stays at rest, and can still be removed.
    let rig = start(folder.path()).await;
    assert_eq!(rig.platform(&id).await["phase"], "Ready");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
