//! Input security groups.

use super::{CreateInputSecurityGroup, InputSecurityGroup, UpdateInputSecurityGroup};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    /// No token exists for this call: two calls make two groups (aws-facts 1.5).
    pub fn create_input_security_group(
        &mut self, region: &str, now: Ms, request: CreateInputSecurityGroup,
    ) -> Result<InputSecurityGroup, AwsError> { todo!() }
    pub fn describe_input_security_group(&mut self, region: &str, now: Ms, id: &str) -> Result<InputSecurityGroup, AwsError> { todo!() }
    pub fn list_input_security_groups(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<InputSecurityGroup>, AwsError> { todo!() }
    pub fn update_input_security_group(&mut self, region: &str, now: Ms, request: UpdateInputSecurityGroup) -> Result<InputSecurityGroup, AwsError> { todo!() }
    pub fn delete_input_security_group(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> { todo!() }
}
