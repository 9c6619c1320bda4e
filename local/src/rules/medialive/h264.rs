//! H.264: rate control, GOPs, and what profiles and levels can do (aws-facts 1.9).

use crate::rules::{Defects, Node, Strictness};

pub fn check(video: &Node<'_>, settings: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    specified(settings, "framerateControl", ["framerateNumerator", "framerateDenominator"], defects);
    specified(settings, "parControl", ["parNumerator", "parDenominator"], defects);
    gop(settings, defects);
    rate_control(settings, defects);
    if strictness.encoder_limits {
        profile(settings, defects);
        level(video, settings, defects);
    }
}

/// aws-facts 1.9: what is SPECIFIED needs its two numbers.
fn specified(settings: &Node<'_>, control: &str, numbers: [&str; 2], defects: &mut Defects) {
    if settings.get(control).is("SPECIFIED") {
        for number in numbers {
            defects.require(&settings.get(number));
        }
    }
}

/// aws-facts 1.9: in FRAMES (the default) a whole number of at least 1, in SECONDS more than 0.
fn gop(settings: &Node<'_>, defects: &mut Defects) {
    let size = settings.get("gopSize");
    let Some(value) = size.num() else { return };
    let seconds = settings.get("gopSizeUnits").is("SECONDS");
    if seconds && value <= 0.0 {
        defects.invalid(&size, "gopSize in seconds must be more than 0");
    }
    if !seconds && (value < 1.0 || value.fract() != 0.0) {
        defects.invalid(&size, "gopSize in frames must be a whole number of at least 1");
    }
}

/// aws-facts 1.9: CBR needs a bitrate, VBR a bitrate and a maximum, QVBR a maximum.
fn rate_control(settings: &Node<'_>, defects: &mut Defects) {
    let needed: &[&str] = match settings.get("rateControlMode").str() {
        Some("CBR") => &["bitrate"],
        Some("VBR") => &["bitrate", "maxBitrate"],
        Some("QVBR") => &["maxBitrate"],
        _ => &[],
    };
    for member in needed {
        defects.require(&settings.get(member));
    }
    let (bitrate, most) = (settings.get("bitrate"), settings.get("maxBitrate"));
    if let (Some(average), Some(peak)) = (bitrate.num(), most.num())
        && peak < average
    {
        defects.invalid(&most, format!("maxBitrate {peak} is below bitrate {average}"));
    }
}

/// aws-facts 1.9: BASELINE has neither B-frames nor CABAC, which is the default (recipe mistake 34); a B-frame can be a
/// reference only among two or more.
fn profile(settings: &Node<'_>, defects: &mut Defects) {
    let frames = settings.get("gopNumBFrames");
    let reference = settings.get("gopBReference");
    if settings.get("profile").is("BASELINE") {
        if frames.int().unwrap_or(0) > 0 {
            defects.invalid(&frames, "profile BASELINE has no B-frames");
        }
        if !settings.get("entropyEncoding").is("CAVLC") {
            defects.invalid(&settings.get("entropyEncoding"), "profile BASELINE needs entropyEncoding CAVLC");
        }
        if reference.is("ENABLED") {
            defects.invalid(&reference, "profile BASELINE has no B-frames");
        }
    } else if reference.is("ENABLED") && frames.int().is_some_and(|n| n < 2) {
        defects.invalid(&reference, "gopBReference needs gopNumBFrames of at least 2");
    }
}

/// (level, macroblocks per second, macroblocks per frame): ITU-T H.264 table A-1.
const LEVELS: &[(&str, u64, u64)] = &[
    ("H264_LEVEL_1", 1_485, 99),
    ("H264_LEVEL_1_1", 3_000, 396),
    ("H264_LEVEL_1_2", 6_000, 396),
    ("H264_LEVEL_1_3", 11_880, 396),
    ("H264_LEVEL_2", 11_880, 396),
    ("H264_LEVEL_2_1", 19_800, 792),
    ("H264_LEVEL_2_2", 20_250, 1_620),
    ("H264_LEVEL_3", 40_500, 1_620),
    ("H264_LEVEL_3_1", 108_000, 3_600),
    ("H264_LEVEL_3_2", 216_000, 5_120),
    ("H264_LEVEL_4", 245_760, 8_192),
    ("H264_LEVEL_4_1", 245_760, 8_192),
    ("H264_LEVEL_4_2", 522_240, 8_704),
    ("H264_LEVEL_5", 589_824, 22_080),
    ("H264_LEVEL_5_1", 983_040, 36_864),
    ("H264_LEVEL_5_2", 2_073_600, 36_864),
];

/// aws-facts 1.9: an explicit level must be able to carry the picture at its rate (recipe mistake 33).
fn level(video: &Node<'_>, settings: &Node<'_>, defects: &mut Defects) {
    let node = settings.get("level");
    let Some(&(name, per_second, per_frame)) = LEVELS.iter().find(|(name, ..)| node.is(name)) else {
        return;
    };
    let (Some(width), Some(height)) = (positive(&video.get("width")), positive(&video.get("height"))) else {
        return;
    };
    let blocks = width.div_ceil(16) * height.div_ceil(16);
    if blocks > per_frame {
        defects
            .invalid(&node, format!("{name} carries {per_frame} macroblocks a frame, {width}x{height} has {blocks}"));
        return;
    }
    let numerator = positive(&settings.get("framerateNumerator"));
    let denominator = positive(&settings.get("framerateDenominator"));
    let (Some(numerator), Some(denominator)) = (numerator, denominator) else {
        return;
    };
    // Compared as blocks * numerator against limit * denominator, so that 30000/1001 stays exact.
    if blocks.saturating_mul(numerator) > per_second.saturating_mul(denominator) {
        let rate = blocks.saturating_mul(numerator) / denominator;
        defects.invalid(
            &node,
            format!("{name} carries {per_second} macroblocks a second, {width}x{height} at this frame rate has {rate}"),
        );
    }
}

fn positive(node: &Node<'_>) -> Option<u64> {
    node.value.as_u64().filter(|n| *n > 0)
}
