//! Lives in which nothing goes wrong.

use crate::script::{HOUR, MINUTE, Story, body_of, is_of_account, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;

/// Create, start, stop, teardown.
fn whole_life(event: &str, seed: u64) -> Story {
    let mut story = Story::create(quiet(seed), &body_of(event));
    story.reach(Phase::Ready, 30 * MINUTE);
    story.settle(HOUR);
    story.assert_no_doubles();
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, 10 * MINUTE);
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, HOUR);
    story.settle(HOUR);
    story
}

#[test]
fn a_platform_is_built_started_stopped_and_removed_without_a_trace() {
    for event in ["create-platform", "create-platform-minimal"] {
        let story = whole_life(event, 1);
        assert_eq!(story.inventory(), Vec::<String>::new(), "{event}");
    }
}

/// Exactly one mutating call for each resource and change; one delete of alarms per region; the distribution is
/// disabled, then deleted.
#[test]
fn a_fault_free_life_makes_exactly_the_mutating_calls_of_the_golden_list() {
    let golden = include_str!("golden_mutations.txt");
    for seed in 1..=20 {
        let story = whole_life("create-platform", seed);
        let mut made = story.mutations();
        made.sort();
        let mut wanted: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
        wanted.sort_unstable();
        assert_eq!(made, wanted, "seed {seed}");
    }
}

#[test]
fn a_fault_free_life_reads_at_most_twice_as_often_as_it_writes() {
    for seed in 1..=20 {
        let story = whole_life("create-platform", seed);
        let calls = story.life.calls();
        let (writes, reads): (Vec<_>, Vec<_>) =
            calls.iter().filter(|call| is_of_account(call.name)).partition(|call| call.mutates);
        let mut count = std::collections::BTreeMap::<&str, usize>::new();
        reads.iter().for_each(|call| *count.entry(call.name).or_default() += 1);
        assert!(
            reads.len() <= 2 * writes.len(),
            "seed {seed}: {} reads, {} writes: {count:?}",
            reads.len(),
            writes.len()
        );
    }
}

#[test]
fn the_channel_can_be_live_while_cloudfront_still_deploys() {
    let mut config = quiet(3);
    config.world.switches.slow_distribution = 1.0;
    let mut story = Story::create(config, &body_of("create-platform"));
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    let conditions = headend_domain::phase::conditions(&story.record());
    let delivery = conditions.iter().find(|condition| condition.name == "Delivery").unwrap();
    assert_eq!(delivery.status, headend_domain::phase::ConditionStatus::NotYet);
}

#[test]
fn what_is_settled_stays_untouched_for_a_day() {
    let mut story = Story::create(quiet(1), &body_of("create-platform"));
    story.reach(Phase::Ready, 30 * MINUTE);
    story.settle(HOUR);
    let before = story.mutations().len();
    story.life.run_until(24 * HOUR, |_| false);
    assert_eq!(story.mutations().len(), before);
}

/// The same request with the same key gives the same answer and one platform.
#[test]
fn an_idempotency_key_makes_a_repeated_request_one_request() {
    use headend_local::ports::{Answered, Life};
    let mut life = Life::begin(quiet(1));
    let body = body_of("create-platform-minimal");
    let mut answers = Vec::new();
    for _ in 0..3 {
        let Answered::Response(answer) = life.create(&body, Some("same")) else { panic!("died") };
        answers.push((answer.status, answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(life.records().len(), 1);
    let Answered::Response(other) = life.create(&body_of("create-platform"), Some("same")) else { panic!("died") };
    assert_eq!(other.status, 422, "{}", other.body);
    assert!(other.body.contains("idempotency-key-reused"));
}

#[test]
fn a_channel_that_aws_cannot_make_ends_failed() {
    let mut config = quiet(1);
    config.world.switches.channel_create_fails = 1.0;
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    story.reach(Phase::Failed, HOUR);
    story.settle(HOUR);
    assert_eq!(story.mutations().iter().filter(|name| *name == "CreateChannel").count(), 2);
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new());
}
