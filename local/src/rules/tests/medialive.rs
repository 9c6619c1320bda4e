//! MediaLive: the parts of a channel and how they refer to each other.

use serde_json::{Value, json};

use super::{accepted, bad_channel, channel, elements, refused, with};

#[test]
fn a_destination_has_exactly_one_kind_and_no_s3_settings() {
    // 28
    bad_channel(&[("/destinations/1", json!({"id": "archive", "s3Settings": {}}))], "unknown member s3Settings");
    bad_channel(&[("/destinations/1", json!({"id": "archive"}))], "destination archive");
    let both =
        json!({"id": "archive", "settings": [{"url": "s3ssl://b/a"}], "mediaPackageSettings": [{"channelId": "c"}]});
    bad_channel(&[("/destinations/1", both)], "one and only one");
    elements(
        &[("/destinations/1/settings/1", json!({"url": "s3ssl://bucket/p0/base"}))],
        &["destinations[1].settings[1].url"],
    );
    elements(
        &[("/destinations/1/settings", json!([{"url": "s3ssl://bucket/p0/base"}]))],
        &["destinations[1].settings"],
    );
    for url in ["s3ssl://bucket/p1/", "s3ssl://bucket", "s3ssl://my.bucket/p1/base"] {
        elements(&[("/destinations/1/settings/1/url", json!(url))], &["destinations[1].settings[1].url"]);
    }
    let single = [
        ("/channelClass", json!("SINGLE_PIPELINE")),
        ("/destinations/1/settings", json!([{"url": "s3ssl://bucket/p0/base"}])),
    ];
    accepted("medialive", "CreateChannel", &with(&channel(), &single));
}

#[test]
fn an_archive_output_needs_its_container() {
    // 37
    let settings = "/encoderSettings/outputGroups/1/outputs/0/outputSettings/archiveOutputSettings";
    let container = "outputGroups[1].outputs[0].outputSettings.archiveOutputSettings.containerSettings";
    elements(&[(settings, json!({}))], &[container]);
    elements(&[(settings, json!({"containerSettings": {}}))], &[container]);
    accepted(
        "medialive",
        "CreateChannel",
        &with(&channel(), &[(settings, json!({"containerSettings": {"rawSettings": {}}}))]),
    );
}

#[test]
fn a_caption_needs_its_selector_a_destination_a_three_letter_language_and_an_output() {
    // 40
    let wrong = json!([{"name": "c", "captionSelectorName": "default", "languageCode": "en"}]);
    elements(
        &[("/encoderSettings/captionDescriptions", wrong)],
        &[
            "captionDescriptions[0]",
            "captionDescriptions[0].captionSelectorName",
            "captionDescriptions[0].destinationSettings",
            "captionDescriptions[0].languageCode",
        ],
    );
    let right = json!([{"name": "c", "captionSelectorName": "608", "languageCode": "eng",
                        "destinationSettings": {"embeddedDestinationSettings": {}}}]);
    let selectors = json!([{"name": "608", "selectorSettings": {"embeddedSourceSettings": {}}}]);
    accepted(
        "medialive",
        "CreateChannel",
        &with(
            &channel(),
            &[
                ("/encoderSettings/captionDescriptions", right),
                ("/inputAttachments/0/inputSettings/captionSelectors", selectors),
                ("/encoderSettings/outputGroups/0/outputs/0/captionDescriptionNames", json!(["c"])),
            ],
        ),
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_description_is_used() {
    elements(
        &[(
            "/encoderSettings/outputGroups/1/outputGroupSettings/archiveGroupSettings/destination/destinationRefId",
            json!("x"),
        )],
        &["outputGroups[1].outputGroupSettings.archiveGroupSettings.destination.destinationRefId"],
    );
    elements(
        &[(
            "/encoderSettings/outputGroups/1/outputGroupSettings/archiveGroupSettings/destination/destinationRefId",
            json!("packaging"),
        )],
        &["outputGroups[1].outputGroupSettings.archiveGroupSettings.destination.destinationRefId"],
    );
    elements(
        &[("/encoderSettings/outputGroups/0/outputs/1/videoDescriptionName", json!("144p"))],
        &["outputGroups[0].outputs[1].videoDescriptionName", "videoDescriptions[1]"],
    );
    elements(
        &[("/encoderSettings/audioDescriptions/0/audioSelectorName", json!("other"))],
        &["audioDescriptions[0].audioSelectorName"],
    );
    // 31: without any selector the first audio is taken, whatever the name.
    accepted(
        "medialive",
        "CreateChannel",
        &with(
            &channel(),
            &[
                ("/inputAttachments/0/inputSettings", json!({})),
                ("/encoderSettings/audioDescriptions/0/audioSelectorName", json!("other")),
            ],
        ),
    );
}

#[test]
fn unions_hold_one_member() {
    let both = json!({"mediaPackageOutputSettings": {}, "hlsOutputSettings": {"hlsSettings": {}}});
    elements(
        &[("/encoderSettings/outputGroups/0/outputs/0/outputSettings", both)],
        &["outputGroups[0].outputs[0].outputSettings"],
    );
    let other = json!({"rtmpOutputSettings": {"destination": {}}});
    elements(
        &[("/encoderSettings/outputGroups/0/outputs/0/outputSettings", other)],
        &["outputGroups[0].outputs[0].outputSettings.rtmpOutputSettings"],
    );
    elements(
        &[("/encoderSettings/outputGroups/1/outputGroupSettings", json!({}))],
        &["outputGroups[1].outputGroupSettings"],
    );
}

#[test]
fn all_defects_come_in_one_answer() {
    let edits = [
        ("/roleArn", Value::Null),
        ("/inputAttachments/0/inputId", Value::Null),
        ("/encoderSettings/audioDescriptions/0/codecSettings/aacSettings/bitrate", json!(16_000.0)),
        ("/encoderSettings/timecodeConfig/source", Value::Null),
    ];
    let paths = [
        "timecodeConfig.source",
        "roleArn",
        "inputAttachments[0].inputId",
        "audioDescriptions[0].codecSettings.aacSettings.bitrate",
    ];
    elements(&edits, &paths);
}

#[test]
fn the_top_of_a_channel_is_required_although_the_interface_does_not_say_so() {
    for member in ["name", "roleArn", "inputAttachments", "inputSpecification", "encoderSettings"] {
        let refusal = refused("medialive", "CreateChannel", &with(&channel(), &[(&format!("/{member}"), Value::Null)]));
        assert!(refusal.validation.iter().any(|(path, _)| path == member), "{refusal:?}");
    }
}

#[test]
fn a_failover_pair_is_attached_and_has_a_condition() {
    let failover = |secondary: &str, conditions: Value| {
        (
            "/inputAttachments/0/automaticInputFailoverSettings",
            json!({"secondaryInputId": secondary, "failoverConditions": conditions}),
        )
    };
    let second = ("/inputAttachments/1", json!({"inputId": "2", "inputAttachmentName": "backup"}));
    let loss = json!([{"failoverConditionSettings": {"inputLossSettings": {"inputLossThresholdMsec": 1000}}}]);
    accepted("medialive", "CreateChannel", &with(&channel(), &[second.clone(), failover("2", loss.clone())]));
    let settings = "inputAttachments[0].automaticInputFailoverSettings";
    elements(&[failover("2", loss)], &[&format!("{settings}.secondaryInputId")]);
    elements(&[second, failover("2", json!([]))], &[&format!("{settings}.failoverConditions")]);
}

#[test]
fn an_update_is_checked_where_it_speaks() {
    accepted("medialive", "UpdateChannel", &json!({"channelId": "1", "name": "n"}));
    let settings = channel()["encoderSettings"].clone();
    accepted("medialive", "UpdateChannel", &json!({"channelId": "1", "encoderSettings": settings}));
    let edited = with(&settings, &[("/outputGroups/1/outputs/0/videoDescriptionName", json!("x"))]);
    let refusal = refused("medialive", "UpdateChannel", &json!({"channelId": "1", "encoderSettings": edited}));
    assert_eq!(refusal.status, 422);
}
