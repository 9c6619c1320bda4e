//! What the fields of a spec have to be together.

use super::reader::Problems;
use super::{Resolution, Spec, guard, input_check, loss, tracks};
use std::collections::BTreeSet;

/// The record has 64 KB; what is remembered of the largest platform's objects takes some 47 of them.
const SPEC_BYTES_MOST: usize = 16 * 1024;

pub fn check(spec: &Spec, problems: &Problems) {
    input_check::check(spec, problems);
    ladder(spec, problems);
    tracks::check_audio(spec, problems);
    tracks::check_captions(spec, problems);
    if let Some(wanted) = &spec.input_loss {
        loss::check(wanted, problems);
    }
    guard::check(&spec.guard, problems);
    segments(spec, problems);
    size(spec, problems);
}

/// Each text has a bound of its own; this is the one for all of them together.
fn size(spec: &Spec, problems: &Problems) {
    let bytes = serde_json::to_vec(spec).map_or(0, |json| json.len());
    if bytes > SPEC_BYTES_MOST {
        let why = format!("comes to {bytes} bytes, more than {SPEC_BYTES_MOST}; shorten URLs, tags or allow-lists");
        problems.add("", why);
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
