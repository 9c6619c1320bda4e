//! MediaLive: audio, captions, timecode, and what is shown when the input is lost.

use serde_json::{Value, json};

use super::bench::Bench;
use super::{Behaviour, behaviour};

const AUDIO: &str = "/encoderSettings/audioDescriptions/0";
const LOSS: &str = "/encoderSettings/globalConfiguration";

/// The first audio at this mode, sample rate and bitrate.
fn aac(mode: &str, rate: f64, bitrate: f64) -> (String, Value) {
    let settings = json!({"codingMode": mode, "sampleRate": rate, "bitrate": bitrate, "profile": "LC"});
    (format!("{AUDIO}/codecSettings/aacSettings"), settings)
}

/// Accepts the two bounds of a row, and nothing beyond.
#[track_caller]
fn row(b: &mut Bench, mode: &str, rate: f64, low: f64, high: f64) {
    for bitrate in [low, high] {
        let (pointer, settings) = aac(mode, rate, bitrate);
        b.accepts(&[(&pointer, settings)]);
    }
    for bitrate in [low - 1000.0, high + 1000.0] {
        let (pointer, settings) = aac(mode, rate, bitrate);
        b.elements(&[(&pointer, settings)], &["audioDescriptions[0].codecSettings.aacSettings.bitrate"]);
    }
}

fn loss(member: &str, value: Value) -> (&'static str, Value) {
    (LOSS, json!({"inputLossBehavior": {member: value}}))
}

fn lost(member: &str) -> String {
    format!("globalConfiguration.inputLossBehavior.{member}")
}

/// A caption that is complete, with these destination settings.
fn caption(destination: Value) -> Vec<(&'static str, Value)> {
    let caption =
        json!([{"name": "c", "captionSelectorName": "608", "languageCode": "eng", "destinationSettings": destination}]);
    let selectors = json!([{"name": "608", "selectorSettings": {"embeddedSourceSettings": {}}}]);
    vec![
        ("/encoderSettings/captionDescriptions", caption),
        ("/inputAttachments/0/inputSettings/captionSelectors", selectors),
        ("/encoderSettings/outputGroups/0/outputs/0/captionDescriptionNames", json!(["c"])),
    ]
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.9", "AAC LC mono at 48 kHz takes 56 to 288 kbit/s", |b| {
        row(b, "CODING_MODE_1_0", 48_000.0, 56_000.0, 288_000.0);
    }),
    behaviour("aws-facts 1.9", "AAC LC mono at 32 kHz takes 32 to 192 kbit/s", |b| {
        row(b, "CODING_MODE_1_0", 32_000.0, 32_000.0, 192_000.0);
    }),
    behaviour("aws-facts 1.9", "AAC LC mono at 44.1 kHz takes 56 to 256 kbit/s", |b| {
        row(b, "CODING_MODE_1_0", 44_100.0, 56_000.0, 256_000.0);
    }),
    behaviour("aws-facts 1.9", "AAC LC mono at 96 kHz takes 128 to 288 kbit/s", |b| {
        row(b, "CODING_MODE_1_0", 96_000.0, 128_000.0, 288_000.0);
    }),
    behaviour("aws-facts 1.9", "AAC LC stereo at 48 kHz takes 64 to 576 kbit/s", |b| {
        row(b, "CODING_MODE_2_0", 48_000.0, 64_000.0, 576_000.0);
    }),
    behaviour("aws-facts 1.9", "AAC's bitrate and sample rate are numbers, not words", |b| {
        b.bad_channel(&[(&format!("{AUDIO}/codecSettings/aacSettings/bitrate"), json!("128000"))], "expected a number");
    }),
    behaviour("aws-facts 1.9", "AAC's coding modes are five", |b| {
        b.bad_channel(&[(&format!("{AUDIO}/codecSettings/aacSettings/codingMode"), json!("STEREO"))], "is not one of");
    }),
    behaviour("aws-facts 1.9", "an audio has one codec", |b| {
        let pointer = format!("{AUDIO}/codecSettings/ac3Settings");
        b.elements(&[(&pointer, json!({}))], &["audioDescriptions[0].codecSettings"]);
    }),
    behaviour("aws-facts 1.9", "an audio description has a name and a selector's name", |b| {
        b.elements(
            &[(&format!("{AUDIO}/audioSelectorName"), Value::Null)],
            &["audioDescriptions[0].audioSelectorName"],
        );
    }),
    behaviour("aws-facts 1.9", "a configured language must be given", |b| {
        let control = format!("{AUDIO}/languageCodeControl");
        b.elements(&[(&control, json!("USE_CONFIGURED"))], &["audioDescriptions[0].languageCode"]);
        b.accepts(&[(&control, json!("USE_CONFIGURED")), (&format!("{AUDIO}/languageCode"), json!("eng"))]);
    }),
    behaviour("aws-facts 1.8", "an audio selector that no input has is refused where there are selectors", |b| {
        let name = format!("{AUDIO}/audioSelectorName");
        b.elements(&[(&name, json!("other"))], &["audioDescriptions[0].audioSelectorName"]);
    }),
    behaviour("aws-facts 1.8, mistake 31", "without any selector the first audio is taken, whatever the name", |b| {
        b.accepts(&[
            ("/inputAttachments/0/inputSettings", json!({})),
            (&format!("{AUDIO}/audioSelectorName"), json!("x")),
        ]);
    }),
    behaviour("aws-facts 1.8", "names of audio selectors are unique in an input", |b| {
        let twice = json!([{"name": "default"}, {"name": "default"}]);
        let path = "inputAttachments[0].inputSettings.audioSelectors[1].name";
        b.elements(&[("/inputAttachments/0/inputSettings/audioSelectors", twice)], &[path]);
    }),
    behaviour("aws-facts 1.8", "an audio that no output uses is refused at its place", |b| {
        let audio = crate::rules::tests::channel()["encoderSettings"]["audioDescriptions"][0].clone();
        let second = crate::rules::tests::with(&audio, &[("/name", json!("commentary"))]);
        b.elements(&[("/encoderSettings/audioDescriptions/1", second)], &["audioDescriptions[1]"]);
    }),
    behaviour("aws-facts 1.8", "a caption that is complete is accepted, embedded and WebVTT", |b| {
        b.accepts(&caption(json!({"embeddedDestinationSettings": {}})));
        b.accepts(&caption(json!({"webvttDestinationSettings": {}})));
    }),
    behaviour("aws-facts 1.8", "a caption has one kind of destination", |b| {
        let both = json!({"embeddedDestinationSettings": {}, "webvttDestinationSettings": {}});
        b.elements(&caption(both), &["captionDescriptions[0].destinationSettings"]);
    }),
    behaviour("aws-facts 1.8", "a caption's selector must exist even where no input has any", |b| {
        let mut edits = caption(json!({"embeddedDestinationSettings": {}}));
        edits.remove(1);
        b.elements(&edits, &["captionDescriptions[0].captionSelectorName"]);
    }),
    behaviour("aws-facts 1.8", "a caption that no output uses is refused at its place", |b| {
        let mut edits = caption(json!({"embeddedDestinationSettings": {}}));
        edits.pop();
        b.elements(&edits, &["captionDescriptions[0]"]);
    }),
    behaviour("aws-facts 1.8", "MediaPackage takes no captions of broadcast streams, whatever they are", |b| {
        let path = "outputGroups[0].outputs[0].captionDescriptionNames[0]";
        for taken in [
            "embeddedDestinationSettings",
            "webvttDestinationSettings",
            "ttmlDestinationSettings",
            "burnInDestinationSettings",
        ] {
            b.accepts(&caption(json!({taken: {}})));
        }
        for refused in [
            "scte27DestinationSettings",
            "teletextDestinationSettings",
            "aribDestinationSettings",
            "smpteTtDestinationSettings",
        ] {
            b.elements(&caption(json!({refused: {}})), &[path]);
        }
    }),
    behaviour("aws-facts 1.8", "an archive takes embedded captions and no WebVTT", |b| {
        let archived = |format: &str| {
            let mut edits = caption(json!({format: {}}));
            edits[2].0 = "/encoderSettings/outputGroups/1/outputs/0/captionDescriptionNames";
            edits
        };
        b.accepts(&archived("embeddedDestinationSettings"));
        b.elements(&archived("webvttDestinationSettings"), &["outputGroups[1].outputs[0].captionDescriptionNames[0]"]);
    }),
    behaviour("aws-facts 1.10", "captions alone can be an output for MediaPackage", |b| {
        let mut edits = caption(json!({"webvttDestinationSettings": {}}));
        let output = json!({"outputName": "c", "captionDescriptionNames": ["c"], "outputSettings": {"mediaPackageOutputSettings": {}}});
        edits[2] = ("/encoderSettings/outputGroups/0/outputs/2", output);
        b.accepts(&edits);
    }),
    behaviour("aws-facts 1.9", "the timecode needs a source from the list", |b| {
        b.elements(&[("/encoderSettings/timecodeConfig/source", Value::Null)], &["timecodeConfig.source"]);
        b.bad_channel(&[("/encoderSettings/timecodeConfig/source", json!("NTP"))], "NTP is not one of");
    }),
    behaviour("aws-facts 1.9", "a lost picture repeats for a million milliseconds at most", |b| {
        for member in ["repeatFrameMsec", "blackFrameMsec"] {
            b.elements(&[loss(member, json!(1_000_001))], &[&lost(member)]);
            b.accepts(&[loss(member, json!(1_000_000))]);
        }
    }),
    behaviour("aws-facts 1.9", "the colour of a lost picture is six hexadecimal digits", |b| {
        b.elements(&[loss("inputLossImageColor", json!("blue00"))], &[&lost("inputLossImageColor")]);
        b.elements(&[loss("inputLossImageColor", json!("0000F"))], &[&lost("inputLossImageColor")]);
        b.accepts(&[loss("inputLossImageColor", json!("0000FF"))]);
    }),
    behaviour("aws-facts 1.9", "a slate needs its image", |b| {
        b.elements(&[loss("inputLossImageType", json!("SLATE"))], &[&lost("inputLossImageSlate.uri")]);
        let slate = json!({"inputLossImageType": "SLATE", "inputLossImageSlate": {"uri": "s3ssl://b/slate.png"}});
        b.accepts(&[(LOSS, json!({"inputLossBehavior": slate}))]);
    }),
    behaviour("aws-facts 1.8", "HLS input settings have no negative retries", |b| {
        let settings = json!({"hlsInputSettings": {"retries": -1}});
        let path = "inputAttachments[0].inputSettings.networkInputSettings.hlsInputSettings.retries";
        b.elements(&[("/inputAttachments/0/inputSettings/networkInputSettings", settings)], &[path]);
    }),
    behaviour("aws-facts 1.8", "an input filter has a strength of 1 to 5", |b| {
        let pointer = "/inputAttachments/0/inputSettings/filterStrength";
        b.elements(&[(pointer, json!(6))], &["inputAttachments[0].inputSettings.filterStrength"]);
        b.accepts(&[(pointer, json!(5))]);
    }),
];
