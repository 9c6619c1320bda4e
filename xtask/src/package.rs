//! `cargo xtask package`: all functions built once, as `sam deploy` takes them: `.lambda/<function>/bootstrap`.
//!
//! cargo-lambda builds with zig's linker, so that the machine's own glibc does not matter; and nothing of the machine's
//! paths or of the clock is left in what is built: two clones of a commit give the same bytes.

use crate::tools::environment;
use crate::tools::{self, command, root, target};
use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

/// It brings zig, of the version that it was tried with here.
const PACKAGES: [&str; 2] = ["cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// The glibc of `provided.al2023`. A binary that asks for a newer one does not start there.
const GLIBC: (u32, u32) = (2, 34);

/// 1 January 1980: the first time that a ZIP archive can say. SAM archives files with their times, so that a constant one
/// makes a package that did not change the same archive.
const FILE_TIME: Duration = Duration::from_secs(315_532_800);

#[derive(Clone, Copy, ValueEnum)]
pub enum Arch {
    #[value(name = "arm64")]
    Arm64,
    #[value(name = "x86_64")]
    X86,
}

impl Arch {
    /// What can be started here.
    pub fn of_this_machine() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86 }
    }

    fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86 => "x86_64-unknown-linux-gnu",
        }
    }

    /// The template's `Architecture`.
    fn parameter(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }

    /// What readelf calls the machine.
    fn machine(self) -> &'static str {
        match self {
            Self::Arm64 => "AArch64",
            Self::X86 => "X86-64",
        }
    }
}

/// Builds the packages; with `check` a second time from a clone elsewhere, and compares.
pub fn run(arch: Arch, check: bool) -> Result<()> {
    let source = root();
    if check && !clean()? {
        bail!("the packages of a commit are compared, and there are changes: commit them first");
    }
    build(&source, &target().join("lambda"), arch)?;
    describe(&source)?;
    if check {
        compare(&source, arch)?;
    }
    eprintln!("xtask: deploy them with the template's parameter Architecture={}", arch.parameter());
    Ok(())
}

/// Builds the functions of the project in `source` into its folder `.lambda`.
fn build(source: &Path, products: &Path, arch: Arch) -> Result<()> {
    installed(arch)?;
    let tools = environment("cargo-lambda", &PACKAGES)?;
    let tools = tools.parent().context("a Python without a folder")?;
    let mut build = Command::new(tools.join("cargo-lambda"));
    // What is optimised is said in Cargo.toml, for every build of the release profile.
    build.args(["lambda", "build", "--release", "--locked", "--disable-optimizations", "--target", arch.target()]);
    build.arg("--lambda-dir").arg(source.join(".lambda"));
    for function in functions(source)? {
        build.arg("--package").arg(function);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(tools.to_owned()).chain(std::env::split_paths(&path)))?;
    build.current_dir(source).env("PATH", path).env("CARGO_TARGET_DIR", products).env_remove("RUSTFLAGS");
    tools::run(build.env("CARGO_ENCODED_RUSTFLAGS", flags(source)?.join("\u{1f}")))?;
    for function in functions(source)? {
        finish(&bootstrap(source, &function), arch)?;
    }
    Ok(())
}

/// A program at a fixed address has no relocations to do at its start, an eighth of all that a start was; and nothing unwinds
/// where panics end the process (decision 011).
const LEAN: [&str; 2] = ["-Crelocation-model=static", "-Cforce-unwind-tables=no"];

/// Panics and errors name files: as they are called in the project and in the crates, wherever those lie.
fn flags(source: &Path) -> Result<Vec<String>> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let crates = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home).context("neither CARGO_HOME nor HOME")?;
    let renamed = [(source, "/headend"), (&crates, "/cargo")];
    let renamed = renamed.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    Ok(renamed.chain(LEAN.map(str::to_owned)).collect())
}

/// The Rust target has to be there: rustc's own word for a missing one is that it cannot find `core`.
fn installed(arch: Arch) -> Result<()> {
    let triple = arch.target();
    let asked = command("rustc", &["--print", "target-libdir", "--target", triple]).output()?;
    let folder = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    if asked.status.success() && Path::new(&folder).is_dir() {
        return Ok(());
    }
    bail!(
        "Rust's libraries for {triple} are missing; install them with: rustup target add {triple}\n\
         Or build for the other architecture (--arch) and deploy with that value of the parameter Architecture."
    )
}

/// Every function has a folder.
fn functions(source: &Path) -> Result<Vec<String>> {
    let folder = source.join("functions");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn bootstrap(source: &Path, function: &str) -> PathBuf {
    source.join(".lambda").join(function).join("bootstrap")
}

/// Holds a binary against what Lambda can start, and gives it its time.
fn finish(binary: &Path, arch: Arch) -> Result<()> {
    let shown = binary.display();
    let output = command("readelf", &["--wide", "--file-header", "--version-info"]).arg(binary).output();
    let output = output.context("cannot start readelf; install it with: apt-get install binutils")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !text.contains(arch.machine()) {
        bail!("{shown} is no program for {}", arch.parameter());
    }
    let needed = newest_glibc(&text);
    if needed > GLIBC {
        let ((major, minor), (most, least)) = (needed, GLIBC);
        bail!("{shown} needs glibc {major}.{minor}; provided.al2023 has {most}.{least}");
    }
    let file = File::options().write(true).open(binary).with_context(|| format!("cannot open {shown}"))?;
    file.set_modified(UNIX_EPOCH + FILE_TIME).with_context(|| format!("cannot set the time of {shown}"))
}

/// The highest `GLIBC_x.y` that is named.
fn newest_glibc(text: &str) -> (u32, u32) {
    let versions = text.split_whitespace().filter_map(|word| word.strip_prefix("GLIBC_")?.split_once('.'));
    let numbers = versions.filter_map(|(major, rest)| {
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    numbers.max().unwrap_or_default()
}

/// One line for each package.
fn describe(source: &Path) -> Result<()> {
    println!("{:<20} {:>10}  sha256", "function", "bytes");
    for function in functions(source)? {
        let bytes = bytes(source, &function)?;
        println!("{function:<20} {:>10}  {}", bytes.len(), hex::encode(Sha256::digest(&bytes)));
    }
    Ok(())
}

fn bytes(source: &Path, function: &str) -> Result<Vec<u8>> {
    let path = bootstrap(source, function);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Whether everything is committed.
fn clean() -> Result<bool> {
    let status = command("git", &["status", "--porcelain"]).output().context("cannot start git")?;
    Ok(status.status.success() && status.stdout.is_empty())
}

/// The same commit cloned to another place and built there from nothing has to give the same bytes.
fn compare(source: &Path, arch: Arch) -> Result<()> {
    let clone = target().join("second-clone");
    if clone.exists() {
        fs::remove_dir_all(&clone).with_context(|| format!("cannot remove {}", clone.display()))?;
    }
    tools::run(command("git", &["clone", "--quiet", "--shared", "."]).arg(&clone))?;
    build(&clone, &clone.join("target/lambda"), arch)?;
    let mut differ = Vec::new();
    for function in functions(source)? {
        if bytes(source, &function)? != bytes(&clone, &function)? {
            differ.push(function);
        }
    }
    if !differ.is_empty() {
        bail!("not the same bytes from two clones: {}; the second lies in {}", differ.join(", "), clone.display());
    }
    eprintln!("xtask: the same bytes from two clones");
    fs::remove_dir_all(&clone).with_context(|| format!("cannot remove {}", clone.display()))
}
