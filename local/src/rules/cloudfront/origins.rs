//! Origins (aws-facts 3.2).

use super::INVALID_ARGUMENT;
use crate::rules::{Defects, Node};

const CONFIGS: [&str; 3] = ["S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig"];
/// aws-facts 3.10.
const ORIGINS_MAX: usize = 25;
/// aws-facts 3.2.
const CUSTOM_HEADERS_MAX: usize = 10;
const HEADER_NAME_MAX: usize = 256;
const HEADER_VALUE_MAX: usize = 1_783;
const PATH_MAX: usize = 255;

pub fn check(config: &Node<'_>, defects: &mut Defects) {
    let list = config.get("Origins");
    let origins = list.get("Items").items();
    if origins.len() > ORIGINS_MAX {
        defects.named(&list, 400, "TooManyOrigins", format!("a distribution has at most {ORIGINS_MAX} origins"));
    }
    for (i, origin) in origins.iter().enumerate() {
        let id = origin.get("Id");
        if id.str().is_some_and(|text| origins[..i].iter().any(|earlier| earlier.get("Id").is(text))) {
            defects.invalid(&id, "is the id of another origin");
        }
        domain(origin, defects);
        path(origin, defects);
        headers(origin, defects);
        let present = origin.present(&CONFIGS);
        if present.len() != 1 {
            let message =
                format!("an origin has exactly one of {}, found [{}]", CONFIGS.join(", "), present.join(", "));
            defects.named(origin, 400, "InvalidOrigin", message);
        }
        custom(&origin.get("CustomOriginConfig"), defects);
        s3(origin, defects);
        between(&origin.get("ConnectionAttempts"), 1, 3, INVALID_ARGUMENT, defects);
        between(&origin.get("ConnectionTimeout"), 1, 10, INVALID_ARGUMENT, defects);
    }
}

fn between(node: &Node<'_>, low: i64, high: i64, code: &'static str, defects: &mut Defects) {
    if node.int().is_some_and(|n| !(low..=high).contains(&n)) {
        defects.named(node, 400, code, format!("must be {low} to {high}, is {}", node.value));
    }
}

/// A host name: no scheme, no path, no port.
fn domain(origin: &Node<'_>, defects: &mut Defects) {
    let domain = origin.get("DomainName");
    let Some(text) = domain.str() else { return };
    let label =
        |l: &str| !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if text.len() > 253 || !text.contains('.') || !text.split('.').all(label) {
        defects.named(&domain, 400, INVALID_ARGUMENT, format!("{text} is not a domain name"));
    }
}

/// aws-facts 3.2: begins with a slash, does not end with one.
fn path(origin: &Node<'_>, defects: &mut Defects) {
    let path = origin.get("OriginPath");
    let Some(text) = path.str().filter(|text| !text.is_empty()) else {
        return;
    };
    if !text.starts_with('/') || text.ends_with('/') || text.len() > PATH_MAX {
        let message = format!("must begin with a slash, not end with one, and have at most {PATH_MAX} characters");
        defects.named(&path, 400, INVALID_ARGUMENT, message);
    }
}

/// Headers that may not be added to origin requests (aws-facts 3.2; the developer guide's list).
const FORBIDDEN: [&str; 22] = [
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

fn headers(origin: &Node<'_>, defects: &mut Defects) {
    let list = origin.get("CustomHeaders");
    let headers = list.get("Items").items();
    if headers.len() > CUSTOM_HEADERS_MAX {
        let message = format!("an origin has at most {CUSTOM_HEADERS_MAX} custom headers");
        defects.named(&list, 400, "TooManyOriginCustomHeaders", message);
    }
    for header in headers {
        let (name, value) = (header.get("HeaderName"), header.get("HeaderValue"));
        let text = name.str().unwrap_or_default().to_ascii_lowercase();
        let prefixed = ["x-amz-", "x-edge-"].iter().any(|prefix| text.starts_with(prefix));
        if prefixed || text == "x-real-ip" || FORBIDDEN.contains(&text.as_str()) {
            defects.named(&name, 400, INVALID_ARGUMENT, format!("header {text} cannot be added to origin requests"));
        }
        if text.is_empty() || text.len() > HEADER_NAME_MAX {
            defects.named(&name, 400, INVALID_ARGUMENT, format!("must have 1 to {HEADER_NAME_MAX} characters"));
        }
        if value.str().is_some_and(|text| text.len() > HEADER_VALUE_MAX) {
            defects.named(&value, 400, INVALID_ARGUMENT, format!("must have at most {HEADER_VALUE_MAX} characters"));
        }
    }
}

/// aws-facts 3.2: ports 80, 443 and 1024 to 65535; timeouts 1 to 120 s.
fn custom(config: &Node<'_>, defects: &mut Defects) {
    for port in ["HTTPPort", "HTTPSPort"] {
        let port = config.get(port);
        if port.int().is_some_and(|n| !matches!(n, 80 | 443 | 1024..=65_535)) {
            defects.named(&port, 400, INVALID_ARGUMENT, "must be 80, 443 or 1024 to 65535");
        }
    }
    between(&config.get("OriginReadTimeout"), 1, 120, "InvalidOriginReadTimeout", defects);
    between(&config.get("OriginKeepaliveTimeout"), 1, 120, "InvalidOriginKeepaliveTimeout", defects);
}

/// aws-facts 3.2: with an origin access control the identity is empty; the control is for S3 origins, not MediaPackage v1
/// (aws-facts 3.9).
fn s3(origin: &Node<'_>, defects: &mut Defects) {
    let identity = origin.at("S3OriginConfig.OriginAccessIdentity");
    let control = origin.get("OriginAccessControlId");
    let controlled = control.str().is_some_and(|text| !text.is_empty());
    let identified = identity.str().is_some_and(|text| !text.is_empty());
    if controlled && identified {
        let message = "an origin has an access identity or an access control, not both";
        defects.named(&control, 400, "IllegalOriginAccessConfiguration", message);
    }
}
