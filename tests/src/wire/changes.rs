//! `PATCH` over the wire: the account is what the changed spec asks for.

use super::rig::{FULL, HOME, Rig, config};
use headend_local::world::medialive::SourceState;
use serde_json::{Value, json};

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

/// What viewers get of every manifest of the platform.
async fn statuses(rig: &Rig, platform: &Value) -> Vec<u16> {
    let sources = platform["playback"].as_array().unwrap().iter().map(|it| it["url"].as_str().unwrap().to_owned());
    let mut statuses = Vec::new();
    for url in sources {
        let url = reqwest::Url::parse(&url).unwrap();
        let (domain, path) = (url.host_str().unwrap(), url.path());
        statuses.push(rig.stack.cloud.with_world(|world, now| world.view(HOME, now, domain, path)).status);
    }
    statuses
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn class_inputs_tags_and_secrets_change_and_no_viewer_is_refused() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    rig.reach(&id, "Ready").await;
    let before = rig.settle(&id).await;
    let path = format!("/platforms/{id}");
    let mut inputs = before["spec"]["inputs"].clone();
    inputs[1]["urls"] = json!(["https://c.example.com/live.m3u8", "https://d.example.com/live.m3u8"]);
    inputs[2] =
        json!({"name": "rtp", "type": "RTMP_PULL", "urls": ["rtmp://a.example.com/app/s"], "sourceAudio": "5.1"});
    let patch = json!({"tags": {"Environment": null, "programme": "news"}, "channelClass": "single", "inputs": inputs});
    let headers = [("content-type", "application/json"), ("if-match", "*")];
    let changed = rig.send("PATCH", &path, &headers, Some(patch.to_string())).await;
    assert_eq!(changed.status, 202, "{changed:?}");
    rig.ask("POST", &format!("{path}/inputs/rtmp/rotate")).await;
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    let platform = rig.settle(&id).await;
    let (old, new) = (&before["ingest"][0]["url"], &platform["ingest"][0]["url"]);
    assert_ne!(old, new, "the old stream name is dead");
    rig.stack.cloud.peek(|world| {
        let live = &world.regions[HOME].medialive;
        let channel = live.channels.values().find(|it| it.state.as_str() == "RUNNING").unwrap();
        assert_eq!(channel.class.as_str(), "SINGLE_PIPELINE");
        assert!(channel.tags.contains_key("programme") && !channel.tags.contains_key("Environment"));
        let kinds: Vec<&str> =
            live.inputs.values().filter(|it| it.state.as_str() == "ATTACHED").map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds.len(), 3, "{kinds:?}");
        assert!(kinds.contains(&"RTMP_PULL") && !kinds.contains(&"RTP_PUSH"), "{kinds:?}");
    });

    rig.ask("POST", &format!("{path}/rotate-cdn-secret")).await;
    let again = rig.send("POST", &format!("{path}/rotate-cdn-secret"), &[], None).await;
    assert_eq!(again.status, 409, "{again:?}");
    let mut seen = Vec::new();
    loop {
        seen.extend(statuses(&rig, &platform).await);
        let now = rig.platform(&id).await;
        if now["progress"]["done"] == now["progress"]["total"] && now["progress"]["waitingOn"] == json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    assert!(seen.len() > 20 && seen.iter().all(|status| *status == 200), "{seen:?}");
    let timeline = rig.timeline(&id).await.join("\n");
    assert!(timeline.contains("the CDN is given it"), "{timeline}");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new(), "left over\n{}", rig.report(&id).await);
    rig.end().await;
}
