//! Every call of a life, the table's and the queue's included, broken in every way: the platform still comes to what
//! was asked, with nothing leaked and nothing doubled.

use crate::script::{HOUR, MINUTE, Story, body_of, break_each, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_local::ports::{Fault, FaultPlan, LifeConfig};

/// A life that visits create, start, stop, retry and teardown, whatever is in the way.
fn live_through(config: LifeConfig, event: &str) -> Story {
    let mut story = Story::create(config, &body_of(event));
    story.reach(Phase::Ready, 2 * HOUR);
    story.ask(Change::Retry);
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    story.settle(2 * HOUR);
    story.assert_no_doubles();
    story.ask(Change::Stop);
    story.reach(Phase::Ready, HOUR);
    story.leave_nothing();
    story
}

fn broken(number: usize, fault: Fault) -> LifeConfig {
    LifeConfig { faults: FaultPlan::from([(number, fault)]), ..quiet(7) }
}

fn enumerate(fault: Fault) {
    let everything = |config| live_through(config, "create-platform");
    let calls = everything(quiet(7)).life.calls();
    assert!(calls.len() > 150, "a life has {} calls", calls.len());
    break_each(&calls, 0..calls.len(), fault, everything);
}

#[test]
fn a_crash_before_any_call_costs_only_time() {
    enumerate(Fault::CrashBefore);
}

#[test]
fn an_error_after_the_effect_of_any_call_costs_only_time() {
    enumerate(Fault::EffectThenError);
}

#[test]
fn a_crash_after_the_answer_of_any_call_costs_only_time() {
    enumerate(Fault::AnswerThenCrash);
}

#[test]
fn a_late_effect_of_any_call_costs_only_time() {
    enumerate(Fault::TimeoutThenLate);
}

/// The create of a security group has no token: where its answer is lost, it is looked for and not sent again.
#[test]
fn a_create_without_a_token_is_looked_for_before_it_is_sent_again() {
    let calls = live_through(quiet(7), "create-platform").life.calls();
    let create = calls.iter().position(|call| call.name == "CreateInputSecurityGroup").unwrap();
    for fault in [Fault::EffectThenError, Fault::AnswerThenCrash] {
        let story = live_through(broken(create, fault), "create-platform");
        let sent = story.mutations().iter().filter(|name| *name == "CreateInputSecurityGroup").count();
        assert_eq!(sent, 2, "one for each of two inputs, {fault:?}");
    }
}

/// Several things go wrong in one life: every eighth call, at random, in a random way. `HEADEND_SEEDS` asks for more lives.
#[test]
fn many_faults_in_one_life_cost_only_time() {
    use rand::{Rng as _, SeedableRng as _};
    let seeds = std::env::var("HEADEND_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    for seed in 1..=seeds {
        let mut dice = rand::rngs::SmallRng::seed_from_u64(seed);
        let kinds = [
            Fault::CrashBefore,
            Fault::EffectThenError,
            Fault::AnswerThenCrash,
            Fault::TimeoutThenLate,
            Fault::Freeze,
            Fault::FreezeThenDie,
        ];
        let mut faults = FaultPlan::new();
        for number in 0..400 {
            if dice.random_bool(0.12) {
                faults.insert(number, kinds[dice.random_range(0..kinds.len())]);
            }
        }
        let config = LifeConfig {
            faults,
            event_copies: dice.random_range(0..3),
            lose_wakeups: dice.random_bool(0.2),
            ..quiet(seed)
        };
        let caught = std::panic::catch_unwind(|| {
            live_through(config, if seed % 3 == 0 { "create-platform-minimal" } else { "create-platform" })
        });
        if let Err(panic) = caught {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn every_event_may_be_lost_or_come_five_times() {
    for copies in [0, 5] {
        for seed in 1..=10 {
            live_through(LifeConfig { event_copies: copies, ..quiet(seed) }, "create-platform");
        }
    }
}

#[test]
fn every_wake_up_may_be_lost() {
    let story = live_through(LifeConfig { lose_wakeups: true, ..quiet(5) }, "create-platform");
    assert!(story.life.calls().iter().any(|call| call.name == "Table.claim"));
}

#[test]
fn every_wake_up_and_every_event_may_be_lost() {
    live_through(LifeConfig { lose_wakeups: true, event_copies: 0, ..quiet(5) }, "create-platform-minimal");
}

/// Teardown works from any half-made state: asked for after each number of steps.
#[test]
fn a_half_made_platform_is_removed_from_wherever_it_is() {
    for steps in 0..60 {
        let mut story = Story::create(quiet(11), &body_of("create-platform"));
        for _ in 0..steps {
            let limit = story.life.now() + 10 * MINUTE;
            story.life.step(limit);
        }
        story.ask(Change::Teardown);
        story.ask(Change::Teardown);
        story.reach(Phase::Gone, 2 * HOUR);
        story.settle(HOUR);
        assert_eq!(story.inventory(), Vec::<String>::new(), "after {steps} steps:\n{}", story.report());
    }
}
