//! Tests of the domain: specs, plans, phases.
