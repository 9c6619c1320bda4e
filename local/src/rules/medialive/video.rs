//! Video descriptions: one codec each, sizes, and what a MediaPackage output demands of them (aws-facts 1.9, 1.10).

use crate::rules::{Defects, Node, Strictness};

use super::{exactly_one, h264};

pub fn check(encoder: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    let packaged = packaged_videos(encoder);
    if strictness.packaging_video {
        ladder(encoder, &packaged, defects);
    }
    for video in encoder.get("videoDescriptions").items() {
        size(&video, defects);
        let codec = video.get("codecSettings");
        if codec.exists() {
            exactly_one(&codec, "codec setting", defects);
        }
        let settings = codec.get("h264Settings");
        if settings.exists() {
            h264::check(&video, &settings, strictness, defects);
        }
        if packaged.iter().any(|name| video.get("name").is(name)) {
            for_mediapackage(&video, &codec, strictness, defects);
        }
    }
}

/// Names of the video descriptions that some MediaPackage output uses.
fn packaged_videos<'a>(encoder: &Node<'a>) -> Vec<&'a str> {
    let mut names = Vec::new();
    for group in encoder.get("outputGroups").items() {
        if group.at("outputGroupSettings.mediaPackageGroupSettings").exists() {
            names.extend(group.get("outputs").items().iter().filter_map(|o| o.get("videoDescriptionName").str()));
        }
    }
    names
}

/// aws-facts 1.9: width and height are even, and come together.
fn size(video: &Node<'_>, defects: &mut Defects) {
    let (width, height) = (video.get("width"), video.get("height"));
    for side in [&width, &height] {
        if side.int().is_some_and(|pixels| pixels <= 0 || pixels % 2 != 0) {
            defects.invalid(side, "must be an even number of pixels");
        }
    }
    if width.exists() != height.exists() {
        defects.invalid(video, "width and height must be given together");
    }
}

/// aws-facts 1.9, 1.10: explicit frame rate, pixel aspect ratio and size, closed GOPs, H.264 or H.265 (recipe mistake 35).
fn for_mediapackage(video: &Node<'_>, codec: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    for side in ["width", "height"] {
        let side = video.get(side);
        if !side.exists() {
            defects.invalid(&side, "a MediaPackage output needs an explicit width and height");
        }
    }
    let (h264, h265) = (codec.get("h264Settings"), codec.get("h265Settings"));
    let settings = if h264.exists() { h264.clone() } else { h265 };
    if !settings.exists() {
        defects.invalid(codec, "a MediaPackage output takes H.264 or H.265 video");
        return;
    }
    if !strictness.packaging_video {
        // AWS may accept it and raise an alert at start.
    } else if h264.exists() {
        for control in ["framerateControl", "parControl"] {
            let control = h264.get(control);
            if !control.is("SPECIFIED") {
                defects.invalid(&control, "must be SPECIFIED for a MediaPackage output");
            }
        }
    } else {
        // H.265 has no controls: numerator and denominator speak for themselves.
        for member in ["parNumerator", "parDenominator"] {
            defects.require(&settings.get(member));
        }
    }
    let cadence = settings.get("gopClosedCadence");
    if cadence.int() == Some(0) {
        defects.invalid(&cadence, "a MediaPackage output needs closed GOPs: gopClosedCadence must be at least 1");
    }
}

/// aws-facts 1.9, MediaPackage ladder: one frame rate, or whole multiples of the lowest; players switch between rungs.
fn ladder(encoder: &Node<'_>, packaged: &[&str], defects: &mut Defects) {
    let videos = encoder.get("videoDescriptions").items();
    let of_ladder = videos.iter().filter(|video| packaged.iter().any(|name| video.get("name").is(name)));
    let rates: Vec<(Node<'_>, i64, i64)> = of_ladder.filter_map(frame_rate).collect();
    // a/b < c/d where a*d < c*b, for positive numbers.
    let Some((_, low, per)) = rates.iter().min_by(|(_, a, b), (_, c, d)| (a * d).cmp(&(c * b))) else { return };
    for (node, numerator, denominator) in &rates {
        if (numerator * per) % (low * denominator) != 0 {
            let why = format!("{numerator}/{denominator} frames a second are no multiple of the ladder's {low}/{per}");
            defects.invalid(node, why);
        }
    }
}

/// The SPECIFIED frame rate of a video, and where it stands.
fn frame_rate<'a>(video: &Node<'a>) -> Option<(Node<'a>, i64, i64)> {
    let codec = video.get("codecSettings");
    let h264 = codec.get("h264Settings");
    let settings = if h264.exists() { h264 } else { codec.get("h265Settings") };
    let node = settings.get("framerateNumerator");
    let (numerator, denominator) = (node.int()?, settings.get("framerateDenominator").int()?);
    let bounds = 1..=i64::from(i32::MAX);
    (bounds.contains(&numerator) && bounds.contains(&denominator)).then_some((node, numerator, denominator))
}
