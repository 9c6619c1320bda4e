//! What a channel shows in the end while its input is lost: one colour, or the picture that it names. The picture is fetched
//! once, from the simulated S3 or from a stand-in (`--resolve`); until it is there, and if it cannot be had, it is a colour.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use tokio::process::Command;

use super::profile::Profile;
use super::pull::{self, Resolve};
use crate::cloud::Cloud;

/// A frame, once it is there.
pub type Slate = Arc<OnceLock<Bytes>>;

/// How it is fetched.
pub struct Fetch {
    pub cloud: Arc<Cloud>,
    pub resolve: Resolve,
    pub ffmpeg: PathBuf,
    pub folder: PathBuf,
    pub profile: Arc<Profile>,
}

/// Fetches the profile's slate, if it has one; a line in the log says why there is none.
pub async fn fetch(how: Fetch, slate: Slate) {
    let Some(uri) = how.profile.loss.slate.clone() else { return };
    match how.frame(&uri).await {
        Ok(frame) => {
            let _ = slate.set(frame);
        }
        Err(error) => tracing::warn!(uri, error = format!("{error:#}"), "the slate is a plain colour"),
    }
}

impl Fetch {
    async fn frame(&self, uri: &str) -> anyhow::Result<Bytes> {
        let file = self.folder.join("slate");
        let from = match uri.strip_prefix("s3ssl://").or_else(|| uri.strip_prefix("s3://")) {
            Some(place) => {
                let (bucket, key) = place.split_once('/').context("no key")?;
                let object = self.cloud.s3.read(bucket, key).context("there is no such object")?;
                std::fs::write(&file, object)?;
                vec!["-i".to_owned(), file.display().to_string()]
            }
            None => pull::over_http(uri, &self.resolve).map_err(anyhow::Error::msg)?,
        };
        let (width, height) = self.profile.size();
        let filter = format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,format=yuv420p"
        );
        let mut ffmpeg = Command::new(&self.ffmpeg);
        ffmpeg.args(["-hide_banner", "-loglevel", "error"]).args(from).args(["-frames:v", "1", "-vf", &filter]);
        ffmpeg.args(["-f", "rawvideo", "pipe:1"]).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let frame = ffmpeg.output().await?.stdout;
        let _ = std::fs::remove_file(&file);
        ensure!(frame.len() == (width * height * 3 / 2) as usize, "it is no picture");
        Ok(Bytes::from(frame))
    }
}
