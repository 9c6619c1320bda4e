//! What CloudFront refuses (aws-facts 3.2 to 3.4).

mod behaviours;
mod certificate;
mod origins;
mod policies;

use serde_json::Value;

use super::{Defects, Node};

/// The names that CloudFront has for its refusals, with the statuses of aws-facts 3.3.
pub(super) const INVALID_ARGUMENT: &str = "InvalidArgument";
/// aws-facts 3.2.
const COMMENT_MAX: usize = 128;

/// Checks one request.
pub fn check(operation: &str, input: &Node<'_>, defects: &mut Defects) {
    let config = match operation {
        "CreateDistribution" | "UpdateDistribution" => input.get("DistributionConfig"),
        "CreateDistributionWithTags" => input.at("DistributionConfigWithTags.DistributionConfig"),
        _ => return,
    };
    if !config.exists() {
        defects.named(&config, 400, "MissingBody", "This operation requires a body");
        return;
    }
    quantities(&config, defects);
    comment(&config, defects);
    origins::check(&config, defects);
    behaviours::check(&config, defects);
    certificate::check(&config, defects);
    errors(&config, defects);
    web_acl(&config, defects);
    root_object(&config, defects);
}

/// aws-facts 3.2: each list is Quantity and Items, and they agree.
fn quantities(node: &Node<'_>, defects: &mut Defects) {
    if let Some(quantity) = node.get("Quantity").int() {
        let items = node.get("Items").items().len();
        if usize::try_from(quantity).ok() != Some(items) {
            let message = format!("Quantity is {quantity} but there are {items} Items");
            defects.named(node, 400, "InconsistentQuantities", message);
        }
    }
    for (_, child) in node.members() {
        match child.value {
            Value::Object(_) => quantities(&child, defects),
            Value::Array(_) => child.items().iter().for_each(|item| quantities(item, defects)),
            _ => {}
        }
    }
}

fn comment(config: &Node<'_>, defects: &mut Defects) {
    let comment = config.get("Comment");
    if comment.str().is_some_and(|text| text.chars().count() > COMMENT_MAX) {
        defects.invalid(&comment, format!("must have at most {COMMENT_MAX} characters"));
    }
}

/// The status codes that CloudFront can treat specially.
const ERROR_CODES: [i64; 11] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

fn errors(config: &Node<'_>, defects: &mut Defects) {
    let items = config.at("CustomErrorResponses.Items").items();
    for (i, response) in items.iter().enumerate() {
        let code = response.get("ErrorCode");
        if code.int().is_some_and(|n| !ERROR_CODES.contains(&n)) {
            defects.named(&code, 400, "InvalidErrorCode", format!("{} cannot be customised", code.value));
        }
        if items[..i].iter().any(|earlier| earlier.get("ErrorCode").int() == code.int()) {
            defects.invalid(&code, format!("error code {} appears more than once", code.value));
        }
        let (page, status) = (response.get("ResponsePagePath"), response.get("ResponseCode"));
        let given = |node: &Node<'_>| node.str().is_some_and(|text| !text.is_empty());
        if given(&page) != given(&status) {
            defects.named(response, 400, "InvalidResponseCode", "ResponsePagePath and ResponseCode go together");
        }
        if response.get("ErrorCachingMinTTL").int().is_some_and(|ttl| ttl < 0) {
            defects.invalid(&response.get("ErrorCachingMinTTL"), "must not be negative");
        }
    }
}

/// aws-facts 3.2: the full ARN of a global ACL (WAFv2), or an id (WAF classic), or nothing.
fn web_acl(config: &Node<'_>, defects: &mut Defects) {
    let acl = config.get("WebACLId");
    let Some(text) = acl.str().filter(|text| !text.is_empty()) else {
        return;
    };
    if text.starts_with("arn:") && !text.contains(":global/webacl/") {
        defects.named(&acl, 400, "InvalidWebACLId", "the web ACL must have the scope CLOUDFRONT");
    }
}

fn root_object(config: &Node<'_>, defects: &mut Defects) {
    let object = config.get("DefaultRootObject");
    if object.str().is_some_and(|text| text.starts_with('/')) {
        defects.named(&object, 400, "InvalidDefaultRootObject", "must not begin with a slash");
    }
}
