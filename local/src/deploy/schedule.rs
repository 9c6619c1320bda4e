//! Schedules of the form `rate(1 minute)`: the constant input, invoked asynchronously, at a period that the speed
//! shortens.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use super::events::AsyncFunction;
use crate::cloud::Cloud;

/// A function that is invoked at a fixed rate.
pub struct Schedule {
    pub function: AsyncFunction,
    pub input: Bytes,
    /// Simulated time.
    pub period: Duration,
}

/// Invokes the function until the task is aborted.
pub async fn run(cloud: Arc<Cloud>, schedule: Schedule, speed: f64) {
    let period = schedule.period.div_f64(speed);
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Schedule { function, input, .. } = &schedule;
        tokio::spawn(function.clone().invoke(cloud.clone(), input.clone(), speed));
    }
}

/// Reads `rate(N minute|minutes|hour|hours|day|days)`.
pub fn period(expression: &str) -> Result<Duration, String> {
    let wrong = || format!("the local cloud knows schedules of the form rate(5 minutes) and not `{expression}`");
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    let (number, unit) = inner.split_once(' ').ok_or_else(wrong)?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
    // EventBridge wants the singular for 1 and the plural for all others.
    let secs = match (unit, number) {
        ("minute", 1) | ("minutes", 2..) => 60,
        ("hour", 1) | ("hours", 2..) => 3_600,
        ("day", 1) | ("days", 2..) => 86_400,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(number * secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_eventbridge_reads_them() {
        assert_eq!(period("rate(1 minute)"), Ok(Duration::from_secs(60)));
        assert_eq!(period("rate(5 minutes)"), Ok(Duration::from_secs(300)));
        assert_eq!(period("rate(1 day)"), Ok(Duration::from_secs(86_400)));
        for wrong in
            ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(0 1 * * ? *)", "rate(1)", "1 minute"]
        {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }
}
