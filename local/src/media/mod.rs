//! Real pictures for the simulated account: what a running channel, its packager and its distribution do with video.
//!
//! ```text
//! RTMP sender ─► ingest ─► decoder ─┐                         ┌─► chunks ─► library ─► packager ─► cdn ─► player
//!                                   ├─► mixer ─► encoder ─────┤
//! another input ───────► decoder ───┘  (one picture at a time)└─► one file per track and chunk
//! ```
//!
//! Codecs are ffmpeg's. Which source is on air is chosen before the encoder, so that a switch or a loss never restarts
//! it. Time in the media is time since the channel began to encode: `Live::began` is its program date-time.

mod archive;
mod cdn;
mod channels;
mod chunks;
mod encoder;
mod ingest;
mod inputs;
mod library;
mod manifests;
mod mixer;
mod packager;
mod profile;
mod pull;
mod slate;
mod source;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use pull::Resolve;

/// How pictures are made.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Where viewers find every distribution, by the host `<domain>.localhost`; 0 takes a free port.
    pub cdn_port: u16,
    /// The first port that push inputs listen on.
    pub first_ingest_port: u16,
    /// Rungs above this many lines are left out.
    pub max_height: u32,
    /// The program, by name or path.
    pub ffmpeg: PathBuf,
    /// Stand-ins on this machine for hosts that inputs pull from.
    pub resolve: Resolve,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            cdn_port: 8081,
            first_ingest_port: 19_350,
            max_height: 720,
            ffmpeg: PathBuf::from("ffmpeg"),
            resolve: Resolve::new(),
        }
    }
}

/// Whether pictures can be made, or what is missing for them.
///
/// # Errors
/// The program that does not run, and the package that brings it.
pub fn available(config: &MediaConfig) -> Result<(), String> {
    let mut ffmpeg = std::process::Command::new(&config.ffmpeg);
    match ffmpeg.arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("{} does not run; install it for pictures: apt-get install ffmpeg", config.ffmpeg.display())),
    }
}

/// Pictures being made; ends with it.
pub struct Media {
    /// `http://127.0.0.1:PORT`; which distribution is meant, the host header says.
    pub cdn_url: String,
    folder: PathBuf,
    tasks: JoinSet<()>,
}

impl Media {
    /// Listens for viewers, and from now on follows what the account's channels do.
    ///
    /// # Errors
    /// A port that is taken, or a folder that cannot be made.
    pub async fn start(cloud: Arc<Cloud>, config: MediaConfig) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("headend-media-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let library = Arc::new(library::Library::default());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", config.cdn_port))
            .await
            .with_context(|| format!("port {} of the CDN is taken; choose another with --cdn-port", config.cdn_port))?;
        let cdn_url = format!("http://{}", listener.local_addr()?);
        let mut tasks = JoinSet::new();
        tasks.spawn(cdn::serve(listener, cloud.clone(), library.clone()));
        tasks.spawn(channels::follow(cloud, config, library, folder.clone()));
        Ok(Self { cdn_url, folder, tasks })
    }

    /// Ends every process and removes every file of it.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
        // The encoders are dead, but what they wrote last may still be on its way into a file.
        tokio::time::sleep(LAST_WRITES).await;
    }
}

const LAST_WRITES: Duration = Duration::from_millis(100);

impl Drop for Media {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
