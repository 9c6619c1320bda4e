//! What a change of a spec touches: which fields, and whether the channel may be on air meanwhile.

use super::{AudioLayout, InputSpec, Spec};

/// When a field can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    OnAir,
    /// The channel's encoder settings and attachments change while it is IDLE only (aws-facts 1.2).
    Idle,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// JSON pointer of the field.
    pub pointer: String,
    pub moment: Moment,
    /// How it is done, in words.
    pub how: &'static str,
}

/// Everything that differs between two specs, in the order of the document.
pub fn changes(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut all = Vec::new();
    let mut note = |differs: bool, pointer: &str, moment, how| {
        if differs {
            all.push(Change { pointer: pointer.to_owned(), moment, how });
        }
    };
    let (air, idle) = (Moment::OnAir, Moment::Idle);
    note(old.name != new.name, "/name", air, "the name is ours; alarms and the CDN's comment follow");
    note(old.description != new.description, "/description", air, "the description is ours");
    let class = "the channel's class is changed in place; inputs of the other class are replaced";
    note(old.channel_class != new.channel_class, "/channelClass", idle, class);
    note(old.allow_lists != new.allow_lists, "/allowLists", air, "security groups change on air");
    note(old.input_specification != new.input_specification, "/inputSpecification", idle, "the encoder is changed");
    note(old.ladder != new.ladder, "/ladder", idle, "the encoder is changed");
    note(old.audio != new.audio, "/audio", idle, "the encoder is changed");
    note(old.captions != new.captions, "/captions", idle, "the encoder is changed");
    note(old.input_loss != new.input_loss, "/inputLoss", idle, "the encoder is changed");
    note(old.endpoints != new.endpoints, "/endpoints", air, "endpoints and the distribution change on air");
    note(old.archive != new.archive, "/archive", idle, "the encoder is changed");
    note(old.alarms != new.alarms, "/alarms", air, "alarms change on air");
    note(old.remediation != new.remediation, "/remediation", air, "the policy is ours");
    note(old.hands_off != new.hands_off, "/handsOff", air, "the switch is ours");
    note(old.cdn_secret != new.cdn_secret, "/cdnSecret", air, "the schedule is ours");
    note(old.guard != new.guard, "/guard", air, "the guard is ours");
    note(old.drift != new.drift, "/drift", air, "the policy is ours");
    note(old.tags != new.tags, "/tags", air, "tags change on air");
    all.extend(inputs(old, new));
    all
}

fn inputs(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut all = Vec::new();
    let attached = |spec: &Spec| spec.inputs.iter().map(|input| input.name.clone()).collect::<Vec<_>>();
    if attached(old) != attached(new) {
        let how = "the channel's attachments are changed";
        all.push(Change { pointer: "/inputs".to_owned(), moment: Moment::Idle, how });
    }
    for (index, input) in new.inputs.iter().enumerate() {
        let Some(before) = old.input(&input.name).filter(|before| *before != input) else { continue };
        let at = |field: &str| format!("/inputs/{index}{field}");
        all.push(if before.kind != input.kind {
            let how = "the input is replaced: AWS cannot change its type; it gets new addresses";
            Change { pointer: at("/type"), moment: Moment::Idle, how }
        } else if lasting(before) != lasting(input) {
            let how =
                "the input, or its attachment, is changed in place; it is replaced when its number of sources changes";
            Change { pointer: at(""), moment: Moment::Idle, how }
        } else {
            Change { pointer: at("/allowFrom"), moment: Moment::OnAir, how: "security groups change on air" }
        });
    }
    all
}

/// An input without what is not the input's own: who may push is the security group's, and what audio the source has is
/// the source's.
fn lasting(input: &InputSpec) -> InputSpec {
    InputSpec { allow_from: Vec::new(), allow_anywhere: false, source_audio: AudioLayout::Stereo, ..input.clone() }
}
