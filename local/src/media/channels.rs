//! Follows the account's channels: what runs listens and encodes, what has stopped leaves nothing behind.
//!
//! Both pipelines of a STANDARD channel listen; one encoder serves both, taking the first pipeline that has a sender.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::MediaConfig;
use super::encoder::Encoder;
use super::ingest::{self, Admission};
use super::library::{Library, Live};
use super::mixer::OnAir;
use super::profile::Profile;
use super::source::{self, Source};
use crate::cloud::Cloud;
use crate::world::medialive::{Channel, InputType, Measured, SourceState};
use crate::world::{Region, World};

/// How often the account is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often what comes in is measured.
const MEASURE: Duration = Duration::from_secs(2);
/// After what time something that did not start is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Tags of RTMP that may wait for the decoder.
const TAGS_WAITING: usize = 512;
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
        let wanted: BTreeMap<Key, Wanted> = rig.cloud.peek(wanted);
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

struct WantedInput {
    id: String,
    /// Port and admission of each endpoint.
    endpoints: Vec<(u16, Admission)>,
    source: SourceState,
}

fn wanted(world: &World) -> BTreeMap<Key, Wanted> {
    let mut all = BTreeMap::new();
    for (name, region) in &world.regions {
        for channel in region.medialive.channels.values().filter(|channel| channel.pipelines_running() > 0) {
            all.insert((name.clone(), channel.id.clone()), of_channel(region, channel));
        }
    }
    all
}

fn of_channel(region: &Region, channel: &Channel) -> Wanted {
    let attached = channel.attachments.iter().filter_map(|it| region.medialive.inputs.get(&it.input_id));
    let inputs = attached.filter(|input| input.kind == InputType::RtmpPush).map(|input| {
        let groups = input.security_groups.iter().filter_map(|id| region.medialive.groups.get(id));
        let allowed: Vec<IpNet> = groups.flat_map(|group| &group.cidrs).filter_map(|cidr| cidr.parse().ok()).collect();
        let endpoints = input.destinations.iter().zip(&input.stream_names).filter_map(|(destination, stream)| {
            let admission = Admission { stream: stream.clone(), allowed: allowed.clone() };
            Some((destination.port.parse().ok()?, admission))
        });
        WantedInput { id: input.id.clone(), endpoints: endpoints.collect(), source: input.source }
    });
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
    encoder: Option<Encoding>,
    /// When the encoder was started last.
    started: Instant,
    runs: u32,
    _folder: Folder,
}

/// Removed with everything in it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct RunningInput {
    sources: Vec<Source>,
    /// When it was last measured, and how many frames and bytes there were then.
    measured: (Instant, u64, u64),
    admissions: Vec<Arc<Mutex<Admission>>>,
    _tasks: JoinSet<()>,
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
            encoder: None,
            started: Instant::now(),
            runs: 0,
            profile,
            _folder: Folder(rig.folder.join(&key.1)),
        };
        running.listen(rig, wanted)?;
        running.encode(rig, wanted)?;
        running.update(rig, wanted);
        Ok(running)
    }

    /// Opens the port of every endpoint. A port that somebody else holds costs that endpoint only.
    fn listen(&mut self, rig: &Rig, wanted: &Wanted) -> anyhow::Result<()> {
        let folder = rig.folder.join(&self.key.1);
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for input in &wanted.inputs {
            let mut tasks = JoinSet::new();
            let (mut sources, mut admissions) = (Vec::new(), Vec::new());
            for (port, admission) in &input.endpoints {
                let listener = match bind(*port) {
                    Ok(listener) => listener,
                    Err(error) => {
                        tracing::error!(port, %error, input = input.id, "the input cannot listen");
                        continue;
                    }
                };
                let admission = Arc::new(Mutex::new(admission.clone()));
                let (pushed, pushed_out) = mpsc::channel(TAGS_WAITING);
                let source = Source::default();
                tasks.spawn(ingest::listen(listener, admission.clone(), pushed));
                let (ffmpeg, folder) = (rig.config.ffmpeg.clone(), folder.clone());
                tasks.spawn(source::decode(pushed_out, source.clone(), self.profile.clone(), ffmpeg, folder));
                sources.push(source);
                admissions.push(admission);
            }
            self.inputs.insert(
                input.id.clone(),
                RunningInput { sources, measured: (Instant::now(), 0, 0), admissions, _tasks: tasks },
            );
        }
        Ok(())
    }

    /// Starts an encoder: a new run, with a program date-time of its own.
    fn encode(&mut self, rig: &Rig, wanted: &Wanted) -> anyhow::Result<()> {
        self.runs += 1;
        self.started = Instant::now();
        let folder = rig.folder.join(&self.key.1).join(format!("run-{}", self.runs));
        let kept = wanted.startover_seconds + SPARE_SECONDS;
        let live = Arc::new(Live::new(self.profile.clone(), rig.cloud.now(), folder.clone(), kept)?);
        let encoder = Encoder::start(&self.profile, self.on_air.clone(), &live, &rig.config.ffmpeg, &folder)?;
        for packaging in &wanted.packaging {
            rig.library.put(packaging, live.clone());
        }
        let packaging = wanted.packaging.clone();
        self.encoder = Some(Encoding { encoder, live, library: rig.library.clone(), packaging });
        Ok(())
    }

    /// Takes over what has changed: allow-lists, the input on air, senders that came or went, an encoder that died.
    fn update(&mut self, rig: &Rig, wanted: &Wanted) {
        let region = &self.key.0;
        for input in &wanted.inputs {
            let Some(running) = self.inputs.get_mut(&input.id) else { continue };
            if let Some(signal) = running.measure() {
                rig.cloud.with_world(|world, _| world.measure_source(region, &input.id, signal));
            }
            for (admission, (_, wanted)) in running.admissions.iter().zip(&input.endpoints) {
                wanted.clone_into(&mut admission.lock().unwrap_or_else(PoisonError::into_inner));
            }
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
            if let Err(error) = self.encode(rig, wanted) {
                tracing::error!(channel = self.key.1, error = format!("{error:#}"), "the encoder does not start");
            }
        }
    }
}

impl RunningInput {
    /// What has come in since it was asked last, once in a while.
    fn measure(&mut self) -> Option<Measured> {
        let (at, frames, bytes) = self.measured;
        let seconds = at.elapsed().as_secs_f64();
        if seconds < MEASURE.as_secs_f64() {
            return None;
        }
        let source = self.sources.iter().find(|source| source.lock().connected);
        let now = source.map_or((0, 0), |source| {
            let decoded = source.lock();
            (decoded.frames_in, decoded.bytes_in)
        });
        self.measured = (Instant::now(), now.0, now.1);
        // A sender that came back begins to count anew.
        let per_second = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        Some(Measured { frame_rate: per_second(now.0, frames), megabits: per_second(now.1, bytes) * 8.0 / 1e6 })
    }

    /// The first endpoint with a sender.
    fn connected(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.lock().connected)
    }
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
