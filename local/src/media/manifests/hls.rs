//! HLS (RFC 8216): the master playlist with the ladder and its audio group, and one media playlist per track.

use std::fmt::Write as _;

use super::{Shape, codec, first_number, listed, number_of};
use crate::media::chunks::Container;
use crate::media::library::{Live, TrackId};
use crate::world::rfc3339;

const AUDIO_GROUP: &str = "audio";

/// The master playlist.
pub fn master(live: &Live, shape: &Shape) -> String {
    let profile = &live.profile;
    let version = if shape.container == Container::Mp4 { 7 } else { 4 };
    let mut out = format!("#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (index, audio) in profile.audio.iter().enumerate() {
        let number = number_of(live, TrackId::Audio(index));
        let language = audio.language.as_ref().map(|it| format!("LANGUAGE=\"{it}\",")).unwrap_or_default();
        let default = if index == 0 { "YES" } else { "NO" };
        let _ = writeln!(
            out,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{AUDIO_GROUP}\",NAME=\"{}\",{language}AUTOSELECT=YES,DEFAULT={default},CHANNELS=\"{}\",URI=\"{}_{number}.m3u8\"",
            audio.name, audio.channels, shape.stem
        );
    }
    let sound = profile.audio.iter().map(|audio| audio.bitrate).max().unwrap_or(0);
    for (index, rung) in profile.rungs.iter().enumerate() {
        let track = TrackId::Video(index);
        let mut codecs = codec(live, track);
        let mut group = String::new();
        if !profile.audio.is_empty() {
            let _ = write!(codecs, ",{}", codec(live, TrackId::Audio(0)));
            group = format!(",AUDIO=\"{AUDIO_GROUP}\"");
        }
        let average = rung.bitrate + sound;
        let _ = writeln!(
            out,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={average},RESOLUTION={}x{},FRAME-RATE={:.3},CODECS=\"{codecs}\"{group}\n{}_{}.m3u8",
            average + average / 10,
            rung.width,
            rung.height,
            profile.frames_per_second(),
            shape.stem,
            number_of(live, track)
        );
    }
    out
}

/// The playlist of one track; nothing before its first segment is complete.
pub fn playlist(live: &Live, track: TrackId, shape: &Shape) -> Option<String> {
    let segments = listed(live, track, shape);
    let first = segments.first()?;
    let base = first_number(live, shape.segment_seconds);
    let target = segments.iter().map(|segment| segment.seconds().round() as u64).max()?;
    let (number, ending) = (number_of(live, track), shape.container.word());
    let version = if shape.container == Container::Mp4 { 7 } else { 4 };
    let mut out = format!(
        "#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:{}\n",
        base + first.number
    );
    if shape.container == Container::Mp4 {
        let _ = writeln!(out, "#EXT-X-MAP:URI=\"{}_{number}_init.mp4\"", shape.stem);
    }
    for segment in &segments {
        let at = live.began + (segment.start * 1000.0).round() as i64;
        let _ = writeln!(
            out,
            "#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:{:.5},\n{}_{number}_{}.{ending}",
            rfc3339(at),
            segment.seconds(),
            shape.stem,
            base + segment.number
        );
    }
    Some(out)
}
