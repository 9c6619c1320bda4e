//! Every call of a life with planned events broken in every way: the event takes place, once, and nothing stays on.

use crate::script::{HOUR, MINUTE, Story, body_of, break_each, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::broadcast::Fate;
use headend_domain::phase::Phase;
use headend_domain::record::Want;
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, Fault, LifeConfig};
use serde_json::{Value, json};

/// The wall clock in UTC.
fn clock(at: i64) -> String {
    Timestamp(at).to_string()[..19].to_owned()
}

/// Sends the request until it is answered, as people do: the same key each time.
fn ask(story: &mut Story, method: &str, event: Option<&str>, body: &Value, key: &str) -> Value {
    let id = story.id.clone();
    for _ in 0..20 {
        if let Answered::Response(answer) = story.life.planned(method, &id, event, body, Some(key)) {
            if answer.status < 300 {
                return serde_json::from_str(&answer.body).unwrap();
            }
            assert_eq!(answer.status, 503, "{method}: {}", answer.body);
        }
        let now = story.life.now();
        story.life.step(now + 1_000);
    }
    panic!("twenty tries and {method} was not accepted");
}

/// Two events: one that is made longer while it is on, one that is stopped by a person. Then nothing is left.
fn live_through(config: LifeConfig) -> Story {
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, 2 * HOUR);
    let start = (story.life.now() / MINUTE + 8) * MINUTE;
    let body = |title: &str, start: i64, length: i64| {
        json!({
            "title": title, "start": clock(start), "end": clock(start + length), "timeZone": "Etc/UTC",
            "overrunSeconds": 0, "missedStart": "start-late",
        })
    };
    let made = ask(&mut story, "POST", None, &body("First", start, 8 * MINUTE), "first");
    let id = made["id"].as_str().unwrap().to_owned();
    story.reach(Phase::Live, start + 5 * MINUTE - story.life.now());
    let end = start + 12 * MINUTE;
    ask(&mut story, "PATCH", Some(&id), &json!({"end": clock(end)}), "longer");
    story.reach(Phase::Ready, HOUR);
    let over = story.life.now();
    assert!((end..end + 8 * MINUTE).contains(&over), "over at {}, due {}", clock(over), clock(end));
    let second = (over / MINUTE + 8) * MINUTE;
    ask(&mut story, "POST", None, &body("Second", second, 30 * MINUTE), "second");
    story.reach(Phase::Live, second + 5 * MINUTE - over);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, 10 * MINUTE);
    let left = second + 40 * MINUTE - story.life.now();
    story.life.run_until(left, |_| false);
    let record = story.record();
    let fates: Vec<(&str, Fate)> =
        record.state.broadcasts.past.iter().map(|past| (past.title.as_str(), past.fate)).collect();
    assert_eq!(fates, [("First", Fate::Aired), ("Second", Fate::Stopped)]);
    assert_eq!((record.want(), record.calendar.events.len()), (Want::Idle, 2));
    story.assert_no_doubles();
    story.leave_nothing();
    story
}

fn enumerate(fault: Fault) {
    let calls = live_through(quiet(7)).life.calls();
    let first = calls.iter().position(|call| call.name == "Table.change_calendar").unwrap() - 2;
    assert!(calls.len() - first > 200, "{} calls", calls.len());
    break_each(&calls, first..calls.len(), fault, live_through);
}

#[test]
fn an_event_survives_a_crash_before_any_call() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn an_event_survives_an_error_after_the_effect_of_any_call() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn an_event_survives_a_crash_after_the_answer_of_any_call() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn an_event_survives_a_late_effect_of_any_call() {
    enumerate(Fault::TimeoutThenLate);
}

#[test]
fn events_take_place_with_every_wake_up_and_every_event_of_aws_lost() {
    live_through(LifeConfig { lose_wakeups: true, event_copies: 0, ..quiet(5) });
}
