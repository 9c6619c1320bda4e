//! Plans the rotation of the CDN's secret so that no viewer sees a 403 (aws-facts 2.6): put a new version, wait until
//! MediaPackage knows it, then give it to the CDN. The version before stays good all the while.

use super::{Step, WaitReason, pause, wait};
use crate::action::{Action, Verb};
use crate::limits::Limits;
use crate::record::{Record, SlotState};
use crate::request;
use crate::slot::Slot;
use crate::time::Timestamp;

const DAY_SECS: i64 = 86_400;

pub fn rotate(record: &Record, state: &SlotState, now: Timestamp, limits: Limits) -> Step {
    let Some(object) = &state.object else { return Step::Rest };
    let (slot, incarnation, id) = (Slot::Secret, state.incarnation, object.id.clone());
    let put = |id| {
        let update = Action::Update { slot: Slot::Secret, incarnation, id };
        pause(&Slot::Secret, state, Verb::Update, now).unwrap_or(Step::Act(update))
    };
    let secret = &record.state.cdn_secret;
    if secret.newest != secret.in_use {
        let Some(put_at) = secret.put_at else { return put(id) };
        let known_at = put_at.plus_millis(limits.secret_known_millis());
        if known_at > now {
            return wait(&slot, WaitReason::SecretSpreads, known_at);
        }
        return Step::Act(Action::Observe { slot, incarnation, id });
    }
    // Of three versions MediaPackage accepts two: edges must have left the oldest before the next is put.
    if !request::secret_is_everywhere(record) {
        return Step::Rest;
    }
    if record.asked.secret_rotations > secret.asked {
        return put(id);
    }
    match due(record, state) {
        Some(due) if due <= now => put(id),
        Some(due) => wait(&slot, WaitReason::Scheduled, due),
        None => Step::Rest,
    }
}

/// When the schedule asks for the next version.
fn due(record: &Record, state: &SlotState) -> Option<Timestamp> {
    let days = i64::from(record.asked.spec.cdn_secret.as_ref()?.rotate_every_days);
    let last = record.state.cdn_secret.put_at.max(state.made_at)?;
    Some(last.plus_secs(days * DAY_SECS))
}
