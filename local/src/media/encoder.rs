//! One pipeline's encoder: a single ffmpeg makes the whole ladder and every audio rendition once, and hands each track
//! out twice, as MPEG-TS and as fragmented MP4.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::archive::Archivist;
use super::chunks::{self, Container};
use super::library::{Live, TrackId};
use super::mixer::{Mixed, OnAir, mix};
use super::profile::{Archive, Profile};
use super::slate::Slate;
use super::source::SAMPLE_RATE;

/// Frames that may wait for the encoder.
const WAITING: usize = 8;

/// A running encoder with its mixer; killed when dropped.
pub struct Encoder {
    child: Child,
    _tasks: JoinSet<()>,
}

impl Encoder {
    /// # Errors
    /// A program or socket that cannot be started.
    pub fn start(
        profile: &Arc<Profile>,
        (on_air, slate): (OnAir, Slate),
        live: &Arc<Live>,
        archivist: Option<Archivist>,
        ffmpeg: &Path,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut tasks = JoinSet::new();
        let mut outputs = Vec::new();
        for track in live.tracks() {
            for container in [Container::Ts, Container::Mp4] {
                let place = folder.join(format!("{}.{}", track.word(), container.word()));
                outputs.push(output(track, container, &place));
                tasks.spawn(collect(bind(&place)?, live.clone(), track, container));
            }
        }
        if let (Some(archivist), Some(archive)) = (archivist, &profile.archive) {
            let place = folder.join("archive");
            outputs.push(archive_output(archive, &place));
            tasks.spawn(record(bind(&place)?, archivist));
        }
        let sound_place = folder.join("sound");
        let sound = bind(&sound_place)?;
        let mut child = Command::new(ffmpeg)
            .args(arguments(profile, &sound_place, &outputs.join("|")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("the encoder did not start")?;
        let stdin = child.stdin.take().context("BUG: the encoder has no input")?;
        let (frames, frames_out) = mpsc::channel(WAITING);
        let (samples, samples_out) = mpsc::channel(WAITING);
        tasks.spawn(pour_frames(stdin, frames_out));
        tasks.spawn(pour_sound(sound, samples_out));
        tasks.spawn(mix(profile.clone(), on_air, slate, Mixed { frames, sound: samples }));
        Ok(Self { child, _tasks: tasks })
    }

    /// Whether ffmpeg has ended, for whatever reason.
    pub fn has_died(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

fn bind(place: &Path) -> anyhow::Result<UnixListener> {
    let _ = std::fs::remove_file(place);
    UnixListener::bind(place).with_context(|| place.display().to_string())
}

async fn pour_frames(mut into: tokio::process::ChildStdin, mut frames: mpsc::Receiver<Bytes>) {
    while let Some(frame) = frames.recv().await {
        if into.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn pour_sound(listener: UnixListener, mut sound: mpsc::Receiver<Vec<u8>>) {
    let Ok((mut into, _)) = listener.accept().await else { return };
    while let Some(samples) = sound.recv().await {
        if into.write_all(&samples).await.is_err() {
            return;
        }
    }
}

/// What the encoder writes of one track goes to the library, cut into chunks.
async fn collect(listener: UnixListener, live: Arc<Live>, track: TrackId, container: Container) {
    let Ok((connection, _)) = listener.accept().await else { return };
    if let Err(error) = chunks::read(connection, &live, track, container).await {
        tracing::warn!(%error, track = track.word(), "a track of the encoder ended");
    }
}

async fn record(listener: UnixListener, archivist: Archivist) {
    let Ok((connection, _)) = listener.accept().await else { return };
    if let Err(error) = archivist.keep(connection).await {
        tracing::error!(error = format!("{error:#}"), "the archive ended");
    }
}

fn arguments(profile: &Profile, sound: &Path, outputs: &str) -> Vec<String> {
    let (width, height) = profile.size();
    let (numerator, denominator) = profile.frame_rate;
    let rate = format!("{numerator}/{denominator}");
    let mut all: Vec<String> = Vec::new();
    let mut add = |words: &[&str]| all.extend(words.iter().map(|word| (*word).to_owned()));
    add(&["-hide_banner", "-loglevel", "error", "-y"]);
    // Both inputs are known to the bit: to probe one would wait for what comes only when the other is read, too.
    let known = ["-probesize", "32", "-analyzeduration", "0", "-thread_queue_size", "16"];
    add(&known);
    add(&["-f", "rawvideo", "-pix_fmt", "yuv420p"]);
    add(&["-video_size", &format!("{width}x{height}"), "-framerate", &rate, "-i", "pipe:0"]);
    add(&known);
    add(&["-f", "s16le", "-ar", &SAMPLE_RATE.to_string(), "-ac", "2"]);
    add(&["-i", &format!("unix:{}", sound.display()), "-filter_complex", &filter(profile)]);
    for (index, rung) in profile.rungs.iter().enumerate() {
        add(&["-map", &format!("[v{index}]")]);
        let of = |name: &str| format!("-{name}:v:{index}");
        let (bitrate, buffer) = (rung.bitrate.to_string(), (rung.bitrate * 2).to_string());
        add(&[&of("c"), "libx264", &of("b"), &bitrate, &of("maxrate"), &bitrate, &of("bufsize"), &buffer]);
    }
    let gop = profile.gop_frames.to_string();
    add(&["-preset", "ultrafast", "-g", &gop, "-keyint_min", &gop, "-sc_threshold", "0", "-bf", "0"]);
    for (index, audio) in profile.audio.iter().enumerate() {
        let of = |name: &str| format!("-{name}:a:{index}");
        add(&["-map", &format!("[a{index}]"), &of("c"), "aac", &of("b"), &audio.bitrate.to_string()]);
        add(&[&of("ac"), &audio.channels.to_string()]);
    }
    add(&["-flags", "+global_header+cgop", "-f", "tee", outputs]);
    all
}

/// Each rung is scaled from the one picture; each rendition is the one sound.
fn filter(profile: &Profile) -> String {
    let count = profile.rungs.len();
    let outs = (0..count).map(|index| format!("[s{index}]")).collect::<String>();
    let mut filter = format!("[0:v]split={count}{outs}");
    for (index, rung) in profile.rungs.iter().enumerate() {
        filter.push_str(&format!(";[s{index}]scale={}:{}:flags=bilinear,setsar=1[v{index}]", rung.width, rung.height));
    }
    if !profile.audio.is_empty() {
        let outs = (0..profile.audio.len()).map(|index| format!("[a{index}]")).collect::<String>();
        filter.push_str(&format!(";[1:a]asplit={}{outs}", profile.audio.len()));
    }
    filter
}

/// One output of the tee. All of TS begins at the same offset, since its clock has no negative times.
fn output(track: TrackId, container: Container, place: &Path) -> String {
    let select = match track {
        TrackId::Video(index) => format!("v:{index}"),
        TrackId::Audio(index) => format!("a:{index}"),
    };
    let options = match (container, track) {
        (Container::Ts, TrackId::Video(_)) => format!("f=mpegts:bsfs=h264_mp4toannexb:{TABLES_ONCE}:{TS_TIMES}"),
        // Frame by frame: the cutter joins them, so that sound is cut where the picture is, to within a frame.
        (Container::Ts, TrackId::Audio(_)) => format!("f=mpegts:pes_payload_size=0:{TABLES_ONCE}:{TS_TIMES}"),
        (Container::Mp4, TrackId::Video(_)) => "f=mp4:movflags=+frag_keyframe+empty_moov+default_base_moof".to_owned(),
        (Container::Mp4, TrackId::Audio(_)) => {
            "f=mp4:movflags=+frag_every_frame+empty_moov+default_base_moof".to_owned()
        }
    };
    format!("[{options}:select=\\'{select}\\']unix:{}", place.display())
}

/// One picture with all its sound.
fn archive_output(archive: &Archive, place: &Path) -> String {
    let sound = archive.audio.iter().map(|index| format!(",a:{index}")).collect::<String>();
    let options = format!("f=mpegts:bsfs/v=h264_mp4toannexb:{TABLES_ONCE}:{TS_TIMES}");
    format!("[{options}:select=\\'v:{}{sound}\\']unix:{}", archive.rung, place.display())
}

/// At the beginning, and by themselves before each key frame.
const TABLES_ONCE: &str = "pat_period=100000:sdt_period=100000";
const TS_TIMES: &str = "output_ts_offset=10";
