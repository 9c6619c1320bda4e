//! Captions in the encoder settings, and what is shown while no picture comes in (aws-facts 1.8, 1.9).

use super::attach::caption_selector_name;
use super::build::number;
use aws_sdk_medialive::types::{
    CaptionDescription, CaptionDestinationSettings, EmbeddedDestinationSettings, GlobalConfiguration, InputLocation,
    InputLossBehavior, InputLossImageType, WebvttDestinationSettings,
};
use headend_domain::spec::{CaptionOutput, CaptionSpec, FOREVER_SECONDS, InputLossSpec, LossPicture};

/// How long the last frame stands before the picture is black, where nothing is said: MediaLive's own default.
const REPEAT_SECONDS: u32 = 1;

pub fn description(caption: &CaptionSpec) -> CaptionDescription {
    let settings = CaptionDestinationSettings::builder();
    let destination = match caption.output {
        CaptionOutput::Embedded => {
            settings.embedded_destination_settings(EmbeddedDestinationSettings::builder().build())
        }
        CaptionOutput::Webvtt => settings.webvtt_destination_settings(WebvttDestinationSettings::builder().build()),
    };
    CaptionDescription::builder()
        .name(&caption.name)
        .caption_selector_name(caption_selector_name(caption))
        .language_code(&caption.language)
        .set_language_description(caption.label.clone())
        .destination_settings(destination.build())
        .build()
}

/// Those of one kind. Embedded captions ride inside the video; WebVTT is a track, and has an output of its own.
pub fn of(captions: &[CaptionSpec], output: CaptionOutput) -> impl Iterator<Item = &CaptionSpec> {
    captions.iter().filter(move |caption| caption.output == output)
}

/// Names of the captions that an output with video takes along; nothing where there are none.
pub fn inside_video(captions: &[CaptionSpec]) -> Option<Vec<String>> {
    let names: Vec<String> = of(captions, CaptionOutput::Embedded).map(|caption| caption.name.clone()).collect();
    (!names.is_empty()).then_some(names)
}

/// The last frame, then black, then what lasts: in MediaLive a thousand seconds are for ever (aws-facts 1.9).
pub fn input_loss(loss: &InputLossSpec) -> GlobalConfiguration {
    let repeat = loss.repeat_seconds.unwrap_or(REPEAT_SECONDS);
    let black = loss.black_seconds.unwrap_or(0);
    let msec = |seconds: u32| number(seconds * 1000);
    let behaviour = InputLossBehavior::builder();
    let behaviour = match loss.show {
        LossPicture::Repeat => behaviour.repeat_frame_msec(msec(FOREVER_SECONDS)),
        LossPicture::Black => behaviour.repeat_frame_msec(msec(repeat)).black_frame_msec(msec(FOREVER_SECONDS)),
        LossPicture::Slate => {
            let slate = loss.slate_url.as_ref().map(|url| InputLocation::builder().uri(url).build());
            behaviour
                .repeat_frame_msec(msec(repeat))
                .black_frame_msec(msec(black))
                .input_loss_image_type(InputLossImageType::Slate)
                .set_input_loss_image_slate(slate)
        }
        LossPicture::Color => behaviour
            .repeat_frame_msec(msec(repeat))
            .black_frame_msec(msec(black))
            .input_loss_image_type(InputLossImageType::Color)
            .set_input_loss_image_color(loss.color.clone()),
    };
    GlobalConfiguration::builder().input_loss_behavior(behaviour.build()).build()
}
