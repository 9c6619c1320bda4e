//! Tags of MediaPackage resources, by ARN.

use crate::world::{AwsError, Ms, Tags, World};

impl World {
    pub fn list_mediapackage_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> { todo!() }
    pub fn create_mediapackage_tags(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> { todo!() }
    pub fn delete_mediapackage_tags(&mut self, region: &str, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> { todo!() }
}
