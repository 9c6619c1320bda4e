//! Requests to MediaLive for groups and channels; inputs are in `sources`. Every one of the recipe's mistakes with them has a test beside this file.

use super::{attach, encoder};
use crate::tag_map;
use aws_sdk_medialive::operation::create_channel::builders::CreateChannelInputBuilder;
use aws_sdk_medialive::operation::create_input_security_group::builders::CreateInputSecurityGroupInputBuilder;
use aws_sdk_medialive::types::{
    ChannelClass, InputCodec, InputMaximumBitrate, InputResolution, InputSpecification, InputWhitelistRuleCidr,
    LogLevel, MediaPackageOutputDestinationSettings, OutputDestination, OutputDestinationSettings,
};
use headend_aws_store::config::MediaConfig;
use headend_domain::request::{ChannelRequest, GroupRequest};
use headend_domain::spec::{self, Resolution};

pub const TO_PACKAGING: &str = "packaging";
pub const TO_ARCHIVE: &str = "archive";

/// A group has no request id: its create must not be sent twice.
pub fn group(request: &GroupRequest) -> CreateInputSecurityGroupInputBuilder {
    let rules = request.cidrs.iter().map(|cidr| InputWhitelistRuleCidr::builder().cidr(cidr).build()).collect();
    CreateInputSecurityGroupInputBuilder::default()
        .set_whitelist_rules(Some(rules))
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
        .set_input_attachments(Some(request.attachments.iter().map(|it| attach::attachment(it, request)).collect()))
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
pub fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// AWS counts in signed numbers; the spec's bounds lie far inside.
pub fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
