//! Playlists and descriptions of what is live, as MediaPackage writes them: HLS for TS and for CMAF, and DASH.

mod dash;
mod hls;

pub use dash::{Edge, description};
pub use hls::{master, playlist};

use super::chunks::Container;
use super::library::{Live, Segment, TrackId};
use crate::world::Ms;

/// What an endpoint's manifests have in common.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Of the manifest, without its extension; children and segments begin with it.
    pub stem: String,
    pub container: Container,
    pub segment_seconds: f64,
    pub window_seconds: f64,
    /// From when on a viewer wants to see, where the request says it.
    pub from: Option<Ms>,
}

/// The segments of one track that a manifest lists; all tracks end at the same one.
pub fn listed(live: &Live, track: TrackId, shape: &Shape) -> Vec<Segment> {
    let seconds = shape.segment_seconds;
    let newest = |track| live.segments(track, shape.container, seconds).last().map(|last| last.number);
    let Some(edge) = live.tracks().into_iter().map(newest).min().flatten() else {
        return Vec::new();
    };
    let most = (shape.window_seconds / seconds).ceil().max(3.0) as u64;
    let from = match shape.from {
        None => (edge + 1).saturating_sub(most),
        Some(at) => (((at - live.began) as f64 / 1000.0) / seconds).floor().max(0.0) as u64,
    };
    let all = live.segments(track, shape.container, seconds).into_iter();
    all.filter(|segment| (from..=edge).contains(&segment.number)).collect()
}

/// Segments keep their numbers from one run of the channel to the next: none is ever used twice.
pub fn first_number(live: &Live, seconds: f64) -> u64 {
    (live.began as f64 / 1000.0 / seconds) as u64
}

/// As in RFC 6381, from the track's own decoder configuration.
pub fn codec(live: &Live, track: TrackId) -> String {
    match track {
        TrackId::Audio(_) => "mp4a.40.2".to_owned(),
        TrackId::Video(_) => {
            let init = live.init(track).unwrap_or_default();
            let at = init.windows(4).position(|four| four == b"avcC");
            let profile = at.and_then(|at| init.get(at + 5..at + 8)).unwrap_or(&[0x42, 0xc0, 0x1f]);
            format!("avc1.{:02x}{:02x}{:02x}", profile[0], profile[1], profile[2])
        }
    }
}

/// The number of a track in the names of its playlist and segments, from 1.
pub fn number_of(live: &Live, track: TrackId) -> usize {
    match track {
        TrackId::Video(index) => index + 1,
        TrackId::Audio(index) => live.profile.rungs.len() + index + 1,
    }
}

/// The track with this number.
pub fn track_numbered(live: &Live, number: usize) -> Option<TrackId> {
    live.tracks().into_iter().find(|track| number_of(live, *track) == number)
}
