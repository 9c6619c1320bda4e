//! Encoders and decoders that are killed, two platforms on air at once, an input that is pulled, and what is left of a
//! channel that has stopped.

use super::super::rig::{HOME, Rig, config};
use super::{NEVER, STUDIO, Served, last, playback, push, push_of, small_platform, with_pictures};
use headend_local::deploy::StackConfig;
use headend_local::media::MediaConfig;
use headend_local::world::cloudwatch::{GetStatistics, Metric};
use headend_local::world::medialive::{AlertFilter, AlertKind, ChannelState};
use headend_local::world::{Durations, Page, Span, Switches, WorldConfig};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Pictures, and pipelines that take ten seconds to recover: nobody can miss it.
fn slow_to_recover(stand_in: &Served) -> StackConfig {
    let durations = Durations { pipeline_recovery: Span::secs(600, 600), ..Durations::default() };
    let switches = Switches { durations, ..Switches::default() };
    StackConfig { world: WorldConfig { switches, ..config().world }, ..pictures_and_host(stand_in) }
}

/// Pictures, and a host of the internet.
pub(super) fn pictures_and_host(stand_in: &Served) -> StackConfig {
    let base = with_pictures();
    let resolve = [(Served::HOST.to_owned(), stand_in.address)].into();
    StackConfig { media: base.media.map(|media| MediaConfig { resolve, ..media }), ..base }
}

/// Programs of pictures that have `word` on their command line.
fn processes(word: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let line = |id: &u32| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids.filter(|id| {
        let line = String::from_utf8_lossy(&line(id)).into_owned();
        line.starts_with("ffmpeg") && line.contains(word)
    })
    .collect()
}

fn kill(id: u32) {
    assert!(std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
}

pub(super) const WHITE: &str = "color=white:size=426x240:rate=25";

/// Where the first pipeline of an input listens.
pub(super) fn address(platform: &Value, input: &str) -> String {
    let all = platform["ingest"].as_array().unwrap();
    let found = all.iter().find(|it| it["input"] == input && it["pipeline"] == 0).unwrap();
    found["url"].as_str().unwrap().to_owned()
}

pub(super) async fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < NEVER, "{what} was not reached");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Rig {
    fn channel(&self, platform: &str) -> String {
        let of = |it: &headend_local::world::Resource| it.kind == "channel" && it.tags["headend:platform"] == platform;
        self.inventory().into_iter().find(of).unwrap().id
    }

    fn channel_state(&self, id: &str) -> ChannelState {
        self.stack.cloud.peek(|world| world.regions[HOME].medialive.channels[id].state)
    }

    fn alerts(&self, channel: &str, filter: AlertFilter) -> Vec<(usize, AlertKind)> {
        let listed =
            self.stack.cloud.with_world(|world, now| world.list_alerts(HOME, now, channel, filter, &Page::default()));
        listed.unwrap().items.into_iter().map(|alert| (alert.pipeline, alert.kind)).collect()
    }

    /// The highest that a metric of a pipeline has been.
    fn highest(&self, channel: &str, name: &str) -> f64 {
        let metric = Metric::new("AWS/MediaLive", name, &[("ChannelId", channel), ("Pipeline", "0")]);
        let found = self.stack.cloud.with_world(|world, now| {
            world.get_metric_statistics(
                HOME,
                now,
                &GetStatistics { metric, start: now - 60_000, end: now + 1, period_secs: 60 },
            )
        });
        found.unwrap().into_iter().map(|datum| datum.max).fold(0.0, f64::max)
    }

    pub(super) async fn begin(&self, platform: &Value) -> String {
        let answer = self.post("/platforms", platform, &[]).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        self.change(&id, "start").await;
        id
    }

    /// The playlist of the first rung.
    pub(super) async fn first_list(&self, platform: &Value) -> String {
        let master = playback(platform, "hls");
        let text = self.view_until(&master, |answer| answer.status == 200).await.text;
        last(&master, &text)
    }

    /// A newer segment than there is now.
    async fn goes_on(&self, list: &str) {
        let newest = |text: &str| text.lines().last().unwrap_or_default().to_owned();
        let now = newest(&self.view(list).await.text);
        self.view_until(list, |answer| answer.status == 200 && newest(&answer.text) != now).await;
    }
}

#[ignore = "needs the function binaries and ffmpeg; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_encoder_is_a_fault_that_heals_while_the_other_platform_plays_on() {
    let stand_in = Served::start();
    let rig = Rig::start(slow_to_recover(&stand_in)).await;
    let mut pushed = small_platform();
    pushed["channelClass"] = json!("standard");
    let input = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowFrom": [format!("{STUDIO}/32")]});
    pushed["inputs"] = json!([input("studio"), input("backup")]);
    pushed["inputs"][0]["failover"] = json!({"input": "backup"});
    let slate = format!("https://{}/slate.png", Served::HOST);
    pushed["inputLoss"] = json!({"repeatSeconds": 1, "blackSeconds": 0, "show": "slate", "slateUrl": slate});
    let mut pulled = small_platform();
    pulled["name"] = json!("pulled");
    let url = format!("https://{}/live/index.m3u8", Served::HOST);
    pulled["inputs"] = json!([{"name": "venue", "type": "URL_PULL", "urls": [url]}]);
    let (one, other) = (rig.begin(&pushed).await, rig.begin(&pulled).await);
    let (live, pulled) = (rig.reach(&one, "Live").await, rig.reach(&other, "Live").await);
    let ingest = address(&live, "studio");
    let sender = push(&format!("{ingest}?from={STUDIO}"));
    let (list, other_list) = (rig.first_list(&live).await, rig.first_list(&pulled).await);
    rig.bright(&list).await;
    rig.bright(&other_list).await;
    assert_eq!(stand_in.hosts(), [Served::HOST], "nobody else was asked for anything");

    let channel = rig.channel(&one);
    let before = processes(&format!("/{channel}/run-"));
    assert_eq!(before.len(), 1, "one encoder serves both pipelines");
    kill(before[0]);
    until("RECOVERING", || rig.channel_state(&channel) == ChannelState::Recovering).await;
    assert_eq!(rig.alerts(&channel, AlertFilter::Set), [(0, AlertKind::PipelineDown)]);
    let said = |platform: &Value| platform.to_string().contains("MediaLive is recovering it");
    let faulty = rig.wait(&one, "a condition that says so", said).await;
    assert_eq!(faulty["phase"], "Live", "{faulty:#}");
    rig.goes_on(&other_list).await;
    until("RUNNING", || rig.channel_state(&channel) == ChannelState::Running).await;
    assert!(rig.alerts(&channel, AlertFilter::Cleared).contains(&(0, AlertKind::PipelineDown)));
    assert!(rig.highest(&channel, "ActiveAlerts") >= 1.0);
    assert_ne!(processes(&format!("/{channel}/run-")), before);
    rig.goes_on(&list).await;
    rig.bright(&list).await;

    // A decoder is nobody's pipeline: it comes back in the middle of what is sent.
    let before = processes(&format!("/{channel}/sound-"));
    assert_eq!(before.len(), 1);
    kill(before[0]);
    // A channel with one pipeline has none meanwhile.
    let alone = rig.channel(&other);
    kill(processes(&format!("/{alone}/run-"))[0]);
    until("RECOVERING alone", || rig.channel_state(&alone) == ChannelState::Recovering).await;
    until("another decoder", || processes(&format!("/{channel}/sound-")).iter().any(|id| *id != before[0])).await;
    rig.goes_on(&list).await;
    rig.goes_on(&list).await;
    rig.bright(&list).await;

    let backup = push_of(&format!("{}?from={STUDIO}", address(&live, "backup")), WHITE);
    rig.source_until("backup", "on").await;
    drop(sender);
    rig.shows(&list, "the backup", |luma| luma > 200.0).await;
    let sender = push(&format!("{ingest}?from={STUDIO}"));
    rig.shows(&list, "the primary again", |luma| (100.0..200.0).contains(&luma)).await;
    drop((sender, backup));
    // Black is at 16, and a plain colour in its place would be at 70.
    rig.shows(&list, "the slate", |luma| (24.0..44.0).contains(&luma)).await;
    until("RUNNING alone", || rig.channel_state(&alone) == ChannelState::Running).await;
    rig.shows(&other_list, "a picture after the fault", |luma| luma > 40.0).await;

    rig.change(&one, "stop").await;
    rig.reach(&one, "Ready").await;
    until("no process", || processes(&format!("/{channel}/")).is_empty()).await;
    let port: u16 = ingest.split(['/', ':']).nth(4).unwrap().parse().unwrap();
    until("no port", || TcpListener::bind(("127.0.0.1", port)).is_ok()).await;
    rig.goes_on(&other_list).await;
    rig.end().await;
    until("nothing at the end", || processes(&format!("headend-media-{}", std::process::id())).is_empty()).await;
}
