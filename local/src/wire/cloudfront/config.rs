//! A distribution's configuration: what of it the world wants to know, and the whole of it as it is shown.

use serde_json::{Value, json};

use crate::rules::Interface;
use crate::wire::fields::{flag, object, objects, required, text, texts};
use crate::wire::xml;
use crate::world::cloudfront::{Behavior, Distribution, DistributionConfig, Origin};

const SHAPE: &str = "DistributionConfig";

fn interface() -> &'static Interface {
    Interface::of("cloudfront").expect("BUG: CloudFront has a table")
}

fn items<'a>(config: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    config.get(list).and_then(|list| objects(list, "Items")).into_iter().flatten()
}

/// The configuration as the world keeps it.
pub fn take(config: &Value) -> DistributionConfig {
    let mut text_of = String::new();
    xml::write(interface(), SHAPE, SHAPE, config, &mut text_of);
    DistributionConfig {
        caller_reference: required(config, "CallerReference"),
        enabled: flag(config, "Enabled"),
        comment: required(config, "Comment"),
        origins: items(config, "Origins").map(origin).collect(),
        behaviors: items(config, "CacheBehaviors").chain(config.get("DefaultCacheBehavior")).map(behavior).collect(),
        aliases: config.get("Aliases").and_then(|aliases| texts(aliases, "Items")).unwrap_or_default(),
        error_ttl: items(config, "CustomErrorResponses").filter_map(error_ttl).collect(),
        xml: text_of,
    }
}

fn behavior(behavior: &Value) -> Behavior {
    let methods = behavior.get("AllowedMethods").and_then(|methods| texts(methods, "Items"));
    Behavior {
        path_pattern: text(behavior, "PathPattern"),
        target_origin: required(behavior, "TargetOriginId"),
        // CloudFront's own default.
        methods: methods.unwrap_or_else(|| vec!["GET".to_owned(), "HEAD".to_owned()]),
        cache_policy: text(behavior, "CachePolicyId"),
        headers_policy: text(behavior, "ResponseHeadersPolicyId"),
    }
}

fn error_ttl(error: &Value) -> Option<(u16, u64)> {
    let code = error.get("ErrorCode")?.as_u64()?;
    Some((u16::try_from(code).ok()?, error.get("ErrorCachingMinTTL")?.as_u64()?))
}

fn origin(origin: &Value) -> Origin {
    Origin {
        id: required(origin, "Id"),
        domain: required(origin, "DomainName"),
        path: required(origin, "OriginPath"),
        headers: items(origin, "CustomHeaders")
            .map(|h| (required(h, "HeaderName"), required(h, "HeaderValue")))
            .collect(),
    }
}

/// The configuration as it came, with CloudFront's defaults where it says nothing.
pub fn show(distribution: &Distribution) -> Value {
    let stored = xml::read(interface(), SHAPE, &distribution.config.xml).unwrap_or_default();
    let mut out = object(&json!({
        "Aliases": {"Quantity": 0},
        "DefaultRootObject": "",
        "OriginGroups": {"Quantity": 0},
        "CacheBehaviors": {"Quantity": 0},
        "CustomErrorResponses": {"Quantity": 0},
        "Logging": {"Enabled": false, "IncludeCookies": false, "Bucket": "", "Prefix": ""},
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": {"CloudFrontDefaultCertificate": true},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": true,
        "Staging": false,
    }));
    out.extend(object(&stored));
    default_certificate(&mut out);
    // The world owns these: an update through it, not the stored text, is what counts.
    out.insert("Enabled".to_owned(), json!(distribution.config.enabled));
    Value::Object(out)
}

/// aws-facts 3.2: with the default certificate the minimum protocol is TLSv1, whatever was sent.
fn default_certificate(config: &mut serde_json::Map<String, Value>) {
    let Some(certificate) = config.get_mut("ViewerCertificate") else {
        return;
    };
    if flag(certificate, "CloudFrontDefaultCertificate") {
        certificate["MinimumProtocolVersion"] = json!("TLSv1");
        certificate["CertificateSource"] = json!("cloudfront");
        certificate["SSLSupportMethod"] = json!("vip");
    }
}
