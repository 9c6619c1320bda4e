//! The archive group: one rung with its sound as MPEG-TS, in pieces that are closed at the first key frame after the rollover
//! interval, or when the channel stops. Only then a piece is seen in the bucket (aws-facts 1.10).

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::chunks::{Cut, TsCutter};
use super::profile::Archive;
use crate::cloud::Cloud;
use crate::wire::StoredFile;

/// All archives together take so much of this machine's disk at most.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Writes pieces; the last is closed when it is dropped.
pub struct Archivist {
    cloud: Arc<Cloud>,
    archive: Archive,
    /// Where the pieces lie.
    folder: PathBuf,
    /// Pieces are numbered from the start of the channel on, whatever becomes of its encoder.
    count: Arc<AtomicU32>,
    piece: Option<Piece>,
}

struct Piece {
    file: std::fs::File,
    path: PathBuf,
    size: u64,
    /// In seconds of the run.
    start: f64,
}

impl Archivist {
    pub fn new(cloud: Arc<Cloud>, archive: Archive, folder: PathBuf, count: Arc<AtomicU32>) -> Self {
        Self { cloud, archive, folder, count, piece: None }
    }

    /// Keeps what the encoder writes, to its end.
    ///
    /// # Errors
    /// Bytes that are not MPEG-TS, or a disk that is full.
    pub async fn keep(mut self, mut from: impl AsyncRead + Unpin) -> anyhow::Result<()> {
        let mut cutter = TsCutter::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            for cut in cutter.push(&buffer[..read])? {
                self.write(&cut)?;
            }
        }
    }

    /// # Errors
    /// A file that cannot be written.
    pub fn write(&mut self, cut: &Cut) -> anyhow::Result<()> {
        let Cut::Chunk { start, data } = cut else { return Ok(()) };
        if self.piece.as_ref().is_some_and(|piece| start - piece.start >= self.archive.rollover.as_secs_f64()) {
            self.close();
        }
        let piece = match &mut self.piece {
            Some(piece) => piece,
            none => {
                std::fs::create_dir_all(&self.folder).with_context(|| self.folder.display().to_string())?;
                let path = self.folder.join(format!("{:016x}", rand::random::<u64>()));
                let file = std::fs::File::create_new(&path).with_context(|| path.display().to_string())?;
                none.insert(Piece { file, path, size: 0, start: *start })
            }
        };
        piece.file.write_all(data).with_context(|| piece.path.display().to_string())?;
        piece.size += data.len() as u64;
        Ok(())
    }

    /// Puts the piece that is open into the bucket; where there is no such bucket it is lost, as on AWS.
    fn close(&mut self) {
        let Some(piece) = self.piece.take() else { return };
        let file = Arc::new(StoredFile { path: piece.path, size: piece.size });
        let s3 = &self.cloud.s3;
        if s3.bytes_in_files() + piece.size > MOST_BYTES {
            tracing::error!("archives take {MOST_BYTES} bytes: what comes is not kept; empty the bucket");
            return;
        }
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        for (bucket, key) in &self.archive.places {
            let key = format!("{key}.{number:06}.{}", self.archive.extension);
            if !s3.put_file(bucket, &key, file.clone(), "video/MP2T", self.cloud.now()) {
                tracing::error!(bucket, key, "the archive has no bucket");
            }
        }
    }
}

impl Drop for Archivist {
    fn drop(&mut self) {
        self.close();
    }
}
