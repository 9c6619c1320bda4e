//! Tags of distributions, by ARN.

use crate::world::{AwsError, Ms, Tags, World};

impl World {
    pub fn list_cloudfront_tags(&mut self, now: Ms, arn: &str) -> Result<Tags, AwsError> { todo!() }
    pub fn tag_cloudfront_resource(&mut self, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> { todo!() }
    pub fn untag_cloudfront_resource(&mut self, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> { todo!() }
}
