//! The life of a distribution.

use super::{Distribution, DistributionConfig, Step};
use crate::world::{AwsError, Ms, Page, Paged, Tags, World};

impl World {
    pub fn create_distribution(&mut self, now: Ms, config: DistributionConfig, tags: Tags) -> Result<Distribution, AwsError> { todo!() }
    /// Serves GetDistribution and GetDistributionConfig.
    pub fn get_distribution(&mut self, now: Ms, id: &str) -> Result<Distribution, AwsError> { todo!() }
    /// `page.next_token` is the Marker: the id of the last distribution of the page before.
    pub fn list_distributions(&mut self, now: Ms, page: &Page) -> Result<Paged<Distribution>, AwsError> { todo!() }
    pub fn update_distribution(&mut self, now: Ms, id: &str, if_match: Option<&str>, config: DistributionConfig) -> Result<Distribution, AwsError> { todo!() }
    pub fn delete_distribution(&mut self, now: Ms, id: &str, if_match: Option<&str>) -> Result<(), AwsError> { todo!() }
    pub(in crate::world) fn fire_cloudfront(&mut self, at: Ms, step: Step) { todo!() }
}
