//! Output groups and outputs: unions, destinations, and what each kind of group takes (aws-facts 1.7, 1.9, 1.10).

use crate::rules::{Defects, Node};

use super::{destinations, exactly_one, unique};

pub fn check(input: &Node<'_>, encoder: &Node<'_>, defects: &mut Defects) {
    let list = encoder.get("outputGroups");
    let groups = list.items();
    if list.exists() && groups.is_empty() {
        defects.invalid(&list, "a channel needs an output group");
    }
    unique(&groups, "name", defects);
    for group in &groups {
        let settings = group.get("outputGroupSettings");
        if !settings.exists() {
            continue;
        }
        exactly_one(&settings, "output group setting", defects);
        if let [(kind, settings)] = &settings.members()[..] {
            destination(input, kind, settings, defects);
            outputs(group, kind, defects);
        }
    }
}

/// aws-facts 1.7: the reference must lead to a destination, and to one of the kind that the group sends to.
fn destination(input: &Node<'_>, kind: &str, settings: &Node<'_>, defects: &mut Defects) {
    let reference = settings.at("destination.destinationRefId");
    let expected = match kind {
        "mediaPackageGroupSettings" => "mediaPackageSettings",
        "archiveGroupSettings" | "hlsGroupSettings" | "frameCaptureGroupSettings" => "settings",
        _ => "",
    };
    let Some(id) = reference.str() else {
        if !expected.is_empty() {
            defects.require(&reference);
        }
        return;
    };
    let all = input.get("destinations").items();
    let Some(found) = all.iter().find(|d| d.get("id").is(id)) else {
        // An update that does not send destinations refers to the stored ones.
        if input.get("destinations").exists() {
            defects.invalid(&reference, format!("undefined destination {id}"));
        }
        return;
    };
    let kinds = destinations::kinds(found);
    if !expected.is_empty() && kinds.len() == 1 && kinds[0] != expected {
        defects.invalid(&reference, format!("destination {id} has {}, this output group needs {expected}", kinds[0]));
    }
}

/// aws-facts 1.7: whether a destination that nobody refers to is refused is not verified.
pub fn all_destinations_used(input: &Node<'_>, encoder: &Node<'_>, defects: &mut Defects) {
    let groups = encoder.get("outputGroups").items();
    let settings = groups.iter().flat_map(|group| group.get("outputGroupSettings").members());
    let used: Vec<_> = settings.map(|(_, settings)| settings.at("destination.destinationRefId")).collect();
    for destination in input.get("destinations").items() {
        let id = destination.get("id");
        if id.str().is_some_and(|text| !used.iter().any(|reference| reference.is(text))) {
            defects.invalid(&id, "no output group refers to this destination");
        }
    }
}

fn outputs(group: &Node<'_>, kind: &str, defects: &mut Defects) {
    let list = group.get("outputs");
    let outputs = list.items();
    if list.exists() && outputs.is_empty() {
        defects.invalid(&list, "an output group needs an output");
    }
    unique(&outputs, "outputName", defects);
    for output in &outputs {
        let settings = output.get("outputSettings");
        if settings.exists() {
            exactly_one(&settings, "output setting", defects);
        }
        if let [(name, settings)] = &settings.members()[..] {
            let expected = output_kind(kind);
            if !expected.is_empty() && *name != expected {
                defects.invalid(settings, format!("an output in {kind} takes {expected}"));
            }
        }
        let streams = ["audioDescriptionNames", "captionDescriptionNames"];
        let any = output.get("videoDescriptionName").exists()
            || streams.iter().any(|list| !output.get(list).items().is_empty());
        if !any {
            defects.invalid(output, "an output needs a video, audio or caption description");
        }
    }
    match kind {
        "archiveGroupSettings" => archive(&list, &outputs, defects),
        "hlsGroupSettings" => name_modifiers(&outputs, defects),
        _ => {}
    }
}

fn output_kind(group: &str) -> &'static str {
    match group {
        "mediaPackageGroupSettings" => "mediaPackageOutputSettings",
        "archiveGroupSettings" => "archiveOutputSettings",
        "hlsGroupSettings" => "hlsOutputSettings",
        "frameCaptureGroupSettings" => "frameCaptureOutputSettings",
        "rtmpGroupSettings" => "rtmpOutputSettings",
        "udpGroupSettings" => "udpOutputSettings",
        "msSmoothGroupSettings" => "msSmoothOutputSettings",
        "multiplexGroupSettings" => "multiplexOutputSettings",
        "cmafIngestGroupSettings" => "cmafIngestOutputSettings",
        "srtGroupSettings" => "srtOutputSettings",
        _ => "",
    }
}

/// aws-facts 1.10: an archive group has one output, with exactly one video; its container must be chosen (recipe mistake 37).
fn archive(list: &Node<'_>, outputs: &[Node<'_>], defects: &mut Defects) {
    if outputs.len() > 1 {
        defects.invalid(list, "an archive output group has one output");
    }
    for output in outputs {
        if !output.get("videoDescriptionName").exists() {
            defects.invalid(&output.get("videoDescriptionName"), "an archive output needs exactly one video");
        }
        let container = output.at("outputSettings.archiveOutputSettings.containerSettings");
        if container.exists() {
            exactly_one(&container, "container setting", defects);
        }
    }
}

/// aws-facts 1.10: with more than one HLS output each needs its own name modifier.
fn name_modifiers(outputs: &[Node<'_>], defects: &mut Defects) {
    let modifiers: Vec<_> = outputs.iter().map(|o| o.at("outputSettings.hlsOutputSettings")).collect();
    unique(&modifiers, "nameModifier", defects);
    for modifier in modifiers.iter().filter(|_| outputs.len() > 1) {
        defects.require(&modifier.get("nameModifier"));
    }
}
