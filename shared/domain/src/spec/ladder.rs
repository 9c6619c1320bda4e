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
    Some(Ladder { frame_rate: FrameRate { numerator: 30, denominator: 1 }, gop_seconds: 2.0, rungs: rungs.collect() })
}

const FRAME_RATES: [(&str, u32, u32); 8] = [
    ("23.976", 24_000, 1001),
    ("24", 24, 1),
    ("25", 25, 1),
    ("29.97", 30_000, 1001),
    ("30", 30, 1),
    ("50", 50, 1),
    ("59.94", 60_000, 1001),
    ("60", 60, 1),
];

/// From the way a frame rate is written, `30` or `30.0` or `29.97`.
pub fn frame_rate(text: &str) -> Result<FrameRate, String> {
    let text = text.strip_suffix(".0").filter(|whole| !whole.contains('.')).unwrap_or(text);
    let found = FRAME_RATES.iter().find(|(word, ..)| *word == text);
    found
        .map(|(_, numerator, denominator)| FrameRate { numerator: *numerator, denominator: *denominator })
        .ok_or_else(|| format!("must be one of {}", FRAME_RATES.map(|(word, ..)| word).join(", ")))
}

pub fn frame_rate_word(rate: FrameRate) -> &'static str {
    let same = |(_, numerator, denominator): &&(&str, u32, u32)| {
        (*numerator, *denominator) == (rate.numerator, rate.denominator)
    };
    FRAME_RATES.iter().find(same).map_or("30", |(word, ..)| word)
}
