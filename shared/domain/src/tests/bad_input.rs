//! Every problem of a request at once, each with its JSON pointer.

use crate::spec::{is_public_address, read};
use serde_json::{Value, json};

/// The pointers that the request is refused with, in order.
fn pointers(request: &Value) -> Vec<String> {
    read(request).err().unwrap_or_default().into_iter().map(|problem| problem.pointer).collect()
}

fn check(request: Value, expect: &[&str]) {
    assert_eq!(pointers(&request), expect, "{request}");
}

/// A request with one more field.
fn with(field: &str, value: Value) -> Value {
    let mut request = json!({"name": "news"});
    request[field] = value;
    request
}

#[test]
fn only_a_name_is_a_whole_request() {
    let spec = read(&json!({"name": "news"})).unwrap();
    assert_eq!(spec.channel_class.pipelines(), 1);
    assert_eq!(spec.inputs.len(), 1);
    assert!(spec.allowed(&spec.inputs[0]).is_empty(), "closed until a CIDR is given");
    assert_eq!(spec.ladder.rungs[0].name, "1080p");
    check(json!({"name": "n".repeat(80)}), &[]);
}

#[test]
fn a_missing_too_long_or_wrong_name_is_refused() {
    check(json!({}), &["/name"]);
    check(json!({"name": 5}), &["/name"]);
    check(json!({"name": " "}), &["/name"]);
    check(json!({"name": "n".repeat(81)}), &["/name"]);
    check(json!("news"), &[""]);
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    check(with("colour", json!(1)), &["/colour"]);
    check(with("inputs", json!([{"name": "a", "type": "RTMP_PUSH", "port": 1}])), &["/inputs/0/port"]);
    check(
        with("ladder", json!({"rungs": [{"width": 640, "height": 360, "bitrate": 800_000, "codec": "x"}]})),
        &["/ladder/rungs/0/codec"],
    );
    check(with("endpoints", json!({"hls": {"x/y": 1}, "mss": {}})), &["/endpoints/hls/x~1y", "/endpoints/mss"]);
    check(with("archive", json!({"bucket": "b"})), &["/archive/bucket"]);
    check(with("alarms", json!({"sms": "b"})), &["/alarms/sms"]);
}

#[test]
fn cidr_blocks_need_no_host_bits_and_the_whole_world_needs_a_word() {
    let push = |allow: Value| with("inputs", json!([{"name": "a", "type": "RTMP_PUSH", "allowFrom": allow}]));
    check(push(json!(["198.51.100.7/32", "198.51.100.0/24"])), &[]);
    check(push(json!(["198.51.100.7/24"])), &["/inputs/0/allowFrom/0"]);
    check(
        push(json!(["198.51.100.0/33", "2001:db8::/32", "studio"])),
        &["/inputs/0/allowFrom/0", "/inputs/0/allowFrom/1", "/inputs/0/allowFrom/2"],
    );
    check(push(json!(["0.0.0.0/0"])), &["/inputs/0/allowFrom/0"]);
    check(
        with("inputs", json!([{"name": "a", "type": "RTMP_PUSH", "allowFrom": ["0.0.0.0/0"], "allowAnywhere": true}])),
        &[],
    );
    check(push(json!(["0.0.0.0/1", "128.0.0.0/1"])), &["/inputs/0/allowFrom/0", "/inputs/0/allowFrom/1"]);
    let two = json!({
        "name": "n", "allowLists": {"world": ["0.0.0.0/0"]},
        "inputs": [
            {"name": "a", "type": "RTMP_PUSH", "allowFrom": ["world"], "allowAnywhere": true},
            {"name": "b", "type": "RTP_PUSH", "allowFrom": ["world"]},
        ],
    });
    check(two, &["/inputs/1/allowFrom/0"]);
    check(with("allowLists", json!({"studio": ["10.0.0.1/8", 5]})), &["/allowLists/studio/0", "/allowLists/studio/1"]);
    let eleven: Vec<String> = (0..11).map(|n| format!("198.51.100.{n}/32")).collect();
    check(push(json!(eleven)), &["/inputs/0/allowFrom"]);
}

#[test]
fn pull_sources_are_public_http_urls() {
    let pull = |url: &str| with("inputs", json!([{"name": "a", "type": "URL_PULL", "urls": [url]}]));
    check(pull("https://origin.example.net/live.m3u8"), &[]);
    check(pull("http://93.184.216.34/live.m3u8"), &[]);
    let bypasses = [
        "ftp://origin.example.net/x",
        "rtmp://origin.example.net/x",
        "file:///etc/passwd",
        "not a url",
        "https://",
        "http://localhost/x",
        "http://LOCALHOST./x",
        "http://printer.local/x",
        "http://metadata.google.internal/x",
        "http://intranet/x",
        "http://127.0.0.1/x",
        "http://127.1/x",
        "http://2130706433/x",
        "http://0x7f.0.0.1/x",
        "http://0177.0.0.1/x",
        "http://10.1.2.3/x",
        "http://172.16.0.1/x",
        "http://172.31.255.255/x",
        "http://192.168.1.1/x",
        "http://100.64.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://169.254.170.2/x",
        "http://0.0.0.0/x",
        "http://255.255.255.255/x",
        "http://224.0.0.1/x",
        "http://[::1]/x",
        "http://[::]/x",
        "http://[fe80::1]/x",
        "http://[fc00::1]/x",
        "http://[fd00:ec2::254]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://[::ffff:a9fe:a9fe]/x",
        "http://[64:ff9b::7f00:1]/x",
        "http://[2002:7f00:1::]/x",
        "http://[2001:db8::1]/x",
        "http://user:secret@origin.example.net/x",
        "http://198.18.0.1/x",
        "http://192.0.0.8/x",
        "http://203.0.113.5/x",
    ];
    for url in bypasses {
        check(pull(url), &["/inputs/0/urls/0"]);
    }
}

#[test]
fn public_addresses_are_public() {
    for address in ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "2a00:1450::1"] {
        assert!(is_public_address(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn a_standard_channel_needs_two_sources_of_every_pull_input() {
    let pull = |class: &str, urls: Value| json!({"name": "n", "channelClass": class, "inputs": [{"name": "a", "type": "URL_PULL", "urls": urls}]});
    let (a, b) = ("https://a.example.net/x", "https://b.example.net/x");
    check(pull("standard", json!([a])), &["/inputs/0/urls"]);
    check(pull("standard", json!([a, b])), &[]);
    check(pull("single", json!([a])), &[]);
    check(pull("single", json!([])), &["/inputs/0/urls"]);
    check(pull("double", json!([a])), &["/channelClass"]);
}

#[test]
fn a_third_push_input_is_refused() {
    let push = |name: &str| json!({"name": name, "type": "RTP_PUSH"});
    check(with("inputs", json!([push("a"), push("b"), push("c")])), &["/inputs/2"]);
    check(with("inputs", json!([push("a"), push("a")])), &["/inputs/1/name"]);
    check(with("inputs", json!([])), &["/inputs"]);
    check(with("inputs", json!([{"type": "SDI"}])), &["/inputs/0/name", "/inputs/0/type"]);
}

#[test]
fn rungs_share_a_frame_rate_and_fit_the_input_specification() {
    let rung =
        |height: u32, rate: Value| json!({"width": 640, "height": height, "bitrate": 800_000, "frameRate": rate});
    check(
        with("ladder", json!({"rungs": [rung(360, json!(30)), rung(180, json!(25))]})),
        &["/ladder/rungs/1/frameRate"],
    );
    check(with("ladder", json!({"frameRate": 25, "rungs": [rung(360, json!(30))]})), &["/ladder/rungs/0/frameRate"]);
    check(with("ladder", json!({"rungs": [rung(361, json!(30))]})), &["/ladder/rungs/0/height"]);
    check(with("ladder", json!({"rungs": []})), &["/ladder/rungs"]);
    check(with("ladder", json!("8k")), &["/ladder"]);
    check(
        json!({"name": "n", "ladder": "uhd", "inputSpecification": {"resolution": "HD"}}),
        &["/inputSpecification/resolution"],
    );
}

#[test]
fn a_segment_is_a_whole_number_of_gops() {
    let ladder = |gop: f64| json!({"gopSeconds": gop, "rungs": [{"width": 640, "height": 360, "bitrate": 800_000}]});
    // The recipe's own: GOPs of 3 s in segments of 4, 4 and 2 s (aws-facts 6, number 20).
    check(
        with("ladder", ladder(3.0)),
        &["/endpoints/hls/segmentSeconds", "/endpoints/dash/segmentSeconds", "/endpoints/cmaf/segmentSeconds"],
    );
    check(with("ladder", ladder(2.0)), &[]);
    check(with("ladder", ladder(1.0)), &[]);
    check(with("ladder", ladder(11.0)), &["/ladder/gopSeconds"]);
    check(with("ladder", ladder(0.0)), &["/ladder/gopSeconds"]);
    check(
        with("ladder", ladder(10.0)),
        &["/endpoints/hls/segmentSeconds", "/endpoints/dash/segmentSeconds", "/endpoints/cmaf/segmentSeconds"],
    );
}

#[test]
fn surround_cannot_be_made_of_stereo() {
    let audio = json!([{"layout": "stereo"}, {"layout": "5.1"}]);
    check(with("audio", audio.clone()), &["/audio/1/layout"]);
    let mut request = with("audio", audio);
    request["inputs"] = json!([{"name": "a", "type": "RTP_PUSH", "sourceAudio": "5.1"}]);
    check(request, &[]);
    check(with("audio", json!([{"layout": "stereo", "bitrate": 1000}])), &["/audio/0/bitrate"]);
}

#[test]
fn manifest_names_carry_no_extension_and_windows_hold_three_segments() {
    let hls = |settings: Value| with("endpoints", json!({"hls": settings}));
    check(hls(json!({"manifestName": "master.m3u8"})), &["/endpoints/hls/manifestName"]);
    check(hls(json!({"segmentSeconds": 4, "windowSeconds": 11})), &["/endpoints/hls/windowSeconds"]);
    check(hls(json!({"windowSeconds": 301})), &["/endpoints/hls/windowSeconds"]);
    check(with("endpoints", json!({})), &["/endpoints"]);
}

#[test]
fn all_problems_come_together() {
    let request = json!({
        "name": "n".repeat(200),
        "channelClass": "standard",
        "inputs": [
            {"name": "a", "type": "RTMP_PUSH", "allowFrom": ["10.0.0.1/8"]},
            {"name": "b", "type": "URL_PULL", "urls": ["http://169.254.169.254/"]},
        ],
        "audio": [{"layout": "5.1"}],
        "tags": {"aws:x": "1"},
        "drm": true,
    });
    let expect = [
        "/name",
        "/tags/aws:x",
        "/drm",
        "/inputs/0/allowFrom/0",
        "/inputs/1/urls",
        "/inputs/1/urls/0",
        "/audio/0/layout",
    ];
    check(request, &expect);
}

#[test]
fn rubbish_is_refused_and_never_panics() {
    let rubbish = [
        json!(null),
        json!([]),
        json!(1e308),
        json!({"name": {"a": []}}),
        json!({"name": "n", "ladder": {"rungs": [null, 1, []]}}),
    ];
    for value in rubbish {
        assert!(read(&value).is_err(), "{value}");
    }
    for field in [
        "inputs",
        "ladder",
        "audio",
        "endpoints",
        "archive",
        "alarms",
        "tags",
        "allowLists",
        "inputSpecification",
        "description",
    ] {
        for value in [json!(1), json!("x"), json!([1]), json!(true), json!([{"a": 1}])] {
            let _ = read(&with(field, value));
        }
    }
}

#[test]
fn what_is_shown_of_a_spec_can_be_asked_for_again() {
    for request in [
        json!({"name": "n"}),
        json!({"name": "n", "ladder": {"frameRate": 29.97, "gopSeconds": 1, "rungs": [{"width": 640, "height": 360, "bitrate": 800_000}]}}),
    ] {
        let spec = read(&request).unwrap();
        let shown = serde_json::to_value(&spec).unwrap();
        assert_eq!(read(&shown), Ok(spec), "{shown}");
    }
}
