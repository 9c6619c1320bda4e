//! What the site's distribution does with a request, read from the template: behaviours in order, where each leads, what it lets
//! through and which headers it adds. That CloudFront takes the configuration is the business of `site`.

use serde_json::Value as Json;

use super::Placed;
use crate::deploy::template::TemplateError;
use crate::deploy::template::resources::Resource;
use crate::deploy::template::site::{FrameOption, ResponseHeadersPolicyConfig};

/// The managed origin request policy that lets everything of the viewer through but the host (aws-facts 3.4).
const ALL_BUT_THE_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// The site of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePlan {
    /// CloudFront's domain of it.
    pub domain: String,
    /// What `/` is.
    pub root_object: String,
    /// The first that fits is taken; the last has no pattern.
    pub behaviors: Vec<SiteBehavior>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteBehavior {
    pub pattern: Option<String>,
    pub origin: SiteOrigin,
    pub methods: Vec<String>,
    /// Whether query, headers and body of the viewer reach the origin.
    pub all_of_the_viewer: bool,
    /// Whether the function that leads addresses to pages runs before.
    pub to_pages: bool,
    /// Added to every answer, instead of what the origin says.
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteOrigin {
    Bucket,
    Api,
}

/// The site of a template; `None` where there is no distribution.
pub fn plan(placed: &Placed<'_>) -> Result<Option<SitePlan>, TemplateError> {
    let mut found = None;
    for deployed in placed.resources() {
        let Resource::Distribution(distribution) = &deployed.resource else { continue };
        if found.is_some() {
            return Err(placed.problem(&deployed.logical, "Type", "the local cloud serves one site"));
        }
        let config = &distribution.distribution_config;
        let problem = |why| placed.problem(&deployed.logical, "Properties.DistributionConfig", why);
        let others = config["CacheBehaviors"].as_array().into_iter().flatten();
        let behaviors = others.chain([&config["DefaultCacheBehavior"]]).map(|behavior| of(placed, config, behavior));
        found = Some(SitePlan {
            domain: deployed.identity.attributes.get("DomainName").cloned().unwrap_or_default(),
            root_object: text(&config["DefaultRootObject"]),
            behaviors: behaviors.collect::<Result<_, _>>().map_err(problem)?,
        });
    }
    Ok(found)
}

fn of(placed: &Placed<'_>, config: &Json, behavior: &Json) -> Result<SiteBehavior, String> {
    let origin = config["Origins"].as_array().into_iter().flatten().find(|it| it["Id"] == behavior["TargetOriginId"]);
    let origin = match origin {
        Some(origin) if !origin["S3OriginConfig"].is_null() => SiteOrigin::Bucket,
        Some(origin) if text(&origin["DomainName"]).contains(".execute-api.") => SiteOrigin::Api,
        Some(origin) => return Err(format!("the local cloud knows no origin {}", origin["DomainName"])),
        None => return Err(format!("there is no origin {}", behavior["TargetOriginId"])),
    };
    let methods = behavior["AllowedMethods"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    let policy = text(&behavior["ResponseHeadersPolicyId"]);
    Ok(SiteBehavior {
        pattern: behavior["PathPattern"].as_str().map(str::to_owned),
        origin,
        methods: if methods.is_empty() { vec!["GET".to_owned(), "HEAD".to_owned()] } else { methods },
        all_of_the_viewer: behavior["OriginRequestPolicyId"] == ALL_BUT_THE_HOST,
        to_pages: behavior["FunctionAssociations"].as_array().is_some_and(|all| !all.is_empty()),
        headers: placed
            .resources()
            .filter(|other| !policy.is_empty() && other.identity.reference == policy)
            .find_map(|other| match &other.resource {
                Resource::ResponseHeadersPolicy(policy) => Some(headers(&policy.response_headers_policy_config)),
                _ => None,
            })
            .unwrap_or_default(),
    })
}

fn headers(policy: &ResponseHeadersPolicyConfig) -> Vec<(&'static str, String)> {
    let security = &policy.security_headers_config;
    let mut headers = vec![
        ("content-security-policy", security.content_security_policy.content_security_policy.clone()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", security.referrer_policy.referrer_policy.clone()),
        (
            "strict-transport-security",
            format!("max-age={}", security.strict_transport_security.access_control_max_age_sec),
        ),
    ];
    if let Some(frames) = &security.frame_options {
        let word = match frames.frame_option {
            FrameOption::Deny => "DENY",
            FrameOption::SameOrigin => "SAMEORIGIN",
        };
        headers.push(("x-frame-options", word.to_owned()));
    }
    headers
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
