//! How alarms change their state.

use super::Step;
use crate::world::{Ms, World};

impl World {
    pub(in crate::world) fn fire_cloudwatch(&mut self, region: &str, at: Ms, step: Step) { todo!() }
}
