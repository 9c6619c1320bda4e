//! Ladders by name: the recipe's five rungs, and the parts of them that smaller programmes need.

use super::{FrameRate, Ladder, Rung};

/// The ladder of that name (`uhd`, `hd`, `sd`): 30 frames a second, a GOP of two seconds.
pub fn preset(name: &str) -> Option<Ladder> {
    let from = match name {
        "uhd" => 0,
        "hd" => 1,
        "sd" => 3,
        _ => return None,
    };
    let all = [
        ("2160p", 3840, 2160, 15_000_000),
        ("1080p", 1920, 1080, 6_000_000),
        ("720p", 1280, 720, 3_000_000),
        ("480p", 854, 480, 1_500_000),
        ("240p", 426, 240, 500_000),
    ];
    let rungs = all.iter().skip(from).map(|(name, width, height, bitrate)| Rung {
        name: (*name).to_owned(),
        width: *width,
        height: *height,
        bitrate: *bitrate,
    });
    Some(Ladder { frame_rate: FrameRate { numerator: 30, denominator: 1 }, gop_frames: 60, rungs: rungs.collect() })
}
