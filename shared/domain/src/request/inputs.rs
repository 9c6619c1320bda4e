//! The requests for inputs and for the channel that they are attached to.

use super::Requests;
use crate::slot::Slot;
use crate::spec::{
    ArchiveSpec, AudioSpec, CaptionSpec, ChannelClass, FailoverConditions, FailoverPreference, FailoverSpec, InputKind,
    InputLossSpec, InputSpec, InputSpecification, Ladder, SrtSpec,
};
use serde::Serialize;
use std::collections::BTreeMap;

// Members that were added later are left out of the fingerprint where nothing is said, so that a channel of before
// is not changed for nothing.
#[derive(Serialize)]
pub struct InputRequest {
    pub request_id: String,
    pub name: String,
    pub kind: InputKind,
    pub group_id: Option<String>,
    /// `app/instance` of an RTMP push input. Always two, which makes it class STANDARD: a single-pipeline channel takes
    /// that too, and can become a standard one without new addresses (aws-facts 1.6).
    pub stream_names: Vec<String>,
    pub sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// ARNs of MediaConnect flows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub srt: Option<SrtSpec>,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

impl InputRequest {
    /// What AWS cannot change of an input: its type, its stream names, and its class, which follows from the number of
    /// sources (aws-facts 1.6, 1.8).
    pub(super) fn fixed(&self) -> impl Serialize {
        let callers = self.srt.as_ref().map_or(0, |srt| srt.sources.len());
        (self.kind, self.stream_names.clone(), self.sources.len(), self.flows.len(), callers)
    }
}

/// Who MediaLive is to every source of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Login {
    pub username: String,
    /// The name of the parameter that holds the password.
    pub password_parameter: String,
}

#[derive(Serialize)]
pub struct ChannelRequest {
    pub request_id: String,
    pub name: String,
    pub class: ChannelClass,
    pub attachments: Vec<Attachment>,
    pub input_specification: InputSpecification,
    pub packaging_id: String,
    /// Base of the archive's file names under the stack's bucket, one per pipeline; empty without archive.
    pub archive_keys: Vec<String>,
    pub archive: ArchiveSpec,
    pub ladder: Ladder,
    pub audio: Vec<AudioSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<CaptionSpec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_loss: Option<InputLossSpec>,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

impl ChannelRequest {
    /// The same for a channel that has another class for now: one archive address per pipeline (aws-facts 1.6).
    pub fn in_class(mut self, class: ChannelClass) -> Self {
        if let Some(first) = self.archive_keys.first().cloned() {
            let key = |pipeline: u8| first.replacen("/p0/", &format!("/p{pipeline}/"), 1);
            self.archive_keys = (0..class.pipelines()).map(key).collect();
        }
        self.class = class;
        self
    }
}

#[derive(Serialize)]
pub struct Attachment {
    pub name: String,
    pub input_id: String,
    pub kind: InputKind,
    /// A file begins again when it has ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub loops: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<Failover>,
}

/// What takes over from the attachment's input, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failover {
    pub secondary_id: String,
    pub preference: FailoverPreference,
    pub clear_time_ms: u32,
    pub conditions: FailoverConditions,
}

impl Requests<'_> {
    pub fn input(&self, input: &str) -> Option<InputRequest> {
        let slot = Slot::Input(input.to_owned());
        let spec = self.spec().input(input)?;
        let group_id = if spec.kind.is_push() { Some(self.id(&Slot::Group(input.to_owned()))?) } else { None };
        let stream_names = match spec.kind {
            InputKind::RtmpPush => {
                let asked = &self.record.asked;
                let key = asked.rotated_stream_keys.get(input).unwrap_or(&asked.stream_key);
                ["a", "b"].iter().map(|instance| format!("{input}-{key}/{instance}")).collect()
            }
            InputKind::RtpPush
            | InputKind::SrtListener
            | InputKind::UrlPull
            | InputKind::RtmpPull
            | InputKind::Mp4File
            | InputKind::SrtCaller
            | InputKind::MediaConnect => Vec::new(),
        };
        let token = self.token(&slot)?;
        Some(InputRequest {
            request_id: token.clone(),
            name: token,
            kind: spec.kind,
            group_id,
            stream_names,
            sources: spec.urls.clone(),
            login: login(spec),
            flows: spec.flows.clone(),
            srt: spec.srt.clone(),
            tags: self.tags(&slot),
        })
    }

    pub fn channel(&self) -> Option<ChannelRequest> {
        let slot = Slot::Channel;
        let spec = self.spec();
        let attachments = spec.inputs.iter().map(|input| self.attachment(input));
        let token = self.token(&slot)?;
        let id = &self.record.asked.key.id;
        let archive_keys = (0..spec.channel_class.pipelines())
            .filter(|_| spec.archive.enabled)
            .map(|pipeline| format!("archives/{id}/p{pipeline}/{id}"))
            .collect();
        Some(ChannelRequest {
            request_id: token.clone(),
            name: token,
            class: spec.channel_class,
            attachments: attachments.collect::<Option<_>>()?,
            input_specification: spec.input_specification.clone(),
            packaging_id: self.id(&Slot::Packaging)?,
            archive_keys,
            archive: spec.archive.clone(),
            ladder: spec.ladder.clone(),
            audio: spec.audio.clone(),
            captions: spec.captions.clone(),
            input_loss: spec.input_loss.clone(),
            tags: self.tags(&slot),
        })
    }

    fn attachment(&self, input: &InputSpec) -> Option<Attachment> {
        let id = |name: &str| self.id(&Slot::Input(name.to_owned()));
        let pair = |failover: &FailoverSpec| {
            Some(Failover {
                secondary_id: id(&failover.input)?,
                preference: failover.preference,
                clear_time_ms: failover.clear_time_ms,
                conditions: failover.conditions.clone(),
            })
        };
        Some(Attachment {
            name: input.name.clone(),
            input_id: id(&input.name)?,
            kind: input.kind,
            loops: input.loops,
            failover: match &input.failover {
                Some(failover) => Some(pair(failover)?),
                None => None,
            },
        })
    }
}

fn login(spec: &InputSpec) -> Option<Login> {
    Some(Login { username: spec.username.clone()?, password_parameter: spec.password_parameter.clone()? })
}
