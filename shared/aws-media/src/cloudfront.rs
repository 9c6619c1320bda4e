//! CloudFront: distributions. Every change says which version it was made from (the ETag).

mod build;

use crate::Account;
use crate::refusal::{Told, told};
use crate::tags::{Changes, gone, unless_missing};
use aws_sdk_cloudfront::types::{Distribution, DistributionSummary, TagKeys};
use headend_control::ports::{CloudFront, Created, Creation, FoundAll, Looked, SecretValue};
use headend_domain::action::{Object, Refusal, RefusalKind, Seen, Status};
use headend_domain::request::DistributionRequest;
use std::collections::BTreeMap;

impl CloudFront for Account {
    async fn create_distribution(&self, request: &DistributionRequest, header: &SecretValue) -> Created {
        let built = build::distribution(request, header);
        match self.cloudfront.create_distribution_with_tags().distribution_config_with_tags(built).send().await {
            Ok(answer) => {
                let made = answer.distribution.ok_or_else(|| empty("CreateDistribution"))?;
                Ok(Creation::Made(named(&made.id, &made.arn, &made.domain_name), distribution_seen(&made)))
            }
            Err(error) => {
                let told = told(&error);
                if told.has_code("DistributionAlreadyExists") {
                    Ok(Creation::AlreadyThere)
                } else {
                    Err(told.refusal())
                }
            }
        }
    }

    async fn find_distributions(&self, token: &str) -> FoundAll {
        let prefix = format!("{token} ");
        let mut found: Vec<DistributionSummary> = Vec::new();
        let mut marker = None;
        loop {
            let answer = self.cloudfront.list_distributions().set_marker(marker.take()).send().await;
            let page = answer.map_err(|error| told(&error).refusal())?.distribution_list;
            let Some(page) = page else { break };
            found.extend(page.items.unwrap_or_default().into_iter().filter(|item| item.comment.starts_with(&prefix)));
            marker = page.next_marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
        found.sort_by(|a, b| a.last_modified_time.cmp(&b.last_modified_time).then_with(|| a.id.cmp(&b.id)));
        Ok(found
            .iter()
            .map(|item| (named(&item.id, &item.arn, &item.domain_name), seen(&item.status, item.enabled)))
            .collect())
    }

    async fn describe_distribution(&self, id: &str) -> Looked {
        Ok(self.read(id).await?.map(|(distribution, _)| distribution_seen(&distribution)))
    }

    async fn update_distribution(&self, id: &str, request: &DistributionRequest, header: &SecretValue) -> Looked {
        let Some((_, etag)) = self.read(id).await? else { return Ok(None) };
        let config = build::config(request, header);
        match self.cloudfront.update_distribution().id(id).if_match(etag).distribution_config(config).send().await {
            Ok(answer) => {
                let changed = answer.distribution.ok_or_else(|| empty("UpdateDistribution"))?;
                Ok(Some(distribution_seen(&changed)))
            }
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn disable_distribution(&self, id: &str) -> Looked {
        let Some((distribution, etag)) = self.read(id).await? else { return Ok(None) };
        let seen = distribution_seen(&distribution);
        let Some(mut config) = distribution.distribution_config.filter(|config| config.enabled) else {
            return Ok(Some(seen));
        };
        // An update replaces the whole configuration, so it is written back as it was read (aws-facts 3.1).
        config.enabled = false;
        match self.cloudfront.update_distribution().id(id).if_match(etag).distribution_config(config).send().await {
            Ok(answer) => {
                Ok(Some(answer.distribution.as_ref().map_or(Seen { enabled: false, ..seen }, distribution_seen)))
            }
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn delete_distribution(&self, id: &str) -> Looked {
        let Some((_, etag)) = self.read(id).await? else { return Ok(None) };
        match self.cloudfront.delete_distribution().id(id).if_match(etag).send().await {
            Ok(_) => Ok(None),
            Err(error) => missing_or(told(&error), Told::refusal_of_delete),
        }
    }
}

impl Account {
    /// The distribution and its ETag, of one answer.
    async fn read(&self, id: &str) -> Result<Option<(Distribution, String)>, Refusal> {
        match self.cloudfront.get_distribution().id(id).send().await {
            Ok(answer) => {
                let etag = answer.e_tag.unwrap_or_default();
                Ok(answer.distribution.map(|distribution| (distribution, etag)))
            }
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    /// Makes the tags of a distribution equal to `wanted`. They are no part of its configuration: nothing is
    /// deployed. `None`: it is not there.
    ///
    /// # Errors
    /// AWS's refusal, of the second of two calls perhaps.
    pub async fn retag_cloudfront(&self, arn: &str, wanted: &BTreeMap<String, String>) -> Result<Option<()>, Refusal> {
        let listed = self.cloudfront.list_tags_for_resource().resource(arn).send().await;
        let Some(listed) = unless_missing(listed)? else { return Ok(None) };
        let there = listed.tags.and_then(|tags| tags.items).unwrap_or_default();
        let pairs = there.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()));
        let Changes { remove, set } = Changes::between(pairs, wanted);
        if !remove.is_empty() {
            let keys = TagKeys::builder().set_items(Some(remove)).build();
            if gone(self.cloudfront.untag_resource().resource(arn).tag_keys(keys).send().await)? {
                return Ok(None);
            }
        }
        if !set.is_empty() && gone(self.cloudfront.tag_resource().resource(arn).tags(build::tags(&set)).send().await)? {
            return Ok(None);
        }
        Ok(Some(()))
    }
}

fn missing_or(told: Told, refusal: fn(Told) -> Refusal) -> Looked {
    if told.has_code("NoSuchDistribution") { Ok(None) } else { Err(refusal(told)) }
}

fn empty(operation: &str) -> Refusal {
    Refusal::new(RefusalKind::Unsure, "EmptyAnswer", &format!("{operation} answered without saying what it made"))
}

pub(crate) fn named(id: &str, arn: &str, domain: &str) -> Object {
    Object { id: id.to_owned(), arn: arn.to_owned(), domain: Some(domain.to_owned()), ..Object::default() }
}

pub(crate) fn distribution_seen(distribution: &Distribution) -> Seen {
    let enabled = distribution.distribution_config.as_ref().is_none_or(|config| config.enabled);
    seen(&distribution.status, enabled)
}

pub(crate) fn seen(status: &str, enabled: bool) -> Seen {
    let status = if status == "Deployed" { Status::Ready } else { Status::Making };
    Seen { enabled, ..Seen::new(status) }
}

#[cfg(test)]
mod tests;
