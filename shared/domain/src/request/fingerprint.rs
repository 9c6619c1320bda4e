//! Short names of what objects are to be like, so that a record says whether an object is as the spec asks, and
//! whether a difference can be changed in place.

use super::Requests;
use crate::record::{CdnSecret, Record};
use crate::slot::Slot;
use sha2::{Digest, Sha256};

/// Between the part of an input's fingerprint that AWS cannot change and the rest.
const PART: char = '.';

/// Whether AWS changes the slot's object in place, at least in part.
pub fn updatable(slot: &Slot) -> bool {
    match slot {
        Slot::Group(_) | Slot::Input(_) | Slot::Channel | Slot::Endpoint(_) | Slot::Distribution | Slot::Alarm(_) => {
            true
        }
        // The secret has versions of its own (`CdnSecret`).
        Slot::Secret | Slot::Packaging => false,
    }
}

/// What the slot's object is to be like, tags left out. `None` while something that it is built from is not there yet,
/// or the spec does not ask for the slot.
pub fn fingerprint(record: &Record, slot: &Slot) -> Option<String> {
    let requests = Requests { record, stack: "" };
    let json = match slot {
        Slot::Group(input) => serde_json::to_vec(&requests.group(input)?),
        Slot::Input(input) => {
            let request = requests.input(input)?;
            let fixed = serde_json::to_vec(&request.fixed()).ok()?;
            let all = serde_json::to_vec(&request).ok()?;
            return Some(format!("{}{PART}{}", short(&fixed), short(&all)));
        }
        Slot::Secret => serde_json::to_vec(&requests.secret()?),
        Slot::Packaging => serde_json::to_vec(&requests.packaging()?),
        Slot::Endpoint(format) => serde_json::to_vec(&requests.endpoint(*format)?),
        Slot::Channel => serde_json::to_vec(&requests.channel()?),
        Slot::Distribution => serde_json::to_vec(&requests.distribution()?),
        Slot::Alarm(kind) => serde_json::to_vec(&requests.alarm(*kind)?),
    };
    Some(short(&json.ok()?))
}

fn short(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..8])
}

/// Whether the object of `applied` has to be replaced to become what `wanted` says. Where nothing is known of it, the
/// two may differ in what cannot be changed.
pub fn replaces(slot: &Slot, applied: Option<&String>, wanted: &str) -> bool {
    let Slot::Input(_) = slot else { return false };
    let fixed = |print: &str| print.split(PART).next().map(str::to_owned);
    applied.and_then(|applied| fixed(applied)) != fixed(wanted)
}

/// What is still known of an object when it is not known which of two updates it has seen.
pub fn after_doubt(applied: Option<String>) -> Option<String> {
    let (fixed, _) = applied.as_deref()?.split_once(PART)?;
    Some(format!("{fixed}{PART}"))
}

/// Whether the slot's object is what the spec asks for, as far as AWS can be made to change it.
pub fn current(record: &Record, slot: &Slot) -> bool {
    let Some(state) = record.slot(slot).filter(|state| state.object.is_some()) else { return false };
    let same = !updatable(slot) || (state.applied.is_some() && state.applied == fingerprint(record, slot));
    let secret = &record.state.cdn_secret;
    let rotated = secret.newest == secret.in_use && secret.asked == record.asked.secret_rotations;
    same && state.tagged == tag_print(record) && (*slot != Slot::Secret || rotated)
}

/// The producer's tags; `None` when there are none.
pub fn tag_print(record: &Record) -> Option<String> {
    let tags = &record.asked.spec.tags;
    let json = serde_json::to_vec(tags).ok().filter(|_| !tags.is_empty())?;
    Some(hex::encode(&Sha256::digest(json)[..4]))
}

/// The id of a version of the CDN's secret: the token that it is put with, so that putting it twice is putting it once
/// (aws-facts 5.2).
pub fn secret_version(record: &Record, version: u32) -> Option<String> {
    let token = &record.slot(&Slot::Secret)?.token;
    (!token.is_empty()).then(|| hex::encode(&Sha256::digest(format!("{token} {version}"))[..16]))
}

/// Whether the newest secret has reached every edge of the CDN, so that the next may be put.
pub fn secret_is_everywhere(record: &Record) -> bool {
    let CdnSecret { newest, in_use, .. } = record.state.cdn_secret;
    let deployed = record.seen(&Slot::Distribution).is_some_and(|seen| seen.status == crate::action::Status::Ready);
    newest == in_use && deployed && current(record, &Slot::Distribution)
}
