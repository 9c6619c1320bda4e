//! The record of one platform: what was asked (SPEC, written by API requests) and what is known and under way
//! (STATE, written by the lease holder). Bounded: a platform with every slot filled stays far under 64 KB.

use crate::action::{Action, Object, Refusal, RefusalKind, Seen, Verb};
use crate::broadcast::Broadcasts;
use crate::calendar::Calendar;
use crate::drift::Drift;
use crate::guard::Guard;
use crate::ids::PlatformKey;
use crate::limits::WaitKind;
use crate::meter::Meter;
use crate::outbox::{Message, Outbox};
use crate::remedy::Remedies;
use crate::request::{fingerprint, tag_print};
use crate::slot::Slot;
use crate::spec::Spec;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema version that this code writes.
pub const SCHEMA: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub asked: Asked,
    pub state: State,
    /// The CALENDAR item: planned events, written by API requests.
    #[serde(default)]
    pub calendar: Calendar,
    /// What the bus is not known to have, the oldest first: an item each.
    #[serde(default)]
    pub messages: Vec<Message>,
}

/// The SPEC item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub schema: u32,
    pub key: PlatformKey,
    pub created_at: Timestamp,
    pub spec: Spec,
    pub intent: Intent,
    /// Grows with each accepted change.
    pub generation: u64,
    /// Random part of the stream names, so that they cannot be guessed.
    pub stream_key: String,
    /// The same of inputs whose stream names have been rotated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rotated_stream_keys: BTreeMap<String, String>,
    /// How often people have asked for another CDN secret.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub secret_rotations: u32,
    /// Fields that a newer version wrote.
    #[serde(flatten)]
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub want: Want,
    /// A person, a planned event, a guard.
    pub by: String,
    pub at: Timestamp,
    /// When somebody last said start or stop. Against planned events only that counts, not what was changed since; who
    /// never said anything is in nobody's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    Idle,
    Live,
    Gone,
}

/// The STATE item's document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    pub schema: u32,
    /// The generation that the last plan was made for.
    pub seen_generation: u64,
    #[serde(default)]
    pub slots: BTreeMap<Slot, SlotState>,
    /// Second objects of slots, to be deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strays: Vec<Stray>,
    /// Alarms of ours that fire or have fired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alarms: BTreeMap<Slot, AlarmFact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "CdnSecret::is_first")]
    pub cdn_secret: CdnSecret,
    /// When the channel was last seen to begin running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_since: Option<Timestamp>,
    /// What planned events make of the channel.
    #[serde(default, skip_serializing_if = "Broadcasts::is_default")]
    pub broadcasts: Broadcasts,
    /// For how long the channel has run, and what that comes to.
    #[serde(default, skip_serializing_if = "Meter::is_default")]
    pub meter: Meter,
    /// The guard on the bill.
    #[serde(default, skip_serializing_if = "Guard::is_default")]
    pub guard: Guard,
    /// What is done about alarms.
    #[serde(default, skip_serializing_if = "Remedies::is_default")]
    pub remedies: Remedies,
    /// What somebody else has changed.
    #[serde(default, skip_serializing_if = "Drift::is_default")]
    pub drift: Drift,
    /// What was told last, and how sending goes.
    #[serde(default, skip_serializing_if = "Outbox::is_default")]
    pub outbox: Outbox,
    /// The moment that a delayed wake-up has been sent for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// The timeline entry that the next one may be folded into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_note: Option<LastNote>,
    #[serde(flatten)]
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

/// Which version of the CDN's secret is where. MediaPackage knows a new version only minutes after it was put, and
/// accepts the one before it until the next is put (aws-facts 2.6): the CDN follows later, and the next rotation
/// waits for the CDN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CdnSecret {
    /// The newest version that was put, or is being put; the first is 0.
    pub newest: u32,
    /// When the newest version is known to have been put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_at: Option<Timestamp>,
    /// The version that the CDN is to send.
    pub in_use: u32,
    /// `Asked::secret_rotations` as of the newest version.
    pub asked: u32,
}

impl CdnSecret {
    fn is_first(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastNote {
    pub ulid: String,
    pub text: String,
    pub count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmFact {
    pub firing: bool,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    pub slot: Slot,
    pub id: String,
    pub tries: u32,
    pub retry_at: Timestamp,
    /// Why it could not be deleted yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SlotState {
    /// How many objects the slot has had; 0 before the first was decided on.
    pub incarnation: u32,
    /// The token of this incarnation: request id, caller reference, or name.
    pub token: String,
    /// The intention that was saved and has not come true yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doing: Option<Doing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Fingerprint of the request that the object was made or last changed by; `None`: not known for sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<String>,
    /// Fingerprint of the producer's tags that the object carries; `None`: none of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged: Option<String>,
    /// When the object became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
    /// A look at the object is due then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// What is being waited for, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// An effect whose answer was lost may land until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled_until: Option<Timestamp>,
    /// Looks in a row that AWS refused.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused_looks: u32,
    /// An answer was lost at some time: before the object of a slot without a token is deleted for good, all that
    /// carry its tags are looked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubted: bool,
    /// Objects in a row that AWS could not make.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub broken: u32,
    /// The answer of an update was lost: when the doubt is over it is sent once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub update_doubted: bool,
    /// The same of a change of tags.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_doubted: bool,
    /// What a person has to fix before this slot can go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub kind: WatchKind,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchKind {
    Making,
    Starting,
    Stopping,
    Removing,
}

impl From<WatchKind> for WaitKind {
    fn from(kind: WatchKind) -> Self {
        match kind {
            WatchKind::Making => Self::Making,
            WatchKind::Starting => Self::Starting,
            WatchKind::Stopping => Self::Stopping,
            WatchKind::Removing => Self::Removing,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    pub verb: Verb,
    pub since: Timestamp,
    pub tries: u32,
    /// Sent, and no outcome recorded yet.
    pub unanswered: bool,
    /// An earlier try may have taken effect.
    pub unsure: bool,
    /// Fingerprint of the request of a create or an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Fingerprint of the producer's tags of a create or a change of tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// Why the last try did not succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub verb: Verb,
    pub kind: RefusalKind,
    pub code: String,
    /// AWS's own words.
    pub message: String,
    pub at: Timestamp,
}

impl Failure {
    /// What a person can do about it.
    pub fn cure(&self) -> &'static str {
        match self.kind {
            RefusalKind::Quota => {
                "raise the quota in AWS Service Quotas (or remove what is not needed), then POST retry"
            }
            RefusalKind::Denied => "give the function's role the permission that is named, then POST retry",
            RefusalKind::Rejected => {
                "AWS refused the configuration; correct what it names, then POST retry, or DELETE the platform"
            }
            RefusalKind::Conflict | RefusalKind::Throttled | RefusalKind::Unsure | RefusalKind::NotSent => {
                "see what else holds the resource in the AWS console, then POST retry"
            }
        }
    }
}

impl Intent {
    /// The same wish, of a change that says nothing about start and stop.
    #[must_use]
    pub fn kept(&self, by: &str, at: Timestamp) -> Self {
        Self { want: self.want, by: by.to_owned(), at, said_at: self.said_at }
    }
}

impl Record {
    pub fn slot(&self, slot: &Slot) -> Option<&SlotState> {
        self.state.slots.get(slot)
    }

    pub fn object(&self, slot: &Slot) -> Option<&Object> {
        self.slot(slot)?.object.as_ref()
    }

    pub fn seen(&self, slot: &Slot) -> Option<&Seen> {
        self.slot(slot)?.seen.as_ref()
    }

    /// The first failure, in slot order.
    pub fn failure(&self) -> Option<(&Slot, &Failure)> {
        self.state.slots.iter().find_map(|(slot, state)| Some((slot, state.failure.as_ref()?)))
    }

    /// Writes down what is about to be done. The only place where an incarnation moves on.
    pub fn intend(&mut self, actions: &[Action], now: Timestamp) {
        for action in actions.iter().filter(|action| action.mutates()) {
            let (verb, targets) = action.targets();
            if matches!(verb, Verb::Restart | Verb::Switch) {
                // Not the slot's own business: whatever comes of it, the channel stays what it is.
                self.state.remedies.sent();
                continue;
            }
            for (slot, incarnation) in targets {
                if verb == Verb::Create {
                    self.advance(&slot, incarnation, now);
                }
                if verb == Verb::Update && slot == Slot::Secret {
                    self.next_secret();
                }
                let request = matches!(verb, Verb::Create | Verb::Update).then(|| fingerprint(self, &slot)).flatten();
                let tags = matches!(verb, Verb::Create | Verb::Tag).then(|| tag_print(self)).flatten();
                let state = self.state.slots.entry(slot).or_default();
                state.intend(verb, request, tags, now);
            }
        }
    }

    /// The slot's next incarnation, if this is not it already. An object that it takes the place of becomes a stray,
    /// which goes when nothing refers to it any more.
    fn advance(&mut self, slot: &Slot, incarnation: u32, now: Timestamp) {
        let token = token(&self.asked.key.id, slot, incarnation);
        let state = self.state.slots.entry(slot.clone()).or_default();
        if state.incarnation >= incarnation {
            return;
        }
        let replaced = state.object.take().map(|object| Stray {
            slot: slot.clone(),
            id: object.id,
            tries: 0,
            retry_at: now,
            code: String::new(),
        });
        state.forget_object();
        state.incarnation = incarnation;
        state.token = token;
        self.state.strays.extend(replaced);
    }

    /// A version that is not known to have been put is put again, not followed by another.
    fn next_secret(&mut self) {
        let secret = &mut self.state.cdn_secret;
        if secret.newest == secret.in_use {
            *secret =
                CdnSecret { newest: secret.newest + 1, put_at: None, asked: self.asked.secret_rotations, ..*secret };
        }
    }
}

impl SlotState {
    fn intend(&mut self, verb: Verb, request: Option<String>, tags: Option<String>, now: Timestamp) {
        let before = self.doing.take().filter(|doing| doing.verb == verb);
        // Of two different requests one may have come through: which, an update will not have to know.
        let same = before.as_ref().is_none_or(|before| before.request == request);
        let same_tags = before.as_ref().is_none_or(|before| before.tags == tags);
        self.doing = Some(Doing {
            verb,
            since: before.as_ref().map_or(now, |doing| doing.since),
            tries: before.as_ref().map_or(1, |doing| doing.tries.saturating_add(1)),
            unanswered: true,
            unsure: before.is_some_and(|doing| doing.unsure),
            request: request.filter(|_| same),
            tags: if same_tags { tags } else { Some(UNKNOWN_TAGS.to_owned()) },
            retry_at: None,
            refusal: None,
        });
    }
}

/// Of two different sets of tags one may have come through.
pub(crate) const UNKNOWN_TAGS: &str = "?";

/// The token of an incarnation: unique in the account, legal in every name it is used in.
fn token(platform: &str, slot: &Slot, incarnation: u32) -> String {
    format!("hl-{platform}-{}-{incarnation}", slot.to_string().replace('/', "-"))
}
