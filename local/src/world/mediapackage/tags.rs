//! Tags of MediaPackage resources, by ARN.

use crate::world::tagging::{apply, remove};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Tags, World};

const MOST: usize = 50;

impl World {
    pub fn list_mediapackage_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Read)?;
        self.mediapackage_tags(region, arn).cloned()
    }

    pub fn create_mediapackage_tags(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        apply(self.mediapackage_tags(region, arn)?, tags, MOST).map_err(AwsError::unprocessable)
    }

    pub fn delete_mediapackage_tags(
        &mut self,
        region: &str,
        now: Ms,
        arn: &str,
        keys: &[String],
    ) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        remove(self.mediapackage_tags(region, arn)?, keys);
        Ok(())
    }

    fn mediapackage_tags(&mut self, region: &str, arn: &str) -> Result<&mut Tags, AwsError> {
        let mediapackage = &mut self.region(region).mediapackage;
        let channels = mediapackage.channels.values_mut().map(|it| (&it.arn, &mut it.tags));
        let endpoints = mediapackage.endpoints.values_mut().map(|it| (&it.arn, &mut it.tags));
        channels
            .chain(endpoints)
            .find(|(own, _)| *own == arn)
            .map(|(_, tags)| tags)
            .ok_or_else(|| AwsError::not_found(format!("There is no resource {arn}")))
    }
}
