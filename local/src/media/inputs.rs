//! The inputs of a running channel: what the account says of them, what listens or fetches for them, and what came in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ingest::{self, Admission};
use super::pull::{self, Pull, Resolve};
use super::source::{self, Decoding, Source};
use crate::world::Region;
use crate::world::medialive::{Attachment, Channel, Input, InputType, Measured, SourceState};

/// How often what comes in is measured.
const MEASURE: Duration = Duration::from_secs(2);
/// Tags of RTMP that may wait for the decoder.
const TAGS_WAITING: usize = 512;

/// What the account says of an input that is attached to a running channel.
pub struct WantedInput {
    pub id: String,
    pub from: From,
    pub source: SourceState,
}

/// Where its picture comes from.
pub enum From {
    /// Port and admission of each endpoint.
    Push(Vec<(u16, Admission)>),
    /// What is fetched: each source's.
    Pull(Vec<Pull>),
    /// Nowhere, and why.
    Nobody(String),
}

impl WantedInput {
    /// Whether it listens all the time; what is pulled is fetched while it is on air.
    pub fn listens(&self) -> bool {
        matches!(self.from, From::Push(_))
    }

    pub fn of(region: &Region, channel: &Channel, attachment: &Attachment, resolve: &Resolve) -> Option<Self> {
        let input = region.medialive.inputs.get(&attachment.input_id)?;
        let from = match input.kind {
            InputType::RtmpPush => From::Push(endpoints(region, input)),
            InputType::UrlPull | InputType::RtmpPull | InputType::Mp4File => {
                let looped = ends_again(channel, attachment);
                let pulls = input.sources.iter().map(|source| Pull::of(input, &source.url, looped, resolve));
                match pulls.collect::<Result<Vec<_>, _>>() {
                    Ok(pulls) => From::Pull(pulls),
                    Err(why) => From::Nobody(why),
                }
            }
            other => From::Nobody(format!("{} is not simulated with a picture", other.as_str())),
        };
        Some(Self { id: input.id.clone(), from, source: input.source })
    }
}

fn endpoints(region: &Region, input: &Input) -> Vec<(u16, Admission)> {
    let groups = input.security_groups.iter().filter_map(|id| region.medialive.groups.get(id));
    let allowed: Vec<IpNet> = groups.flat_map(|group| &group.cidrs).filter_map(|cidr| cidr.parse().ok()).collect();
    let named = input.destinations.iter().zip(&input.stream_names);
    let endpoints = named.filter_map(|(destination, stream)| {
        let admission = Admission { stream: stream.clone(), allowed: allowed.clone() };
        Some((destination.port.parse().ok()?, admission))
    });
    endpoints.collect()
}

/// Whether a file begins again at its end.
fn ends_again(channel: &Channel, attachment: &Attachment) -> bool {
    let documents = channel.doc["inputAttachments"].as_array().into_iter().flatten();
    let mut documents = documents.filter(|it| it["inputAttachmentName"] == attachment.name.as_str());
    documents.any(|it| it["inputSettings"]["sourceEndBehavior"] == "LOOP")
}

/// An input that is listened or fetched for; ends when it is dropped.
pub struct RunningInput {
    sources: Vec<Source>,
    /// When it was last measured, and how many frames and bytes there were then.
    measured: (Instant, u64, u64),
    admissions: Vec<Arc<Mutex<Admission>>>,
    /// Whether what comes in passes through here, and is counted.
    counted: bool,
    _tasks: JoinSet<()>,
}

impl RunningInput {
    /// Opens the port of every endpoint. A port that somebody else holds costs that endpoint only.
    pub fn start(wanted: &WantedInput, how: &Decoding) -> Self {
        let mut input = Self {
            sources: Vec::new(),
            measured: (Instant::now(), 0, 0),
            admissions: Vec::new(),
            counted: matches!(wanted.from, From::Push(_)),
            _tasks: JoinSet::new(),
        };
        match &wanted.from {
            From::Push(endpoints) => endpoints.iter().for_each(|(port, admission)| {
                if let Err(error) = input.listen(*port, admission, how) {
                    tracing::error!(port, %error, input = wanted.id, "the input cannot listen");
                }
            }),
            From::Pull(pulls) => pulls.iter().for_each(|what| {
                let source = input.source();
                input._tasks.spawn(pull::pull(what.clone(), source, how.clone()));
            }),
            From::Nobody(why) => tracing::warn!(input = wanted.id, why, "the input has no picture here"),
        }
        input
    }

    fn listen(&mut self, port: u16, admission: &Admission, how: &Decoding) -> std::io::Result<()> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let admission = Arc::new(Mutex::new(admission.clone()));
        let (pushed, pushed_out) = mpsc::channel(TAGS_WAITING);
        let source = self.source();
        self._tasks.spawn(ingest::listen(listener, admission.clone(), pushed));
        self._tasks.spawn(source::decode(pushed_out, source, how.clone()));
        self.admissions.push(admission);
        Ok(())
    }

    fn source(&mut self) -> Source {
        let source = Source::default();
        self.sources.push(source.clone());
        source
    }

    /// Takes over allow-lists and names.
    pub fn admit(&self, wanted: &WantedInput) {
        if let From::Push(endpoints) = &wanted.from {
            for (admission, (_, wanted)) in self.admissions.iter().zip(endpoints) {
                wanted.clone_into(&mut admission.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// What has come in since it was asked last, once in a while.
    pub fn measure(&mut self) -> Option<Measured> {
        let (at, frames, bytes) = self.measured;
        let seconds = at.elapsed().as_secs_f64();
        if seconds < MEASURE.as_secs_f64() {
            return None;
        }
        let now = self.connected().map_or((0, 0), |source| {
            let decoded = source.lock();
            (decoded.frames_in, decoded.bytes_in)
        });
        self.measured = (Instant::now(), now.0, now.1);
        // A sender that came back begins to count anew.
        let per_second = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        let megabits = self.counted.then(|| per_second(now.1, bytes) * 8.0 / 1e6);
        Some(Measured { frame_rate: per_second(now.0, frames), megabits })
    }

    /// The first endpoint with a sender.
    pub fn connected(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.lock().connected)
    }
}
