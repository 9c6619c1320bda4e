//! Player and portal: built by npm into web/dist, where the local cloud and `aws s3 sync` take them from, and tested in a browser.

use crate::stack;
use crate::tools::{self, answers, command, root, target};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What is built from: in front of each stands `web/`.
const SOURCES: [&str; 5] = ["package-lock.json", "package.json", "tsconfig.base.json", "player", "portal"];

/// Builds what changed; answers the folder.
pub fn build() -> Result<PathBuf> {
    let web = root().join("web");
    let built = web.join("dist");
    installed(&web)?;
    let pages = ["index.html", "player/index.html"].map(|page| modified(&built.join(page)));
    let sources = SOURCES.iter().map(|source| newest(&web.join(source)));
    let newest = sources.collect::<Result<Vec<_>>>()?.into_iter().max().flatten();
    if pages.iter().any(|page| page.is_none() || *page < newest) {
        eprintln!("xtask: building player and portal");
        tools::run(&mut npm(&web, &["run", "build", "--workspaces", "--if-present"]))?;
    }
    Ok(built)
}

/// Types, builds and the tests that need no browser.
pub fn check() -> Result<()> {
    build()?;
    tools::run(&mut npm(&root().join("web"), &["test", "--workspace", "portal"]))
}

/// `cargo xtask pages`: the tests in a browser. They need ffmpeg and Chromium.
pub fn test() -> Result<()> {
    stack::build()?;
    check()?;
    for story in ["player.test.mjs", "remedy.test.mjs", "portal.test.mjs"] {
        browse(&["--test", "--test-reporter=spec", story])?;
    }
    browse(&["demo.mjs"])
}

/// `cargo xtask demo --video`: a life that one can look at.
pub fn demo() -> Result<()> {
    stack::build()?;
    build()?;
    browse(&["demo.mjs"])
}

/// Node in the folder of the browser tests.
fn browse(arguments: &[&str]) -> Result<()> {
    if !answers("chromium", &["--version"]) && std::env::var_os("HEADEND_CHROMIUM").is_none() {
        bail!("chromium is missing; install it with: apt-get install chromium (or name one with HEADEND_CHROMIUM)");
    }
    if !answers("ffmpeg", &["-version"]) {
        bail!("ffmpeg is missing; install it with: apt-get install ffmpeg");
    }
    let mut node = command("node", arguments);
    tools::run(node.current_dir(root().join("web/tests")).env("HEADEND_PROGRAMS", target().join("debug")))
}

/// The packages of the lock file, installed when it changed.
fn installed(web: &Path) -> Result<()> {
    if !answers("npm", &["--version"]) {
        bail!("npm is missing; install Node.js 20.19 or later with npm, on Debian with: apt-get install nodejs npm");
    }
    if modified(&web.join("node_modules/.package-lock.json")) < modified(&web.join("package-lock.json")) {
        tools::run(&mut npm(web, &["ci", "--no-audit", "--no-fund"]))?;
    }
    Ok(())
}

fn npm(web: &Path, arguments: &[&str]) -> Command {
    let mut npm = command("npm", arguments);
    npm.current_dir(web);
    npm
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

/// When the newest file in it was written.
fn newest(place: &Path) -> Result<Option<SystemTime>> {
    if !place.is_dir() {
        return Ok(modified(place));
    }
    let mut newest = None;
    for entry in fs::read_dir(place).with_context(|| format!("cannot read {}", place.display()))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name != "node_modules") {
            newest = newest.max(self::newest(&path)?);
        }
    }
    Ok(newest)
}
