//! Reads what a spec says of encoding: the ladder, the ceiling of the inputs.

use super::fields::is_label;
use super::reader::{Object, Problems};
use super::{FrameRate, InputSpecification, Ladder, Resolution, Rung, preset};
use serde_json::Value;

pub fn ladder(body: &mut Object<'_>, problems: &Problems) -> Option<Ladder> {
    let by_name = "must be \"uhd\", \"hd\", \"sd\", or an object with rungs";
    match body.raw("ladder") {
        None => preset("hd"),
        Some(Value::String(name)) => {
            let ladder = preset(name);
            if ladder.is_none() {
                body.problem("ladder", by_name);
            }
            ladder
        }
        Some(value @ Value::Object(_)) => rungs(Object::new(value, &body.at("ladder"), problems)?, problems),
        Some(_) => {
            body.problem("ladder", by_name);
            None
        }
    }
}

fn rungs(mut object: Object<'_>, problems: &Problems) -> Option<Ladder> {
    let whole = object.raw("frameRate").map_or(Ok(None), |value| frame_rate(value).map(Some));
    let gop = object.raw("gopSeconds").map(|value| value.as_f64().filter(|secs| *secs > 0.0 && *secs <= 10.0));
    if gop == Some(None) {
        object.problem("gopSeconds", "must be a number above 0 and up to 10");
    }
    let pointer = object.at("rungs");
    let items = object.list("rungs").unwrap_or_default();
    if items.is_empty() || items.len() > 10 {
        object.problem("rungs", "must have 1 to 10 rungs");
    }
    if let Err(why) = &whole {
        object.problem("frameRate", why);
    }
    object.finish();
    let mut agreed = whole.ok().flatten();
    let mut rungs = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{pointer}/{index}");
        let Some((rung, rate)) = rung(item, &path, problems) else { continue };
        match (agreed, rate) {
            (None, rate) => agreed = rate,
            (Some(agreed), Some(rate)) if agreed != rate => problems.add(
                format!("{path}/frameRate"),
                "differs from the other rungs; players can only switch between rungs of one frame rate",
            ),
            _ => {}
        }
        rungs.push(rung);
    }
    let frame_rate = agreed.unwrap_or(FrameRate { numerator: 30, denominator: 1 });
    let gop_seconds = gop.flatten().unwrap_or(2.0);
    (!rungs.is_empty()).then_some(Ladder { frame_rate, gop_seconds, rungs })
}

fn rung(item: &Value, path: &str, problems: &Problems) -> Option<(Rung, Option<FrameRate>)> {
    let mut object = Object::new(item, path, problems)?;
    let width = object.whole("width", 64, 3840);
    let height = object.whole("height", 64, 2160);
    let bitrate = object.whole("bitrate", 50_000, 50_000_000);
    for (field, found) in [("width", width), ("height", height), ("bitrate", bitrate)] {
        if found.is_none() && item.get(field).is_none_or(Value::is_null) {
            object.problem(field, "is required");
        }
        if field != "bitrate" && found.is_some_and(|n| n % 2 != 0) {
            object.problem(field, "must be even for H.264");
        }
    }
    let name = object.text("name");
    if name.as_ref().is_some_and(|name| !is_label(name)) {
        object.problem("name", "must have 1 to 32 lower-case letters, digits or hyphens");
    }
    let rate = object.raw("frameRate").map(frame_rate);
    if let Some(Err(why)) = &rate {
        object.problem("frameRate", why);
    }
    object.finish();
    let height = height?;
    let name = name.unwrap_or_else(|| format!("{height}p"));
    Some((Rung { name, width: width?, height, bitrate: bitrate? }, rate.and_then(Result::ok)))
}

/// A number or a string.
fn frame_rate(value: &Value) -> Result<FrameRate, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    super::ladder::frame_rate(&text)
}

pub fn input_specification(body: &mut Object<'_>, ladder: Option<&Ladder>) -> InputSpecification {
    let tallest = ladder.map_or(0, |ladder| ladder.rungs.iter().map(|rung| rung.height).max().unwrap_or(0));
    let resolution = match tallest {
        0..=576 => Resolution::Sd,
        577..=1080 => Resolution::Hd,
        _ => Resolution::Uhd,
    };
    let mut read = InputSpecification {
        codec: "AVC".to_owned(),
        resolution,
        maximum_bitrate: if resolution == Resolution::Uhd { "MAX_50_MBPS" } else { "MAX_20_MBPS" }.to_owned(),
    };
    let Some(mut object) = body.object("inputSpecification") else { return read };
    if let Some(codec) = object.text("codec") {
        if !["MPEG2", "AVC", "HEVC"].contains(&codec.as_str()) {
            object.problem("codec", "must be one of MPEG2, AVC, HEVC");
        }
        read.codec = codec;
    }
    if let Some(resolution) = object.word("resolution", "SD, HD, UHD") {
        read.resolution = resolution;
    }
    if let Some(bitrate) = object.text("maximumBitrate") {
        if !["MAX_10_MBPS", "MAX_20_MBPS", "MAX_50_MBPS"].contains(&bitrate.as_str()) {
            object.problem("maximumBitrate", "must be one of MAX_10_MBPS, MAX_20_MBPS, MAX_50_MBPS");
        }
        read.maximum_bitrate = bitrate;
    }
    object.finish();
    read
}
