//! Audio descriptions: selectors, language, AAC's table (aws-facts 1.8, 1.9).

use crate::rules::{Defects, Node, Strictness};

use super::exactly_one;

pub fn check(input: &Node<'_>, encoder: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    for audio in encoder.get("audioDescriptions").items() {
        selector(input, &audio, defects);
        language(&audio, defects);
        let codec = audio.get("codecSettings");
        if codec.exists() {
            exactly_one(&codec, "codec setting", defects);
        }
        let aac = codec.get("aacSettings");
        if aac.exists() && strictness.aac_table {
            aac_table(&aac, defects);
        }
    }
}

/// aws-facts 1.8: inputs without any audio selector take the first audio, whatever the name; otherwise it must exist.
fn selector(input: &Node<'_>, audio: &Node<'_>, defects: &mut Defects) {
    let name = audio.get("audioSelectorName");
    let Some(text) = name.str() else { return };
    let attachments = input.get("inputAttachments").items();
    let selectors: Vec<_> = attachments.iter().flat_map(|a| a.at("inputSettings.audioSelectors").items()).collect();
    if !selectors.is_empty() && !selectors.iter().any(|s| s.get("name").is(text)) {
        defects.invalid(&name, format!("no attached input has an audio selector called {text}"));
    }
}

/// aws-facts 1.9: USE_CONFIGURED needs the language that is configured.
fn language(audio: &Node<'_>, defects: &mut Defects) {
    if audio.get("languageCodeControl").is("USE_CONFIGURED") {
        defects.require(&audio.get("languageCode"));
    }
}

/// Known rows of the AAC table for profile LC: (coding mode, sample rate, lowest and highest bitrate). aws-facts 1.9; the
/// whole table is not public, so what is not listed is accepted.
const LC_ROWS: &[(&str, f64, f64, f64)] = &[
    ("CODING_MODE_1_0", 32_000.0, 32_000.0, 192_000.0),
    ("CODING_MODE_1_0", 44_100.0, 56_000.0, 256_000.0),
    ("CODING_MODE_1_0", 48_000.0, 56_000.0, 288_000.0),
    ("CODING_MODE_1_0", 96_000.0, 128_000.0, 288_000.0),
    ("CODING_MODE_2_0", 48_000.0, 64_000.0, 576_000.0),
    ("CODING_MODE_5_1", 48_000.0, 240_000.0, 768_000.0),
];

fn aac_table(aac: &Node<'_>, defects: &mut Defects) {
    let lc = !aac.get("profile").exists() || aac.get("profile").is("LC");
    let vbr = aac.get("rateControlMode").is("VBR");
    let (bitrate, rate) = (aac.get("bitrate"), aac.get("sampleRate"));
    let (Some(bits), Some(sample_rate)) = (bitrate.num(), rate.num()) else {
        return;
    };
    if !lc || vbr {
        return;
    }
    // Sample rates are whole numbers, exact in a double.
    let row = LC_ROWS.iter().find(|(mode, hertz, ..)| aac.get("codingMode").is(mode) && *hertz == sample_rate);
    if let Some(&(mode, hertz, low, high)) = row
        && !(low..=high).contains(&bits)
    {
        defects.invalid(&bitrate, format!("AAC LC {mode} at {hertz} Hz takes {low} to {high} bit/s, not {bits}"));
    }
}
