//! Requests to MediaLive. Every one of the recipe's mistakes with them has a test beside this file.

use super::encoder;
use crate::tag_map;
use aws_sdk_medialive::operation::create_channel::builders::CreateChannelInputBuilder;
use aws_sdk_medialive::operation::create_input::builders::CreateInputInputBuilder;
use aws_sdk_medialive::operation::create_input_security_group::builders::CreateInputSecurityGroupInputBuilder;
use aws_sdk_medialive::types::{
    AudioSelector, ChannelClass, HlsInputSettings, InputAttachment, InputCodec, InputDestinationRequest,
    InputMaximumBitrate, InputResolution, InputSettings, InputSourceEndBehavior, InputSourceRequest,
    InputSpecification, InputType, InputWhitelistRuleCidr, LogLevel, MediaPackageOutputDestinationSettings,
    NetworkInputSettings, OutputDestination, OutputDestinationSettings,
};
use headend_aws_store::config::MediaConfig;
use headend_domain::request::{Attachment, ChannelRequest, GroupRequest, InputRequest};
use headend_domain::spec::{self, InputKind, Resolution};

/// An HLS source is live only when 3 to 10 segments are buffered; otherwise it is played as a file
/// (aws-facts 1.8).
const BUFFER_SEGMENTS: i32 = 3;

/// The selector that every audio description names.
pub const AUDIO_SELECTOR: &str = "default";
pub const TO_PACKAGING: &str = "packaging";
pub const TO_ARCHIVE: &str = "archive";

/// A group has no request id: its create must not be sent twice.
pub fn group(request: &GroupRequest) -> CreateInputSecurityGroupInputBuilder {
    let rules = request.cidrs.iter().map(|cidr| InputWhitelistRuleCidr::builder().cidr(cidr).build()).collect();
    CreateInputSecurityGroupInputBuilder::default()
        .set_whitelist_rules(Some(rules))
        .set_tags(Some(tag_map(&request.tags)))
}

pub fn input(request: &InputRequest) -> CreateInputInputBuilder {
    let kind = match request.kind {
        InputKind::RtmpPush => InputType::RtmpPush,
        InputKind::RtpPush => InputType::RtpPush,
        InputKind::UrlPull => InputType::UrlPull,
    };
    let names = request.stream_names.iter().map(|name| InputDestinationRequest::builder().stream_name(name).build());
    let sources = request.sources.iter().map(|url| InputSourceRequest::builder().url(url).build());
    CreateInputInputBuilder::default()
        .request_id(&request.request_id)
        .name(&request.name)
        .r#type(kind)
        .set_input_security_groups(request.group_id.clone().map(|id| vec![id]))
        .set_destinations(some(names.collect()))
        .set_sources(some(sources.collect()))
        .set_tags(Some(tag_map(&request.tags)))
}

pub fn channel(request: &ChannelRequest, config: &MediaConfig) -> CreateChannelInputBuilder {
    let class = match request.class {
        spec::ChannelClass::Single => ChannelClass::SinglePipeline,
        spec::ChannelClass::Standard => ChannelClass::Standard,
    };
    CreateChannelInputBuilder::default()
        .request_id(&request.request_id)
        .name(&request.name)
        .role_arn(&config.medialive_role_arn)
        // Left out it would be STANDARD, at twice the price (aws-facts 1.6).
        .channel_class(class)
        .input_specification(specification(&request.input_specification))
        .set_input_attachments(Some(request.attachments.iter().map(attachment).collect()))
        .set_destinations(Some(destinations(request, &config.archive_bucket)))
        .encoder_settings(encoder::settings(request))
        .log_level(LogLevel::Error)
        .set_tags(Some(tag_map(&request.tags)))
}

fn specification(asked: &spec::InputSpecification) -> InputSpecification {
    let resolution = match asked.resolution {
        Resolution::Sd => InputResolution::Sd,
        Resolution::Hd => InputResolution::Hd,
        Resolution::Uhd => InputResolution::Uhd,
    };
    InputSpecification::builder()
        .codec(InputCodec::from(asked.codec.as_str()))
        .resolution(resolution)
        .maximum_bitrate(InputMaximumBitrate::from(asked.maximum_bitrate.as_str()))
        .build()
}

fn attachment(attachment: &Attachment) -> InputAttachment {
    let settings = InputSettings::builder()
        // Without selector settings it takes the first audio of the input (aws-facts 1.8).
        .audio_selectors(AudioSelector::builder().name(AUDIO_SELECTOR).build())
        .source_end_behavior(InputSourceEndBehavior::Continue)
        .set_network_input_settings(network(attachment.kind))
        .build();
    InputAttachment::builder()
        .input_attachment_name(&attachment.name)
        .input_id(&attachment.input_id)
        .input_settings(settings)
        .build()
}

fn network(kind: InputKind) -> Option<NetworkInputSettings> {
    match kind {
        InputKind::RtmpPush | InputKind::RtpPush => None,
        InputKind::UrlPull => {
            let hls = HlsInputSettings::builder().buffer_segments(BUFFER_SEGMENTS).build();
            Some(NetworkInputSettings::builder().hls_input_settings(hls).build())
        }
    }
}

/// Packaging takes one setting in both classes, the archive one address per pipeline (aws-facts 1.6).
fn destinations(request: &ChannelRequest, bucket: &str) -> Vec<OutputDestination> {
    let packaging = MediaPackageOutputDestinationSettings::builder().channel_id(&request.packaging_id).build();
    let mut destinations =
        vec![OutputDestination::builder().id(TO_PACKAGING).media_package_settings(packaging).build()];
    if !request.archive_keys.is_empty() {
        let place = |key: &String| OutputDestinationSettings::builder().url(format!("s3ssl://{bucket}/{key}")).build();
        let places = request.archive_keys.iter().map(place).collect();
        destinations.push(OutputDestination::builder().id(TO_ARCHIVE).set_settings(Some(places)).build());
    }
    destinations
}

/// An empty list says something else than no list.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
