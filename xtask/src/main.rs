//! The project's own commands: `cargo xtask dev`, `demo`, `test`, `fuzz`.

mod demo;
mod push;
mod stack;
mod suite;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs Headend on this machine and tests it")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and starts the stack on a simulated AWS account; Ctrl-C stops it.
    Dev {
        /// Passed on to the local cloud: --port, --aws-port, --speed, --quota NAME=N, --seed, --state DIR, --record FILE, ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Lives through one platform's life with no hands: create, start, stop, tear down, and what is left.
    Demo {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Sends a test picture or a file to a platform's RTMP input (needs ffmpeg, and a local cloud with --media).
    Push(push::Options),
    /// Everything that CI runs.
    Test,
    /// Makes up requests from the contract for long, and sends them to the stack on a simulated account.
    Fuzz {
        #[arg(long, default_value_t = 7200)]
        seconds: u32,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Dev { options } => stack::dev(&options),
        Command::Demo { options } => demo::run(&options),
        Command::Push(options) => push::run(&options),
        Command::Test => suite::run(),
        Command::Fuzz { seconds, seed } => suite::fuzz(seconds, seed),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
