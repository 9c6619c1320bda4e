//! Messages of whole lives: in order, without a gap, valid by the published schema; and a bus that is away.

use super::events::{at, event};
use super::remedies::live;
use crate::script::{HOUR, MINUTE, Story, body_of, break_each, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::limits::OUTBOX_MOST;
use headend_domain::phase::Phase;
use headend_domain::slot::AlarmKind;
use headend_local::ports::{Fault, LifeConfig};
use serde_json::{Value, json};

fn types(story: &Story) -> Vec<String> {
    story.messages().iter().map(|message| message["type"].as_str().unwrap().to_owned()).collect()
}

/// On air, without a picture for some minutes, off, gone.
fn live_through(config: LifeConfig) -> Story {
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, 2 * HOUR);
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    for firing in [true, false] {
        story.pass(5 * MINUTE);
        story.alarm(AlarmKind::InputLoss(0), firing);
    }
    story.pass(5 * MINUTE);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, HOUR);
    story.leave_nothing();
    story
}

const WHOLE: [&str; 6] =
    ["platform.ready", "platform.live", "platform.degraded", "platform.recovered", "platform.stopped", "platform.gone"];

#[test]
fn a_whole_life_is_told_in_order_with_one_call_for_each_turn_that_it_takes() {
    let story = live_through(quiet(1));
    assert_eq!(types(&story), WHOLE);
    let calls = story.life.calls();
    assert_eq!(calls.iter().filter(|call| call.name == "PutEvents").count(), WHOLE.len());
}

/// All calls from just before the first message on, each broken in each way.
fn enumerate(fault: Fault) {
    let calls = live_through(quiet(7)).life.calls();
    let first = calls.iter().position(|call| call.name == "PutEvents").unwrap() - 4;
    break_each(&calls, first..calls.len(), fault, |config| {
        let story = live_through(config);
        assert_eq!(story.record().state.outbox.number, WHOLE.len() as u64, "{:#?}", types(&story));
        story
    });
}

#[test]
fn messages_survive_a_crash_before_any_call() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn messages_survive_an_error_after_the_effect_of_any_call() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn messages_survive_a_crash_after_the_answer_of_any_call() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn messages_survive_a_late_effect_of_any_call() {
    enumerate(Fault::TimeoutThenLate);
}

#[test]
fn an_event_is_told_from_its_warm_up_to_its_end() {
    let mut story = Story::ready();
    story.plan(&event("Evening", "19:00", "20:00"));
    story.live_until(at(21, 0));
    story.leave_nothing();
    let wanted = [
        "platform.ready",
        "event.upcoming",
        "platform.live",
        "event.started",
        "event.overran",
        "event.ended",
        "platform.stopped",
        "platform.gone",
    ];
    assert_eq!(types(&story), wanted);
    let messages = story.messages();
    assert!(messages[3]["at"].as_str().unwrap().starts_with("2026-01-01T19:00:0"), "{:#}", messages[3]);
    assert_eq!(messages[5]["data"]["fate"], "aired");
}

#[test]
fn remedies_and_what_came_of_them_are_told() {
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowAnywhere": true});
    let mut story = live(quiet(1), json!({"name": "two", "inputs": [push("main"), push("backup")]}), &json!({}));
    story.pass(5 * MINUTE);
    story.alarm(AlarmKind::InputLoss(0), true);
    story.pass(2 * MINUTE);
    story.leave_nothing();
    let told = types(&story);
    let place = |kind: &str| told.iter().position(|it| it == kind).unwrap_or_else(|| panic!("no {kind} in {told:?}"));
    assert!(place("remediation.decided") < place("remediation.done"), "{told:?}");
}

#[test]
fn a_budget_is_told_at_each_of_its_parts() {
    let mut body = body_of("create-platform-minimal");
    body["guard"] = json!({"monthlyBudgetUsd": 5, "onBudget": "stop"});
    let mut story = Story::create(quiet(1), &body);
    story.reach(Phase::Ready, HOUR);
    story.ask(Change::Start);
    story.pass(24 * HOUR);
    story.leave_nothing();
    let messages = story.messages();
    let parts: Vec<&Value> =
        messages.iter().filter(|it| it["type"] == "budget.reached").map(|it| &it["data"]["percent"]).collect();
    assert_eq!(parts, [&json!(50), &json!(80), &json!(100)]);
}

/// A missing permission stops no platform; what was not told is told when the bus is back, in order.
#[test]
fn a_bus_that_refuses_is_in_nobodys_way() {
    let mut story = Story::create(quiet(1), &body_of("create-platform-minimal"));
    story.life.sim.0.borrow_mut().bus.refuses = true;
    story.reach(Phase::Ready, 30 * MINUTE);
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, HOUR);
    assert_eq!((story.inventory(), types(&story)), (Vec::new(), Vec::new()));
    story.life.sim.0.borrow_mut().bus.refuses = false;
    story.pass(3 * MINUTE);
    story.settle(HOUR);
    story.assert_told();
    assert_eq!(types(&story), ["platform.ready", "platform.live", "platform.stopped", "platform.gone"]);
}

#[test]
fn what_the_bus_takes_one_by_one_arrives_in_order() {
    let mut story = Story::create(quiet(1), &body_of("create-platform-minimal"));
    story.life.sim.0.borrow_mut().bus.most = Some(0);
    story.reach(Phase::Ready, 30 * MINUTE);
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    story.life.sim.0.borrow_mut().bus.most = Some(1);
    story.leave_nothing();
}

/// What comes and goes all the time is one trouble.
#[test]
fn a_signal_that_flaps_is_told_once_and_is_well_after_its_clear_time() {
    let mut story = live(quiet(1), body_of("create-platform-minimal"), &json!({"mode": "off"}));
    let before = types(&story).len();
    for turn in 0..60 {
        story.alarm(AlarmKind::InputLoss(0), turn % 2 == 0);
        story.pass(10_000);
    }
    assert_eq!(types(&story)[before..], ["platform.degraded"]);
    story.pass(3 * MINUTE);
    assert_eq!(types(&story)[before..], ["platform.degraded", "platform.recovered"]);
    let taken: Vec<i64> = story.life.sim.0.borrow().bus.taken[before..].iter().map(|(at, _)| *at).collect();
    // The last alarm that fires is 580 s after the first; its end 10 s later, and then the clear time.
    assert!((640_000..700_000).contains(&(taken[1] - taken[0])), "{taken:?}");
}

/// Nothing grows without bound: the oldest go, which is said, and a reader sees the gap.
#[test]
fn a_bus_that_is_away_for_too_long_leaves_a_gap_that_is_said() {
    let mut story = live(quiet(1), body_of("create-platform-minimal"), &json!({"mode": "off"}));
    story.life.sim.0.borrow_mut().bus.refuses = true;
    for turn in 0..70 {
        story.alarm(AlarmKind::InputLoss(0), turn % 2 == 0);
        story.pass(3 * MINUTE);
    }
    let number = story.record().state.outbox.number;
    assert!(number > OUTBOX_MOST as u64 + 10, "{number} messages");
    assert!(!story.said("is dropped: the bus").is_empty());
    let before = story.messages().len();
    story.life.sim.0.borrow_mut().bus.refuses = false;
    story.pass(5 * MINUTE);
    let sequences: Vec<u64> = story.messages().iter().map(|it| it["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences[before..], *(number - OUTBOX_MOST as u64 + 1..=number).collect::<Vec<_>>());
}
