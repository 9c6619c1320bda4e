//! `cargo xtask soak`: one platform on air again and again, then for long, and what that leaves behind in the local cloud:
//! processes, ports, file handles, temporary files, memory. Reads /proc, so it needs Linux; and ffmpeg.

use crate::stack::{self, Running};
use crate::{procfs, push};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use procfs::Held;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::{Duration, Instant};

#[derive(Args, Clone)]
pub struct Options {
    /// How often the channel is started and stopped.
    #[arg(long, default_value_t = 20)]
    pub lives: u32,
    /// How long it plays after that; memory is judged from three minutes on.
    #[arg(long, default_value_t = 10)]
    pub minutes: u32,
}

/// Handles are compared with those after this life: before it, connections are still being opened.
const WARM_LIVES: usize = 2;
/// More than one platform's inputs take.
const INPUT_PORTS: u16 = 16;
/// Seconds of picture in each life.
const PUSHED_SECS: u32 = 4;
/// Of all looks of the viewer, those that get a picture; the first seconds after a start have none.
const LEAST_SEEN: f64 = 0.9;
/// The last minute's memory, as a multiple of the second's.
const MOST_GROWTH: f64 = 1.05;
const PATIENCE: Duration = Duration::from_secs(240);
/// What a life leaves goes within this time, or it is left.
const SETTLING: Duration = Duration::from_secs(20);
/// How often the viewer asks, and memory is read.
const LOOK: Duration = Duration::from_secs(2);

pub fn run(options: &Options) -> Result<()> {
    stack::build()?;
    ensure!(crate::tools::answers("ffmpeg", &["-version"]), "ffmpeg is missing; install it: apt-get install ffmpeg");
    // Below the ports that the system gives to whoever asks for any: the local cloud's other listeners are not inputs.
    let port = 20_000 + u16::try_from(std::process::id() % 10_000)?;
    let settings = ["--media", "--cdn-port=0", "--max-height=240", "--speed=60"].map(str::to_owned);
    let cloud = Running::start(&[settings.as_slice(), &[format!("--ingest-port={port}")]].concat())?;
    let inputs = port..port.saturating_add(INPUT_PORTS);
    let mut soak = Soak {
        agent: agent(),
        cloud,
        inputs,
        id: String::new(),
        violations: Vec::new(),
        rested: usize::MAX,
        files: usize::MAX,
    };
    soak.create()?;
    soak.lives(options.lives)?;
    if options.minutes > 0 {
        soak.play(options.minutes)?;
    }
    let id = soak.cloud.id();
    let violations = std::mem::take(&mut soak.violations);
    drop(soak);
    let left = procfs::temporary_files(id);
    ensure!(left == 0, "{left} temporary files are left when the local cloud has ended");
    ensure!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
    println!("nothing is left behind");
    Ok(())
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.timeout_global(Some(Duration::from_secs(30))).build().into()
}

struct Soak {
    agent: ureq::Agent,
    cloud: Running,
    /// Ports that inputs are given.
    inputs: Range<u16>,
    id: String,
    violations: Vec<String>,
    /// Handles and temporary files with the channel at rest, after the first lives.
    rested: usize,
    files: usize,
}

impl Soak {
    fn create(&mut self) -> Result<()> {
        let rung = json!({"name": "240p", "width": 426, "height": 240, "bitrate": 400_000});
        let platform = json!({
            "name": "soak",
            "inputs": [{"name": "studio", "type": "RTMP_PUSH", "allowFrom": ["127.0.0.1/32"]}],
            "ladder": {"frameRate": 25, "gopSeconds": 1, "rungs": [rung]},
            "endpoints": {"hls": {"segmentSeconds": 2, "startoverSeconds": 0}},
            "archive": {"enabled": false},
        });
        let url = format!("{}/platforms", self.cloud.api);
        let mut answer = self.agent.post(url).header("content-type", "application/json").send(platform.to_string())?;
        let status = answer.status();
        let made: Value = answer.body_mut().read_json()?;
        ensure!(status == 202, "create answered {status}: {made}");
        self.id = made["id"].as_str().context("the answer has no id")?.to_owned();
        self.reach("Ready")
    }

    fn lives(&mut self, lives: u32) -> Result<()> {
        println!(
            "{:>5} {:>8} {:>10} {:>6} {:>8} {:>7} {:>9} {:>6} {:>10}",
            "life", "seconds", "processes", "ports", "handles", "pooled", "functions", "files", "memory"
        );
        let before = self.held()?;
        ensure!(before.ports == 0, "{} inputs listen before the first start", before.ports);
        let mut all: Vec<Held> = Vec::new();
        for life in 1..=lives {
            let begun = Instant::now();
            self.act("start")?;
            self.reach("Live")?;
            self.push(PUSHED_SECS).run()?;
            ensure!(self.view()? > 0, "life {life} had no picture");
            // Whoever counts nothing left has to be able to see it.
            let on_air = self.held()?;
            ensure!(on_air.processes > 0 && on_air.ports > 0 && on_air.files > 0, "on air nothing is seen: {on_air}");
            self.act("stop")?;
            self.reach("Ready")?;
            let handles =
                all.iter().take(WARM_LIVES).map(|held| held.handles).max().filter(|_| all.len() >= WARM_LIVES);
            let most = Held { handles: handles.unwrap_or(usize::MAX), ..before };
            (self.rested, self.files) = (most.handles, most.files);
            let held = self.settled(&most)?;
            println!("{life:>5} {:>8} {held}", begun.elapsed().as_secs());
            self.violations.extend(held.beyond(&most).map(|what| format!("life {life} leaves {what}")));
            all.push(held);
        }
        Ok(())
    }

    /// What is held, when it is no more than allowed, or has had its time.
    fn settled(&self, most: &Held) -> Result<Held> {
        let begun = Instant::now();
        loop {
            let held = self.held()?;
            if held.beyond(most).next().is_none() || begun.elapsed() > SETTLING {
                return Ok(held);
            }
            pause(Duration::from_millis(500));
        }
    }

    fn held(&self) -> Result<Held> {
        procfs::held(self.cloud.id(), self.inputs.clone())
    }

    /// On air with a sender and a viewer.
    fn play(&mut self, minutes: u32) -> Result<()> {
        self.act("start")?;
        self.reach("Live")?;
        let sender = self.push(minutes * 60 + 30);
        let _sender = sender.start()?;
        let mut looks = 0_u64;
        let mut by_minute: Vec<Vec<u64>> = vec![Vec::new(); minutes as usize];
        let (begun, mut seen) = (Instant::now(), 0);
        println!("{:>6} {:>10} {:>9} {:>12}", "minute", "memory", "segments", "handles");
        while let Some(minute) = by_minute.get_mut((begun.elapsed().as_secs() / 60) as usize) {
            seen += u64::from(self.view()? > 0);
            looks += 1;
            let held = self.held()?;
            let first = minute.is_empty();
            minute.push(held.memory_kib);
            if first {
                println!(
                    "{:>6} {:>6} MiB {seen:>9} {:>12}",
                    begun.elapsed().as_secs() / 60 + 1,
                    held.memory_kib / 1024,
                    held.handles
                );
            }
            pause(LOOK);
        }
        let mean = |minute: &Vec<u64>| minute.iter().sum::<u64>() as f64 / minute.len().max(1) as f64;
        if let [_, second, .., last] = by_minute.as_slice() {
            let (second, last) = (mean(second), mean(last));
            let growth = last / second;
            println!(
                "memory: {:.1} MiB in the second minute, {:.1} MiB in the last: {growth:.3}",
                second / 1024.0,
                last / 1024.0
            );
            if growth > MOST_GROWTH {
                self.violations.push(format!("memory grew by {growth:.3}, more than {MOST_GROWTH}"));
            }
        }
        // Of nothing being played much can be flat.
        if (seen as f64) < looks as f64 * LEAST_SEEN {
            self.violations.push(format!("a picture came at {seen} of {looks} looks only"));
        }
        self.act("stop")?;
        self.reach("Ready")?;
        let most = Held {
            handles: self.rested,
            processes: 0,
            ports: 0,
            pooled: 0,
            functions: 0,
            files: self.files,
            memory_kib: 0,
        };
        let held = self.settled(&most)?;
        println!("after it: {held}");
        self.violations.extend(held.beyond(&most).map(|what| format!("{minutes} minutes of play leave {what}")));
        Ok(())
    }

    fn push(&self, seconds: u32) -> push::Options {
        push::Options::small(&self.cloud.api, &self.id, seconds)
    }

    /// The newest segments of every track, as a player fetches them; answers their bytes.
    fn view(&self) -> Result<usize> {
        let platform = self.platform()?;
        let all = platform["playback"].as_array().context("no playback")?;
        let url = all.iter().find(|it| it["format"] == "hls").and_then(|it| it["url"].as_str()).context("no HLS")?;
        let Some(master) = self.fetch(url)? else { return Ok(0) };
        let sound = master.split("URI=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let rungs = master.lines().filter(|line| !line.starts_with('#'));
        let mut bytes = 0;
        for name in sound.chain(rungs) {
            let list = beside(url, name);
            let Some(playlist) = self.fetch(&list)? else { return Ok(0) };
            let newest = playlist.lines().rfind(|line| !line.starts_with('#')).context("an empty playlist")?;
            bytes += self.fetch(&beside(&list, newest))?.map_or(0, |segment| segment.len());
        }
        Ok(bytes)
    }

    /// Through the local address of the CDN; nothing when it is not there.
    fn fetch(&self, url: &str) -> Result<Option<String>> {
        let (domain, path) = url.trim_start_matches("https://").split_once('/').context("no path")?;
        let local = format!("{}/{path}", self.cloud.cdn.as_ref().context("no CDN")?);
        let mut answer = self.agent.get(local).header("host", format!("{domain}.localhost")).call()?;
        if answer.status() != 200 {
            return Ok(None);
        }
        let bytes = answer.body_mut().read_to_vec()?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn act(&self, verb: &str) -> Result<()> {
        let url = format!("{}/platforms/{}/{verb}", self.cloud.api, self.id);
        let mut answer = self.agent.post(url).send_empty()?;
        let status = answer.status();
        ensure!(status == 202, "{verb} answered {status}: {}", answer.body_mut().read_to_string()?);
        Ok(())
    }

    fn platform(&self) -> Result<Value> {
        Ok(self.agent.get(format!("{}/platforms/{}", self.cloud.api, self.id)).call()?.body_mut().read_json()?)
    }

    fn reach(&self, phase: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let platform = self.platform()?;
            if platform["phase"] == phase {
                return Ok(());
            }
            if platform["phase"] == "Failed" || begun.elapsed() > PATIENCE {
                bail!("{phase} was not reached: {platform}");
            }
            pause(Duration::from_millis(300));
        }
    }
}

fn beside(url: &str, name: &str) -> String {
    format!("{}/{name}", url.rsplit_once('/').map_or(url, |(folder, _)| folder))
}

#[allow(clippy::disallowed_methods)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
