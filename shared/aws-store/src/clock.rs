//! The system's clock. Times inside a function are real: only waits are scaled.

use headend_control::ports::Clock;
use headend_domain::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place where a function asks the machine for the time.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        timestamp(SystemTime::now())
    }
}

/// A moment of the system's clock in the domain's terms; before 1970 counts as 1970.
pub fn timestamp(moment: SystemTime) -> Timestamp {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
