//! Whole lives through `ports`, in virtual time.

mod changes;
mod faults;
mod figures;
mod inputs;
mod many;
mod plain;
mod races;
mod tenants;
