//! Builds the functions and the local cloud, and starts them.

use crate::pages;
use crate::tools::{cargo, root, target};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// One build of all programs: with fewer packages cargo would pick other features and build the SDKs again.
pub fn build() -> Result<()> {
    eprintln!("xtask: building the functions and the local cloud; the first time takes some minutes");
    cargo(&["build", "--workspace", "--bins"])
}

pub fn local_cloud(options: &[String]) -> Command {
    let mut command = Command::new(target().join("debug/headend-local"));
    command.arg("--functions").arg(target().join("debug")).args(options).current_dir(root());
    command
}

/// Where distributions are unless `--cdn-port` says so.
const CDN_PORT: &str = "8081";

/// `cargo xtask dev`: the local cloud gets Ctrl-C itself and stops cleanly.
pub fn dev(options: &[String]) -> Result<()> {
    build()?;
    let mut all = with_pictures(options);
    if !options.iter().any(|option| option == "--site" || option.starts_with("--site=")) {
        match pages::build() {
            Ok(folder) => all.push(format!("--site={}", folder.display())),
            Err(missing) => eprintln!("xtask: no player and no portal: {missing:#}"),
        }
    }
    let status = local_cloud(&all).status().context("cannot start the local cloud")?;
    if !status.success() {
        bail!("the local cloud ended with {status}");
    }
    Ok(())
}

/// The options with pictures in them, and the template's parameters that lead viewers to them.
fn with_pictures(options: &[String]) -> Vec<String> {
    let mut all = options.to_vec();
    let said = |name: &str| options.iter().any(|option| option.contains(name));
    let after = |name: &str| {
        let at = options.iter().position(|option| option == name);
        let joined = options.iter().find_map(|option| option.strip_prefix(&format!("{name}=")));
        joined.map(str::to_owned).or_else(|| options.get(at? + 1).cloned())
    };
    let port = after("--cdn-port").unwrap_or_else(|| CDN_PORT.to_owned());
    if !said("--media") {
        all.push("--media".to_owned());
    }
    if !said("PlaybackUrlPattern=") {
        all.push(format!("--parameter=PlaybackUrlPattern=http://{{domain}}.localhost:{port}"));
    }
    if !said("PlaybackSources=") {
        all.push(format!("--parameter=PlaybackSources=http://*.localhost:{port}"));
    }
    all
}

/// A local cloud that ends with this value.
pub struct Running {
    child: Child,
    pub api: String,
    pub aws: String,
    /// Where viewers find distributions, when there are pictures.
    pub cdn: Option<String>,
}

impl Running {
    /// Starts on free ports and waits for the line that says it can be used.
    pub fn start(options: &[String]) -> Result<Self> {
        let mut command = local_cloud(&["--port=0".to_owned(), "--aws-port=0".to_owned()]);
        let mut child = command.args(options).stdout(Stdio::piped()).spawn().context("cannot start the local cloud")?;
        let stdout = child.stdout.take().context("the local cloud has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let word = |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
        match (word("api="), word("aws=")) {
            (Some(api), Some(aws)) => Ok(Self { child, api, aws, cdn: word("cdn=") }),
            _ => {
                let status = child.wait()?;
                bail!("the local cloud did not come up ({status})")
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    /// Asks it to stop, so that it ends its functions too; a kill would leave them.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
