//! What we send to MediaPackage, held against the recipe's mistakes (numbers of aws-facts section 6).

use super::{build, manifests, urls_of};
use aws_sdk_mediapackage::operation::create_origin_endpoint::CreateOriginEndpointInput;
use aws_sdk_mediapackage::types::{HlsManifest, PlaylistType};
use headend_domain::request::{EndpointRequest, PackagingRequest};
use headend_domain::slot::Format;
use headend_domain::spec::EndpointSpec;
use std::collections::BTreeMap;

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:hl-p-secret-1-AbCdEf";
const ROLE: &str = "arn:aws:iam::111122223333:role/secrets";

fn built(format: Format) -> CreateOriginEndpointInput {
    let settings = EndpointSpec {
        manifest_name: "master".to_owned(),
        segment_seconds: 6,
        window_seconds: 60,
        startover_seconds: 86_400,
    };
    let request = EndpointRequest {
        id: format!("hl-p-endpoint-{}-1", format.word()),
        packaging_id: "hl-p-packaging-1".to_owned(),
        format,
        settings,
        secret_arn: SECRET.to_owned(),
        tags: BTreeMap::from([("headend:slot".to_owned(), format!("endpoint/{}", format.word()))]),
    };
    build::endpoint(&request, ROLE).build().unwrap()
}

fn all() -> [CreateOriginEndpointInput; 3] {
    Format::ALL.map(built)
}

#[test]
fn mistake_02_everything_is_tagged() {
    assert!(all().iter().all(|endpoint| endpoint.tags().is_some_and(|tags| tags.contains_key("headend:slot"))));
    let request = PackagingRequest {
        id: "hl-p-packaging-1".to_owned(),
        description: "d".to_owned(),
        tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
    };
    let packaging = build::packaging(&request).build().unwrap();
    assert_eq!((packaging.id(), packaging.tags().map(|tags| tags.len())), (Some("hl-p-packaging-1"), Some(1)));
}

#[test]
fn mistake_16_manifest_names_have_no_extension() {
    let legal = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    assert!(all().iter().all(|endpoint| endpoint.manifest_name().is_some_and(legal)));
    let cmaf = built(Format::Cmaf);
    assert!(legal(cmaf.cmaf_package().unwrap().hls_manifests()[0].manifest_name().unwrap()));
}

#[test]
fn mistake_17_nothing_is_delayed() {
    assert!(all().iter().all(|endpoint| endpoint.time_delay_seconds.is_none()));
}

#[test]
fn mistake_19_playlists_slide() {
    let (hls, cmaf) = (built(Format::Hls), built(Format::Cmaf));
    let hls = hls.hls_package().unwrap();
    let manifest = &cmaf.cmaf_package().unwrap().hls_manifests()[0];
    assert_eq!((hls.playlist_type(), hls.playlist_window_seconds()), (Some(&PlaylistType::None), Some(60)));
    assert_eq!((manifest.playlist_type(), manifest.playlist_window_seconds()), (Some(&PlaylistType::None), Some(60)));
}

#[test]
fn mistake_20_segments_are_as_long_as_asked() {
    assert_eq!(built(Format::Hls).hls_package().unwrap().segment_duration_seconds(), Some(6));
    assert_eq!(built(Format::Dash).dash_package().unwrap().segment_duration_seconds(), Some(6));
    assert_eq!(built(Format::Cmaf).cmaf_package().unwrap().segment_duration_seconds(), Some(6));
}

#[test]
fn mistake_22_only_the_cdn_may_fetch() {
    for endpoint in all() {
        let authorization = endpoint.authorization().unwrap();
        assert_eq!(authorization.cdn_identifier_secret(), Some(SECRET));
        assert_eq!(authorization.secrets_role_arn(), Some(ROLE));
    }
}

#[test]
fn mistake_23_dash_buffers_no_more_than_it_needs() {
    let dash = built(Format::Dash);
    let dash = dash.dash_package().unwrap();
    assert_eq!((dash.min_update_period_seconds(), dash.min_buffer_time_seconds()), (Some(6), Some(18)));
    assert_eq!(dash.suggested_presentation_delay_seconds(), Some(18));
}

#[test]
fn mistake_24_no_period_waits_for_ad_markers() {
    assert!(built(Format::Dash).dash_package().unwrap().period_triggers.is_none());
}

#[test]
fn mistake_30_audio_is_a_rendition_group_of_its_own() {
    assert_eq!(built(Format::Hls).hls_package().unwrap().use_audio_rendition_group(), Some(true));
}

#[test]
fn every_endpoint_has_exactly_one_packager_and_starts_over() {
    for endpoint in all() {
        let packagers = [
            endpoint.hls_package.is_some(),
            endpoint.dash_package.is_some(),
            endpoint.cmaf_package.is_some(),
            endpoint.mss_package.is_some(),
        ];
        assert_eq!(packagers.iter().filter(|there| **there).count(), 1);
        assert_eq!(endpoint.startover_window_seconds(), Some(86_400));
        assert_eq!(endpoint.origination().map(|it| it.as_str()), Some("ALLOW"));
        assert_eq!(endpoint.channel_id(), Some("hl-p-packaging-1"));
    }
}

#[test]
fn mistakes_48_and_49_the_address_of_cmaf_is_its_manifests() {
    let base = "https://x.mediapackage.eu-west-1.amazonaws.com/out/v1/guid";
    let url = format!("{base}/hls/master.m3u8");
    let cmaf = manifests(&[HlsManifest::builder().id("hls").url(&url).build()]);
    assert_eq!(urls_of(None, None, Some(base.to_owned()), Some(cmaf)).urls, [url]);
    assert_eq!(urls_of(None, None, Some(base.to_owned()), None).urls, [base]);
}
