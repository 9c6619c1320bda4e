//! What the encoders have made and viewers may still ask for: one entry per packaging channel, a file per chunk.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use bytes::Bytes;

use super::chunks::{Container, Cut, ROUNDING_SECONDS};
use super::profile::Profile;
use crate::world::Ms;

/// A track of a channel: a rung or a rendition, by its place in the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrackId {
    Video(usize),
    Audio(usize),
}

impl TrackId {
    pub fn word(self) -> String {
        match self {
            Self::Video(index) => format!("v{index}"),
            Self::Audio(index) => format!("a{index}"),
        }
    }
}

/// Everything live, by the id of the packaging channel.
#[derive(Default)]
pub struct Library(Mutex<BTreeMap<String, Arc<Live>>>);

impl Library {
    pub fn put(&self, packaging: &str, live: Arc<Live>) {
        self.lock().insert(packaging.to_owned(), live);
    }

    /// Unless somebody has put another one there meanwhile.
    pub fn remove(&self, packaging: &str, live: &Arc<Live>) {
        let mut all = self.lock();
        if all.get(packaging).is_some_and(|there| Arc::ptr_eq(there, live)) {
            all.remove(packaging);
        }
    }

    pub fn get(&self, packaging: &str) -> Option<Arc<Live>> {
        self.lock().get(packaging).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One run of a channel's encoder.
pub struct Live {
    pub profile: Arc<Profile>,
    /// Program date-time of the first frame.
    pub began: Ms,
    folder: PathBuf,
    /// For how long chunks are kept, in seconds.
    kept: f64,
    tracks: Mutex<BTreeMap<(TrackId, Container), Track>>,
}

#[derive(Default)]
struct Track {
    init: Option<Bytes>,
    chunks: VecDeque<Chunk>,
    made: u64,
}

#[derive(Clone, Debug)]
struct Chunk {
    start: f64,
    file: PathBuf,
}

/// A segment that is complete: the chunks in it, and when it begins and ends (seconds).
#[derive(Clone, Debug)]
pub struct Segment {
    pub number: u64,
    pub start: f64,
    pub end: f64,
    files: Vec<PathBuf>,
}

impl Segment {
    pub fn seconds(&self) -> f64 {
        self.end - self.start
    }

    /// Its bytes.
    ///
    /// # Errors
    /// A chunk that is no longer kept.
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for file in &self.files {
            bytes.extend(std::fs::read(file)?);
        }
        Ok(bytes)
    }
}

impl Live {
    /// # Errors
    /// A folder that cannot be made.
    pub fn new(profile: Arc<Profile>, began: Ms, folder: PathBuf, kept: f64) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { profile, began, folder, kept, tracks: Mutex::default() })
    }

    pub fn tracks(&self) -> Vec<TrackId> {
        let rungs = (0..self.profile.rungs.len()).map(TrackId::Video);
        rungs.chain((0..self.profile.audio.len()).map(TrackId::Audio)).collect()
    }

    /// Keeps what was cut, and removes what is too old.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, track: TrackId, container: Container, cut: Cut) -> anyhow::Result<()> {
        let mut tracks = self.lock();
        let kept = tracks.entry((track, container)).or_default();
        match cut {
            Cut::Init(init) => kept.init = Some(init),
            Cut::Chunk { start, data } => {
                let file = self.folder.join(format!("{}-{}.{}", track.word(), kept.made, container.word()));
                std::fs::write(&file, &data).with_context(|| format!("{} cannot be written", file.display()))?;
                kept.made += 1;
                kept.chunks.push_back(Chunk { start, file });
                while kept.chunks.front().is_some_and(|chunk| chunk.start < start - self.kept) {
                    if let Some(old) = kept.chunks.pop_front() {
                        let _ = std::fs::remove_file(old.file);
                    }
                }
            }
        }
        Ok(())
    }

    pub fn init(&self, track: TrackId) -> Option<Bytes> {
        self.lock().get(&(track, Container::Mp4))?.init.clone()
    }

    /// Complete segments of `seconds` of one track, oldest first. Numbers count from the first frame.
    pub fn segments(&self, track: TrackId, container: Container, seconds: f64) -> Vec<Segment> {
        let tracks = self.lock();
        let Some(track) = tracks.get(&(track, container)) else {
            return Vec::new();
        };
        let mut segments: Vec<Segment> = Vec::new();
        for chunk in &track.chunks {
            let number = ((chunk.start + ROUNDING_SECONDS) / seconds).floor().max(0.0) as u64;
            match segments.last_mut() {
                Some(last) if last.number == number => last.files.push(chunk.file.clone()),
                last => {
                    if let Some(last) = last {
                        last.end = chunk.start;
                    }
                    let files = vec![chunk.file.clone()];
                    segments.push(Segment { number, start: chunk.start, end: chunk.start, files });
                }
            }
        }
        // The last is still being made; the first has lost its beginning, unless it is the very first.
        segments.pop();
        if segments.first().is_some_and(|first| first.start > first.number as f64 * seconds + 0.3) {
            segments.remove(0);
        }
        segments
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(TrackId, Container), Track>> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
