//! AWS Elemental MediaLive: input security groups, inputs, channels, their states and events.

mod addresses;
mod admission;
mod alerts;
mod channels;
mod class;
mod failover;
mod groups;
mod inputs;
mod lifecycle;
mod publish;
mod schedule;
mod tags;
mod tokens;
mod types;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use alerts::{Alert, AlertFilter, AlertKind};
pub use schedule::{ActionKind, ActionStart, ScheduleAction, ScheduleChange};
pub use types::{
    Attachment, Channel, ChannelClass, ChannelState, CreateChannel, CreateInput, CreateInputSecurityGroup, GroupState,
    Input, InputDestination, InputSecurityGroup, InputSource, InputState, InputType, Measured, OutputGroup,
    PackagingRef, SourceState, UpdateChannel, UpdateInput, UpdateInputSecurityGroup,
};

/// MediaLive in one region. Ids are the keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MediaLive {
    pub groups: BTreeMap<String, InputSecurityGroup>,
    pub inputs: BTreeMap<String, Input>,
    pub channels: BTreeMap<String, Channel>,
    /// requestId, with the kind of resource in front, to what it made.
    tokens: BTreeMap<String, tokens::Token>,
    /// By channel, then by the action's name.
    #[serde(default)]
    schedules: BTreeMap<String, BTreeMap<String, schedule::Planned>>,
    /// By channel, oldest first.
    #[serde(default)]
    alerts: BTreeMap<String, Vec<Alert>>,
}

/// What a MediaLive timer does. `epoch` is the resource's at the time of setting: an outdated timer does nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    ChannelSettles { id: String, epoch: u64 },
    PipelineSettles { id: String, epoch: u64, pipeline: usize },
    PipelineRecovers { id: String, epoch: u64, pipeline: usize },
    InputSettles { id: String, epoch: u64 },
    GroupSettles { id: String, epoch: u64 },
    Publish { id: String },
    ActionStarts { id: String, action: String },
    Failover { id: String },
}
