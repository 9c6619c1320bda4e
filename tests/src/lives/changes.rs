//! A platform changes its mind: PATCH of each field, idle and on air, with every call broken in every way.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_domain::record::Record;
use headend_domain::request::{desired, fingerprint, updatable};
use headend_local::ports::{Answered, Fault, FaultPlan, LifeConfig};
use serde_json::{Value, json};

/// One patch, and the mutating calls that it takes.
struct Case {
    patch: Value,
    calls: &'static [&'static str],
    /// The channel has to be idle.
    idle: bool,
}

fn cases() -> Vec<Case> {
    let case = |patch, calls, idle| Case { patch, calls, idle };
    let full = body_of("create-platform");
    let mut inputs = full["inputs"].as_array().unwrap().clone();
    inputs[0]["allowFrom"] = json!(["198.51.100.99/32"]);
    let fewer = json!([full["inputs"][0], full["inputs"][1]]);
    let stereo = json!([{"layout": "stereo", "bitrate": 192_000}]);
    let rungs = json!([full["ladder"]["rungs"][1], full["ladder"]["rungs"][2]]);
    vec![
        case(json!({"allowLists": {"encoders": ["198.51.100.12/32"]}}), &["UpdateInputSecurityGroup"], false),
        case(json!({"inputs": inputs}), &["UpdateInputSecurityGroup"], false),
        case(json!({"alarms": {"cdn4xxPercent": 9}}), &["PutMetricAlarm"], false),
        case(json!({"alarms": {"enabled": false}}), &["DeleteAlarms"; 8], false),
        case(json!({"endpoints": {"hls": {"windowSeconds": 120}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"hls": {"startoverSeconds": 7200}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"dash": {"manifestName": "news"}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"dash": null}}), &["UpdateDistribution", "DeleteOriginEndpoint"], false),
        case(json!({"description": "evening edition"}), &[], false),
        case(json!({"archive": {"enabled": false}}), &["UpdateChannel"], true),
        case(json!({"ladder": {"rungs": rungs}}), &["UpdateChannel"], true),
        case(json!({"audio": stereo}), &["UpdateChannel"], true),
        case(
            json!({"inputs": fewer, "audio": stereo}),
            &["UpdateChannel", "DeleteInput", "DeleteInputSecurityGroup"],
            true,
        ),
    ]
}

fn patch(story: &mut Story, body: &Value) {
    let id = story.id.clone();
    for _ in 0..20 {
        if let Answered::Response(answer) = story.life.patch(&id, body, Some("patch")) {
            if answer.status == 202 {
                return;
            }
            assert_eq!(answer.status, 503, "{body} answered {}", answer.body);
        }
        let now = story.life.now();
        story.life.step(now + 1_000);
    }
    panic!("twenty tries and the patch was not accepted");
}

/// Everything in the account is as the spec asks.
fn assert_applied(story: &Story) {
    let record: Record = story.record();
    let wanted = desired(&record.asked.spec);
    for slot in wanted.iter().filter(|slot| updatable(slot)) {
        let applied = record.slot(slot).and_then(|state| state.applied.clone());
        assert_eq!(applied, fingerprint(&record, slot), "{slot}\n{}", story.report());
    }
    assert_eq!(story.inventory().len(), wanted.len(), "{}", story.report());
    story.assert_no_doubles();
}

fn at_rest(config: LifeConfig, live: bool) -> Story {
    let mut story = Story::create(config, &body_of("create-platform"));
    if live {
        story.ask(Change::Start);
        story.reach(Phase::Live, HOUR);
    } else {
        story.reach(Phase::Ready, HOUR);
    }
    story.settle(HOUR);
    story
}

fn change_through(config: LifeConfig, live: bool, case: &Case) -> Story {
    let mut story = at_rest(config, live);
    patch(&mut story, &case.patch);
    story.settle(3 * HOUR);
    story.life.run_until(10 * MINUTE, |_| false);
    story.settle(3 * HOUR);
    assert_applied(&story);
    story
}

#[test]
fn each_field_is_changed_with_one_call_for_each_object() {
    for live in [false, true] {
        for case in cases().iter().filter(|case| !(case.idle && live)) {
            let before = at_rest(quiet(5), live).mutations().len();
            let story = change_through(quiet(5), live, case);
            let mut made = story.mutations().split_off(before);
            made.sort();
            let mut wanted = case.calls.to_vec();
            wanted.sort_unstable();
            assert_eq!(made, wanted, "{} live {live}", case.patch);
            let reached = if live { Phase::Live } else { Phase::Ready };
            assert_eq!(story.phase(), reached);
        }
    }
}

/// Every call from the patch on, broken in every way.
fn break_each_call(live: bool) {
    for case in cases().iter().filter(|case| !(case.idle && live)) {
        let before = at_rest(quiet(5), live).life.calls().len();
        let after = change_through(quiet(5), live, case).life.calls().len();
        let kinds = Fault::ENUMERATED.into_iter().chain([Fault::FreezeThenDie]);
        for (fault, number) in
            kinds.flat_map(|fault| (before..after.min(before + 16)).map(move |number| (fault, number)))
        {
            let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), ..quiet(5) };
            let caught = std::panic::catch_unwind(|| change_through(config, live, case));
            if let Err(panic) = caught {
                eprintln!("{} live {live}, call {number} with {fault:?}", case.patch);
                std::panic::resume_unwind(panic);
            }
        }
    }
}

#[test]
fn a_change_of_an_idle_platform_with_any_call_broken_converges() {
    break_each_call(false);
}

#[test]
fn a_change_on_air_with_any_call_broken_converges() {
    break_each_call(true);
}

#[test]
fn what_needs_an_idle_channel_is_refused_on_air_naming_the_fields() {
    let mut story = at_rest(quiet(5), true);
    let id = story.id.clone();
    let body = json!({"ladder": "sd", "archive": {"enabled": false}, "description": "x"});
    let Answered::Response(answer) = story.life.patch(&id, &body, None) else { panic!("died") };
    assert_eq!(answer.status, 409, "{}", answer.body);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/ladder", "/archive"]);
    let Answered::Response(answer) = story.life.patch(&id, &json!({"channelClass": "single"}), None) else {
        panic!("died")
    };
    assert_eq!(answer.status, 409, "{}", answer.body);
    let Answered::Response(answer) = story.life.patch(&id, &json!({"colour": 1, "name": ""}), None) else {
        panic!("died")
    };
    assert_eq!(answer.status, 422, "{}", answer.body);
}

#[test]
fn a_changed_platform_goes_without_a_trace() {
    for case in cases() {
        let mut story = at_rest(quiet(6), false);
        patch(&mut story, &case.patch);
        story.ask(Change::Teardown);
        story.reach(Phase::Gone, 3 * HOUR);
        story.settle(HOUR);
        assert_eq!(story.inventory(), Vec::<String>::new(), "{}", case.patch);
    }
}
