//! What viewers see while no picture comes in (aws-facts 1.9, "Input loss").

use super::address;
use super::reader::{Object, Problems};
use serde::{Deserialize, Serialize};

/// MediaLive counts to a thousand seconds, and takes that for ever.
pub const FOREVER_SECONDS: u32 = 1000;
const SLATE_URL_MOST: usize = 512;

/// The last frame is repeated, then the picture is black, then `show` lasts until the input is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputLossSpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub black_seconds: Option<u32>,
    pub show: LossPicture,
    /// The picture of `slate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slate_url: Option<String>,
    /// The colour of `color`: six hexadecimal digits, red, green, blue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossPicture {
    /// The last frame.
    Repeat,
    Black,
    Slate,
    Color,
}

pub fn read(body: &mut Object<'_>) -> Option<InputLossSpec> {
    let mut object = body.object("inputLoss")?;
    let read = InputLossSpec {
        repeat_seconds: object.whole("repeatSeconds", 0, FOREVER_SECONDS),
        black_seconds: object.whole("blackSeconds", 0, FOREVER_SECONDS),
        show: object.word("show", "repeat, black, slate, color").unwrap_or(LossPicture::Black),
        slate_url: object.text("slateUrl"),
        color: object.text("color"),
    };
    object.finish();
    Some(read)
}

pub fn check(loss: &InputLossSpec, problems: &Problems) {
    let add = |field: &str, why: String| problems.add(format!("/inputLoss/{field}"), why);
    if loss.show == LossPicture::Repeat && loss.repeat_seconds.is_some() {
        add("repeatSeconds", "show: \"repeat\" repeats until the input is back; leave repeatSeconds out".to_owned());
    }
    if matches!(loss.show, LossPicture::Repeat | LossPicture::Black) && loss.black_seconds.is_some() {
        add(
            "blackSeconds",
            "is the time before a slate or a color; set show to one of these, or leave it out".to_owned(),
        );
    }
    match (&loss.slate_url, loss.show == LossPicture::Slate) {
        (None, true) => add("slateUrl", "is required with show: \"slate\": a PNG or BMP picture".to_owned()),
        (Some(_), false) => add("slateUrl", "goes with show: \"slate\" only".to_owned()),
        (Some(url), true) => slate(url).into_iter().for_each(|why| add("slateUrl", why)),
        (None, false) => {}
    }
    match (&loss.color, loss.show == LossPicture::Color) {
        (None, true) => add("color", "is required with show: \"color\": six hexadecimal digits like 0000FF".to_owned()),
        (Some(_), false) => add("color", "goes with show: \"color\" only".to_owned()),
        (Some(text), true) if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            add("color", format!("must be six hexadecimal digits like 0000FF, not {text:?}"));
        }
        _ => {}
    }
}

fn slate(url: &str) -> Option<String> {
    if url.len() > SLATE_URL_MOST {
        return Some(format!("must have at most {SLATE_URL_MOST} characters"));
    }
    let lower = url.to_ascii_lowercase();
    let picture = lower.ends_with(".png") || lower.ends_with(".bmp");
    address::url_problem(url, &["https", "http", "s3ssl"])
        .or_else(|| (!picture).then(|| "must end in .png or .bmp, the pictures that MediaLive shows".to_owned()))
}
