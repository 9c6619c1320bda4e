//! The life of a distribution: every change takes minutes to be Deployed (aws-facts 3.1, 3.3, 3.6).

use super::{Distribution, DistributionConfig, DistributionStatus, Step};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Tags, Timer, World, page};

/// CloudFront is global; its buckets are kept under this name.
pub(super) const GLOBAL: &str = "global";
const ID_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const DOMAIN_LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl World {
    /// A CallerReference makes one distribution, even if everything else is the same (aws-facts 3.2).
    pub fn create_distribution(
        &mut self,
        now: Ms,
        config: DistributionConfig,
        tags: Tags,
    ) -> Result<Distribution, AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Write)?;
        self.check_caller_reference(&config.caller_reference)?;
        self.check_aliases(None, &config.aliases)?;
        let most = self.quotas.get("cloudfront.distributions");
        if self.cloudfront.distributions.len() >= most as usize {
            let message =
                format!("Limit exceeded: this account may have {most} distributions (quota cloudfront.distributions)");
            return Err(AwsError::new(400, "TooManyDistributions", message));
        }
        let id = self.dice.text(13, ID_LETTERS);
        let id = format!("E{id}");
        let domain = self.dice.text(13, DOMAIN_LETTERS);
        let distribution = Distribution {
            arn: format!("arn:aws:cloudfront::{}:distribution/{id}", self.account),
            id: id.clone(),
            domain_name: format!("d{domain}.cloudfront.net"),
            status: DistributionStatus::InProgress,
            etag: self.etag(),
            last_modified: now,
            config,
            superseded: vec![None],
            tags,
            epoch: 0,
        };
        let reference = distribution.config.caller_reference.clone();
        self.cloudfront.spent_references.insert(reference);
        self.cloudfront.distributions.insert(id.clone(), distribution);
        self.deploy(now, &id);
        self.distribution(&id).cloned()
    }

    /// Serves GetDistribution and GetDistributionConfig.
    pub fn get_distribution(&mut self, now: Ms, id: &str) -> Result<Distribution, AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Read)?;
        self.distribution(id).cloned()
    }

    /// `page.next_token` is the Marker, and the answer's the NextMarker.
    pub fn list_distributions(&mut self, now: Ms, page: &Page) -> Result<Paged<Distribution>, AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Read)?;
        page::cut(self.cloudfront.distributions.iter(), page, 100)
            .map_err(|error| AwsError::new(400, "InvalidArgument", error.message))
    }

    /// Allowed while InProgress; replaces the whole configuration (aws-facts 3.1, 3.6).
    pub fn update_distribution(
        &mut self,
        now: Ms,
        id: &str,
        if_match: Option<&str>,
        config: DistributionConfig,
    ) -> Result<Distribution, AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Write)?;
        check_version(self.distribution(id)?, if_match)?;
        if self.distribution(id)?.config.caller_reference != config.caller_reference {
            let message = "The caller reference cannot be changed by an update";
            return Err(AwsError::new(400, "IllegalUpdate", message));
        }
        self.check_aliases(Some(id), &config.aliases)?;
        let etag = self.etag();
        let distribution = self.distribution(id)?;
        let before = std::mem::replace(&mut distribution.config, config);
        distribution.superseded.push(Some(before));
        distribution.etag = etag;
        distribution.last_modified = now;
        self.deploy(now, id);
        self.distribution(id).cloned()
    }

    /// Only when disabled, and only when the disabling is Deployed (aws-facts 3.6).
    pub fn delete_distribution(&mut self, now: Ms, id: &str, if_match: Option<&str>) -> Result<(), AwsError> {
        self.admit(GLOBAL, now, Service::CloudFront, Kind::Write)?;
        let distribution = self.distribution(id)?;
        check_version(distribution, if_match)?;
        if distribution.config.enabled || distribution.status == DistributionStatus::InProgress {
            let message = "The distribution you are trying to delete has not been disabled";
            return Err(AwsError::new(409, "DistributionNotDisabled", message));
        }
        self.cloudfront.distributions.remove(id);
        Ok(())
    }

    pub(in crate::world) fn fire_cloudfront(&mut self, step: Step) {
        let Step::Deployed { id, epoch } = step;
        let distribution = self.cloudfront.distributions.get_mut(&id);
        if let Some(distribution) = distribution.filter(|it| it.epoch == epoch) {
            // No event says so (aws-facts 3.6): whoever waits has to look.
            distribution.status = DistributionStatus::Deployed;
            distribution.superseded.clear();
        }
    }

    pub(super) fn distribution(&mut self, id: &str) -> Result<&mut Distribution, AwsError> {
        self.cloudfront
            .distributions
            .get_mut(id)
            .ok_or_else(|| AwsError::new(404, "NoSuchDistribution", format!("The distribution {id} does not exist")))
    }

    fn deploy(&mut self, now: Ms, id: &str) {
        let slow = self.dice.chance(self.switches.slow_distribution);
        let durations = &self.switches.durations;
        let span = if slow { durations.distribution_deploy_slow } else { durations.distribution_deploy };
        let due = now + self.lasting(span);
        let Some(distribution) = self.cloudfront.distributions.get_mut(id) else {
            return;
        };
        distribution.status = DistributionStatus::InProgress;
        distribution.epoch += 1;
        let step = Step::Deployed { id: id.to_owned(), epoch: distribution.epoch };
        self.later(due, Timer::CloudFront { step });
    }

    fn check_caller_reference(&self, reference: &str) -> Result<(), AwsError> {
        let taken = self.cloudfront.distributions.values();
        let taken = taken.map(|it| &it.config.caller_reference).any(|it| it == reference);
        let spent = self.switches.caller_reference_forever && self.cloudfront.spent_references.contains(reference);
        if taken || spent {
            let message = "The caller reference that you are using is associated with another distribution";
            return Err(AwsError::new(409, "DistributionAlreadyExists", message));
        }
        Ok(())
    }

    /// One alias belongs to one distribution (aws-facts 3.2).
    fn check_aliases(&self, own: Option<&str>, aliases: &[String]) -> Result<(), AwsError> {
        let others = self.cloudfront.distributions.values().filter(|it| Some(it.id.as_str()) != own);
        for other in others {
            if let Some(alias) = aliases.iter().find(|alias| other.config.aliases.contains(alias)) {
                let message = format!("The alias {alias} is already associated with a distribution");
                return Err(AwsError::new(409, "CNAMEAlreadyExists", message));
            }
        }
        Ok(())
    }

    fn etag(&mut self) -> String {
        format!("E{}", self.dice.text(12, ID_LETTERS))
    }
}

fn check_version(distribution: &Distribution, if_match: Option<&str>) -> Result<(), AwsError> {
    match if_match {
        None => {
            let message = "The If-Match version is missing or not valid for the resource";
            Err(AwsError::new(400, "InvalidIfMatchVersion", message))
        }
        Some(version) if version != distribution.etag => {
            let message = "The If-Match version is not the present version of the distribution";
            Err(AwsError::new(412, "PreconditionFailed", message))
        }
        Some(_) => Ok(()),
    }
}
