//! `cargo xtask test`: everything that CI runs, in the order in which it is cheapest to fail.

use crate::stack;
use crate::tools::{self, answers, cargo, command, target};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The Python packages of the tests with foreign clients.
const PYTHON_PACKAGES: [&str; 1] = ["boto3==1.43.11"];

pub fn run() -> Result<()> {
    let begun = Instant::now();
    if !answers("cargo", &["nextest", "--version"]) {
        bail!("cargo-nextest is missing; install it with: cargo install cargo-nextest --locked");
    }
    let python = python()?;
    cargo(&["fmt", "--all", "--check"])?;
    // One set of features for the whole workspace, so that nothing is built twice.
    stack::build()?;
    cargo(&["nextest", "run", "--workspace"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    wire()?;
    foreign(&python)?;
    crate::demo::run(&[])?;
    eprintln!("xtask: all tests passed in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// The stack with its real binaries.
fn wire() -> Result<()> {
    let arguments = ["nextest", "run", "--workspace", "--run-ignored", "only", "-E", "package(headend-tests)"];
    tools::run(command("cargo", &arguments).env("HEADEND_FUNCTIONS", target().join("debug")))
}

/// A client that knows nothing of us, on the stack.
fn foreign(python: &Path) -> Result<()> {
    let local = target().join("debug/headend-local");
    let script = "tests/foreign/live_platform.py";
    tools::run(command(&python.to_string_lossy(), &[script, "--local"]).arg(local))
}

/// A Python with boto3, in the target folder.
fn python() -> Result<PathBuf> {
    let folder = target().join("python");
    let python = folder.join("bin/python");
    let asks =
        format!("import importlib.metadata as m; assert 'boto3==' + m.version('boto3') == {:?}", PYTHON_PACKAGES[0]);
    if answers(&python.to_string_lossy(), &["-c", &asks]) {
        return Ok(python);
    }
    if !answers("python3", &["-m", "venv", "--help"]) {
        bail!("Python 3 with venv is missing; install it with: apt-get install python3 python3-venv");
    }
    tools::run(command("python3", &["-m", "venv"]).arg(&folder))?;
    tools::run(command(&python.to_string_lossy(), &["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES))?;
    Ok(python)
}
