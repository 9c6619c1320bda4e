//! What we send to CloudFront, held against the recipe's mistakes (numbers of aws-facts section 6).

use super::{build, seen};
use aws_sdk_cloudfront::types::{
    CacheBehavior, DistributionConfig, DistributionConfigWithTags, Method, Origin, OriginProtocolPolicy,
};
use headend_control::ports::SecretValue;
use headend_domain::action::Status;
use headend_domain::request::DistributionRequest;
use std::collections::BTreeMap;

const PATTERNS: [&str; 3] = ["/out/v1/aaa/*", "/out/v1/bbb/*", "/out/v1/ccc/*"];

fn built() -> DistributionConfigWithTags {
    let request = DistributionRequest {
        caller_reference: "hl-p-distribution-1".to_owned(),
        comment: "hl-p-distribution-1 My platform".to_owned(),
        origin_host: "0123456789abcdef.mediapackage.eu-west-1.amazonaws.com".to_owned(),
        path_patterns: PATTERNS.map(str::to_owned).to_vec(),
        secret_id: "secret".to_owned(),
        secret_version: "version".to_owned(),
        tags: BTreeMap::from([("headend:slot".to_owned(), "distribution".to_owned())]),
    };
    build::distribution(&request, &SecretValue::new("0123456789abcdef0123456789abcdef".to_owned()))
}

fn config() -> DistributionConfig {
    built().distribution_config.unwrap()
}

fn origin() -> Origin {
    config().origins.unwrap().items.remove(0)
}

fn behaviours() -> Vec<CacheBehavior> {
    config().cache_behaviors.unwrap().items.unwrap()
}

#[test]
fn mistake_43_the_caller_reference_is_the_token() {
    assert_eq!(config().caller_reference, "hl-p-distribution-1");
    assert!(config().comment.starts_with("hl-p-distribution-1 "));
}

#[test]
fn mistake_44_no_times_to_live_beside_a_cache_policy() {
    let default = config().default_cache_behavior.unwrap();
    #[allow(deprecated)]
    let times =
        |min: Option<i64>, default: Option<i64>, max: Option<i64>| assert_eq!((min, default, max), (None, None, None));
    #[allow(deprecated)]
    for behaviour in behaviours() {
        times(behaviour.min_ttl, behaviour.default_ttl, behaviour.max_ttl);
        assert!(behaviour.forwarded_values.is_none());
    }
    #[allow(deprecated)]
    {
        times(default.min_ttl, default.default_ttl, default.max_ttl);
        assert!(default.forwarded_values.is_none());
    }
}

#[test]
fn mistakes_45_and_46_the_mediapackage_policy_caches_and_forwards() {
    for behaviour in behaviours() {
        assert_eq!(behaviour.cache_policy_id(), Some("08627262-05a9-4f76-9ded-b50ca2e3a84f"));
        assert_eq!(behaviour.origin_request_policy_id(), None);
    }
    assert_eq!(
        config().default_cache_behavior.unwrap().cache_policy_id(),
        Some("08627262-05a9-4f76-9ded-b50ca2e3a84f")
    );
}

#[test]
fn mistake_47_the_origin_has_no_path() {
    assert_eq!(origin().origin_path(), Some(""));
}

#[test]
fn mistake_50_one_origin_serves_all_endpoints_and_what_is_none_gets_no_secret() {
    let origins = config().origins.unwrap();
    assert_eq!((origins.quantity, origins.items.len()), (2, 2));
    assert!(behaviours().iter().all(|behaviour| behaviour.target_origin_id == origin().id));
    let other = &origins.items[1];
    assert_eq!(config().default_cache_behavior.unwrap().target_origin_id, other.id);
    assert_eq!((&other.domain_name, other.custom_headers.as_ref().unwrap().quantity), (&origin().domain_name, 0));
}

#[test]
fn mistake_51_each_endpoint_has_its_behaviour() {
    let patterns: Vec<_> = behaviours().into_iter().map(|behaviour| behaviour.path_pattern).collect();
    assert_eq!(patterns, PATTERNS);
    assert_eq!(config().cache_behaviors.unwrap().quantity, 3);
}

#[test]
fn mistake_52_viewers_only_read() {
    for behaviour in behaviours() {
        let allowed = behaviour.allowed_methods.unwrap();
        assert_eq!(allowed.items, [Method::Get, Method::Head, Method::Options]);
        assert_eq!(allowed.quantity, 3);
        assert_eq!(allowed.cached_methods.unwrap().quantity, 2);
    }
}

#[test]
fn mistake_54_the_packager_knows_the_cdn_by_the_secret() {
    let headers = origin().custom_headers.unwrap();
    let header = &headers.items()[0];
    assert_eq!((headers.quantity, header.header_name()), (1, "X-MediaPackage-CDNIdentifier"));
    assert_eq!(header.header_value(), "0123456789abcdef0123456789abcdef");
}

#[test]
fn mistake_55_the_origin_is_spoken_to_over_https_on_the_usual_ports() {
    let https = origin().custom_origin_config.unwrap();
    assert_eq!((https.http_port, https.https_port), (80, 443));
    assert_eq!(https.origin_protocol_policy, OriginProtocolPolicy::HttpsOnly);
    assert!(origin().s3_origin_config.is_none());
}

#[test]
fn mistake_56_nothing_is_claimed_about_a_certificate_that_is_not_ours() {
    let certificate = config().viewer_certificate.unwrap();
    assert_eq!(certificate.cloud_front_default_certificate(), Some(true));
    assert!(certificate.minimum_protocol_version.is_none() && config().aliases.is_none());
}

#[test]
fn mistake_58_browsers_of_other_sites_may_play() {
    assert!(
        behaviours().iter().all(|it| it.response_headers_policy_id() == Some("5cc3b908-e619-4b99-88e5-2cf7f45965bd"))
    );
}

#[test]
fn mistake_59_an_error_is_kept_for_one_second() {
    let errors = config().custom_error_responses.unwrap();
    assert_eq!(usize::try_from(errors.quantity).unwrap(), errors.items().len());
    let codes: Vec<_> = errors.items().iter().map(|error| error.error_code).collect();
    assert_eq!(codes, [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]);
    assert!(errors.items().iter().all(|error| error.error_caching_min_ttl() == Some(1)));
}

#[test]
fn mistake_60_a_distribution_is_tagged_and_ready_only_when_deployed() {
    assert_eq!(built().tags.unwrap().items()[0].key(), "headend:slot");
    assert_eq!((seen("InProgress", true).status, seen("Deployed", true).status), (Status::Making, Status::Ready));
    assert!(!seen("Deployed", false).enabled);
}
