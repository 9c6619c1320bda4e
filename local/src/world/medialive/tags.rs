//! Tags of MediaLive resources, by ARN.

use crate::world::tagging::{apply, remove};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Tags, World};

impl World {
    pub fn list_medialive_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<Tags, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.medialive_tags(region, now, arn).cloned()
    }

    pub fn create_medialive_tags(&mut self, region: &str, now: Ms, arn: &str, tags: Tags) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let most = self.quotas.get("medialive.tags-per-resource") as usize;
        let existing = self.medialive_tags(region, now, arn)?;
        apply(existing, tags, most).map_err(AwsError::bad_request)
    }

    pub fn delete_medialive_tags(&mut self, region: &str, now: Ms, arn: &str, keys: &[String]) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        remove(self.medialive_tags(region, now, arn)?, keys);
        Ok(())
    }

    /// `arn:aws:medialive:<region>:<account>:<kind>:<id>` (aws-facts 1.2).
    fn medialive_tags(&mut self, region: &str, now: Ms, arn: &str) -> Result<&mut Tags, AwsError> {
        let parts: Vec<&str> = arn.split(':').collect();
        let unknown = || AwsError::not_found(format!("There is no resource {arn}"));
        let [_, _, "medialive", _, account, kind, id] = parts[..] else {
            return Err(unknown());
        };
        if account != self.account {
            return Err(unknown());
        }
        match kind {
            "channel" => Ok(&mut self.channel(region, now, id)?.tags),
            "input" => Ok(&mut self.input(region, now, id)?.tags),
            "inputSecurityGroup" => Ok(&mut self.group(region, now, id)?.tags),
            _ => Err(unknown()),
        }
    }
}
