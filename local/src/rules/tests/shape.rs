//! The interface tables.

use serde_json::json;

use super::{accepted, refused};
use crate::rules::{Interface, Strictness, check};

#[test]
fn every_shape_that_a_table_names_is_in_the_table() {
    for service in ["medialive", "mediapackage", "cloudfront", "cloudwatch", "secretsmanager", "sts"] {
        let interface = Interface::of(service).unwrap();
        let operations = interface.operations.values().flat_map(|op| op.input.iter().chain(&op.output));
        let members = interface.shapes.values().flat_map(|s| s.members.values().map(|m| &m.shape).chain(&s.of));
        for name in operations.chain(members) {
            assert!(interface.shapes.contains_key(name), "{service} has no shape {name}");
        }
    }
}

#[test]
fn unknown_members_are_named_unless_they_are_let_through() {
    let request = json!({"id": "a", "colour": "red"});
    let refusal = refused("mediapackage", "CreateChannel", &request);
    assert!(refusal.message.contains("colour"), "{refusal}");
    let lenient = Strictness { unknown_members: false, ..Strictness::default() };
    check("mediapackage", "CreateChannel", &request, &lenient).unwrap();
}

#[test]
fn types_are_not_converted() {
    refused("mediapackage", "CreateChannel", &json!({"id": 1}));
    refused(
        "mediapackage",
        "CreateOriginEndpoint",
        &json!({"id": "a", "channelId": "c", "hlsPackage": {"segmentDurationSeconds": "4"}}),
    );
    refused(
        "mediapackage",
        "CreateOriginEndpoint",
        &json!({"id": "a", "channelId": "c", "hlsPackage": {"segmentDurationSeconds": 4.5}}),
    );
    accepted(
        "mediapackage",
        "CreateOriginEndpoint",
        &json!({"id": "a", "channelId": "c", "hlsPackage": {"segmentDurationSeconds": 4}}),
    );
}

#[test]
fn null_is_as_good_as_absent() {
    accepted("mediapackage", "CreateChannel", &json!({"id": "a", "description": null, "colour": null}));
}
