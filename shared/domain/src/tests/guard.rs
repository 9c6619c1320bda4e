//! What the guard on the bill takes as a request, and what it does in moments that lives rarely meet.

use super::reading::{bad, good};
use super::stage::{BEGIN, Stage};
use crate::accept::Event;
use crate::guard::Rule;
use crate::record::{Record, Want};
use crate::slot::{AlarmKind, Slot};
use crate::spec::{GuardSpec, OnBudget};
use serde_json::{Value, json};

fn with(guard: &Value) -> Value {
    json!({"name": "n", "guard": guard})
}

#[test]
fn a_guard_is_read_and_the_usual_one_is_there_without_a_word() {
    let usual =
        GuardSpec { idle_stop_minutes: 20, max_run_hours: None, monthly_budget_usd: None, on_budget: OnBudget::Warn };
    for body in [json!({"name": "n"}), with(&json!({})), with(&json!(null)), with(&json!({"maxRunHours": null}))] {
        assert_eq!(good(&body).guard, usual);
    }
    let all = json!({"idleStopMinutes": 0, "maxRunHours": 8_760, "monthlyBudgetUsd": 0.01, "onBudget": "stop"});
    let read = good(&with(&all)).guard;
    assert_eq!(serde_json::to_value(&read).unwrap(), all);
    good(&with(&json!({"idleStopMinutes": 1_440, "maxRunHours": 1, "monthlyBudgetUsd": 1_000_000})));
}

#[test]
fn what_is_wrong_with_a_guard_is_said_of_each_field_with_its_cure() {
    let wrong =
        json!({"idleStopMinutes": 1_441, "maxRunHours": 0, "monthlyBudgetUsd": 0, "onBudget": "panic", "sms": 1});
    bad(
        &with(&wrong),
        &[
            ("/guard/idleStopMinutes", "whole number from 0 to 1440"),
            ("/guard/maxRunHours", "whole number from 1 to 8760"),
            ("/guard/monthlyBudgetUsd", "dollars from 0.01 to 1000000, not 0; leave it out"),
            ("/guard/onBudget", "one of warn, stop"),
            ("/guard/sms", "known here: idleStopMinutes"),
        ],
    );
    for budget in [json!(-1), json!(1_000_000.5), json!("5"), json!(true), json!([])] {
        bad(&with(&json!({"monthlyBudgetUsd": budget})), &[("/guard/monthlyBudgetUsd", "dollars from")]);
    }
    bad(&with(&json!({"maxRunHours": 8_761})), &[("/guard/maxRunHours", "8760")]);
    bad(&with(&json!({"maxRunHours": 1.5})), &[("/guard/maxRunHours", "8760")]);
    bad(&with(&json!({"onBudget": "stop"})), &[("/guard/onBudget", "say monthlyBudgetUsd too")]);
    bad(&with(&json!("tight")), &[("/guard", "must be an object")]);
}

/// A platform that a person has started and that is on air.
fn on_air(guard: &Value) -> Stage {
    let mut stage = Stage::new(&with(guard));
    stage.play(1_000);
    say(&mut stage, Want::Live);
    stage.play(1_000);
    assert!(stage.record.state.live_since.is_some());
    stage
}

fn say(stage: &mut Stage, want: Want) {
    stage.record.asked.intent.said_at = Some(stage.now);
    stage.want(want);
}

fn pass(stage: &mut Stage, minutes: i64) -> Want {
    stage.now = stage.now.plus_secs(60 * minutes);
    stage.event(&Event::Attended);
    stage.record.want()
}

fn lost(stage: &mut Stage) {
    let slot = Slot::Alarm(AlarmKind::InputLoss(0));
    stage.event(&Event::Alarm { slot, firing: true, reason: "no frames".to_owned(), at: stage.now });
    stage.event(&Event::Attended);
}

#[test]
fn a_start_that_comes_before_the_channel_was_stopped_has_it_for_the_whole_time_again() {
    let mut stage = on_air(&json!({"maxRunHours": 1}));
    lost(&mut stage);
    assert_eq!(pass(&mut stage, 19), Want::Live);
    assert_eq!(pass(&mut stage, 1), Want::Idle);
    // StopChannel has not been sent yet.
    say(&mut stage, Want::Live);
    assert_eq!(pass(&mut stage, 0), Want::Idle, "said at the very moment: used up");
    stage.now = stage.now.plus_secs(1);
    say(&mut stage, Want::Live);
    assert_eq!(pass(&mut stage, 19), Want::Live, "the alarm is the same, and the run goes on");
    assert_eq!(pass(&mut stage, 1), Want::Idle);
    assert_eq!(stage.record.state.guard.stop.as_ref().map(|stop| stop.rule), Some(Rule::Idle));
}

#[test]
fn a_platform_that_goes_is_not_the_guards_business() {
    let mut stage = on_air(&json!({"maxRunHours": 1}));
    lost(&mut stage);
    assert!(stage.record.state.guard.look_at.is_some());
    say(&mut stage, Want::Gone);
    assert_eq!(pass(&mut stage, 600), Want::Gone);
    assert_eq!((&stage.record.state.guard.stop, stage.record.state.guard.look_at), (&None, None));
}

#[test]
fn the_guard_looks_when_something_is_due_and_never_at_a_moment_that_has_passed() {
    let looks = |record: &Record| record.state.guard.look_at;
    let mut stage = on_air(&json!({}));
    stage.event(&Event::Attended);
    assert_eq!(looks(&stage.record), None, "something comes in, and there is no budget: nothing is due");
    lost(&mut stage);
    assert_eq!(looks(&stage.record), Some(stage.now.plus_secs(1_200)));
    let mut stage = on_air(&json!({"monthlyBudgetUsd": 1_000_000}));
    stage.event(&Event::Attended);
    let month = crate::meter::month_after(BEGIN);
    assert_eq!(looks(&stage.record), Some(month), "the budget begins anew before any of it is worth telling");
    let mut stage = on_air(&json!({"monthlyBudgetUsd": 1}));
    for _ in 0..2 {
        stage.event(&Event::Attended);
        let look = looks(&stage.record).unwrap();
        assert!(look > stage.now);
        stage.now = look;
    }
    stage.event(&Event::Attended);
    assert_eq!(looks(&stage.record), Some(month), "all has been told, and it was to warn only");
    assert_eq!(stage.text().matches("of the budget of 1.00 USD").count(), 3, "{}", stage.text());
}

#[test]
fn two_pipelines_are_without_input_when_both_are() {
    let mut body = with(&json!({}));
    body["channelClass"] = json!("standard");
    let mut stage = Stage::new(&body);
    stage.play(1_000);
    say(&mut stage, Want::Live);
    stage.play(1_000);
    lost(&mut stage);
    assert_eq!(pass(&mut stage, 60), Want::Live);
    let slot = Slot::Alarm(AlarmKind::InputLoss(1));
    stage.event(&Event::Alarm { slot, firing: true, reason: "no frames".to_owned(), at: stage.now });
    assert_eq!(pass(&mut stage, 19), Want::Live, "counted from the later of the two");
    assert_eq!(pass(&mut stage, 1), Want::Idle);
}
