//! Many platforms at once: how long they take, and what happens when the account's quotas are used up.

use crate::script::{HOUR, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::{Phase, phase};
use headend_local::ports::{Answered, HOME, Life, LifeConfig};
use headend_local::world::Quotas;
use headend_local::world::cloudfront::DistributionStatus;
use headend_local::world::medialive::{ChannelState, InputState};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) const PLATFORMS: usize = 10;

fn create_all(life: &mut Life, body: &Value) -> Vec<String> {
    (0..PLATFORMS)
        .map(|_| {
            let Answered::Response(answer) = life.create(body, None) else { panic!("died") };
            assert_eq!(answer.status, 202, "{}", answer.body);
            serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
        })
        .collect()
}

fn phases(life: &Life) -> BTreeMap<String, Phase> {
    life.records().iter().map(|record| (record.asked.key.id.clone(), phase(record))).collect()
}

/// When each resource came into being and when it was done, as the account itself saw it.
#[derive(Default)]
struct Watch {
    begun: BTreeMap<String, i64>,
    done: BTreeMap<String, i64>,
}

impl Watch {
    fn look(&mut self, life: &Life) {
        let now = life.now();
        let mut inner = life.sim.0.borrow_mut();
        let platform = |tags: &BTreeMap<String, String>, slot: &str| format!("{}/{slot}", tags["headend:platform"]);
        let distributions: Vec<(String, bool)> = inner
            .world
            .cloudfront
            .distributions
            .values()
            .map(|it| (platform(&it.tags, "distribution"), it.status == DistributionStatus::Deployed))
            .collect();
        let live = &inner.world.region(HOME).medialive;
        let inputs = live
            .inputs
            .values()
            .map(|it| (platform(&it.tags, &it.tags["headend:slot"]), it.state != InputState::Creating));
        let channels =
            live.channels.values().map(|it| (platform(&it.tags, "channel"), it.state != ChannelState::Creating));
        for (name, done) in inputs.chain(channels).chain(distributions) {
            self.begun.entry(name.clone()).or_insert(now);
            if done {
                self.done.entry(name).or_insert(now);
            }
        }
    }

    /// Milliseconds that AWS itself took for the longest path of the platform's resource graph.
    fn longest_path(&self, id: &str) -> i64 {
        let took = |name: &str| self.done[name] - self.begun[name];
        let of = |part: &str| {
            self.begun.keys().filter(move |name| name.starts_with(&format!("{id}/{part}"))).cloned().collect::<Vec<_>>()
        };
        let inputs = of("input/").iter().map(|name| took(name)).max().unwrap();
        let encoding = inputs + took(&format!("{id}/channel"));
        encoding.max(took(&format!("{id}/distribution")))
    }
}

/// Time to Ready divided by the longest path, for every platform of a life.
pub(super) fn ratios(seed: u64) -> Vec<f64> {
    let mut life = Life::begin(quiet(seed));
    let ids = create_all(&mut life, &body_of("create-platform"));
    let start = life.now();
    let mut watch = Watch::default();
    let mut ready: BTreeMap<String, i64> = BTreeMap::new();
    let all = life.run_until(HOUR, |life| {
        watch.look(life);
        let now = life.now();
        for (id, phase) in phases(life) {
            if phase == Phase::Ready {
                ready.entry(id).or_insert(now);
            }
        }
        ready.len() == PLATFORMS
    });
    assert!(all, "not all became Ready: {:?}", phases(&life));
    ids.iter().map(|id| (ready[id] - start) as f64 / watch.longest_path(id) as f64).collect()
}

#[test]
fn ten_platforms_at_once_are_ready_within_a_tenth_of_the_longest_path() {
    let mut all: Vec<f64> = (1..=30).flat_map(ratios).collect();
    all.sort_by(f64::total_cmp);
    let p99 = all[all.len() * 99 / 100];
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    println!("time to Ready / longest path over {} platforms: mean {mean:.3}, p99 {p99:.3}", all.len());
    assert!(all.iter().all(|ratio| *ratio >= 1.0), "nothing is faster than its own longest path");
    assert!(p99 <= 1.10, "mean {mean:.3}, p99 {p99:.3}");
    assert!(mean <= 1.05, "mean {mean:.3}, p99 {p99:.3}");
}

#[test]
fn ten_platforms_at_once_converge_behind_api_rate_quotas() {
    let mut config = quiet(2);
    config.world.switches.throttles = true;
    let mut life = Life::begin(config);
    create_all(&mut life, &body_of("create-platform"));
    assert!(
        life.run_until(2 * HOUR, |life| phases(life).values().all(|phase| *phase == Phase::Ready)),
        "{:?}",
        phases(&life)
    );
    assert_eq!(life.sim.0.borrow().world.inventory().len(), PLATFORMS * 20);
}

#[test]
fn what_exceeds_a_quota_ends_failed_naming_it_and_retry_succeeds_once_it_is_raised() {
    let mut config: LifeConfig = quiet(4);
    config.world.quotas = Quotas::default();
    let mut life = Life::begin(config);
    create_all(&mut life, &body_of("create-platform-minimal"));
    let settled = |life: &mut Life| phases(life).values().all(|phase| matches!(phase, Phase::Ready | Phase::Failed));
    assert!(life.run_until(HOUR, settled), "{:?}", phases(&life));
    let failed: Vec<_> = life.records().into_iter().filter(|record| phase(record) == Phase::Failed).collect();
    assert_eq!(failed.len(), PLATFORMS - 5);
    for record in &failed {
        let (slot, failure) = record.failure().unwrap();
        assert!(failure.message.to_lowercase().contains("quota"), "{slot}: {}", failure.message);
        assert!(failure.cure().contains("Service Quotas"));
    }
    life.sim.0.borrow_mut().world.quotas = Quotas::uniform(100);
    for record in &failed {
        let Answered::Response(answer) = life.change(&record.asked.key.id, Change::Retry, None) else { panic!("died") };
        assert_eq!(answer.status, 202);
    }
    assert!(
        life.run_until(HOUR, |life| phases(life).values().all(|phase| *phase == Phase::Ready)),
        "{:?}",
        phases(&life)
    );
}
