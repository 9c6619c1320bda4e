//! Tags of distributions, by ARN.

use super::distributions::GLOBAL;
use crate::world::tagging::{apply, remove};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Tags, World};

const MOST: usize = 50;

impl World {
    pub fn list_cloudfront_tags(&mut self, now: Ms, arn: &str) -> Result<Tags, AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Read)?;
        self.cloudfront_tags(arn).cloned()
    }

    pub fn tag_cloudfront_resource(&mut self, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Write)?;
        let existing = self.cloudfront_tags(arn)?;
        apply(existing, tags, MOST).map_err(|why| AwsError::new(400, "InvalidTagging", why))
    }

    pub fn untag_cloudfront_resource(&mut self, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Write)?;
        remove(self.cloudfront_tags(arn)?, keys);
        Ok(())
    }

    fn cloudfront_tags(&mut self, arn: &str) -> Result<&mut Tags, AwsError> {
        self.cloudfront
            .distributions
            .values_mut()
            .find(|distribution| distribution.arn == arn)
            .map(|distribution| &mut distribution.tags)
            .ok_or_else(|| AwsError::new(404, "NoSuchResource", format!("There is no resource {arn}")))
    }
}
