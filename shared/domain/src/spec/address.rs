//! Which literal addresses of a pull source are reachable for MediaLive and safe to ask it to reach: public
//! unicast ones only. Names are resolved by AWS, not by us.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// Says why the URL cannot be a source of one of these schemes, or nothing when it can.
pub fn url_problem(text: &str, schemes: &[&str]) -> Option<String> {
    let Ok(url) = url::Url::parse(text) else {
        return Some(format!("{text:?} is not a URL; give one like {}", example(schemes)));
    };
    // Parsers differ in what they make of these; none belongs into an address.
    if text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return Some("must not contain spaces or backslashes".to_owned());
    }
    let scheme = url.scheme();
    if !schemes.contains(&scheme) {
        return Some(format!("must be an {} URL, not {scheme}:", schemes.join(" or ")));
    }
    match scheme {
        "s3ssl" => bucket_problem(text),
        // Only in the schemes of the web does the library read numbers as addresses, as resolvers do.
        "rtmp" | "rtmps" => rtmp_problem(text),
        _ => web_problem(&url),
    }
}

fn example(schemes: &[&str]) -> &'static str {
    if schemes.contains(&"rtmp") {
        "rtmp://origin.example.net/app/stream"
    } else {
        "https://origin.example.net/live/master.m3u8"
    }
}

fn web_problem(url: &url::Url) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not carry a user name or password; give username and passwordParameter".to_owned());
    }
    match url.host() {
        None => Some("names no host".to_owned()),
        Some(host) => host_problem(&host),
    }
}

/// aws-facts 1.8: `rtmp://host:port/app/stream`.
fn rtmp_problem(text: &str) -> Option<String> {
    let rest = text.split_once("://").map(|(_, rest)| rest).filter(|rest| !rest.starts_with('/'));
    let Some(url) = rest.and_then(|rest| url::Url::parse(&format!("http://{rest}")).ok()) else {
        return Some(format!("{text:?} names no host; give a URL like rtmp://origin.example.net/app/stream"));
    };
    let parts = url.path_segments().map_or(0, |parts| parts.filter(|part| !part.is_empty()).count());
    web_problem(&url).or_else(|| {
        (parts < 2).then(|| "must name application and stream, like rtmp://origin.example.net/app/stream".to_owned())
    })
}

fn bucket_problem(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if bucket.is_empty() || !bucket.bytes().all(legal) || key.is_empty() || key.ends_with('/') {
        // Like the archive's, a bucket's name must not have dots in it (aws-facts 1.10).
        return Some("must be s3ssl://bucket/path/file, the bucket without dots in its name".to_owned());
    }
    None
}

/// Says why MediaLive cannot call this host: a name or an IPv4 address, and no more than that.
pub fn caller_problem(text: &str) -> Option<String> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
    let host = Host::parse(text).ok().filter(|_| text.bytes().all(legal));
    match host {
        None => Some(format!("{text:?} is neither a host name nor an IPv4 address")),
        Some(host) => host_problem(&host),
    }
}

fn host_problem<S: AsRef<str>>(host: &Host<S>) -> Option<String> {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            is_local_name(name).then(|| format!("{name} is a local name; MediaLive pulls over the public internet"))
        }
        Host::Ipv4(address) => private(IpAddr::V4(*address)),
        Host::Ipv6(address) => private(IpAddr::V6(*address)),
    }
}

fn private(address: IpAddr) -> Option<String> {
    (!is_public_address(address)).then(|| {
        format!("{address} is a private, loopback, link-local, metadata or reserved address; give a public one")
    })
}

/// A name that only the resolver of some network knows.
pub fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let reserved =
        ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid", "onion"];
    !name.contains('.') || reserved.iter().any(|tail| name == *tail || name.ends_with(&format!(".{tail}")))
}

pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The special-purpose blocks of RFC 6890 and its successors are not public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(a, 0 | 10 | 127 | 224..=255)
        || (a == 100 && (64..=127).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..=31).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113);
    !special
}

/// Only global unicast (2000::/3) without the blocks that carry IPv4 addresses or documentation: mapped and
/// NAT64 addresses lie outside 2000::/3, Teredo and 6to4 inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = (0x2000..=0x3fff).contains(&first);
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002 || first == 0x3fff;
    global && !special
}
