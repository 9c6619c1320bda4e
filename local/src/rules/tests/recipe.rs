//! The requests of the recipe that this project began with, as it types them (variables filled in): what of them AWS
//! refuses, and that the repairs which aws-facts section 6 names make them acceptable.

use serde_json::{Value, json};

use super::{accepted, refused, with};

fn channel() -> Value {
    serde_json::from_str(include_str!("recipe/channel.json")).expect("the fixture is JSON")
}

fn distribution() -> Value {
    let config: Value = serde_json::from_str(include_str!("recipe/distribution.json")).expect("the fixture is JSON");
    json!({"DistributionConfig": config})
}

/// 28 and 32: what does not fit the interface is refused first, all of it at once.
#[test]
fn the_recipes_channel_does_not_even_fit_the_interface() {
    let refusal = refused("medialive", "CreateChannel", &channel());
    assert_eq!(refusal.status, 400);
    for words in ["unknown member s3Settings", "H264_LEVEL_3_0 is not one of", "H264_LEVEL_2_0 is not one of"] {
        assert!(refusal.message.contains(words), "{words}: {refusal}");
    }
}

/// The channel with 28 and 32 repaired, so that it can be read.
fn readable() -> Value {
    let video = "/encoderSettings/videoDescriptions";
    let urls =
        json!([{"url": "s3ssl://streaming-archive/archives/p0/a"}, {"url": "s3ssl://streaming-archive/archives/p1/a"}]);
    with(
        &channel(),
        &[
            ("/destinations/1", json!({"id": "s3-archive-destination", "settings": urls})),
            (&format!("{video}/3/codecSettings/h264Settings/level"), json!("H264_LEVEL_3")),
            (&format!("{video}/4/codecSettings/h264Settings/level"), json!("H264_LEVEL_2")),
        ],
    )
}

/// 33, 34, 35, 37 and 40 in one answer.
#[test]
fn the_recipes_other_defects_come_in_one_answer() {
    let refusal = refused("medialive", "CreateChannel", &readable());
    assert_eq!(refusal.status, 422);
    let mut found: Vec<_> = refusal.validation.iter().map(|(path, _)| path.as_str()).collect();
    found.sort_unstable();
    let settings = |i: usize, member: &str| format!("videoDescriptions[{i}].codecSettings.h264Settings.{member}");
    let mut expected: Vec<String> = (0..5).map(|i| settings(i, "parControl")).collect();
    expected.extend([settings(3, "level"), settings(4, "level")]);
    expected.extend([settings(4, "gopNumBFrames"), settings(4, "entropyEncoding")]);
    expected.extend(
        ["", ".captionSelectorName", ".destinationSettings", ".languageCode"]
            .map(|m| format!("captionDescriptions[0]{m}")),
    );
    expected.push("outputGroups[1].outputs[0].outputSettings.archiveOutputSettings.containerSettings".into());
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn the_repaired_channel_is_accepted() {
    let mut request = readable();
    let encoder = &mut request["encoderSettings"];
    encoder.as_object_mut().expect("an object").remove("captionDescriptions");
    encoder["outputGroups"][1]["outputs"][0]["outputSettings"]["archiveOutputSettings"]["containerSettings"] =
        json!({"m2tsSettings": {}});
    for i in 0..5 {
        let settings = &mut encoder["videoDescriptions"][i]["codecSettings"]["h264Settings"];
        settings["parControl"] = json!("SPECIFIED");
        settings["parNumerator"] = json!(1);
        settings["parDenominator"] = json!(1);
        settings["level"] = json!("H264_LEVEL_AUTO");
        if settings["profile"] == "BASELINE" {
            settings["gopNumBFrames"] = json!(0);
            settings["entropyEncoding"] = json!("CAVLC");
        }
    }
    accepted("medialive", "CreateChannel", &request);
}

/// 44.
#[test]
fn the_recipes_distribution_is_refused_for_its_times_to_live_alone() {
    let refusal = refused("cloudfront", "CreateDistribution", &distribution());
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "InvalidArgument"));
    assert_eq!(refusal.message.matches("cannot be used when a cache policy").count(), 12, "{refusal}");
    let mut request = distribution();
    let config = &mut request["DistributionConfig"];
    let strip = |behaviour: &mut Value| {
        for ttl in ["MinTTL", "DefaultTTL", "MaxTTL"] {
            behaviour.as_object_mut().expect("an object").remove(ttl);
        }
    };
    strip(&mut config["DefaultCacheBehavior"]);
    (0..3).for_each(|i| strip(&mut config["CacheBehaviors"]["Items"][i]));
    accepted("cloudfront", "CreateDistribution", &request);
}

/// 16 and 17.
#[test]
fn the_recipes_cmaf_endpoint_is_refused_for_its_names_and_its_delay() {
    let request = json!({
        "id": "package-channel-cmaf-ll", "channelId": "package-channel", "manifestName": "index.m3u8",
        "startoverWindowSeconds": 1800, "timeDelaySeconds": 2,
        "cmafPackage": {
            "segmentDurationSeconds": 2, "segmentPrefix": "segment",
            "hlsManifests": [{
                "id": "low-latency", "manifestName": "ll.m3u8", "playlistType": "EVENT", "playlistWindowSeconds": 60,
                "programDateTimeIntervalSeconds": 60, "adMarkers": "SCTE35_ENHANCED",
            }],
        },
    });
    let refusal = refused("mediapackage", "CreateOriginEndpoint", &request);
    for words in ["index.m3u8", "ll.m3u8", "timeDelaySeconds"] {
        assert!(refusal.message.contains(words), "{words}: {refusal}");
    }
    let repaired = [
        ("/manifestName", json!("index")),
        ("/timeDelaySeconds", Value::Null),
        ("/cmafPackage/hlsManifests/0/manifestName", json!("ll")),
    ];
    accepted("mediapackage", "CreateOriginEndpoint", &with(&request, &repaired));
}

/// 61, 62 and 64 are accepted, as AWS does: an alarm on what never reports is only useless.
#[test]
fn the_recipes_useless_alarms_are_accepted() {
    let alarm = json!({
        "AlarmName": "MediaLive-live-channel-InputLoss", "MetricName": "InputVideoFreeze", "Namespace": "AWS/MediaLive",
        "Statistic": "Maximum", "Period": 60, "Threshold": 0.5, "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2, "TreatMissingData": "breaching", "Dimensions": [{"Name": "ChannelId", "Value": "1"}],
    });
    accepted("cloudwatch", "PutMetricAlarm", &alarm);
}
