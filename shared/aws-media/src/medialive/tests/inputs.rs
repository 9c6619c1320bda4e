//! What we send for each type of input, for failover pairs, languages, captions and loss.

use super::{bare, built, channel, encoder, group, list, request};
use aws_sdk_medialive::operation::create_channel::CreateChannelInput;
use aws_sdk_medialive::operation::create_input::CreateInputInput;
use aws_sdk_medialive::types::{
    Algorithm, AudioSelector, InputAttachment, InputLossBehavior, InputPreference, InputSourceEndBehavior, InputType,
};
use headend_domain::request::{ChannelRequest, Failover, InputRequest, Login};
use headend_domain::spec::{self, FailoverConditions, FailoverPreference, InputKind, Spec};
use serde_json::{Value, json};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:headend/srt-a1b2c3";

fn spec(field: &str, value: &Value) -> Spec {
    spec::read(&json!({"name": "n", field: value})).unwrap()
}

fn srt(settings: &Value) -> InputRequest {
    let kind = if settings["sources"].is_array() { "SRT_CALLER" } else { "SRT_LISTENER" };
    let spec = spec("inputs", &json!([{"name": "a", "type": kind, "srt": settings}]));
    InputRequest { srt: spec.inputs[0].srt.clone(), ..bare(spec.inputs[0].kind) }
}

fn kind(input: &CreateInputInput) -> &InputType {
    input.r#type().unwrap()
}

#[test]
fn the_password_of_a_source_is_named_in_every_source() {
    let sources = list(&["rtmp://a.example.net/app/s", "rtmp://b.example.net/app/s"]);
    let login = Login { username: "me".to_owned(), password_parameter: "/headend/studio".to_owned() };
    let input = built(&InputRequest { sources, login: Some(login), ..bare(InputKind::RtmpPull) });
    assert_eq!(kind(&input), &InputType::RtmpPull);
    let logins: Vec<_> = input.sources().iter().map(|it| (it.username(), it.password_param())).collect();
    assert_eq!(logins, [(Some("me"), Some("/headend/studio")); 2]);
    assert!(input.input_security_groups.is_none() && input.role_arn.is_none());
}

#[test]
fn a_mediaconnect_input_names_its_flows_and_the_role() {
    let flows = list(&["arn:aws:mediaconnect:eu-west-1:111122223333:flow:1:a"]);
    let input = built(&InputRequest { flows: flows.clone(), ..bare(InputKind::MediaConnect) });
    assert_eq!(kind(&input), &InputType::Mediaconnect);
    let named: Vec<_> = input.media_connect_flows().iter().filter_map(|it| it.flow_arn().map(str::to_owned)).collect();
    assert_eq!(named, flows);
    assert_eq!(input.role_arn(), Some("arn:aws:iam::111122223333:role/medialive"));
    assert!(input.sources.is_none() && input.destinations.is_none());
}

#[test]
fn an_srt_caller_says_of_each_source_where_it_listens() {
    let decryption = json!({"algorithm": "AES192", "passphraseSecretArn": SECRET});
    let source = json!({"address": "srt.example.net", "port": 9000, "streamId": "studio", "minimumLatencyMs": 250, "decryption": decryption});
    let input = built(&srt(&json!({"sources": [source, {"address": "b.example.net", "port": 9001}]})));
    assert_eq!(kind(&input), &InputType::SrtCaller);
    let settings = input.srt_settings().unwrap();
    assert!(settings.srt_listener_settings().is_none());
    let [first, second] = settings.srt_caller_sources() else { panic!("{settings:?}") };
    assert_eq!((first.srt_listener_address(), first.srt_listener_port()), (Some("srt.example.net"), Some("9000")));
    assert_eq!((first.stream_id(), first.minimum_latency()), (Some("studio"), Some(250)));
    let key = first.decryption().unwrap();
    assert_eq!((key.algorithm(), key.passphrase_secret_arn()), (Some(&Algorithm::Aes192), Some(SECRET)));
    assert!(second.decryption().is_none() && second.minimum_latency().is_none());
}

#[test]
fn an_srt_listener_has_a_group_latency_and_a_key() {
    let decryption = json!({"algorithm": "AES256", "passphraseSecretArn": SECRET});
    let input = built(&srt(&json!({"minimumLatencyMs": 2000, "streamId": "studio", "decryption": decryption})));
    assert_eq!((kind(&input), input.input_security_groups()), (&InputType::SrtListener, &["1234567".to_owned()][..]));
    let settings = input.srt_settings().unwrap();
    assert!(settings.srt_caller_sources.is_none());
    let listener = settings.srt_listener_settings().unwrap();
    assert_eq!((listener.minimum_latency(), listener.stream_id()), (Some(2000), Some("studio")));
    assert_eq!(listener.decryption().unwrap().algorithm(), Some(&Algorithm::Aes256));
}

fn attachments(request: &ChannelRequest) -> Vec<InputAttachment> {
    channel(request).input_attachments().to_vec()
}

#[test]
fn only_a_file_that_is_to_loop_loops() {
    let mut request = request(spec::ChannelClass::Single);
    request.attachments[0].loops = true;
    let ends: Vec<_> = attachments(&request)
        .iter()
        .map(|it| it.input_settings().unwrap().source_end_behavior().unwrap().clone())
        .collect();
    assert_eq!(ends[..2], [InputSourceEndBehavior::Loop, InputSourceEndBehavior::Continue]);
}

#[test]
fn the_primary_input_says_who_takes_over_and_when() {
    let mut request = request(spec::ChannelClass::Standard);
    let conditions = FailoverConditions { input_loss_ms: 3000, black_ms: Some(4000), silence_ms: Some(5000) };
    request.attachments[0].failover = Some(Failover {
        secondary_id: "id-rtp".to_owned(),
        preference: FailoverPreference::Equal,
        clear_time_ms: 30_000,
        conditions,
    });
    let attached = attachments(&request);
    assert!(attached[1].automatic_input_failover_settings().is_none());
    let failover = attached[0].automatic_input_failover_settings().unwrap();
    assert_eq!(failover.secondary_input_id(), Some("id-rtp"));
    assert_eq!(failover.input_preference(), Some(&InputPreference::EqualInputPreference));
    assert_eq!(failover.error_clear_time_msec(), Some(30_000));
    let [loss, black, silence] = failover.failover_conditions() else { panic!("{failover:?}") };
    let settings = |it: &aws_sdk_medialive::types::FailoverCondition| it.failover_condition_settings().unwrap().clone();
    assert_eq!(settings(loss).input_loss_settings().unwrap().input_loss_threshold_msec(), Some(3000));
    assert_eq!(settings(black).video_black_settings().unwrap().video_black_threshold_msec(), Some(4000));
    let silence = settings(silence);
    let silence = silence.audio_silence_settings().unwrap();
    assert_eq!((silence.audio_selector_name(), silence.audio_silence_threshold_msec()), (Some("default"), Some(5000)));
}

#[test]
fn each_source_of_sound_is_one_selector_of_every_input() {
    let audio = json!([
        {"layout": "stereo", "language": "eng", "label": "English", "source": {"language": "eng"}},
        {"name": "low", "layout": "stereo", "bitrate": 64000, "language": "eng", "label": "English, small", "source": {"language": "eng"}},
        {"layout": "stereo", "language": "deu", "source": {"track": 2}},
        {"name": "clean", "layout": "stereo", "source": {"pid": 482}},
        {"name": "first", "layout": "stereo"},
    ]);
    let request = ChannelRequest { audio: spec("audio", &audio).audio, ..request(spec::ChannelClass::Single) };
    let channel = channel(&request);
    for attachment in channel.input_attachments() {
        let selectors = attachment.input_settings().unwrap().audio_selectors();
        let names: Vec<_> = selectors.iter().filter_map(AudioSelector::name).collect();
        assert_eq!(names, ["default", "language-eng", "pid-482", "track-2"]);
        let settings = |n: usize| selectors[n].selector_settings();
        assert!(settings(0).is_none());
        assert_eq!(settings(1).unwrap().audio_language_selection().unwrap().language_code(), Some("eng"));
        assert_eq!(settings(2).unwrap().audio_pid_selection().unwrap().pid(), Some(482));
        assert_eq!(settings(3).unwrap().audio_track_selection().unwrap().tracks()[0].track(), Some(2));
    }
    let told = |it: &aws_sdk_medialive::types::AudioDescription| {
        let control = it.language_code_control().unwrap().as_str().to_owned();
        (
            it.audio_selector_name().unwrap().to_owned(),
            it.language_code().map(str::to_owned),
            control,
            it.stream_name().unwrap().to_owned(),
        )
    };
    let told: Vec<_> = encoder(&channel).audio_descriptions().iter().map(told).collect();
    let row = |selector: &str, language: Option<&str>, name: &str| {
        let control = if language.is_some() { "USE_CONFIGURED" } else { "FOLLOW_INPUT" };
        (selector.to_owned(), language.map(str::to_owned), control.to_owned(), name.to_owned())
    };
    assert_eq!(
        told,
        [
            row("language-eng", Some("eng"), "English"),
            row("language-eng", Some("eng"), "English, small"),
            row("track-2", Some("deu"), "stereo-deu"),
            row("pid-482", None, "clean"),
            row("default", None, "first"),
        ]
    );
}

/// Captions on channels 1 and 3 as tracks, and those inside the video.
fn captioned() -> CreateChannelInput {
    let captions = json!([
        {"language": "eng", "label": "English"},
        {"language": "spa", "channel": 3},
        {"name": "inside", "language": "eng", "output": "embedded"},
    ]);
    channel(&ChannelRequest { captions: spec("captions", &captions).captions, ..request(spec::ChannelClass::Standard) })
}

#[test]
fn each_caption_channel_is_one_selector_of_every_input() {
    let channel = captioned();
    for attachment in channel.input_attachments() {
        let selectors = attachment.input_settings().unwrap().caption_selectors();
        let channels: Vec<_> = selectors
            .iter()
            .map(|it| {
                let embedded = it.selector_settings().unwrap().embedded_source_settings().unwrap();
                (it.name().unwrap(), embedded.source608_channel_number())
            })
            .collect();
        assert_eq!(channels, [("captions-1", Some(1)), ("captions-3", Some(3))]);
    }
    let descriptions = encoder(&channel).caption_descriptions();
    let selectors: Vec<_> = descriptions.iter().filter_map(|it| it.caption_selector_name()).collect();
    assert_eq!(selectors, ["captions-1", "captions-3", "captions-1"]);
    assert_eq!(descriptions[0].language_code(), Some("eng"));
    assert_eq!(
        (descriptions[0].language_description(), descriptions[1].language_description()),
        (Some("English"), None)
    );
    assert!(descriptions[0].destination_settings().unwrap().webvtt_destination_settings().is_some());
    assert!(descriptions[2].destination_settings().unwrap().embedded_destination_settings().is_some());
}

#[test]
fn webvtt_is_an_output_of_its_own_and_embedded_captions_ride_in_every_video() {
    let channel = captioned();
    let outputs = group(&channel, "packaging").outputs();
    for output in outputs {
        match output.output_name().unwrap() {
            name if name.starts_with("packaging-captions-") => {
                assert!(output.video_description_name().is_none() && output.audio_description_names().is_empty());
                assert_eq!(output.caption_description_names(), [name.trim_start_matches("packaging-captions-")]);
            }
            _ if output.video_description_name().is_some() => {
                assert_eq!(output.caption_description_names(), ["inside"]);
            }
            _ => assert!(output.caption_description_names.is_none()),
        }
    }
    assert_eq!(outputs.len(), 5 + 2 + 2);
    assert_eq!(group(&channel, "archive").outputs()[0].caption_description_names(), ["inside"]);
}

fn loss(value: &Value) -> InputLossBehavior {
    let input_loss = spec("inputLoss", value).input_loss;
    let channel = channel(&ChannelRequest { input_loss, ..request(spec::ChannelClass::Single) });
    encoder(&channel).global_configuration().unwrap().input_loss_behavior().unwrap().clone()
}

#[test]
fn a_lost_picture_is_shown_as_asked_for_and_for_ever() {
    let frames = |loss: &InputLossBehavior| (loss.repeat_frame_msec(), loss.black_frame_msec());
    assert_eq!(frames(&loss(&json!({"show": "repeat"}))), (Some(1_000_000), None));
    assert_eq!(frames(&loss(&json!({"show": "black", "repeatSeconds": 5}))), (Some(5_000), Some(1_000_000)));
    let slate = loss(&json!({"show": "slate", "blackSeconds": 2, "slateUrl": "s3ssl://slates/off.png"}));
    assert_eq!(frames(&slate), (Some(1_000), Some(2_000)));
    assert_eq!(slate.input_loss_image_slate().unwrap().uri(), Some("s3ssl://slates/off.png"));
    assert_eq!(slate.input_loss_image_type().unwrap().as_str(), "SLATE");
    let color = loss(&json!({"show": "color", "color": "0000FF", "repeatSeconds": 0}));
    assert_eq!((frames(&color), color.input_loss_image_color()), ((Some(0), Some(0)), Some("0000FF")));
    assert_eq!(color.input_loss_image_type().unwrap().as_str(), "COLOR");
}

#[test]
fn of_what_is_not_asked_for_nothing_is_said() {
    let channel = channel(&request(spec::ChannelClass::Standard));
    let encoder = encoder(&channel);
    assert!(encoder.global_configuration.is_none() && encoder.caption_descriptions.is_none());
    for attachment in channel.input_attachments() {
        assert!(attachment.automatic_input_failover_settings.is_none());
        assert!(attachment.input_settings().unwrap().caption_selectors.is_none());
    }
}
