//! Whether the account lets a channel be as it is asked for: inputs, packaging and quotas.

use serde_json::Value;

use super::{Attachment, Channel, ChannelClass, ChannelState, CreateChannel, InputState, PackagingRef};
use crate::world::{AwsError, Ms, World};

/// The quota of attachments, and of push inputs among them, of one channel (aws-facts 1.5).
const MOST_ATTACHMENTS: usize = 20;
const MOST_PUSH_ATTACHMENTS: usize = 2;

/// What is judged, of a new channel or of an edited one.
pub(super) struct Wanted<'a> {
    /// The channel's own id, when it exists already.
    own: Option<&'a str>,
    class: ChannelClass,
    attachments: &'a [Attachment],
    packaging: &'a [PackagingRef],
    uhd: bool,
    hevc: bool,
    /// Which attachment has which input for its failover.
    pairs: Vec<(usize, String)>,
}

/// The failover pairs that a channel's document asks for.
fn pairs(doc: &Value) -> Vec<(usize, String)> {
    let attachments = doc["inputAttachments"].as_array().into_iter().flatten().enumerate();
    let secondary = |(index, attachment): (usize, &Value)| {
        let id = attachment["automaticInputFailoverSettings"]["secondaryInputId"].as_str()?;
        Some((index, id.to_owned()))
    };
    attachments.filter_map(secondary).collect()
}

impl<'a> From<&'a CreateChannel> for Wanted<'a> {
    fn from(request: &'a CreateChannel) -> Self {
        Self {
            own: None,
            class: request.class,
            attachments: &request.attachments,
            packaging: &request.packaging,
            uhd: request.uhd,
            hevc: request.hevc,
            pairs: pairs(&request.doc),
        }
    }
}

impl<'a> From<&'a Channel> for Wanted<'a> {
    fn from(channel: &'a Channel) -> Self {
        Self {
            own: Some(&channel.id),
            class: channel.class,
            attachments: &channel.attachments,
            packaging: &channel.packaging,
            uhd: channel.uhd,
            hevc: channel.hevc,
            pairs: pairs(&channel.doc),
        }
    }
}

impl World {
    /// 422 with every defect, then 409 for inputs that are taken, then the quotas.
    pub(super) fn admit_channel(&mut self, region: &str, now: Ms, wanted: &Wanted<'_>) -> Result<(), AwsError> {
        let mut defects = self.attachment_defects(region, now, wanted);
        defects.extend(self.pair_defects(region, now, wanted));
        defects.extend(self.packaging_defects(region, now, wanted.packaging));
        if !defects.is_empty() {
            return Err(AwsError::invalid_elements(defects));
        }
        self.check_inputs_free(region, now, wanted)?;
        self.channel_quotas(region, now, wanted)
    }

    fn attachment_defects(&mut self, region: &str, now: Ms, wanted: &Wanted<'_>) -> Vec<(String, String)> {
        let mut defects = Vec::new();
        let mut push = 0;
        for (index, attachment) in wanted.attachments.iter().enumerate() {
            let path = format!("inputAttachments[{index}].inputId");
            let id = &attachment.input_id;
            if wanted.attachments[..index].iter().any(|other| other.input_id == *id) {
                defects.push((path, format!("Input {id} is attached more than once")));
                continue;
            }
            let Some(input) = self
                .input(region, now, id)
                .ok()
                .filter(|input| !matches!(input.state, InputState::Deleting | InputState::Deleted))
            else {
                defects.push((path, format!("Input {id} does not exist")));
                continue;
            };
            push += usize::from(input.kind.is_push());
            // A STANDARD channel takes only STANDARD inputs, a single one takes both (aws-facts 1.6).
            if wanted.class == ChannelClass::Standard && input.class != ChannelClass::Standard {
                let why = "Input {id} is SINGLE_PIPELINE; a STANDARD channel needs STANDARD inputs";
                defects.push((path, why.replace("{id}", id)));
            }
        }
        if wanted.attachments.len() > MOST_ATTACHMENTS {
            let why = format!("A channel takes at most {MOST_ATTACHMENTS} input attachments");
            defects.push(("inputAttachments".into(), why));
        }
        if push > MOST_PUSH_ATTACHMENTS {
            let why = format!("A channel takes at most {MOST_PUSH_ATTACHMENTS} push inputs");
            defects.push(("inputAttachments".into(), why));
        }
        defects
    }

    /// Both inputs of a failover pair have one type and one class, and none is pulled (aws-facts 1.8).
    fn pair_defects(&mut self, region: &str, now: Ms, wanted: &Wanted<'_>) -> Vec<(String, String)> {
        let pull_is_ok = self.switches.failover_of_pull_inputs;
        let mut defects = Vec::new();
        for (index, secondary) in &wanted.pairs {
            let Some(primary) = wanted.attachments.get(*index) else { continue };
            let first = self.input(region, now, &primary.input_id).map(|it| (it.kind, it.class));
            let second = self.input(region, now, secondary).map(|it| (it.kind, it.class));
            let (Ok(first), Ok(second)) = (first, second) else { continue };
            let path = format!("inputAttachments[{index}].automaticInputFailoverSettings.secondaryInputId");
            if first != second {
                let why = format!("Inputs {} and {secondary} differ in type or class", primary.input_id);
                defects.push((path, why));
            } else if !pull_is_ok && !first.0.can_fail_over() {
                let why = format!("Inputs of type {} cannot form a failover pair", first.0.as_str());
                defects.push((path, why));
            }
        }
        defects
    }

    /// The packaging channel has to exist, and for long enough that MediaLive sees it (aws-facts 1.7).
    fn packaging_defects(&mut self, region: &str, now: Ms, packaging: &[PackagingRef]) -> Vec<(String, String)> {
        let channels = &self.region(region).mediapackage.channels;
        packaging
            .iter()
            .filter(|wanted| channels.get(&wanted.channel_id).is_none_or(|channel| channel.visible_at > now))
            .map(|wanted| {
                let why = format!("MediaPackage channel ID {} is invalid", wanted.channel_id);
                (wanted.element_path.clone(), why)
            })
            .collect()
    }

    /// An input serves only one channel (aws-facts 1.2).
    fn check_inputs_free(&mut self, region: &str, now: Ms, wanted: &Wanted<'_>) -> Result<(), AwsError> {
        let strict = self.switches.attach_creating_input_conflicts;
        for attachment in wanted.attachments {
            let input = self.input(region, now, &attachment.input_id)?;
            let other = input.attached_channels.iter().find(|id| Some(id.as_str()) != wanted.own);
            if let Some(other) = other {
                return Err(AwsError::conflict(format!("Input {} is already attached to channel {other}", input.id)));
            }
            if strict && input.state == InputState::Creating {
                return Err(AwsError::conflict(format!("Input {} is still CREATING", input.id)));
            }
        }
        Ok(())
    }

    fn channel_quotas(&mut self, region: &str, now: Ms, wanted: &Wanted<'_>) -> Result<(), AwsError> {
        let channels = &mut self.region(region).medialive.channels;
        channels.retain(|_, channel| channel.forget_at.is_none_or(|at| at > now));
        let others: Vec<(bool, bool)> = channels
            .values()
            .filter(|channel| channel.state != ChannelState::Deleted)
            .filter(|channel| Some(channel.id.as_str()) != wanted.own)
            .map(|channel| (channel.uhd, channel.hevc))
            .collect();
        self.medialive_quota("medialive.channels", "channels", others.len())?;
        if wanted.uhd {
            let count = others.iter().filter(|(uhd, _)| *uhd).count();
            self.medialive_quota("medialive.uhd-channels", "UHD channels", count)?;
        }
        if wanted.hevc {
            let count = others.iter().filter(|(_, hevc)| *hevc).count();
            self.medialive_quota("medialive.hevc-channels", "HEVC channels", count)?;
        }
        Ok(())
    }

    pub(super) fn attach(&mut self, region: &str, channel: &str, attachments: &[Attachment]) {
        for attachment in attachments {
            let inputs = &mut self.region(region).medialive.inputs;
            if let Some(input) = inputs.get_mut(&attachment.input_id) {
                input.attached_channels = vec![channel.to_owned()];
                input.state = InputState::Attached;
                // It may still have been CREATING: that is over.
                input.epoch += 1;
            }
        }
    }

    pub(super) fn detach(&mut self, region: &str, channel: &str, attachments: &[Attachment]) {
        for attachment in attachments {
            let inputs = &mut self.region(region).medialive.inputs;
            let Some(input) = inputs.get_mut(&attachment.input_id) else {
                continue;
            };
            input.attached_channels.retain(|id| id != channel);
            if input.attached_channels.is_empty() && input.state == InputState::Attached {
                input.state = InputState::Detached;
            }
        }
    }
}
