//! Lets the world's time pass and takes its events to the rules.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::EventCopies;
use super::events::Router;
use crate::cloud::Cloud;

/// The world is looked at after this long even when nothing is known to be due.
const IDLE_POLL: Duration = Duration::from_secs(1);

/// Runs until the task is aborted.
pub async fn run(cloud: Arc<Cloud>, router: Router, copies: Option<EventCopies>) {
    loop {
        // Before looking: a change in between wakes us.
        let changed = cloud.changed();
        let now = cloud.now();
        let (events, due) = {
            let world = cloud.world();
            let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
            let events = world.take_events(now);
            let due = [world.next_timer(), world.next_event()].into_iter().flatten().min();
            (events, due)
        };
        for emitted in &events {
            for _ in 0..copies.as_ref().map_or(1, |copies| copies(emitted)) {
                router.deliver(emitted);
            }
        }
        let until_due = due.map(|due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0)));
        let pause = until_due.unwrap_or(IDLE_POLL).clamp(Duration::from_millis(1), IDLE_POLL);
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
