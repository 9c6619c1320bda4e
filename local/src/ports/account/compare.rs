//! What the simulated account describes of each object, in the form that the domain compares.

use super::alarms::region;
use super::cloudfront::distribution;
use super::medialive::{channel_seen, group_seen, input_object, input_seen};
use super::mediapackage::{endpoint, packaging};
use super::object;
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim};
use crate::world::cloudfront::Distribution;
use crate::world::cloudwatch::{Alarm, AlarmFilter};
use crate::world::medialive as live;
use crate::world::mediapackage::OriginEndpoint;
use crate::world::{Page, World};
use headend_control::ports::{Compared, Comparing};
use headend_domain::action::{Object, Seen, Status};
use headend_domain::drift::{Traits, attachment, list, seconds, set, video};
use headend_domain::slot::{AlarmKind, Slot};
use serde_json::Value;

type Found = Option<(Object, Seen, Traits)>;

impl Comparing for Sim {
    async fn compare(&self, slot: &Slot, id: &str) -> Compared {
        let it = id.to_owned();
        match slot {
            Slot::Group(_) => {
                let call = move |world: &mut World, now| world.describe_input_security_group(HOME, now, &it);
                self.look("DescribeInputSecurityGroup", id, call, group).await
            }
            Slot::Input(_) => {
                self.look("DescribeInput", id, move |world, now| world.describe_input(HOME, now, &it), input).await
            }
            Slot::Channel => {
                self.look("DescribeChannel", id, move |world, now| world.describe_channel(HOME, now, &it), channel)
                    .await
            }
            Slot::Packaging => {
                let call = move |world: &mut World, now| world.describe_packaging_channel(HOME, now, &it);
                let told = |found: &_| {
                    let (object, seen) = packaging(found);
                    Some((object, seen, Traits::new()))
                };
                self.look("MediaPackage.DescribeChannel", id, call, told).await
            }
            Slot::Endpoint(_) => {
                let call = move |world: &mut World, now| world.describe_origin_endpoint(HOME, now, &it);
                self.look("DescribeOriginEndpoint", id, call, origin_endpoint).await
            }
            Slot::Secret => {
                self.look("DescribeSecret", id, move |world, now| world.describe_secret(HOME, now, &it), secret).await
            }
            Slot::Distribution => {
                self.look("GetDistribution", id, move |world, now| world.get_distribution(now, &it), cdn).await
            }
            Slot::Alarm(kind) => self.alarm(*kind, id).await,
        }
    }
}

impl Sim {
    async fn alarm(&self, kind: AlarmKind, name: &str) -> Compared {
        let filter = AlarmFilter { names: vec![name.to_owned()], ..AlarmFilter::default() };
        let at = region(kind.region());
        let list = move |world: &mut World, now| world.describe_alarms(at, now, &filter, &Page::default());
        let found = self.aws("DescribeAlarms", false, name, list).await?.map_err(|error| refusal(&error))?;
        Ok(found.items.first().map(alarm))
    }
}

fn group(it: &live::InputSecurityGroup) -> Found {
    Some((object(&it.id, &it.arn), group_seen(it)?, Traits::from([("rules", set(it.cidrs.clone()))])))
}

fn input(it: &live::Input) -> Found {
    let traits = Traits::from([
        ("security group", list(it.security_groups.clone())),
        ("sources", list(it.sources.iter().map(|source| source.url.clone()))),
        ("flows", list(it.flows.clone())),
    ]);
    Some((input_object(it), input_seen(it)?, traits))
}

fn channel(it: &live::Channel) -> Found {
    let attached = it.doc["inputAttachments"].as_array().cloned().unwrap_or_default();
    let second = |input: &str| {
        let found = attached.iter().find(|it| it["inputId"] == input)?;
        found["automaticInputFailoverSettings"]["secondaryInputId"].as_str()
    };
    let inputs = it.attachments.iter().map(|it| attachment(&it.name, &it.input_id, second(&it.input_id)));
    let pictures = it.doc["encoderSettings"]["videoDescriptions"].as_array().cloned().unwrap_or_default();
    let rung = |it: &Value| video(&it["width"], &it["height"], &it["codecSettings"]["h264Settings"]["bitrate"]);
    let traits = Traits::from([
        ("name", it.name.clone()),
        ("class", it.class.as_str().to_owned()),
        ("inputs", list(inputs)),
        ("packaging channel", list(it.packaging.iter().map(|it| it.channel_id.clone()))),
        ("video", list(pictures.iter().map(rung))),
    ]);
    Some((object(&it.id, &it.arn), channel_seen(it)?, traits))
}

fn origin_endpoint(it: &OriginEndpoint) -> Found {
    let package = ["hlsPackage", "dashPackage", "cmafPackage"].into_iter().find_map(|name| it.doc.get(name));
    let package = package.unwrap_or(&Value::Null);
    let windows = [
        &package["playlistWindowSeconds"],
        &package["manifestWindowSeconds"],
        &package["hlsManifests"][0]["playlistWindowSeconds"],
    ];
    let window = windows.into_iter().find(|window| !window.is_null()).unwrap_or(&Value::Null);
    let secret = it.authorization.as_ref().map(|it| it.secret_arn.clone());
    let traits = Traits::from([
        ("segments", seconds(&package["segmentDurationSeconds"])),
        ("window", seconds(window)),
        ("start-over", seconds(&it.doc["startoverWindowSeconds"])),
        ("manifest name", it.manifest_name.clone()),
        ("origination", it.doc["origination"].as_str().unwrap_or_default().to_owned()),
        ("secret", list(secret)),
    ]);
    let (object, seen) = endpoint(it);
    Some((object, seen, traits))
}

fn secret(it: &crate::world::secrets::Secret) -> Found {
    let there = it.deleted_at.is_none();
    let traits = Traits::from([("current version", list(it.current.clone()))]);
    there.then(|| (object(&it.name, &it.arn), Seen::new(Status::Ready), traits))
}

fn cdn(it: &Distribution) -> Found {
    let config = &it.config;
    let headers = config.origins.iter().flat_map(|origin| origin.headers.keys().cloned());
    let traits = Traits::from([
        ("in service", if config.enabled { "yes" } else { "no" }.to_owned()),
        ("comment", config.comment.clone()),
        ("origins", set(config.origins.iter().map(|origin| origin.domain.clone()))),
        ("headers to the origin", set(headers)),
        ("paths", set(config.behaviors.iter().filter_map(|behavior| behavior.path_pattern.clone()))),
    ]);
    let (object, seen) = distribution(it);
    Some((object, seen, traits))
}

fn alarm(it: &Alarm) -> (Object, Seen, Traits) {
    let spec = &it.spec;
    let watched = ["ChannelId", "Channel", "DistributionId"];
    let of = watched.iter().find_map(|name| spec.metric.dimensions.get(*name).cloned());
    let traits = Traits::from([
        ("metric", spec.metric.name.clone()),
        ("of", list(of)),
        ("threshold", spec.threshold.to_string()),
        ("actions", if spec.actions_enabled { "on" } else { "off" }.to_owned()),
    ]);
    (object(&spec.name, &it.arn), Seen::new(Status::Ready), traits)
}
