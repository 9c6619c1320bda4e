//! A host that fails: `provision` is killed in the middle of its work, again and again, and platforms still come to
//! what was asked, with nothing doubled and nothing left.

use super::rig::{FULL, MINIMAL, Rig, config};
use headend_local::deploy::StackConfig;
use headend_local::world::{World, WorldConfig};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use std::time::Duration;
use tokio::task::JoinSet;

const LIVES: u64 = 10;
/// The four things that are asked for in a life.
const STEPS: usize = 4;

/// What kills came to.
#[derive(Default)]
struct Toll {
    kills: usize,
    /// Of those, the ones that met an invocation.
    met: usize,
    /// Steps that the journal calls interrupted.
    interrupted: usize,
}

/// Kills that belong to one step of a life: some just after something in the account has changed, when the record does
/// not say so yet, the others at any moment.
async fn kill_some(rig: &Rig, dice: &mut SmallRng, number: usize, toll: &mut Toll) {
    for _ in 0..number {
        let aimed = dice.random_bool(0.6);
        if aimed {
            wait_for_an_effect(rig).await;
        }
        let spread = if aimed { 40 } else { 4_000 };
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..spread))).await;
        toll.met += usize::from(rig.stack.busy("provision").unwrap() > 0);
        rig.stack.kill("provision").unwrap();
        toll.kills += 1;
    }
}

/// Until something appears, goes or changes its state; nothing at all may be left to do, so that this ends by itself.
async fn wait_for_an_effect(rig: &Rig) {
    let before = rig.inventory();
    for _ in 0..1_500 {
        tokio::time::sleep(Duration::from_millis(2)).await;
        if rig.stack.cloud.peek(World::inventory) != before {
            return;
        }
    }
}

async fn reach_new(rig: &Rig, event: &str) -> String {
    let id = rig.create(event).await;
    rig.reach(&id, "Ready").await;
    id
}

async fn at_rest(rig: &Rig, id: &str, seed: u64) {
    rig.settle(id).await;
    assert_eq!(rig.doubles(), Vec::<String>::new(), "seed {seed}\n{}", rig.report(id).await);
}

async fn life(seed: u64) -> Toll {
    let mut dice = SmallRng::seed_from_u64(seed);
    let base = config();
    let rig = Rig::start(StackConfig { world: WorldConfig { seed, ..base.world.clone() }, ..base }).await;
    let mut kills = [0; STEPS];
    for _ in 0..dice.random_range(5..=15) {
        kills[dice.random_range(0..STEPS)] += 1;
    }
    let mut toll = Toll::default();
    let event = if seed.is_multiple_of(2) { MINIMAL } else { FULL };
    let made = reach_new(&rig, event);
    let ((), id) = tokio::join!(kill_some(&rig, &mut dice, kills[0], &mut toll), made);
    at_rest(&rig, &id, seed).await;
    let started = async {
        rig.change(&id, "start").await;
        rig.reach(&id, "Live").await
    };
    tokio::join!(kill_some(&rig, &mut dice, kills[1], &mut toll), started);
    at_rest(&rig, &id, seed).await;
    let stopped = async {
        rig.change(&id, "stop").await;
        rig.reach(&id, "Ready").await
    };
    tokio::join!(kill_some(&rig, &mut dice, kills[2], &mut toll), stopped);
    let removed = async {
        rig.tear_down(&id).await;
        rig.reach(&id, "Gone").await
    };
    tokio::join!(kill_some(&rig, &mut dice, kills[3], &mut toll), removed);
    assert_eq!(rig.inventory(), Vec::new(), "seed {seed} leaves\n{}", rig.report(&id).await);
    toll.interrupted = rig.timeline(&id).await.iter().filter(|line| line.contains("interrupted")).count();
    println!(
        "seed {seed}: {} kills, {} met an invocation, {} interrupted steps",
        toll.kills, toll.met, toll.interrupted
    );
    rig.end().await;
    toll
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provision_killed_at_random_moments_still_converges() {
    // All at once: a kill costs its life a lease of 45 s, which it spends waiting.
    let mut lives = JoinSet::new();
    for seed in 1..=LIVES {
        lives.spawn(life(seed));
    }
    let tolls = lives.join_all().await;
    assert!(tolls.iter().all(|toll| toll.kills >= 5));
    let interrupted: usize = tolls.iter().map(|toll| toll.interrupted).sum();
    assert!(interrupted >= 10, "{interrupted} steps were interrupted in {LIVES} lives: the kills miss the work");
}
