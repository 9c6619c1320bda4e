//! What lies exactly on a bound is taken, what is one beyond it is not; and what an old record leaves out.

use super::reading::{bad, good};
use super::stage::built_record;
use crate::action::{Seen, Verb};
use crate::phase::{Phase, phase};
use crate::plan::teardown::absent;
use crate::record::{Doing, Record, SlotState, State, Want};
use crate::request::usable;
use crate::slot::Slot;
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn with(field: &str, value: Value) -> Value {
    json!({"name": "n", field: value})
}

#[test]
fn a_tag_has_a_key_of_128_characters_and_a_value_of_256_and_there_are_forty() {
    let tags = |key: usize, value: usize| with("tags", json!({"k".repeat(key): "v".repeat(value)}));
    good(&tags(128, 256));
    bad(&tags(129, 256), &[(&format!("/tags/{}", "k".repeat(129)), "1 to 128")]);
    bad(&tags(0, 1), &[("/tags/", "1 to 128")]);
    bad(&tags(1, 257), &[("/tags/k", "at most 256")]);
    let many = |count: usize| {
        let all: BTreeMap<String, &str> = (0..count).map(|index| (format!("k{index}"), "v")).collect();
        with("tags", json!(all))
    };
    good(&many(40));
    bad(&many(41), &[("/tags", "at most 40")]);
}

#[test]
fn a_label_has_1_to_64_characters_and_no_quotes() {
    let label = |text: &str| with("audio", json!([{"layout": "stereo", "label": text}]));
    good(&label(&"l".repeat(64)));
    for text in [" ", &"l".repeat(65), "a \"b\"", "a\nb"] {
        bad(&label(text), &[("/audio/0/label", "1 to 64 characters")]);
    }
}

#[test]
fn a_label_and_a_name_that_look_alike_are_told() {
    let two = |second: Value| with("audio", json!([{"layout": "stereo", "name": "x", "label": "b"}, second]));
    bad(&two(json!({"layout": "stereo", "name": "b"})), &[("/audio/1/label", "a label of its own")]);
    let both = json!({"layout": "stereo", "name": "x", "label": "b"});
    bad(&two(both), &[("/audio/1/name", "earlier rendition"), ("/audio/1/label", "a label of its own")]);
}

#[test]
fn surround_has_240_to_768_kilobits_a_second() {
    let surround = |bitrate: u32| {
        let input = json!([{"name": "a", "type": "RTMP_PUSH", "sourceAudio": "5.1"}]);
        json!({"name": "n", "inputs": input, "audio": [{"layout": "5.1", "bitrate": bitrate}]})
    };
    assert_eq!(good(&surround(240_000)).audio[0].bitrate, 240_000);
    assert_eq!(good(&surround(768_000)).audio[0].bitrate, 768_000);
    bad(&surround(239_999), &[("/audio/0/bitrate", "240000")]);
    bad(&surround(768_001), &[("/audio/0/bitrate", "768000")]);
    let mut usual = surround(240_000);
    usual["audio"] = json!([{"layout": "5.1"}]);
    assert_eq!(good(&usual).audio[0].bitrate, 256_000);
}

#[test]
fn an_error_rate_is_above_0_and_up_to_100() {
    let alarm = |percent: Value| with("alarms", json!({"cdn4xxPercent": percent}));
    good(&alarm(json!(0.1)));
    good(&alarm(json!(100)));
    for percent in [json!(0), json!(-1), json!(100.1), json!("5")] {
        bad(&alarm(percent), &[("/alarms/cdn4xxPercent", "above 0 and up to 100")]);
    }
}

#[test]
fn a_manifest_has_a_name_of_1_to_64_plain_characters_and_a_window_of_three_segments() {
    let hls = |settings: Value| with("endpoints", json!({"hls": settings}));
    let named = |name: &str| hls(json!({"manifestName": name}));
    good(&named(&"m".repeat(64)));
    for name in ["", &"m".repeat(65), "a b", "index.m3u8"] {
        bad(&named(name), &[("/endpoints/hls/manifestName", "1 to 64")]);
    }
    good(&hls(json!({"segmentSeconds": 6, "windowSeconds": 18})));
    let short = hls(json!({"segmentSeconds": 6, "windowSeconds": 17}));
    bad(&short, &[("/endpoints/hls/windowSeconds", "three segments")]);
}

#[test]
fn a_block_of_eight_bits_may_push_and_a_wider_one_only_when_that_is_meant() {
    let from = |block: &str| with("inputs", json!([{"name": "a", "type": "RTMP_PUSH", "allowFrom": [block]}]));
    good(&from("9.0.0.0/8"));
    bad(&from("8.0.0.0/7"), &[("/inputs/0/allowFrom/0", "allowAnywhere")]);
}

#[test]
fn the_address_of_a_slate_has_at_most_512_characters() {
    let slate = |length: usize| {
        let (start, end) = ("https://a.example.net/", ".png");
        let url = format!("{start}{}{end}", "s".repeat(length - start.len() - end.len()));
        with("inputLoss", json!({"show": "slate", "slateUrl": url}))
    };
    good(&slate(512));
    bad(&slate(513), &[("/inputLoss/slateUrl", "at most 512")]);
}

#[test]
fn an_address_has_neither_spaces_nor_control_characters() {
    for url in ["https://a.example.net/a b.m3u8", "https://a.example.net/a\u{1}b.m3u8", "https://a.example.net/a\\b"] {
        let pull = json!([{"name": "a", "type": "URL_PULL", "urls": [url]}]);
        bad(&with("inputs", pull), &[("/inputs/0/urls/0", "spaces or backslashes")]);
    }
}

#[test]
fn a_name_that_is_no_text_is_not_called_missing() {
    let input = json!([{"name": 5, "type": "RTMP_PUSH"}]);
    bad(&with("inputs", input), &[("/inputs/0/name", "string")]);
}

#[test]
fn a_slot_that_needs_a_name_has_one() {
    for text in ["group/", "input/", "group", "input"] {
        assert!(text.parse::<Slot>().is_err(), "{text}");
    }
    assert_eq!("group/a".parse(), Ok(Slot::Group("a".to_owned())));
}

#[test]
fn what_was_never_rotated_is_left_out_of_the_record() {
    let state = serde_json::to_value(State::default()).unwrap();
    assert_eq!(state.get("cdn_secret"), None, "{state}");
    let seen: Seen = serde_json::from_value(json!({"status": "ready", "pipelines": 0})).unwrap();
    assert!(seen.enabled, "an old record says nothing of it");
}

#[test]
fn a_platform_is_gone_when_it_is_known_to_be_gone() {
    let mut record = built_record();
    record.asked.intent.want = Want::Gone;
    assert_eq!(phase(&record), Phase::TearingDown);
    record.state.gone_at = Some(Timestamp(1));
    assert_eq!(phase(&record), Phase::Gone);
}

fn doing(verb: Verb, unanswered: bool, unsure: bool) -> Doing {
    let all = json!({"verb": verb, "since": 0, "tries": 1, "unanswered": unanswered, "unsure": unsure});
    serde_json::from_value(all).unwrap()
}

#[test]
fn only_a_delete_in_doubt_makes_an_object_unusable() {
    let input = built_record().state.slots.keys().find(|slot| matches!(slot, Slot::Input(_))).cloned().unwrap();
    let usable_while = |doing: Option<Doing>| {
        let mut record: Record = built_record();
        record.state.slots.get_mut(&input).unwrap().doing = doing;
        usable(&record, &input, &Slot::Channel)
    };
    assert!(usable_while(None));
    assert!(usable_while(Some(doing(Verb::Update, true, true))));
    assert!(usable_while(Some(doing(Verb::Delete, false, false))));
    assert!(!usable_while(Some(doing(Verb::Delete, true, false))));
    assert!(!usable_while(Some(doing(Verb::Delete, false, true))));
}

#[test]
fn what_may_yet_come_is_not_absent() {
    assert!(absent(None));
    let state = |doing| SlotState { doing, ..SlotState::default() };
    assert!(absent(Some(&state(None))));
    assert!(absent(Some(&state(Some(doing(Verb::Create, false, false))))));
    assert!(!absent(Some(&state(Some(doing(Verb::Create, true, false))))));
    assert!(!absent(Some(&state(Some(doing(Verb::Create, false, true))))));
}
