//! Orphans over the wire: the function's own lists, its own role, and an account that is empty at the end.

use super::rig::{Answer, FULL, HOME, Rig, config};
use headend_local::world::cloudwatch::{AlarmFilter, AlarmSpec};
use headend_local::world::{Ms, Page, Tags, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Platforms that no table knows: the tags say whose they were.
const FORGOTTEN: [&str; 3] = ["p-aaaaaaaaaaaa", "p-bbbbbbbbbbbb", "p-cccccccccccc"];

fn tags(platform: &str, slot: &str) -> Tags {
    let pairs = [("stack", "headend"), ("platform", platform), ("slot", slot), ("tenant", "default")];
    pairs.into_iter().map(|(key, value)| (format!("headend:{key}"), value.to_owned())).collect()
}

/// A distribution and an alarm of each region, of platforms that are forgotten; made like those that are there.
fn forget(world: &mut World, now: Ms) {
    let [distribution, alarm, cdn_alarm] = FORGOTTEN;
    let page = Page::default();
    let mut config = world.list_distributions(now, &page).unwrap().items[0].config.clone();
    let (comment, reference) = (config.comment, config.caller_reference);
    config.comment = format!("hl-{distribution}-distribution-1 forgotten");
    config.caller_reference = format!("hl-{distribution}-distribution-1");
    // What its list shows is in the text.
    config.xml = config.xml.replace(&comment, &config.comment).replace(&reference, &config.caller_reference);
    world.create_distribution(now, config, tags(distribution, "distribution")).unwrap();
    for (region, platform, kind) in [(HOME, alarm, "packager-4xx"), ("us-east-1", cdn_alarm, "cdn-4xx")] {
        let like = world.describe_alarms(region, now, &AlarmFilter::default(), &page).unwrap().items[0].spec.clone();
        let name = format!("hl-{platform}-alarm-{kind}-1");
        let spec = AlarmSpec { name, tags: tags(platform, &format!("alarm/{kind}")), ..like };
        world.put_metric_alarm(region, now, spec).unwrap();
    }
}

async fn found(rig: &Rig) -> Vec<Value> {
    let answer: Answer = rig.get("/orphans?unusedDays=1").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["left"], json!([]), "{body:#}");
    body["orphans"].as_array().unwrap().clone()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_of_platforms_that_are_gone_or_forgotten_is_found_and_removed() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    rig.settle(&id).await;
    assert_eq!(found(&rig).await, Vec::<Value>::new(), "a platform on air");
    // The account as it is now, and the record of a platform that is gone.
    let before = rig.stack.cloud.with_world(|world, now| {
        let mut before = world.clone();
        forget(&mut before, now);
        before
    });
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    rig.stack.cloud.with_world(|world, _| *world = before);
    let left: BTreeSet<String> = rig.inventory().into_iter().map(|it| it.arn).collect();
    let begun = Instant::now();
    let orphans = loop {
        let orphans = found(&rig).await;
        let named: BTreeSet<String> = orphans.iter().map(|it| it["arn"].as_str().unwrap().to_owned()).collect();
        if named == left {
            break orphans;
        }
        assert!(begun.elapsed().as_secs() < 120, "{named:#?}\n{left:#?}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    let platforms: BTreeSet<&str> = orphans.iter().map(|it| it["platform"].as_str().unwrap()).collect();
    assert_eq!(platforms.len(), 4, "{platforms:?}");
    let begun = Instant::now();
    while !rig.inventory().is_empty() {
        for orphan in found(&rig).await {
            let answer = rig.send("DELETE", &format!("/orphans/{}", orphan["id"].as_str().unwrap()), &[], None).await;
            let used = answer.status == 409 && answer.text.contains("still-in-use");
            assert!(answer.status == 202 || answer.status == 404 || used, "{orphan:#} {answer:?}");
        }
        assert!(begun.elapsed().as_secs() < 240, "{:#?}", rig.inventory());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let denied = super::recording::read(&rig.record).into_iter().filter(|call| call["status"] == 403);
    assert_eq!(denied.collect::<Vec<_>>(), Vec::<Value>::new());
    rig.end().await;
}
