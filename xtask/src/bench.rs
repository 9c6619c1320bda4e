//! `cargo xtask bench`: what a start and a request cost, beside functions of others, in one run (docs/performance.md).
//! No part of `cargo xtask test`: it builds all packages with full optimisation.

use crate::package::{self, Arch};
use crate::tools::{self, answers, command, root, target};
use crate::{stack, suite};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::PathBuf;

/// Runs everything; `options` go to bench/bench.py.
pub fn run(options: &[String]) -> Result<()> {
    for (program, package) in [("valgrind", "valgrind"), ("node", "nodejs"), ("npm", "npm"), ("openssl", "openssl")] {
        if !answers(program, &[if program == "openssl" { "version" } else { "--version" }]) {
            bail!("{program} is missing; install it with: apt-get install {package}");
        }
    }
    let python = suite::python()?;
    package::run(Arch::of_this_machine(), false)?;
    stack::build()?;
    let peers = peers()?;
    let mut bench = command(&python.to_string_lossy(), &["bench/bench.py", "--local"]);
    bench.arg(target().join("debug/headend-local")).arg("--functions").arg(root().join(".lambda"));
    bench.arg("--peers").arg(peers).arg("--node").arg(node()?);
    figures()?;
    tools::run(bench.args(options))
}

/// What is counted in calls and in simulated time.
fn figures() -> Result<()> {
    let only = ["--run-ignored", "only", "--no-capture", "-E", "package(headend-tests) and test(lives::figures)"];
    tools::cargo(&[&["nextest", "run", "--workspace"][..], &only].concat())
}

/// The peers in Rust: a workspace of their own, so that no other command builds them.
fn peers() -> Result<PathBuf> {
    let products = target().join("peers");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = ["build", "--release", "--locked", "--manifest-path", "bench/peers/Cargo.toml"];
    tools::run(command(&cargo, &build).env("CARGO_TARGET_DIR", &products))?;
    Ok(products.join("release"))
}

/// The peer in JavaScript with its SDK.
fn node() -> Result<PathBuf> {
    let folder = target().join("peers-node");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in ["package.json", "function.mjs"] {
        let from = root().join("bench/peers/node").join(file);
        fs::copy(&from, folder.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let install = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"];
    tools::run(command("npm", &install).current_dir(&folder))?;
    Ok(folder)
}
