//! The tags of whatever object, behind their port.

use super::gone;
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim, US_EAST_1};
use crate::world::{AwsError, Ms, Tags, World};
use headend_control::ports::Tagging;
use headend_domain::action::{Object, Refusal};
use headend_domain::slot::{AlarmRegion, Slot};
use std::collections::BTreeMap;

type Answer<T> = Result<T, AwsError>;

fn list(world: &mut World, now: Ms, slot: &Slot, object: &Object) -> Answer<Tags> {
    let arn = &object.arn;
    match slot {
        Slot::Group(_) | Slot::Input(_) | Slot::Channel => world.list_medialive_tags(HOME, now, arn),
        Slot::Packaging | Slot::Endpoint(_) => world.list_mediapackage_tags(HOME, now, arn),
        Slot::Distribution => world.list_cloudfront_tags(now, arn),
        Slot::Secret => world.describe_secret(HOME, now, arn).map(|secret| secret.tags),
        Slot::Alarm(kind) => world.list_cloudwatch_tags(region(kind.region()), now, arn),
    }
}

fn remove(world: &mut World, now: Ms, slot: &Slot, arn: &str, keys: &[String]) -> Answer<()> {
    match slot {
        Slot::Group(_) | Slot::Input(_) | Slot::Channel => world.delete_medialive_tags(HOME, now, arn, keys),
        Slot::Packaging | Slot::Endpoint(_) => world.delete_mediapackage_tags(HOME, now, arn, keys),
        Slot::Distribution => world.untag_cloudfront_resource(now, arn, keys),
        Slot::Secret => world.untag_secret(HOME, now, arn, keys),
        Slot::Alarm(kind) => world.untag_cloudwatch_resource(region(kind.region()), now, arn, keys),
    }
}

fn set(world: &mut World, now: Ms, slot: &Slot, arn: &str, tags: Tags) -> Answer<()> {
    match slot {
        Slot::Group(_) | Slot::Input(_) | Slot::Channel => world.create_medialive_tags(HOME, now, arn, tags),
        Slot::Packaging | Slot::Endpoint(_) => world.create_mediapackage_tags(HOME, now, arn, tags),
        Slot::Distribution => world.tag_cloudfront_resource(now, arn, tags),
        Slot::Secret => world.tag_secret(HOME, now, arn, tags),
        Slot::Alarm(kind) => world.tag_cloudwatch_resource(region(kind.region()), now, arn, tags),
    }
}

fn region(region: AlarmRegion) -> &'static str {
    match region {
        AlarmRegion::Home => HOME,
        AlarmRegion::UsEast1 => US_EAST_1,
    }
}

impl Tagging for Sim {
    async fn retag(
        &self,
        slot: &Slot,
        object: &Object,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<()>, Refusal> {
        let (of, it) = (slot.clone(), object.clone());
        let read = self.aws("ListTags", false, &object.id, move |world, now| list(world, now, &of, &it)).await?;
        let present = match read {
            Ok(present) => present,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let extra = present.keys().filter(|key| !tags.contains_key(*key) && !key.starts_with("aws:"));
        let extra: Vec<String> = extra.cloned().collect();
        if !extra.is_empty() {
            let (of, arn) = (slot.clone(), object.arn.clone());
            let effect = move |world: &mut World, now| remove(world, now, &of, &arn, &extra);
            self.aws("RemoveTags", true, &object.id, effect).await?.map_err(|error| refusal(&error))?;
        }
        let new: Tags = tags
            .iter()
            .filter(|(key, value)| present.get(*key) != Some(*value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !new.is_empty() {
            let (of, arn) = (slot.clone(), object.arn.clone());
            let effect = move |world: &mut World, now| set(world, now, &of, &arn, new);
            self.aws("SetTags", true, &object.id, effect).await?.map_err(|error| refusal(&error))?;
        }
        Ok(Some(()))
    }
}
