//! Cache behaviours (aws-facts 3.2, 3.4).

use super::INVALID_ARGUMENT;
use super::policies::{self, Policy};
use crate::rules::{Defects, Node};

/// aws-facts 3.10.
const BEHAVIOURS_MAX: usize = 25;
/// aws-facts 3.2.
const PATTERN_MAX: usize = 255;
const TTLS: [&str; 3] = ["MinTTL", "DefaultTTL", "MaxTTL"];

pub fn check(config: &Node<'_>, defects: &mut Defects) {
    let list = config.get("CacheBehaviors");
    let behaviours = list.get("Items").items();
    if behaviours.len() > BEHAVIOURS_MAX {
        let message = format!("a distribution has at most {BEHAVIOURS_MAX} cache behaviours");
        defects.named(&list, 400, "TooManyCacheBehaviors", message);
    }
    for (i, behaviour) in behaviours.iter().enumerate() {
        let pattern = behaviour.get("PathPattern");
        pattern_form(&pattern, defects);
        if pattern.str().is_some_and(|text| behaviours[..i].iter().any(|earlier| earlier.get("PathPattern").is(text))) {
            defects.named(&pattern, 400, INVALID_ARGUMENT, "is the pattern of another behaviour");
        }
    }
    for behaviour in std::iter::once(config.get("DefaultCacheBehavior")).chain(behaviours) {
        target(config, &behaviour, defects);
        caching(&behaviour, defects);
        methods(&behaviour, defects);
        policy_ids(&behaviour, defects);
    }
}

/// aws-facts 3.2: up to 255 of a fixed set of characters.
fn pattern_form(pattern: &Node<'_>, defects: &mut Defects) {
    let Some(text) = pattern.str() else { return };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.*$/~\"'@:+&?".contains(&b);
    if text.is_empty() || text.len() > PATTERN_MAX || !text.bytes().all(allowed) {
        defects.named(pattern, 400, INVALID_ARGUMENT, format!("{text} is not a path pattern"));
    }
}

/// aws-facts 3.2: the target is an origin or an origin group.
fn target(config: &Node<'_>, behaviour: &Node<'_>, defects: &mut Defects) {
    let target = behaviour.get("TargetOriginId");
    let Some(id) = target.str() else { return };
    let known = ["Origins.Items", "OriginGroups.Items"];
    if !known.iter().any(|list| config.at(list).items().iter().any(|origin| origin.get("Id").is(id))) {
        defects.named(&target, 404, "NoSuchOrigin", format!("no origin or origin group has the id {id}"));
    }
}

/// aws-facts 3.2: a cache policy or forwarded values, never both; times to live belong to the values (recipe mistake 44).
fn caching(behaviour: &Node<'_>, defects: &mut Defects) {
    let (policy, values) = (behaviour.get("CachePolicyId"), behaviour.get("ForwardedValues"));
    if !policy.exists() {
        legacy(behaviour, &values, defects);
        return;
    }
    if values.exists() {
        let message =
            "The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior.";
        defects.named(&values, 400, INVALID_ARGUMENT, message);
    }
    for ttl in TTLS {
        let node = behaviour.get(ttl);
        if node.exists() {
            let message =
                format!("The parameter {ttl} cannot be used when a cache policy is associated to the cache behavior.");
            defects.named(&node, 400, INVALID_ARGUMENT, message);
        }
    }
}

fn legacy(behaviour: &Node<'_>, values: &Node<'_>, defects: &mut Defects) {
    if !values.exists() {
        let message = "a cache behavior needs CachePolicyId or ForwardedValues";
        defects.named(behaviour, 400, INVALID_ARGUMENT, message);
        return;
    }
    let least = behaviour.get("MinTTL");
    if !least.exists() {
        defects.named(&least, 400, INVALID_ARGUMENT, "MinTTL is required with ForwardedValues");
    }
    let requests = behaviour.get("OriginRequestPolicyId");
    if requests.exists() {
        defects.named(&requests, 400, INVALID_ARGUMENT, "OriginRequestPolicyId needs CachePolicyId");
    }
    let times: Vec<_> = TTLS.iter().filter_map(|ttl| behaviour.get(ttl).int()).collect();
    if times.iter().any(|ttl| *ttl < 0) || !times.is_sorted() {
        let message = "MinTTL, DefaultTTL and MaxTTL must not be negative and must be in order";
        defects.named(&least, 400, "InvalidTTLOrder", message);
    }
}

/// aws-facts 3.2: three sets of methods may be allowed, two may be cached.
fn methods(behaviour: &Node<'_>, defects: &mut Defects) {
    let allowed = behaviour.get("AllowedMethods");
    let set = |node: &Node<'_>| {
        let mut methods: Vec<_> = node.get("Items").items().iter().filter_map(|m| m.str().map(str::to_owned)).collect();
        methods.sort();
        methods
    };
    const READ: [&str; 2] = ["GET", "HEAD"];
    const OPTIONS: [&str; 3] = ["GET", "HEAD", "OPTIONS"];
    const ALL: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let methods = set(&allowed);
    if allowed.exists() && methods != READ && methods != OPTIONS && methods != ALL {
        let message = "must be GET and HEAD; GET, HEAD and OPTIONS; or all seven methods";
        defects.named(&allowed, 400, INVALID_ARGUMENT, message);
    }
    let cached = allowed.get("CachedMethods");
    let methods = set(&cached);
    if cached.exists() && methods != READ && methods != OPTIONS {
        defects.named(&cached, 400, INVALID_ARGUMENT, "must be GET and HEAD, or GET, HEAD and OPTIONS");
    }
}

/// aws-facts 3.2, 3.4: the account has only AWS's managed policies.
fn policy_ids(behaviour: &Node<'_>, defects: &mut Defects) {
    let kinds = [
        ("CachePolicyId", Policy::Cache, "NoSuchCachePolicy"),
        ("OriginRequestPolicyId", Policy::OriginRequest, "NoSuchOriginRequestPolicy"),
        ("ResponseHeadersPolicyId", Policy::ResponseHeaders, "NoSuchResponseHeadersPolicy"),
    ];
    for (member, kind, code) in kinds {
        let node = behaviour.get(member);
        if node.str().is_some_and(|id| !policies::exists(kind, id)) {
            defects.named(&node, 404, code, format!("there is no policy {}", node.value));
        }
    }
}
