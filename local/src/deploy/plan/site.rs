//! The site's distribution: CloudFront's own rules (`rules::cloudfront`) see the template's config as the request that
//! CloudFormation would send, and what it refers to must be of the template. Beyond CloudFront's rules, what would break the
//! site without a word is an error too.

use serde_json::{Value as Json, json};

use super::Placed;
use crate::deploy::template::resources::Resource;
use crate::deploy::template::site::{CachePolicyConfig, DistributionProperties, EdgeFunctionProperties};
use crate::deploy::template::{Deployed, TemplateError};
use crate::rules::{self, Strictness};

/// CloudFront's functions are no larger (CloudFront's quotas, 2023).
const EDGE_CODE_MAX_BYTES: usize = 10 * 1024;
/// Members that CloudFormation calls otherwise than CloudFront does.
const NAMES: [(&str, &str); 5] = [
    ("AcmCertificateArn", "ACMCertificateArn"),
    ("IamCertificateId", "IAMCertificateId"),
    ("SslSupportMethod", "SSLSupportMethod"),
    ("OriginSSLProtocols", "OriginSslProtocols"),
    ("IPV6Enabled", "IsIPV6Enabled"),
];
/// Managed policies of CloudFront in whose place the template's own stand.
const ANY_CACHE_POLICY: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const ANY_HEADERS_POLICY: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/// Checks CloudFront's resources in a template.
pub fn check(placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let checked = match &deployed.resource {
            Resource::Distribution(distribution) => check_distribution(placed, distribution),
            Resource::CachePolicy(policy) => check_cache_policy(&policy.cache_policy_config),
            Resource::EdgeFunction(function) => check_function(function),
            _ => Ok(()),
        };
        checked.map_err(|problem| placed.problem(&deployed.logical, "Properties", problem))?;
    }
    Ok(())
}

fn check_distribution(placed: &Placed<'_>, distribution: &DistributionProperties) -> Result<(), String> {
    let config = &distribution.distribution_config;
    for behaviour in behaviours(config) {
        associations(placed, behaviour)?;
    }
    for origin in config["Origins"].as_array().into_iter().flatten() {
        access_control(placed, origin)?;
    }
    let mut request = as_request(config.clone());
    request["CallerReference"] = json!("made by CloudFormation");
    own_policies(placed, &mut request);
    let request = json!({ "DistributionConfig": request });
    rules::check("cloudfront", "CreateDistribution", &request, &Strictness::default())
        .map_err(|error| format!("CloudFront refuses the distribution: {error}"))
}

fn behaviours(config: &Json) -> impl Iterator<Item = &Json> {
    config["CacheBehaviors"].as_array().into_iter().flatten().chain([&config["DefaultCacheBehavior"]])
}

/// The config as CloudFront's API has it: other names here and there, and each list with its quantity.
fn as_request(config: Json) -> Json {
    match config {
        Json::Object(members) => {
            let mut request = serde_json::Map::new();
            for (name, value) in members {
                let name =
                    NAMES.iter().find(|(ours, _)| *ours == name).map_or(name, |(_, theirs)| (*theirs).to_owned());
                request.insert(name, as_request(value));
            }
            // Two lists of a behaviour, of which the API has one in the other.
            if let Some(cached) = request.remove("CachedMethods")
                && let Some(allowed) = request.get_mut("AllowedMethods")
            {
                allowed["CachedMethods"] = cached;
            }
            // A number here, a word there.
            if let Some(code) = request.get_mut("ResponseCode").filter(|code| code.is_number()) {
                *code = json!(code.to_string());
            }
            // CloudFormation knows these ports, CloudFront asks for them.
            if request.contains_key("OriginProtocolPolicy") {
                request.entry("HTTPPort").or_insert(json!(80));
                request.entry("HTTPSPort").or_insert(json!(443));
            }
            Json::Object(request)
        }
        Json::Array(items) => {
            json!({ "Quantity": items.len(), "Items": items.into_iter().map(as_request).collect::<Vec<_>>() })
        }
        other => other,
    }
}

/// Policies of the template exist once it is deployed; the rules know CloudFront's managed ones.
fn own_policies(placed: &Placed<'_>, request: &mut Json) {
    let is_own = |id: &Json, of_kind: fn(&Resource) -> bool| {
        placed.resources().any(|other| of_kind(&other.resource) && *id == other.identity.reference.as_str())
    };
    let put = |behaviour: &mut Json| {
        if is_own(&behaviour["CachePolicyId"], |resource| matches!(resource, Resource::CachePolicy(_))) {
            behaviour["CachePolicyId"] = json!(ANY_CACHE_POLICY);
        }
        let headers = |resource: &Resource| matches!(resource, Resource::ResponseHeadersPolicy(_));
        if is_own(&behaviour["ResponseHeadersPolicyId"], headers) {
            behaviour["ResponseHeadersPolicyId"] = json!(ANY_HEADERS_POLICY);
        }
    };
    request.pointer_mut("/DefaultCacheBehavior").into_iter().for_each(put);
    let others = request.pointer_mut("/CacheBehaviors/Items").and_then(Json::as_array_mut);
    others.into_iter().flatten().for_each(put);
}

/// A behaviour takes functions of the template, one for each event.
fn associations(placed: &Placed<'_>, behaviour: &Json) -> Result<(), String> {
    let mut events = Vec::new();
    for association in behaviour["FunctionAssociations"].as_array().into_iter().flatten() {
        let (event, arn) = (&association["EventType"], &association["FunctionARN"]);
        if *event != "viewer-request" && *event != "viewer-response" {
            return Err(format!("a function is for viewer-request or viewer-response, not for {event}"));
        }
        if events.contains(&event) {
            return Err(format!("there are two functions for {event}"));
        }
        events.push(event);
        let known = placed.resources().any(|other| {
            matches!(other.resource, Resource::EdgeFunction(_))
                && attribute(other, "FunctionARN").is_some_and(|own| arn == own)
        });
        if !known {
            return Err(format!("{arn} is no function of the template"));
        }
    }
    Ok(())
}

/// A bucket that nobody may read needs an access control; an access control needs a bucket of the template.
fn access_control(placed: &Placed<'_>, origin: &Json) -> Result<(), String> {
    if origin["S3OriginConfig"].is_null() {
        return Ok(());
    }
    let (domain, control) = (&origin["DomainName"], &origin["OriginAccessControlId"]);
    let bucket = placed.resources().any(|other| {
        // Access controls take the regional name (aws-facts 3.9).
        matches!(other.resource, Resource::Bucket(_))
            && attribute(other, "RegionalDomainName").is_some_and(|own| domain == own)
    });
    if !bucket {
        return Err(format!("{domain} is the regional name of no bucket of the template"));
    }
    let known = placed.resources().any(|other| {
        matches!(other.resource, Resource::OriginAccessControl(_)) && *control == other.identity.reference.as_str()
    });
    match known {
        true => Ok(()),
        false => Err(format!("the origin {} has no access control, so that its bucket answers 403", origin["Id"])),
    }
}

fn attribute<'a>(deployed: &'a Deployed, name: &str) -> Option<&'a str> {
    deployed.identity.attributes.get(name).map(String::as_str)
}

/// aws-facts 3.4: times in order, and nothing in the key of what is never kept.
fn check_cache_policy(policy: &CachePolicyConfig) -> Result<(), String> {
    if !(policy.min_ttl <= policy.default_ttl && policy.default_ttl <= policy.max_ttl) {
        return Err("MinTTL, DefaultTTL and MaxTTL must be in order".to_owned());
    }
    let key = &policy.parameters_in_cache_key_and_forwarded_to_origin;
    let behaviours = [
        (&key.headers_config.header_behavior, key.headers_config.headers.is_some(), &["none", "whitelist"][..]),
        (
            &key.cookies_config.cookie_behavior,
            key.cookies_config.cookies.is_some(),
            &["none", "whitelist", "allExcept", "all"],
        ),
        (
            &key.query_strings_config.query_string_behavior,
            key.query_strings_config.query_strings.is_some(),
            &["none", "whitelist", "allExcept", "all"],
        ),
    ];
    let compresses = key.enable_accept_encoding_gzip || key.enable_accept_encoding_brotli == Some(true);
    if policy.max_ttl == 0 && (compresses || behaviours.iter().any(|(behaviour, ..)| *behaviour != "none")) {
        return Err("with all times 0 nothing may be in the key, nor be compressed".to_owned());
    }
    for (behaviour, has_names, known) in behaviours {
        if !known.contains(&behaviour.as_str()) {
            return Err(format!("{behaviour} is none of {}", known.join(", ")));
        }
        if has_names != matches!(behaviour.as_str(), "whitelist" | "allExcept") {
            return Err(format!("names go with whitelist and allExcept, and {behaviour} is neither or has none"));
        }
    }
    Ok(())
}

fn check_function(function: &EdgeFunctionProperties) -> Result<(), String> {
    if !function.auto_publish {
        return Err("only a published function can be associated".to_owned());
    }
    if function.function_code.len() > EDGE_CODE_MAX_BYTES {
        return Err(format!("CloudFront takes {EDGE_CODE_MAX_BYTES} bytes of code"));
    }
    Ok(())
}
