//! How a channel is attached to its inputs: which sound and captions are taken from each, how it is read, and what
//! takes over from it (aws-facts 1.8).

use super::build::number;
use aws_sdk_medialive::types::{
    AudioLanguageSelection, AudioLanguageSelectionPolicy, AudioPidSelection, AudioSelector, AudioSelectorSettings,
    AudioSilenceFailoverSettings, AudioTrack, AudioTrackSelection, AutomaticInputFailoverSettings, CaptionSelector,
    CaptionSelectorSettings, EmbeddedSourceSettings, FailoverCondition, FailoverConditionSettings, HlsInputSettings,
    InputAttachment, InputLossFailoverSettings, InputPreference, InputSettings, InputSourceEndBehavior,
    NetworkInputSettings, VideoBlackFailoverSettings,
};
use headend_domain::request::{Attachment, ChannelRequest, Failover};
use headend_domain::spec::{AudioSource, AudioSpec, CaptionSpec, FailoverPreference, InputKind};
use std::collections::{BTreeMap, BTreeSet};

/// An HLS source is live only when 3 to 10 segments are buffered; otherwise it is played as a file
/// (aws-facts 1.8).
const BUFFER_SEGMENTS: i32 = 3;

/// The selector of the renditions that do not say where in the source they are.
const ANY_AUDIO: &str = "default";

pub fn attachment(attachment: &Attachment, request: &ChannelRequest) -> InputAttachment {
    let end = if attachment.loops { InputSourceEndBehavior::Loop } else { InputSourceEndBehavior::Continue };
    let captions = caption_selectors(&request.captions);
    let settings = InputSettings::builder()
        .set_audio_selectors(Some(audio_selectors(&request.audio)))
        .set_caption_selectors((!captions.is_empty()).then_some(captions))
        .source_end_behavior(end)
        .set_network_input_settings(network(attachment.kind))
        .build();
    InputAttachment::builder()
        .input_attachment_name(&attachment.name)
        .input_id(&attachment.input_id)
        .input_settings(settings)
        .set_automatic_input_failover_settings(attachment.failover.as_ref().map(|it| failover(it, &request.audio)))
        .build()
}

fn network(kind: InputKind) -> Option<NetworkInputSettings> {
    match kind {
        InputKind::UrlPull => {
            let hls = HlsInputSettings::builder().buffer_segments(BUFFER_SEGMENTS).build();
            Some(NetworkInputSettings::builder().hls_input_settings(hls).build())
        }
        InputKind::RtmpPush
        | InputKind::RtpPush
        | InputKind::SrtListener
        | InputKind::RtmpPull
        | InputKind::Mp4File
        | InputKind::SrtCaller
        | InputKind::MediaConnect => None,
    }
}

/// The name of the selector that a rendition is taken from.
pub fn audio_selector_name(rendition: &AudioSpec) -> String {
    match &rendition.source {
        None => ANY_AUDIO.to_owned(),
        Some(AudioSource::Language(code)) => format!("language-{code}"),
        Some(AudioSource::Track(track)) => format!("track-{track}"),
        Some(AudioSource::Pid(pid)) => format!("pid-{pid}"),
    }
}

/// One for each place that a rendition is taken from, the same for every input.
fn audio_selectors(audio: &[AudioSpec]) -> Vec<AudioSelector> {
    let places: BTreeMap<String, Option<&AudioSource>> =
        audio.iter().map(|rendition| (audio_selector_name(rendition), rendition.source.as_ref())).collect();
    let selector = |(name, source): (String, Option<&AudioSource>)| {
        // Without selector settings it takes the first audio of the input (aws-facts 1.8).
        AudioSelector::builder().name(name).set_selector_settings(source.map(audio_place)).build()
    };
    places.into_iter().map(selector).collect()
}

fn audio_place(source: &AudioSource) -> AudioSelectorSettings {
    let settings = AudioSelectorSettings::builder();
    match source {
        AudioSource::Language(code) => {
            // STRICT falls silent where the language ends; LOOSE goes on with what there is.
            let language = AudioLanguageSelection::builder()
                .language_code(code)
                .language_selection_policy(AudioLanguageSelectionPolicy::Loose);
            settings.audio_language_selection(language.build()).build()
        }
        AudioSource::Track(track) => {
            let track = AudioTrack::builder().track(number(*track)).build();
            settings.audio_track_selection(AudioTrackSelection::builder().tracks(track).build()).build()
        }
        AudioSource::Pid(pid) => {
            settings.audio_pid_selection(AudioPidSelection::builder().pid(number(*pid)).build()).build()
        }
    }
}

pub fn caption_selector_name(caption: &CaptionSpec) -> String {
    format!("captions-{}", caption.channel)
}

/// One for each 608 channel. Unlike audio's they have to exist (aws-facts 1.8).
fn caption_selectors(captions: &[CaptionSpec]) -> Vec<CaptionSelector> {
    let channels: BTreeSet<(u32, String)> =
        captions.iter().map(|caption| (caption.channel, caption_selector_name(caption))).collect();
    let selector = |(channel, name): (u32, String)| {
        let embedded = EmbeddedSourceSettings::builder().source608_channel_number(number(channel)).build();
        let settings = CaptionSelectorSettings::builder().embedded_source_settings(embedded).build();
        CaptionSelector::builder().name(name).selector_settings(settings).build()
    };
    channels.into_iter().map(selector).collect()
}

fn failover(failover: &Failover, audio: &[AudioSpec]) -> AutomaticInputFailoverSettings {
    let preference = match failover.preference {
        FailoverPreference::Equal => InputPreference::EqualInputPreference,
        FailoverPreference::Primary => InputPreference::PrimaryInputPreferred,
    };
    AutomaticInputFailoverSettings::builder()
        .secondary_input_id(&failover.secondary_id)
        .input_preference(preference)
        .error_clear_time_msec(number(failover.clear_time_ms))
        .set_failover_conditions(Some(conditions(failover, audio)))
        .build()
}

/// Each condition holds exactly one setting (aws-facts 1.8).
fn conditions(failover: &Failover, audio: &[AudioSpec]) -> Vec<FailoverCondition> {
    let wanted = &failover.conditions;
    let settings = FailoverConditionSettings::builder;
    let lost = InputLossFailoverSettings::builder().input_loss_threshold_msec(number(wanted.input_loss_ms)).build();
    let black = wanted.black_ms.map(|msec| {
        let black = VideoBlackFailoverSettings::builder().video_black_threshold_msec(number(msec)).build();
        settings().video_black_settings(black).build()
    });
    // Silence is listened for where the first rendition comes from.
    let silence = wanted.silence_ms.zip(audio.first()).map(|(msec, rendition)| {
        let silence = AudioSilenceFailoverSettings::builder()
            .audio_selector_name(audio_selector_name(rendition))
            .audio_silence_threshold_msec(number(msec));
        settings().audio_silence_settings(silence.build()).build()
    });
    let all = [Some(settings().input_loss_settings(lost).build()), black, silence].into_iter().flatten();
    all.map(|it| FailoverCondition::builder().failover_condition_settings(it).build()).collect()
}
