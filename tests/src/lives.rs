//! Whole lives through `ports`, in virtual time.

mod changes;
mod events;
mod faults;
mod inputs;
mod many;
mod plain;
mod races;
mod tenants;
