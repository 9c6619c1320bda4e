//! What is only read: lists in pages, the journal, and what a player gets.

use super::rig::{FULL, HOME, MINIMAL, Rig, config};
use headend_local::world::WorldConfig;
use serde_json::{Value, json};

/// All pages of a list, each of at most `limit` entries.
async fn pages(rig: &Rig, path: &str, name: &str, limit: usize) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut query = format!("?limit={limit}");
    loop {
        let answer = rig.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        pages.push(page[name].as_array().unwrap().clone());
        assert!(pages.len() < 500, "the pages of {path} do not end");
        let Some(cursor) = page["cursor"].as_str() else { return pages };
        query = format!("?limit={limit}&cursor={cursor}");
    }
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_timelines_come_in_pages() {
    let rig = Rig::start(config()).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(rig.create(MINIMAL).await);
    }
    ids.reverse();
    for id in &ids {
        rig.reach(id, "Ready").await;
    }
    let found = pages(&rig, "/platforms", "platforms", 2).await;
    let sizes: Vec<usize> = found.iter().map(Vec::len).filter(|size| *size > 0).collect();
    assert_eq!(sizes, [2, 1], "{found:?}");
    let listed: Vec<&str> = found.iter().flatten().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids, "the newest first");
    let of_phase = async |phase: &str| {
        let page = rig.get(&format!("/platforms?phase={phase}")).await.json();
        page["platforms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of_phase("Ready").await, ids);
    rig.tear_down(&ids[1]).await;
    rig.reach(&ids[1], "Gone").await;
    assert_eq!(of_phase("Ready").await, [ids[0].clone(), ids[2].clone()]);
    assert_eq!(of_phase("Gone").await, [ids[1].clone()]);
    assert_eq!(of_phase("Live").await, Vec::<String>::new());

    let lines: Vec<Value> = pages(&rig, &format!("/platforms/{}/timeline", ids[1]), "entries", 5).await.concat();
    let keys: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert!(keys.len() > 10 && keys.is_sorted_by(|newer, older| newer > older), "{lines:#?}");
    let texts: Vec<&str> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(texts.last().unwrap().starts_with("asked: created"), "{texts:#?}");
    assert!(texts.iter().any(|text| text.starts_with("asked: teardown")), "{texts:#?}");
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_player_learns_where_to_play_and_nothing_else() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    let path = format!("/platforms/{id}/player-config");
    let early = rig.get(&path).await;
    assert_eq!(early.status, 200, "{early:?}");
    assert_eq!(early.json()["live"], false);
    let ready = rig.reach(&id, "Ready").await;
    let answer = rig.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let known = answer.json();
    assert_eq!(known["sources"], ready["playback"]);
    let mut formats: Vec<&str> =
        known["sources"].as_array().unwrap().iter().map(|it| it["format"].as_str().unwrap()).collect();
    formats.sort_unstable();
    assert_eq!(formats, ["cmaf", "dash", "hls"]);
    assert!(known["sources"].as_array().unwrap().iter().all(|it| it["url"].as_str().unwrap().starts_with("https://d")));

    let (etag, freshness) = (answer.header("etag"), answer.header("cache-control"));
    assert!(etag.starts_with('"') && freshness.starts_with("public, max-age="), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let same = rig.send("GET", &path, &[("if-none-match", etag)], None).await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", etag));
    assert_ne!(early.header("etag"), etag, "another content has another tag");
    let other = rig.send("GET", &path, &[("if-none-match", early.header("etag"))], None).await;
    assert_eq!((other.status, &other.text), (200, &answer.text));

    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    let live = rig.get(&path).await;
    assert_eq!(live.json()["live"], true);
    let secrets: Vec<String> = rig.stack.cloud.peek(|world| {
        let secrets = world.regions[HOME].secrets.secrets.values();
        secrets.flat_map(|it| [it.name.clone(), it.versions.values().next().unwrap().secret_string.clone()]).collect()
    });
    assert_eq!(secrets.len(), 2);
    let account = WorldConfig::default().account;
    let hidden = ["arn:", account.as_str(), "amazonaws.com", "rtmp"].map(str::to_owned);
    for secret in hidden.iter().chain(&secrets) {
        assert!(!live.text.contains(secret.as_str()), "{secret} stands in {}", live.text);
        let shown = live.headers.values().any(|value| value.contains(secret.as_str()));
        assert!(!shown, "{secret} stands in {:?}", live.headers);
    }
    assert_eq!(known["platform"], json!(id));
    rig.end().await;
}
