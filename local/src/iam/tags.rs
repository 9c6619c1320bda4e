//! The tag of a resource that policies can ask for. AWS fills it in for the actions whose resources it knows to be tagged:
//! those of MediaLive, MediaPackage and CloudFront, as the Service Authorization Reference says of each.

use crate::world::{Tags, World};

/// The condition key of the one tag that the template's policies ask for.
pub const STACK: &str = "aws:ResourceTag/headend:stack";

/// The stack that the resource's tag names.
pub fn stack_of<'w>(world: &'w World, arn: &str) -> Option<&'w str> {
    tags(world, arn)?.get("headend:stack").map(String::as_str)
}

fn tags<'w>(world: &'w World, arn: &str) -> Option<&'w Tags> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, region, rest) = (parts.next()?, parts.next()?, parts.nth(1)?);
    if service == "cloudfront" {
        return world.cloudfront.distributions.values().find(|it| it.arn == arn).map(|it| &it.tags);
    }
    let region = world.regions.get(region)?;
    let (live, pack) = (&region.medialive, &region.mediapackage);
    match (service, rest.split([':', '/']).next()?) {
        ("medialive", "channel") => live.channels.values().find(|it| it.arn == arn).map(|it| &it.tags),
        ("medialive", "input") => live.inputs.values().find(|it| it.arn == arn).map(|it| &it.tags),
        ("medialive", "inputSecurityGroup") => live.groups.values().find(|it| it.arn == arn).map(|it| &it.tags),
        ("mediapackage", "channels") => pack.channels.values().find(|it| it.arn == arn).map(|it| &it.tags),
        ("mediapackage", "origin_endpoints") => pack.endpoints.values().find(|it| it.arn == arn).map(|it| &it.tags),
        _ => None,
    }
}
