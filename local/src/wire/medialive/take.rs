//! MediaLive requests as the world takes them. `rules` has checked them before.

use serde_json::Value;

use super::dry_run;
use crate::wire::fields::{int, object, objects, required, tag_map, text, texts, without};
use crate::world::AwsError;
use crate::world::medialive::{
    AlertFilter, Attachment, ChannelClass, CreateChannel, CreateInput, InputSource, InputType, OutputGroup,
    PackagingRef, UpdateChannel, UpdateInput,
};

/// What a request has that is no part of the resource.
const NOT_KEPT: [&str; 5] = ["requestId", "dryRun", "tags", "channelId", "inputId"];

/// 1920x1080: what is larger counts as UHD (aws-facts 1.9).
const HD_WIDTH: i64 = 1920;
const HD_HEIGHT: i64 = 1080;

pub fn create_input(input: &Value) -> Result<CreateInput, AwsError> {
    let word = required(input, "type");
    let kind = InputType::parse(&word)
        .ok_or_else(|| AwsError::bad_request(format!("the local cloud does not simulate inputs of type {word}")))?;
    Ok(CreateInput {
        request_id: text(input, "requestId"),
        security_groups: texts(input, "inputSecurityGroups").unwrap_or_default(),
        stream_names: stream_names(input).unwrap_or_default(),
        sources: sources(input).unwrap_or_default(),
        flows: flows(input).unwrap_or_default(),
        role_arn: text(input, "roleArn"),
        in_vpc: input.get("vpc").is_some(),
        tags: tag_map(input, "tags"),
        doc: without(input, &NOT_KEPT),
        ..CreateInput::new(required(input, "name"), kind)
    })
}

pub fn update_input(id: String, input: &Value) -> UpdateInput {
    UpdateInput {
        id,
        name: text(input, "name"),
        security_groups: texts(input, "inputSecurityGroups"),
        stream_names: stream_names(input),
        sources: sources(input),
        flows: flows(input),
        role_arn: text(input, "roleArn"),
        doc: without(input, &NOT_KEPT),
    }
}

/// UpdateChannelClass' class.
pub fn class(input: &Value) -> Result<ChannelClass, AwsError> {
    let word = required(input, "channelClass");
    ChannelClass::parse(&word).ok_or_else(|| AwsError::bad_request(format!("{word} is not a channel class")))
}

/// `PIPELINE_0` and `PIPELINE_1`, by number.
pub fn pipelines(input: &Value) -> Vec<usize> {
    let words = texts(input, "pipelineIds").unwrap_or_default();
    words.iter().filter_map(|word| word.strip_prefix("PIPELINE_")?.parse().ok()).collect()
}

pub fn alert_filter(input: &Value) -> Result<AlertFilter, AwsError> {
    match text(input, "stateFilter").as_deref() {
        None | Some("SET") => Ok(AlertFilter::Set),
        Some("CLEARED") => Ok(AlertFilter::Cleared),
        Some("ALL") => Ok(AlertFilter::All),
        Some(other) => Err(AwsError::bad_request(format!("stateFilter is SET, CLEARED or ALL, not {other}"))),
    }
}

fn stream_names(input: &Value) -> Option<Vec<String>> {
    Some(objects(input, "destinations")?.iter().map(|d| required(d, "streamName")).collect())
}

fn sources(input: &Value) -> Option<Vec<InputSource>> {
    let source = |s: &Value| InputSource {
        url: required(s, "url"),
        username: text(s, "username"),
        password_param: text(s, "passwordParam"),
    };
    // What an SRT caller calls stands elsewhere and makes its class all the same (aws-facts 1.6, 1.8).
    let caller = |s: &Value| InputSource {
        url: format!("srt://{}:{}", required(s, "srtListenerAddress"), required(s, "srtListenerPort")),
        username: None,
        password_param: None,
    };
    if let Some(callers) = input.get("srtSettings").and_then(|srt| objects(srt, "srtCallerSources")) {
        return Some(callers.iter().map(caller).collect());
    }
    Some(objects(input, "sources")?.iter().map(source).collect())
}

fn flows(input: &Value) -> Option<Vec<String>> {
    Some(objects(input, "mediaConnectFlows")?.iter().map(|f| required(f, "flowArn")).collect())
}

pub fn create_channel(input: &Value) -> CreateChannel {
    let class = text(input, "channelClass").and_then(|word| ChannelClass::parse(&word));
    CreateChannel {
        request_id: text(input, "requestId"),
        role_arn: required(input, "roleArn"),
        attachments: attachments(input).unwrap_or_default(),
        packaging: packaging(input),
        output_groups: output_groups(input),
        uhd: is_uhd(input),
        hevc: is_hevc(input),
        dry_run: dry_run(input),
        tags: tag_map(input, "tags"),
        doc: without(input, &NOT_KEPT),
        // aws-facts 1.6: STANDARD when it is omitted.
        ..CreateChannel::new(required(input, "name"), class.unwrap_or(ChannelClass::Standard))
    }
}

/// An update may name destinations or encoder settings alone: the other half is the stored channel's.
pub fn update_channel(id: String, input: &Value, stored: &Value) -> UpdateChannel {
    let mut merged = object(stored);
    merged.extend(object(input));
    let merged = Value::Object(merged);
    let outputs = input.get("encoderSettings").is_some();
    let packaged = outputs || input.get("destinations").is_some();
    UpdateChannel {
        id,
        name: text(input, "name"),
        role_arn: text(input, "roleArn"),
        attachments: attachments(input),
        packaging: packaged.then(|| packaging(&merged)),
        output_groups: outputs.then(|| output_groups(input)),
        uhd: outputs.then(|| is_uhd(input)),
        hevc: outputs.then(|| is_hevc(input)),
        dry_run: dry_run(input),
        doc: without(input, &NOT_KEPT),
    }
}

fn attachments(input: &Value) -> Option<Vec<Attachment>> {
    let attachment = |a: &Value| {
        let input_id = required(a, "inputId");
        Attachment { name: text(a, "inputAttachmentName").unwrap_or_else(|| input_id.clone()), input_id }
    };
    Some(objects(input, "inputAttachments")?.iter().map(attachment).collect())
}

fn groups(input: &Value) -> Vec<Value> {
    objects(&input["encoderSettings"], "outputGroups").cloned().unwrap_or_default()
}

/// The MediaPackage v1 channels that output groups send to, with the element to blame (aws-facts 1.7).
fn packaging(input: &Value) -> Vec<PackagingRef> {
    let destinations = objects(input, "destinations").cloned().unwrap_or_default();
    let mut refs = Vec::new();
    for (i, group) in groups(input).iter().enumerate() {
        let settings = &group["outputGroupSettings"]["mediaPackageGroupSettings"];
        let Some(id) = settings["destination"]["destinationRefId"].as_str() else {
            continue;
        };
        let destination = destinations.iter().find(|d| d["id"] == id);
        let channel = destination.and_then(|d| d["mediaPackageSettings"][0]["channelId"].as_str());
        refs.extend(channel.map(|channel| PackagingRef {
            element_path: format!("outputGroups[{i}].outputGroupSettings.destination.channelId"),
            channel_id: channel.to_owned(),
        }));
    }
    refs
}

fn output_groups(input: &Value) -> Vec<OutputGroup> {
    let count = |group: &Value| objects(group, "outputs").map_or(0, Vec::len);
    let group = |(i, group): (usize, &Value)| OutputGroup {
        name: text(group, "name").unwrap_or_else(|| format!("outputGroup{i}")),
        // A channel has far fewer outputs than 2^32.
        outputs: u32::try_from(count(group)).unwrap_or(u32::MAX),
    };
    groups(input).iter().enumerate().map(group).collect()
}

fn videos(input: &Value) -> Vec<Value> {
    objects(&input["encoderSettings"], "videoDescriptions").cloned().unwrap_or_default()
}

fn is_uhd(input: &Value) -> bool {
    let above = |video: &Value, side, limit| int(video, side).is_some_and(|pixels| pixels > limit);
    videos(input).iter().any(|video| above(video, "width", HD_WIDTH) || above(video, "height", HD_HEIGHT))
}

fn is_hevc(input: &Value) -> bool {
    videos(input).iter().any(|video| video["codecSettings"].get("h265Settings").is_some())
}
