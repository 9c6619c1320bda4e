//! MediaLive's resources and requests, as far as the state machine needs them; the rest of the wire is in `doc`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::{Ms, Tags};

/// Gives an enum the words that AWS uses on the wire.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// From the word on the wire.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(
    /// aws-facts 1.2.
    ChannelState {
        Creating = "CREATING", CreateFailed = "CREATE_FAILED", Idle = "IDLE", Starting = "STARTING",
        Running = "RUNNING", Recovering = "RECOVERING", Stopping = "STOPPING", Deleting = "DELETING",
        Deleted = "DELETED", Updating = "UPDATING", UpdateFailed = "UPDATE_FAILED",
    }
);
words!(
    /// aws-facts 1.2.
    InputState {
        Creating = "CREATING", Detached = "DETACHED", Attached = "ATTACHED", Deleting = "DELETING",
        Deleted = "DELETED",
    }
);
words!(
    /// aws-facts 1.2.
    GroupState { Idle = "IDLE", InUse = "IN_USE", Updating = "UPDATING", Deleted = "DELETED" }
);
words!(
    /// Of channels and of inputs (aws-facts 1.6).
    ChannelClass { Standard = "STANDARD", SinglePipeline = "SINGLE_PIPELINE" }
);
words!(
    /// aws-facts 1.8.
    InputType {
        RtmpPush = "RTMP_PUSH", RtpPush = "RTP_PUSH", UdpPush = "UDP_PUSH", UrlPull = "URL_PULL",
        RtmpPull = "RTMP_PULL", Mp4File = "MP4_FILE", TsFile = "TS_FILE", MediaConnect = "MEDIACONNECT",
        SrtCaller = "SRT_CALLER", SrtListener = "SRT_LISTENER", AwsCdi = "AWS_CDI", InputDevice = "INPUT_DEVICE",
    }
);
words!(
    /// What the simulated source of an input sends. Not an AWS term.
    SourceState { On = "on", Off = "off", Degraded = "degraded" }
);

impl ChannelClass {
    pub fn pipelines(self) -> usize {
        match self {
            Self::Standard => 2,
            Self::SinglePipeline => 1,
        }
    }
}

impl InputType {
    /// Push inputs have addresses of their own and a quota of their own (aws-facts 1.5).
    pub fn is_push(self) -> bool {
        matches!(self, Self::RtmpPush | Self::RtpPush | Self::UdpPush | Self::SrtListener)
    }

    /// Whether two inputs of the type can be a failover pair (aws-facts 1.8: push, CDI and MediaConnect).
    pub fn can_fail_over(self) -> bool {
        self.is_push() || matches!(self, Self::AwsCdi | Self::MediaConnect)
    }
}

#[derive(Clone, Debug, Default)]
pub struct CreateInputSecurityGroup {
    pub cidrs: Vec<String>,
    pub tags: Tags,
}

/// What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateInputSecurityGroup {
    pub id: String,
    pub cidrs: Option<Vec<String>>,
    pub tags: Option<Tags>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputSecurityGroup {
    pub id: String,
    pub arn: String,
    pub state: GroupState,
    pub cidrs: Vec<String>,
    /// Ids of the inputs that use it and still exist.
    pub inputs: Vec<String>,
    pub tags: Tags,
    /// DELETED: until when it can still be described.
    pub(crate) forget_at: Option<Ms>,
    pub(crate) epoch: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSource {
    pub url: String,
    pub username: Option<String>,
    pub password_param: Option<String>,
}

/// Where a push input listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDestination {
    pub ip: String,
    pub port: String,
    pub url: String,
}

#[derive(Clone, Debug)]
pub struct CreateInput {
    pub request_id: Option<String>,
    pub name: String,
    pub kind: InputType,
    pub security_groups: Vec<String>,
    /// RTMP push: `app/instance`, one for each endpoint.
    pub stream_names: Vec<String>,
    pub sources: Vec<InputSource>,
    /// MediaConnect flow ARNs.
    pub flows: Vec<String>,
    pub role_arn: Option<String>,
    /// The input stands in a VPC of the customer and needs no security group.
    pub in_vpc: bool,
    pub tags: Tags,
    pub doc: Value,
}

impl CreateInput {
    /// A request with nothing but a name and a type.
    pub fn new(name: impl Into<String>, kind: InputType) -> Self {
        Self {
            request_id: None,
            name: name.into(),
            kind,
            security_groups: Vec::new(),
            stream_names: Vec::new(),
            sources: Vec::new(),
            flows: Vec::new(),
            role_arn: None,
            in_vpc: false,
            tags: Tags::new(),
            doc: Value::Null,
        }
    }
}

/// What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateInput {
    pub id: String,
    pub name: Option<String>,
    pub security_groups: Option<Vec<String>>,
    pub stream_names: Option<Vec<String>>,
    pub sources: Option<Vec<InputSource>>,
    pub flows: Option<Vec<String>>,
    pub role_arn: Option<String>,
    /// Members replace those of the input's document, one by one.
    pub doc: Value,
}

/// What was counted at a real source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Frames per second.
    pub frame_rate: f64,
    /// Megabits per second, where they were counted.
    pub megabits: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub id: String,
    pub arn: String,
    pub name: String,
    pub kind: InputType,
    pub class: ChannelClass,
    pub state: InputState,
    pub security_groups: Vec<String>,
    pub stream_names: Vec<String>,
    pub destinations: Vec<InputDestination>,
    pub sources: Vec<InputSource>,
    pub flows: Vec<String>,
    pub role_arn: Option<String>,
    /// At most one (aws-facts 1.2).
    pub attached_channels: Vec<String>,
    pub tags: Tags,
    pub created_at: Ms,
    pub source: SourceState,
    /// Since when it has been so.
    #[serde(default)]
    pub source_since: Ms,
    /// What really comes in, where pictures are made.
    #[serde(default)]
    pub measured: Option<Measured>,
    pub doc: Value,
    pub(crate) forget_at: Option<Ms>,
    pub(crate) epoch: u64,
}

/// One of a channel's `inputAttachments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub input_id: String,
}

/// A MediaPackage channel that an output group sends to, and the element that MediaLive blames if it is not there:
/// `outputGroups[i].outputGroupSettings.destination.channelId`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagingRef {
    pub element_path: String,
    pub channel_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputGroup {
    pub name: String,
    pub outputs: u32,
}

#[derive(Clone, Debug)]
pub struct CreateChannel {
    pub request_id: Option<String>,
    pub name: String,
    pub class: ChannelClass,
    pub role_arn: String,
    pub attachments: Vec<Attachment>,
    pub packaging: Vec<PackagingRef>,
    pub output_groups: Vec<OutputGroup>,
    /// An output is larger than 1920x1080 (counts under the UHD quota, aws-facts 1.5, 1.9).
    pub uhd: bool,
    /// An output is HEVC.
    pub hevc: bool,
    /// Validate, create nothing.
    pub dry_run: bool,
    pub tags: Tags,
    pub doc: Value,
}

impl CreateChannel {
    /// A request with nothing but a name and a class.
    pub fn new(name: impl Into<String>, class: ChannelClass) -> Self {
        Self {
            request_id: None,
            name: name.into(),
            class,
            role_arn: String::new(),
            attachments: Vec::new(),
            packaging: Vec::new(),
            output_groups: Vec::new(),
            uhd: false,
            hevc: false,
            dry_run: false,
            tags: Tags::new(),
            doc: Value::Null,
        }
    }
}

/// What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateChannel {
    pub id: String,
    pub name: Option<String>,
    pub role_arn: Option<String>,
    pub attachments: Option<Vec<Attachment>>,
    pub packaging: Option<Vec<PackagingRef>>,
    pub output_groups: Option<Vec<OutputGroup>>,
    pub uhd: Option<bool>,
    pub hevc: Option<bool>,
    pub dry_run: bool,
    /// Members replace those of the channel's document, one by one.
    pub doc: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    pub id: String,
    pub arn: String,
    pub name: String,
    pub class: ChannelClass,
    pub state: ChannelState,
    pub role_arn: String,
    pub attachments: Vec<Attachment>,
    pub packaging: Vec<PackagingRef>,
    pub output_groups: Vec<OutputGroup>,
    pub uhd: bool,
    pub hevc: bool,
    /// Which pipelines run; a SINGLE_PIPELINE channel has only the first.
    pub pipelines: [bool; 2],
    pub tags: Tags,
    pub created_at: Ms,
    pub doc: Value,
    /// The schedule's last input switch: attachment and action (aws-facts 1.11).
    #[serde(default)]
    pub switched_to: Option<(String, String)>,
    /// The secondary of a failover pair is in use.
    #[serde(default)]
    pub failed_over: bool,
    /// Pipelines whose outputs fail although they run, until they are restarted.
    #[serde(default)]
    pub(crate) stuck: [bool; 2],
    /// Alerts that are SET, by pipeline: the alarm's id.
    pub(crate) alerts: BTreeMap<usize, String>,
    /// Pipelines that have not yet reached where the state is going.
    pub(crate) pending: usize,
    /// A publishing timer is set.
    pub(crate) publishing: bool,
    pub(crate) forget_at: Option<Ms>,
    pub(crate) epoch: u64,
}

impl Channel {
    /// `pipelinesRunningCount`.
    pub fn pipelines_running(&self) -> usize {
        self.pipelines.iter().filter(|running| **running).count()
    }

    /// The attachment in use: the chosen one, or the secondary of its pair (aws-facts 1.8).
    pub fn active_attachment(&self) -> Option<&Attachment> {
        let chosen = self.chosen_attachment()?;
        let settings = self.failover_settings(&chosen.input_id).filter(|_| self.failed_over);
        let secondary =
            settings.and_then(|it| self.attachments.iter().find(|other| it["secondaryInputId"] == *other.input_id));
        secondary.or(Some(chosen))
    }

    /// The first, until the schedule has switched to another (aws-facts 1.8, 1.11).
    pub(super) fn chosen_attachment(&self) -> Option<&Attachment> {
        let wanted = self.switched_to.as_ref().map(|(attachment, _)| attachment);
        let switched = wanted.and_then(|name| self.attachments.iter().find(|it| it.name == *name));
        switched.or(self.attachments.first())
    }
}
