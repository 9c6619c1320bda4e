//! `cargo xtask test`: everything that CI runs, in the order in which it is cheapest to fail.

use crate::stack;
use crate::tools::{self, answers, cargo, command, target};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The Python packages of the tests with foreign clients.
const PYTHON_PACKAGES: [&str; 2] = ["boto3==1.43.11", "awscli==1.45.11"];

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

/// Clients that know nothing of us, on the stack: boto3, the AWS CLI, and the services' own models.
fn foreign(python: &Path) -> Result<()> {
    let local = target().join("debug/headend-local");
    let aws = python.with_file_name("aws");
    for script in ["live_platform", "recipe_rejects", "model_check", "recipe_cli"] {
        let path = format!("tests/foreign/{script}.py");
        let mut command = command(&python.to_string_lossy(), &[&path, "--local"]);
        command.arg(&local);
        if script == "recipe_cli" {
            command.arg("--aws").arg(&aws);
        }
        tools::run(&mut command)?;
    }
    Ok(())
}

/// A Python with boto3, in the target folder.
fn python() -> Result<PathBuf> {
    let folder = target().join("python");
    let python = folder.join("bin/python");
    let asks = format!("import importlib.metadata as m; [m.version(p) == v or exit(1) for p, v in {}]", wanted());
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

/// The packages as a Python list of name and version.
fn wanted() -> String {
    let pairs = PYTHON_PACKAGES.iter().filter_map(|package| package.split_once("=="));
    format!("{:?}", pairs.collect::<Vec<_>>())
}
