//! MediaLive: a channel as a whole, its destinations, attachments, output groups, and how its parts refer to each other.

use serde_json::{Value, json};

use super::bench::Bench;
use super::requests::pull_input;
use super::{Behaviour, behaviour};

const GROUPS: &str = "/encoderSettings/outputGroups";
const ARCHIVE: &str = "/encoderSettings/outputGroups/1";
const CAPTIONS: &str = "/encoderSettings/captionDescriptions";

/// A second attachment with this input.
fn second(id: &str) -> (&'static str, Value) {
    ("/inputAttachments/1", json!({"inputId": id, "inputAttachmentName": "second"}))
}

/// Failover settings of the first attachment.
fn failover(secondary: &str, conditions: Value) -> (&'static str, Value) {
    let settings = json!({"secondaryInputId": secondary, "failoverConditions": conditions});
    ("/inputAttachments/0/automaticInputFailoverSettings", settings)
}

fn loss() -> Value {
    json!([{"failoverConditionSettings": {"inputLossSettings": {"inputLossThresholdMsec": 1000}}}])
}

/// The account has a second push input; its id.
fn other(b: &mut Bench) -> String {
    b.channel(&[]);
    b.push_input()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.1", "the interface requires nothing of a channel, the service six members", |b| {
        let refusal = b.refused("medialive:CreateChannel", &json!({}));
        let paths: Vec<_> = refusal.validation.iter().map(|(path, _)| path.as_str()).collect();
        let six = ["name", "roleArn", "inputAttachments", "inputSpecification", "destinations", "encoderSettings"];
        assert_eq!((refusal.status, paths), (422, six.to_vec()));
    }),
    behaviour(
        "aws-facts 1.1",
        "all defects of a channel come in one answer, with paths rooted at the encoder settings",
        |b| {
            let edits = [
                ("/roleArn", Value::Null),
                ("/inputAttachments/0/inputId", Value::Null),
                ("/encoderSettings/audioDescriptions/0/codecSettings/aacSettings/bitrate", json!(16_000.0)),
                ("/encoderSettings/timecodeConfig/source", Value::Null),
                ("/encoderSettings/videoDescriptions/1/width", json!(427)),
                ("/encoderSettings/videoDescriptions/0/codecSettings/h264Settings/level", json!("H264_LEVEL_3")),
                (
                    "/encoderSettings/outputGroups/1/outputs/0/outputSettings/archiveOutputSettings/containerSettings",
                    Value::Null,
                ),
            ];
            let paths = [
                "outputGroups[1].outputs[0].outputSettings.archiveOutputSettings.containerSettings",
                "timecodeConfig.source",
                "roleArn",
                "inputAttachments[0].inputId",
                "videoDescriptions[0].codecSettings.h264Settings.level",
                "videoDescriptions[1].width",
                "audioDescriptions[0].codecSettings.aacSettings.bitrate",
            ];
            b.elements(&edits, &paths);
        },
    ),
    behaviour("aws-facts 1.7, mistake 28", "a destination has no s3Settings", |b| {
        b.bad_channel(&[("/destinations/1", json!({"id": "archive", "s3Settings": {}}))], "unknown member s3Settings");
    }),
    behaviour("aws-facts 1.7, mistake 28", "a destination without any kind is a 400 that names it", |b| {
        b.bad_channel(&[("/destinations/1", json!({"id": "archive"}))], "one and only one of");
        b.bad_channel(&[("/destinations/1", json!({"id": "archive"}))], "destination archive");
    }),
    behaviour("aws-facts 1.7", "a destination of two kinds is a 400", |b| {
        let settings = json!([{"url": "s3ssl://b/p0/a"}, {"url": "s3ssl://b/p1/a"}]);
        let both = json!({"id": "archive", "settings": settings, "mediaPackageSettings": [{"channelId": "platform"}]});
        b.bad_channel(&[("/destinations/1", both)], "one and only one of");
    }),
    behaviour("aws-facts 1.6", "a STANDARD channel has two settings in a destination, a single one has one", |b| {
        let one = ("/destinations/1/settings", json!([{"url": "s3ssl://bucket/p0/base"}]));
        b.elements(std::slice::from_ref(&one), &["destinations[1].settings"]);
        b.accepts(&[("/channelClass", json!("SINGLE_PIPELINE")), one]);
        b.elements(&[("/channelClass", json!("SINGLE_PIPELINE"))], &["destinations[1].settings"]);
    }),
    behaviour("aws-facts 1.6", "the URLs of the two pipelines differ", |b| {
        let same = ("/destinations/1/settings/1/url", json!("s3ssl://bucket/p0/base"));
        b.elements(&[same], &["destinations[1].settings[1].url"]);
    }),
    behaviour("aws-facts 1.6", "an omitted class is STANDARD", |b| {
        let mut request = b.channel(&[("/channelClass", Value::Null)]);
        request["dryRun"] = json!(true);
        assert_eq!(b.ok("medialive:CreateChannel", &request)["channel"]["channelClass"], "STANDARD");
    }),
    behaviour("aws-facts 1.10", "an archive URL ends in a base name", |b| {
        for url in ["s3ssl://bucket/p1/", "s3ssl://bucket"] {
            b.elements(&[("/destinations/1/settings/1/url", json!(url))], &["destinations[1].settings[1].url"]);
        }
        b.accepts(&[("/destinations/1/settings/1/url", json!("s3://bucket/p1/base"))]);
    }),
    behaviour("aws-facts 1.10", "an archive's bucket has no dots in its name", |b| {
        let dotted = ("/destinations/1/settings/1/url", json!("s3ssl://my.bucket/p1/base"));
        b.elements(&[dotted], &["destinations[1].settings[1].url"]);
    }),
    behaviour("aws-facts 1.6", "mediaPackageSettings has exactly one entry in both classes", |b| {
        let two = json!([{"channelId": "platform"}, {"channelId": "platform"}]);
        b.elements(&[("/destinations/0/mediaPackageSettings", two)], &["destinations[0].mediaPackageSettings"]);
    }),
    behaviour("aws-facts 1.7", "members of MediaPackage v1 and v2 do not mix", |b| {
        let mixed = json!([{"channelId": "platform", "channelGroup": "g", "channelName": "n"}]);
        b.elements(&[("/destinations/0/mediaPackageSettings", mixed)], &["destinations[0].mediaPackageSettings[0]"]);
    }),
    behaviour("aws-facts 1.7", "a packaging channel that does not exist is a 422 at the group's channelId", |b| {
        let unknown = ("/destinations/0/mediaPackageSettings/0/channelId", json!("Platform"));
        b.elements(&[unknown], &["outputGroups[0].outputGroupSettings.destination.channelId"]);
    }),
    behaviour("aws-facts 1.7", "a packaging channel made a moment ago is not seen yet", |b| {
        b.channel(&[]);
        b.ok("mediapackage:CreateChannel", &json!({"id": "fresh"}));
        let request = b.channel(&[("/destinations/0/mediaPackageSettings/0/channelId", json!("fresh"))]);
        b.bad("medialive:CreateChannel", &request, 422, "UnprocessableEntityException", "");
        b.pass(5);
        b.ok("medialive:CreateChannel", &request);
    }),
    behaviour("aws-facts 1.7", "an output group's destination must be defined, under the group's kind", |b| {
        let path = "outputGroups[1].outputGroupSettings.archiveGroupSettings.destination.destinationRefId";
        let pointer = format!("{ARCHIVE}/outputGroupSettings/archiveGroupSettings/destination/destinationRefId");
        b.elements(&[(&pointer, json!("nowhere"))], &[path]);
        b.elements(&[(&pointer, json!("packaging"))], &[path]);
    }),
    behaviour("aws-facts 1.9", "an output group has exactly one kind of settings", |b| {
        b.elements(&[(&format!("{ARCHIVE}/outputGroupSettings"), json!({}))], &["outputGroups[1].outputGroupSettings"]);
    }),
    behaviour("aws-facts 1.9", "an output has exactly one kind of settings, that of its group", |b| {
        let pointer = format!("{GROUPS}/0/outputs/0/outputSettings");
        let both = json!({"mediaPackageOutputSettings": {}, "hlsOutputSettings": {"hlsSettings": {}}});
        b.elements(&[(&pointer, both)], &["outputGroups[0].outputs[0].outputSettings"]);
        let other = json!({"rtmpOutputSettings": {"destination": {}}});
        b.elements(&[(&pointer, other)], &["outputGroups[0].outputs[0].outputSettings.rtmpOutputSettings"]);
    }),
    behaviour("aws-facts 1.9", "the name of an output group has at most 32 characters", |b| {
        b.elements(&[(&format!("{GROUPS}/0/name"), json!("g".repeat(33)))], &["outputGroups[0].name"]);
        b.accepts(&[(&format!("{GROUPS}/0/name"), json!("g".repeat(32)))]);
    }),
    behaviour("aws-facts 1.9", "names of output groups and of outputs are unique", |b| {
        b.elements(&[(&format!("{GROUPS}/1/name"), json!("packaging"))], &["outputGroups[1].name"]);
        let same = (&*format!("{GROUPS}/0/outputs/1/outputName"), json!("480p"));
        b.elements(&[same], &["outputGroups[0].outputs[1].outputName"]);
    }),
    behaviour("aws-facts 1.10", "an archive group has one output", |b| {
        let output = crate::rules::tests::channel()["encoderSettings"]["outputGroups"][1]["outputs"][0].clone();
        let second = crate::rules::tests::with(&output, &[("/outputName", json!("again"))]);
        b.elements(&[(&format!("{ARCHIVE}/outputs/1"), second)], &["outputGroups[1].outputs"]);
    }),
    behaviour("aws-facts 1.10", "an archive output has exactly one video", |b| {
        let pointer = format!("{ARCHIVE}/outputs/0/videoDescriptionName");
        b.elements(&[(&pointer, Value::Null)], &["outputGroups[1].outputs[0].videoDescriptionName"]);
    }),
    behaviour("aws-facts 1.10, mistake 37", "an archive output needs one container", |b| {
        let settings = format!("{ARCHIVE}/outputs/0/outputSettings/archiveOutputSettings");
        let path = "outputGroups[1].outputs[0].outputSettings.archiveOutputSettings.containerSettings";
        b.elements(&[(&settings, json!({}))], &[path]);
        b.elements(&[(&settings, json!({"containerSettings": {}}))], &[path]);
        b.elements(&[(&settings, json!({"containerSettings": {"m2tsSettings": {}, "rawSettings": {}}}))], &[path]);
        b.accepts(&[(&settings, json!({"containerSettings": {"rawSettings": {}}}))]);
    }),
    behaviour("aws-facts 1.10", "an archive rolls over after a second at the soonest", |b| {
        let pointer = format!("{ARCHIVE}/outputGroupSettings/archiveGroupSettings/rolloverInterval");
        let path = "outputGroups[1].outputGroupSettings.archiveGroupSettings.rolloverInterval";
        b.elements(&[(&pointer, json!(0))], &[path]);
        b.accepts(&[(&pointer, json!(300))]);
    }),
    behaviour("aws-facts 1.8", "an output uses descriptions that are there, and every description is used", |b| {
        let pointer = format!("{GROUPS}/0/outputs/1/videoDescriptionName");
        let paths = ["outputGroups[0].outputs[1].videoDescriptionName", "videoDescriptions[1]"];
        b.elements(&[(&pointer, json!("144p"))], &paths);
    }),
    behaviour("aws-facts 1.10", "one video description may serve two groups", |b| {
        b.accepts(&[(&format!("{ARCHIVE}/outputs/0/videoDescriptionName"), json!("240p"))]);
    }),
    behaviour("aws-facts 1.9", "an output has a video, an audio or a caption", |b| {
        let pointer = format!("{GROUPS}/0/outputs/0");
        let empty = json!({"outputName": "480p", "outputSettings": {"mediaPackageOutputSettings": {}}});
        b.elements(&[(&pointer, empty)], &["outputGroups[0].outputs[0]"]);
    }),
    behaviour("aws-facts 1.9", "names of video descriptions are unique", |b| {
        let pointer = "/encoderSettings/videoDescriptions/1/name";
        let output = format!("{GROUPS}/0/outputs/1/videoDescriptionName");
        b.elements(&[(pointer, json!("480p")), (&output, json!("480p"))], &["videoDescriptions[1].name"]);
    }),
    behaviour("aws-facts 1.8", "an input specification has a codec, a resolution and a bitrate from the lists", |b| {
        b.elements(&[("/inputSpecification/maximumBitrate", Value::Null)], &["inputSpecification.maximumBitrate"]);
        b.bad_channel(&[("/inputSpecification/resolution", json!("4K"))], "4K is not one of");
    }),
    behaviour("aws-facts 1.12", "the role is the ARN of an IAM role", |b| {
        b.elements(&[("/roleArn", json!("MediaLive"))], &["roleArn"]);
    }),
    behaviour("aws-facts 1.8", "an attachment names an input that exists", |b| {
        b.elements(&[("/inputAttachments/0/inputId", json!("7"))], &["inputAttachments[0].inputId"]);
    }),
    behaviour("aws-facts 1.5", "a channel has at most twenty attachments", |b| {
        b.channel(&[]);
        let ids = (0..20)
            .map(|n| b.input(&pull_input("URL_PULL", &[&format!("https://a.example/{n}"), "https://b.example/"])));
        let mut edits: Vec<_> = ids.map(|id| json!({"inputId": id})).collect();
        let last = edits.pop().unwrap();
        let pointers: Vec<_> = (1..=20).map(|i| format!("/inputAttachments/{i}")).collect();
        let mut edits: Vec<_> = pointers.iter().map(String::as_str).zip(edits).collect();
        b.accepts(&edits);
        edits.push((&pointers[19], last));
        b.elements(&edits, &["inputAttachments"]);
    }),
    behaviour("aws-facts 1.5", "a channel takes two push inputs and no third", |b| {
        let (one, two) = (other(b), b.push_input());
        b.accepts(&[second(&one)]);
        b.elements(&[second(&one), ("/inputAttachments/2", json!({"inputId": two}))], &["inputAttachments"]);
    }),
    behaviour(
        "aws-facts 1.6, mistake 10",
        "a STANDARD channel refuses an input of one pipeline, a single one takes both",
        |b| {
            b.channel(&[]);
            let pull = b.input(&pull_input("URL_PULL", &["https://a.example/1"]));
            b.elements(&[second(&pull)], &["inputAttachments[1].inputId"]);
            let one = ("/destinations/1/settings", json!([{"url": "s3ssl://bucket/p0/base"}]));
            b.accepts(&[second(&pull), ("/channelClass", json!("SINGLE_PIPELINE")), one]);
        },
    ),
    behaviour("aws-facts 1.8", "the second input of a failover pair is attached too", |b| {
        let id = other(b);
        let path = "inputAttachments[0].automaticInputFailoverSettings.secondaryInputId";
        b.elements(&[failover(&id, loss())], &[path]);
        b.accepts(&[second(&id), failover(&id, loss())]);
    }),
    behaviour("aws-facts 1.8", "a failover pair has a condition", |b| {
        let id = other(b);
        let path = "inputAttachments[0].automaticInputFailoverSettings.failoverConditions";
        b.elements(&[second(&id), failover(&id, json!([]))], &[path]);
    }),
    behaviour("aws-facts 1.8", "a condition of failover holds exactly one setting", |b| {
        let id = other(b);
        let path = "inputAttachments[0].automaticInputFailoverSettings.failoverConditions[0].failoverConditionSettings";
        let none = json!([{"failoverConditionSettings": {}}]);
        b.elements(&[second(&id), failover(&id, none)], &[path]);
    }),
    behaviour("aws-facts 1.8", "input loss counts from 100 ms", |b| {
        let id = other(b);
        let quick = json!([{"failoverConditionSettings": {"inputLossSettings": {"inputLossThresholdMsec": 99}}}]);
        let path = "inputAttachments[0].automaticInputFailoverSettings.failoverConditions[0].failoverConditionSettings\
                    .inputLossSettings.inputLossThresholdMsec";
        b.elements(&[second(&id), failover(&id, quick)], &[path]);
    }),
    behaviour("aws-facts 1.8, mistake 27", "inputs of different types are no failover pair", |b| {
        b.channel(&[]);
        let pull = b.input(&pull_input("URL_PULL", &["https://a.example/1", "https://b.example/1"]));
        let path = "inputAttachments[0].automaticInputFailoverSettings.secondaryInputId";
        b.elements(&[second(&pull), failover(&pull, loss())], &[path]);
    }),
    behaviour("aws-facts 1.1", "an update is checked where it speaks", |b| {
        let channel = b.idle(&[]);
        let id = channel["channelId"].clone();
        b.bad(
            "medialive:UpdateChannel",
            &json!({"channelId": id, "inputAttachments": []}),
            422,
            "UnprocessableEntityException",
            "",
        );
        b.ok("medialive:UpdateChannel", &json!({"channelId": id, "name": "renamed"}));
        b.pass(6);
        let seen = b.ok("medialive:DescribeChannel", &channel);
        assert_eq!((&seen["name"], &seen["state"]), (&json!("renamed"), &json!("IDLE")));
        assert!(seen["encoderSettings"].is_object(), "the rest stays");
    }),
    behaviour(
        "aws-facts 1.8, mistake 40",
        "a caption needs a selector that exists, a destination, three letters, and an output",
        |b| {
            let wrong = json!([{"name": "c", "captionSelectorName": "default", "languageCode": "en"}]);
            let paths = [
                "captionDescriptions[0]",
                "captionDescriptions[0].captionSelectorName",
                "captionDescriptions[0].destinationSettings",
                "captionDescriptions[0].languageCode",
            ];
            b.elements(&[(CAPTIONS, wrong)], &paths);
        },
    ),
];
