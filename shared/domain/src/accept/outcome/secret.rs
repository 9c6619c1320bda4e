//! Takes in how far a rotation of the CDN's secret has come.

use crate::accept::{Note, note};
use crate::action::{Outcome, Verb};
use crate::limits::Limits;
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;

/// A secret just made has the newest version, and nobody knows another.
pub fn made(record: &mut Record, slot: &Slot, known: bool) {
    if *slot == Slot::Secret && !known {
        record.state.cdn_secret.in_use = record.state.cdn_secret.newest;
    }
}

/// After an update the new version is there; a look at the right time finds that MediaPackage knows it by now.
pub fn accept(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    if outcome.slot != Slot::Secret || record.object(&Slot::Secret).map(|object| &object.id) != outcome.id.as_ref() {
        return Vec::new();
    }
    let secret = &mut record.state.cdn_secret;
    if secret.newest == secret.in_use {
        return Vec::new();
    }
    let known = secret.put_at.is_some_and(|at| at.plus_millis(limits.secret_known_millis()) <= outcome.asked_at);
    match outcome.verb {
        Verb::Update if secret.put_at.is_none() => {
            secret.put_at = Some(now);
            vec![note("secret: a new version is there; the CDN follows when MediaPackage knows it")]
        }
        Verb::Observe if known => {
            secret.in_use = secret.newest;
            vec![note("secret: MediaPackage knows the new version; the CDN is given it")]
        }
        Verb::Create | Verb::Find | Verb::Observe | Verb::Compare | Verb::Start | Verb::Stop => Vec::new(),
        Verb::Disable | Verb::Update | Verb::Tag | Verb::Delete | Verb::Restart | Verb::Switch | Verb::Publish => {
            Vec::new()
        }
    }
}
