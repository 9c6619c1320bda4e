//! Requests to MediaPackage. Every one of the recipe's mistakes with them has a test beside this file.

use crate::tag_map;
use aws_sdk_mediapackage::operation::create_channel::builders::CreateChannelInputBuilder;
use aws_sdk_mediapackage::operation::create_origin_endpoint::builders::CreateOriginEndpointInputBuilder;
use aws_sdk_mediapackage::types::{
    AdMarkers, Authorization, CmafPackageCreateOrUpdateParameters, DashPackage, HlsManifestCreateOrUpdateParameters,
    HlsPackage, ManifestLayout, Origination, PlaylistType, Profile, SegmentTemplateFormat,
};
use headend_domain::request::{EndpointRequest, PackagingRequest};
use headend_domain::slot::Format;
use headend_domain::spec::EndpointSpec;

/// The one manifest of a CMAF endpoint; part of its address.
const CMAF_MANIFEST: &str = "hls";
/// What the names of CMAF segments begin with.
const CMAF_SEGMENTS: &str = "cmaf";
/// Segments that a DASH player holds before it begins, and keeps behind the live edge: fewer stall, more are
/// only latency.
const DASH_BUFFERED_SEGMENTS: u32 = 3;

pub fn packaging(request: &PackagingRequest) -> CreateChannelInputBuilder {
    CreateChannelInputBuilder::default()
        .id(&request.id)
        .description(&request.description)
        .set_tags(Some(tag_map(&request.tags)))
}

/// No time delay: it would only add latency, and anything below 5 s is refused (aws-facts 2.3).
pub fn endpoint(request: &EndpointRequest, secrets_role_arn: &str) -> CreateOriginEndpointInputBuilder {
    let settings = &request.settings;
    let authorization =
        Authorization::builder().cdn_identifier_secret(&request.secret_arn).secrets_role_arn(secrets_role_arn).build();
    let endpoint = CreateOriginEndpointInputBuilder::default()
        .id(&request.id)
        .channel_id(&request.packaging_id)
        .manifest_name(&settings.manifest_name)
        .startover_window_seconds(number(settings.startover_seconds))
        .origination(Origination::Allow)
        .authorization(authorization)
        .set_tags(Some(tag_map(&request.tags)));
    match request.format {
        Format::Hls => endpoint.hls_package(hls(settings)),
        Format::Dash => endpoint.dash_package(dash(settings)),
        Format::Cmaf => endpoint.cmaf_package(cmaf(settings)),
    }
}

/// A sliding window: EVENT would keep every segment of a channel that never ends (aws-facts 2.4).
fn hls(settings: &EndpointSpec) -> HlsPackage {
    HlsPackage::builder()
        .segment_duration_seconds(number(settings.segment_seconds))
        .playlist_type(PlaylistType::None)
        .playlist_window_seconds(number(settings.window_seconds))
        .program_date_time_interval_seconds(number(settings.segment_seconds))
        .use_audio_rendition_group(true)
        .include_iframe_only_stream(false)
        .ad_markers(AdMarkers::None)
        .build()
}

fn dash(settings: &EndpointSpec) -> DashPackage {
    let buffered = number(settings.segment_seconds.saturating_mul(DASH_BUFFERED_SEGMENTS));
    DashPackage::builder()
        .segment_duration_seconds(number(settings.segment_seconds))
        .manifest_window_seconds(number(settings.window_seconds))
        .min_update_period_seconds(number(settings.segment_seconds))
        .min_buffer_time_seconds(buffered)
        .suggested_presentation_delay_seconds(buffered)
        .profile(Profile::None)
        .manifest_layout(ManifestLayout::Full)
        .segment_template_format(SegmentTemplateFormat::NumberWithTimeline)
        .build()
}

fn cmaf(settings: &EndpointSpec) -> CmafPackageCreateOrUpdateParameters {
    let manifest = HlsManifestCreateOrUpdateParameters::builder()
        .id(CMAF_MANIFEST)
        .manifest_name(&settings.manifest_name)
        .playlist_type(PlaylistType::None)
        .playlist_window_seconds(number(settings.window_seconds))
        .program_date_time_interval_seconds(number(settings.segment_seconds))
        .ad_markers(AdMarkers::None)
        .build();
    CmafPackageCreateOrUpdateParameters::builder()
        .segment_duration_seconds(number(settings.segment_seconds))
        .segment_prefix(CMAF_SEGMENTS)
        .hls_manifests(manifest)
        .build()
}

/// AWS counts in signed numbers; the spec's bounds lie far inside.
fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
