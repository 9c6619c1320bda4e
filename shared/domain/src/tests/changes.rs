//! Which field of a spec changes when.

use crate::spec::{Moment, changes, read};
use serde_json::{Value, json};

fn full() -> Value {
    json!({
        "name": "full", "channelClass": "standard", "allowLists": {"studio": ["198.51.100.0/28"]},
        "inputs": [
            {"name": "main", "type": "RTMP_PUSH", "allowFrom": ["studio"], "sourceAudio": "5.1"},
            {"name": "backup", "type": "RTMP_PUSH", "allowFrom": ["studio"]},
            {"name": "pull", "type": "URL_PULL", "urls": ["https://a.example.net/a.m3u8", "https://b.example.net/b.m3u8"]},
        ],
    })
}

#[test]
fn each_field_has_its_moment() {
    let (air, idle) = (Moment::OnAir, Moment::Idle);
    let cases = [
        ("/name", json!("other"), "/name", air),
        ("/description", json!("words"), "/description", air),
        ("/channelClass", json!("single"), "/channelClass", idle),
        ("/allowLists/studio", json!(["198.51.100.16/28"]), "/allowLists", air),
        ("/inputSpecification", json!({"maximumBitrate": "MAX_50_MBPS"}), "/inputSpecification", idle),
        ("/ladder", json!("sd"), "/ladder", idle),
        ("/audio", json!([{"layout": "stereo", "bitrate": 192_000}]), "/audio", idle),
        ("/captions", json!([{"language": "eng"}]), "/captions", idle),
        ("/inputLoss", json!({"show": "black"}), "/inputLoss", idle),
        ("/endpoints", json!({"hls": {}}), "/endpoints", air),
        ("/archive", json!({"enabled": false}), "/archive", idle),
        ("/alarms", json!({"cdn4xxPercent": 9}), "/alarms", air),
        ("/cdnSecret", json!({"rotateEveryDays": 7}), "/cdnSecret", air),
        ("/guard", json!({"idleStopMinutes": 0}), "/guard", air),
        ("/tags", json!({"a": "b"}), "/tags", air),
        ("/inputs/0/allowFrom", json!([]), "/inputs/0/allowFrom", air),
        ("/inputs/0/allowAnywhere", json!(true), "/inputs/0/allowFrom", air),
        ("/inputs/0/sourceAudio", json!("stereo"), "/inputs/0/allowFrom", air),
        ("/inputs/0/failover", json!({"input": "backup"}), "/inputs/0", idle),
        ("/inputs/2/urls/0", json!("https://c.example.net/c.m3u8"), "/inputs/2", idle),
        ("/inputs/2", json!({"name": "pull", "type": "SRT_LISTENER"}), "/inputs/2/type", idle),
    ];
    for (at, value, pointer, moment) in cases {
        let mut body = full();
        if at == "/inputs/2" {
            body["inputs"].as_array_mut().unwrap().remove(1);
        }
        let old = read(&body).unwrap();
        let (at, pointer) = match at {
            "/inputs/2" => ("/inputs/1", "/inputs/1/type"),
            other => (other, pointer),
        };
        set(&mut body, at, if at == "/inputs/1" { listener() } else { value });
        let new = read(&body).unwrap_or_else(|problems| panic!("{at}: {problems:?}"));
        let all: Vec<_> = changes(&old, &new).into_iter().map(|change| (change.pointer, change.moment)).collect();
        let wanted = (pointer.to_owned(), moment);
        assert!(all.contains(&wanted), "{at}: {all:?}");
        assert!(all.iter().all(|(other, _)| *other == wanted.0 || at == "/ladder"), "{at} alone: {all:?}");
    }
    let spec = read(&full()).unwrap();
    assert_eq!(changes(&spec, &spec), []);
    let mut fewer = full();
    fewer["inputs"].as_array_mut().unwrap().pop();
    let all = changes(&spec, &read(&fewer).unwrap());
    assert_eq!(all.iter().map(|it| (it.pointer.as_str(), it.moment)).collect::<Vec<_>>(), [("/inputs", idle)]);
}

fn listener() -> Value {
    let key = json!({"algorithm": "AES256", "passphraseSecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:headend/srt-a1b2c3"});
    json!({"name": "pull", "type": "SRT_LISTENER", "srt": {"minimumLatencyMs": 2000, "decryption": key}})
}

/// Sets a member that may not be there yet.
fn set(body: &mut Value, at: &str, value: Value) {
    let (parent, name) = at.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() { body } else { body.pointer_mut(parent).unwrap() };
    match name.parse::<usize>() {
        Ok(index) if parent.is_array() => parent[index] = value,
        _ => parent[name] = value,
    }
}
