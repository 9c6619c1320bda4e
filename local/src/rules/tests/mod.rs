//! The rules alone: the recipe's requests and the tables. What is asserted of each service stands in `catalogue`, which
//! uses the good channel of this module.

mod recipe;
mod shape;

use serde_json::{Value, json};

use super::{Strictness, check};
use crate::world::AwsError;

/// The request with the value at a JSON pointer replaced; `Null` takes the member away.
pub(in crate::rules) fn with(request: &Value, edits: &[(&str, Value)]) -> Value {
    let mut edited = request.clone();
    for (pointer, value) in edits {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        let parent = edited.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent} in the request"));
        match (parent, value) {
            (Value::Object(members), Value::Null) => {
                members.remove(name).unwrap_or_else(|| panic!("no {pointer} in the request"));
            }
            (Value::Object(members), value) => {
                members.insert(name.to_owned(), value.clone());
            }
            (Value::Array(items), value) => {
                let index: usize = name.parse().expect("an index");
                if index == items.len() { items.push(value.clone()) } else { items[index] = value.clone() }
            }
            (other, _) => panic!("{other} has no members"),
        }
    }
    edited
}

fn accepted(service: &str, operation: &str, request: &Value) {
    if let Err(refusal) = check(service, operation, request, &Strictness::default()) {
        panic!("{operation} was refused: {refusal}, {:?}", refusal.validation);
    }
}

fn refused(service: &str, operation: &str, request: &Value) -> AwsError {
    match check(service, operation, request, &Strictness::default()) {
        Ok(()) => panic!("{operation} was accepted: {request}"),
        Err(refusal) => refusal,
    }
}

fn video(name: &str, width: u32, height: u32) -> Value {
    json!({
        "name": name, "width": width, "height": height,
        "codecSettings": {"h264Settings": {
            "bitrate": 1_000_000, "rateControlMode": "CBR", "profile": "MAIN", "level": "H264_LEVEL_AUTO",
            "framerateControl": "SPECIFIED", "framerateNumerator": 30, "framerateDenominator": 1,
            "parControl": "SPECIFIED", "parNumerator": 1, "parDenominator": 1,
            "gopSize": 60, "gopSizeUnits": "FRAMES", "gopClosedCadence": 1, "gopNumBFrames": 2,
        }},
    })
}

/// A STANDARD channel with two rungs, an archive and one stereo audio.
pub(in crate::rules) fn channel() -> Value {
    let output = |name: &str| {
        json!({"outputName": name, "videoDescriptionName": name, "audioDescriptionNames": ["stereo"],
               "outputSettings": {"mediaPackageOutputSettings": {}}})
    };
    json!({
        "name": "platform", "requestId": "t", "channelClass": "STANDARD",
        "roleArn": "arn:aws:iam::123456789012:role/MediaLive",
        "inputSpecification": {"codec": "AVC", "resolution": "HD", "maximumBitrate": "MAX_20_MBPS"},
        "inputAttachments": [{
            "inputId": "1234567", "inputAttachmentName": "rtmp",
            "inputSettings": {"audioSelectors": [{"name": "default"}]},
        }],
        "destinations": [
            {"id": "packaging", "mediaPackageSettings": [{"channelId": "platform"}]},
            {"id": "archive", "settings": [{"url": "s3ssl://bucket/p0/base"}, {"url": "s3ssl://bucket/p1/base"}]},
        ],
        "encoderSettings": {
            "timecodeConfig": {"source": "SYSTEMCLOCK"},
            "audioDescriptions": [{
                "name": "stereo", "audioSelectorName": "default",
                "codecSettings": {"aacSettings": {
                    "bitrate": 128_000.0, "sampleRate": 48_000.0, "codingMode": "CODING_MODE_2_0", "profile": "LC",
                }},
            }],
            "videoDescriptions": [video("480p", 854, 480), video("240p", 426, 240)],
            "outputGroups": [
                {
                    "name": "packaging",
                    "outputGroupSettings": {"mediaPackageGroupSettings": {"destination": {"destinationRefId": "packaging"}}},
                    "outputs": [output("480p"), output("240p")],
                },
                {
                    "name": "archive",
                    "outputGroupSettings": {"archiveGroupSettings": {
                        "destination": {"destinationRefId": "archive"}, "rolloverInterval": 300,
                    }},
                    "outputs": [{
                        "outputName": "archive", "videoDescriptionName": "480p", "audioDescriptionNames": ["stereo"],
                        "outputSettings": {"archiveOutputSettings": {"containerSettings": {"m2tsSettings": {}}}},
                    }],
                },
            ],
        },
    })
}
