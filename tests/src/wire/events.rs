//! Events are hints: a life goes the same way without any, and with each of them five times.

use super::rig::{FULL, Rig, config};
use headend_local::deploy::StackConfig;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A whole life in which each event is delivered so many times.
async fn live_with(copies: usize) {
    let emitted = Arc::new(AtomicUsize::new(0));
    let count = emitted.clone();
    let event_copies = move |_: &_| {
        count.fetch_add(1, Ordering::Relaxed);
        copies
    };
    let rig = Rig::start(StackConfig { event_copies: Some(Arc::new(event_copies)), ..config() }).await;
    rig.whole_life(FULL).await;
    rig.end().await;
    assert!(emitted.load(Ordering::Relaxed) >= 5, "the life had no events to drop or to double");
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_dropped_still_converges() {
    live_with(0).await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_delivered_five_times_still_converges() {
    live_with(5).await;
}
