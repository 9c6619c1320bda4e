//! The local cloud as a program: one command starts the account and the stack, and prints one line when both can be
//! used.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use headend_local::deploy::{self, StackConfig};
use headend_local::iam::privileges::Privileges;
use headend_local::media::{self, MediaConfig};
use headend_local::world::{Quotas, WorldConfig};
use tokio::signal::unix::{SignalKind, signal};

/// What is printed when RUST_LOG says nothing. The embedded DynamoDB warns of every condition that did not hold, which
/// is how our record is written.
const QUIET: &str = "warn,dynoxide=error";

/// Runs Headend against a simulated AWS account on this machine.
#[derive(Parser)]
#[command(name = "headend-local", version, about)]
struct Arguments {
    /// Port of the HTTP API; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the AWS endpoint; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    aws_port: u16,
    /// How many times faster than real time the account lives.
    #[arg(long, default_value_t = 20.0)]
    speed: f64,
    /// Sets one of the account's quotas, e.g. medialive.channels=20; may be given several times.
    #[arg(long = "quota", value_name = "NAME=N")]
    quotas: Vec<String>,
    /// Seed of everything in the account that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keeps everything in this folder across restarts.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Writes every AWS request and answer into this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Leaves secret values in the recording.
    #[arg(long, requires = "record")]
    record_secrets: bool,
    /// The home region.
    #[arg(long, default_value = "eu-west-1")]
    region: String,
    /// Name of the stack.
    #[arg(long, default_value = "headend")]
    stack_name: String,
    /// Folder with the functions' binaries.
    #[arg(long, value_name = "DIR", default_value = "target/debug")]
    functions: PathBuf,
    /// The template to deploy; template-us-east-1.yaml beside it goes to that region.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
    /// Sets a parameter of the template; may be given several times.
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// Demands a signed token of every request, as the deployed API does; `cargo xtask token` issues them.
    #[arg(long)]
    auth: bool,
    /// Makes real pictures: senders push RTMP, viewers fetch video from the distributions (needs ffmpeg).
    #[arg(long)]
    media: bool,
    /// Port of the distributions, at http://DOMAIN.localhost:PORT; 0 takes a free one.
    #[arg(long, default_value_t = 8081, requires = "media")]
    cdn_port: u16,
    /// The first port on which inputs take RTMP.
    #[arg(long, default_value_t = 19_350, requires = "media")]
    ingest_port: u16,
    /// Rungs with more lines are left out of pictures.
    #[arg(long, default_value_t = 720, requires = "media")]
    max_height: u32,
    /// Serves player and portal as the site's distribution says, from this folder in the place of the site's bucket.
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// Port of the site; 0 takes a free one.
    #[arg(long, default_value_t = 8090, requires = "site")]
    site_port: u16,
    /// Stands on this machine for a host that inputs pull from; may be given several times. No other host is asked.
    #[arg(long = "resolve", value_name = "HOST=127.0.0.1:PORT", requires = "media")]
    resolve: Vec<String>,
    /// Lets webhooks lead to receivers on this machine, over plain HTTP too: for tests. AWS never would.
    #[arg(long)]
    allow_loopback_webhooks: bool,
    /// Prints what the functions log.
    #[arg(long)]
    verbose: bool,
    /// Starts nothing: holds what the functions did in the recordings of this folder against what the template grants them.
    #[arg(long, value_name = "DIR")]
    privileges: Option<PathBuf>,
}

impl Arguments {
    fn config(self) -> anyhow::Result<StackConfig> {
        let mut quotas = Quotas::default();
        for text in &self.quotas {
            let (name, number) = pair("--quota", text)?;
            let number = number.parse().map_err(|_| anyhow::anyhow!("--quota {text}: {number} is not a number"))?;
            quotas.set(name, number)?;
        }
        let mut resolve = BTreeMap::new();
        for text in &self.resolve {
            let (host, address) = pair("--resolve", text)?;
            let address: SocketAddr = address.parse().with_context(|| format!("--resolve {text}"))?;
            anyhow::ensure!(address.ip().is_loopback(), "--resolve {text}: the address has to be one of this machine");
            resolve.insert(host.to_owned(), address);
        }
        let parameters = self.parameters.iter().map(|text| pair("--parameter", text));
        let parameters = parameters.map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Ok(StackConfig {
            parameters: parameters.collect::<anyhow::Result<_>>()?,
            template: self.template,
            functions: self.functions,
            stack_name: self.stack_name,
            region: self.region,
            port: self.port,
            aws_port: self.aws_port,
            world: WorldConfig { seed: self.seed, speed: self.speed, quotas, ..WorldConfig::default() },
            state: self.state,
            record: self.record,
            record_secrets: self.record_secrets,
            auth: self.auth,
            verbose: self.verbose,
            loopback_webhooks: self.allow_loopback_webhooks,
            media: self.media.then(|| MediaConfig {
                cdn_port: self.cdn_port,
                first_ingest_port: self.ingest_port,
                max_height: self.max_height,
                resolve,
                ..MediaConfig::default()
            }),
            site: self.site.map(|folder| (folder, self.site_port)),
            ..StackConfig::default()
        })
    }
}

fn pair<'a>(option: &str, text: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
    text.split_once('=').ok_or_else(|| anyhow::anyhow!("{option} takes NAME=VALUE and not {text}"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(QUIET)))
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headend-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    if let Some(folder) = arguments.privileges.clone() {
        return privileges(&arguments.config()?, &folder);
    }
    // Before the start: a signal that comes early must not leave functions behind.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut config = arguments.config()?;
    if !config.auth {
        eprintln!(
            "headend-local: the API asks nobody for a token and takes everybody for user dev of tenant default; --auth changes that"
        );
    }
    if let Some(Err(missing)) = config.media.as_ref().map(media::available) {
        eprintln!("headend-local: no pictures: {missing}");
        config.media = None;
    }
    let stack = deploy::start(config).await?;
    let cdn = stack.cdn_url.as_ref().map(|url| format!(" cdn={url}")).unwrap_or_default();
    let site = stack.site_url.as_ref().map(|url| format!(" site={url}")).unwrap_or_default();
    println!("ready api={} aws={}{cdn}{site}", stack.api_url, stack.aws_url);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stack.shutdown().await
}

/// Granted and unused, used and not granted: both have to be nothing.
fn privileges(config: &StackConfig, recordings: &std::path::Path) -> anyhow::Result<()> {
    let plan = deploy::plan::plan(config)?;
    let mut privileges = Privileges::of(&plan);
    privileges.add_folder(&plan, recordings)?;
    print!("{}", privileges.report());
    let problems = privileges.problems();
    anyhow::ensure!(problems.is_empty(), "{} privileges are not right:\n{}", problems.len(), problems.join("\n"));
    Ok(())
}
