//! Every call of a life in which the guard stops the channel, broken in every way: it is stopped, once for each reason, a
//! start afterwards has it again, and nothing stays on.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::guard::Rule;
use headend_domain::phase::Phase;
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, Fault, FaultPlan, LifeConfig};
use serde_json::json;

/// Hours on air in which nothing is due are passed over.
fn calm(seed: u64) -> LifeConfig {
    LifeConfig { jumps: true, ..quiet(seed) }
}

/// Stopped because it has run for long, started again, stopped because the budget is spent; then nothing is left.
fn live_through(config: LifeConfig) -> Story {
    let mut body = body_of("create-platform-minimal");
    body["guard"] = json!({"maxRunHours": 1, "monthlyBudgetUsd": 5, "onBudget": "stop"});
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 2 * HOUR);
    let mut began = 0;
    for (rule, least, most) in [(Rule::MaxRun, HOUR, 76 * MINUTE), (Rule::Budget, 10 * MINUTE, HOUR)] {
        story.ask(Change::Start);
        story.reach(Phase::Live, HOUR);
        let live = story.life.now();
        story.reach(Phase::Ready, 2 * HOUR);
        let ran = story.life.now() - live;
        assert!((least..most).contains(&ran), "{rule:?} after {} min", ran / MINUTE);
        let stop = story.record().state.guard.stop.expect("the guard has stopped it");
        assert_eq!(stop.rule, rule);
        assert!(stop.at.0 > began, "one stop for each start");
        began = story.life.now();
    }
    let spent = story.record().state.meter.at(Timestamp(story.life.now())).sum.micros;
    assert!((5_000_000..5_600_000).contains(&spent), "{spent}");
    let id = story.id.clone();
    match story.life.change(&id, Change::Start, None) {
        Answered::Response(answer) => assert!([409, 503].contains(&answer.status), "{}", answer.body),
        Answered::Died => {}
    }
    story.life.run_until(30 * MINUTE, |_| false);
    assert_eq!(story.phase(), Phase::Ready);
    story.assert_no_doubles();
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, 3 * HOUR);
    story.settle(HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new(), "left over:\n{}", story.report());
    story
}

fn enumerate(fault: Fault) {
    let calls = live_through(calm(7)).life.calls();
    let first = calls.iter().position(|call| call.name == "StartChannel").unwrap() - 6;
    assert!(calls.len() - first > 80, "{} calls", calls.len());
    for (number, call) in calls.iter().enumerate().skip(first) {
        let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), ..calm(7) };
        let caught = std::panic::catch_unwind(|| live_through(config));
        if let Err(panic) = caught {
            eprintln!("call {number}, {call:?}, with {fault:?}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn the_guard_survives_a_crash_before_any_call() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn the_guard_survives_an_error_after_the_effect_of_any_call() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn the_guard_survives_a_crash_after_the_answer_of_any_call() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn the_guard_survives_a_late_effect_of_any_call() {
    enumerate(Fault::TimeoutThenLate);
}

#[test]
fn the_guard_stops_with_every_wake_up_and_every_event_of_aws_lost() {
    live_through(LifeConfig { lose_wakeups: true, event_copies: 0, ..calm(5) });
}
