//! What an origin endpoint answers, by the last part of the path: manifests, initialisations, segments.
//!
//! | name | is |
//! |---|---|
//! | `STEM.m3u8`, `STEM.mpd` | the manifest |
//! | `STEM_T.m3u8` | the playlist of track T |
//! | `STEM_T_init.mp4` | what comes before a track's segments |
//! | `STEM_T_N.ts`, `STEM_T_N.mp4` | segment N |

use std::collections::BTreeMap;

use serde_json::Value;

use super::chunks::Container;
use super::library::Live;
use super::manifests::{self, Edge, Shape};
use crate::world::Ms;
use crate::world::mediapackage::{OriginEndpoint, Packager};

/// What is served, with how long caches may keep it.
#[derive(Debug)]
pub struct Served {
    pub content_type: &'static str,
    pub max_age_secs: u64,
    pub body: Vec<u8>,
}

/// Segments never change (aws-facts 2.5).
const FOR_GOOD: u64 = 1_209_600;

/// The answer to a path of the endpoint; `None` is its 404.
pub fn answer(endpoint: &OriginEndpoint, live: &Live, path: &str, query: &BTreeMap<String, String>) -> Option<Served> {
    let name = path.rsplit('/').next()?;
    let (base, extension) = name.rsplit_once('.')?;
    let (shape, edge) = shape(endpoint, query)?;
    let rest = base.strip_prefix(shape.stem.as_str())?;
    let manifest_age = (shape.segment_seconds / 2.0).ceil() as u64;
    let manifest = |content_type, body: String| Served { content_type, max_age_secs: manifest_age, body: body.into() };
    let parts: Vec<&str> = rest.split('_').skip(1).collect();
    let is_hls = matches!(endpoint.packager, Packager::Hls | Packager::Cmaf);
    match (rest.is_empty(), parts.as_slice(), extension) {
        (true, _, "m3u8") if is_hls => {
            // The master promises playlists that must be there.
            manifests::playlist(live, live.tracks().into_iter().next()?, &shape)?;
            Some(manifest(HLS, manifests::master(live, &shape)))
        }
        (true, _, "mpd") if endpoint.packager == Packager::Dash => {
            Some(manifest(DASH, manifests::description(live, &shape, edge)?))
        }
        (false, [track], "m3u8") if is_hls => {
            let track = manifests::track_numbered(live, track.parse().ok()?)?;
            Some(manifest(HLS, manifests::playlist(live, track, &shape)?))
        }
        (false, [track, "init"], "mp4") if shape.container == Container::Mp4 => {
            let init = live.init(manifests::track_numbered(live, track.parse().ok()?)?)?;
            Some(Served { content_type: MP4, max_age_secs: FOR_GOOD, body: init.to_vec() })
        }
        (false, [track, number], ending) if ending == shape.container.word() => {
            let track = manifests::track_numbered(live, track.parse().ok()?)?;
            let first = manifests::first_number(live, shape.segment_seconds);
            let number = number.parse::<u64>().ok()?.checked_sub(first)?;
            let segments = live.segments(track, shape.container, shape.segment_seconds);
            let segment = segments.into_iter().find(|segment| segment.number == number)?;
            let content_type = if ending == "ts" { TS } else { MP4 };
            Some(Served { content_type, max_age_secs: FOR_GOOD, body: segment.read().ok()? })
        }
        _ => None,
    }
}

const HLS: &str = "application/x-mpegURL";
const DASH: &str = "application/dash+xml";
const TS: &str = "video/MP2T";
const MP4: &str = "video/mp4";

/// The endpoint's settings; MediaPackage's defaults where it says nothing (aws-facts 2.3, 2.4).
fn shape(endpoint: &OriginEndpoint, query: &BTreeMap<String, String>) -> Option<(Shape, Edge)> {
    let (package, container) = match endpoint.packager {
        Packager::Hls => (&endpoint.doc["hlsPackage"], Container::Ts),
        Packager::Dash => (&endpoint.doc["dashPackage"], Container::Mp4),
        Packager::Cmaf => (&endpoint.doc["cmafPackage"], Container::Mp4),
        Packager::Mss => return None,
    };
    let seconds = |value: &Value, member: &str, default: u64| value[member].as_u64().unwrap_or(default);
    let default_segment = if endpoint.packager == Packager::Dash { 2 } else { 6 };
    let segment_seconds = seconds(package, "segmentDurationSeconds", default_segment) as f64;
    let manifest = &package["hlsManifests"][0];
    let window_seconds = match endpoint.packager {
        Packager::Cmaf => seconds(manifest, "playlistWindowSeconds", 60),
        Packager::Dash => seconds(package, "manifestWindowSeconds", 60),
        Packager::Hls | Packager::Mss => seconds(package, "playlistWindowSeconds", 60),
    } as f64;
    let inherited = endpoint.manifest_name.clone();
    let stem = match endpoint.hls_manifests.first() {
        Some(manifest) => manifest.manifest_name.clone().unwrap_or(inherited),
        None => inherited,
    };
    let startover = endpoint.doc["startoverWindowSeconds"].as_u64().unwrap_or(0) as f64;
    let from = query.get("start").filter(|_| startover > 0.0).and_then(|text| moment(text));
    let edge = Edge {
        min_update: seconds(package, "minUpdatePeriodSeconds", 15),
        min_buffer: seconds(package, "minBufferTimeSeconds", 30),
        delay: seconds(package, "suggestedPresentationDelaySeconds", 25),
    };
    Some((Shape { stem, container, segment_seconds, window_seconds, from }, edge))
}

/// Epoch seconds, or a date and time (aws-facts 2.5).
fn moment(text: &str) -> Option<Ms> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds * 1000);
    }
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
