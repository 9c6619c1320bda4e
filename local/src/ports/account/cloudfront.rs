//! CloudFront behind its port.

use super::{all, gone, object};
use crate::ports::Sim;
use crate::ports::classify::refusal;
use crate::world::cloudfront::{Behavior, Distribution, DistributionConfig, DistributionStatus, Origin};
use crate::world::{Tags, World};
use headend_control::ports::{CloudFront, Created, FoundAll, Looked, SecretValue};
use headend_domain::action::{Object, Seen, Status};
use headend_domain::request::DistributionRequest;

fn distribution_seen(distribution: &Distribution) -> Seen {
    let status = match distribution.status {
        DistributionStatus::InProgress => Status::Making,
        DistributionStatus::Deployed => Status::Ready,
    };
    Seen { enabled: distribution.config.enabled, ..Seen::new(status) }
}

pub(super) fn distribution(it: &Distribution) -> (Object, Seen) {
    (Object { domain: Some(it.domain_name.clone()), ..object(&it.id, &it.arn) }, distribution_seen(it))
}

fn config(request: &DistributionRequest, header: &SecretValue) -> DistributionConfig {
    let behavior = |pattern: &String| Behavior {
        path_pattern: Some(pattern.clone()),
        target_origin: "packaging".to_owned(),
        ..Behavior::default()
    };
    let origin = |id: &str, headers: Tags| Origin {
        id: id.to_owned(),
        domain: request.origin_host.clone(),
        path: String::new(),
        headers,
    };
    let identifier = Tags::from([("X-MediaPackage-CDNIdentifier".to_owned(), header.reveal().to_owned())]);
    DistributionConfig {
        caller_reference: request.caller_reference.clone(),
        enabled: true,
        comment: request.comment.clone(),
        origins: vec![origin("packaging", identifier), origin("elsewhere", Tags::new())],
        behaviors: request.path_patterns.iter().map(behavior).collect(),
        ..DistributionConfig::default()
    }
}

impl CloudFront for Sim {
    async fn create_distribution(&self, request: &DistributionRequest, header: &SecretValue) -> Created {
        let config = config(request, header);
        let tags = request.tags.clone();
        self.create(
            "CreateDistribution",
            &request.caller_reference,
            move |world, now| world.create_distribution(now, config, tags),
            distribution,
        )
        .await
    }

    async fn find_distributions(&self, token: &str) -> FoundAll {
        let prefix = format!("{token} ");
        let list = move |world: &mut World, now| {
            let all = all(|page| world.list_distributions(now, page))?;
            Ok(all.into_iter().filter(|it| it.config.comment.starts_with(&prefix)).collect::<Vec<_>>())
        };
        let found = self.aws("ListDistributions", false, token, list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(distribution).collect())
    }

    async fn describe_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look(
            "GetDistribution",
            id,
            move |world, now| world.get_distribution(now, &wanted),
            |it| Some(distribution_seen(it)),
        )
        .await
    }

    async fn update_distribution(&self, id: &str, request: &DistributionRequest, header: &SecretValue) -> Looked {
        let wanted = id.to_owned();
        let read = self
            .aws("GetDistributionConfig", false, id, move |world, now| world.get_distribution(now, &wanted))
            .await?;
        let etag = match read {
            Ok(current) => current.etag,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let (wanted, config) = (id.to_owned(), config(request, header));
        self.change(
            "UpdateDistribution",
            id,
            move |world, now| world.update_distribution(now, &wanted, Some(&etag), config),
            |it| Some(distribution_seen(it)),
        )
        .await
    }

    async fn disable_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        let read = self
            .aws("GetDistributionConfig", false, id, move |world, now| world.get_distribution(now, &wanted))
            .await?;
        let current = match read {
            Ok(current) if !current.config.enabled => return Ok(Some(distribution_seen(&current))),
            Ok(current) => current,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let (wanted, etag) = (id.to_owned(), current.etag);
        let config = DistributionConfig { enabled: false, ..current.config };
        self.change(
            "UpdateDistribution",
            id,
            move |world, now| world.update_distribution(now, &wanted, Some(&etag), config),
            |it| Some(distribution_seen(it)),
        )
        .await
    }

    async fn delete_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        let read =
            self.aws("GetDistribution", false, id, move |world, now| world.get_distribution(now, &wanted)).await?;
        let etag = match read {
            Ok(current) => current.etag,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let wanted = id.to_owned();
        self.change(
            "DeleteDistribution",
            id,
            move |world, now| world.delete_distribution(now, &wanted, Some(&etag)),
            |()| None,
        )
        .await
    }
}
