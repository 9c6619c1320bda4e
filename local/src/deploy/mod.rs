//! Runs the stack on the laptop as its templates describe it: functions as their real binaries, the HTTP API, rules,
//! queues, schedules. What is not in a template does not exist here either.

mod account;
pub mod api;
pub mod events;
pub mod lambda;
mod mapping;
pub mod plan;
mod pump;
mod schedule;
mod stack;
mod state;
pub mod template;

#[cfg(test)]
mod tests;

pub use stack::{EventCopies, Stack, StackConfig, start};
