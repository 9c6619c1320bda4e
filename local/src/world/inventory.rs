//! What still exists in the account, over all services and regions: for tests, and for the end of the demo.

use serde::{Deserialize, Serialize};

use super::medialive::{ChannelState, GroupState, InputState};
use super::{Region, Tags, World};

/// One thing that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub service: String,
    /// `global` for CloudFront.
    pub region: String,
    /// `channel`, `input`, `inputSecurityGroup`, `originEndpoint`, `distribution`, `alarm` or `secret`.
    pub kind: String,
    pub id: String,
    pub arn: String,
    /// AWS's own word for the state; empty where the service has none. A secret in its recovery window is
    /// `SCHEDULED_FOR_DELETION`.
    pub state: String,
    pub tags: Tags,
}

impl World {
    /// Everything that exists. What is DELETED, or only keeps its name taken, is left out.
    pub fn inventory(&self) -> Vec<Resource> {
        let mut found = Vec::new();
        for (name, region) in &self.regions {
            medialive(&mut found, name, region);
            mediapackage(&mut found, name, region);
            others(&mut found, name, region);
        }
        found.extend(self.cloudfront.distributions.values().map(|it| {
            let id = ("cloudfront", "global", "distribution", it.id.as_str());
            resource(id, &it.arn, it.status.as_str(), &it.tags)
        }));
        found
    }
}

fn medialive(found: &mut Vec<Resource>, region: &str, all: &Region) {
    let of = |kind, id| ("medialive", region, kind, id);
    let groups = all.medialive.groups.values().filter(|it| it.state != GroupState::Deleted);
    found.extend(
        groups.map(|it| resource(of("inputSecurityGroup", it.id.as_str()), &it.arn, it.state.as_str(), &it.tags)),
    );
    let inputs = all.medialive.inputs.values().filter(|it| it.state != InputState::Deleted);
    found.extend(inputs.map(|it| resource(of("input", it.id.as_str()), &it.arn, it.state.as_str(), &it.tags)));
    let channels = all.medialive.channels.values().filter(|it| it.state != ChannelState::Deleted);
    found.extend(channels.map(|it| resource(of("channel", it.id.as_str()), &it.arn, it.state.as_str(), &it.tags)));
}

fn mediapackage(found: &mut Vec<Resource>, region: &str, all: &Region) {
    let of = |kind, id| ("mediapackage", region, kind, id);
    let channels = all.mediapackage.channels.values();
    found.extend(channels.map(|it| resource(of("channel", it.id.as_str()), &it.arn, "", &it.tags)));
    let endpoints = all.mediapackage.endpoints.values();
    found.extend(endpoints.map(|it| resource(of("originEndpoint", it.id.as_str()), &it.arn, "", &it.tags)));
}

fn others(found: &mut Vec<Resource>, region: &str, all: &Region) {
    found.extend(all.cloudwatch.alarms.values().map(|it| {
        let id = ("cloudwatch", region, "alarm", it.spec.name.as_str());
        resource(id, &it.arn, it.state.as_str(), &it.tags)
    }));
    found.extend(all.secrets.secrets.values().filter(|it| !it.purging).map(|it| {
        let id = ("secretsmanager", region, "secret", it.name.as_str());
        let state = if it.deleted_at.is_some() { "SCHEDULED_FOR_DELETION" } else { "" };
        resource(id, &it.arn, state, &it.tags)
    }));
}

fn resource((service, region, kind, id): (&str, &str, &str, &str), arn: &str, state: &str, tags: &Tags) -> Resource {
    Resource {
        service: service.to_owned(),
        region: region.to_owned(),
        kind: kind.to_owned(),
        id: id.to_owned(),
        arn: arn.to_owned(),
        state: state.to_owned(),
        tags: tags.clone(),
    }
}
