//! Tags of MediaLive resources, by ARN.

use crate::world::{AwsError, Ms, Tags, World};

/// What a MediaLive ARN names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagTarget { Channel(String), Input(String), Group(String) }

impl World {
    pub fn list_medialive_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> { todo!() }
    pub fn create_medialive_tags(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> { todo!() }
    pub fn delete_medialive_tags(&mut self, region: &str, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> { todo!() }
}
