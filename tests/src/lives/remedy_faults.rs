//! Every call of a life with remedies broken in every way: no restart is sent twice, no switch is forgotten, nothing is left.

use super::remedies::{RESTART, SWITCH, live};
use crate::script::{HOUR, MINUTE, Story, break_each, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_domain::slot::AlarmKind;
use headend_local::ports::{Fault, LifeConfig};
use serde_json::json;

/// A restart for alerts, a switch for a lost input and the way back, and a teardown.
fn live_through(config: LifeConfig) -> Story {
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowAnywhere": true});
    let body = json!({"name": "two", "inputs": [push("main"), push("backup")]});
    let mut story = live(config, body, &json!({}));
    story.pass(5 * MINUTE);
    let decided = |story: &Story| story.record().state.remedies.lately.len();
    story.alarm(AlarmKind::ActiveAlerts(0), true);
    wait(&mut story, "a restart is decided", |story| decided(story) == 1);
    story.pass(4 * MINUTE);
    story.alarm(AlarmKind::ActiveAlerts(0), false);
    wait(&mut story, "the channel is up again", |story| story.phase() == Phase::Live);
    story.pass(5 * MINUTE);
    story.alarm(AlarmKind::InputLoss(0), true);
    wait(&mut story, "the other input is on air", |story| story.on_air() == "backup");
    story.alarm(AlarmKind::InputLoss(0), false);
    wait(&mut story, "the first input is on air again", |story| story.on_air() == "main");
    wait(&mut story, "and holds", |story| story.record().state.remedies.switched.is_none());
    let restarts = story.times(RESTART).len();
    assert!(restarts <= 1, "{restarts} restarts for one decision");
    assert_eq!(decided(&story), 3, "{:#?}", story.said("remedy"));
    story.ask(Change::Stop);
    story.reach(Phase::Ready, HOUR);
    story.leave_nothing();
    story
}

fn wait(story: &mut Story, what: &str, reached: impl Fn(&Story) -> bool) {
    let end = story.life.now() + 3 * HOUR;
    while !reached(story) {
        assert!(story.life.now() < end, "never: {what}\n{:#?}\n{}", story.said(""), story.report());
        story.pass(10_000);
    }
}

/// From the first alarm on; what comes before is broken elsewhere.
fn enumerate(fault: Fault) {
    let calls = live_through(quiet(7)).life.calls();
    let first = calls.iter().position(|call| call.name == RESTART).unwrap() - 20;
    let last = calls.iter().rposition(|call| call.name == SWITCH).unwrap() + 20;
    assert!(last - first > 60, "{first} to {last}");
    break_each(&calls, first..last, fault, live_through);
}

#[test]
fn a_remedy_survives_a_crash_before_any_call() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn a_remedy_survives_an_error_after_the_effect_of_any_call() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn a_remedy_survives_a_crash_after_the_answer_of_any_call() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn a_remedy_survives_a_late_effect_of_any_call() {
    enumerate(Fault::TimeoutThenLate);
}
