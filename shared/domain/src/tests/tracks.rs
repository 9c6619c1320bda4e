//! Audio renditions in several languages, captions, and what is shown while no picture comes in.

use super::reading::{bad, good};
use crate::spec::{AudioSource, CaptionOutput, LossPicture, Moment, changes, read};
use serde_json::{Value, json};

fn with(field: &str, value: Value) -> Value {
    json!({"name": "n", field: value})
}

#[test]
fn renditions_are_taken_by_language_track_or_pid() {
    let spec = good(&with(
        "audio",
        json!([
            {"layout": "stereo", "language": "eng", "label": "English", "source": {"language": "eng"}},
            {"layout": "stereo", "language": "deu", "source": {"track": 2}},
            {"name": "clean", "layout": "stereo", "source": {"pid": 482}},
            {"name": "first", "layout": "stereo"},
        ]),
    ));
    let sources: Vec<_> = spec.audio.iter().map(|it| it.source.clone()).collect();
    assert_eq!(sources[..2], [Some(AudioSource::Language("eng".to_owned())), Some(AudioSource::Track(2))]);
    assert_eq!(sources[2..], [Some(AudioSource::Pid(482)), None]);
    let names: Vec<_> = spec.audio.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["stereo-eng", "stereo-deu", "clean", "first"]);
    let shown = serde_json::to_value(&spec).unwrap();
    assert_eq!(shown["audio"][1]["source"], json!({"track": 2}));
    assert_eq!(read(&shown), Ok(spec), "{shown}");
}

#[test]
fn a_source_of_sound_is_said_in_one_way() {
    let from = |source: Value| with("audio", json!([{"layout": "stereo", "source": source}]));
    let at = "/audio/0/source";
    bad(&from(json!({})), &[(at, "in one way")]);
    bad(&from(json!({"track": 1, "pid": 482})), &[(at, "in one way")]);
    bad(&from(json!({"track": 0})), &[("/audio/0/source/track", "from 1")]);
    bad(&from(json!({"pid": 8192})), &[("/audio/0/source/pid", "to 8191")]);
    bad(&from(json!({"language": "en"})), &[("/audio/0/source/language", "ISO 639-2")]);
    bad(&from(json!({"stream": 1})), &[("/audio/0/source/stream", "unknown field; known here: language, track, pid")]);
    bad(&from(json!("eng")), &[(at, "must be an object")]);
}

#[test]
fn viewers_can_tell_renditions_apart() {
    let two = |first: Value, second: Value| with("audio", json!([first, second]));
    let track = |over: Value| {
        let mut rendition = json!({"layout": "stereo", "language": "eng"});
        rendition.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        rendition
    };
    let (a, b) = (json!({"name": "a"}), json!({"name": "b"}));
    bad(
        &two(track(json!({})), track(json!({}))),
        &[("/audio/1/name", "earlier rendition"), ("/audio/1/language", "a label")],
    );
    bad(&two(track(a.clone()), track(b.clone())), &[("/audio/1/language", "give both entries a label")]);
    let labelled = json!({"name": "b", "label": "Commentary"});
    bad(&two(track(a), track(labelled.clone())), &[("/audio/1/language", "give both entries a label")]);
    good(&two(track(json!({"name": "a", "label": "English"})), track(labelled)));
    let same = |name: &str| track(json!({"name": name, "label": "English"}));
    bad(&two(same("a"), same("b")), &[("/audio/1/label", "give each a label of its own")]);
    bad(
        &two(track(b), json!({"name": "x", "layout": "stereo", "label": "b"})),
        &[("/audio/1/label", "a label of its own")],
    );
    bad(
        &two(track(json!({"label": "a\"b"})), track(json!({"language": "english", "name": "x"}))),
        &[("/audio/0/label", "without quotes"), ("/audio/1/language", "three-letter")],
    );
    let nine: Vec<Value> = (0..9).map(|n| json!({"name": format!("r{n}"), "layout": "stereo"})).collect();
    bad(&with("audio", json!(nine)), &[("/audio", "1 to 8")]);
}

#[test]
fn captions_come_of_a_608_channel_as_a_track_or_inside_the_video() {
    let spec = good(&with(
        "captions",
        json!([
            {"language": "eng"},
            {"language": "spa", "channel": 3, "label": "Español"},
            {"name": "inside", "language": "eng", "output": "embedded"},
        ]),
    ));
    let first = &spec.captions[0];
    assert_eq!((first.name.as_str(), first.channel, first.output), ("captions-eng", 1, CaptionOutput::Webvtt));
    assert_eq!(spec.captions[2].output, CaptionOutput::Embedded);
    let shown = serde_json::to_value(&spec).unwrap();
    assert_eq!(read(&shown), Ok(spec), "{shown}");
}

#[test]
fn bad_captions_name_the_field_and_the_cure() {
    let captions = |items: Value| with("captions", items);
    bad(&captions(json!([{}])), &[("/captions/0/language", "is required")]);
    bad(&captions(json!([{"language": "en"}])), &[("/captions/0/language", "ISO 639-2")]);
    bad(&captions(json!([{"language": "eng", "channel": 5}])), &[("/captions/0/channel", "1 to 4")]);
    bad(&captions(json!([{"language": "eng", "output": "srt"}])), &[("/captions/0/output", "embedded, webvtt")]);
    bad(&captions(json!([{"language": "eng", "name": "A b"}])), &[("/captions/0/name", "lower-case")]);
    bad(
        &captions(json!([{"language": "eng"}, {"language": "spa"}])),
        &[("/captions/1/channel", "a channel is one language")],
    );
    bad(
        &captions(json!([{"language": "eng"}, {"language": "eng", "name": "b", "channel": 2}])),
        &[("/captions/1/language", "give both entries a label")],
    );
    let inside =
        |name: &str, channel: u32| json!({"name": name, "language": "eng", "output": "embedded", "channel": channel});
    bad(&captions(json!([inside("a", 1), inside("b", 2)])), &[("/captions/1/output", "remove this entry")]);
    let nine: Vec<Value> = (0..9).map(|_| json!({"language": "eng"})).collect();
    assert!(read(&captions(json!(nine))).unwrap_err().iter().any(|it| it.detail.contains("at most 8")));
}

#[test]
fn webvtt_is_refused_where_no_player_would_get_it() {
    let request = |endpoints: Value, output: &str| json!({"name": "n", "endpoints": endpoints, "captions": [{"language": "eng", "output": output}]});
    for format in ["hls", "cmaf"] {
        good(&request(json!({format: {}}), "webvtt"));
    }
    bad(&request(json!({"dash": {}}), "webvtt"), &[("/captions/0/output", "add an hls or cmaf endpoint")]);
    good(&request(json!({"dash": {}}), "embedded"));
}

#[test]
fn a_lost_picture_is_repeated_black_a_slate_or_a_colour() {
    let loss = |value: Value| with("inputLoss", value);
    assert_eq!(good(&json!({"name": "n"})).input_loss, None);
    assert_eq!(good(&loss(json!({}))).input_loss.unwrap().show, LossPicture::Black);
    for value in [
        json!({"show": "repeat"}),
        json!({"show": "black", "repeatSeconds": 1000}),
        json!({"show": "slate", "repeatSeconds": 2, "blackSeconds": 1, "slateUrl": "s3ssl://slates/off.png"}),
        json!({"show": "color", "color": "0a0B0c"}),
    ] {
        let spec = good(&loss(value));
        let shown = serde_json::to_value(&spec).unwrap();
        assert_eq!(read(&shown), Ok(spec), "{shown}");
    }
    let at = |field: &str| format!("/inputLoss/{field}");
    bad(&loss(json!({"repeatSeconds": 1001})), &[(&at("repeatSeconds"), "0 to 1000")]);
    bad(&loss(json!({"show": "repeat", "repeatSeconds": 5})), &[(&at("repeatSeconds"), "leave repeatSeconds out")]);
    bad(&loss(json!({"blackSeconds": 5})), &[(&at("blackSeconds"), "before a slate or a color")]);
    bad(&loss(json!({"show": "static"})), &[(&at("show"), "repeat, black, slate, color")]);
    bad(&loss(json!({"show": "slate"})), &[(&at("slateUrl"), "is required")]);
    bad(&loss(json!({"slateUrl": "s3ssl://b/a.png"})), &[(&at("slateUrl"), "goes with show: \"slate\" only")]);
    bad(&loss(json!({"show": "color"})), &[(&at("color"), "is required")]);
    bad(&loss(json!({"color": "0000FF"})), &[(&at("color"), "goes with show: \"color\" only")]);
    for color in ["blue", "0000F", "00000G"] {
        bad(&loss(json!({"show": "color", "color": color})), &[(&at("color"), "six hexadecimal digits")]);
    }
    let slate = |url: &str| loss(json!({"show": "slate", "slateUrl": url}));
    bad(&slate("https://a.example.net/a.jpg"), &[(&at("slateUrl"), ".png or .bmp")]);
    bad(&slate("http://10.0.0.1/a.png"), &[(&at("slateUrl"), "private")]);
    bad(&slate("off.png"), &[(&at("slateUrl"), "is not a URL")]);
}

#[test]
fn captions_and_loss_change_while_idle() {
    let before = good(&json!({"name": "n"}));
    let after = good(&json!({"name": "n", "captions": [{"language": "eng"}], "inputLoss": {"show": "repeat"}}));
    let found: Vec<_> = changes(&before, &after).into_iter().map(|it| (it.pointer, it.moment)).collect();
    assert_eq!(found, [("/captions".to_owned(), Moment::Idle), ("/inputLoss".to_owned(), Moment::Idle)]);
}
