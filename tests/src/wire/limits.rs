//! What a tenant may have, asked for by many requests at once, in as many processes.

use super::rig::{Answer, MINIMAL, Rig, config};
use crate::script::body_of;
use futures::future::join_all;
use headend_local::deploy::StackConfig;

fn limited() -> StackConfig {
    let limits = [("MaxPlatforms", "3"), ("MaxRunningChannels", "1")];
    StackConfig { parameters: limits.map(|(name, most)| (name.to_owned(), most.to_owned())).into(), ..config() }
}

/// What was accepted, and what was refused.
fn sorted(answers: Vec<Answer>) -> (Vec<Answer>, Vec<Answer>) {
    assert!(answers.iter().all(|answer| [202, 409].contains(&answer.status)), "{answers:?}");
    answers.into_iter().partition(|answer| answer.status == 202)
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_gets_what_it_may_have_and_no_more_however_many_ask_at_once() {
    let rig = Rig::start(limited()).await;
    let body = body_of(MINIMAL);
    let creates = (0..8).map(|_| rig.post("/platforms", &body, &[]));
    let (made, refused) = sorted(join_all(creates).await);
    assert_eq!((made.len(), refused.len()), (3, 5));
    for answer in &refused {
        assert_eq!(answer.json()["type"], "urn:headend:problem:too-many-platforms");
        assert!(answer.text.contains("has 3 platforms, and the limit is 3"), "{answer:?}");
    }
    let ids: Vec<String> = made.iter().map(|answer| answer.json()["id"].as_str().unwrap().to_owned()).collect();
    let paths: Vec<String> = ids.iter().map(|id| format!("/platforms/{id}/start")).collect();
    let (started, refused) = sorted(join_all(paths.iter().map(|path| rig.send("POST", path, &[], None))).await);
    assert_eq!((started.len(), refused.len()), (1, 2));
    assert!(refused.iter().all(|answer| answer.text.contains("too-many-running")), "{refused:?}");

    let live = started[0].json()["id"].as_str().unwrap().to_owned();
    rig.reach(&live, "Live").await;
    let timeline = rig.timeline(&live).await;
    assert!(timeline.iter().any(|line| line.contains("asked: start (by dev, generation 2)")), "{timeline:#?}");
    for id in &ids {
        rig.tear_down(id).await;
    }
    for id in &ids {
        rig.reach(id, "Gone").await;
    }
    let id = rig.create(MINIMAL).await;
    rig.change(&id, "start").await;
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    rig.end().await;
}
