//! Origin endpoints: the packager is fixed, the URL is random, the CDN's secret is looked at (aws-facts 2.3 to 2.6).

use super::{
    CdnAuthorization, CreateOriginEndpoint, HlsManifest, OriginEndpoint, Packager, UpdateOriginEndpoint,
    as_unprocessable,
};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, merge, page};

/// The key in the secret's JSON, and how long its value may be (aws-facts 2.6).
pub(super) const CDN_KEY: &str = "MediaPackageCDNIdentifier";
const CDN_VALUE_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

impl World {
    pub fn create_origin_endpoint(
        &mut self,
        region: &str,
        now: Ms,
        request: CreateOriginEndpoint,
    ) -> Result<OriginEndpoint, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        let endpoints = &self.region(region).mediapackage.endpoints;
        if endpoints.contains_key(&request.id) {
            return Err(AwsError::unprocessable(format!(
                "An origin endpoint with the id {} already exists",
                request.id
            )));
        }
        let count = endpoints.values().filter(|other| other.channel_id == request.channel_id).count();
        let unknown_is_404 = self.switches.endpoint_of_unknown_channel_is_404;
        let host = match self.packaging_channel(region, &request.channel_id) {
            Ok(channel) => channel.egress_host.clone(),
            Err(error) if unknown_is_404 => return Err(error),
            Err(error) => return Err(as_unprocessable(error)),
        };
        self.mediapackage_quota("mediapackage.endpoints-per-channel", "endpoints on a channel", count)?;
        self.check_cdn_secret(region, now, request.authorization.as_ref())?;

        let guid = self.dice.hex(32);
        let mut endpoint = OriginEndpoint {
            id: request.id,
            // The guid of the ARN is another one than that of the URL.
            arn: {
                let arn_guid = self.dice.hex(32);
                self.arn("mediapackage", region, &format!("origin_endpoints/{arn_guid}"))
            },
            channel_id: request.channel_id,
            url: format!("https://{host}/out/v1/{guid}/"),
            guid,
            manifest_name: request.manifest_name.unwrap_or_else(|| "index".into()),
            packager: request.packager,
            hls_manifests: request.hls_manifests,
            authorization: request.authorization,
            secret_read_at: now,
            tags: request.tags,
            created_at: now,
            doc: request.doc,
        };
        name_urls(&mut endpoint);
        let endpoints = &mut self.region(region).mediapackage.endpoints;
        endpoints.insert(endpoint.id.clone(), endpoint.clone());
        Ok(endpoint)
    }

    pub fn describe_origin_endpoint(&mut self, region: &str, now: Ms, id: &str) -> Result<OriginEndpoint, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Read)?;
        self.origin_endpoint(region, id).cloned()
    }

    /// All endpoints, or those of one channel.
    pub fn list_origin_endpoints(
        &mut self,
        region: &str,
        now: Ms,
        channel_id: Option<&str>,
        page: &Page,
    ) -> Result<Paged<OriginEndpoint>, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Read)?;
        let endpoints = &self.region(region).mediapackage.endpoints;
        let wanted =
            endpoints.iter().filter(|(_, endpoint)| channel_id.is_none_or(|channel| endpoint.channel_id == channel));
        page::cut(wanted, page, 1000).map_err(as_unprocessable)
    }

    /// The packager stays what it was (aws-facts 2.3).
    pub fn update_origin_endpoint(
        &mut self,
        region: &str,
        now: Ms,
        request: UpdateOriginEndpoint,
    ) -> Result<OriginEndpoint, AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        let mut endpoint = self.origin_endpoint(region, &request.id)?.clone();
        if request.packager.is_some_and(|packager| packager != endpoint.packager) {
            return Err(AwsError::unprocessable(format!(
                "The packager of origin endpoint {} cannot be changed",
                request.id
            )));
        }
        self.check_cdn_secret(region, now, request.authorization.as_ref())?;
        endpoint.manifest_name = request.manifest_name.unwrap_or(endpoint.manifest_name);
        endpoint.hls_manifests = request.hls_manifests.unwrap_or(endpoint.hls_manifests);
        if let Some(authorization) = request.authorization {
            endpoint.authorization = Some(authorization);
            endpoint.secret_read_at = now;
        }
        merge(&mut endpoint.doc, request.doc);
        let base = endpoint.url.find("/out/v1/").map_or(endpoint.url.len(), |at| at);
        endpoint.url = format!("{}/out/v1/{}/", &endpoint.url[..base], endpoint.guid);
        name_urls(&mut endpoint);
        let endpoints = &mut self.region(region).mediapackage.endpoints;
        endpoints.insert(endpoint.id.clone(), endpoint.clone());
        Ok(endpoint)
    }

    pub fn delete_origin_endpoint(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaPackage, Kind::Write)?;
        self.origin_endpoint(region, id)?;
        self.region(region).mediapackage.endpoints.remove(id);
        Ok(())
    }

    pub(super) fn origin_endpoint(&mut self, region: &str, id: &str) -> Result<&mut OriginEndpoint, AwsError> {
        let endpoint = self.region(region).mediapackage.endpoints.get_mut(id);
        endpoint.ok_or_else(|| AwsError::not_found(format!("Origin endpoint {id} not found")))
    }

    /// MediaPackage reads the secret at once and refuses one that cannot serve (aws-facts 2.6), unless switched off.
    fn check_cdn_secret(
        &mut self,
        region: &str,
        now: Ms,
        authorization: Option<&CdnAuthorization>,
    ) -> Result<(), AwsError> {
        let Some(authorization) = authorization.filter(|_| self.switches.packaging_checks_cdn_secret) else {
            return Ok(());
        };
        let arn = &authorization.secret_arn;
        let refused = |why: &str| Err(AwsError::unprocessable(format!("The CDN identifier secret {arn} {why}")));
        let Some(text) = self.current_secret(region, now, arn) else {
            return refused("does not exist or cannot be read");
        };
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        match parsed.get(CDN_KEY).and_then(|value| value.as_str()) {
            None => refused(&format!("has no key {CDN_KEY}")),
            Some(value) if !CDN_VALUE_LENGTH.contains(&value.len()) => {
                refused("has an identifier that is not 8 to 128 characters long")
            }
            Some(_) => Ok(()),
        }
    }
}

/// The packager appends the extension itself (aws-facts 2.3, 2.5). `url` holds the base and becomes the manifest's.
fn name_urls(endpoint: &mut OriginEndpoint) {
    let base = endpoint.url.clone();
    let name = &endpoint.manifest_name;
    match endpoint.packager {
        Packager::Hls => endpoint.url = format!("{base}{name}.m3u8"),
        Packager::Dash => endpoint.url = format!("{base}{name}.mpd"),
        Packager::Mss => endpoint.url = format!("{base}{name}.ism/Manifest"),
        Packager::Cmaf => {
            for HlsManifest { id, manifest_name, url } in &mut endpoint.hls_manifests {
                let name = manifest_name.as_ref().unwrap_or(name);
                *url = format!("{base}{id}/{name}.m3u8");
            }
        }
    }
}
