//! The simulated account behind control's ports, in one thread and in virtual time, without HTTP: the fast way to
//! live through thousands of lives. Every call, of the table and of the queue too, passes one gate that can crash the
//! caller, lose the answer, or let the effect land late.

mod account;
mod bus;
mod classify;
mod gate;
mod hooks;
mod life;
mod queue;
mod store;
mod table;

pub use bus::Bus;
pub use gate::{Call, Fault, FaultPlan};
pub use hooks::{Hooks, Receivers};
pub use life::{Answered, Life, LifeConfig, TENANT, Weather, claims, request};
pub use queue::{Delivery, Queue};
pub use store::SimStore;
pub use table::{Held, Table};

use crate::world::{Ms, World, WorldConfig};
use gate::Gate;
use headend_control::ports::{Clock, Entropy};
use headend_domain::time::Timestamp;
use std::cell::RefCell;
use std::rc::Rc;

/// The home region of simulated lives.
pub const HOME: &str = "eu-west-1";
/// Where CloudFront's metrics are.
pub const US_EAST_1: &str = "us-east-1";

/// Everything that a simulated life shares: account, table, queue, time.
pub struct Inner {
    pub world: World,
    pub table: Table,
    pub queue: Queue,
    pub bus: Bus,
    pub now: Ms,
    pub gate: Gate,
    pub random: u64,
}

/// A handle on the simulation; clones share it.
#[derive(Clone)]
pub struct Sim(pub Rc<RefCell<Inner>>);

impl Sim {
    pub fn new(config: WorldConfig, start: Ms) -> Self {
        let random = config.seed;
        Self(Rc::new(RefCell::new(Inner {
            world: World::new(config),
            table: Table::default(),
            queue: Queue::default(),
            bus: Bus::default(),
            now: start,
            gate: Gate::default(),
            random,
        })))
    }
}

impl Clock for Sim {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.borrow().now)
    }
}

/// SplitMix64: reproducible, and no secret is at stake here.
impl Entropy for Sim {
    fn random(&self) -> [u8; 16] {
        let mut inner = self.0.borrow_mut();
        let mut next = || {
            inner.random = inner.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = inner.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)).to_be_bytes()
        };
        let (first, second) = (next(), next());
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&first);
        bytes[8..].copy_from_slice(&second);
        bytes
    }
}
