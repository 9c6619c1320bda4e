//! Packaging channels.

use super::{CreatePackagingChannel, PackagingChannel};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    pub fn create_packaging_channel(&mut self, region: &str, now: Ms, request: CreatePackagingChannel) -> Result<PackagingChannel, AwsError> { todo!() }
    pub fn describe_packaging_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<PackagingChannel, AwsError> { todo!() }
    pub fn list_packaging_channels(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<PackagingChannel>, AwsError> { todo!() }
    /// UpdateChannel can change nothing but the description.
    pub fn update_packaging_channel(&mut self, region: &str, now: Ms, id: &str, description: String) -> Result<PackagingChannel, AwsError> { todo!() }
    pub fn delete_packaging_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> { todo!() }
}
