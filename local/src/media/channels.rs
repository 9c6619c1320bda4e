//! Follows the account's channels: what runs listens and encodes, what has stopped leaves nothing behind.
//!
//! Both pipelines of a STANDARD channel listen; one encoder serves both, taking the first pipeline that has a sender.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use super::MediaConfig;
use super::archive::Archivist;
use super::encoder::Encoder;
use super::inputs::{RunningInput, WantedInput};
use super::library::{Library, Live};
use super::mixer::OnAir;
use super::profile::Profile;
use super::pull::Resolve;
use super::slate::{self, Fetch, Slate};
use super::source::Decoding;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::world::medialive::{Channel, SourceState};
use crate::world::{Region, World};

/// How often the account is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// After what time something that did not start is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Longer than any start-over window would fill the disk; manifests reach back this far at most.
const MOST_KEPT_SECONDS: f64 = 1800.0;
/// What is kept beyond the longest window, for players that are behind.
const SPARE_SECONDS: f64 = 60.0;

/// Where a channel runs and which it is.
type Key = (String, String);

/// Follows until the task is aborted.
pub async fn follow(cloud: Arc<Cloud>, config: MediaConfig, library: Arc<Library>, folder: PathBuf) {
    let rig = Rig { cloud, config, library, folder };
    let mut running: BTreeMap<Key, Running> = BTreeMap::new();
    // Channels that could not start, and when they are tried again.
    let mut resting: BTreeMap<Key, Instant> = BTreeMap::new();
    loop {
        let wanted: BTreeMap<Key, Wanted> = rig.cloud.peek(|world| wanted(world, &rig.config.resolve));
        running.retain(|key, _| wanted.contains_key(key));
        resting.retain(|key, until| wanted.contains_key(key) && *until > Instant::now());
        for (key, wanted) in wanted.into_iter().filter(|(key, _)| !resting.contains_key(key)).collect::<Vec<_>>() {
            match running.get_mut(&key) {
                Some(channel) => channel.update(&rig, &wanted),
                None => match Running::start(&rig, &key, &wanted) {
                    Ok(channel) => {
                        running.insert(key, channel);
                    }
                    Err(error) => {
                        tracing::error!(channel = key.1, error = format!("{error:#}"), "no pictures");
                        resting.insert(key, Instant::now() + AGAIN);
                    }
                },
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

struct Rig {
    cloud: Arc<Cloud>,
    config: MediaConfig,
    library: Arc<Library>,
    folder: PathBuf,
}

/// What the account says of a channel that runs.
struct Wanted {
    channel: Channel,
    /// In the order of the attachments.
    inputs: Vec<WantedInput>,
    /// The input on air.
    active: Option<String>,
    packaging: Vec<String>,
    startover_seconds: f64,
}

fn wanted(world: &World, resolve: &Resolve) -> BTreeMap<Key, Wanted> {
    let mut all = BTreeMap::new();
    for (name, region) in &world.regions {
        for channel in region.medialive.channels.values().filter(|channel| channel.pipelines_running() > 0) {
            all.insert((name.clone(), channel.id.clone()), of_channel(region, channel, resolve));
        }
    }
    all
}

fn of_channel(region: &Region, channel: &Channel, resolve: &Resolve) -> Wanted {
    let attached = channel.attachments.iter();
    let inputs = attached.filter_map(|attachment| WantedInput::of(region, channel, attachment, resolve));
    let packaging: Vec<String> = channel.packaging.iter().map(|to| to.channel_id.clone()).collect();
    let endpoints = region.mediapackage.endpoints.values().filter(|it| packaging.contains(&it.channel_id));
    let startover = endpoints.filter_map(|endpoint| endpoint.doc["startoverWindowSeconds"].as_f64());
    Wanted {
        inputs: inputs.collect(),
        active: channel.active_attachment().map(|attachment| attachment.input_id.clone()),
        startover_seconds: startover.fold(60.0, f64::max).min(MOST_KEPT_SECONDS),
        packaging,
        channel: channel.clone(),
    }
}

/// A channel that is being encoded; everything of it ends when it is dropped.
struct Running {
    key: Key,
    profile: Arc<Profile>,
    inputs: BTreeMap<String, RunningInput>,
    on_air: OnAir,
    slate: Slate,
    _fetching: JoinSet<()>,
    encoder: Option<Encoding>,
    /// When the encoder was started last.
    started: Instant,
    runs: u32,
    /// How many pieces the archive has.
    archived: Arc<AtomicU32>,
    _folder: Folder,
}

/// Removed with everything in it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Encoding {
    encoder: Encoder,
    live: Arc<Live>,
    library: Arc<Library>,
    packaging: Vec<String>,
}

impl Drop for Encoding {
    fn drop(&mut self) {
        for packaging in &self.packaging {
            self.library.remove(packaging, &self.live);
        }
    }
}

impl Running {
    fn start(rig: &Rig, key: &Key, wanted: &Wanted) -> anyhow::Result<Self> {
        let profile = Profile::of(&wanted.channel.doc, rig.config.max_height).map_err(anyhow::Error::msg)?;
        if !profile.left_out.is_empty() {
            let (rungs, most) = (profile.left_out.join(", "), rig.config.max_height);
            tracing::warn!(channel = key.1, rungs, most, "larger than --max-height: not encoded here");
        }
        let profile = Arc::new(profile);
        let mut running = Self {
            key: key.clone(),
            inputs: BTreeMap::new(),
            on_air: OnAir::default(),
            slate: Slate::default(),
            _fetching: JoinSet::new(),
            encoder: None,
            started: Instant::now(),
            runs: 0,
            archived: Arc::default(),
            profile,
            _folder: Folder(rig.folder.join(&key.1)),
        };
        running.encode(rig, wanted)?;
        let fetch = Fetch {
            cloud: rig.cloud.clone(),
            resolve: rig.config.resolve.clone(),
            ffmpeg: rig.config.ffmpeg.clone(),
            folder: rig.folder.join(&key.1),
            profile: running.profile.clone(),
        };
        running._fetching.spawn(slate::fetch(fetch, running.slate.clone()));
        running.update(rig, wanted);
        Ok(running)
    }

    /// Listens at every push input, and fetches what is pulled and on air.
    fn tend(&mut self, rig: &Rig, wanted: &Wanted) {
        for input in &wanted.inputs {
            let is_wanted = input.listens() || wanted.active.as_ref() == Some(&input.id);
            if !is_wanted {
                self.inputs.remove(&input.id);
            } else if !self.inputs.contains_key(&input.id) {
                let folder = rig.folder.join(&self.key.1);
                let how = Decoding { profile: self.profile.clone(), ffmpeg: rig.config.ffmpeg.clone(), folder };
                self.inputs.insert(input.id.clone(), RunningInput::start(input, &how));
            }
        }
    }

    /// Starts an encoder: a new run, with a program date-time of its own.
    fn encode(&mut self, rig: &Rig, wanted: &Wanted) -> anyhow::Result<()> {
        self.runs += 1;
        self.started = Instant::now();
        let folder = rig.folder.join(&self.key.1).join(format!("run-{}", self.runs));
        let kept = wanted.startover_seconds + SPARE_SECONDS;
        let live = Arc::new(Live::new(self.profile.clone(), rig.cloud.now(), folder.clone(), kept)?);
        let archive = self.profile.archive.clone();
        let place = rig.folder.join("archive");
        let archivist = archive.map(|it| Archivist::new(rig.cloud.clone(), it, place, self.archived.clone()));
        let encoder = Encoder::start(
            &self.profile,
            (self.on_air.clone(), self.slate.clone()),
            &live,
            archivist,
            &rig.config.ffmpeg,
            &folder,
        )?;
        for packaging in &wanted.packaging {
            rig.library.put(packaging, live.clone());
        }
        let packaging = wanted.packaging.clone();
        self.encoder = Some(Encoding { encoder, live, library: rig.library.clone(), packaging });
        Ok(())
    }

    /// Takes over what has changed: allow-lists, the input on air, senders that came or went, an encoder that died.
    fn update(&mut self, rig: &Rig, wanted: &Wanted) {
        self.tend(rig, wanted);
        let region = &self.key.0;
        for input in &wanted.inputs {
            let Some(running) = self.inputs.get_mut(&input.id) else { continue };
            if let Some(signal) = running.measure() {
                rig.cloud.with_world(|world, _| world.measure_source(region, &input.id, signal));
            }
            running.admit(input);
            let state = if running.connected().is_some() { SourceState::On } else { SourceState::Off };
            if state != input.source {
                let set = rig.cloud.with_world(|world, now| world.set_source(region, now, &input.id, state));
                if let Err(error) = set {
                    tracing::warn!(input = input.id, error = error.message, "the account does not know the input");
                }
            }
        }
        let active = wanted.active.as_ref().and_then(|id| self.inputs.get(id));
        self.on_air.switch(active.and_then(RunningInput::connected).cloned());
        let died = self.encoder.as_mut().is_none_or(|encoding| encoding.encoder.has_died());
        if died && self.started.elapsed() > AGAIN {
            self.encoder = None;
            let failed = rig.cloud.with_world(|world, now| world.fail_pipeline(region, now, &self.key.1, 0));
            tracing::warn!(channel = self.key.1, known = failed.is_ok(), "the encoder died and is started again");
            // A channel whose only pipeline recovers has none that runs, and begins when it is back.
            let alone = failed.is_ok() && wanted.channel.pipelines_running() == 1;
            if !alone && let Err(error) = self.encode(rig, wanted) {
                tracing::error!(channel = self.key.1, error = format!("{error:#}"), "the encoder does not start");
            }
        }
    }
}
