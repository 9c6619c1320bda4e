//! Tags of alarms, by ARN.

use crate::world::{AwsError, Ms, Tags, World};

impl World {
    pub fn list_cloudwatch_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> { todo!() }
    pub fn tag_cloudwatch_resource(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> { todo!() }
    pub fn untag_cloudwatch_resource(&mut self, region: &str, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> { todo!() }
}
