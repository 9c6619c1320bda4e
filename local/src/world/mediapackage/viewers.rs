//! What MediaPackage publishes when viewers ask for video (aws-facts 2.10).

use crate::world::cloudwatch::{Datum, Metric};
use crate::world::{AwsError, Ms, World};

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

fn last_part(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}
