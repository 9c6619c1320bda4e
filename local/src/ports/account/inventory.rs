//! What the account has under our mark, behind its port.

use super::alarms::region;
use super::all;
use super::cloudfront::distribution as distribution_object;
use super::medialive::{channel_seen, group_seen, input_seen};
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim};
use crate::world::cloudwatch::AlarmFilter;
use crate::world::medialive::InputState;
use crate::world::secrets::SecretFilter;
use crate::world::{AwsError, Ms, Tags, World};
use headend_control::ports::Inventory;
use headend_domain::action::{Refusal, Seen, Status};
use headend_domain::orphan::{Kind, Listed, Marked};
use headend_domain::time::Timestamp;
use std::collections::BTreeMap;

impl Inventory for Sim {
    async fn marked(&self, kind: Kind) -> Result<Vec<Marked>, Refusal> {
        let list = move |world: &mut World, now| listed(world, now, kind);
        let found = self.aws("ListMarked", false, kind.service(), list).await?.map_err(|error| refusal(&error))?;
        Ok(found.into_iter().filter_map(Marked::read).collect())
    }

    async fn tags_of(&self, marked: &Marked) -> Result<Option<BTreeMap<String, String>>, Refusal> {
        let (kind, arn) = (marked.kind, marked.arn.clone());
        let list = move |world: &mut World, now| match kind {
            Kind::Distribution => world.list_cloudfront_tags(now, &arn),
            Kind::Alarm(at) => world.list_cloudwatch_tags(region(at), now, &arn),
            _ => Err(AwsError::bad_request("its list tells the tags")),
        };
        self.aws("ListTags", false, &marked.id, list).await?.map(Some).map_err(|error| refusal(&error))
    }
}

fn one(kind: Kind, id: &str, arn: &str, name: &str, tags: &Tags, seen: Seen) -> Listed {
    let (id, arn, name) = (id.to_owned(), arn.to_owned(), name.to_owned());
    Listed { kind, id, arn, name, tags: Some(tags.clone()), created_at: None, seen }
}

fn listed(world: &mut World, now: Ms, kind: Kind) -> Result<Vec<Listed>, AwsError> {
    let ready = || Seen::new(Status::Ready);
    Ok(match kind {
        Kind::Channel => {
            let found = all(|page| world.list_channels(HOME, now, page))?;
            let shown = |it: &crate::world::medialive::Channel| {
                Some(one(kind, &it.id, &it.arn, &it.name, &it.tags, channel_seen(it)?))
            };
            found.iter().filter_map(shown).collect()
        }
        Kind::Input => {
            let found = all(|page| world.list_inputs(HOME, now, page))?;
            let seen = |it: &crate::world::medialive::Input| {
                if it.state == InputState::Attached { Some(Seen::new(Status::InUse)) } else { input_seen(it) }
            };
            found.iter().filter_map(|it| Some(one(kind, &it.id, &it.arn, &it.name, &it.tags, seen(it)?))).collect()
        }
        Kind::Group => {
            let found = all(|page| world.list_input_security_groups(HOME, now, page))?;
            found.iter().filter_map(|it| Some(one(kind, &it.id, &it.arn, &it.id, &it.tags, group_seen(it)?))).collect()
        }
        Kind::Packaging => {
            let found = all(|page| world.list_packaging_channels(HOME, now, page))?;
            let shown = |it: &crate::world::mediapackage::PackagingChannel| Listed {
                created_at: Some(Timestamp(it.created_at)),
                ..one(kind, &it.id, &it.arn, &it.id, &it.tags, ready())
            };
            found.iter().map(shown).collect()
        }
        Kind::Endpoint => {
            let found = all(|page| world.list_origin_endpoints(HOME, now, None, page))?;
            let shown = |it: &crate::world::mediapackage::OriginEndpoint| Listed {
                created_at: Some(Timestamp(it.created_at)),
                ..one(kind, &it.id, &it.arn, &it.id, &it.tags, ready())
            };
            found.iter().map(shown).collect()
        }
        Kind::Distribution => {
            let found = all(|page| world.list_distributions(now, page))?;
            let shown = |it: &crate::world::cloudfront::Distribution| {
                let (object, seen) = distribution_object(it);
                Listed { tags: None, ..one(kind, &object.id, &object.arn, &it.config.comment, &Tags::new(), seen) }
            };
            found.iter().map(shown).collect()
        }
        Kind::Secret => {
            let found = all(|page| world.list_secrets(HOME, now, &SecretFilter::default(), page))?;
            let shown = |it: &crate::world::secrets::Secret| Listed {
                created_at: Some(Timestamp(it.created_at)),
                ..one(kind, &it.name, &it.arn, &it.name, &it.tags, ready())
            };
            found.iter().map(shown).collect()
        }
        Kind::Alarm(at) => {
            let filter = AlarmFilter { name_prefix: Some("hl-".to_owned()), ..AlarmFilter::default() };
            let found = all(|page| world.describe_alarms(region(at), now, &filter, page))?;
            let shown = |it: &crate::world::cloudwatch::Alarm| Listed {
                tags: None,
                ..one(kind, &it.spec.name, &it.arn, &it.spec.name, &Tags::new(), ready())
            };
            found.iter().map(shown).collect()
        }
    })
}
