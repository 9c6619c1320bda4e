//! The project's own commands: `cargo xtask help` lists them.

mod bench;
mod demo;
mod documents;
mod package;
mod pages;
mod procfs;
mod push;
mod smoke;
mod soak;
mod stack;
mod suite;
mod templates;
mod token;
mod tools;
mod web;

use clap::{Parser, Subcommand};
use package::Arch;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs Headend on this machine and tests it")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and starts the stack on a simulated AWS account, with pictures, player and portal; Ctrl-C stops it.
    Dev {
        /// Passed on to the local cloud: --port, --aws-port, --speed, --quota NAME=N, --seed, --state DIR, --record FILE, --auth, ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Lives through one platform's life with no hands: create, start, stop, tear down, and what is left.
    Demo {
        /// With a picture, a player and the portal in Chromium; saves what they show in target/screenshots.
        #[arg(long, conflicts_with = "options")]
        video: bool,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Prints a token of the running local cloud's user pool, for its API when it was started with --auth.
    Token(token::Wanted),
    /// Sends a test picture or a file to a platform's RTMP input (needs ffmpeg, and a local cloud with --media).
    Push(push::Options),
    /// Lets a channel go on air again and again, then play for long, and fails when that leaves anything behind (needs ffmpeg).
    Soak(soak::Options),
    /// Everything that CI runs.
    Test,
    /// Watches player and portal in Chromium, with pictures; some minutes, on a machine that has nothing else to do.
    Pages,
    /// Holds what the functions did in the last `cargo xtask test` against what the template grants them.
    Privileges,
    /// Makes up requests from the contract for long, and sends them to the stack on a simulated account.
    Fuzz {
        /// At least so many requests; some thousand a round.
        #[arg(long, default_value_t = 200_000)]
        cases: u32,
        /// Of the first round; each further one has the next.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Runs the commands of docs/deploy.md that need no account.
    Docs,
    /// Proves a deployed stack: reads, refusals, and one small platform from the first request until it is gone.
    Smoke(smoke::Options),
    /// Builds what `sam deploy` uploads: all functions, once, into .lambda/.
    Package {
        /// As the template's parameter Architecture.
        #[arg(long, value_enum, default_value_t = Arch::Arm64)]
        arch: Arch,
        /// Builds the commit a second time, from a clone elsewhere, and compares the bytes.
        #[arg(long)]
        check: bool,
    },
    /// Counts what a start and a request cost, beside other functions, and holds it against bench/baseline.json.
    Bench {
        /// --renew writes the baseline; --counted-only leaves out what does not repeat.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Dev { options } => stack::dev(&options),
        Command::Demo { video: true, .. } => pages::demo(),
        Command::Demo { video: false, options } => demo::run(&options),
        Command::Token(wanted) => token::print(&wanted),
        Command::Push(options) => push::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Test => suite::run(),
        Command::Pages => pages::test(),
        Command::Privileges => suite::privileges(),
        Command::Fuzz { cases, seed } => suite::fuzz(cases, seed),
        Command::Docs => suite::documents(),
        Command::Smoke(options) => smoke::run(options),
        Command::Package { arch, check } => package::run(arch, check),
        Command::Bench { options } => bench::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
