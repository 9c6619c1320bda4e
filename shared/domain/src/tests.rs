//! Tests of the domain: specs, phases, and the bounds of the record.

mod bad_input;
mod bounds;
mod calendar;
mod changes;
mod costs;
mod guard;
mod health;
mod inputs;
mod life;
mod names;
mod reading;
mod remedies;
mod sizes;
mod stage;
mod tracks;
mod transcripts;
