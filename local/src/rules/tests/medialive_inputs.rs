//! MediaLive: inputs and their security groups.

use serde_json::{Value, json};

use super::{accepted, refused, with};

fn input(kind: &str, edits: &[(&str, Value)]) -> Value {
    let name = json!({"name": "n", "type": kind, "requestId": "t"});
    with(&name, edits)
}

#[test]
fn an_rtmp_push_input_needs_its_stream_names() {
    // 9
    let group = ("/inputSecurityGroups", json!(["1"]));
    let names = json!([{"streamName": "live/a"}, {"streamName": "live/b"}]);
    let refusal = refused("medialive", "CreateInput", &input("RTMP_PUSH", std::slice::from_ref(&group)));
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "BadRequestException"));
    assert!(refusal.message.contains("streamName"), "{refusal}");
    accepted("medialive", "CreateInput", &input("RTMP_PUSH", &[group.clone(), ("/destinations", names)]));
    for wrong in [
        json!([{"streamName": "live"}]),
        json!([{"streamName": "live/a/b"}]),
        json!([{"streamName": "live/"}]),
        json!([{"streamName": "live/a"}, {"streamName": "live/a"}]),
        json!([{"streamName": "a/a"}, {"streamName": "b/b"}, {"streamName": "c/c"}]),
    ] {
        refused("medialive", "CreateInput", &input("RTMP_PUSH", &[group.clone(), ("/destinations", wrong)]));
    }
}

#[test]
fn each_type_of_input_needs_what_it_listens_to_or_fetches() {
    let group = ("/inputSecurityGroups", json!(["1"]));
    let source = |url: &str| ("/sources", json!([{"url": url}]));
    let good = [
        input("RTP_PUSH", std::slice::from_ref(&group)),
        input("URL_PULL", &[source("https://example.com/a.m3u8")]),
        input("MP4_FILE", &[source("s3ssl://bucket/a.mp4")]),
        input("RTMP_PULL", &[source("rtmp://example.com:1935/app/stream")]),
        input(
            "SRT_CALLER",
            &[(
                "/srtSettings",
                json!({"srtCallerSources": [
            {"srtListenerAddress": "192.0.2.1", "srtListenerPort": "9000"}]}),
            )],
        ),
        input("RTP_PUSH", &[("/vpc", json!({"subnetIds": ["a", "b"]}))]),
        input(
            "MEDIACONNECT",
            &[
                ("/mediaConnectFlows", json!([{"flowArn": "arn:aws:mediaconnect:eu-west-1:123456789012:flow:1:n"}])),
                ("/roleArn", json!("arn:aws:iam::123456789012:role/r")),
            ],
        ),
    ];
    for request in good {
        accepted("medialive", "CreateInput", &request);
    }
    let bad = [
        input("RTP_PUSH", &[]),
        input("RTP_PUSH", &[("/inputSecurityGroups", json!(["1", "2"]))]),
        input("RTP_PUSH", &[group.clone(), ("/vpc", json!({"subnetIds": ["a", "b"]}))]),
        input("RTP_PUSH", &[("/vpc", json!({"subnetIds": ["a"]}))]),
        input("URL_PULL", &[]),
        input("URL_PULL", &[source("ftp://example.com/a")]),
        input("URL_PULL", &[source("https://example.com/a.m3u8"), group]),
        input("RTMP_PULL", &[source("rtmp://example.com:1935/app")]),
        input("SRT_CALLER", &[]),
        input("MEDIACONNECT", &[]),
        input("SDI", &[]),
    ];
    for request in bad {
        assert_eq!(refused("medialive", "CreateInput", &request).status, 400, "{request}");
    }
}

#[test]
fn a_security_group_takes_one_to_ten_ipv4_cidrs_without_host_bits() {
    let group =
        |cidrs: &[&str]| json!({"whitelistRules": cidrs.iter().map(|cidr| json!({"cidr": cidr})).collect::<Value>()});
    for good in [&["0.0.0.0/0"][..], &["192.0.2.1/32", "198.51.100.0/24"]] {
        accepted("medialive", "CreateInputSecurityGroup", &group(good));
    }
    let eleven = ["192.0.2.1/32"; 11];
    for bad in [&[][..], &["10.0.0.1/8"], &["2001:db8::/32"], &["192.0.2.1"], &["192.0.2.0/33"], &eleven] {
        assert_eq!(refused("medialive", "CreateInputSecurityGroup", &group(bad)).code, "BadRequestException");
    }
    refused("medialive", "CreateInputSecurityGroup", &json!({}));
    accepted("medialive", "UpdateInputSecurityGroup", &json!({"inputSecurityGroupId": "1", "tags": {}}));
}
