//! Runs other programs, and says what it runs.

use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The project's folder.
pub fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map(PathBuf::from).unwrap_or(manifest)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}").replace('"', "");
    eprintln!("xtask: {shown}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

pub fn cargo(arguments: &[&str]) -> Result<()> {
    run(&mut command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments))
}

/// Whether a program answers.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    command(program, arguments).output().is_ok_and(|output| output.status.success())
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
    run(command("python3", &["-m", "venv"]).arg(&folder))?;
    run(command(&python.to_string_lossy(), &["-m", "pip", "install", "--quiet"]).args(packages))?;
    Ok(python)
}

/// The packages as a Python list of name and version.
fn wanted(packages: &[&str]) -> String {
    let pairs = packages.iter().filter_map(|package| package.split_once("=="));
    format!("{:?}", pairs.collect::<Vec<_>>())
}
