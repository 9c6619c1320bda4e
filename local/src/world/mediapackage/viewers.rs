//! What MediaPackage answers when viewers ask for video (aws-facts 2.5, 2.6), and what it publishes then (aws-facts 2.10).

use super::OriginEndpoint;
use super::endpoints::CDN_KEY;
use crate::world::cloudwatch::{Datum, Metric};
use crate::world::{AwsError, Ms, ViewerAnswer, World};

const NAMESPACE: &str = "AWS/MediaPackage";

impl World {
    /// Lets viewers make `count` requests of an endpoint that are answered with a status of `range` (`2xx` to `5xx`). Not an
    /// AWS call. Without requests there are no datapoints.
    pub fn record_egress(
        &mut self,
        region: &str,
        now: Ms,
        endpoint_id: &str,
        range: &str,
        count: u32,
    ) -> Result<(), AwsError> {
        self.advance(now);
        let by_id = self.switches.packaging_dimension_is_id;
        let endpoint = self.origin_endpoint(region, endpoint_id)?;
        let (endpoint_guid, channel_id) = (last_part(&endpoint.arn), endpoint.channel_id.clone());
        let channel_guid = self.packaging_channel(region, &channel_id)?.guid.clone();
        let (channel, endpoint) =
            if by_id { (channel_id, endpoint_id.to_owned()) } else { (channel_guid, endpoint_guid) };
        let (channel, endpoint) = (("Channel", channel.as_str()), ("OriginEndpoint", endpoint.as_str()));
        let range = ("StatusCodeRange", range);
        let sets: [&[(&str, &str)]; 6] =
            [&[], &[channel], &[channel, endpoint], &[range], &[channel, range], &[channel, endpoint, range]];
        for dimensions in sets {
            let metric = Metric::new(NAMESPACE, "EgressRequestCount", dimensions);
            self.record_metric(region, metric, Datum::single(now, f64::from(count)));
        }
        Ok(())
    }
}

impl World {
    /// A GET of `path` on an egress host, with the CDN identifier that came as a header.
    pub(in crate::world) fn answer_egress(
        &mut self,
        region: &str,
        now: Ms,
        host: &str,
        path: &str,
        identifier: Option<&str>,
    ) -> ViewerAnswer {
        let mediapackage = &self.region(region).mediapackage;
        if !mediapackage.channels.values().any(|channel| channel.egress_host == host) {
            return ViewerAnswer::new(502, format!("{host} is no packaging host of {region}"));
        }
        let asked = mediapackage.endpoints.values().find(|endpoint| {
            let base = format!("/out/v1/{}/", endpoint.guid);
            // The same guid on another channel's host is unknown there (aws-facts 2.5).
            path.starts_with(&base) && endpoint.url.starts_with(&format!("https://{host}{base}"))
        });
        let Some(endpoint) = asked.cloned() else {
            return ViewerAnswer::new(404, format!("{host} has no endpoint for {path}"));
        };
        if let Some(why) = self.refused_egress(region, now, &endpoint, identifier) {
            return ViewerAnswer::new(403, format!("endpoint {} refuses: {why}", endpoint.id));
        }
        if !is_served(&endpoint, path) {
            return ViewerAnswer::new(404, format!("endpoint {} has no manifest {path}", endpoint.id));
        }
        if !self.is_fed(region, &endpoint.channel_id) {
            let why = format!("no running pipeline feeds packaging channel {}", endpoint.channel_id);
            return ViewerAnswer::new(404, why);
        }
        ViewerAnswer::new(200, format!("endpoint {} serves it", endpoint.id))
    }

    /// aws-facts 2.3, 2.6. Whether a whitelist has CloudFront's edges on it is not known here: taken for not.
    fn refused_egress(
        &mut self,
        region: &str,
        now: Ms,
        endpoint: &OriginEndpoint,
        identifier: Option<&str>,
    ) -> Option<String> {
        if endpoint.doc["origination"] == "DENY" {
            return Some("its origination is DENY".to_owned());
        }
        if endpoint.doc["whitelist"].as_array().is_some_and(|cidrs| !cidrs.is_empty()) {
            return Some("the edge is not on its whitelist".to_owned());
        }
        let arn = &endpoint.authorization.as_ref()?.secret_arn;
        let Some(identifier) = identifier else {
            return Some("the CDN sends no X-MediaPackage-CDNIdentifier".to_owned());
        };
        // At any moment since then it may have read the secret for the last time.
        let oldest = now - self.scaled(self.switches.durations.cdn_secret_cache.to_ms);
        let known = self.values_known_since(region, now, arn, oldest.max(endpoint.secret_read_at));
        let is_it = |text: &String| {
            let secret: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
            secret[CDN_KEY] == identifier
        };
        (!known.iter().any(is_it)).then(|| "it may not know the CDN's identifier (yet, or any more)".to_owned())
    }

    fn is_fed(&mut self, region: &str, packaging_id: &str) -> bool {
        let mut channels = self.region(region).medialive.channels.values();
        channels.any(|it| it.pipelines_running() > 0 && it.packaging.iter().any(|to| to.channel_id == packaging_id))
    }
}

/// Segments may have any name; a playlist is one of the endpoint's manifests, or a child of one (aws-facts 2.5).
fn is_served(endpoint: &OriginEndpoint, path: &str) -> bool {
    if ![".m3u8", ".mpd", "/Manifest"].iter().any(|ending| path.ends_with(ending)) {
        return true;
    }
    let manifests = endpoint.hls_manifests.iter().map(|manifest| manifest.url.as_str()).chain([endpoint.url.as_str()]);
    let mut paths = manifests.filter_map(|url| url.find("/out/v1/").map(|at| &url[at..]));
    paths.any(|own| {
        let child = own.rsplit_once('.').map(|(stem, _)| format!("{stem}_"));
        own == path || child.is_some_and(|child| path.starts_with(&child))
    })
}

fn last_part(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}
