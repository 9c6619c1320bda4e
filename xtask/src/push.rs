//! `cargo xtask push`: sends a test picture, or a file, to a platform's RTMP input with ffmpeg. The picture carries a clock
//! twice: as text for people, and as black and white blocks that a script can read off a player's canvas.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

#[derive(Args)]
pub struct Options {
    /// The platform to send to.
    #[arg(long)]
    platform: String,
    /// The input, by its name; the platform's first RTMP input when it is not said.
    #[arg(long)]
    input: Option<String>,
    /// Which pipeline's address to send to.
    #[arg(long, default_value_t = 0)]
    pipeline: u64,
    /// Sends this file, over and over, instead of the test picture.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The address that the sender stands for on the input's allow-list; the local cloud alone believes it.
    #[arg(long, value_name = "IP")]
    from: Option<String>,
    /// Ends after so many seconds; without it Ctrl-C does.
    #[arg(long)]
    seconds: Option<u32>,
    /// Width and height of the test picture.
    #[arg(long, default_value = "1280x720")]
    size: String,
    /// Frames per second of the test picture.
    #[arg(long, default_value_t = 30)]
    rate: u32,
    /// Where the API answers.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    api: String,
    /// A token for an API that asks for one; with the scope platforms/read.
    #[arg(long)]
    token: Option<String>,
}

/// Bits of the clock in the picture: tenths of a second since the Unix epoch, the lowest of them.
const CLOCK_BITS: u32 = 24;
/// A key frame every two seconds, as encoders are told to.
const GOP_SECONDS: u32 = 2;

pub fn run(options: &Options) -> Result<()> {
    options.run()
}

impl Options {
    /// A small picture for so many seconds, from this machine.
    pub fn small(api: &str, platform: &str, seconds: u32) -> Self {
        Self {
            platform: platform.to_owned(),
            input: None,
            pipeline: 0,
            file: None,
            from: None,
            seconds: Some(seconds),
            size: "426x240".to_owned(),
            rate: 25,
            api: api.to_owned(),
            token: None,
        }
    }

    /// Sends to the end.
    pub fn run(&self) -> Result<()> {
        let status = self.start()?.wait()?;
        if !status.success() {
            bail!("the input let the sender go ({status}); the local cloud says why");
        }
        Ok(())
    }

    /// Begins to send.
    pub fn start(&self) -> Result<Sender> {
        let url = address(self)?;
        eprintln!("xtask: sending to {}", masked(&url));
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-hide_banner", "-loglevel", "error", "-re"]);
        match &self.file {
            Some(file) => {
                ffmpeg.args(["-stream_loop", "-1", "-i"]).arg(file);
            }
            None => {
                let picture = format!("testsrc2=size={}:rate={},{}", self.size, self.rate, clock());
                let sound = "sine=frequency=440:sample_rate=48000";
                ffmpeg.args(["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", sound]);
            }
        }
        let gop = (self.rate * GOP_SECONDS).to_string();
        ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]);
        ffmpeg.args(["-g", &gop, "-b:v", "3M", "-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]);
        if let Some(seconds) = self.seconds {
            ffmpeg.args(["-t", &seconds.to_string()]);
        }
        let child = ffmpeg.args(["-f", "flv", &url]).stdin(Stdio::null()).spawn();
        Ok(Sender(child.context("ffmpeg does not run; install it: apt-get install ffmpeg")?))
    }
}

/// A sender; killed when dropped.
pub struct Sender(Child);

impl Sender {
    fn wait(mut self) -> Result<ExitStatus> {
        Ok(self.0.wait()?)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The RTMP address of the input, as the API tells it.
fn address(options: &Options) -> Result<String> {
    let url = format!("{}/platforms/{}", options.api, options.platform);
    let mut request = ureq::get(&url);
    if let Some(token) = &options.token {
        request = request.header("authorization", &format!("Bearer {token}"));
    }
    let platform: Value = request.call().with_context(|| format!("no answer from {url}"))?.body_mut().read_json()?;
    let all = platform["ingest"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fits = |ingest: &&Value| {
        ingest["type"] == "RTMP_PUSH"
            && ingest["pipeline"] == options.pipeline
            && options.input.as_ref().is_none_or(|name| ingest["input"] == name.as_str())
    };
    let Some(url) = all.iter().find(fits).and_then(|ingest| ingest["url"].as_str()) else {
        let known: Vec<_> = all.iter().filter_map(|ingest| ingest["input"].as_str()).collect();
        bail!("the platform has no such RTMP input yet; its inputs with addresses: {}", known.join(", "));
    };
    Ok(match &options.from {
        Some(ip) => format!("{url}?from={ip}"),
        None => url.to_owned(),
    })
}

/// The stream's name is as good as a password.
fn masked(url: &str) -> String {
    let place = url.rsplitn(3, '/').nth(2).unwrap_or(url);
    format!("{place}/...")
}

/// Text in the upper left corner; the blocks in a row below, the lowest bit on the right. Both show the machine's clock.
fn clock() -> String {
    let mut filters = vec![
        "drawtext=text='%{localtime\\:%T}':x=16:y=16:fontsize=h/10:fontcolor=white:box=1:boxcolor=black".to_owned(),
        "drawbox=x=0:y=ih-ih/12:w=iw:h=ih/12:color=black:t=fill".to_owned(),
    ];
    for bit in 0..CLOCK_BITS {
        let place = CLOCK_BITS - 1 - bit;
        let lit = format!("mod(floor(time(0)*10/{}),2)", 1_u64 << bit);
        filters.push(format!(
            "drawbox=x=iw*{place}/{CLOCK_BITS}:y=ih-ih/12:w=iw/{CLOCK_BITS}:h=ih/12:color=white:t=fill:enable='{lit}'"
        ));
    }
    filters.join(",")
}
