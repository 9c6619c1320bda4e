//! Whole lives through `ports`, in virtual time.

mod changes;
mod drift;
mod drift_faults;
mod event_faults;
mod events;
mod faults;
mod figures;
mod guard;
mod guard_faults;
mod inputs;
mod many;
mod messages;
mod orphans;
mod plain;
mod races;
mod remedies;
mod remedy_faults;
mod reports;
mod tenants;
mod webhooks;
mod year;
