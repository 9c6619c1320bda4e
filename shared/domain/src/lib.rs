//! The domain of Headend: what a platform is and what happens to it next. Pure: no clock, no randomness,
//! no async, no AWS type. Facts come in as events, decisions go out as values.

// A new state must break the build where it matters.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod accept;
pub mod action;
pub mod broadcast;
pub mod calendar;
pub mod check;
pub mod course;
pub mod drift;
pub mod estimate;
pub mod guard;
pub mod health;
pub mod ids;
pub mod limits;
pub mod meter;
pub mod orphan;
pub mod outbox;
pub mod phase;
pub mod plan;
pub mod price;
pub mod record;
pub mod remedy;
pub mod request;
pub mod slot;
pub mod spec;
pub mod time;
pub mod webhook;

#[cfg(test)]
mod tests;
