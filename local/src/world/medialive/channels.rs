//! Channels.

use super::{Channel, CreateChannel, UpdateChannel};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    pub fn create_channel(&mut self, region: &str, now: Ms, request: CreateChannel) -> Result<Channel, AwsError> { todo!() }
    pub fn describe_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> { todo!() }
    pub fn list_channels(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<Channel>, AwsError> { todo!() }
    pub fn update_channel(&mut self, region: &str, now: Ms, request: UpdateChannel) -> Result<Channel, AwsError> { todo!() }
    pub fn start_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> { todo!() }
    pub fn stop_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> { todo!() }
    pub fn delete_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> { todo!() }
    /// Lets a pipeline of a running channel fail; MediaLive brings it back by itself. Not an AWS call.
    pub fn fail_pipeline(&mut self, region: &str, now: Ms, id: &str, pipeline: usize) -> Result<(), AwsError> { todo!() }
}
