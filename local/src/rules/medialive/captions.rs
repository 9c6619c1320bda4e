//! Caption descriptions: unlike audio's, their selectors must exist; their format must suit
//! the output group (aws-facts 1.8; recipe mistake 40).

use crate::rules::{Defects, Node};

use super::exactly_one;

pub fn check(input: &Node<'_>, encoder: &Node<'_>, defects: &mut Defects) {
    let attachments = input.get("inputAttachments").items();
    let selectors: Vec<_> = attachments.iter().flat_map(|a| a.at("inputSettings.captionSelectors").items()).collect();
    formats(encoder, defects);
    for caption in encoder.get("captionDescriptions").items() {
        let name = caption.get("captionSelectorName");
        if let Some(text) = name.str()
            && input.get("inputAttachments").exists()
            && !selectors.iter().any(|s| s.get("name").is(text))
        {
            defects.invalid(&name, format!("no attached input has a caption selector called {text}"));
        }
        let destination = caption.get("destinationSettings");
        if destination.exists() {
            exactly_one(&destination, "caption destination setting", defects);
        } else {
            defects.require(&destination);
        }
        let code = caption.get("languageCode");
        if code.str().is_some_and(|text| text.len() != 3 || !text.bytes().all(|b| b.is_ascii_lowercase())) {
            defects.invalid(&code, "languageCode must be a three-letter ISO 639-2 code");
        }
    }
}

/// Captions that ride inside the video of a transport stream.
const IN_TRANSPORT_STREAMS: &[&str] = &[
    "aribDestinationSettings",
    "burnInDestinationSettings",
    "dvbSubDestinationSettings",
    "embeddedDestinationSettings",
    "embeddedPlusScte20DestinationSettings",
    "scte20PlusEmbeddedDestinationSettings",
    "scte27DestinationSettings",
    "teletextDestinationSettings",
];

/// Which formats a group takes. aws-facts 1.8 says that they must suit and not which do; the lists are [known]. A group
/// that is not listed takes any.
fn taken(group: &str) -> Option<&'static [&'static str]> {
    Some(match group {
        "archiveGroupSettings" | "udpGroupSettings" => IN_TRANSPORT_STREAMS,
        "mediaPackageGroupSettings" => &[
            "burnInDestinationSettings",
            "dvbSubDestinationSettings",
            "embeddedDestinationSettings",
            "embeddedPlusScte20DestinationSettings",
            "scte20PlusEmbeddedDestinationSettings",
            "ttmlDestinationSettings",
            "webvttDestinationSettings",
        ],
        "hlsGroupSettings" => &[
            "burnInDestinationSettings",
            "embeddedDestinationSettings",
            "embeddedPlusScte20DestinationSettings",
            "scte20PlusEmbeddedDestinationSettings",
            "webvttDestinationSettings",
        ],
        "rtmpGroupSettings" => {
            &["burnInDestinationSettings", "embeddedDestinationSettings", "rtmpCaptionInfoDestinationSettings"]
        }
        "frameCaptureGroupSettings" => &["burnInDestinationSettings"],
        _ => return None,
    })
}

fn formats(encoder: &Node<'_>, defects: &mut Defects) {
    let described = encoder.get("captionDescriptions").items();
    for group in encoder.get("outputGroups").items() {
        let settings = group.get("outputGroupSettings").members();
        let Some((kind, Some(taken))) = settings.first().map(|(kind, _)| (*kind, taken(kind))) else { continue };
        for reference in group.get("outputs").items().iter().flat_map(|it| it.get("captionDescriptionNames").items()) {
            let Some(name) = reference.str() else { continue };
            let caption = described.iter().find(|it| it.get("name").is(name));
            let formats = caption.map(|it| it.get("destinationSettings").members()).unwrap_or_default();
            for (format, _) in formats.iter().filter(|(format, _)| !taken.contains(format)) {
                defects.invalid(
                    &reference,
                    format!("caption {name} has {format}, which an output in {kind} does not take"),
                );
            }
        }
    }
}
