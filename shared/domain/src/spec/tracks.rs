//! Reads what a spec says of sound and captions: the renditions, their languages, and where in the source they are.

use super::fields::is_label;
use super::reader::{Object, Problems};
use super::{AudioLayout, AudioSource, AudioSpec, CaptionOutput, CaptionSpec, Spec};
use crate::slot::Format;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Each is an output of its own in the packager's group, and a choice in the player's menu.
const RENDITIONS_MOST: usize = 8;
const LABEL_MOST: usize = 64;
const NAME: &str = "must have 1 to 32 lower-case letters, digits or hyphens";

pub fn audio(body: &mut Object<'_>, problems: &Problems) -> Vec<AudioSpec> {
    let pointer = body.at("audio");
    let Some(items) = body.list("audio") else {
        return vec![AudioSpec::new("stereo", AudioLayout::Stereo, 128_000)];
    };
    if items.is_empty() || items.len() > RENDITIONS_MOST {
        body.problem("audio", format!("must have 1 to {RENDITIONS_MOST} renditions"));
    }
    let read = |(index, item): (usize, &Value)| rendition(item, &format!("{pointer}/{index}"), problems);
    items.iter().enumerate().filter_map(read).collect()
}

fn rendition(item: &Value, path: &str, problems: &Problems) -> Option<AudioSpec> {
    let mut object = Object::new(item, path, problems)?;
    if object.raw("layout").is_none() {
        object.problem("layout", "is required: stereo or 5.1");
    }
    let layout = object.word("layout", "stereo, 5.1");
    // AAC LC at 48 kHz (aws-facts 1.9): 2.0 takes 64 to 576 kb/s, 5.1 takes 240 to 768.
    let (least, most, usual) = match layout {
        Some(AudioLayout::Surround) => (240_000, 768_000, 256_000),
        _ => (64_000, 576_000, 128_000),
    };
    let asked = object.raw("bitrate").is_some();
    let bitrate = object.whole("bitrate", least, most);
    let language = language(&mut object);
    let word = if layout == Some(AudioLayout::Surround) { "surround" } else { "stereo" };
    let name = object.text("name").unwrap_or_else(|| match &language {
        Some(language) => format!("{word}-{language}"),
        None => word.to_owned(),
    });
    if !is_label(&name) {
        object.problem("name", NAME);
    }
    let label = label(&mut object);
    let source = source(&mut object);
    object.finish();
    let bitrate = if asked { bitrate? } else { usual };
    Some(AudioSpec { name, layout: layout?, bitrate, language, label, source })
}

/// ISO 639-2, as MediaLive has it (aws-facts 1.8, 1.9).
fn language(object: &mut Object<'_>) -> Option<String> {
    let text = object.text("language")?;
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_lowercase()) {
        return Some(text);
    }
    object.problem("language", format!("must be a three-letter ISO 639-2 code like \"eng\" or \"deu\", not {text:?}"));
    None
}

fn label(object: &mut Object<'_>) -> Option<String> {
    let text = object.text("label")?;
    // It stands in a quoted string of the HLS manifest.
    if text.trim().is_empty() || text.chars().count() > LABEL_MOST || text.contains(['"', '\n', '\r']) {
        object.problem("label", format!("must have 1 to {LABEL_MOST} characters, without quotes or line breaks"));
        return None;
    }
    Some(text)
}

fn source(object: &mut Object<'_>) -> Option<AudioSource> {
    let mut source = object.object("source")?;
    let one = "must say where the sound is in one way: {\"language\": \"eng\"}, {\"track\": 2} or {\"pid\": 482}";
    let given = source.entries().filter(|(_, value)| !value.is_null()).count();
    let language = language(&mut source).map(AudioSource::Language);
    let track = source.whole("track", 1, 64).map(AudioSource::Track);
    // Packet ids have 13 bits (aws-facts 1.9's model).
    let pid = source.whole("pid", 0, 8191).map(AudioSource::Pid);
    source.finish();
    if given != 1 {
        object.problem("source", one);
        return None;
    }
    language.or(track).or(pid)
}

pub fn captions(body: &mut Object<'_>, problems: &Problems) -> Vec<CaptionSpec> {
    let pointer = body.at("captions");
    let items = body.list("captions").unwrap_or_default();
    if items.len() > RENDITIONS_MOST {
        body.problem("captions", format!("must have at most {RENDITIONS_MOST} entries"));
    }
    let read = |(index, item): (usize, &Value)| caption(item, &format!("{pointer}/{index}"), problems);
    items.iter().enumerate().filter_map(read).collect()
}

fn caption(item: &Value, path: &str, problems: &Problems) -> Option<CaptionSpec> {
    let mut object = Object::new(item, path, problems)?;
    if object.raw("language").is_none() {
        object.problem("language", "is required: a three-letter ISO 639-2 code like \"eng\"");
    }
    let language = language(&mut object);
    let channel = object.whole("channel", 1, 4).unwrap_or(1);
    let output = object.word("output", "embedded, webvtt").unwrap_or(CaptionOutput::Webvtt);
    let asked = object.text("name");
    let name = asked.or_else(|| Some(format!("captions-{}", language.as_ref()?)));
    if name.as_ref().is_some_and(|name| !is_label(name)) {
        object.problem("name", NAME);
    }
    let label = label(&mut object);
    object.finish();
    Some(CaptionSpec { name: name?, language: language?, channel, output, label })
}

pub fn check_audio(spec: &Spec, problems: &Problems) {
    let surround_source = spec.inputs.iter().any(|input| input.source_audio == AudioLayout::Surround);
    let mut menu = Menu::new("/audio", problems);
    for (index, rendition) in spec.audio.iter().enumerate() {
        menu.name(index, &rendition.name, "rendition");
        menu.label(index, rendition.label.as_ref(), &rendition.name);
        if let Some(language) = &rendition.language {
            let track = format!("{language}, {}", rendition.layout.word());
            menu.language(index, track, rendition.label.is_some());
        }
        if rendition.layout == AudioLayout::Surround && !surround_source {
            // MediaLive cannot upmix (aws-facts 1.9).
            problems.add(
                format!("/audio/{index}/layout"),
                "5.1 cannot be made of a stereo source; set sourceAudio: \"5.1\" on an input that carries it",
            );
        }
    }
}

pub fn check_captions(spec: &Spec, problems: &Problems) {
    let manifests = [Format::Hls, Format::Cmaf].iter().any(|format| spec.endpoints.contains_key(format));
    let mut menu = Menu::new("/captions", problems);
    let mut channels: BTreeMap<u32, &str> = BTreeMap::new();
    let mut embedded: Option<&str> = None;
    for (index, caption) in spec.captions.iter().enumerate() {
        menu.name(index, &caption.name, "entry");
        match caption.output {
            CaptionOutput::Embedded => {
                if let Some(earlier) = embedded {
                    // Embedded captions pass through whole: one description carries every channel of the source.
                    let why = format!("{earlier} carries all embedded channels already; remove this entry");
                    problems.add(format!("/captions/{index}/output"), why);
                }
                embedded = embedded.or(Some(&caption.name));
            }
            CaptionOutput::Webvtt => {
                menu.label(index, caption.label.as_ref(), &caption.name);
                menu.language(index, caption.language.clone(), caption.label.is_some());
                if let Some(earlier) = channels.insert(caption.channel, &caption.name) {
                    let why = format!("channel {} is {earlier}'s already; a channel is one language", caption.channel);
                    problems.add(format!("/captions/{index}/channel"), why);
                }
                if !manifests {
                    problems.add(
                        format!("/captions/{index}/output"),
                        "WebVTT is for HLS and CMAF players; add an hls or cmaf endpoint, or set output: \"embedded\"",
                    );
                }
            }
        }
    }
}

/// What viewers choose from: no two entries may look the same.
struct Menu<'a> {
    list: &'static str,
    names: BTreeSet<String>,
    /// The name of the present entry was there already, and that has been told.
    twice: bool,
    labels: BTreeSet<String>,
    /// Language, and whether each entry of it has a label of its own.
    languages: BTreeMap<String, bool>,
    problems: &'a Problems,
}

impl<'a> Menu<'a> {
    fn new(list: &'static str, problems: &'a Problems) -> Self {
        let (names, labels, languages) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        Self { list, names, twice: false, labels, languages, problems }
    }

    fn name(&mut self, index: usize, name: &str, what: &str) {
        self.twice = !self.names.insert(name.to_owned());
        if self.twice {
            let why = format!("{name:?} is the name of an earlier {what}");
            self.problems.add(format!("{}/{index}/name", self.list), why);
        }
    }

    /// Players show the label, or else the name; HLS allows each once.
    fn label(&mut self, index: usize, label: Option<&String>, name: &String) {
        let shown = label.unwrap_or(name);
        let again = !self.labels.insert(shown.clone());
        if again && (label.is_some() || !self.twice) {
            let why = format!("{shown:?} is what players show of an earlier entry; give each a label of its own");
            self.problems.add(format!("{}/{index}/label", self.list), why);
        }
    }

    fn language(&mut self, index: usize, language: String, labelled: bool) {
        let told_apart = labelled && self.languages.get(&language).is_none_or(|all| *all);
        if self.languages.contains_key(&language) && !told_apart {
            let why =
                format!("{language} is there already; give both entries a label, so that viewers can tell them apart");
            self.problems.add(format!("{}/{index}/language", self.list), why);
        }
        self.languages.insert(language, told_apart);
    }
}
