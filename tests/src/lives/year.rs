//! A year of planned events: weekly ones in ten time zones, daylight-saving nights among them, while wake-ups get lost for a
//! day, come twice, and the sweep comes half as often as it should. When each occurrence is due is worked out here the slow way,
//! by looking at the clock on the wall every quarter of an hour.

use crate::script::{HOUR, MINUTE, body_of, quiet};
use headend_domain::phase::{Phase, phase};
use headend_local::ports::{Answered, HOME, Life, LifeConfig, Weather};
use headend_local::world::medialive::ChannelState;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ZONES: [&str; 10] = [
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Auckland",
];

/// Weekday (Monday is 0), start, end, and whether it ends on the next day. Clocks change in the night to Sunday.
const SLOTS: [(i8, &str, &str, bool); 5] = [
    (4, "19:00", "22:00", false),
    (6, "01:30", "03:30", false),
    (6, "02:30", "03:15", false),
    (5, "23:00", "02:30", true),
    (2, "12:00", "12:45", false),
];

const OVERRUN: i64 = 10 * MINUTE;
const DAY: i64 = 24 * HOUR;

struct Due {
    platform: usize,
    start: i64,
    end: i64,
}

/// What the clock of a zone shows, every quarter of an hour.
fn wall(zone: &str, from: i64, days: i64) -> BTreeMap<DateTime, i64> {
    let zone = TimeZone::get(zone).unwrap();
    let mut shown = BTreeMap::new();
    for quarter in 0..(days + 4) * 96 {
        let at = from / HOUR * HOUR - 2 * DAY + quarter * 15 * MINUTE;
        let moment = jiff::Timestamp::from_millisecond(at).unwrap();
        // Of a time that is shown twice the first counts.
        shown.entry(zone.to_offset(moment).to_datetime(moment)).or_insert(at);
    }
    shown
}

fn shown_at(wall: &BTreeMap<DateTime, i64>, date: Date, time: &str) -> Option<i64> {
    let on = |date: Date| wall.get(&date.to_datetime(format!("{time}:00").parse().unwrap())).copied();
    // A time that is left out is a day after the same time of the day before.
    on(date).or_else(|| Some(on(date.yesterday().unwrap())? + DAY))
}

/// The first day of an event, and all its occurrences in the time.
fn dues(platform: usize, from: i64, days: i64) -> (Value, Vec<Due>) {
    let (zone, (weekday, start, end, overnight)) = (ZONES[platform % 10], SLOTS[platform / 10]);
    let wall = wall(zone, from, days);
    let dates: Vec<Date> =
        wall.keys().map(|time| time.date()).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    let mut all = Vec::new();
    let (mut first, mut until) = (None, None);
    for date in dates.into_iter().filter(|date| date.weekday().to_monday_zero_offset() == weekday) {
        let last = if overnight { date.tomorrow().unwrap() } else { date };
        let Some((on, off)) = shown_at(&wall, date, start).zip(shown_at(&wall, last, end)) else { continue };
        // Whoever begins after the end, because the clock jumped, is on for as long as planned.
        let off = if off <= on { on + 45 * MINUTE } else { off };
        if on < from + 2 * HOUR || off > from + days * DAY {
            continue;
        }
        first.get_or_insert((date, last));
        until = Some(date.to_string().replace('-', ""));
        all.push(Due { platform, start: on, end: off });
    }
    let ((date, last), until) = first.zip(until).unwrap();
    let body = json!({
        "title": format!("Weekly {platform}"), "start": format!("{date}T{start}"), "end": format!("{last}T{end}"),
        "timeZone": zone, "overrunSeconds": OVERRUN / 1000, "recurrence": format!("FREQ=WEEKLY;UNTIL={until}"),
    });
    (body, all)
}

/// Every day has something of its own; the nights in which clocks change have everything.
fn weather(day: i64, changes: bool) -> Weather {
    let bad = |remainder| changes || day % 7 == remainder;
    Weather {
        loses_wakeups: bad(1) || day % 7 == 6,
        wakeup_copies: if day % 7 == 3 { 2 } else { 1 },
        sweep_ms: if bad(5) || day % 7 == 6 { 2 * MINUTE } else { MINUTE },
        asleep: false,
    }
}

/// What a look at the account is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Look {
    Weather,
    OnAir,
    Off,
}

fn channels(life: &Life) -> BTreeMap<String, (String, ChannelState)> {
    let mut inner = life.sim.0.borrow_mut();
    let all = inner.world.region(HOME).medialive.channels.values();
    all.map(|it| (it.tags["headend:platform"].clone(), (it.id.clone(), it.state))).collect()
}

fn begin(platforms: usize) -> (Life, Vec<String>) {
    let mut life = Life::begin(LifeConfig { jumps: true, ..quiet(12) });
    // Rounds of comparisons would be most of a year, and say nothing of events.
    let mut body = body_of("create-platform-minimal");
    body["drift"] = json!({"mode": "off"});
    let ids = (0..platforms).map(|_| {
        let Answered::Response(answer) = life.create(&body, None) else { panic!("died") };
        serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
    });
    let ids: Vec<String> = ids.collect();
    assert!(life.run_until(HOUR, |life| life.records().iter().all(|record| phase(record) == Phase::Ready)));
    (life, ids)
}

/// Lives through so many days with so many platforms. Says how many occurrences there were.
fn live(platforms: usize, days: i64) -> usize {
    let (mut life, ids) = begin(platforms);
    let from = life.now();
    let mut all = Vec::new();
    for (platform, id) in ids.iter().enumerate() {
        let (body, due) = dues(platform, from, days);
        let Answered::Response(answer) = life.planned("POST", id, None, &body, None) else { panic!("died") };
        assert_eq!(answer.status, 201, "{body} {}", answer.body);
        all.extend(due);
    }
    let mut looks: Vec<(i64, Look, usize)> = Vec::new();
    for due in &all {
        looks.extend([(due.start, Look::OnAir, due.platform), (due.end - 1, Look::OnAir, due.platform)]);
        looks.extend([
            (due.end + OVERRUN - 1, Look::OnAir, due.platform),
            (due.end + OVERRUN + 2 * MINUTE, Look::Off, due.platform),
        ]);
    }
    looks.extend((0..days).map(|day| (from + day * DAY, Look::Weather, 0)));
    looks.sort_unstable();
    let zones: Vec<TimeZone> = ZONES.iter().map(|zone| TimeZone::get(zone).unwrap()).collect();
    let offsets = |at: i64| {
        zones.iter().map(|zone| zone.to_offset(jiff::Timestamp::from_millisecond(at).unwrap())).collect::<Vec<_>>()
    };
    for (at, look, platform) in looks {
        let left = at - life.now();
        life.run_until(left, |_| false);
        if look == Look::Weather {
            life.weather = weather((at - from) / DAY, offsets(at) != offsets(at + DAY));
            continue;
        }
        let state = channels(&life)[&ids[platform]].1;
        let on = matches!(state, ChannelState::Starting | ChannelState::Running);
        let right = if look == Look::OnAir { state == ChannelState::Running } else { !on };
        let when = jiff::Timestamp::from_millisecond(at).unwrap();
        assert!(right, "platform {platform} is {state:?} at {when}, which is no {look:?}");
    }
    counted(&life, &ids, &all);
    all.len()
}

/// Each occurrence was started once and stopped once.
fn counted(life: &Life, ids: &[String], all: &[Due]) {
    let channels = channels(life);
    let mut told: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let calls = life.calls();
    for call in &calls {
        *told.entry((call.name, call.on.clone())).or_default() += 1;
    }
    for (platform, id) in ids.iter().enumerate() {
        let due = all.iter().filter(|due| due.platform == platform).count();
        let of = |name: &'static str| told.get(&(name, channels[id].0.clone())).copied().unwrap_or_default();
        assert_eq!((of("StartChannel"), of("StopChannel")), (due, due), "platform {platform}");
    }
    let invocations = calls.iter().filter(|call| call.name == "Table.load").count();
    println!("{} occurrences, {} calls, {invocations} reads of a record", all.len(), calls.len());
}

#[test]
fn weekly_events_in_ten_time_zones_are_on_in_time_and_off_after_it() {
    assert!(live(20, 100) >= 250);
}

/// Half a minute of computing: `cargo nextest run --run-ignored only -E 'test(a_year_of)'`.
#[ignore = "takes long"]
#[test]
fn a_year_of_weekly_events_of_fifty_platforms_misses_none_and_doubles_none() {
    assert!(live(50, 366) >= 2_500);
}
