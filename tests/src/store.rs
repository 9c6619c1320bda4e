//! The store's conformance suite against the table in memory; the DynamoDB table runs the same suite in its own crate.

use futures::executor::block_on;
use headend_control::conformance;
use headend_local::ports::{Sim, SimStore};
use headend_local::world::WorldConfig;

#[test]
fn the_table_in_memory_conforms() {
    let store = SimStore(Sim::new(WorldConfig::default(), 1_767_225_600_000));
    block_on(conformance::run(&store, "memory"));
}
