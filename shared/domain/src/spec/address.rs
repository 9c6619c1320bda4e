//! Which literal addresses of a pull source are reachable for MediaLive and safe to ask it to reach: public
//! unicast ones only. Names are resolved by AWS, not by us.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// Says why the URL cannot be a pull source, or nothing when it can.
pub fn pull_url_problem(text: &str) -> Option<String> {
    let Ok(url) = url::Url::parse(text) else {
        return Some(format!("{text:?} is not a URL; give one like https://origin.example.net/live/master.m3u8"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some(format!("must be an http or https URL, not {}:", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not carry a user name or password".to_owned());
    }
    match url.host() {
        None => Some("names no host".to_owned()),
        Some(Host::Domain(name)) => {
            local_name(name).then(|| format!("{name} is a local name; MediaLive pulls over the public internet"))
        }
        Some(Host::Ipv4(address)) => private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => private(IpAddr::V6(address)),
    }
}

fn private(address: IpAddr) -> Option<String> {
    (!is_public_address(address)).then(|| {
        format!("{address} is a private, loopback, link-local, metadata or reserved address; give a public one")
    })
}

fn local_name(name: &str) -> bool {
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
