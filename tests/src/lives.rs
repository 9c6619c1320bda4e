//! Whole lives through `ports`, in virtual time.

mod faults;
mod many;
mod plain;
mod races;
