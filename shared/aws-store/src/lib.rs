//! The light half of AWS: the table, the queue of wake-ups, configuration, and the wiring that every function
//! needs. Links no SDK of a media service, so that the API functions stay small and start fast.

pub mod clock;
pub mod config;
pub mod entropy;
pub mod fresh;
pub mod http;
pub mod log;
pub mod queue;
pub mod sdk;
pub mod table;
pub mod trust;
pub mod wiring;
