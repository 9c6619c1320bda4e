//! Channels as a whole: what must be there, and how its parts refer to each other (aws-facts 1.1, 1.6, 1.9).

use crate::rules::net::is_arn;
use crate::rules::{Defects, Node, Strictness};

use super::{attachments, audio, captions, destinations, outputs, unique, video};

/// aws-facts 1.1: the interface requires nothing at the top, the service does.
const REQUIRED: [&str; 6] =
    ["name", "roleArn", "inputAttachments", "inputSpecification", "destinations", "encoderSettings"];

pub fn create(input: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    for name in REQUIRED {
        defects.require(&input.get(name));
    }
    parts(input, pipelines(input), strictness, defects);
}

/// An update is checked where it speaks; the class is the stored channel's, so destinations may be for one pipeline or two.
pub fn update(input: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    parts(input, None, strictness, defects);
}

pub fn update_class(input: &Node<'_>, defects: &mut Defects) {
    defects.require(&input.get("channelClass"));
    destinations::check(input, pipelines(input), defects);
}

/// How many pipelines the channel has. aws-facts 1.6: STANDARD when the class is omitted.
fn pipelines(input: &Node<'_>) -> Option<usize> {
    Some(if input.get("channelClass").is("SINGLE_PIPELINE") { 1 } else { 2 })
}

fn parts(input: &Node<'_>, pipelines: Option<usize>, strictness: &Strictness, defects: &mut Defects) {
    if input.get("name").is("") {
        defects.invalid(&input.get("name"), "name must not be empty");
    }
    let role = input.get("roleArn");
    if role.str().is_some_and(|arn| !is_arn(arn, "iam", "role/")) {
        defects.invalid(&role, "roleArn is not the ARN of an IAM role");
    }
    specification(input, defects);
    attachments::check(input, defects);
    destinations::check(input, pipelines, defects);
    let encoder = input.get("encoderSettings");
    if !encoder.exists() {
        return;
    }
    for kind in ["audioDescriptions", "videoDescriptions", "captionDescriptions"] {
        unique(&encoder.get(kind).items(), "name", defects);
    }
    outputs::check(input, &encoder, defects);
    if strictness.unreferenced_destinations {
        outputs::all_destinations_used(input, &encoder, defects);
    }
    references(&encoder, defects);
    video::check(&encoder, strictness, defects);
    audio::check(input, &encoder, strictness, defects);
    captions::check(input, &encoder, defects);
    input_loss(&encoder, defects);
}

/// aws-facts 1.8: codec, resolution and maximum bitrate together make the specification.
fn specification(input: &Node<'_>, defects: &mut Defects) {
    let specification = input.get("inputSpecification");
    if specification.exists() {
        for name in ["codec", "resolution", "maximumBitrate"] {
            defects.require(&specification.get(name));
        }
    }
}

/// aws-facts 1.8: a description that no output uses is refused; so is an output that uses one that is not there.
fn references(encoder: &Node<'_>, defects: &mut Defects) {
    let outputs: Vec<_> = encoder.get("outputGroups").items().iter().flat_map(|g| g.get("outputs").items()).collect();
    let mut used = [Vec::new(), Vec::new(), Vec::new()];
    for output in &outputs {
        used[0].extend(Some(output.get("videoDescriptionName")).filter(Node::exists));
        used[1].extend(output.get("audioDescriptionNames").items());
        used[2].extend(output.get("captionDescriptionNames").items());
    }
    let kinds = [("videoDescriptions", "video"), ("audioDescriptions", "audio"), ("captionDescriptions", "caption")];
    for ((list, kind), used) in kinds.into_iter().zip(used) {
        let described = encoder.get(list).items();
        for reference in &used {
            let Some(name) = reference.str() else {
                continue;
            };
            if !described.iter().any(|d| d.get("name").is(name)) {
                defects.invalid(reference, format!("no {kind} description is called {name}"));
            }
        }
        for description in &described {
            let Some(name) = description.get("name").str() else {
                continue;
            };
            if !used.iter().any(|reference| reference.is(name)) {
                defects.invalid(description, format!("{kind} description {name} is not referenced by any output"));
            }
        }
    }
}

/// aws-facts 1.9: the colour is hexadecimal (the table has its length); an image needs a slate to show.
fn input_loss(encoder: &Node<'_>, defects: &mut Defects) {
    let behaviour = encoder.at("globalConfiguration.inputLossBehavior");
    let colour = behaviour.get("inputLossImageColor");
    if colour.str().is_some_and(|text| !text.bytes().all(|b| b.is_ascii_hexdigit())) {
        defects.invalid(&colour, "the colour must be hexadecimal digits");
    }
    if behaviour.get("inputLossImageType").is("SLATE") {
        defects.require(&behaviour.at("inputLossImageSlate.uri"));
    }
}
