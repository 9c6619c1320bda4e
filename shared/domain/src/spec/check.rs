//! What the fields of a spec have to be together.

use super::reader::Problems;
use super::{AudioLayout, ChannelClass, InputSpec, Resolution, Spec};
use super::{address, fields};
use std::collections::BTreeSet;

/// A channel takes two push inputs (aws-facts 1.5).
const PUSH_INPUTS_MOST: usize = 2;
/// No network that anybody contributes from is larger than a /8.
const WIDEST_PREFIX: u8 = 8;
/// Rules of one security group (aws-facts 1.5).
const RULES_MOST: usize = 10;

pub fn check(spec: &Spec, problems: &Problems) {
    inputs(spec, problems);
    ladder(spec, problems);
    audio(spec, problems);
    segments(spec, problems);
}

fn inputs(spec: &Spec, problems: &Problems) {
    let mut names = BTreeSet::new();
    let mut pushing = 0;
    for (index, input) in spec.inputs.iter().enumerate() {
        let path = format!("/inputs/{index}");
        if !names.insert(&input.name) {
            problems.add(format!("{path}/name"), format!("{:?} is the name of an earlier input", input.name));
        }
        if input.kind.is_push() {
            pushing += 1;
            if pushing == PUSH_INPUTS_MOST + 1 {
                problems.add(&path, format!("MediaLive takes at most {PUSH_INPUTS_MOST} push inputs in a channel"));
            }
            push_input(spec, input, &path, problems);
        } else {
            pull_input(spec, input, &path, problems);
        }
    }
}

fn push_input(spec: &Spec, input: &InputSpec, path: &str, problems: &Problems) {
    if !input.urls.is_empty() {
        problems.add(format!("{path}/urls"), "a push input has no sources; the encoder comes to it");
    }
    for (index, entry) in input.allow_from.iter().enumerate() {
        let blocks = match spec.allow_lists.get(entry) {
            Some(list) => Ok(list.clone()),
            None => fields::cidr(entry).map(|block| vec![block]),
        };
        let problem = match blocks {
            Err(why) => Some(why),
            Ok(blocks) => blocks
                .iter()
                .find(|block| block.prefix_len() < WIDEST_PREFIX && !input.allow_anywhere)
                .map(|block| format!("{block} lets half the world push; set allowAnywhere: true if you mean it")),
        };
        if let Some(why) = problem {
            problems.add(format!("{path}/allowFrom/{index}"), why);
        }
    }
    let blocks = spec.allowed(input);
    if blocks.len() > RULES_MOST {
        problems.add(
            format!("{path}/allowFrom"),
            format!("comes to {} CIDR blocks; an input security group takes {RULES_MOST}", blocks.len()),
        );
    }
}

fn pull_input(spec: &Spec, input: &InputSpec, path: &str, problems: &Problems) {
    if !input.allow_from.is_empty() || input.allow_anywhere {
        problems.add(format!("{path}/allowFrom"), "a pull input has no allow-list; MediaLive goes to the source");
    }
    let wanted = match spec.channel_class {
        ChannelClass::Standard => 2..=2,
        ChannelClass::Single => 1..=2,
    };
    if !wanted.contains(&input.urls.len()) {
        let how = match spec.channel_class {
            ChannelClass::Standard => "a standard channel pulls two sources, one per pipeline",
            ChannelClass::Single => "give one source, or two to be able to change to class standard",
        };
        problems.add(format!("{path}/urls"), how);
    }
    for (index, url) in input.urls.iter().enumerate() {
        if let Some(why) = address::pull_url_problem(url) {
            problems.add(format!("{path}/urls/{index}"), why);
        }
    }
}

fn ladder(spec: &Spec, problems: &Problems) {
    let mut names = BTreeSet::new();
    for (index, rung) in spec.ladder.rungs.iter().enumerate() {
        if !names.insert(&rung.name) {
            problems
                .add(format!("/ladder/rungs/{index}/name"), format!("{:?} is the name of an earlier rung", rung.name));
        }
        let ceiling = match spec.input_specification.resolution {
            Resolution::Sd => 576,
            Resolution::Hd => 1080,
            Resolution::Uhd => 2160,
        };
        if rung.height > ceiling {
            problems.add(
                "/inputSpecification/resolution",
                format!("rung {} has {} lines, which this input specification does not reach", rung.name, rung.height),
            );
        }
    }
}

fn audio(spec: &Spec, problems: &Problems) {
    let mut names = BTreeSet::new();
    let surround_source = spec.inputs.iter().any(|input| input.source_audio == AudioLayout::Surround);
    for (index, rendition) in spec.audio.iter().enumerate() {
        if !names.insert(&rendition.name) {
            problems.add(
                format!("/audio/{index}/name"),
                format!("{:?} is the name of an earlier rendition", rendition.name),
            );
        }
        if rendition.layout == AudioLayout::Surround && !surround_source {
            // MediaLive cannot upmix (aws-facts 1.9).
            problems.add(
                format!("/audio/{index}/layout"),
                "5.1 cannot be made of a stereo source; set sourceAudio: \"5.1\" on an input that carries it",
            );
        }
    }
}

/// MediaPackage cuts at GOP boundaries only: a segment has to be a whole number of GOPs (aws-facts 1.10).
fn segments(spec: &Spec, problems: &Problems) {
    let rate = spec.ladder.frame_rate.nominal();
    for (format, endpoint) in &spec.endpoints {
        let frames = endpoint.segment_seconds * rate;
        let path = format!("/endpoints/{}", format.word());
        if !frames.is_multiple_of(spec.ladder.gop_frames()) {
            problems.add(
                format!("{path}/segmentSeconds"),
                format!(
                    "{} s are {frames} frames, not a whole number of GOPs of {} frames; change it or /ladder/gopSeconds",
                    endpoint.segment_seconds, spec.ladder.gop_frames()
                ),
            );
        }
        if endpoint.window_seconds < 3 * endpoint.segment_seconds {
            problems.add(format!("{path}/windowSeconds"), "must hold at least three segments, or players cannot start");
        }
    }
}
