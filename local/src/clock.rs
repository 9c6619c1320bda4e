//! The clock of the local cloud: real time when people watch, virtual time when a simulation runs.
//!
//! The world never reads a clock; whoever stands in front of it asks this one and passes the answer on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::world::Ms;

/// Tells the time in epoch milliseconds. Clones of a virtual clock share their time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    Real,
    /// A clock that only moves when it is told to.
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// A virtual clock that starts at `at`.
    pub fn starting_at(at: Ms) -> Self {
        Self::Virtual(Arc::new(AtomicI64::new(at)))
    }

    /// What time it is. The one place that asks the machine.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Ms {
        match self {
            Self::Real => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| Ms::try_from(since.as_millis()).unwrap_or(Ms::MAX)),
            Self::Virtual(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a virtual clock forward to `at`; it never goes back. The real clock does not listen.
    pub fn move_to(&self, at: Ms) {
        if let Self::Virtual(time) = self {
            time.fetch_max(at, Ordering::SeqCst);
        }
    }
}
