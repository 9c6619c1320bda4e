//! Caption descriptions: unlike audio's, their selectors must exist (aws-facts 1.8; recipe mistake 40).

use crate::rules::{Defects, Node};

use super::exactly_one;

pub fn check(input: &Node<'_>, encoder: &Node<'_>, defects: &mut Defects) {
    let attachments = input.get("inputAttachments").items();
    let selectors: Vec<_> = attachments.iter().flat_map(|a| a.at("inputSettings.captionSelectors").items()).collect();
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
