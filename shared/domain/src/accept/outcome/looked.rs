//! Looks that AWS refused.

use crate::accept::{Note, clipped, note};
use crate::action::{Refusal, RefusalKind, Verb};
use crate::limits::Limits;
use crate::record::{Failure, SlotState};
use crate::slot::Slot;
use crate::time::Timestamp;

/// A look that failed changes nothing but the time of the next one; only a missing permission is final.
pub(super) fn refused(
    state: &mut SlotState,
    slot: &Slot,
    who: &str,
    verb: Verb,
    refusal: &Refusal,
    now: Timestamp,
    limits: Limits,
) -> Vec<Note> {
    if refusal.kind == RefusalKind::Denied {
        let message = clipped(&refusal.message, 600);
        state.failure =
            Some(Failure { verb, kind: refusal.kind, code: refusal.code.clone(), message: message.clone(), at: now });
        return vec![note(format!("{slot}: AWS refused: {}: {message}", refusal.code))];
    }
    state.refused_looks = state.refused_looks.saturating_add(1);
    let waited = state.watch.as_ref().map_or(0, |watch| now.millis_since(watch.since));
    let pause = limits.pause_millis(refusal.kind, state.refused_looks.saturating_add(1), who).max(waited / 20);
    state.look_at = Some(now.plus_millis(pause));
    Vec::new()
}
