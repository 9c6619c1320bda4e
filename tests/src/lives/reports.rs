//! The report of an event: its figures against the virtual clock.

use super::events::{at, event};
use super::remedies::SWITCH;
use crate::contract::answers::{get, hold, view};
use crate::script::{HOUR, MINUTE, Story, quiet};
use futures::executor::block_on;
use headend_control::handlers::caller::Callers;
use headend_control::handlers::describe::Describer;
use headend_domain::estimate::running_micros;
use headend_domain::phase::Phase;
use headend_domain::slot::AlarmKind;
use headend_domain::time::Timestamp;
use headend_local::ports::SimStore;
use serde_json::{Value, json};

const WHICH: &str = "2026-01-01T19:00:00";

/// Two inputs that are no pair, and remedies: Ready, with an event from 19:00 to 20:00.
fn planned(more: &Value) -> (Story, String) {
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowAnywhere": true});
    let body = json!({"name": "two", "inputs": [push("main"), push("backup")], "remediation": {"mode": "act"},
                      "guard": {"idleStopMinutes": 0}});
    let mut story = Story::create(quiet(1), &body);
    story.reach(Phase::Ready, HOUR);
    let mut asked = event("Evening", "19:00", "20:00");
    for (field, value) in more.as_object().unwrap() {
        asked[field] = value.clone();
    }
    let id = story.plan(&asked);
    (story, id)
}

impl Story {
    fn asked_report(&self, event: &str, occurrence: &str) -> (u16, Value) {
        let store = SimStore(self.life.sim.clone());
        let clock = self.life.sim.clone();
        let describer = Describer { store: &store, clock: &clock, view: view(), callers: Callers::default() };
        let suffix = format!("/planned-events/{event}/reports/{occurrence}");
        let mut request = get(&self.id, &suffix, &[], &[]);
        for (name, part) in [("eventId", event), ("occurrence", occurrence)] {
            request.path_parameters.insert(name.to_owned(), part.to_owned());
        }
        let answer = block_on(describer.handle(&request));
        hold("eventReport", &answer);
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    fn report_of(&self, event: &str) -> Value {
        let (status, report) = self.asked_report(event, WHICH);
        assert_eq!(status, 200, "{report:#}");
        report
    }

    /// Lives on until the channel is in that state, a second at a time; says when that was.
    fn until_channel(&mut self, state: &str, limit: i64) -> i64 {
        let end = self.life.now() + limit;
        while self.channel() != state {
            assert!(self.life.now() < end, "the channel is {}, not {state}", self.channel());
            self.live_until(self.life.now() + 1_000);
        }
        self.life.now()
    }
}

fn moment(report: &Value, pointer: &str) -> i64 {
    let text = report.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {report:#}"));
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

#[track_caller]
fn near(seen: i64, due: i64, within: i64) {
    assert!((seen - due).abs() <= within, "{seen}, due {due} within {within}");
}

fn kinds(report: &Value, list: &str) -> Vec<String> {
    let lines = report[list].as_array().unwrap();
    lines.iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_report_says_when_it_was_live_how_long_it_was_in_trouble_and_what_it_cost() {
    let (mut story, id) = planned(&json!({}));
    assert_eq!(story.asked_report(&id, WHICH).0, 404, "it has not begun");
    story.live_until(at(18, 50));
    let running = story.until_channel("RUNNING", 10 * MINUTE);
    story.live_until(at(19, 30));
    story.alarm(AlarmKind::InputLoss(0), true);
    story.live_until(at(19, 32));
    let now = story.report_of(&id);
    assert_eq!((&now["final"], &now["fate"], &now["onTime"]), (&json!(false), &Value::Null, &json!(true)), "{now:#}");
    assert_eq!(now["actual"].as_object().unwrap().len(), 2, "neither over nor off: {now:#}");
    near(now["secondsOfTrouble"].as_i64().unwrap(), 120, 2);
    story.live_until(at(19, 34));
    story.alarm(AlarmKind::InputLoss(0), false);
    story.live_until(at(20, 5));
    // Nobody sends any more when it is over; that is no trouble.
    story.alarm(AlarmKind::InputLoss(0), true);
    story.live_until(at(20, 5) + 5_000);
    let ended = story.report_of(&id);
    assert_eq!((&ended["final"], &ended["fate"]), (&json!(false), &json!("aired")), "the channel stops: {ended:#}");
    let idle = story.until_channel("IDLE", 10 * MINUTE);
    story.live_until(at(22, 0));
    let report = story.report_of(&id);
    assert_eq!((&report["final"], &report["fate"]), (&json!(true), &json!("aired")), "{report:#}");
    assert_eq!((&report["title"], &report["platform"]["name"]), (&json!("Evening"), &json!("two")));
    assert_eq!((moment(&report, "/planned/start"), moment(&report, "/planned/offAirAt")), (at(19, 0), at(20, 10)));
    let live = moment(&report, "/actual/liveAt");
    near(live, running, 20_000);
    near(moment(&report, "/actual/askedAt"), moment(&report, "/planned/onAirAt"), MINUTE);
    near(moment(&report, "/actual/endedAt"), at(20, 5), 5_000);
    let off = moment(&report, "/actual/offAt");
    near(off, idle, 20_000);
    near(report["secondsOnAir"].as_i64().unwrap(), (at(20, 5) - live) / 1000, 5);
    near(report["secondsOfTrouble"].as_i64().unwrap(), 240, 3);
    assert_eq!(report["timesOfTrouble"], json!(1));
    let switches = story.times(SWITCH).len();
    assert!(switches > 0, "{report:#}");
    assert_eq!(report["remediesDecided"], json!(switches), "{report:#}");
    let started = story.times("StartChannel")[0];
    near(report["cost"]["runningSeconds"].as_i64().unwrap(), (off - started) / 1000, 5);
    let record = story.record();
    let due = running_micros(&record.asked.spec) as f64 / 1e6 * (off - started) as f64 / 3.6e6;
    assert!((report["cost"]["usd"].as_f64().unwrap() / due - 1.0).abs() < 0.01, "due {due}: {report:#}");
    assert_eq!(kinds(&report, "alarms").iter().filter(|it| it.contains("ALARM")).count(), 2, "{report:#}");
    assert!(kinds(&report, "remedies").iter().any(|it| it.contains("decided to switch")), "{report:#}");
    assert_eq!(kinds(&report, "requests"), Vec::<String>::new());
    let lines = report["timeline"].as_array().unwrap();
    assert!(lines.windows(2).all(|two| two[0]["at"].as_str() <= two[1]["at"].as_str()), "the oldest first");
    let first = lines[0]["at"].as_str().unwrap().to_owned();
    assert!(first.as_str() >= "2026-01-01T18:5", "nothing from before its time: {first}");
    assert!(kinds(&report, "timeline").iter().any(|it| it.contains("is over")), "{report:#}");
    assert_eq!(report.get("leftOut"), None);
    assert!(report["summary"].as_str().unwrap().contains("in trouble once, for 4 min"), "{report:#}");
    let (_, shown) = story.planned("GET", Some(&id), &Value::Null);
    let link = shown["past"][0]["report"].as_str().unwrap();
    assert_eq!(link, format!("/platforms/{}/planned-events/{id}/reports/{WHICH}", story.id));
    assert_eq!(story.record().state.broadcasts.past.len(), 1);
    let told = story.record().state.outbox.number;
    story.live_until(at(30, 0));
    assert_eq!(story.record().state.outbox.number, told, "what is learnt of it later is no news");
}

#[test]
fn a_report_of_one_that_was_cancelled_while_it_was_on_is_there_without_its_event() {
    let (mut story, id) = planned(&json!({}));
    story.live_until(at(19, 30));
    assert_eq!(story.planned("DELETE", Some(&id), &Value::Null).0, 200);
    story.live_until(at(22, 0));
    let report = story.report_of(&id);
    assert_eq!((&report["final"], &report["fate"]), (&json!(true), &json!("cancelled")), "{report:#}");
    assert_eq!((&report["title"], &report["onTime"]), (&json!("Evening"), &json!(true)));
    near(moment(&report, "/actual/endedAt"), at(19, 30), MINUTE);
    near(moment(&report, "/actual/offAt"), at(19, 31), 2 * MINUTE);
    assert!(kinds(&report, "requests").iter().any(|it| it.contains("cancelled (by dev")), "{report:#}");
    assert_eq!(report["secondsOfTrouble"], json!(0));
    let mut sent = 0;
    for message in &story.record().messages {
        sent += usize::from(format!("{:?}", message.kind) == "Ended");
    }
    assert_eq!(sent, 0, "none waits, and none is told twice");
}

#[test]
fn a_report_of_one_that_was_missed_has_no_figures() {
    let (mut story, id) = planned(&json!({"missedStart": "skip"}));
    story.live_until(at(18, 0));
    story.life.weather.asleep = true;
    story.live_until(at(19, 20));
    story.life.weather.asleep = false;
    story.live_until(at(22, 0));
    let report = story.report_of(&id);
    assert_eq!((&report["final"], &report["fate"], &report["onTime"]), (&json!(true), &json!("missed"), &json!(false)));
    assert_eq!((report.get("cost"), report.get("secondsOnAir")), (None, None), "{report:#}");
    assert_eq!(report["actual"].as_object().unwrap().len(), 1, "{report:#}");
    assert!(kinds(&report, "timeline").iter().any(|it| it.contains("is skipped")), "{report:#}");
    assert_eq!(story.asked_report(&id, "2026-01-02T19:00:00").0, 404);
    assert_eq!(story.asked_report("e-000000000000", WHICH).0, 404);
}

#[test]
fn a_report_of_one_that_began_late_says_so() {
    let (mut story, id) = planned(&json!({"missedStart": "start-late"}));
    story.live_until(at(18, 0));
    story.life.weather.asleep = true;
    story.live_until(at(19, 20));
    story.life.weather.asleep = false;
    story.live_until(at(22, 0));
    let report = story.report_of(&id);
    assert_eq!((&report["fate"], &report["onTime"]), (&json!("aired"), &json!(false)), "{report:#}");
    assert!(moment(&report, "/actual/liveAt") > at(19, 20), "{report:#}");
    assert!(report["summary"].as_str().unwrap().contains("after its start"), "{report:#}");
}

#[test]
fn a_channel_that_stays_on_for_the_next_event_is_paid_for_once() {
    let (mut story, first) = planned(&json!({}));
    let second = story.plan(&event("Late", "20:00", "21:00"));
    story.live_until(at(23, 0));
    let report = story.report_of(&first);
    assert_eq!((&report["final"], report["actual"].get("offAt")), (&json!(true), None), "{report:#}");
    let (status, late) = story.asked_report(&second, "2026-01-01T20:00:00");
    assert_eq!(status, 200, "{late:#}");
    assert_eq!(late["actual"]["askedAt"], late["actual"]["liveAt"], "the channel ran already");
    near(moment(&late, "/actual/askedAt"), at(20, 0), 5_000);
    let of = |report: &Value| report["cost"]["runningSeconds"].as_i64().unwrap();
    let record = story.record();
    let meter = record.state.meter.at(Timestamp(story.life.now())).sum.millis / 1000;
    near(of(&report) + of(&late), meter, 2);
}

#[test]
fn a_report_of_a_wordy_night_says_which_part_is_left_out() {
    let (mut story, id) = planned(&json!({}));
    story.live_until(at(19, 5));
    for _ in 0..120 {
        story.alarm(AlarmKind::InputLoss(0), true);
        story.live_until(story.life.now() + 5_000);
        story.alarm(AlarmKind::InputLoss(0), false);
        story.live_until(story.life.now() + 5_000);
    }
    story.live_until(at(22, 0));
    let report = story.report_of(&id);
    assert_eq!(report["timeline"].as_array().unwrap().len(), 200);
    assert_eq!(report["leftOut"]["why"], json!("too-many"));
    assert_eq!(report["leftOut"]["until"], report["timeline"][0]["at"]);
    // The figures do not need the lines.
    assert_eq!(report["timesOfTrouble"], json!(120), "{}", report["summary"]);
    near(report["secondsOfTrouble"].as_i64().unwrap(), 600, 10);
    assert!(kinds(&report, "timeline").iter().any(|it| it.contains("is over")), "the newest are kept");
}
