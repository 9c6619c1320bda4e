//! Origin endpoints.

use super::{CreateOriginEndpoint, OriginEndpoint, UpdateOriginEndpoint};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    pub fn create_origin_endpoint(&mut self, region: &str, now: Ms, request: CreateOriginEndpoint) -> Result<OriginEndpoint, AwsError> { todo!() }
    pub fn describe_origin_endpoint(&mut self, region: &str, now: Ms, id: &str) -> Result<OriginEndpoint, AwsError> { todo!() }
    /// All endpoints, or those of one channel.
    pub fn list_origin_endpoints(&mut self, region: &str, now: Ms, channel_id: Option<&str>, page: &Page) -> Result<Paged<OriginEndpoint>, AwsError> { todo!() }
    pub fn update_origin_endpoint(&mut self, region: &str, now: Ms, request: UpdateOriginEndpoint) -> Result<OriginEndpoint, AwsError> { todo!() }
    pub fn delete_origin_endpoint(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> { todo!() }
}
