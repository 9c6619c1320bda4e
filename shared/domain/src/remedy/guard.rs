//! When nothing may be done, whatever fires.

use super::Remedy;
use crate::action::Status;
use crate::limits::{Limits, RECOVERY_PATIENCE_SECS, REMEDY_SETTLE_SECS};
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;

pub(crate) fn hands_off(record: &Record, now: Timestamp) -> Option<Timestamp> {
    record.asked.spec.hands_off.as_ref()?.until().filter(|until| *until > now)
}

/// Whether the channel is in a state in which AWS takes the call (aws-facts 1.2). What MediaLive is recovering is its own
/// business, for as long as that may take; its schedule is closed meanwhile.
pub(super) fn fit(record: &Record, remedy: &Remedy, now: Timestamp, limits: Limits) -> bool {
    let Some(channel) = record.slot(&Slot::Channel).filter(|state| state.object.is_some()) else { return false };
    let stuck = || {
        let since = channel.watch.as_ref().map_or(now, |watch| watch.since);
        now.millis_since(since) >= limits.of_account(RECOVERY_PATIENCE_SECS)
    };
    match channel.seen.as_ref().map(|seen| seen.status) {
        Some(Status::Running) => true,
        Some(Status::Recovering) => matches!(remedy, Remedy::RestartPipelines(_)) && stuck(),
        None
        | Some(
            Status::Making
            | Status::Ready
            | Status::InUse
            | Status::Starting
            | Status::Stopping
            | Status::Updating
            | Status::Deleting
            | Status::Broken,
        ) => false,
    }
}

/// Whether the channel has just come up, or an event is being begun or ended.
pub(super) fn changing_over(record: &Record, now: Timestamp, limits: Limits) -> bool {
    let settle = limits.of_account(REMEDY_SETTLE_SECS);
    let broadcasts = &record.state.broadcasts;
    let up = record.state.live_since.is_none_or(|since| now.millis_since(since) < settle);
    let begun = broadcasts.on_air.as_ref().is_some_and(|it| now.millis_since(it.since) < settle);
    let ending = broadcasts.on_air.as_ref().is_some_and(|it| it.airing.end.millis_since(now) < settle);
    let coming = broadcasts.next.as_ref().is_some_and(|next| next.on_at.millis_since(now) < settle);
    up || begun || ending || coming
}
