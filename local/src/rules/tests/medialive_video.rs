//! MediaLive: video, and what MediaPackage asks of it.

use serde_json::{Value, json};

use super::{accepted, bad_channel, channel, elements, refused, with};
use crate::rules::{Strictness, check};

const H264: &str = "/encoderSettings/videoDescriptions/1/codecSettings/h264Settings";

/// Pointer to a member of the second rung's H.264 settings.
fn h264(member: &str) -> String {
    format!("{H264}/{member}")
}

#[test]
fn levels_are_spelt_without_a_trailing_zero() {
    // 32
    bad_channel(&[(&h264("level"), json!("H264_LEVEL_2_0"))], "H264_LEVEL_2_0 is not one of");
    accepted("medialive", "CreateChannel", &with(&channel(), &[(&h264("level"), json!("H264_LEVEL_2_1"))]));
}

#[test]
fn an_explicit_level_must_carry_the_picture() {
    // 33: 426x240 at 30 needs 2.1, 854x480 at 30 needs 3.1.
    let level = "encoderSettings/videoDescriptions/0/codecSettings/h264Settings/level";
    elements(&[(&h264("level"), json!("H264_LEVEL_2"))], &["videoDescriptions[1].codecSettings.h264Settings.level"]);
    let pointer = format!("/{level}");
    elements(&[(&pointer, json!("H264_LEVEL_3"))], &["videoDescriptions[0].codecSettings.h264Settings.level"]);
    accepted("medialive", "CreateChannel", &with(&channel(), &[(&pointer, json!("H264_LEVEL_3_1"))]));
    // The switch: AWS may only raise an alert.
    let lenient = Strictness { encoder_limits: false, ..Strictness::default() };
    check("medialive", "CreateChannel", &with(&channel(), &[(&pointer, json!("H264_LEVEL_3"))]), &lenient).unwrap();
}

#[test]
fn level_3_1_carries_720p_at_30_frames_exactly() {
    // 36
    let sized = |level: &str, rate: u32| {
        with(
            &channel(),
            &[
                ("/encoderSettings/videoDescriptions/1/width", json!(1280)),
                ("/encoderSettings/videoDescriptions/1/height", json!(720)),
                (&h264("level"), json!(level)),
                (&h264("framerateNumerator"), json!(rate)),
            ],
        )
    };
    accepted("medialive", "CreateChannel", &sized("H264_LEVEL_3_1", 30));
    refused("medialive", "CreateChannel", &sized("H264_LEVEL_3_1", 31));
}

#[test]
fn the_baseline_profile_has_neither_b_frames_nor_cabac() {
    // 34
    elements(
        &[(&h264("profile"), json!("BASELINE"))],
        &[
            "videoDescriptions[1].codecSettings.h264Settings.gopNumBFrames",
            "videoDescriptions[1].codecSettings.h264Settings.entropyEncoding",
        ],
    );
    let repaired = [
        (h264("profile"), json!("BASELINE")),
        (h264("gopNumBFrames"), json!(0)),
        (h264("entropyEncoding"), json!("CAVLC")),
    ];
    let repaired: Vec<_> = repaired.iter().map(|(p, v)| (p.as_str(), v.clone())).collect();
    accepted("medialive", "CreateChannel", &with(&channel(), &repaired));
}

#[test]
fn a_mediapackage_output_needs_its_frame_rate_aspect_ratio_and_size_spelt_out() {
    // 35
    for control in ["parControl", "framerateControl"] {
        let path = format!("videoDescriptions[1].codecSettings.h264Settings.{control}");
        elements(&[(&h264(control), json!("INITIALIZE_FROM_SOURCE"))], &[path.as_str()]);
        elements(&[(&h264(control), Value::Null)], &[path.as_str()]);
    }
    elements(
        &[(&h264("parNumerator"), Value::Null)],
        &["videoDescriptions[1].codecSettings.h264Settings.parNumerator"],
    );
    elements(
        &[(&h264("gopClosedCadence"), json!(0))],
        &["videoDescriptions[1].codecSettings.h264Settings.gopClosedCadence"],
    );
    elements(&[("/encoderSettings/videoDescriptions/1/width", json!(427))], &["videoDescriptions[1].width"]);
}

#[test]
fn bounds_and_gops_are_checked() {
    let element = |member: &str| format!("videoDescriptions[1].codecSettings.h264Settings.{member}");
    for (member, value) in
        [("bitrate", json!(999)), ("bufFillPct", json!(101)), ("gopSize", json!(1.5)), ("gopSize", json!(0))]
    {
        elements(&[(&h264(member), value)], &[&element(member)]);
    }
    accepted(
        "medialive",
        "CreateChannel",
        &with(&channel(), &[(&h264("gopSize"), json!(2)), (&h264("gopSizeUnits"), json!("SECONDS"))]),
    );
    elements(&[(&h264("rateControlMode"), json!("QVBR"))], &[&element("maxBitrate")]);
    elements(&[(&h264("maxBitrate"), json!(900_000))], &[&element("maxBitrate")]);
}
