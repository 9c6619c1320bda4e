//! What came of a remedy. Neither call has a token. A restart whose answer was lost counts as done and is never sent again: one
//! too many would be one more break of the picture. A switch is sent again until it is answered: its name is in the schedule
//! once it happened, and AWS takes no name twice (aws-facts 1.11).

use super::{Doing, Ending, Over, Remedy, cool_down, words};
use crate::accept::{Note, clipped, note};
use crate::action::{Answer, Outcome, Refusal, RefusalKind};
use crate::limits::Limits;
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;

/// Times that a call which surely did not happen, or a switch, is sent.
const SENT_MOST: u32 = 8;

pub(crate) fn answered(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    let doing = record.state.remedies.doing.take_if(|doing| Some(&doing.name) == outcome.id.as_ref());
    // What a function that was frozen says of one that is over.
    let Some(mut doing) = doing else { return Vec::new() };
    let what = words(&doing.remedy);
    let ending = match &outcome.result {
        Ok(Answer::Missing) => Ending::Refused,
        Ok(_) => Ending::Done,
        Err(refusal) if refusal.kind == RefusalKind::Unsure => Ending::Unknown,
        Err(_) => Ending::Refused,
    };
    record.state.remedies.over = Some(Over { name: doing.name.clone(), ending });
    let text = match &outcome.result {
        Ok(Answer::Missing) => format!("remedy: could not {what}: the channel is not there"),
        Ok(_) => format!("remedy: done: {what}"),
        Err(refusal) => match again(&doing, refusal) {
            true => {
                doing.unanswered = false;
                doing.retry_at = Some(now.plus_millis(limits.backoff_millis(doing.tries)));
                record.state.remedies.doing = Some(doing);
                return vec![note(format!("remedy: trying again after {}: {what}", refusal.code))];
            }
            false => failed(record, doing, refusal, now, limits),
        },
    };
    // What the channel is like now, a look will tell.
    if let Some(channel) = record.state.slots.get_mut(&Slot::Channel).filter(|state| state.object.is_some()) {
        channel.look_at = Some(now);
    }
    vec![note(text)]
}

/// Whether the call is sent again as it is.
fn again(doing: &Doing, refusal: &Refusal) -> bool {
    let may = match refusal.kind {
        RefusalKind::Throttled | RefusalKind::NotSent => true,
        RefusalKind::Unsure => matches!(doing.remedy, Remedy::SwitchInput(_)),
        RefusalKind::Conflict | RefusalKind::Quota | RefusalKind::Denied | RefusalKind::Rejected => false,
    };
    may && doing.tries < SENT_MOST
}

fn failed(record: &mut Record, doing: Doing, refusal: &Refusal, now: Timestamp, limits: Limits) -> String {
    let what = words(&doing.remedy);
    let remedies = &mut record.state.remedies;
    if refusal.kind == RefusalKind::Unsure {
        return format!("remedy: no answer came to: {what}: it counts as done");
    }
    if matches!(doing.remedy, Remedy::SwitchInput(_)) {
        remedies.switched = doing.before;
        if let Some(trouble) = &mut remedies.input {
            cool_down(trouble, now, limits);
        }
    }
    let (code, message) = (&refusal.code, clipped(&refusal.message, 200));
    format!("remedy: could not {what}: {code}: {message}")
}

/// The function that carried it out was never heard of again.
pub(crate) fn resumed(record: &mut Record, now: Timestamp) -> Option<Note> {
    let remedies = &mut record.state.remedies;
    let mut doing = remedies.doing.take_if(|doing| doing.unanswered)?;
    let what = words(&doing.remedy);
    if matches!(doing.remedy, Remedy::SwitchInput(_)) && doing.tries < SENT_MOST {
        doing.unanswered = false;
        remedies.doing = Some(doing);
        return Some(note(format!("remedy: interrupted: {what}; sent again under the same name")));
    }
    remedies.over = Some(Over { name: doing.name, ending: Ending::Unknown });
    if let Some(channel) = record.state.slots.get_mut(&Slot::Channel).filter(|state| state.object.is_some()) {
        channel.look_at = Some(now);
    }
    Some(note(format!("remedy: interrupted: {what}; it counts as done")))
}
