//! The figures of goals A that are of simulated time and of calls: no verdicts, a table for docs/performance.md. `cargo xtask bench`
//! prints it; the bounds that the suite holds them to are tests of their own beside this file.

use super::many::{PLATFORMS, ratios};
use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::{Allowance, Change};
use headend_domain::phase::{Phase, phase};
use headend_local::ports::{Answered, Call, Life};
use headend_local::world::Quotas;
use serde_json::Value;
use std::collections::BTreeMap;

/// 10,000 platforms, ten at a time.
const LIVES: u64 = 1_000;
const STARTS: usize = 1_000;
/// How often, in simulated time, it is asked whether all have got there; what is printed is as coarse.
const LOOK_MS: i64 = 5_000;

fn counted<'a>(calls: impl Iterator<Item = &'a Call>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    calls.for_each(|call| *counts.entry(call.name).or_default() += 1);
    counts
}

/// Reads and writes of a life by where they go.
fn print_calls(event: &str) {
    let mut story = Story::create(quiet(1), &body_of(event));
    let accepted = story.life.calls().len();
    story.reach(Phase::Ready, 30 * MINUTE);
    for (change, phase) in [(Change::Start, Phase::Live), (Change::Stop, Phase::Ready), (Change::Teardown, Phase::Gone)]
    {
        story.ask(change);
        story.reach(phase, HOUR);
    }
    story.settle(HOUR);
    let calls = story.life.calls();
    let of_the_table = |call: &&Call| call.name.starts_with("Table.");
    let of_the_account = |call: &&Call| !of_the_table(call) && !["SendMessage", "PutEvents"].contains(&call.name);
    let writes = calls.iter().filter(of_the_account).filter(|call| call.mutates).count();
    let reads = calls.iter().filter(of_the_account).filter(|call| !call.mutates).count();
    println!(
        "{event}: {writes} writes and {reads} reads of the account ({:.2} reads a write)",
        reads as f64 / writes as f64
    );
    println!("  of the table: {:?}", counted(calls.iter().filter(of_the_table)));
    println!("  messages: {}", calls.iter().filter(|call| call.name == "SendMessage").count());
    println!("  POST /platforms: {:?}", counted(calls[..accepted].iter()));
}

#[test]
#[ignore = "a figure for docs/performance.md: cargo xtask bench"]
fn calls_of_a_life() {
    ["create-platform", "create-platform-minimal"].into_iter().for_each(print_calls);
}

#[test]
#[ignore = "a figure for docs/performance.md: cargo xtask bench"]
fn time_to_ready() {
    let mut all: Vec<f64> = (1..=LIVES).flat_map(ratios).collect();
    all.sort_by(f64::total_cmp);
    let (mean, p99) = (all.iter().sum::<f64>() / all.len() as f64, all[all.len() * 99 / 100]);
    println!(
        "time to Ready / longest path of the graph, {} platforms in lives of {PLATFORMS}: mean {mean:.4}, p99 {p99:.4}, most {:.4}",
        all.len(),
        all[all.len() - 1]
    );
}

/// What starts that are asked for at the same moment come to, where MediaLive takes so many StartChannel a second.
struct Starts {
    calls: usize,
    /// From the first request to the last StartChannel, and until all are Live.
    last_ms: i64,
    live_ms: i64,
}

fn start_at_once(number: usize) -> Starts {
    let mut config = quiet(1);
    config.world.quotas = Quotas::uniform(20_000);
    config.allowance = Allowance { platforms: 0, running_channels: 0 };
    let mut life = Life::begin(config);
    let body = body_of("create-platform-minimal");
    let ids: Vec<String> = (0..number)
        .map(|_| {
            let Answered::Response(answer) = life.create(&body, None) else { panic!("died") };
            serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let all_are = |life: &Life, wanted: Phase| life.records().iter().filter(|record| phase(record) == wanted).count();
    // So many records are looked at now and then, not at every step of the life.
    let reach = |life: &mut Life, wanted: Phase| {
        let end = life.now() + 3 * HOUR;
        while all_are(life, wanted) < number && life.now() < end {
            life.run_until(LOOK_MS, |_| false);
        }
        assert_eq!(all_are(life, wanted), number, "not all are {}", wanted.word());
    };
    reach(&mut life, Phase::Ready);
    life.sim.0.borrow_mut().world.switches.throttles = true;
    let begun = life.now();
    for id in &ids {
        let Answered::Response(answer) = life.change(id, Change::Start, None) else { panic!("died") };
        assert_eq!(answer.status, 202, "{}", answer.body);
    }
    reach(&mut life, Phase::Live);
    let started: Vec<Call> =
        life.calls().into_iter().filter(|call| call.name == "StartChannel" && call.at >= begun).collect();
    let last = started.iter().map(|call| call.at).max().unwrap_or(begun);
    Starts { calls: started.len(), last_ms: last - begun, live_ms: life.now() - begun }
}

/// Those that are refused spread their tries; together they would use the rate for a moment in a minute.
#[test]
fn starts_at_once_use_the_rate_that_there_is() {
    let Starts { last_ms, calls, .. } = start_at_once(100);
    assert!(last_ms < 45_000 && calls < 1_000, "100 starts at 5 a second: {last_ms} ms, {calls} calls");
}

#[test]
#[ignore = "a figure for docs/performance.md: cargo xtask bench"]
fn a_thousand_starts_at_once() {
    let Starts { calls, last_ms, live_ms } = start_at_once(STARTS);
    println!(
        "{STARTS} starts at once: {calls} calls of StartChannel, the last {:.1} s after the first request; all Live after {:.1} s",
        last_ms as f64 / 1e3,
        live_ms as f64 / 1e3
    );
}
