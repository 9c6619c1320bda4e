//! What the planner asks for and what comes back. One action is one effect on AWS; its outcome is accepted
//! into the record like any other event.

use crate::drift::Traits;
use crate::slot::{AlarmRegion, Slot};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The kind of effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Create,
    /// Look for the slot's objects by tag or name, because an answer was lost.
    Find,
    /// Describe the known object.
    Observe,
    /// Describe it, with all that matters of it.
    Compare,
    Start,
    Stop,
    /// Take a distribution out of service before it can be deleted (aws-facts 3.6).
    Disable,
    /// Change the object in place to what the spec now asks for.
    Update,
    /// Make the object's tags what the spec now asks for.
    Tag,
    Delete,
    /// Restart pipelines of the running channel.
    Restart,
    /// Put another input on air.
    Switch,
    /// Put messages on the bus.
    Publish,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `unsure` says that an earlier try may have taken effect: look first, adopt what is there.
    Create {
        slot: Slot,
        incarnation: u32,
        unsure: bool,
    },
    Find {
        slot: Slot,
        incarnation: u32,
    },
    Observe {
        slot: Slot,
        incarnation: u32,
        id: String,
    },
    Compare {
        slot: Slot,
        incarnation: u32,
        id: String,
    },
    Start {
        incarnation: u32,
        id: String,
    },
    Stop {
        incarnation: u32,
        id: String,
    },
    Disable {
        incarnation: u32,
        id: String,
    },
    Update {
        slot: Slot,
        incarnation: u32,
        id: String,
    },
    Tag {
        slot: Slot,
        incarnation: u32,
        id: String,
    },
    Delete {
        slot: Slot,
        incarnation: u32,
        id: String,
    },
    /// One call for all alarms of a region.
    DeleteAlarms {
        region: AlarmRegion,
        alarms: Vec<(Slot, u32, String)>,
    },
    /// `name` tells one remedy of a channel from all others.
    RestartPipelines {
        incarnation: u32,
        id: String,
        pipelines: Vec<u8>,
        name: String,
    },
    SwitchInput {
        incarnation: u32,
        id: String,
        input: String,
        name: String,
    },
    /// The messages that wait, up to this sequence.
    Publish {
        through: u64,
    },
    /// A second object of a slot that may have only one.
    DeleteStray {
        slot: Slot,
        id: String,
    },
}

impl Action {
    /// The verb, and every slot with its incarnation that the action works on.
    pub fn targets(&self) -> (Verb, Vec<(Slot, u32)>) {
        match self {
            Self::Create { slot, incarnation, .. } => (Verb::Create, vec![(slot.clone(), *incarnation)]),
            Self::Find { slot, incarnation } => (Verb::Find, vec![(slot.clone(), *incarnation)]),
            Self::Observe { slot, incarnation, .. } => (Verb::Observe, vec![(slot.clone(), *incarnation)]),
            Self::Compare { slot, incarnation, .. } => (Verb::Compare, vec![(slot.clone(), *incarnation)]),
            Self::Start { incarnation, .. } => (Verb::Start, vec![(Slot::Channel, *incarnation)]),
            Self::Stop { incarnation, .. } => (Verb::Stop, vec![(Slot::Channel, *incarnation)]),
            Self::Disable { incarnation, .. } => (Verb::Disable, vec![(Slot::Distribution, *incarnation)]),
            Self::Update { slot, incarnation, .. } => (Verb::Update, vec![(slot.clone(), *incarnation)]),
            Self::Tag { slot, incarnation, .. } => (Verb::Tag, vec![(slot.clone(), *incarnation)]),
            Self::Delete { slot, incarnation, .. } => (Verb::Delete, vec![(slot.clone(), *incarnation)]),
            Self::DeleteAlarms { alarms, .. } => {
                (Verb::Delete, alarms.iter().map(|(slot, incarnation, _)| (slot.clone(), *incarnation)).collect())
            }
            Self::RestartPipelines { incarnation, .. } => (Verb::Restart, vec![(Slot::Channel, *incarnation)]),
            Self::SwitchInput { incarnation, .. } => (Verb::Switch, vec![(Slot::Channel, *incarnation)]),
            // They are of no slot; the channel's outcomes are the nearest.
            Self::Publish { .. } => (Verb::Publish, vec![(Slot::Channel, 0)]),
            Self::DeleteStray { .. } => (Verb::Delete, Vec::new()),
        }
    }

    /// Whether an intention is saved before it: it changes something in the account, and is not written down already.
    pub fn mutates(&self) -> bool {
        !matches!(self.targets().0, Verb::Find | Verb::Observe | Verb::Compare | Verb::Publish)
    }
}

/// What AWS calls an object: everything that later steps and people need of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Object {
    pub id: String,
    pub arn: String,
    /// Ingest addresses of an input; playback addresses of an endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// The domain of a distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// The states of all kinds of objects, in one vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being made: MediaLive CREATING, CloudFront InProgress.
    Making,
    /// Made and at rest: channel IDLE, input DETACHED or ATTACHED, group IDLE, distribution Deployed.
    Ready,
    /// A security group that an input still holds.
    InUse,
    Starting,
    Running,
    Recovering,
    Stopping,
    Updating,
    Deleting,
    /// CREATE_FAILED or UPDATE_FAILED.
    Broken,
}

impl Status {
    /// Whether the object is there for good, neither on its way in nor out.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Making | Self::Deleting | Self::Broken)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub status: Status,
    /// Pipelines that run, of a channel.
    #[serde(default)]
    pub pipelines: u8,
    /// False only for a distribution that was taken out of service.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl Seen {
    pub fn new(status: Status) -> Self {
        Self { status, pipelines: 0, enabled: true }
    }
}

/// Why AWS did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// Too many calls; nothing happened.
    Throttled,
    /// No answer, or a server error: it may have happened, or may yet.
    Unsure,
    /// Another state has to come first; nothing happened.
    Conflict,
    /// A resource quota is used up.
    Quota,
    Denied,
    /// The request itself was refused.
    Rejected,
    /// We could not even ask: too little time left, or something of ours is missing.
    NotSent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// AWS's code, e.g. `ConflictException`.
    pub code: String,
    /// AWS's own words.
    pub message: String,
}

impl Refusal {
    pub fn new(kind: RefusalKind, code: &str, message: &str) -> Self {
        Self { kind, code: code.to_owned(), message: message.to_owned() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A create: the object is there (made now, or adopted).
    Made(Object, Seen),
    /// A find: all objects that carry the slot's name, the oldest first.
    Found(Vec<(Object, Seen)>),
    /// An update: what the object is like now.
    Changed(Object, Seen),
    /// An update that takes several steps: this one is done.
    Partly(Seen),
    /// The object has the tags.
    Tagged,
    /// A remedy was carried out; what came of it, a look will tell.
    Remedied,
    /// The bus has the messages up to this sequence.
    Published { through: u64 },
    /// An observation, or the state after a start, stop, disable or delete.
    Seen(Seen),
    /// A comparison: the object as AWS describes it.
    Compared(Object, Seen, Traits),
    /// It is not there (any more).
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub slot: Slot,
    pub incarnation: u32,
    pub verb: Verb,
    /// The object that the action worked on, where there was one; of a remedy, its name.
    pub id: Option<String>,
    /// When the action was begun: what it saw may be that old, since a function can freeze on the way back.
    pub asked_at: Timestamp,
    pub result: Result<Answer, Refusal>,
}
