//! EventBridge: the rules of each region's default bus, and the delivery of events to their targets.

mod asynchronous;
mod delivery;
mod pattern;
mod policy;
mod transform;

#[cfg(test)]
mod pattern_tests;
#[cfg(test)]
mod tests;

pub use asynchronous::{AsyncFunction, AsyncSettings};
pub use delivery::{Destination, QueueTarget, Router, Rule, Target, TopicTarget};
pub use pattern::{Pattern, PatternError};
pub use policy::lets_rule;
pub use transform::Transformer;
