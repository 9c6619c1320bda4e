//! What we send to MediaLive, held against the recipe's mistakes (numbers of aws-facts section 6).

mod inputs;

use super::{build, sources, speaks_of_role, with_validation};
use aws_sdk_medialive::operation::create_channel::CreateChannelInput;
use aws_sdk_medialive::operation::create_input::CreateInputInput;
use aws_sdk_medialive::types::{
    ArchiveOutputSettings, ChannelClass, EncoderSettings, H264Level, H264Settings, InputResolution, OutputDestination,
    OutputGroup, TimecodeConfigSource, ValidationError,
};
use headend_aws_store::config::MediaConfig;
use headend_domain::action::{Refusal, RefusalKind};
use headend_domain::request::{Attachment, ChannelRequest, GroupRequest, InputRequest};
use headend_domain::spec::{
    self, ArchiveSpec, AudioLayout, AudioSpec, InputKind, InputSpecification, Resolution, preset,
};
use std::collections::{BTreeMap, BTreeSet};

fn config() -> MediaConfig {
    MediaConfig {
        region: "eu-west-1".to_owned(),
        medialive_role_arn: "arn:aws:iam::111122223333:role/medialive".to_owned(),
        secrets_role_arn: "arn:aws:iam::111122223333:role/secrets".to_owned(),
        archive_bucket: "live-archive".to_owned(),
        bus: "headend".to_owned(),
    }
}

fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("headend:stack".to_owned(), "live".to_owned()), ("headend:slot".to_owned(), "channel".to_owned())])
}

fn request(class: spec::ChannelClass) -> ChannelRequest {
    let attachment = |name: &str, kind| Attachment {
        name: name.to_owned(),
        input_id: format!("id-{name}"),
        kind,
        loops: false,
        failover: None,
    };
    ChannelRequest {
        request_id: "hl-p-000000000001-channel-1".to_owned(),
        name: "hl-p-000000000001-channel-1".to_owned(),
        class,
        attachments: vec![
            attachment("rtmp", InputKind::RtmpPush),
            attachment("hls", InputKind::UrlPull),
            attachment("rtp", InputKind::RtpPush),
        ],
        input_specification: InputSpecification {
            codec: "AVC".to_owned(),
            resolution: Resolution::Uhd,
            maximum_bitrate: "MAX_50_MBPS".to_owned(),
        },
        packaging_id: "hl-p-000000000001-packaging-1".to_owned(),
        archive_keys: (0..class.pipelines()).map(|pipeline| format!("archives/p/p{pipeline}/p")).collect(),
        archive: ArchiveSpec { enabled: true, rollover_seconds: 300 },
        ladder: preset("uhd").unwrap(),
        audio: vec![
            AudioSpec::new("stereo", AudioLayout::Stereo, 128_000),
            AudioSpec::new("surround", AudioLayout::Surround, 384_000),
        ],
        captions: Vec::new(),
        input_loss: None,
        tags: tags(),
    }
}

fn channel(request: &ChannelRequest) -> CreateChannelInput {
    build::channel(request, &config()).build().unwrap()
}

fn standard() -> CreateChannelInput {
    channel(&request(spec::ChannelClass::Standard))
}

fn encoder(channel: &CreateChannelInput) -> &EncoderSettings {
    channel.encoder_settings().unwrap()
}

fn h264(channel: &CreateChannelInput) -> Vec<&H264Settings> {
    let videos = encoder(channel).video_descriptions().iter();
    videos.map(|video| video.codec_settings().unwrap().h264_settings().unwrap()).collect()
}

fn destination<'a>(channel: &'a CreateChannelInput, id: &str) -> &'a OutputDestination {
    channel.destinations().iter().find(|destination| destination.id() == Some(id)).unwrap()
}

fn group<'a>(channel: &'a CreateChannelInput, name: &str) -> &'a OutputGroup {
    encoder(channel).output_groups().iter().find(|group| group.name() == Some(name)).unwrap()
}

fn archive_output(channel: &CreateChannelInput) -> &ArchiveOutputSettings {
    group(channel, "archive").outputs()[0].output_settings().unwrap().archive_output_settings().unwrap()
}

/// A request for an input of which nothing is said but its type.
fn bare(kind: InputKind) -> InputRequest {
    InputRequest {
        request_id: "hl-p-input-1".to_owned(),
        name: "hl-p-input-1".to_owned(),
        kind,
        group_id: kind.is_push().then(|| "1234567".to_owned()),
        stream_names: Vec::new(),
        sources: Vec::new(),
        login: None,
        flows: Vec::new(),
        srt: None,
        tags: tags(),
    }
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn built(request: &InputRequest) -> CreateInputInput {
    sources::input(request, &config()).build().unwrap()
}

fn rtmp_push() -> CreateInputInput {
    built(&InputRequest { stream_names: list(&["rtmp-key/a", "rtmp-key/b"]), ..bare(InputKind::RtmpPush) })
}

fn hls_pull() -> CreateInputInput {
    let sources = list(&["https://a.example.net/x.m3u8", "https://b.example.net/x.m3u8"]);
    built(&InputRequest { sources, ..bare(InputKind::UrlPull) })
}

#[test]
fn mistakes_02_13_and_41_tokens_and_tags_are_ours() {
    let (input, channel) = (rtmp_push(), standard());
    assert_eq!((input.request_id(), channel.request_id()), (Some("hl-p-input-1"), Some("hl-p-000000000001-channel-1")));
    for tags in [input.tags(), channel.tags()] {
        assert_eq!(tags.unwrap().get("headend:stack").map(String::as_str), Some("live"));
    }
}

#[test]
fn mistake_07_a_group_lets_in_whom_it_names_and_nobody_else() {
    let cidrs = vec!["203.0.113.7/32".to_owned(), "198.51.100.0/24".to_owned()];
    let group = build::group(&GroupRequest { cidrs: cidrs.clone(), tags: tags() }).build().unwrap();
    let rules: Vec<_> = group.whitelist_rules().iter().filter_map(|rule| rule.cidr().map(str::to_owned)).collect();
    assert_eq!(rules, cidrs);
    assert_eq!(group.tags().unwrap().len(), 2);
}

#[test]
fn mistake_09_rtmp_inputs_name_their_streams() {
    let input = rtmp_push();
    let names: Vec<_> = input.destinations().iter().filter_map(|destination| destination.stream_name()).collect();
    assert_eq!(names, ["rtmp-key/a", "rtmp-key/b"]);
    assert_eq!(input.input_security_groups(), ["1234567"]);
    assert!(input.sources.is_none());
}

#[test]
fn mistake_10_a_pull_input_has_a_source_for_each_pipeline_and_no_security_group() {
    let input = hls_pull();
    assert_eq!(input.sources().len(), 2);
    assert!(input.input_security_groups.is_none() && input.destinations.is_none());
}

#[test]
fn mistake_11_a_live_hls_source_is_buffered_as_live() {
    let channel = standard();
    let buffered = |name: &str| {
        let attachment =
            channel.input_attachments().iter().find(|it| it.input_attachment_name() == Some(name)).unwrap();
        let network = attachment.input_settings()?.network_input_settings()?;
        network.hls_input_settings()?.buffer_segments()
    };
    assert!((3..=10).contains(&buffered("hls").unwrap()));
    assert_eq!((buffered("rtmp"), buffered("rtp")), (None, None));
}

#[test]
fn mistake_12_every_input_is_attached() {
    let channel = standard();
    let ids: Vec<_> = channel.input_attachments().iter().filter_map(|it| it.input_id()).collect();
    assert_eq!(ids, ["id-rtmp", "id-hls", "id-rtp"]);
}

#[test]
fn mistake_15_packaging_is_named_by_its_channel_and_needs_no_credentials() {
    let channel = standard();
    let packaging = destination(&channel, "packaging");
    assert_eq!(packaging.media_package_settings().len(), 1);
    assert_eq!(packaging.media_package_settings()[0].channel_id(), Some("hl-p-000000000001-packaging-1"));
    assert!(packaging.settings.is_none());
}

#[test]
fn mistake_20_a_gop_is_a_whole_number_of_frames_and_never_varies() {
    let channel = standard();
    for settings in h264(&channel) {
        assert_eq!(
            (settings.gop_size(), settings.gop_size_units().map(|it| it.as_str())),
            (Some(60.0), Some("FRAMES"))
        );
        assert_eq!(settings.gop_closed_cadence(), Some(1));
        assert_eq!(settings.scene_change_detect().map(|it| it.as_str()), Some("DISABLED"));
    }
}

#[test]
fn mistake_25_the_class_is_said() {
    assert_eq!(standard().channel_class(), Some(&ChannelClass::Standard));
    assert_eq!(channel(&request(spec::ChannelClass::Single)).channel_class(), Some(&ChannelClass::SinglePipeline));
}

#[test]
fn mistake_26_the_input_specification_is_the_one_asked_for() {
    let channel = standard();
    let specification = channel.input_specification().unwrap();
    assert_eq!(specification.resolution(), Some(&InputResolution::Uhd));
    assert_eq!(specification.codec().map(|it| it.as_str()), Some("AVC"));
    assert_eq!(specification.maximum_bitrate().map(|it| it.as_str()), Some("MAX_50_MBPS"));
}

#[test]
fn mistake_28_the_archive_is_a_url_for_each_pipeline() {
    let urls = |channel: &CreateChannelInput| -> Vec<String> {
        destination(channel, "archive").settings().iter().filter_map(|it| it.url().map(str::to_owned)).collect()
    };
    assert_eq!(urls(&standard()), ["s3ssl://live-archive/archives/p/p0/p", "s3ssl://live-archive/archives/p/p1/p"]);
    assert_eq!(urls(&channel(&request(spec::ChannelClass::Single))), ["s3ssl://live-archive/archives/p/p0/p"]);
    assert!(destination(&standard(), "archive").media_package_settings.is_none());
}

#[test]
fn mistakes_29_and_30_every_rung_has_the_same_audio_whatever_the_renditions_are() {
    let channel = standard();
    let outputs = group(&channel, "packaging").outputs();
    let (videos, audios): (Vec<_>, Vec<_>) =
        outputs.iter().partition(|output| output.video_description_name().is_some());
    assert_eq!(videos.len(), 5);
    assert!(videos.iter().all(|output| output.audio_description_names().is_empty()));
    let names: Vec<_> = audios.iter().map(|output| output.audio_description_names().join("+")).collect();
    assert_eq!(names, ["audio-stereo", "audio-surround"]);
}

#[test]
fn mistake_31_the_audio_selector_that_is_named_exists() {
    let channel = standard();
    for attachment in channel.input_attachments() {
        assert_eq!(attachment.input_settings().unwrap().audio_selectors()[0].name(), Some("default"));
    }
    assert!(encoder(&channel).audio_descriptions().iter().all(|audio| audio.audio_selector_name() == Some("default")));
}

#[test]
fn mistakes_32_and_33_the_level_follows_from_the_picture() {
    let channel = standard();
    assert!(h264(&channel).iter().all(|settings| settings.level() == Some(&H264Level::H264LevelAuto)));
}

#[test]
fn mistake_34_no_rung_is_baseline_and_b_frames_fit_the_profile() {
    let channel = standard();
    let profiles: Vec<_> = h264(&channel).iter().map(|settings| settings.profile().unwrap().as_str()).collect();
    assert_eq!(profiles, ["HIGH", "HIGH", "HIGH", "MAIN", "MAIN"]);
    for settings in h264(&channel) {
        assert_eq!(settings.entropy_encoding().map(|it| it.as_str()), Some("CABAC"));
        let referenced = settings.gop_b_reference().is_some_and(|it| it.as_str() == "ENABLED");
        assert!(!referenced || settings.gop_num_b_frames() >= Some(2));
    }
}

#[test]
fn mistake_35_size_frame_rate_and_pixel_shape_are_said() {
    let channel = standard();
    for settings in h264(&channel) {
        assert_eq!(settings.par_control().map(|it| it.as_str()), Some("SPECIFIED"));
        assert_eq!((settings.par_numerator(), settings.par_denominator()), (Some(1), Some(1)));
        assert_eq!(settings.framerate_control().map(|it| it.as_str()), Some("SPECIFIED"));
        assert_eq!((settings.framerate_numerator(), settings.framerate_denominator()), (Some(30), Some(1)));
        assert_eq!(settings.rate_control_mode().map(|it| it.as_str()), Some("CBR"));
    }
    let sizes: Vec<_> = encoder(&channel).video_descriptions().iter().map(|it| (it.width(), it.height())).collect();
    assert_eq!(sizes[0], (Some(3840), Some(2160)));
    assert!(sizes.iter().all(|(width, height)| width.unwrap() % 2 == 0 && height.unwrap() % 2 == 0));
}

#[test]
fn mistake_37_the_archive_says_its_container() {
    let channel = standard();
    let container = archive_output(&channel).container_settings().unwrap();
    assert!(container.m2ts_settings().is_some() && container.raw_settings().is_none());
}

#[test]
fn mistake_38_pieces_of_the_archive_close_as_often_as_asked() {
    let channel = standard();
    let archive = group(&channel, "archive").output_group_settings().unwrap().archive_group_settings().unwrap();
    assert_eq!(archive.rollover_interval(), Some(300));
    assert!(archive.archive_cdn_settings().is_none(), "buckets of today take no ACL");
}

#[test]
fn mistake_39_the_time_is_the_systems() {
    let channel = standard();
    let source = encoder(&channel).timecode_config().unwrap().source().unwrap();
    assert_eq!(source, &TimecodeConfigSource::Systemclock);
}

#[test]
fn mistake_40_there_are_no_captions() {
    assert!(encoder(&standard()).caption_descriptions.is_none());
}

#[test]
fn mistake_42_names_are_unique_and_within_their_limits() {
    let channel = standard();
    let unique = |names: Vec<Option<&str>>| {
        assert!(names.iter().all(|name| name.is_some_and(|name| (1..=255).contains(&name.len()))), "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    };
    let encoder = encoder(&channel);
    unique(encoder.video_descriptions().iter().map(|it| it.name()).collect());
    unique(encoder.audio_descriptions().iter().map(|it| it.name()).collect());
    unique(encoder.output_groups().iter().flat_map(|it| it.outputs()).map(|it| it.output_name()).collect());
    assert!(encoder.output_groups().iter().all(|it| it.name().is_some_and(|name| name.len() <= 32)));
}

#[test]
fn every_description_is_used_and_every_destination_is_known() {
    let channel = standard();
    let encoder = encoder(&channel);
    let outputs: Vec<_> = encoder.output_groups().iter().flat_map(|it| it.outputs()).collect();
    for video in encoder.video_descriptions() {
        assert!(outputs.iter().any(|output| output.video_description_name() == video.name()), "{:?}", video.name());
    }
    for audio in encoder.audio_descriptions() {
        let name = audio.name().unwrap().to_owned();
        assert!(outputs.iter().any(|output| output.audio_description_names().contains(&name)), "{name}");
    }
    for group in ["packaging", "archive"] {
        assert_eq!(destination(&channel, group).id(), Some(group));
    }
}

#[test]
fn the_archive_has_one_output_with_the_largest_rung_that_is_not_uhd() {
    let channel = standard();
    let outputs = group(&channel, "archive").outputs();
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs[0].video_description_name(), Some("video-1080p"));
    assert_eq!(outputs[0].audio_description_names(), ["audio-stereo", "audio-surround"]);
}

#[test]
fn without_an_archive_there_is_neither_group_nor_destination() {
    let request = ChannelRequest { archive_keys: Vec::new(), ..request(spec::ChannelClass::Single) };
    let channel = channel(&request);
    assert_eq!(channel.destinations().len(), 1);
    assert_eq!(encoder(&channel).output_groups().len(), 1);
}

fn invalid(paths: &[&str]) -> Refusal {
    let error = |path: &&str| ValidationError::builder().element_path(*path).error_message("is wrong").build();
    let refusal = Refusal::new(RefusalKind::Rejected, "UnprocessableEntityException", "Validation failed");
    with_validation(refusal, &paths.iter().map(error).collect::<Vec<_>>())
}

#[test]
fn a_packaging_channel_that_is_not_visible_yet_is_a_wait() {
    let path = "outputGroups[0].outputGroupSettings.destination.channelId";
    assert_eq!(invalid(&[path]).kind, RefusalKind::Conflict);
    assert_eq!(invalid(&[path, "videoDescriptions[0].height"]).kind, RefusalKind::Rejected);
}

#[test]
fn a_refusal_names_every_field() {
    let refusal = invalid(&["audioDescriptions[5]", "videoDescriptions[0]"]);
    assert_eq!(refusal.message, "Validation failed: audioDescriptions[5]: is wrong; videoDescriptions[0]: is wrong");
}

#[test]
fn a_role_that_is_not_known_everywhere_yet_is_told_from_other_mistakes() {
    assert!(speaks_of_role("Please make sure the role exists and medialive.amazonaws.com is trusted"));
    assert!(!speaks_of_role("the input security group does not exist"));
}
