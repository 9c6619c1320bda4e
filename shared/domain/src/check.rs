//! A second opinion: what must hold for every record at every moment, stated without looking at the planner.
//! Tests run it after each step.

use crate::action::Verb;
use crate::limits::{OUTBOX_MOST, PAST_AIRINGS, REMEDIES_KEPT};
use crate::record::{Record, Want};
use crate::remedy::HOUR_MILLIS;
use std::collections::BTreeSet;

/// Everything that is wrong with a record; empty when it is sound.
pub fn check(record: &Record) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tokens = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (slot, state) in &record.state.slots {
        if (state.incarnation == 0) != state.token.is_empty() {
            wrong.push(format!("{slot}: incarnation {} with token {:?}", state.incarnation, state.token));
        }
        if !state.token.is_empty() && !tokens.insert(&state.token) {
            wrong.push(format!("{slot}: token {} is used twice", state.token));
        }
        if let Some(object) = &state.object {
            let kind = slot.to_string().split('/').next().unwrap_or_default().to_owned();
            if object.id.is_empty() || !ids.insert((kind, object.id.clone())) {
                wrong.push(format!("{slot}: object {:?} is empty or belongs to two slots", object.id));
            }
            if state.incarnation == 0 {
                wrong.push(format!("{slot}: has an object and never decided to make one"));
            }
        }
        if state.object.is_some() != state.seen.is_some() {
            wrong.push(format!("{slot}: object and observation do not go together"));
        }
        if state.object.is_none() && state.watch.is_some() {
            wrong.push(format!("{slot}: watches nothing"));
        }
        if state.object.is_some() && state.doing.as_ref().is_some_and(|doing| doing.verb == Verb::Create) {
            wrong.push(format!("{slot}: is being created and is there"));
        }
    }
    if record.state.gone_at.is_some() {
        let left = record.state.slots.iter().filter(|(_, s)| s.object.is_some() || s.unsettled_until.is_some());
        wrong.extend(left.map(|(slot, _)| format!("{slot}: left over in a platform that is gone")));
        if !record.state.strays.is_empty() || record.asked.intent.want != Want::Gone {
            wrong.push("gone, but not asked to go or with strays left".to_owned());
        }
        if record.state.broadcasts.on_air.is_some() {
            wrong.push("gone, and on air for an event".to_owned());
        }
    }
    if let Some(on_air) = &record.state.broadcasts.on_air {
        let airing = &on_air.airing;
        if !(airing.start < airing.end && airing.end <= airing.off_at) {
            wrong.push(format!("on air from {} to {} and off at {}", airing.start, airing.end, airing.off_at));
        }
        if record.state.broadcasts.look_at.is_none() && record.asked.intent.want != Want::Gone {
            wrong.push("on air for an event, and nobody looks when it is over".to_owned());
        }
    }
    if record.state.broadcasts.past.len() > PAST_AIRINGS {
        wrong.push(format!("{} occurrences are remembered", record.state.broadcasts.past.len()));
    }
    wrong.extend(remedies(record));
    wrong.extend(messages(record));
    if record.state.seen_generation > record.asked.generation {
        wrong.push("planned for a generation that nobody asked for".to_owned());
    }
    for stray in &record.state.strays {
        if record.object(&stray.slot).is_some_and(|object| object.id == stray.id) {
            wrong.push(format!("{}: {} is kept and stray at once", stray.slot, stray.id));
        }
    }
    wrong
}

/// What waits is the end of the sequence, without a gap.
fn messages(record: &Record) -> Vec<String> {
    let outbox = &record.state.outbox;
    let mut wrong = Vec::new();
    for (index, message) in record.messages.iter().rev().enumerate() {
        if message.sequence + index as u64 != outbox.number {
            wrong.push(format!("message {} of {} has place {index} from the end", message.sequence, outbox.number));
        }
    }
    if record.messages.len() > OUTBOX_MOST {
        wrong.push(format!("{} messages wait", record.messages.len()));
    }
    wrong
}

/// The guard-rail, in the journal itself: no hour has more remedies than its bound.
fn remedies(record: &Record) -> Vec<String> {
    let remedies = &record.state.remedies;
    let mut wrong = Vec::new();
    for last in &remedies.lately {
        let of_its_hour = |it: &&crate::remedy::Decided| (0..HOUR_MILLIS).contains(&last.at.millis_since(it.at));
        let count = remedies.lately.iter().filter(of_its_hour).count();
        if count > last.most as usize {
            wrong.push(format!("{count} remedies in the hour before {}, more than {}", last.at, last.most));
        }
    }
    if remedies.lately.len() > REMEDIES_KEPT {
        wrong.push(format!("{} remedies are remembered", remedies.lately.len()));
    }
    if remedies.doing.is_some() && remedies.look_at.is_none() {
        wrong.push("a remedy is under way, and nobody looks what becomes of it".to_owned());
    }
    wrong
}
