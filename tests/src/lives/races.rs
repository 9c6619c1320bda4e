//! Requests and functions that get in each other's way.

use crate::script::{FROZEN_MS, HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_local::ports::{Answered, Fault, FaultPlan, LifeConfig};

fn ready(config: LifeConfig) -> Story {
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, HOUR);
    story.settle(HOUR);
    story
}

fn end(mut story: Story) {
    story.assert_no_doubles();
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, 3 * HOUR);
    story.settle(HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new(), "left over:\n{}", story.report());
}

/// Two requests of which the first freezes inside, at each of its calls, and goes on after the second.
fn raced(first: Change, second: Change, wanted: &[Phase]) {
    let before = ready(quiet(3)).life.calls().len();
    for inside in 0..4 {
        let config = LifeConfig { faults: FaultPlan::from([(before + inside, Fault::Freeze)]), ..quiet(3) };
        let mut story = ready(config);
        assert_eq!(story.life.calls().len(), before, "the life up to here is the same each time");
        let id = story.id.clone();
        let _ = story.life.change(&id, first, None);
        story.ask(second);
        story.settle(HOUR);
        story.life.run_until(5 * MINUTE, |_| false);
        story.settle(HOUR);
        assert!(wanted.contains(&story.phase()), "{first:?} against {second:?} at {inside}:\n{}", story.report());
        end(story);
    }
}

#[test]
fn start_against_start_is_one_start() {
    raced(Change::Start, Change::Start, &[Phase::Live]);
}

#[test]
fn start_against_stop_ends_in_one_of_the_two() {
    raced(Change::Start, Change::Stop, &[Phase::Live, Phase::Ready]);
}

#[test]
fn start_against_teardown_ends_gone() {
    let before = ready(quiet(3)).life.calls().len();
    for inside in 0..4 {
        let config = LifeConfig { faults: FaultPlan::from([(before + inside, Fault::Freeze)]), ..quiet(3) };
        let mut story = ready(config);
        let id = story.id.clone();
        let _ = story.life.change(&id, Change::Start, None);
        end(story);
    }
}

#[test]
fn starting_twice_and_stopping_twice_is_accepted_with_the_same_result() {
    let mut story = ready(quiet(3));
    story.ask(Change::Start);
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    story.ask(Change::Stop);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, HOUR);
    let starts = story.mutations().iter().filter(|name| *name == "StartChannel").count();
    assert_eq!(starts, 1);
}

#[test]
fn a_start_while_provisioning_is_live_as_soon_as_it_can_be() {
    let mut story = Story::create(quiet(3), &body_of("create-platform"));
    story.ask(Change::Start);
    assert_eq!(story.phase(), Phase::Provisioning);
    story.reach(Phase::Live, 10 * MINUTE);
}

#[test]
fn a_start_or_stop_during_teardown_is_refused_with_the_reason() {
    let mut story = ready(quiet(3));
    story.ask(Change::Teardown);
    for change in [Change::Start, Change::Stop] {
        let id = story.id.clone();
        let Answered::Response(answer) = story.life.change(&id, change, None) else { panic!("died") };
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(answer.body.contains("being torn down"), "{}", answer.body);
    }
    end(story);
}

/// A function freezes before each of its calls in turn, sleeps past its lease while another goes on, and wakes.
fn frozen_everywhere(fault: Fault, frozen_ms: i64) {
    let calls = {
        let mut story = ready(quiet(9));
        story.ask(Change::Start);
        story.reach(Phase::Live, HOUR);
        story.life.calls().len()
    };
    for number in 0..calls {
        let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), frozen_ms, ..quiet(9) };
        let mut story = Story::create(config, &body_of("create-platform-minimal"));
        story.ask(Change::Start);
        story.reach(Phase::Live, 2 * HOUR);
        story.life.run_until(10 * MINUTE, |_| false);
        story.settle(2 * HOUR);
        end(story);
    }
}

/// It slept for so long that nobody looks for its effect any more, and died before it told: a second security group
/// stays until the platform goes, and goes with it.
#[test]
fn what_a_function_frozen_for_long_left_behind_goes_with_the_platform() {
    let mut probe = Story::create(quiet(9), &body_of("create-platform-minimal"));
    probe.reach(Phase::Ready, HOUR);
    let create = probe.life.calls().iter().position(|call| call.name == "CreateInputSecurityGroup").unwrap();
    let faults = FaultPlan::from([(create, Fault::FreezeThenDie)]);
    let mut story =
        Story::create(LifeConfig { faults, frozen_ms: HOUR, ..quiet(9) }, &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, HOUR);
    story.life.run_until(2 * HOUR, |_| false);
    assert_eq!(story.inventory().iter().filter(|it| it.starts_with("inputSecurityGroup")).count(), 2);
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, 3 * HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new(), "left over:\n{}", story.report());
}

#[test]
fn a_function_frozen_past_its_lease_harms_nothing() {
    frozen_everywhere(Fault::Freeze, FROZEN_MS);
    frozen_everywhere(Fault::Freeze, 4 * FROZEN_MS);
}

#[test]
fn a_function_frozen_past_its_lease_that_dies_on_waking_harms_nothing() {
    frozen_everywhere(Fault::FreezeThenDie, FROZEN_MS);
}

/// The create of a security group has no token: two come into being, the older one stays.
#[test]
fn two_security_groups_become_one() {
    let mut probe = Story::create(quiet(9), &body_of("create-platform-minimal"));
    probe.reach(Phase::Ready, HOUR);
    let create = probe.life.calls().iter().position(|call| call.name == "CreateInputSecurityGroup").unwrap();
    let config = LifeConfig { faults: FaultPlan::from([(create, Fault::Freeze)]), ..quiet(9) };
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    let groups = |story: &Story| story.inventory().iter().filter(|it| it.starts_with("inputSecurityGroup")).count();
    story.reach(Phase::Ready, HOUR);
    story.settle(HOUR);
    story.life.run_until(10 * MINUTE, |_| false);
    let made = |name: &str| story.mutations().iter().filter(|made| *made == name).count();
    assert_eq!(made("CreateInputSecurityGroup"), 2, "the frozen create was meant to make a second group");
    let calls = story.life.calls();
    let delete = calls.iter().find(|call| call.name == "DeleteInputSecurityGroup").unwrap();
    let waited = delete.at - calls[0].at - FROZEN_MS;
    assert!(
        (0..15_000).contains(&waited),
        "what the frozen function made is not dropped: it goes as soon as that one wakes, not {waited} ms later"
    );
    assert_eq!(groups(&story), 1, "{}", story.report());
    assert_eq!(made("DeleteInputSecurityGroup"), 1);
    end(story);
}
