//! One input's pictures: what a sender pushes, decoded to frames of the channel's size and rate, kept until the mixer
//! takes them.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ingest::Pushed;
use super::profile::Profile;

/// Samples of one second, and bytes of one sample on two channels.
pub const SAMPLE_RATE: usize = 48_000;
pub const SAMPLE_BYTES: usize = 4;

/// What is decoded and not yet shown.
#[derive(Default)]
pub struct Decoded {
    frames: VecDeque<Bytes>,
    samples: VecDeque<u8>,
    /// Frames that have come since the sender began.
    pub frames_in: u64,
    /// Bytes that the sender has sent, ever.
    pub bytes_in: u64,
    pub connected: bool,
    /// The mixer takes only when this many frames wait, so that an uneven sender does not stutter.
    primed: bool,
}

/// Frames that wait before the first is shown, and how many may wait at most.
const PRIME: usize = 5;
const MOST: usize = 24;
/// What is kept of a source that nobody shows: beyond `MOST`, so that the mixer is the one who drops frame and sound together.
const MOST_WAITING: usize = 2 * MOST;
/// The sound of five seconds, in bytes.
const MOST_SOUND: usize = 5 * SAMPLE_RATE * SAMPLE_BYTES;

impl Decoded {
    /// The next frame and the sound of `samples` samples beside it; nothing when no frame has come.
    pub fn take(&mut self, samples: usize) -> Option<(Bytes, Vec<u8>)> {
        if !self.primed && self.frames.len() < PRIME {
            return None;
        }
        self.primed = true;
        while self.frames.len() > MOST {
            self.frames.pop_front();
            self.sound(samples);
        }
        let Some(frame) = self.frames.pop_front() else {
            self.primed = false;
            return None;
        };
        Some((frame, self.sound(samples)))
    }

    fn sound(&mut self, samples: usize) -> Vec<u8> {
        let bytes = samples * SAMPLE_BYTES;
        let mut sound: Vec<u8> = self.samples.drain(..bytes.min(self.samples.len())).collect();
        sound.resize(bytes, 0);
        sound
    }

    fn restart(&mut self, connected: bool) {
        *self = Self { connected, bytes_in: self.bytes_in, ..Self::default() };
    }
}

/// Shared between decoder and mixer.
#[derive(Clone, Default)]
pub struct Source(Arc<Mutex<Decoded>>);

impl Source {
    pub fn lock(&self) -> MutexGuard<'_, Decoded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decodes whatever is pushed, one sender after the other, until the task is aborted.
pub async fn decode(
    mut pushed: mpsc::Receiver<Pushed>,
    source: Source,
    profile: Arc<Profile>,
    ffmpeg: PathBuf,
    folder: PathBuf,
) {
    let mut running: Option<Decoder> = None;
    while let Some(event) = pushed.recv().await {
        match event {
            Pushed::Began => {
                source.lock().restart(true);
                running = match Decoder::start(&source, &profile, &ffmpeg, &folder) {
                    Ok(decoder) => Some(decoder),
                    Err(error) => {
                        tracing::error!(%error, "the decoder did not start");
                        None
                    }
                };
            }
            Pushed::Flv(bytes) => {
                source.lock().bytes_in += bytes.len() as u64;
                if let Some(decoder) = &mut running
                    && let Err(error) = decoder.feed(&bytes).await
                {
                    tracing::warn!(%error, "the decoder does not take more");
                    running = None;
                }
            }
            Pushed::Ended => {
                running = None;
                source.lock().restart(false);
            }
        }
    }
}

/// One ffmpeg; killed when dropped.
struct Decoder {
    child: Child,
    _readers: JoinSet<()>,
}

impl Decoder {
    fn start(source: &Source, profile: &Profile, ffmpeg: &Path, folder: &Path) -> anyhow::Result<Self> {
        let sound = folder.join(format!("sound-{:08x}", rand::random::<u32>()));
        let listener = tokio::net::UnixListener::bind(&sound)?;
        let mut child = Command::new(ffmpeg)
            .args(arguments(profile, &sound))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let frames = child.stdout.take().ok_or_else(|| anyhow::anyhow!("BUG: the decoder has no output"))?;
        let (width, height) = profile.size();
        let size = (width * height * 3 / 2) as usize;
        let mut readers = JoinSet::new();
        readers.spawn(read_frames(frames, size, source.clone()));
        let source = source.clone();
        readers.spawn(async move {
            let connection = listener.accept().await;
            let _ = std::fs::remove_file(&sound);
            if let Ok((connection, _)) = connection {
                read_sound(connection, source).await;
            }
        });
        Ok(Self { child, _readers: readers })
    }

    async fn feed(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(bytes).await,
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// Frames fit the channel whatever the sender sends: scaled with bars, repeated or dropped to the channel's rate.
fn arguments(profile: &Profile, sound: &Path) -> Vec<String> {
    let (width, height) = profile.size();
    let (numerator, denominator) = profile.frame_rate;
    let filter = format!(
        "fps={numerator}/{denominator},scale={width}:{height}:force_original_aspect_ratio=decrease,\
         pad={width}:{height}:-1:-1,format=yuv420p"
    );
    let sound = format!("unix:{}", sound.display());
    let fixed =
        "-hide_banner -loglevel error -fflags nobuffer -probesize 300000 -analyzeduration 700000 -f flv -i pipe:0";
    let mut all: Vec<String> = fixed.split(' ').map(str::to_owned).collect();
    let video = ["-map", "0:v:0", "-vf", &filter, "-f", "rawvideo", "pipe:1"];
    let audio =
        ["-map", "0:a:0?", "-af", "aresample=async=1000:first_pts=0", "-ar", "48000", "-ac", "2", "-f", "s16le"];
    all.extend(video.iter().chain(&audio).map(|it| (*it).to_owned()));
    all.push(sound);
    all
}

async fn read_frames(mut from: impl AsyncRead + Unpin, size: usize, source: Source) {
    loop {
        let mut frame = vec![0; size];
        if from.read_exact(&mut frame).await.is_err() {
            return;
        }
        let mut decoded = source.lock();
        decoded.frames_in += 1;
        decoded.frames.push_back(Bytes::from(frame));
        // Nobody takes from a source that is not on air.
        while decoded.frames.len() > MOST_WAITING {
            decoded.frames.pop_front();
        }
    }
}

async fn read_sound(mut from: impl AsyncRead + Unpin, source: Source) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        let mut decoded = source.lock();
        decoded.samples.extend(&buffer[..read]);
        let over = decoded.samples.len().saturating_sub(MOST_SOUND);
        decoded.samples.drain(..over - over % SAMPLE_BYTES);
    }
}
