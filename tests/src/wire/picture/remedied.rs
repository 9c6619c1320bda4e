//! Remedies as viewers see them: the first input is lost and the second comes on air, the first again when it has returned, and
//! with both lost the slate, until the guard stops the channel.

use super::super::rig::{HOME, Rig};
use super::faults::{WHITE, address, pictures_and_host, until};
use super::{NEVER, STUDIO, Served, beside, mean_luma, push, push_of, small_platform};
use headend_local::world::cloudwatch::AlarmState;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// From the alarm to the first segment of the other input.
const WITHIN_MILLIS: i64 = 15_000;
/// In the account's time, sixty times as fast: the second input is seen for a minute before the first is tried again.
const CLEAR_SECS: u32 = 3600;

fn two_inputs() -> Value {
    let mut body = small_platform();
    let input = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowFrom": [format!("{STUDIO}/32")]});
    body["inputs"] = json!([input("studio"), input("backup")]);
    let slate = format!("https://{}/slate.png", Served::HOST);
    body["inputLoss"] = json!({"repeatSeconds": 1, "blackSeconds": 0, "show": "slate", "slateUrl": slate});
    body["remediation"] = json!({"mode": "act", "maxActionsPerHour": 10, "clearSeconds": CLEAR_SECS});
    body["guard"] = json!({"idleStopMinutes": 1});
    body["archive"] = json!({"enabled": false});
    body
}

/// The segments of a playlist with their program date-times, in milliseconds.
fn dated(playlist: &str) -> Vec<(i64, String)> {
    let (mut at, mut found) = (0, Vec::new());
    for line in playlist.lines() {
        if let Some(text) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
            at = text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        } else if !line.starts_with('#') {
            found.push((at, line.to_owned()));
        }
    }
    found
}

/// Encoders call again; ffmpeg does not.
fn listens(ingest: &str) -> bool {
    let place = ingest.trim_start_matches("rtmp://").split('/').next().unwrap();
    TcpStream::connect(place).is_ok()
}

impl Rig {
    /// When the alarm about the platform's input last changed, if it fires.
    fn input_lost_at(&self) -> Option<i64> {
        let firing = |it: &&headend_local::world::cloudwatch::Alarm| {
            it.state == AlarmState::Alarm && it.tags.get("headend:slot").is_some_and(|slot| slot.contains("input-loss"))
        };
        let of = |world: &headend_local::world::World| {
            world.regions[HOME].cloudwatch.alarms.values().find(firing).map(|it| it.state_updated_at)
        };
        self.stack.cloud.peek(of)
    }

    /// The program date-time of the first segment since then that begins with a picture as bright as awaited.
    async fn first_shown(&self, list: &str, since: i64, awaited: impl Fn(f64) -> bool) -> i64 {
        let (begun, mut seen) = (Instant::now(), BTreeMap::new());
        loop {
            let playlist = self.view_until(list, |answer| answer.status == 200).await.text;
            for (at, name) in dated(&playlist).into_iter().filter(|(at, _)| *at >= since) {
                let Entry::Vacant(place) = seen.entry(at) else { continue };
                let luma = *place.insert(mean_luma(&self.bytes(&beside(list, &name)).await));
                if awaited(luma) {
                    return at;
                }
            }
            assert!(begun.elapsed() < NEVER, "not shown: {seen:?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

#[ignore = "needs the function binaries and ffmpeg; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_input_gives_way_within_seconds_of_its_alarm_and_two_lost_end_in_the_slate_and_a_stop() {
    let stand_in = Served::start();
    let rig = Rig::start(pictures_and_host(&stand_in)).await;
    let id = rig.begin(&two_inputs()).await;
    let live = rig.reach(&id, "Live").await;
    let from = |input: &str| format!("{}?from={STUDIO}", address(&live, input));
    for input in ["studio", "backup"] {
        until("a listening input", || listens(&address(&live, input))).await;
    }
    let studio = push(&from("studio"));
    let backup = push_of(&from("backup"), WHITE);
    let list = rig.first_list(&live).await;
    rig.shows(&list, "the studio", |luma| (100.0..200.0).contains(&luma)).await;
    rig.source_until("backup", "on").await;
    until("an alarm that is OK", || rig.input_lost_at().is_none()).await;

    drop(studio);
    until("the alarm", || rig.input_lost_at().is_some()).await;
    let alarm = rig.input_lost_at().unwrap();
    let shown = rig.first_shown(&list, alarm - WITHIN_MILLIS, |luma| luma > 200.0).await;
    println!("the first segment of the backup begins {} ms after the alarm", shown - alarm);
    assert!(shown - alarm <= WITHIN_MILLIS, "{} ms after the alarm", shown - alarm);
    rig.wait_for_line(&id, "done: switch to input backup").await;

    let studio = push(&from("studio"));
    rig.shows(&list, "the studio again", |luma| (100.0..200.0).contains(&luma)).await;
    rig.wait_for_line(&id, "done: switch to input studio").await;

    drop((studio, backup));
    // Black is at 16, and a plain colour in its place would be at 70.
    rig.shows(&list, "the slate", |luma| (24.0..44.0).contains(&luma)).await;
    rig.wait_for_line(&id, "idleStopMinutes").await;
    rig.reach(&id, "Ready").await;
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
