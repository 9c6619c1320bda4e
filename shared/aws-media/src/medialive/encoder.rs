//! The encoder settings of a channel: one video description per rung, one audio description per rendition, a
//! group to the packager and one to the archive. Every description is used by an output, as AWS demands
//! (aws-facts 1.8).
//!
//! Video and audio go to the packager in outputs of their own: each rung then has the same audio whatever the
//! renditions are, and a rendition is not sent once per rung (aws-facts 6.30).

use super::attach::audio_selector_name;
use super::build::{TO_ARCHIVE, TO_PACKAGING, number, some};
use super::captions;
use aws_sdk_medialive::types::{
    AacCodingMode, AacInputType, AacProfile, AacRateControlMode, AacRawFormat, AacSettings, AacSpec,
    ArchiveContainerSettings, ArchiveGroupSettings, ArchiveOutputSettings, AudioCodecSettings, AudioDescription,
    AudioDescriptionAudioTypeControl, AudioDescriptionLanguageCodeControl, EncoderSettings, H264AdaptiveQuantization,
    H264EntropyEncoding, H264FramerateControl, H264GopBReference, H264GopSizeUnits, H264Level, H264ParControl,
    H264Profile, H264RateControlMode, H264ScanType, H264SceneChangeDetect, H264Settings, M2tsSettings,
    MediaPackageGroupSettings, MediaPackageOutputSettings, Output, OutputGroup, OutputGroupSettings, OutputLocationRef,
    OutputSettings, TimecodeConfig, TimecodeConfigSource, VideoCodecSettings, VideoDescription,
    VideoDescriptionScalingBehavior,
};
use headend_domain::request::ChannelRequest;
use headend_domain::spec::{AudioLayout, AudioSpec, CaptionOutput, CaptionSpec, Ladder, Rung};

/// The archive's rung has at most this many lines: a recording in UHD costs a multiple and few can play it.
const ARCHIVE_LINES: u32 = 1080;
/// Above this a decoder that cannot do profile HIGH has given up anyway.
const MAIN_PROFILE_LINES: u32 = 480;
const AUDIO_SAMPLE_RATE: f64 = 48_000.0;
/// Two B-frames that nothing refers to: legal in MAIN and HIGH (aws-facts 1.9).
const B_FRAMES: i32 = 2;

pub fn settings(request: &ChannelRequest) -> EncoderSettings {
    let rungs = &request.ladder.rungs;
    EncoderSettings::builder()
        // RTMP carries no timecode (aws-facts 1.9).
        .timecode_config(TimecodeConfig::builder().source(TimecodeConfigSource::Systemclock).build())
        .set_video_descriptions(Some(rungs.iter().map(|rung| video(rung, &request.ladder)).collect()))
        .set_audio_descriptions(Some(request.audio.iter().map(audio).collect()))
        .set_caption_descriptions(some(request.captions.iter().map(captions::description).collect()))
        .set_global_configuration(request.input_loss.as_ref().map(captions::input_loss))
        .set_output_groups(Some(std::iter::once(to_packaging(request)).chain(to_archive(request)).collect()))
        .build()
}

fn video_name(rung: &Rung) -> String {
    format!("video-{}", rung.name)
}

fn audio_name(rendition: &AudioSpec) -> String {
    format!("audio-{}", rendition.name)
}

fn video(rung: &Rung, ladder: &Ladder) -> VideoDescription {
    VideoDescription::builder()
        .name(video_name(rung))
        .width(number(rung.width))
        .height(number(rung.height))
        .scaling_behavior(VideoDescriptionScalingBehavior::Default)
        .sharpness(50)
        .codec_settings(VideoCodecSettings::builder().h264_settings(h264(rung, ladder)).build())
        .build()
}

/// What a MediaPackage output demands: frame rate, pixel shape and GOP are said, not taken from the source
/// (aws-facts 1.9). The GOP never changes its length, so that all rungs can be cut at the same places.
fn h264(rung: &Rung, ladder: &Ladder) -> H264Settings {
    let profile = if rung.height <= MAIN_PROFILE_LINES { H264Profile::Main } else { H264Profile::High };
    H264Settings::builder()
        .rate_control_mode(H264RateControlMode::Cbr)
        .bitrate(number(rung.bitrate))
        .adaptive_quantization(H264AdaptiveQuantization::Auto)
        .profile(profile)
        .level(H264Level::H264LevelAuto)
        .entropy_encoding(H264EntropyEncoding::Cabac)
        .scan_type(H264ScanType::Progressive)
        .framerate_control(H264FramerateControl::Specified)
        .framerate_numerator(number(ladder.frame_rate.numerator))
        .framerate_denominator(number(ladder.frame_rate.denominator))
        .par_control(H264ParControl::Specified)
        .par_numerator(1)
        .par_denominator(1)
        .gop_size(f64::from(ladder.gop_frames()))
        .gop_size_units(H264GopSizeUnits::Frames)
        .gop_closed_cadence(1)
        .gop_num_b_frames(B_FRAMES)
        .gop_b_reference(H264GopBReference::Disabled)
        .scene_change_detect(H264SceneChangeDetect::Disabled)
        .build()
}

fn audio(rendition: &AudioSpec) -> AudioDescription {
    let mode = match rendition.layout {
        AudioLayout::Stereo => AacCodingMode::CodingMode20,
        AudioLayout::Surround => AacCodingMode::CodingMode51,
    };
    let aac = AacSettings::builder()
        .bitrate(f64::from(rendition.bitrate))
        .sample_rate(AUDIO_SAMPLE_RATE)
        .coding_mode(mode)
        .input_type(AacInputType::Normal)
        .profile(AacProfile::Lc)
        .rate_control_mode(AacRateControlMode::Cbr)
        .raw_format(AacRawFormat::None)
        .spec(AacSpec::Mpeg4)
        .build();
    // A language that is told holds whatever the source says of itself (aws-facts 1.9).
    let control = match rendition.language {
        Some(_) => AudioDescriptionLanguageCodeControl::UseConfigured,
        None => AudioDescriptionLanguageCodeControl::FollowInput,
    };
    AudioDescription::builder()
        .name(audio_name(rendition))
        .audio_selector_name(audio_selector_name(rendition))
        .audio_type_control(AudioDescriptionAudioTypeControl::FollowInput)
        .language_code_control(control)
        .set_language_code(rendition.language.clone())
        .stream_name(rendition.label.as_ref().unwrap_or(&rendition.name))
        .codec_settings(AudioCodecSettings::builder().aac_settings(aac).build())
        .build()
}

fn to_packaging(request: &ChannelRequest) -> OutputGroup {
    let settings = || {
        let packaging = MediaPackageOutputSettings::builder().build();
        OutputSettings::builder().media_package_output_settings(packaging).build()
    };
    let rung = |rung: &Rung| {
        let name = format!("packaging-{}", rung.name);
        Output::builder()
            .output_name(name)
            .video_description_name(video_name(rung))
            .set_caption_description_names(captions::inside_video(&request.captions))
            .output_settings(settings())
            .build()
    };
    let rendition = |rendition: &AudioSpec| {
        let name = format!("packaging-audio-{}", rendition.name);
        Output::builder()
            .output_name(name)
            .audio_description_names(audio_name(rendition))
            .output_settings(settings())
            .build()
    };
    let track = |caption: &CaptionSpec| {
        Output::builder()
            .output_name(format!("packaging-captions-{}", caption.name))
            .caption_description_names(&caption.name)
            .output_settings(settings())
            .build()
    };
    let tracks = captions::of(&request.captions, CaptionOutput::Webvtt).map(track);
    let outputs = request.ladder.rungs.iter().map(rung).chain(request.audio.iter().map(rendition)).chain(tracks);
    let group = MediaPackageGroupSettings::builder().destination(place(TO_PACKAGING)).build();
    OutputGroup::builder()
        .name(TO_PACKAGING)
        .output_group_settings(OutputGroupSettings::builder().media_package_group_settings(group).build())
        .set_outputs(Some(outputs.collect()))
        .build()
}

/// One output with one video, every rendition and the captions that ride in the video (a transport stream carries no
/// WebVTT); nothing without an archive.
fn to_archive(request: &ChannelRequest) -> Option<OutputGroup> {
    let rung = archived(&request.ladder).filter(|_| !request.archive_keys.is_empty())?;
    let container = ArchiveContainerSettings::builder().m2ts_settings(M2tsSettings::builder().build()).build();
    let archive = ArchiveOutputSettings::builder().container_settings(container).build();
    let output = Output::builder()
        .output_name("archive")
        .video_description_name(video_name(rung))
        .set_audio_description_names(Some(request.audio.iter().map(audio_name).collect()))
        .set_caption_description_names(captions::inside_video(&request.captions))
        .output_settings(OutputSettings::builder().archive_output_settings(archive).build())
        .build();
    let group = ArchiveGroupSettings::builder()
        .destination(place(TO_ARCHIVE))
        .rollover_interval(number(request.archive.rollover_seconds))
        .build();
    let group = OutputGroupSettings::builder().archive_group_settings(group).build();
    Some(OutputGroup::builder().name(TO_ARCHIVE).output_group_settings(group).outputs(output).build())
}

/// The largest rung that is not UHD; of a ladder that has only such, the smallest.
fn archived(ladder: &Ladder) -> Option<&Rung> {
    let rungs = || ladder.rungs.iter();
    rungs()
        .filter(|rung| rung.height <= ARCHIVE_LINES)
        .max_by_key(|rung| rung.height)
        .or_else(|| rungs().min_by_key(|rung| rung.height))
}

fn place(destination: &str) -> OutputLocationRef {
    OutputLocationRef::builder().destination_ref_id(destination).build()
}
