//! What a change of a spec touches: which fields, and whether the channel may be on air meanwhile.

use super::input::differ;
use super::{InputSpec, Spec};

/// When a field can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    OnAir,
    /// The channel's encoder settings change while it is IDLE only (aws-facts 1.2).
    Idle,
    /// AWS cannot change it, and replacing the object would cost its address.
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// JSON pointer of the field.
    pub pointer: String,
    pub moment: Moment,
    /// What can be done instead, or why.
    pub reason: &'static str,
}

/// Everything that differs between two specs, in the order of the document.
pub fn changes(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut all = Vec::new();
    let mut note = |differs: bool, pointer: &str, moment, reason| {
        if differs {
            all.push(Change { pointer: pointer.to_owned(), moment, reason });
        }
    };
    let (air, idle, never) = (Moment::OnAir, Moment::Idle, Moment::Never);
    note(old.name != new.name, "/name", air, "the name is ours; descriptions in AWS follow");
    note(old.description != new.description, "/description", air, "the description is ours");
    let class = "inputs and destinations depend on the class; create another platform";
    note(old.channel_class != new.channel_class, "/channelClass", never, class);
    note(old.allow_lists != new.allow_lists, "/allowLists", air, "security groups change on air");
    note(old.input_specification != new.input_specification, "/inputSpecification", idle, "the encoder is changed");
    note(old.ladder != new.ladder, "/ladder", idle, "the encoder is changed");
    note(old.audio != new.audio, "/audio", idle, "the encoder is changed");
    let attached = "the channel's attachments are changed";
    note(differ(old, new, InputSpec::attachment), "/inputs", idle, attached);
    let kept = "an input keeps its type and sources; add one of another name and remove this one";
    note(differ(old, new, InputSpec::origin), "/inputs", never, kept);
    note(old.captions != new.captions, "/captions", idle, "the encoder is changed");
    note(old.input_loss != new.input_loss, "/inputLoss", idle, "the encoder is changed");
    note(old.endpoints != new.endpoints, "/endpoints", air, "endpoints and the distribution change on air");
    note(old.archive != new.archive, "/archive", idle, "the encoder is changed");
    note(old.alarms != new.alarms, "/alarms", air, "alarms change on air");
    note(old.tags != new.tags, "/tags", never, "tags of existing objects are not changed yet; create another platform");
    all.extend(inputs(old, new));
    all
}

fn inputs(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut all = Vec::new();
    let attached = |spec: &Spec| spec.inputs.iter().map(|input| input.name.clone()).collect::<Vec<_>>();
    if attached(old) != attached(new) {
        let reason = "the channel's attachments are changed";
        all.push(Change { pointer: "/inputs".to_owned(), moment: Moment::Idle, reason });
    }
    for (index, input) in new.inputs.iter().enumerate() {
        let Some(before) = old.input(&input.name) else { continue };
        if source(before) != source(input) {
            let reason = "an input keeps its type and sources; add one of another name and remove this one";
            all.push(Change { pointer: format!("/inputs/{index}"), moment: Moment::Never, reason });
        } else if before != input {
            let reason = "security groups change on air";
            all.push(Change { pointer: format!("/inputs/{index}/allowFrom"), moment: Moment::OnAir, reason });
        }
    }
    all
}

/// What of an input cannot change.
fn source(input: &InputSpec) -> (super::InputKind, &[String], super::AudioLayout) {
    (input.kind, &input.urls, input.source_audio)
}
