//! MediaPackage v1.

use serde_json::{Value, json};

use super::{accepted, refused, with};
use crate::rules::{Strictness, check};

fn endpoint(edits: &[(&str, Value)]) -> Value {
    let good = json!({
        "id": "hls", "channelId": "platform", "manifestName": "master", "startoverWindowSeconds": 3600,
        "hlsPackage": {"segmentDurationSeconds": 4, "playlistWindowSeconds": 60},
        "authorization": {
            "cdnIdentifierSecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:cdn-abcdef",
            "secretsRoleArn": "arn:aws:iam::123456789012:role/secrets",
        },
    });
    with(&good, edits)
}

#[track_caller]
fn bad(edits: &[(&str, Value)], words: &str) {
    accepted("mediapackage", "CreateOriginEndpoint", &endpoint(&[]));
    let refusal = refused("mediapackage", "CreateOriginEndpoint", &endpoint(edits));
    // aws-facts 2.1: no other status exists.
    assert_eq!((refusal.status, refusal.code.as_str()), (422, "UnprocessableEntityException"));
    assert!(refusal.message.contains(words), "{refusal}");
}

#[test]
fn a_manifest_name_has_no_extension() {
    // 16
    bad(&[("/manifestName", json!("master.m3u8"))], "manifestName");
    bad(&[("/manifestName", json!("ma ster"))], "manifestName");
    let lenient = Strictness { manifest_name_dots: false, ..Strictness::default() };
    let dotted = endpoint(&[("/manifestName", json!("master.m3u8"))]);
    check("mediapackage", "CreateOriginEndpoint", &dotted, &lenient).unwrap();
}

#[test]
fn a_time_delay_is_none_or_at_least_five_seconds_and_below_the_start_over_window() {
    // 17
    bad(&[("/timeDelaySeconds", json!(2))], "timeDelaySeconds");
    bad(&[("/timeDelaySeconds", json!(86_401)), ("/startoverWindowSeconds", json!(1_209_600))], "timeDelaySeconds");
    bad(&[("/timeDelaySeconds", json!(3600))], "less than startoverWindowSeconds");
    bad(&[("/startoverWindowSeconds", json!(1_209_601))], "startoverWindowSeconds");
    for delay in [0, 5, 3599] {
        accepted("mediapackage", "CreateOriginEndpoint", &endpoint(&[("/timeDelaySeconds", json!(delay))]));
    }
}

#[test]
fn an_endpoint_has_exactly_one_packager() {
    bad(&[("/dashPackage", json!({}))], "exactly one");
    bad(&[("/hlsPackage", Value::Null)], "exactly one");
    accepted("mediapackage", "UpdateOriginEndpoint", &json!({"id": "hls", "description": "d"}));
}

#[test]
fn windows_segments_and_ids_have_bounds() {
    bad(&[("/hlsPackage/playlistWindowSeconds", json!(301))], "playlistWindowSeconds");
    bad(&[("/hlsPackage/segmentDurationSeconds", json!(31))], "segmentDurationSeconds");
    bad(&[("/id", json!("a b"))], "id");
    bad(&[("/whitelist", json!(["10.0.0.1/8"]))], "host bits");
    bad(&[("/authorization/cdnIdentifierSecret", json!("cdn"))], "secret");
    bad(&[("/authorization/secretsRoleArn", Value::Null)], "secretsRoleArn is required");
    bad(&[("/hlsPackage/adMarkers", json!("DATERANGE"))], "programDateTimeIntervalSeconds");
    bad(&[("/hlsPackage/playlistType", json!("LIVE"))], "LIVE is not one of");
    bad(&[("/resolution", json!(1))], "unknown member resolution");
    accepted("mediapackage", "CreateChannel", &json!({"id": "A_b-1"}));
    refused("mediapackage", "CreateChannel", &json!({"id": "a.b"}));
}

#[test]
fn cmaf_manifests_have_ids_of_their_own() {
    let cmaf = |ids: &[&str]| {
        let manifests: Value = ids.iter().map(|id| json!({"id": id})).collect();
        json!({"id": "c", "channelId": "p", "cmafPackage": {"hlsManifests": manifests}})
    };
    accepted("mediapackage", "CreateOriginEndpoint", &cmaf(&["a", "b"]));
    refused("mediapackage", "CreateOriginEndpoint", &cmaf(&["a", "a"]));
}

#[test]
fn period_triggers_exclude_some_profiles_and_encryption_needs_https() {
    let dash = |profile: &str, url: &str| {
        json!({"id": "d", "channelId": "p", "dashPackage": {
            "periodTriggers": ["ADS"], "profile": profile,
            "encryption": {"spekeKeyProvider": {
                "resourceId": "r", "systemIds": ["a", "b"], "url": url, "roleArn": "arn:aws:iam::123456789012:role/speke",
            }},
        }})
    };
    accepted("mediapackage", "CreateOriginEndpoint", &dash("NONE", "https://k.example/"));
    refused("mediapackage", "CreateOriginEndpoint", &dash("HYBRIDCAST", "https://k.example/"));
    refused("mediapackage", "CreateOriginEndpoint", &dash("NONE", "http://k.example/"));
}
