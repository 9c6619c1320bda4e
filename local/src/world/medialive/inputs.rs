//! Inputs.

use super::{CreateInput, Input, SourceState, UpdateInput};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    pub fn create_input(&mut self, region: &str, now: Ms, request: CreateInput) -> Result<Input, AwsError> { todo!() }
    pub fn describe_input(&mut self, region: &str, now: Ms, id: &str) -> Result<Input, AwsError> { todo!() }
    pub fn list_inputs(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<Input>, AwsError> { todo!() }
    pub fn update_input(&mut self, region: &str, now: Ms, request: UpdateInput) -> Result<Input, AwsError> { todo!() }
    pub fn delete_input(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> { todo!() }
    /// Turns the simulated source in front of an input on or off. Not an AWS call; fails when there is no such input.
    pub fn set_source(&mut self, region: &str, now: Ms, input_id: &str, source: SourceState) -> Result<(), AwsError> { todo!() }
}
