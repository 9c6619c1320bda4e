//! The distribution of a platform: the packager's host; one behaviour per endpoint (aws-facts 3.5). What no behaviour is for goes
//! there without the secret, so that it is refused: a path that was forgotten must not work by chance.
//! Every one of the recipe's mistakes with it has a test beside this file.

use aws_sdk_cloudfront::types::{
    AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomErrorResponse, CustomErrorResponses,
    CustomHeaders, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, DistributionConfigWithTags,
    HttpVersion, Method, Origin, OriginCustomHeader, OriginProtocolPolicy, OriginSslProtocols, Origins, SslProtocol,
    Tag, Tags, ViewerCertificate, ViewerProtocolPolicy,
};
use headend_control::ports::SecretValue;
use headend_domain::request::DistributionRequest;
use std::collections::BTreeMap;

const ORIGIN: &str = "packaging";
const ELSEWHERE: &str = "elsewhere";
/// By this header MediaPackage knows the CDN (aws-facts 2.6).
const IDENTIFIER: &str = "X-MediaPackage-CDNIdentifier";
/// Managed policies (aws-facts 3.4). The first puts `m`, `start`, `end` and `aws.manifestfilter` into the cache
/// key and so sends them to the origin; no origin request policy is needed beside it.
const CACHE_MEDIAPACKAGE: &str = "08627262-05a9-4f76-9ded-b50ca2e3a84f";
const CORS_WITH_PREFLIGHT: &str = "5cc3b908-e619-4b99-88e5-2cf7f45965bd";
/// Errors pass quickly at the live edge; the default keeps each for 10 s (aws-facts 3.5).
const ERRORS: [i32; 11] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
const ERROR_SECS: i64 = 1;

/// What is built here has all its required parts.
const COMPLETE: &str = "BUG: a required part of the distribution is missing";

pub fn distribution(request: &DistributionRequest, header: &SecretValue) -> DistributionConfigWithTags {
    let config = config(request, header);
    DistributionConfigWithTags::builder().distribution_config(config).tags(tags(&request.tags)).build()
}

pub fn tags(tags: &BTreeMap<String, String>) -> Tags {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().expect(COMPLETE);
    Tags::builder().set_items(Some(tags.iter().map(tag).collect())).build()
}

pub fn config(request: &DistributionRequest, header: &SecretValue) -> DistributionConfig {
    DistributionConfig::builder()
        .caller_reference(&request.caller_reference)
        .comment(&request.comment)
        .enabled(true)
        .is_ipv6_enabled(true)
        .http_version(HttpVersion::Http2and3)
        .origins(origins(request, header))
        .default_cache_behavior(everything_else())
        .cache_behaviors(behaviours(&request.path_patterns))
        .custom_error_responses(errors())
        // With CloudFront's own certificate the least protocol version cannot be chosen (aws-facts 3.2).
        .viewer_certificate(ViewerCertificate::builder().cloud_front_default_certificate(true).build())
        .build()
        .expect(COMPLETE)
}

fn origins(request: &DistributionRequest, header: &SecretValue) -> Origins {
    let identifier =
        OriginCustomHeader::builder().header_name(IDENTIFIER).header_value(header.reveal()).build().expect(COMPLETE);
    let with = CustomHeaders::builder().quantity(1).items(identifier).build().expect(COMPLETE);
    let without = CustomHeaders::builder().quantity(0).build().expect(COMPLETE);
    let both = [origin(ORIGIN, request, with), origin(ELSEWHERE, request, without)];
    Origins::builder().quantity(count(both.len())).set_items(Some(both.into())).build().expect(COMPLETE)
}

/// The path goes to the packager as the viewer sent it: the origin has no path of its own.
fn origin(id: &str, request: &DistributionRequest, headers: CustomHeaders) -> Origin {
    let protocols = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12).build().expect(COMPLETE);
    let https = CustomOriginConfig::builder()
        .http_port(80)
        .https_port(443)
        .origin_protocol_policy(OriginProtocolPolicy::HttpsOnly)
        .origin_ssl_protocols(protocols)
        .build()
        .expect(COMPLETE);
    Origin::builder()
        .id(id)
        .domain_name(&request.origin_host)
        .origin_path("")
        .custom_headers(headers)
        .custom_origin_config(https)
        .build()
        .expect(COMPLETE)
}

fn behaviours(patterns: &[String]) -> CacheBehaviors {
    let behaviour = |pattern: &String| {
        CacheBehavior::builder()
            .path_pattern(pattern)
            .target_origin_id(ORIGIN)
            .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
            .allowed_methods(methods())
            .compress(true)
            .cache_policy_id(CACHE_MEDIAPACKAGE)
            .response_headers_policy_id(CORS_WITH_PREFLIGHT)
            .build()
            .expect(COMPLETE)
    };
    let items: Vec<CacheBehavior> = patterns.iter().map(behaviour).collect();
    CacheBehaviors::builder().quantity(count(items.len())).set_items(Some(items)).build().expect(COMPLETE)
}

/// No endpoint's path: the packager refuses it, with the same care for its cache.
fn everything_else() -> DefaultCacheBehavior {
    DefaultCacheBehavior::builder()
        .target_origin_id(ELSEWHERE)
        .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
        .allowed_methods(methods())
        .compress(true)
        .cache_policy_id(CACHE_MEDIAPACKAGE)
        .response_headers_policy_id(CORS_WITH_PREFLIGHT)
        .build()
        .expect(COMPLETE)
}

/// Viewers only read.
fn methods() -> AllowedMethods {
    let cached = CachedMethods::builder().quantity(2).items(Method::Get).items(Method::Head).build().expect(COMPLETE);
    let allowed = AllowedMethods::builder().quantity(3).items(Method::Get).items(Method::Head).items(Method::Options);
    allowed.cached_methods(cached).build().expect(COMPLETE)
}

fn errors() -> CustomErrorResponses {
    let error = |code: &i32| {
        CustomErrorResponse::builder().error_code(*code).error_caching_min_ttl(ERROR_SECS).build().expect(COMPLETE)
    };
    let items: Vec<CustomErrorResponse> = ERRORS.iter().map(error).collect();
    CustomErrorResponses::builder().quantity(count(items.len())).set_items(Some(items)).build().expect(COMPLETE)
}

fn count(items: usize) -> i32 {
    i32::try_from(items).unwrap_or(i32::MAX)
}
