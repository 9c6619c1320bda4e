//! Every call of a life in which the guard stops the channel, broken in every way: it is stopped, once for each reason, a
//! start afterwards has it again, and nothing stays on.

use crate::script::{HOUR, MINUTE, Story, body_of, break_each, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::guard::Rule;
use headend_domain::phase::Phase;
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, Fault, LifeConfig};
use serde_json::json;

/// A larger budget; asked for until it is answered, as people do.
fn allow(story: &mut Story, usd: f64) {
    let id = story.id.clone();
    for _ in 0..20 {
        let patch = json!({"guard": {"monthlyBudgetUsd": usd}});
        if let Answered::Response(answer) = story.life.patch(&id, &patch, Some("more")) {
            if answer.status == 202 {
                return;
            }
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
        let now = story.life.now();
        story.life.step(now + 1_000);
    }
    panic!("twenty tries and no other budget");
}

/// Stopped because the budget is spent, started again with a larger one, stopped again; then nothing is left.
fn live_through(config: LifeConfig) -> Story {
    let mut body = body_of("create-platform-minimal");
    body["guard"] = json!({"monthlyBudgetUsd": 0.5, "onBudget": "stop"});
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 2 * HOUR);
    for budget in [500_000, 1_500_000] {
        if budget > 500_000 {
            allow(&mut story, 1.5);
        }
        let asked = story.life.now();
        story.ask(Change::Start);
        story.reach(Phase::Live, 8 * MINUTE);
        story.reach(Phase::Ready, HOUR);
        let stop = story.record().state.guard.stop.expect("the guard has stopped it");
        assert!(stop.rule == Rule::Budget && stop.at.0 > asked, "one stop for each start");
        let spent = story.record().state.meter.at(Timestamp(story.life.now())).sum.micros;
        // Whoever dies is followed by the next within minutes.
        assert!((budget..budget + 400_000).contains(&spent), "{spent} of {budget}");
    }
    let id = story.id.clone();
    match story.life.change(&id, Change::Start, None) {
        Answered::Response(answer) => assert!([409, 503].contains(&answer.status), "{}", answer.body),
        Answered::Died => {}
    }
    story.life.run_until(30 * MINUTE, |_| false);
    assert_eq!(story.phase(), Phase::Ready);
    story.assert_no_doubles();
    story.leave_nothing();
    story
}

fn enumerate(fault: Fault) {
    let calls = live_through(quiet(7)).life.calls();
    let first = calls.iter().position(|call| call.name == "StartChannel").unwrap() - 6;
    assert!(calls.len() - first > 80, "{} calls", calls.len());
    break_each(&calls, first..calls.len(), fault, live_through);
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
    live_through(LifeConfig { lose_wakeups: true, event_copies: 0, ..quiet(5) });
}
