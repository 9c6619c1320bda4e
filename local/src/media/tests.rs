//! What a channel's settings mean to the encoder, how its output is cut, and what the manifests say of it. ffmpeg is not
//! needed: the bytes are made by hand.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use bytes::Bytes;
use mp4_atom::{Atom as _, Encode as _};
use serde_json::json;

use super::archive::Archivist;
use super::chunks::{Container, Cut, Mp4Cutter, TsCutter};
use super::library::{Live, TrackId};
use super::manifests::{self, Edge, Shape};
use super::profile::{Archive, Audio, Loss, Profile, Rung};
use super::pull::{Pull, Resolve};
use crate::world::medialive::{InputSource, InputType};

fn profile() -> Profile {
    let rung = |name: &str, width, height, bitrate| Rung { name: name.to_owned(), width, height, bitrate };
    Profile {
        rungs: vec![rung("720p", 1280, 720, 3_000_000), rung("360p", 640, 360, 800_000)],
        left_out: Vec::new(),
        audio: vec![Audio {
            name: "stereo".to_owned(),
            channels: 2,
            bitrate: 128_000,
            language: Some("eng".to_owned()),
        }],
        frame_rate: (30, 1),
        gop_frames: 60,
        loss: Loss { repeat: Duration::from_secs(1), black: Duration::MAX, then: [0; 3], slate: None },
        archive: None,
    }
}

fn live(began: i64) -> Live {
    let folder = std::env::temp_dir().join(format!("headend-media-test-{:016x}", rand::random::<u64>()));
    Live::new(Arc::new(profile()), began, folder, 60.0).unwrap()
}

/// `count` chunks of two seconds on every track, in both containers.
fn fill(live: &Live, count: u32) {
    for track in live.tracks() {
        for container in [Container::Ts, Container::Mp4] {
            for index in 0..count {
                let data = Bytes::from(format!("{}{index}", track.word()));
                live.keep(track, container, Cut::Chunk { start: f64::from(index) * 2.0, data }).unwrap();
            }
        }
    }
}

fn shape(container: Container) -> Shape {
    Shape { stem: "index".to_owned(), container, segment_seconds: 4.0, window_seconds: 12.0, from: None }
}

const TRACK: TrackId = TrackId::Video(0);
const BEGAN: i64 = 1_767_225_600_000;

#[test]
fn the_encoder_gets_the_channels_ladder_and_leaves_out_what_is_too_large() {
    let video = |name: &str, height: u32| {
        let h264 = json!({"bitrate": 1_000_000, "framerateNumerator": 25, "framerateDenominator": 1,
            "gopSize": 2.0, "gopSizeUnits": "SECONDS"});
        json!({"name": name, "width": height * 16 / 9, "height": height, "codecSettings": {"h264Settings": h264}})
    };
    let aac = json!({"aacSettings": {"bitrate": 256_000.0, "codingMode": "CODING_MODE_5_1"}});
    let channel = json!({"encoderSettings": {
        "videoDescriptions": [video("small", 360), video("huge", 1080), video("mid", 720)],
        "audioDescriptions": [{"name": "main", "languageCode": "deu", "codecSettings": aac}],
    }});
    let read = Profile::of(&channel, 720).unwrap();
    let names: Vec<_> = read.rungs.iter().map(|rung| rung.name.as_str()).collect();
    assert_eq!((names, read.left_out.clone()), (vec!["mid", "small"], vec!["huge".to_owned()]));
    assert_eq!((read.size(), read.frame_rate, read.gop_frames), ((1280, 720), (25, 1), 50));
    assert_eq!((read.audio[0].channels, read.audio[0].language.as_deref()), (6, Some("deu")));
    let tiny = Profile::of(&channel, 100).unwrap();
    assert_eq!(tiny.rungs.len(), 1, "the smallest stays: a channel without a picture helps nobody");
    assert!(Profile::of(&json!({}), 720).is_err());
}

#[test]
fn a_lost_input_is_repeated_and_black_and_then_what_the_channel_says() {
    let channel = |global: serde_json::Value| {
        let h264 = json!({"bitrate": 1, "framerateNumerator": 25, "framerateDenominator": 1, "gopSize": 50.0});
        let video = json!({"width": 640, "height": 360, "codecSettings": {"h264Settings": h264}});
        Profile::of(&json!({"encoderSettings": {"videoDescriptions": [video], "globalConfiguration": global}}), 720)
    };
    let loss = |behaviour| channel(json!({"inputLossBehavior": behaviour})).unwrap().loss;
    assert_eq!(
        channel(json!({})).unwrap().loss,
        Loss { repeat: Duration::from_secs(1), black: Duration::MAX, then: [0; 3], slate: None }
    );
    assert_eq!(loss(json!({"repeatFrameMsec": 1_000_000})).repeat, Duration::MAX);
    let color = json!({"repeatFrameMsec": 500, "blackFrameMsec": 0, "inputLossImageType": "COLOR", "inputLossImageColor": "0A0B0C"});
    assert_eq!(
        loss(color),
        Loss { repeat: Duration::from_millis(500), black: Duration::ZERO, then: [10, 11, 12], slate: None }
    );
}

/// A packet of MPEG-TS: a table (pid 0) or the beginning of a frame that is shown at `ticks`.
fn packet(pid: u8, ticks: Option<u64>) -> Vec<u8> {
    let mut packet = vec![0x47, 0x40, pid, 0x10];
    if let Some(ticks) = ticks {
        packet.extend([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5]);
        packet.push(0x21 | (ticks >> 29) as u8 & 0x0e);
        packet.extend([(ticks >> 22) as u8, (ticks >> 14) as u8 | 1, (ticks >> 7) as u8, (ticks << 1) as u8 | 1]);
    }
    packet.resize(188, 0xff);
    packet
}

#[test]
fn transport_streams_are_cut_at_their_tables() {
    let seconds = |seconds: u64| Some((10 + seconds) * 90_000);
    let stream: Vec<u8> = [
        packet(0, None),
        packet(0x50, seconds(0)),
        packet(0x50, seconds(1)),
        packet(0, None),
        packet(0x50, seconds(2)),
        packet(0, None),
    ]
    .concat();
    let mut cutter = TsCutter::default();
    // However the bytes come.
    let cuts: Vec<Cut> = stream.chunks(100).flat_map(|part| cutter.push(part).unwrap()).collect();
    let found: Vec<(f64, usize)> = cuts
        .iter()
        .map(|cut| match cut {
            Cut::Chunk { start, data } => (*start, data.len() / 188),
            Cut::Init(_) => panic!("TS has none"),
        })
        .collect();
    assert_eq!(found, [(0.0, 3), (2.0, 2)]);
    assert!(TsCutter::default().push(&[0; 188]).is_err());
}

#[test]
fn the_clock_of_a_transport_stream_goes_on_when_it_begins_again() {
    let last = (1 << 33) - 90_000;
    let stream =
        [packet(0, None), packet(0x50, Some(last)), packet(0, None), packet(0x50, Some(90_000)), packet(0, None)]
            .concat();
    let cuts = TsCutter::default().push(&stream).unwrap();
    let starts: Vec<f64> =
        cuts.iter().map(|cut| if let Cut::Chunk { start, .. } = cut { *start } else { -1.0 }).collect();
    assert_eq!(starts[1] - starts[0], 2.0, "{starts:?}");
}

#[test]
fn sound_is_cut_at_the_first_frame_of_a_gop_and_each_chunk_has_the_tables() {
    let at = |millis: u64| packet(0x50, Some(900_000 + millis * 90));
    let stream = [packet(0, None), at(0), at(990), at(1011), at(1990), at(1997)].concat();
    let mut cutter = TsCutter::every(Some(1.0));
    let cuts = cutter.push(&stream).unwrap();
    let of = |cut: &Cut| match cut {
        Cut::Chunk { start, data } => ((start * 1000.0).round(), data.len() / 188, data[2], data[3] & 0x0f),
        Cut::Init(_) => panic!("TS has none"),
    };
    let found: Vec<_> = cuts.iter().map(of).collect();
    assert_eq!(found, [(0.0, 3, 0, 0), (1011.0, 3, 0, 1)], "the frame at 1.997 is within the rounding of 2");
}

#[test]
fn frames_of_sound_become_one_fragment_that_says_where_each_is() {
    let frame = |time: u64, size: u32| {
        let tfhd = mp4_atom::Tfhd {
            track_id: 1,
            default_sample_duration: Some(1024),
            default_sample_size: Some(size),
            ..Default::default()
        };
        let samples = mp4_atom::TrunSamples::Inherited { count: 1, first_flags: None };
        let traf = mp4_atom::Traf {
            tfhd,
            tfdt: Some(mp4_atom::Tfdt { base_media_decode_time: time }),
            trun: vec![mp4_atom::Trun { data_offset: Some(0), samples }],
            ..Default::default()
        };
        let mut bytes = Vec::new();
        mp4_atom::Moof { mfhd: mp4_atom::Mfhd { sequence_number: 1 }, traf: vec![traf] }.encode(&mut bytes).unwrap();
        bytes.extend((size + 8).to_be_bytes());
        bytes.extend(b"mdat");
        bytes.resize(bytes.len() + size as usize, time as u8);
        bytes
    };
    let mut cutter = Mp4Cutter::every(Some(1.0));
    cutter.timescale = 10;
    let cuts = cutter.push(&[frame(0, 3), frame(5, 2), frame(11, 4)].concat()).unwrap();
    let [Cut::Chunk { start, data }] = cuts.as_slice() else { panic!("{cuts:?}") };
    assert_eq!(*start, 0.0);
    let mut rest = &data[8..];
    let moof = mp4_atom::Moof::decode_body(&mut rest).unwrap();
    let run = &moof.traf[0].trun[0];
    let sizes: Vec<_> = run.samples.iter().map(|it| (it.size.unwrap(), it.duration.unwrap())).collect();
    assert_eq!(sizes, [(3, 1024), (2, 1024)]);
    assert_eq!(data[run.data_offset.unwrap() as usize..], [0, 0, 0, 5, 5]);
}

#[test]
fn boxes_that_are_none_are_refused() {
    assert!(Mp4Cutter::default().push(&[0, 0, 0, 4, b'm', b'o', b'o', b'v']).is_err());
    assert_eq!(Mp4Cutter::default().push(&[0, 0, 0, 100, b'm', b'o', b'o', b'f']).unwrap(), Vec::<Cut>::new());
}

#[test]
fn a_segment_is_there_when_the_next_one_has_begun() {
    let live = live(BEGAN);
    fill(&live, 2);
    assert!(live.segments(TRACK, Container::Ts, 4.0).is_empty(), "four seconds are not over yet");
    let next = Cut::Chunk { start: 4.0, data: Bytes::from_static(b"next") };
    live.keep(TRACK, Container::Ts, next).unwrap();
    let segments = live.segments(TRACK, Container::Ts, 4.0);
    assert_eq!(segments.len(), 1);
    assert_eq!((segments[0].number, segments[0].seconds()), (0, 4.0));
    assert_eq!(segments[0].read().unwrap(), b"v00v01");
}

#[test]
fn what_is_older_than_anybody_may_ask_for_is_removed() {
    let live = live(BEGAN);
    fill(&live, 100);
    let segments = live.segments(TRACK, Container::Ts, 4.0);
    assert!(segments[0].start >= 198.0 - 60.0 - 4.0, "{:?}", segments[0]);
    assert!(segments.iter().all(|segment| segment.read().is_ok()));
}

#[test]
fn an_archive_rolls_over_and_its_last_piece_is_closed_when_it_ends() {
    let cloud = crate::cloud::Cloud::new(crate::cloud::CloudConfig::default()).unwrap();
    cloud.s3.create_bucket("b", BEGAN);
    let folder = std::env::temp_dir().join(format!("headend-media-test-{:016x}", rand::random::<u64>()));
    let archive = Archive {
        rung: 0,
        audio: Vec::new(),
        rollover: Duration::from_secs(4),
        places: vec![("b".to_owned(), "p0/x".to_owned()), ("b".to_owned(), "p1/x".to_owned())],
        extension: "m2ts".to_owned(),
    };
    let count = Arc::new(AtomicU32::new(0));
    let mut archivist = Archivist::new(cloud.clone(), archive.clone(), folder.clone(), count.clone());
    for start in [0.0, 2.0, 4.0, 6.0, 8.0] {
        archivist.write(&Cut::Chunk { start, data: Bytes::from_static(b"chunk") }).unwrap();
    }
    assert_eq!(cloud.s3.keys("b"), ["p0/x.000000.m2ts", "p0/x.000001.m2ts", "p1/x.000000.m2ts", "p1/x.000001.m2ts"]);
    drop(archivist);
    assert_eq!(cloud.s3.keys("b").len(), 6);
    // Another encoder of the same start.
    let mut next = Archivist::new(cloud.clone(), archive, folder.clone(), count);
    next.write(&Cut::Chunk { start: 0.0, data: Bytes::from_static(b"chunk") }).unwrap();
    drop(next);
    assert_eq!(cloud.s3.keys("b")[3], "p0/x.000003.m2ts", "nothing is written over");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4, "both pipelines' objects are one file");
    drop(cloud);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "files go with their objects");
    std::fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_slate_is_named_by_its_address() {
    let slate = json!({"inputLossImageType": "SLATE", "inputLossImageSlate": {"uri": "s3ssl://b/back-soon.png"}});
    let h264 = json!({"bitrate": 1, "framerateNumerator": 25, "framerateDenominator": 1, "gopSize": 50.0});
    let video = json!({"width": 640, "height": 360, "codecSettings": {"h264Settings": h264}});
    let global = json!({"inputLossBehavior": slate});
    let channel = json!({"encoderSettings": {"videoDescriptions": [video], "globalConfiguration": global}});
    assert_eq!(Profile::of(&channel, 720).unwrap().loss.slate.as_deref(), Some("s3ssl://b/back-soon.png"));
}

#[test]
fn only_hosts_with_a_stand_in_are_pulled_from() {
    let input = |kind| {
        let mut world = crate::world::World::new(crate::world::WorldConfig::default());
        let request = crate::world::medialive::CreateInput::new("venue", kind);
        let source = InputSource { url: "https://a.example.net/x".to_owned(), username: None, password_param: None };
        let request = crate::world::medialive::CreateInput { sources: vec![source], ..request };
        world.create_input("eu-west-1", BEGAN, request).unwrap()
    };
    let resolve: Resolve = [("a.example.net".to_owned(), "127.0.0.1:81".parse().unwrap())].into();
    let words = |kind, url: &str, looped| Pull::of(&input(kind), url, looped, &resolve).map(|pull| pull.0.join(" "));
    assert_eq!(
        words(InputType::UrlPull, "https://a.example.net/live/a.m3u8?k=1", false).unwrap(),
        "-re -headers Host: a.example.net\r\n -i http://127.0.0.1:81/live/a.m3u8?k=1"
    );
    assert_eq!(
        words(InputType::RtmpPull, "rtmps://a.example.net/app/s", false).unwrap(),
        "-re -i rtmp://127.0.0.1:81/app/s"
    );
    assert!(words(InputType::Mp4File, "http://a.example.net/a.mp4", true).unwrap().contains("-stream_loop -1"));
    let stranger = words(InputType::UrlPull, "https://b.example.net/a.m3u8", false).unwrap_err();
    assert!(stranger.contains("--resolve b.example.net="), "{stranger}");
    assert!(words(InputType::Mp4File, "s3ssl://b/a.mp4", false).is_err());
}

#[test]
fn a_playlist_slides_and_says_what_time_it_was() {
    let live = live(BEGAN);
    assert_eq!(manifests::playlist(&live, TRACK, &shape(Container::Ts)), None);
    fill(&live, 21);
    let playlist = manifests::playlist(&live, TRACK, &shape(Container::Ts)).unwrap();
    let first = BEGAN as u64 / 4000 + 7;
    assert!(playlist.contains(&format!("#EXT-X-MEDIA-SEQUENCE:{first}\n")), "{playlist}");
    assert!(playlist.contains("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:28.000Z\n#EXTINF:4.00000,\n"), "{playlist}");
    assert_eq!(playlist.matches("#EXTINF").count(), 3, "a window of twelve seconds");
    let whole = Shape { from: Some(BEGAN + 8000), ..shape(Container::Ts) };
    assert_eq!(manifests::playlist(&live, TRACK, &whole).unwrap().matches("#EXTINF").count(), 8);
}

#[test]
fn all_tracks_end_at_the_same_segment() {
    let live = live(BEGAN);
    fill(&live, 21);
    let ahead = Cut::Chunk { start: 44.0, data: Bytes::from_static(b"ahead") };
    live.keep(TRACK, Container::Ts, ahead).unwrap();
    let of = |track| manifests::playlist(&live, track, &shape(Container::Ts)).unwrap();
    let sequence = |playlist: &str| playlist.lines().find(|line| line.contains("MEDIA-SEQUENCE")).unwrap().to_owned();
    assert_eq!(sequence(&of(TRACK)), sequence(&of(TrackId::Audio(0))));
}

#[test]
fn the_master_playlist_names_each_rung_and_the_audio_group() {
    let live = live(BEGAN);
    let master = manifests::master(&live, &shape(Container::Ts));
    assert!(master.contains("RESOLUTION=1280x720,FRAME-RATE=30.000"), "{master}");
    assert!(master.contains("AUDIO=\"audio\"\nindex_2.m3u8"), "{master}");
    assert!(master.contains("LANGUAGE=\"eng\""), "{master}");
    assert!(master.contains("URI=\"index_3.m3u8\""), "{master}");
}

#[test]
fn the_description_of_dash_is_well_formed_and_its_timeline_is_the_tracks() {
    let live = live(BEGAN);
    let edge = Edge { min_update: 4, min_buffer: 12, delay: 12 };
    assert_eq!(manifests::description(&live, &shape(Container::Mp4), edge), None);
    fill(&live, 9);
    let text = manifests::description(&live, &shape(Container::Mp4), edge).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let all = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    assert_eq!(all("Representation").count(), 3);
    let video = all("SegmentTimeline").next().unwrap();
    let times: Vec<_> = video.children().filter_map(|node| node.attribute("t")).collect();
    assert_eq!(times, ["360000", "720000", "1080000"]);
}
