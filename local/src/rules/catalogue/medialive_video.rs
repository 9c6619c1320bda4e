//! MediaLive: video, and what MediaPackage asks of it.

use serde_json::{Value, json};

use super::bench::Bench;
use super::{Behaviour, behaviour};

/// Pointer to a member of the second rung's H.264 settings; that rung is 426x240 at 30 frames.
fn h264(member: &str) -> String {
    format!("/encoderSettings/videoDescriptions/1/codecSettings/h264Settings/{member}")
}

/// The same of the first rung.
const FIRST_RATE: &str = "/encoderSettings/videoDescriptions/0/codecSettings/h264Settings/framerateNumerator";

const FIRST_RATE_PATH: &str = "videoDescriptions[0].codecSettings.h264Settings.framerateNumerator";

fn path(member: &str) -> String {
    format!("videoDescriptions[1].codecSettings.h264Settings.{member}")
}

fn edits(members: &[(&str, Value)]) -> Vec<(String, Value)> {
    members.iter().map(|(member, value)| (h264(member), value.clone())).collect()
}

fn borrowed(edits: &[(String, Value)]) -> Vec<(&str, Value)> {
    edits.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect()
}

/// These members of the second rung are refused, and exactly these elements are named.
#[track_caller]
fn bad(b: &mut Bench, members: &[(&str, Value)], named: &[&str]) {
    let paths: Vec<_> = named.iter().map(|member| path(member)).collect();
    b.elements(&borrowed(&edits(members)), &paths.iter().map(String::as_str).collect::<Vec<_>>());
}

#[track_caller]
fn good(b: &mut Bench, members: &[(&str, Value)]) {
    b.accepts(&borrowed(&edits(members)));
}

/// The second rung at this size and frame rate fits the level `enough`, and `too_low` does not carry it.
#[track_caller]
fn least_level(b: &mut Bench, (width, height, rate): (u32, u32, u32), enough: &str, too_low: &str) {
    let video = "/encoderSettings/videoDescriptions/1";
    let sized = |level: &str| {
        vec![
            (format!("{video}/width"), json!(width)),
            (format!("{video}/height"), json!(height)),
            (h264("framerateNumerator"), json!(rate)),
            // The ladder has one frame rate.
            (FIRST_RATE.to_owned(), json!(rate)),
            (h264("level"), json!(level)),
        ]
    };
    b.accepts(&borrowed(&sized(enough)));
    b.elements(&borrowed(&sized(too_low)), &[&path("level")]);
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.9, mistake 32", "levels are spelt without a trailing zero", |b| {
        for wrong in ["H264_LEVEL_3_0", "H264_LEVEL_2_0"] {
            b.bad_channel(&[(&h264("level"), json!(wrong))], &format!("{wrong} is not one of"));
        }
        good(b, &[("level", json!("H264_LEVEL_3"))]);
    }),
    behaviour("aws-facts 1.9, mistake 33", "426x240 at 30 frames needs level 2.1", |b| {
        least_level(b, (426, 240, 30), "H264_LEVEL_2_1", "H264_LEVEL_2");
    }),
    behaviour("aws-facts 1.9, mistake 33", "854x480 at 30 frames needs level 3.1", |b| {
        least_level(b, (854, 480, 30), "H264_LEVEL_3_1", "H264_LEVEL_3");
    }),
    behaviour("aws-facts 1.9, mistake 36", "1280x720 at 30 frames fits level 3.1 exactly", |b| {
        least_level(b, (1280, 720, 30), "H264_LEVEL_3_1", "H264_LEVEL_3");
        least_level(b, (1280, 720, 31), "H264_LEVEL_3_2", "H264_LEVEL_3_1");
    }),
    behaviour("aws-facts 1.9", "1920x1080 at 30 frames needs level 4", |b| {
        least_level(b, (1920, 1080, 30), "H264_LEVEL_4", "H264_LEVEL_3_2");
    }),
    behaviour("aws-facts 1.9, mistake 36", "3840x2160 at 30 frames needs level 5.1", |b| {
        least_level(b, (3840, 2160, 30), "H264_LEVEL_5_1", "H264_LEVEL_5");
    }),
    behaviour(
        "aws-facts 1.9, mistake 34",
        "the profile BASELINE has no B-frames and no CABAC, which is the default",
        |b| {
            bad(b, &[("profile", json!("BASELINE"))], &["gopNumBFrames", "entropyEncoding"]);
            let repaired =
                [("profile", json!("BASELINE")), ("gopNumBFrames", json!(0)), ("entropyEncoding", json!("CAVLC"))];
            good(b, &repaired);
        },
    ),
    behaviour("aws-facts 1.9", "a B-frame can be a reference only among two", |b| {
        bad(b, &[("gopBReference", json!("ENABLED")), ("gopNumBFrames", json!(1))], &["gopBReference"]);
        good(b, &[("gopBReference", json!("ENABLED")), ("gopNumBFrames", json!(2))]);
    }),
    behaviour("aws-facts 1.9", "a bitrate is at least 1000", |b| {
        bad(b, &[("bitrate", json!(999))], &["bitrate"]);
    }),
    behaviour("aws-facts 1.9", "a buffer is filled to 100 percent at most", |b| {
        bad(b, &[("bufFillPct", json!(101))], &["bufFillPct"]);
        good(b, &[("bufFillPct", json!(100))]);
    }),
    behaviour("aws-facts 1.9", "there are at most seven B-frames and six reference frames", |b| {
        bad(b, &[("gopNumBFrames", json!(8))], &["gopNumBFrames"]);
        bad(b, &[("numRefFrames", json!(7))], &["numRefFrames"]);
        bad(b, &[("numRefFrames", json!(0))], &["numRefFrames"]);
    }),
    behaviour("aws-facts 1.9", "slices are 1 to 32, softness 0 to 128, the least I-interval 0 to 30", |b| {
        for (member, wrong) in [("slices", 33), ("softness", 129), ("minIInterval", 31)] {
            bad(b, &[(member, json!(wrong))], &[member]);
        }
    }),
    behaviour("aws-facts 1.9", "the QVBR quality level is 1 to 10", |b| {
        bad(b, &[("qvbrQualityLevel", json!(11))], &["qvbrQualityLevel"]);
    }),
    behaviour("aws-facts 1.9", "CBR needs a bitrate", |b| {
        bad(b, &[("bitrate", Value::Null)], &["bitrate"]);
    }),
    behaviour("aws-facts 1.9", "VBR needs a bitrate and a maximum", |b| {
        bad(b, &[("rateControlMode", json!("VBR"))], &["maxBitrate"]);
        good(b, &[("rateControlMode", json!("VBR")), ("maxBitrate", json!(2_000_000))]);
    }),
    behaviour("aws-facts 1.9", "QVBR needs a maximum alone", |b| {
        bad(b, &[("rateControlMode", json!("QVBR"))], &["maxBitrate"]);
        good(b, &[("rateControlMode", json!("QVBR")), ("maxBitrate", json!(2_000_000)), ("bitrate", Value::Null)]);
    }),
    behaviour("aws-facts 1.9", "a maximum bitrate is not below the bitrate", |b| {
        bad(b, &[("maxBitrate", json!(900_000))], &["maxBitrate"]);
    }),
    behaviour("aws-facts 1.9", "a GOP in frames is a whole number, in seconds more than nothing", |b| {
        bad(b, &[("gopSize", json!(1.5))], &["gopSize"]);
        bad(b, &[("gopSize", json!(0))], &["gopSize"]);
        bad(b, &[("gopSize", json!(0)), ("gopSizeUnits", json!("SECONDS"))], &["gopSize"]);
        good(b, &[("gopSize", json!(1.5)), ("gopSizeUnits", json!("SECONDS"))]);
    }),
    behaviour("aws-facts 1.9", "segments need closed GOPs", |b| {
        bad(b, &[("gopClosedCadence", json!(0))], &["gopClosedCadence"]);
    }),
    behaviour("aws-facts 1.9", "a SPECIFIED frame rate needs its two numbers", |b| {
        bad(b, &[("framerateDenominator", Value::Null)], &["framerateDenominator"]);
        bad(b, &[("framerateNumerator", json!(0))], &["framerateNumerator"]);
    }),
    behaviour("aws-facts 1.9, mistake 35", "a SPECIFIED aspect ratio needs its two numbers", |b| {
        bad(b, &[("parNumerator", Value::Null)], &["parNumerator"]);
    }),
    behaviour("aws-facts 1.9", "MediaPackage needs the frame rate SPECIFIED", |b| {
        bad(b, &[("framerateControl", json!("INITIALIZE_FROM_SOURCE"))], &["framerateControl"]);
    }),
    behaviour("aws-facts 1.9", "the rungs that MediaPackage gets have one frame rate or whole multiples of it", |b| {
        let rates = |first: u32, second: u32| {
            [(FIRST_RATE.to_owned(), json!(first)), (h264("framerateNumerator"), json!(second))]
        };
        b.accepts(&borrowed(&rates(60, 30)));
        b.elements(&borrowed(&rates(30, 25)), &[FIRST_RATE_PATH]);
        b.elements(&borrowed(&rates(25, 30)), &[&path("framerateNumerator")]);
        b.elements(
            &[(&h264("framerateDenominator"), json!(1001)), (&h264("framerateNumerator"), json!(30_000))],
            &[FIRST_RATE_PATH],
        );
    }),
    behaviour("aws-facts 1.9", "MediaPackage needs an explicit width and height", |b| {
        let none = [
            ("/encoderSettings/videoDescriptions/1/width", Value::Null),
            ("/encoderSettings/videoDescriptions/1/height", Value::Null),
        ];
        b.elements(&none, &["videoDescriptions[1].width", "videoDescriptions[1].height"]);
    }),
    behaviour("aws-facts 1.9", "width and height are even, and 854 and 426 are", |b| {
        b.elements(&[("/encoderSettings/videoDescriptions/1/width", json!(427))], &["videoDescriptions[1].width"]);
        b.elements(&[("/encoderSettings/videoDescriptions/1/height", json!(-2))], &["videoDescriptions[1].height"]);
    }),
    behaviour("aws-facts 1.9", "a video has one codec", |b| {
        let codec = "/encoderSettings/videoDescriptions/1/codecSettings/frameCaptureSettings";
        b.elements(&[(codec, json!({}))], &["videoDescriptions[1].codecSettings"]);
    }),
    behaviour("aws-facts 1.9", "enums of H.264 are checked by the service: a 400 that lists them", |b| {
        for (member, wrong) in
            [("profile", "HIGH10"), ("rateControlMode", "ABR"), ("scanType", "P"), ("gopSizeUnits", "S")]
        {
            b.bad_channel(&[(&h264(member), json!(wrong))], &format!("{wrong} is not one of"));
        }
    }),
    behaviour("aws-facts 1.9, mistake 36", "sharpness is 0 to 100", |b| {
        let pointer = "/encoderSettings/videoDescriptions/1/sharpness";
        b.elements(&[(pointer, json!(101))], &["videoDescriptions[1].sharpness"]);
        b.accepts(&[(pointer, json!(50))]);
    }),
];
