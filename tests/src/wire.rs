//! The stack over the wire: the functions' real binaries on the local cloud, spoken to over HTTP as a producer would.
//!
//! These tests need the built functions (`HEADEND_FUNCTIONS` names their folder), so that they are ignored by
//! default; `cargo xtask test` builds and runs them. Nothing here measures time: a wait ends with a report when a
//! platform has not moved for long.

mod alarms;
mod changes;
mod drift;
mod events;
mod faults;
mod health;
mod kills;
mod life;
mod limits;
mod logs;
mod orphans;
mod pages;
mod people;
mod picture;
mod planned;
mod privileges;
mod problems;
mod quotas;
mod recording;
mod remedies;
mod restart;
mod rig;
mod sign_in;
mod table_calls;
mod webhooks;
