//! Tags of alarms, by ARN.

use crate::world::tagging::{apply, remove};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Tags, World};

const MOST: usize = 50;

impl World {
    pub fn list_cloudwatch_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Read)?;
        self.cloudwatch_tags(region, arn).cloned()
    }

    pub fn tag_cloudwatch_resource(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        let existing = self.cloudwatch_tags(region, arn)?;
        apply(existing, tags, MOST).map_err(|why| AwsError::new(400, "InvalidParameterValue", why))
    }

    pub fn untag_cloudwatch_resource(
        &mut self,
        region: &str,
        now: Ms,
        arn: &str,
        keys: &[String],
    ) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        remove(self.cloudwatch_tags(region, arn)?, keys);
        Ok(())
    }

    fn cloudwatch_tags(&mut self, region: &str, arn: &str) -> Result<&mut Tags, AwsError> {
        let alarms = &mut self.region(region).cloudwatch.alarms;
        alarms
            .values_mut()
            .find(|alarm| alarm.arn == arn)
            .map(|alarm| &mut alarm.tags)
            .ok_or_else(|| AwsError::new(404, "ResourceNotFoundException", format!("There is no resource {arn}")))
    }
}
