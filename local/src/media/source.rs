//! One input's pictures: what a sender pushes, or what is pulled, decoded to frames of the channel's size and rate, kept
//! until the mixer takes them.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// How many times in a row the mixer found more than it needs.
    late: usize,
}

/// What a sender begins with comes in one go and would be late for ever: while more than `PRIME` frames wait, one in so many is left
/// out.
const CATCH_UP: usize = 20;
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
        self.late = if self.frames.len() > PRIME { self.late + 1 } else { 0 };
        if self.late >= CATCH_UP {
            self.late = 0;
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

    pub fn restart(&mut self, connected: bool) {
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

/// How pictures are decoded.
#[derive(Clone)]
pub struct Decoding {
    pub profile: Arc<Profile>,
    pub ffmpeg: PathBuf,
    /// Where its sockets are.
    pub folder: PathBuf,
}

/// A decoder that has died is started again after this time at the soonest.
const AGAIN: Duration = Duration::from_secs(2);

/// Decodes whatever is pushed, one sender after the other, until the task is aborted.
pub async fn decode(mut pushed: mpsc::Receiver<Pushed>, source: Source, how: Decoding) {
    let mut running: Option<Decoder> = None;
    let mut headers = Headers::default();
    let mut started = Instant::now();
    while let Some(event) = pushed.recv().await {
        match event {
            Pushed::Began => {
                headers = Headers::default();
                source.lock().restart(true);
                (running, started) = (Decoder::pushed(&source, &how), Instant::now());
            }
            Pushed::Flv(bytes) => {
                source.lock().bytes_in += bytes.len() as u64;
                if running.is_none() && started.elapsed() > AGAIN {
                    tracing::warn!("a decoder died and is started again");
                    source.lock().restart(true);
                    (running, started) = (Decoder::pushed(&source, &how), Instant::now());
                    for header in headers.all() {
                        running = fed(running, header).await;
                    }
                }
                headers.note(&bytes);
                running = fed(running, &bytes).await;
            }
            Pushed::Ended => {
                running = None;
                source.lock().restart(false);
            }
        }
    }
}

/// The decoder, unless it takes no more.
async fn fed(decoder: Option<Decoder>, bytes: &[u8]) -> Option<Decoder> {
    let mut decoder = decoder?;
    match decoder.feed(bytes).await {
        Ok(()) => Some(decoder),
        Err(_) => None,
    }
}

/// What a decoder that begins in the middle of a stream has to know first: the file's header, and each track's own.
#[derive(Default)]
struct Headers {
    file: Option<Bytes>,
    video: Option<Bytes>,
    audio: Option<Bytes>,
}

impl Headers {
    /// FLV: a tag's first byte is its kind, its data begin at the twelfth. AVC and AAC say in the second byte of the data that
    /// these are a decoder's configuration.
    fn note(&mut self, bytes: &Bytes) {
        match (bytes.first(), bytes.get(11), bytes.get(12)) {
            (Some(b'F'), ..) => self.file = Some(bytes.clone()),
            (Some(9), Some(codec), Some(0)) if codec & 0x0f == 7 => self.video = Some(bytes.clone()),
            (Some(8), Some(codec), Some(0)) if codec >> 4 == 10 => self.audio = Some(bytes.clone()),
            _ => {}
        }
    }

    fn all(&self) -> impl Iterator<Item = &Bytes> {
        [&self.file, &self.video, &self.audio].into_iter().flatten()
    }
}

/// One ffmpeg; killed when dropped.
pub struct Decoder {
    child: Child,
    _readers: JoinSet<()>,
}

impl Decoder {
    fn pushed(source: &Source, how: &Decoding) -> Option<Self> {
        let from = "-fflags nobuffer -probesize 300000 -analyzeduration 700000 -f flv -i pipe:0";
        let from: Vec<String> = from.split(' ').map(str::to_owned).collect();
        Self::start(source, how, &from)
    }

    /// Decodes what ffmpeg reads by these arguments; nothing, and a line in the log, when it cannot be started.
    pub fn start(source: &Source, how: &Decoding, from: &[String]) -> Option<Self> {
        match Self::try_start(source, how, from) {
            Ok(decoder) => Some(decoder),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the decoder did not start");
                None
            }
        }
    }

    fn try_start(source: &Source, how: &Decoding, from: &[String]) -> anyhow::Result<Self> {
        let sound = how.folder.join(format!("sound-{:08x}", rand::random::<u32>()));
        let listener = tokio::net::UnixListener::bind(&sound)?;
        let mut child = Command::new(&how.ffmpeg)
            .args(["-hide_banner", "-loglevel", "error"])
            .args(from)
            .args(arguments(&how.profile, &sound))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let frames = child.stdout.take().ok_or_else(|| anyhow::anyhow!("BUG: the decoder has no output"))?;
        let (width, height) = how.profile.size();
        let size = (width * height * 3 / 2) as usize;
        let mut readers = JoinSet::new();
        readers.spawn(read_frames(frames, size, source.clone()));
        let (source, place) = (source.clone(), Socket(sound));
        readers.spawn(async move {
            let connection = listener.accept().await;
            drop(place);
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

    /// Whether ffmpeg has ended, for whatever reason.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// Removed when nobody is awaited there any more: a sender without sound never connects.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
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
    let video = ["-map", "0:v:0", "-vf", &filter, "-f", "rawvideo", "pipe:1"];
    let audio =
        ["-map", "0:a:0?", "-af", "aresample=async=1000:first_pts=0", "-ar", "48000", "-ac", "2", "-f", "s16le"];
    video.into_iter().chain(audio).map(str::to_owned).chain([sound]).collect()
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
