//! What MediaLive does by itself: transitions that come due, and the events about them.

use super::Step;
use crate::world::{Ms, World};

impl World {
    pub(in crate::world) fn fire_medialive(&mut self, region: &str, at: Ms, step: Step) { todo!() }
}
