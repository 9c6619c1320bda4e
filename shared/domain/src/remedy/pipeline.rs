//! A pipeline that has alerts although video arrives: it is restarted, and where that does not help, all pipelines are.

use super::{Remedy, Trouble, Wish};
use crate::accept::{Note, note};
use crate::limits::{ALERTS_HOLD_SECS, Limits, REMEDIES_MOST, RESTART_SPACING_SECS};
use crate::record::Record;
use crate::slot::{AlarmKind, Slot};
use crate::time::Timestamp;

fn alarm(pipeline: u8) -> Slot {
    Slot::Alarm(AlarmKind::ActiveAlerts(pipeline))
}

fn pipelines(record: &Record) -> std::ops::Range<u8> {
    0..record.asked.spec.channel_class.pipelines()
}

/// Opens and closes troubles as the alarms say.
pub(super) fn track(record: &mut Record, now: Timestamp, limits: Limits) -> Vec<Note> {
    let mut notes = Vec::new();
    let clear = i64::from(record.asked.spec.remediation.clear_seconds);
    let known: Vec<Slot> = pipelines(record).map(alarm).collect();
    record.state.remedies.pipelines.retain(|slot, _| known.contains(slot));
    for slot in known {
        let fact = record.state.alarms.get(&slot).cloned();
        let troubles = &mut record.state.remedies.pipelines;
        let Some(fact) = fact else {
            troubles.remove(&slot);
            continue;
        };
        if fact.firing {
            let opened = Trouble { since: fact.at, ok_since: None, tries: 0, not_before: fact.at, told: None };
            let trouble = troubles.entry(slot.clone()).or_insert(opened);
            trouble.ok_since = None;
            let spent = trouble.tries >= REMEDIES_MOST && now >= trouble.not_before;
            if spent && trouble.told != Some(super::Held::GivenUp) {
                trouble.told = Some(super::Held::GivenUp);
                let tries = trouble.tries;
                notes.push(note(format!(
                    "remedy: {slot} is still in ALARM after {tries} restarts: given up; see the channel's alerts in MediaLive"
                )));
            }
            continue;
        }
        let Some(trouble) = troubles.get_mut(&slot) else { continue };
        let ok_since = *trouble.ok_since.get_or_insert(fact.at);
        if now.millis_since(ok_since) >= limits.of_account(clear) {
            let tries = trouble.tries;
            troubles.remove(&slot);
            if tries > 0 {
                notes.push(note(format!("remedy: {slot} has been OK for {clear} s, after {tries} restart(s)")));
            }
        }
    }
    notes
}

pub(super) fn wish(record: &Record, now: Timestamp, limits: Limits) -> Option<Wish> {
    if spaced_until(record, limits).is_some_and(|until| until > now) {
        return None;
    }
    let firing = |slot: &Slot| record.state.alarms.get(slot).is_some_and(|fact| fact.firing);
    pipelines(record).find_map(|pipeline| {
        let slot = alarm(pipeline);
        let trouble = record.state.remedies.pipelines.get(&slot)?;
        let due = now >= trouble.since.plus_millis(limits.of_account(ALERTS_HOLD_SECS)) && now >= trouble.not_before;
        // Where no video arrives there is an alert about that, and no restart brings the video back.
        let video = !firing(&Slot::Alarm(AlarmKind::InputLoss(pipeline)));
        if !due || !video || !firing(&slot) || trouble.tries >= REMEDIES_MOST {
            return None;
        }
        let which = if trouble.tries == 0 { vec![pipeline] } else { pipelines(record).collect() };
        let secs = now.millis_since(trouble.since) / 1000;
        let after = match trouble.tries {
            0 => String::new(),
            tries => format!(" after {tries} restart(s)"),
        };
        let seen = format!("{slot} has been in ALARM for {secs} s{after} while video arrives");
        Some(Wish { about: Some(slot), remedy: Remedy::RestartPipelines(which), seen, last: false })
    })
}

/// Until when the next restart waits for the last one.
fn spaced_until(record: &Record, limits: Limits) -> Option<Timestamp> {
    let lately = record.state.remedies.lately.iter().rev();
    let mut restarts = lately.filter(|it| matches!(it.remedy, Remedy::RestartPipelines(_)));
    Some(restarts.next()?.at.plus_millis(limits.of_account(RESTART_SPACING_SECS)))
}

/// When the troubles look different by time alone.
pub(super) fn moments(record: &Record, now: Timestamp, limits: Limits) -> Vec<Timestamp> {
    let clear = i64::from(record.asked.spec.remediation.clear_seconds);
    let of = |trouble: &Trouble| match trouble.ok_since {
        Some(ok_since) => vec![ok_since.plus_millis(limits.of_account(clear))],
        None => vec![trouble.since.plus_millis(limits.of_account(ALERTS_HOLD_SECS)), trouble.not_before],
    };
    let mut moments: Vec<Timestamp> = record.state.remedies.pipelines.values().flat_map(of).collect();
    if !moments.is_empty() {
        moments.extend(spaced_until(record, limits));
    }
    moments.retain(|at| *at > now);
    moments
}
