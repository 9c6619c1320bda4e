//! The local cloud: one simulated AWS account that makes Headend runnable, demonstrable and testable without AWS.
//!
//! `world` is the account itself (states, durations, conflicts, quotas, events); it knows no clock, no socket and no
//! wire format. Everything else in this crate stands in front of it.

pub mod clock;
pub mod cloud;
pub mod cognito;
pub mod deploy;
pub mod iam;
pub mod media;
pub mod ports;
pub mod rules;
pub mod site;
pub mod wire;
pub mod world;
