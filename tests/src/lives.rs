//! Whole lives through `ports`, in virtual time.

mod faults;
mod plain;
mod races;
