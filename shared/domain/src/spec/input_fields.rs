//! Reads the fields of an input. Which of them go with which type is `input_check`'s.

use super::fields::is_label;
use super::input::INPUT_KINDS;
use super::reader::{Object, Problems};
use super::{
    AudioLayout, FailoverConditions, FailoverPreference, FailoverSpec, InputKind, InputSpec, SrtDecryption, SrtSource,
    SrtSpec,
};
use serde_json::Value;

/// Attachments of a channel (aws-facts 1.5).
const INPUTS_MOST: usize = 20;
/// MediaLive's range for the time in which SRT asks for lost packets again.
const SRT_LATENCY_MS: (u32, u32) = (120, 15_000);
/// Fails over after 3 s, back after 30 s of health (aws-facts 1.8).
const LOSS_MS: u32 = 3_000;
const CLEAR_MS: u32 = 30_000;
const FAILOVER_MS_MOST: u32 = 3_600_000;

pub fn inputs(body: &mut Object<'_>, problems: &Problems) -> Vec<InputSpec> {
    let pointer = body.at("inputs");
    let Some(items) = body.list("inputs") else {
        return vec![InputSpec::new("rtmp", InputKind::RtmpPush)];
    };
    if items.is_empty() || items.len() > INPUTS_MOST {
        body.problem("inputs", format!("must have 1 to {INPUTS_MOST} inputs"));
    }
    let read = |(index, item): (usize, &Value)| input(item, &format!("{pointer}/{index}"), problems);
    items.iter().enumerate().filter_map(read).collect()
}

fn input(item: &Value, path: &str, problems: &Problems) -> Option<InputSpec> {
    let mut object = Object::new(item, path, problems)?;
    let name = object.text("name");
    match &name {
        None if object.raw("name").is_none() => object.problem("name", "is required"),
        Some(name) if !is_label(name) => {
            object.problem("name", "must have 1 to 32 lower-case letters, digits or hyphens");
        }
        _ => {}
    }
    if object.raw("type").is_none() {
        object.problem("type", format!("is required: one of {INPUT_KINDS}"));
    }
    let kind = object.word::<InputKind>("type", INPUT_KINDS);
    let allow_from = texts(&mut object, "allowFrom", problems);
    let allow_anywhere = object.flag("allowAnywhere").unwrap_or(false);
    let urls = texts(&mut object, "urls", problems);
    let username = object.text("username");
    let password_parameter = object.text("passwordParameter");
    let flows = texts(&mut object, "flows", problems);
    let srt = srt(&mut object, problems);
    let loops = object.flag("loop").unwrap_or(false);
    let source_audio = object.word("sourceAudio", "stereo, 5.1").unwrap_or(AudioLayout::Stereo);
    let failover = failover(&mut object);
    object.finish();
    let (name, kind) = (name?, kind?);
    Some(InputSpec {
        allow_from,
        allow_anywhere,
        urls,
        username,
        password_parameter,
        flows,
        srt,
        loops,
        source_audio,
        failover,
        ..InputSpec::new(name, kind)
    })
}

fn texts(object: &mut Object<'_>, field: &'static str, problems: &Problems) -> Vec<String> {
    let pointer = object.at(field);
    let items = object.list(field).unwrap_or_default();
    let text = |(index, item): (usize, &Value)| match item.as_str() {
        Some(text) => Some(text.to_owned()),
        None => {
            problems.add(format!("{pointer}/{index}"), "must be a string");
            None
        }
    };
    items.iter().enumerate().filter_map(text).collect()
}

fn srt(object: &mut Object<'_>, problems: &Problems) -> Option<SrtSpec> {
    let mut srt = object.object("srt")?;
    let pointer = srt.at("sources");
    let items = srt.list("sources").unwrap_or_default();
    let read = |(index, item): (usize, &Value)| source(item, &format!("{pointer}/{index}"), problems);
    let sources = items.iter().enumerate().filter_map(read).collect();
    let minimum_latency_ms = latency(&mut srt);
    let stream_id = srt.text("streamId");
    let decryption = decryption(&mut srt);
    srt.finish();
    Some(SrtSpec { sources, minimum_latency_ms, stream_id, decryption })
}

/// An entry that cannot be read still counts as a source, so that its absence is not told besides.
fn source(item: &Value, path: &str, problems: &Problems) -> Option<SrtSource> {
    let mut object = Object::new(item, path, problems)?;
    for (field, example) in [("address", "a host name or an IPv4 address"), ("port", "a number from 1 to 65535")] {
        if object.raw(field).is_none() {
            object.problem(field, format!("is required: {example}"));
        }
    }
    let address = object.text("address");
    if address.as_ref().is_some_and(String::is_empty) {
        object.problem("address", "must not be empty");
    }
    let read = SrtSource {
        address: address.unwrap_or_default(),
        port: object.whole("port", 1, 65_535).unwrap_or(1),
        stream_id: object.text("streamId"),
        minimum_latency_ms: latency(&mut object),
        decryption: decryption(&mut object),
    };
    object.finish();
    Some(read)
}

fn latency(object: &mut Object<'_>) -> Option<u32> {
    object.whole("minimumLatencyMs", SRT_LATENCY_MS.0, SRT_LATENCY_MS.1)
}

fn decryption(object: &mut Object<'_>) -> Option<SrtDecryption> {
    let mut object = object.object("decryption")?;
    for (field, example) in [
        ("algorithm", "AES128, AES192 or AES256"),
        ("passphraseSecretArn", "the ARN of a secret in Secrets Manager that holds the passphrase"),
    ] {
        if object.raw(field).is_none() {
            object.problem(field, format!("is required: {example}"));
        }
    }
    let algorithm = object.word("algorithm", "AES128, AES192, AES256");
    let passphrase_secret_arn = object.text("passphraseSecretArn");
    object.finish();
    Some(SrtDecryption { algorithm: algorithm?, passphrase_secret_arn: passphrase_secret_arn? })
}

fn failover(object: &mut Object<'_>) -> Option<FailoverSpec> {
    let mut failover = object.object("failover")?;
    if failover.raw("input").is_none() {
        failover.problem("input", "is required: the name of the input that takes over");
    }
    let input = failover.text("input");
    let preference = failover.word("preference", "equal, primary").unwrap_or(FailoverPreference::Primary);
    let clear_time_ms = failover.whole("clearTimeMs", 1, FAILOVER_MS_MOST).unwrap_or(CLEAR_MS);
    let mut conditions = FailoverConditions { input_loss_ms: LOSS_MS, black_ms: None, silence_ms: None };
    if let Some(mut object) = failover.object("conditions") {
        // The least that MediaLive takes (aws-facts 1.8).
        conditions.input_loss_ms = object.whole("inputLossMs", 100, FAILOVER_MS_MOST).unwrap_or(LOSS_MS);
        conditions.black_ms = object.whole("blackMs", 1_000, FAILOVER_MS_MOST);
        conditions.silence_ms = object.whole("silenceMs", 1_000, FAILOVER_MS_MOST);
        object.finish();
    }
    failover.finish();
    Some(FailoverSpec { input: input?, preference, clear_time_ms, conditions })
}
