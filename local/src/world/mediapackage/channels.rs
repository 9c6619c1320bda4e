//! Packaging channels: made at once, but MediaLive sees one only moments later (aws-facts 1.7, 2.1).

use super::{CreatePackagingChannel, IngestEndpoint, PackagingChannel};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, page};

impl World {
    /// The id is the caller's; one that is taken answers 422, since there is no Conflict shape (aws-facts 2.1).
    pub fn create_packaging_channel(
        &mut self,
        region: &str,
        now: Ms,
        request: CreatePackagingChannel,
    ) -> Result<PackagingChannel, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        let channels = &self.region(region).mediapackage.channels;
        if channels.contains_key(&request.id) {
            return Err(AwsError::unprocessable(format!("A channel with the id {} already exists", request.id)));
        }
        let count = channels.len();
        self.mediapackage_quota("mediapackage.channels", "channels in a region", count)?;
        let channel = self.make_packaging_channel(region, now, request);
        let channels = &mut self.region(region).mediapackage.channels;
        channels.insert(channel.id.clone(), channel.clone());
        Ok(channel)
    }

    pub fn describe_packaging_channel(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
    ) -> Result<PackagingChannel, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Read)?;
        self.packaging_channel(region, id).cloned()
    }

    pub fn list_packaging_channels(
        &mut self,
        region: &str,
        now: Ms,
        page: &Page,
    ) -> Result<Paged<PackagingChannel>, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Read)?;
        page::cut(self.region(region).mediapackage.channels.iter(), page, 1000).map_err(super::as_unprocessable)
    }

    /// UpdateChannel can change nothing but the description.
    pub fn update_packaging_channel(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        description: String,
    ) -> Result<PackagingChannel, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        let channel = self.packaging_channel(region, id)?;
        channel.description = description;
        Ok(channel.clone())
    }

    /// Endpoints go before their channel (aws-facts 2.9).
    pub fn delete_packaging_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        self.packaging_channel(region, id)?;
        let mediapackage = &mut self.region(region).mediapackage;
        let endpoints: Vec<&str> = mediapackage
            .endpoints
            .values()
            .filter(|endpoint| endpoint.channel_id == id)
            .map(|endpoint| endpoint.id.as_str())
            .collect();
        if !endpoints.is_empty() {
            return Err(AwsError::unprocessable(format!(
                "Channel {id} still has origin endpoints: {}",
                endpoints.join(", ")
            )));
        }
        mediapackage.channels.remove(id);
        Ok(())
    }

    /// New credentials for one ingest endpoint; the URLs stay (aws-facts 2.2).
    pub fn rotate_ingest_credentials(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        ingest_id: &str,
    ) -> Result<PackagingChannel, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        let (username, password) = (self.dice.hex(32), self.dice.hex(32));
        let channel = self.packaging_channel(region, id)?;
        let endpoint = channel.ingest.iter_mut().find(|endpoint| endpoint.id == ingest_id);
        let unknown = || AwsError::not_found(format!("Ingest endpoint {ingest_id} of channel {id} not found"));
        let endpoint = endpoint.ok_or_else(unknown)?;
        endpoint.username = username;
        endpoint.password = password;
        Ok(channel.clone())
    }

    pub(super) fn packaging_channel(&mut self, region: &str, id: &str) -> Result<&mut PackagingChannel, AwsError> {
        let channel = self.region(region).mediapackage.channels.get_mut(id);
        channel.ok_or_else(|| AwsError::not_found(format!("Channel {id} not found")))
    }

    /// A resource quota is exceeded when there are already as many (aws-facts 2.2).
    pub(super) fn mediapackage_quota(&self, name: &str, what: &str, existing: usize) -> Result<(), AwsError> {
        let most = self.quotas.get(name);
        if existing < most as usize {
            return Ok(());
        }
        let (status, code) = &self.switches.mediapackage_quota_error;
        let message = format!("Limit exceeded: there may be {most} {what} (quota {name})");
        Err(AwsError::new(*status, code, message))
    }

    fn make_packaging_channel(&mut self, region: &str, now: Ms, request: CreatePackagingChannel) -> PackagingChannel {
        let guid = self.dice.hex(32);
        let span = self.switches.durations.packaging_visible;
        PackagingChannel {
            id: request.id,
            arn: self.arn("mediapackage", region, &format!("channels/{guid}")),
            description: request.description,
            // The first endpoint's own guid is the channel's (aws-facts 2.2).
            ingest: [self.ingest_endpoint(region, &guid, Some(&guid)), self.ingest_endpoint(region, &guid, None)],
            egress_host: format!("{}.mediapackage.{region}.amazonaws.com", self.dice.hex(16)),
            tags: request.tags,
            created_at: now,
            visible_at: now + self.lasting(span),
            guid,
        }
    }

    fn ingest_endpoint(&mut self, region: &str, channel: &str, id: Option<&str>) -> IngestEndpoint {
        let id = id.map_or_else(|| self.dice.hex(32), str::to_owned);
        let host = self.dice.hex(16);
        IngestEndpoint {
            url: format!("https://{host}.mediapackage.{region}.amazonaws.com/in/v2/{channel}/{id}/channel"),
            id,
            username: self.dice.hex(32),
            password: self.dice.hex(32),
        }
    }
}
