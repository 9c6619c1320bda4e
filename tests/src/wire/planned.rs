//! An event over the wire: planned, on air by itself, off by itself. Events are in real time, the account is faster.

use super::rig::{MINIMAL, Rig, config};
use serde_json::json;

/// So many seconds from now, by the clocks of UTC: functions use the real clock.
#[allow(clippy::disallowed_methods)]
pub(super) fn clock(seconds: i64) -> String {
    let moment = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_event_is_on_air_and_off_again_without_a_hand_on_it() {
    let rig = Rig::start(config()).await;
    let id = rig.create(MINIMAL).await;
    rig.reach(&id, "Ready").await;
    rig.settle(&id).await;
    let path = format!("/platforms/{id}/planned-events");
    let event = json!({
        "title": "Now", "start": clock(5), "end": clock(40), "timeZone": "Etc/UTC", "warmupSeconds": 0, "overrunSeconds": 0,
    });
    let planned = rig.post(&path, &event, &[("idempotency-key", "now")]).await;
    assert_eq!(planned.status, 201, "{planned:?}");
    assert!(planned.text.contains("lead time"), "{planned:?}");
    let again = rig.post(&path, &event, &[("idempotency-key", "now")]).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"), "{again:?}");
    let overlapping = rig.post(&path, &event, &[]).await;
    assert_eq!(overlapping.status, 409, "{overlapping:?}");

    let live = rig.reach(&id, "Live").await;
    assert_eq!(
        (live["intent"]["by"].as_str(), live["intent"]["want"].as_str()),
        (Some("planned event \"Now\""), Some("Live"))
    );
    assert_eq!(live["onAirEvent"]["title"], "Now");
    let own = format!("{path}/{}", planned.json()["id"].as_str().unwrap());
    let over = rig.wait(&id, "off air", |platform| platform["phase"] == "Ready").await;
    assert_eq!(over["intent"]["want"], "Idle");
    let shown = rig.get(&own).await;
    assert_eq!(shown.json()["past"][0]["fate"], "aired", "{shown:?}");
    let cancelled = rig.send("DELETE", &own, &[], None).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let timeline = rig.timeline(&id).await;
    assert!(timeline.iter().any(|line| line.contains("is over")), "{timeline:#?}");
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    rig.end().await;
}
