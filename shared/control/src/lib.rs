//! What Headend does with its domain: ports to the outside, the reconcile loop, one handler per function. Knows
//! no AWS SDK; everything outside comes in through the traits of `ports`.

// A new state must break the build where it matters.
#![warn(clippy::wildcard_enum_match_arm)]
// The futures of this crate run on one thread: a Lambda function handles one event at a time.
#![allow(async_fn_in_trait)]

pub mod api;
pub mod execute;
pub mod handlers;
pub mod ports;
pub mod reconcile;
pub mod store;
pub mod webhooks;

#[cfg(feature = "conformance")]
pub mod conformance;
