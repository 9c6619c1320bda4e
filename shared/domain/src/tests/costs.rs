//! The price file, the estimate that is made of it, and the meter.

use super::reading::good;
use super::stage::built_record;
use crate::action::{Seen, Status};
use crate::estimate::{self, live, running, running_micros, total};
use crate::meter::{Meter, Runs, Sum, follow, month_after, month_of, month_word};
use crate::price::{all, price};
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HOUR: i64 = 3_600_000;

fn moment(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

#[test]
fn every_price_says_where_it_is_from_and_is_there_once() {
    let ids: BTreeSet<&str> = all().iter().map(|price| price.id.as_str()).collect();
    assert_eq!(ids.len(), all().len());
    for row in all() {
        assert!(row.usd > 0.0 && ["hour", "GB"].contains(&row.unit.as_str()), "{row:?}");
        assert!(!row.source.is_empty() && row.date.parse::<jiff::civil::Date>().is_ok(), "{row:?}");
        // Verified is what can be looked up.
        assert!(!row.verified || row.source.starts_with("https://"), "{row:?}");
    }
    assert!(all().iter().any(|row| row.verified) && all().iter().any(|row| !row.verified));
}

#[test]
fn everything_that_a_spec_can_ask_for_has_a_price() {
    for codec in ["MPEG2", "AVC", "HEVC"] {
        for resolution in ["SD", "HD", "UHD"] {
            for most in ["MAX_10_MBPS", "MAX_20_MBPS", "MAX_50_MBPS"] {
                for (height, rate) in [(240, 25), (576, 30), (720, 50), (1080, 60), (2160, 30)] {
                    if (resolution == "SD" && height > 576) || (resolution == "HD" && height > 1080) {
                        continue;
                    }
                    let rung = json!({"width": height * 16 / 9 / 2 * 2, "height": height, "bitrate": 15_000_000});
                    let spec = good(&json!({
                        "name": "n", "inputSpecification": {"codec": codec, "resolution": resolution, "maximumBitrate": most},
                        "ladder": {"frameRate": rate, "rungs": [rung]},
                    }));
                    // Input, rung, sound, archive twice, packaging; then secret, alarms, and two for viewers.
                    assert_eq!(
                        (running(&spec).len(), live(&spec, 1).len()),
                        (6, 10),
                        "{codec} {resolution} {most} {height}"
                    );
                }
            }
        }
    }
}

fn usd(id: &str) -> f64 {
    price(id).unwrap().usd
}

#[test]
fn an_hour_on_air_is_the_sum_of_its_parts() {
    let spec = good(&json!({"name": "n"}));
    let parts = usd("medialive/input/AVC/HD/20")
        + 3.0 * usd("medialive/output/HD/10/30")
        + 2.0 * usd("medialive/output/SD/10/30")
        + usd("medialive/output/audio");
    let (sent, kept) = (11_128_000.0 * 450.0 / 1e9, 6_000_000.0 * 450.0 / 1e9);
    let hour = parts + sent * usd("mediapackage/ingest") + kept * usd("s3/storage");
    assert!((running_micros(&spec) - (hour * 1e6) as i64).abs() <= 10, "{} is not {hour}", running_micros(&spec));
    let two = good(&json!({"name": "n", "channelClass": "standard"}));
    assert!((running_micros(&two) - 2 * running_micros(&spec)).abs() <= 10);
    assert!(running_micros(&good(&json!({"name": "n", "archive": {"enabled": false}}))) < running_micros(&spec));
    assert_eq!(total(&live(&spec, 0)), total(&running(&spec)) + 1_370, "the secret and six alarms, at rest too");
    // A hundred viewers of 6 Mb/s and a sound.
    let traffic = 100.0 * 6_128_000.0 * 450.0 / 1e9 * usd("cloudfront/transfer");
    let fetched = 3.0 * sent * usd("mediapackage/origination");
    let watched = total(&live(&spec, 100)) - total(&live(&spec, 0));
    assert!((watched - ((traffic + fetched) * 1e6) as i64).abs() <= 10, "{watched}");
    let idle: Vec<_> = estimate::idle(&spec).into_iter().map(|cost| cost.price.id.clone()).collect();
    assert_eq!(
        idle,
        ["medialive/idle/channel", "medialive/idle/push-input", "secretsmanager/secret", "cloudwatch/alarm"]
    );
}

#[test]
fn an_event_costs_its_hours_with_the_warm_up_and_at_most_those_of_its_overrun() {
    let mut record = built_record();
    record.calendar.events.push(super::calendar::planned(&json!({
        "title": "t", "start": "2026-03-27T23:00", "end": "2026-03-28T01:30", "timeZone": "Europe/Paris",
        "warmupSeconds": 1_800, "overrunSeconds": 3_600,
    })));
    let [event] = &estimate::events(&record, 0)[..] else { panic!("one event") };
    let hour = total(&live(&record.asked.spec, 0));
    assert_eq!((event.seconds, event.most_seconds), (3 * 3_600, 4 * 3_600));
    assert_eq!((event.micros, event.most_micros), (3 * hour, 4 * hour));
    assert!(estimate::events(&record, 10)[0].micros > event.micros);
}

#[test]
fn months_are_utc_and_have_their_own_length() {
    let last = moment("2028-02-29T23:59:59.999Z");
    assert_eq!((month_of(last), month_after(last)), (moment("2028-02-01T00:00:00Z"), moment("2028-03-01T00:00:00Z")));
    assert_eq!(month_after(moment("2026-12-01T00:00:00Z")), moment("2027-01-01T00:00:00Z"));
    assert_eq!(month_word(last), "2028-02");
}

fn seen(record: &mut Record, status: Status, at: Timestamp) {
    record.state.slots.get_mut(&Slot::Channel).unwrap().seen = Some(Seen::new(status));
    follow(record, at);
}

#[test]
fn the_meter_counts_from_the_start_until_the_channel_rests_however_often_it_is_looked_at() {
    let mut record = built_record();
    let rate = running_micros(&record.asked.spec);
    let begin = moment("2026-01-10T12:00:00Z");
    seen(&mut record, Status::Ready, begin);
    assert!(record.state.meter.is_default(), "what never ran leaves nothing");
    seen(&mut record, Status::Starting, begin);
    for minutes in [1, 2, 2, 30, 59] {
        let status = if minutes == 30 { Status::Recovering } else { Status::Running };
        seen(&mut record, status, begin.plus_secs(minutes * 60));
        assert_eq!(record.state.meter.runs, Some(Runs { since: begin, rate }));
    }
    assert_eq!(record.state.meter.at(begin.plus_secs(1_800)).sum, Sum { millis: HOUR / 2, micros: rate / 2 });
    seen(&mut record, Status::Stopping, begin.plus_secs(3_590));
    seen(&mut record, Status::Ready, begin.plus_secs(3_600));
    let hour = Sum { millis: HOUR, micros: rate };
    for later in [3_600, 7_200] {
        seen(&mut record, Status::Ready, begin.plus_secs(later));
        assert_eq!((record.state.meter.sum, record.state.meter.runs), (hour, None));
    }
    // The next run is added, at what the channel costs by then.
    record.asked.spec = good(&json!({"name": "n", "ladder": "sd"}));
    let cheaper = running_micros(&record.asked.spec);
    seen(&mut record, Status::Running, begin.plus_secs(10_000));
    seen(&mut record, Status::Ready, begin.plus_secs(13_600));
    assert_eq!(record.state.meter.sum, Sum { millis: 2 * HOUR, micros: rate + cheaper });
}

#[test]
fn a_month_begins_at_nothing_and_what_runs_on_runs_on() {
    let since = moment("2026-01-31T22:00:00Z");
    let runs = Runs { since, rate: 1_000_000 };
    let meter =
        Meter { month: Some(month_of(since)), sum: Sum { millis: 5, micros: 7 }, runs: Some(runs), before: None };
    let shown = meter.at(moment("2026-02-01T03:00:00Z"));
    assert_eq!(shown.before, Some(Sum { millis: 5 + 2 * HOUR, micros: 7 + 2_000_000 }));
    assert_eq!(shown.sum, Sum { millis: 3 * HOUR, micros: 3_000_000 });
    let idle = Meter { runs: None, ..meter.clone() }.at(moment("2026-03-05T00:00:00Z"));
    assert_eq!((idle.sum, idle.before), (Sum::default(), Some(Sum::default())), "February had nothing");
    assert_eq!(meter.reaches(1_000_007), Some(since.plus_secs(3_600)));
    assert_eq!(meter.reaches(8), Some(since.plus_millis(4)), "the first whole millisecond");
    assert_eq!(meter.at(since.plus_millis(4)).sum.micros, 8);
    assert_eq!(meter.at(since.plus_millis(3)).sum.micros, 7);
}

#[test]
fn an_old_record_has_no_meter_and_the_usual_guard() {
    let mut old: Value = serde_json::to_value(built_record()).unwrap();
    old["asked"]["spec"].as_object_mut().unwrap().remove("guard");
    let read: Record = serde_json::from_value(old).unwrap();
    assert_eq!((read.asked.spec.guard.idle_stop_minutes, read.budget()), (20, None));
    assert!(read.state.meter.is_default() && read.state.guard.is_default());
    let written = serde_json::to_value(&read.state).unwrap();
    assert_eq!((written.get("meter"), written.get("guard")), (None, None));
}
