//! What the account has under our mark, whether a record knows it or not: every list in full, one service after the other,
//! nothing decided. CloudFront's and CloudWatch's lists tell no tags; those are read one by one.

use crate::Account;
use crate::cloudfront::seen as distribution_seen;
use crate::medialive::seen::{channel_seen, group_seen, input_seen};
use crate::refusal::told;
use crate::tags::unless_missing;
use aws_sdk_cloudfront::types::DistributionSummary;
use aws_sdk_cloudwatch::types::AlarmType;
use aws_sdk_medialive::types::{Input, InputState};
use aws_sdk_mediapackage::primitives::{DateTime, DateTimeFormat};
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry};
use headend_control::ports::Inventory;
use headend_domain::action::{Refusal, Seen, Status};
use headend_domain::orphan::{Kind, Listed, Marked};
use headend_domain::slot::AlarmRegion;
use headend_domain::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// Entries of one page; as many as fit saves calls.
const PAGE: i32 = 100;
/// How the names of ours begin.
const OURS: &str = "hl-";

type Tags = BTreeMap<String, String>;
type Found = Result<Vec<Listed>, Refusal>;

impl Inventory for Account {
    async fn marked(&self, kind: Kind) -> Result<Vec<Marked>, Refusal> {
        let listed = match kind {
            Kind::Channel => self.all_channels().await,
            Kind::Input => self.all_inputs().await,
            Kind::Group => self.all_groups().await,
            Kind::Packaging => self.all_packaging().await,
            Kind::Endpoint => self.all_endpoints().await,
            Kind::Distribution => self.all_distributions().await,
            Kind::Secret => self.all_secrets().await,
            Kind::Alarm(region) => self.all_alarms(region).await,
        };
        Ok(listed?.into_iter().filter_map(Marked::read).collect())
    }

    async fn tags_of(&self, marked: &Marked) -> Result<Option<Tags>, Refusal> {
        match marked.kind {
            Kind::Distribution => {
                let call = self.cloudfront.list_tags_for_resource().resource(&marked.arn);
                let found = unless_missing(call.send().await)?.map(|answer| answer.tags.and_then(|tags| tags.items));
                Ok(found.map(|tags| {
                    tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
                }))
            }
            Kind::Alarm(region) => {
                let call = self.alarms_in(region).0.list_tags_for_resource().resource_arn(&marked.arn);
                let found = unless_missing(call.send().await)?.map(|answer| answer.tags.unwrap_or_default());
                let pair =
                    |tag: aws_sdk_cloudwatch::types::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
                Ok(found.map(|tags| tags.into_iter().map(pair).collect()))
            }
            Kind::Channel | Kind::Input | Kind::Group | Kind::Packaging | Kind::Endpoint | Kind::Secret => {
                Ok(marked.tags.clone())
            }
        }
    }
}

impl Account {
    async fn all_channels(&self) -> Found {
        let pages = self.medialive.list_channels().max_results(PAGE).into_paginator().items().send();
        let channels = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let listed = channels.into_iter().filter_map(|it| {
            let seen = channel_seen(it.state.as_ref(), it.pipelines_running_count)?;
            Some(listed(Kind::Channel, it.id, it.arn, it.name, tags(it.tags), seen))
        });
        Ok(listed.collect())
    }

    async fn all_inputs(&self) -> Found {
        let pages = self.medialive.list_inputs().max_results(PAGE).into_paginator().items().send();
        let inputs = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let listed = inputs.into_iter().filter_map(|it| {
            let seen = holding(&it)?;
            Some(listed(Kind::Input, it.id, it.arn, it.name, tags(it.tags), seen))
        });
        Ok(listed.collect())
    }

    async fn all_groups(&self) -> Found {
        let pages = self.medialive.list_input_security_groups().max_results(PAGE).into_paginator().items().send();
        let groups = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let listed = groups.into_iter().filter_map(|it| {
            let seen = group_seen(it.state.as_ref())?;
            Some(listed(Kind::Group, it.id.clone(), it.arn, it.id, tags(it.tags), seen))
        });
        Ok(listed.collect())
    }

    async fn all_packaging(&self) -> Found {
        let pages = self.mediapackage.list_channels().max_results(PAGE).into_paginator().items().send();
        let channels = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let listed = channels.into_iter().map(|it| {
            let created_at = it.created_at.as_deref().and_then(moment);
            let seen = Seen::new(Status::Ready);
            Listed { created_at, ..listed(Kind::Packaging, it.id.clone(), it.arn, it.id, tags(it.tags), seen) }
        });
        Ok(listed.collect())
    }

    async fn all_endpoints(&self) -> Found {
        let pages = self.mediapackage.list_origin_endpoints().max_results(PAGE).into_paginator().items().send();
        let endpoints = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let listed = endpoints.into_iter().map(|it| {
            let created_at = it.created_at.as_deref().and_then(moment);
            let seen = Seen::new(Status::Ready);
            Listed { created_at, ..listed(Kind::Endpoint, it.id.clone(), it.arn, it.id, tags(it.tags), seen) }
        });
        Ok(listed.collect())
    }

    async fn all_distributions(&self) -> Found {
        let mut found = Vec::new();
        let mut marker = None;
        loop {
            let answer = self.cloudfront.list_distributions().set_marker(marker.take()).send().await;
            let Some(page) = answer.map_err(|error| told(&error).refusal())?.distribution_list else { break };
            found.extend(page.items.unwrap_or_default().into_iter().map(distribution));
            marker = page.next_marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn all_secrets(&self) -> Found {
        let named = Filter::builder().key(FilterNameStringType::Name).values(OURS).build();
        let mut pages = self.secrets.list_secrets().filters(named).max_results(PAGE).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| told(&error).refusal())?;
            let kept = page.secret_list.unwrap_or_default().into_iter().filter(|it| it.deleted_date.is_none());
            found.extend(kept.map(secret));
        }
        Ok(found)
    }

    async fn all_alarms(&self, region: AlarmRegion) -> Found {
        let call = self.alarms_in(region).0.describe_alarms().alarm_name_prefix(OURS);
        let mut pages = call.alarm_types(AlarmType::MetricAlarm).max_records(PAGE).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| told(&error).refusal())?;
            found.extend(page.metric_alarms.unwrap_or_default().into_iter().map(|it| {
                let (kind, seen) = (Kind::Alarm(region), Seen::new(Status::Ready));
                Listed {
                    tags: None,
                    ..listed(kind, it.alarm_name.clone(), it.alarm_arn, it.alarm_name, Tags::new(), seen)
                }
            }));
        }
        Ok(found)
    }
}

fn listed(kind: Kind, id: Option<String>, arn: Option<String>, name: Option<String>, tags: Tags, seen: Seen) -> Listed {
    let (id, arn, name) = (id.unwrap_or_default(), arn.unwrap_or_default(), name.unwrap_or_default());
    Listed { kind, id, arn, name, tags: Some(tags), created_at: None, seen }
}

fn tags(tags: Option<HashMap<String, String>>) -> Tags {
    tags.unwrap_or_default().into_iter().collect()
}

/// MediaPackage tells moments as texts.
fn moment(text: &str) -> Option<Timestamp> {
    let moment = DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).ok()?;
    moment.to_millis().ok().map(Timestamp)
}

/// An input that a channel has is in use.
fn holding(it: &Input) -> Option<Seen> {
    if it.state == Some(InputState::Attached) {
        return Some(Seen::new(Status::InUse));
    }
    input_seen(it.state.as_ref())
}

/// The comment begins with our token, and is what people see in the console.
fn distribution(it: DistributionSummary) -> Listed {
    let seen = distribution_seen(&it.status, it.enabled);
    Listed { kind: Kind::Distribution, id: it.id, arn: it.arn, name: it.comment, tags: None, created_at: None, seen }
}

fn secret(it: SecretListEntry) -> Listed {
    let pair = |tag: aws_sdk_secretsmanager::types::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    let tags = it.tags.unwrap_or_default().into_iter().map(pair).collect();
    let created_at = it.created_date.and_then(|at| at.to_millis().ok()).map(Timestamp);
    let seen = Seen::new(Status::Ready);
    Listed { created_at, ..listed(Kind::Secret, it.name.clone(), it.arn, it.name, tags, seen) }
}
