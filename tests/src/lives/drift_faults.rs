//! Every call of a life in which three resources are changed and one is deleted by hand, broken in every way: all is as it was
//! asked for in the end, nothing is there twice, and nothing stays.

use super::drift::{ROUND, addresses, on_air, open_to_all, out_of_service, silent_alarm};
use crate::script::{HOUR, Story, break_each, quiet};
use headend_domain::phase::Phase;
use headend_domain::slot::{AlarmKind, Slot};
use headend_local::ports::{Fault, HOME, LifeConfig};

fn live_through(config: LifeConfig) -> Story {
    let mut story = on_air(LifeConfig { jumps: true, ..config }, "repair");
    let urls = addresses(&story.record());
    open_to_all(&mut story);
    out_of_service(&mut story);
    silent_alarm(&mut story);
    let alarm = super::drift::id(&story, &Slot::Alarm(AlarmKind::InputLoss(0)));
    story.by_hand(|world, now| world.delete_alarms(HOME, now, &[alarm]));
    // A look that failed is made in the next round.
    story.lives(2 * ROUND + HOUR / 2);
    assert_eq!(story.phase(), Phase::Live, "{}", story.report());
    story.assert_all_as_asked();
    story.assert_no_doubles();
    assert_eq!(story.record().state.drift.found.len(), 0, "{}", story.report());
    assert_eq!(addresses(&story.record()), urls);
    story.leave_nothing();
    story
}

fn enumerate(fault: Fault) {
    let calls = live_through(quiet(7)).life.calls();
    // From the first comparison on.
    let live = calls.iter().rposition(|call| call.name == "StartChannel").unwrap();
    let torn = calls.iter().rposition(|call| call.name == "StopChannel").unwrap();
    assert!(torn - live > 80, "{} calls", torn - live);
    break_each(&calls, live..torn, fault, live_through);
}

#[test]
fn drift_is_repaired_through_a_crash_before_any_call() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn drift_is_repaired_through_an_error_after_the_effect_of_any_call() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn drift_is_repaired_through_a_crash_after_the_answer_of_any_call() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn drift_is_repaired_through_a_late_effect_of_any_call() {
    enumerate(Fault::TimeoutThenLate);
}

#[test]
fn drift_is_repaired_with_every_wake_up_and_every_event_of_aws_lost() {
    live_through(LifeConfig { lose_wakeups: true, event_copies: 0, ..quiet(5) });
}
