//! What ffprobe reads in the segments that viewers get, held against the ladder that the platform asked for: sizes, frame
//! rate, GOP, lengths, sound.

use super::super::rig::{Folder, Rig};
use super::{beside, names};
use serde_json::Value;
use std::process::Command;

/// How many segments are looked at together, so that the seam between two is seen as well.
const SEGMENTS: usize = 2;
/// Containers round the times of frames.
const ROUNDING: f64 = 0.002;

/// What a rung must look like, or a rendition.
#[derive(Clone, Debug)]
pub enum Wanted {
    Rung { width: u64, height: u64, rate: u64, gop_frames: usize, segment_frames: usize },
    Rendition { layout: &'static str, rate: u64, segment_seconds: f64 },
}

impl Wanted {
    /// Every rung of a platform that was asked for, the largest first, as the manifests list them, and its sound.
    pub fn of(platform: &Value, format: &str) -> Vec<Self> {
        let ladder = &platform["ladder"];
        let rate = ladder["frameRate"].as_u64().unwrap();
        let frames = |seconds: &Value| (seconds.as_f64().unwrap() * rate as f64).round() as usize;
        let seconds = &platform["endpoints"][format]["segmentSeconds"];
        let rungs = ladder["rungs"].as_array().unwrap().iter().map(|rung| Self::Rung {
            width: rung["width"].as_u64().unwrap(),
            height: rung["height"].as_u64().unwrap(),
            rate,
            gop_frames: frames(&ladder["gopSeconds"]),
            segment_frames: frames(seconds),
        });
        let sound = Self::Rendition { layout: "stereo", rate: 48_000, segment_seconds: seconds.as_f64().unwrap() };
        rungs.chain([sound]).collect()
    }

    /// Everything in which `SEGMENTS` segments differ from it.
    pub fn problems(&self, probe: &Value) -> Vec<String> {
        let stream = &probe["streams"][0];
        let packets = probe["packets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut found = Vec::new();
        let mut same = |what: &str, is: String, wanted: String| {
            if is != wanted {
                found.push(format!("{what} is {is} and not {wanted}"));
            }
        };
        same("the number of streams", probe["streams"].as_array().map_or(0, Vec::len).to_string(), "1".to_owned());
        match self {
            Self::Rung { width, height, rate, gop_frames, segment_frames } => {
                same("the codec", stream["codec_name"].to_string(), "\"h264\"".to_owned());
                same("the size", format!("{}x{}", stream["width"], stream["height"]), format!("{width}x{height}"));
                same("the frame rate", stream["avg_frame_rate"].to_string(), format!("\"{rate}/1\""));
                same("the number of frames", packets.len().to_string(), (SEGMENTS * segment_frames).to_string());
                let is_key = |packet: &Value| packet["flags"].as_str().is_some_and(|flags| flags.starts_with('K'));
                let keys: Vec<usize> = (0..packets.len()).filter(|at| is_key(&packets[*at])).collect();
                let wanted: Vec<usize> = (0..SEGMENTS * segment_frames).step_by(*gop_frames).collect();
                same("the list of key frames", format!("{keys:?}"), format!("{wanted:?}"));
                found.extend(uneven(packets, 1.0 / *rate as f64));
            }
            Self::Rendition { layout, rate, segment_seconds } => {
                same("the codec", stream["codec_name"].to_string(), "\"aac\"".to_owned());
                same("the layout", stream["channel_layout"].to_string(), format!("\"{layout}\""));
                same("the sample rate", stream["sample_rate"].to_string(), format!("\"{rate}\""));
                let frame = 1024.0 / *rate as f64;
                let (length, wanted) = (packets.len() as f64 * frame, SEGMENTS as f64 * segment_seconds);
                if (length - wanted).abs() > frame + ROUNDING {
                    found.push(format!("the sound lasts {length} s and not {wanted}"));
                }
                found.extend(uneven(packets, frame));
            }
        }
        found
    }
}

/// Frames that do not follow the one before at their time: also across the seam.
fn uneven(packets: &[Value], frame: f64) -> Vec<String> {
    let time = |packet: &Value| packet["pts_time"].as_str().and_then(|text| text.parse::<f64>().ok()).unwrap_or(-1.0);
    let times: Vec<f64> = packets.iter().map(time).collect();
    let gaps = times.windows(2).filter(|pair| (pair[1] - pair[0] - frame).abs() > ROUNDING);
    gaps.map(|pair| format!("a frame at {} follows one at {}", pair[1], pair[0])).collect()
}

pub fn ffprobe(bytes: &[u8]) -> Value {
    let folder = Folder::new();
    let file = folder.path().join("segments");
    std::fs::write(&file, bytes).unwrap();
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-of", "json", "-show_streams", "-show_packets"]).arg(&file);
    let output = ffprobe.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Rig {
    /// Holds every track of an HLS manifest, of TS or of CMAF, against what was asked for; answers what ffprobe read.
    pub async fn hls_agrees(&self, master: &str, wanted: &[Wanted]) -> Vec<Value> {
        let text = self.view(master).await.text;
        // Playlists of rungs stand alone on a line; that of the sound is an attribute.
        let sound = text.split("URI=\"").nth(1).unwrap().split('"').next().unwrap();
        let lists = names(&text).chain([sound]).map(|name| beside(master, name)).collect::<Vec<_>>();
        assert_eq!(lists.len(), wanted.len(), "{text}");
        let mut probes = Vec::new();
        for (list, wanted) in lists.iter().zip(wanted) {
            let enough = |text: &str| text.matches("#EXTINF").count() > SEGMENTS;
            let text = self.view_until(list, |answer| enough(&answer.text)).await.text;
            let init = text.split("#EXT-X-MAP:URI=\"").nth(1).and_then(|rest| rest.split('"').next());
            let all: Vec<&str> = names(&text).collect();
            let newest = all[all.len() - SEGMENTS..].iter().copied();
            let urls: Vec<String> = init.into_iter().chain(newest).map(|name| beside(list, name)).collect();
            let probe = self.probed(&urls).await;
            assert_eq!(wanted.problems(&probe), Vec::<String>::new(), "{list}\n{text}");
            probes.push(probe);
        }
        probes
    }

    /// The same for a description of DASH.
    pub async fn dash_agrees(&self, description: &str, wanted: &[Wanted]) {
        let text =
            self.view_until(description, |answer| answer.text.matches("<S t=").count() > 3 * SEGMENTS).await.text;
        let attribute = |text: &str, name: &str| {
            text.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let mut checked = 0;
        for set in text.split("<AdaptationSet").skip(1) {
            let first: usize = attribute(set, "startNumber").parse().unwrap();
            let newest = first + set.matches("<S t=").count() - SEGMENTS;
            for representation in set.split("<Representation").skip(1) {
                let id = attribute(representation, "id");
                let place = |template: String, number: usize| {
                    beside(
                        description,
                        &template.replace("$RepresentationID$", &id).replace("$Number$", &number.to_string()),
                    )
                };
                let init = place(attribute(set, "initialization"), 0);
                let segments = (newest..newest + SEGMENTS).map(|number| place(attribute(set, "media"), number));
                let urls: Vec<String> = [init].into_iter().chain(segments).collect();
                let probe = self.probed(&urls).await;
                assert_eq!(wanted[checked].problems(&probe), Vec::<String>::new(), "{representation}\n{text}");
                checked += 1;
            }
        }
        assert_eq!(checked, wanted.len(), "{text}");
    }

    /// What ffprobe reads in all of it, one after the other.
    async fn probed(&self, urls: &[String]) -> Value {
        let mut bytes = Vec::new();
        for url in urls {
            let answer = self.asked(url).await;
            assert_eq!(answer.status().as_u16(), 200, "{url}");
            bytes.extend(answer.bytes().await.unwrap());
        }
        ffprobe(&bytes)
    }
}
