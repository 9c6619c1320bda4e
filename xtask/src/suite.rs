//! `cargo xtask test`: everything that CI runs, in the order in which it is cheapest to fail.

use crate::stack;
use crate::tools::{self, answers, cargo, command, target};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The Python packages of the tests with foreign clients. moto's server needs the two of flask; its extra `server` would
/// bring twice as much, none of which is asked.
const PYTHON_PACKAGES: [&str; 7] = [
    "boto3==1.43.11",
    "awscli==1.45.11",
    "moto==5.1.22",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "schemathesis==4.32.5",
    "openapi-spec-validator==0.9.0",
];
/// What reads the templates as the deployment would. It has a folder of its own, since it pins much of what moto needs.
const SAM_PACKAGES: [&str; 1] = ["aws-sam-cli==1.170.0"];
/// The stories of foreign clients, in `tests/foreign`.
const STORIES: [&str; 6] =
    ["boto3_services", "second_opinion", "live_platform", "recipe_rejects", "model_check", "recipe_cli"];

/// How long the suite makes up requests from the contract.
const CONTRACT_SECS: u32 = 120;

/// Names the folder of the recordings to whoever starts a stack.
const RECORDINGS: &str = "HEADEND_RECORDINGS";

pub fn run() -> Result<()> {
    let begun = Instant::now();
    if !answers("cargo", &["nextest", "--version"]) {
        bail!("cargo-nextest is missing; install it with: cargo install cargo-nextest --locked");
    }
    let python = python()?;
    cargo(&["fmt", "--all", "--check"])?;
    templates()?;
    // One set of features for the whole workspace, so that nothing is built twice.
    stack::build()?;
    cargo(&["nextest", "run", "--workspace"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let recordings = recordings()?;
    wire(&recordings)?;
    foreign(&python, &recordings)?;
    contract(&python, CONTRACT_SECS, 1)?;
    crate::demo::run(&[format!("--record={}", recordings.join("demo.jsonl").display())])?;
    models(&python, &recordings)?;
    eprintln!("xtask: all tests passed in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// Both templates, with the environments of `samconfig.toml` and the linter that SAM brings. No account is asked.
fn templates() -> Result<()> {
    let sam = environment("sam", &SAM_PACKAGES)?.with_file_name("sam");
    for environment in ["default", "us-east-1"] {
        let mut validate = command(&sam.to_string_lossy(), &["validate", "--config-env", environment]);
        tools::run(validate.env("SAM_CLI_TELEMETRY", "0"))?;
    }
    Ok(())
}

/// Where every stack of the suite leaves what its functions asked of AWS; empty at first.
fn recordings() -> Result<PathBuf> {
    let folder = target().join("recordings");
    let cannot = || format!("cannot empty {}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(cannot)?;
    }
    std::fs::create_dir_all(&folder).with_context(cannot)?;
    Ok(folder)
}

/// The stack with its real binaries.
fn wire(recordings: &Path) -> Result<()> {
    let arguments = ["nextest", "run", "--workspace", "--run-ignored", "only", "-E", "package(headend-tests)"];
    let mut command = command("cargo", &arguments);
    tools::run(command.env("HEADEND_FUNCTIONS", target().join("debug")).env(RECORDINGS, recordings))
}

/// Clients that know nothing of us, on the stack: boto3, the AWS CLI, the services' own models, and moto beside us.
fn foreign(python: &Path, recordings: &Path) -> Result<()> {
    let local = target().join("debug/headend-local");
    let aws = python.with_file_name("aws");
    for script in STORIES {
        let path = format!("tests/foreign/{script}.py");
        let mut command = command(&python.to_string_lossy(), &[&path, "--local"]);
        command.arg(&local).env(RECORDINGS, recordings);
        if script == "recipe_cli" {
            command.arg("--aws").arg(&aws);
        }
        tools::run(&mut command)?;
    }
    Ok(())
}

/// Requests made up from `openapi.yaml`. Invalid ones are no matter for the services' models, so that nothing is recorded.
fn contract(python: &Path, seconds: u32, seed: u64) -> Result<()> {
    let local = target().join("debug/headend-local");
    let mut command = command(&python.to_string_lossy(), &["tests/foreign/contract.py", "--local"]);
    command.arg(local).arg(format!("--seconds={seconds}")).arg(format!("--seed={seed}"));
    tools::run(command.env_remove(RECORDINGS))
}

/// `cargo xtask fuzz`: the same for longer.
pub fn fuzz(seconds: u32, seed: u64) -> Result<()> {
    let python = python()?;
    stack::build()?;
    contract(&python, seconds, seed)
}

/// Every request of the whole suite against the services' own models.
fn models(python: &Path, recordings: &Path) -> Result<()> {
    tools::run(command(&python.to_string_lossy(), &["tests/foreign/model_check.py"]).arg(recordings))
}

/// A Python with boto3 and the others.
pub fn python() -> Result<PathBuf> {
    environment("python", &PYTHON_PACKAGES)
}

/// A Python with some packages, in a folder of the target folder.
pub fn environment(folder: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = target().join(folder);
    let python = folder.join("bin/python");
    let asks =
        format!("import importlib.metadata as m; [m.version(p) == v or exit(1) for p, v in {}]", wanted(packages));
    if answers(&python.to_string_lossy(), &["-c", &asks]) {
        return Ok(python);
    }
    if !answers("python3", &["-m", "venv", "--help"]) {
        bail!("Python 3 with venv is missing; install it with: apt-get install python3 python3-venv");
    }
    tools::run(command("python3", &["-m", "venv"]).arg(&folder))?;
    tools::run(command(&python.to_string_lossy(), &["-m", "pip", "install", "--quiet"]).args(packages))?;
    Ok(python)
}

/// The packages as a Python list of name and version.
fn wanted(packages: &[&str]) -> String {
    let pairs = packages.iter().filter_map(|package| package.split_once("=="));
    format!("{:?}", pairs.collect::<Vec<_>>())
}
