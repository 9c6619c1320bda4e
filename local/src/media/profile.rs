//! What a channel encodes, read from its own encoder settings as MediaLive keeps them.

use std::time::Duration;

use serde_json::Value;

/// One rung of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    pub name: String,
    pub width: u32,
    pub height: u32,
    /// Bits per second.
    pub bitrate: u32,
}

/// One audio rendition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    pub name: String,
    pub channels: u8,
    /// Bits per second.
    pub bitrate: u32,
    /// ISO 639-2, where the channel says one.
    pub language: Option<String>,
}

/// All that the encoder has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The largest first.
    pub rungs: Vec<Rung>,
    /// Names of rungs that are too large for this machine.
    pub left_out: Vec<String>,
    pub audio: Vec<Audio>,
    /// Frames per second, as a fraction.
    pub frame_rate: (u32, u32),
    pub gop_frames: u32,
    pub loss: Loss,
    pub archive: Option<Archive>,
}

/// What the channel's archive group writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Places in the profile.
    pub rung: usize,
    pub audio: Vec<usize>,
    /// A piece is closed after this time, at the next key frame.
    pub rollover: Duration,
    /// Bucket, and the beginning of the keys: one for each pipeline.
    pub places: Vec<(String, String)>,
    pub extension: String,
}

impl Archive {
    /// Of a channel's document; nothing without an archive group. What it records may be too large for this machine: then it
    /// is the largest that is not.
    fn of(channel: &Value, rungs: &[Rung], audio: &[Audio]) -> Option<Self> {
        let groups = channel["encoderSettings"]["outputGroups"].as_array()?;
        let group = groups.iter().find(|group| group["outputGroupSettings"]["archiveGroupSettings"].is_object())?;
        let settings = &group["outputGroupSettings"]["archiveGroupSettings"];
        let wanted = &settings["destination"]["destinationRefId"];
        let destination = channel["destinations"].as_array()?.iter().find(|it| it["id"] == *wanted)?;
        let output = &group["outputs"][0];
        let modifier = output["nameModifier"].as_str().unwrap_or_default();
        let place = |setting: &Value| {
            let (_, rest) = setting["url"].as_str()?.split_once("://")?;
            let (bucket, key) = rest.split_once('/')?;
            Some((bucket.to_owned(), format!("{key}{modifier}")))
        };
        let names = output["audioDescriptionNames"].as_array().map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            rung: rungs.iter().position(|rung| output["videoDescriptionName"] == rung.name.as_str()).unwrap_or(0),
            audio: (0..audio.len()).filter(|at| names.iter().any(|name| *name == audio[*at].name.as_str())).collect(),
            rollover: Duration::from_secs(settings["rolloverInterval"].as_u64().unwrap_or(300)),
            places: destination["settings"].as_array()?.iter().filter_map(place).collect(),
            extension: output["outputSettings"]["archiveOutputSettings"]["extension"]
                .as_str()
                .unwrap_or("m2ts")
                .to_owned(),
        })
    }
}

/// What is shown while nothing comes in: the last frame, then black, then one colour for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub repeat: Duration,
    pub black: Duration,
    /// Red, green and blue.
    pub then: [u8; 3],
    /// Where the picture is that is shown instead.
    pub slate: Option<String>,
}

/// In MediaLive a thousand seconds are for ever (aws-facts 1.9).
const FOR_EVER_MS: u64 = 1_000_000;
/// Stands for a slate's picture that cannot be had.
const SLATE: [u8; 3] = [48, 64, 96];

impl Loss {
    /// Of a channel's `globalConfiguration`; MediaLive's own defaults where it says nothing.
    fn of(global: &Value) -> Self {
        let behaviour = &global["inputLossBehavior"];
        let lasting = |member: &str, default: u64| match behaviour[member].as_u64().unwrap_or(default) {
            FOR_EVER_MS.. => Duration::MAX,
            millis => Duration::from_millis(millis),
        };
        let color = behaviour["inputLossImageColor"].as_str().and_then(|text| u32::from_str_radix(text, 16).ok());
        let image = behaviour["inputLossImageSlate"]["uri"].as_str();
        let slate = image.filter(|_| behaviour["inputLossImageType"] == "SLATE").map(str::to_owned);
        let then = match behaviour["inputLossImageType"].as_str() {
            Some("SLATE") => SLATE,
            Some("COLOR") => color.map_or([0; 3], |rgb| [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8]),
            _ => [0; 3],
        };
        Self { repeat: lasting("repeatFrameMsec", 1000), black: lasting("blackFrameMsec", FOR_EVER_MS), then, slate }
    }
}

impl Profile {
    /// Of a channel's document (`encoderSettings` in it). The smallest rung stays, whatever `max_height` is.
    ///
    /// # Errors
    /// What is missing in the settings.
    pub fn of(channel: &Value, max_height: u32) -> Result<Self, String> {
        let settings = &channel["encoderSettings"];
        let videos = settings["videoDescriptions"].as_array().ok_or("the channel has no video descriptions")?;
        let mut rungs = videos.iter().map(rung).collect::<Result<Vec<_>, _>>()?;
        rungs.sort_by_key(|rung| std::cmp::Reverse((rung.height, rung.bitrate)));
        let smallest = rungs.last().map_or(0, |rung| rung.height);
        let (kept, large): (Vec<_>, Vec<_>) =
            rungs.into_iter().partition(|rung| rung.height <= max_height.max(smallest));
        let h264 = &videos[0]["codecSettings"]["h264Settings"];
        let frame_rate = (needed(h264, "framerateNumerator")?, needed(h264, "framerateDenominator")?);
        let audio = settings["audioDescriptions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let audio = audio.iter().map(rendition).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            archive: Archive::of(channel, &kept, &audio),
            rungs: kept,
            left_out: large.into_iter().map(|rung| rung.name).collect(),
            audio,
            frame_rate,
            gop_frames: gop_frames(h264, frame_rate)?,
            loss: Loss::of(&settings["globalConfiguration"]),
        })
    }

    /// The size of the picture before the encoder.
    pub fn size(&self) -> (u32, u32) {
        self.rungs.first().map_or((640, 360), |rung| (rung.width, rung.height))
    }

    pub fn frames_per_second(&self) -> f64 {
        f64::from(self.frame_rate.0) / f64::from(self.frame_rate.1)
    }

    pub fn gop_seconds(&self) -> f64 {
        f64::from(self.gop_frames) / self.frames_per_second()
    }
}

fn rung(video: &Value) -> Result<Rung, String> {
    let h264 = &video["codecSettings"]["h264Settings"];
    Ok(Rung {
        name: video["name"].as_str().unwrap_or_default().to_owned(),
        width: needed(video, "width")?,
        height: needed(video, "height")?,
        bitrate: needed(h264, "bitrate")?,
    })
}

fn rendition(audio: &Value) -> Result<Audio, String> {
    let aac = &audio["codecSettings"]["aacSettings"];
    let channels = match aac["codingMode"].as_str() {
        Some("CODING_MODE_5_1") => 6,
        Some("CODING_MODE_1_0") => 1,
        _ => 2,
    };
    Ok(Audio {
        name: audio["name"].as_str().unwrap_or_default().to_owned(),
        channels,
        bitrate: needed(aac, "bitrate")?,
        language: audio["languageCode"].as_str().map(str::to_owned),
    })
}

fn gop_frames(h264: &Value, frame_rate: (u32, u32)) -> Result<u32, String> {
    let size = h264["gopSize"].as_f64().ok_or("the channel has no gopSize")?;
    let in_seconds = h264["gopSizeUnits"].as_str() == Some("SECONDS");
    let frames = if in_seconds { size * f64::from(frame_rate.0) / f64::from(frame_rate.1) } else { size };
    // Rules have bounded it long before.
    Ok((frames.round() as u32).max(1))
}

/// A count, also where it is written as a floating number.
fn needed(from: &Value, member: &str) -> Result<u32, String> {
    let number = from[member].as_f64().filter(|number| *number >= 1.0);
    number.map(|number| number as u32).ok_or_else(|| format!("the channel's settings have no {member}"))
}
