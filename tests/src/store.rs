//! The store's conformance suite against the table in memory; the DynamoDB table runs the same suite in its own crate.

use futures::executor::block_on;
use headend_control::conformance;
use headend_local::ports::{Sim, SimStore};
use headend_local::world::WorldConfig;

#[test]
fn the_table_in_memory_conforms() {
    let store = SimStore(Sim::new(WorldConfig::default(), 1_767_225_600_000));
    let held = async |tenant: String| {
        let held = store.0.0.borrow().table.held(&tenant);
        (held.platforms, held.running)
    };
    let name = async |client: String, tenant: String| {
        store.0.0.borrow_mut().table.clients.insert(client, tenant);
    };
    block_on(conformance::run(&store, "memory", held, name));
}
