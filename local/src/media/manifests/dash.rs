//! DASH (ISO/IEC 23009-1): one period since the channel began, one adaptation set for the ladder and one per rendition,
//! segments numbered with a timeline.

use std::fmt::Write as _;

use super::{Shape, codec, first_number, listed, number_of};
use crate::media::library::{Live, TrackId};
use crate::world::rfc3339;

/// Ticks of the description's clock in a second.
const TICKS: f64 = 90_000.0;

/// How a player is to behave at the live edge, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub min_update: u64,
    pub min_buffer: u64,
    pub delay: u64,
}

/// The description; nothing before the first segment is complete.
pub fn description(live: &Live, shape: &Shape, edge: Edge) -> Option<String> {
    let profile = &live.profile;
    let mut sets = String::new();
    let ladder = (0..profile.rungs.len()).map(TrackId::Video).collect::<Vec<_>>();
    let _ = write!(
        sets,
        "<AdaptationSet id=\"1\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">{}",
        template(live, *ladder.first()?, shape)?
    );
    for (rung, track) in profile.rungs.iter().zip(&ladder) {
        let _ = write!(
            sets,
            "<Representation id=\"{}\" bandwidth=\"{}\" codecs=\"{}\" width=\"{}\" height=\"{}\" frameRate=\"{}/{}\"/>",
            number_of(live, *track),
            rung.bitrate,
            codec(live, *track),
            rung.width,
            rung.height,
            profile.frame_rate.0,
            profile.frame_rate.1
        );
    }
    sets.push_str("</AdaptationSet>");
    for (index, audio) in profile.audio.iter().enumerate() {
        let track = TrackId::Audio(index);
        let language = audio.language.as_ref().map(|it| format!(" lang=\"{it}\"")).unwrap_or_default();
        let _ = write!(
            sets,
            "<AdaptationSet id=\"{}\" contentType=\"audio\" mimeType=\"audio/mp4\"{language} segmentAlignment=\"true\" startWithSAP=\"1\">\
             {}<Representation id=\"{}\" bandwidth=\"{}\" codecs=\"{}\" audioSamplingRate=\"48000\">\
             <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"{}\"/>\
             </Representation></AdaptationSet>",
            index + 2,
            template(live, track, shape)?,
            number_of(live, track),
            audio.bitrate,
            codec(live, track),
            audio.channels
        );
    }
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" \
         profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"dynamic\" availabilityStartTime=\"{}\" \
         publishTime=\"{}\" minimumUpdatePeriod=\"PT{}S\" timeShiftBufferDepth=\"PT{}S\" minBufferTime=\"PT{}S\" \
         suggestedPresentationDelay=\"PT{}S\"><Period id=\"1\" start=\"PT0S\">{sets}</Period></MPD>\n",
        rfc3339(live.began),
        rfc3339(live.began),
        edge.min_update,
        shape.window_seconds,
        edge.min_buffer,
        edge.delay
    ))
}

fn template(live: &Live, track: TrackId, shape: &Shape) -> Option<String> {
    let segments = listed(live, track, shape);
    let first = segments.first()?;
    let mut timeline = String::new();
    for segment in &segments {
        let (start, end) = ((segment.start * TICKS).round(), (segment.end * TICKS).round());
        let _ = write!(timeline, "<S t=\"{start}\" d=\"{}\"/>", end - start);
    }
    Some(format!(
        "<SegmentTemplate timescale=\"{TICKS}\" startNumber=\"{}\" initialization=\"{stem}_$RepresentationID$_init.mp4\" \
         media=\"{stem}_$RepresentationID$_$Number$.mp4\"><SegmentTimeline>{timeline}</SegmentTimeline></SegmentTemplate>",
        first_number(live, shape.segment_seconds) + first.number,
        stem = shape.stem
    ))
}
