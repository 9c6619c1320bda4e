//! `PATCH` over the wire: the account is what the changed spec asks for.

use super::rig::{FULL, HOME, Rig, config};
use headend_local::world::medialive::SourceState;
use serde_json::json;

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_reaches_the_account_on_air_and_idle() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    rig.reach(&id, "Ready").await;
    let path = format!("/platforms/{id}");
    let etag = rig.get(&path).await.header("etag").to_owned();
    let patch = async |query: &str, etag: &str, body: serde_json::Value| {
        let headers = [("content-type", "application/json"), ("if-match", etag)];
        rig.send("PATCH", &format!("{path}{query}"), &headers, Some(body.to_string())).await
    };
    let unread = rig.send("PATCH", &path, &[("content-type", "application/json")], Some("{}".to_owned())).await;
    assert_eq!(unread.status, 428, "{unread:?}");
    let stale = patch("", "\"g0\"", json!({"description": "x"})).await;
    assert_eq!(stale.status, 412, "{stale:?}");

    let ladder = json!({"ladder": "hd", "inputSpecification": null});
    let tried = patch("?dryRun=true", &etag, ladder.clone()).await;
    assert_eq!((tried.status, tried.json()["steps"].clone()), (200, json!(["change channel in place"])), "{tried:?}");
    let changed = patch("", &etag, ladder).await;
    assert_eq!(changed.status, 202, "{changed:?}");
    rig.wait(&id, "the channel changed and idle", |_| {
        rig.stack.cloud.peek(|world| {
            let channels = &world.regions[HOME].medialive.channels;
            channels.values().all(|channel| !channel.uhd && channel.state.as_str() == "IDLE")
        })
    })
    .await;

    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    let etag = rig.get(&path).await.header("etag").to_owned();
    let refused = patch("", &etag, json!({"ladder": "sd", "archive": {"enabled": false}})).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["pointer"], "/ladder");
    assert_eq!(refused.json()["errors"][1]["pointer"], "/archive");
    let on_air = json!({"allowLists": {"encoders": ["198.51.100.77/32"]}, "endpoints": {"dash": null}});
    let accepted = patch("", &etag, on_air).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    rig.wait(&id, "the new allow-list and two endpoints", |_| {
        rig.stack.cloud.peek(|world| {
            let home = &world.regions[HOME];
            let listed = home.medialive.groups.values().any(|group| group.cidrs == ["198.51.100.77/32"]);
            let on = home.medialive.inputs.values().all(|input| input.source == SourceState::On);
            listed && on && home.mediapackage.endpoints.len() == 2
        })
    })
    .await;
    assert_eq!(rig.platform(&id).await["phase"], "Live", "nobody went off air for it");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.stack.cloud.peek(|world| world.inventory().len()), 0);
    rig.end().await;
}
