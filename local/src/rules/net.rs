//! Addresses and ARNs, as several services check them.

use std::net::Ipv4Addr;

/// Says what is wrong with an IPv4 CIDR, if anything: form, prefix length, host bits.
pub fn cidr_defect(text: &str) -> Option<String> {
    let Some((address, bits)) = text.split_once('/') else {
        return Some(format!("{text} is not a CIDR: the prefix length is missing"));
    };
    let Ok(address) = address.parse::<Ipv4Addr>() else {
        return Some(format!("{text} is not an IPv4 CIDR"));
    };
    let Some(bits) = bits.parse::<u32>().ok().filter(|b| *b <= 32 && !bits.starts_with('+')) else {
        return Some(format!("{text} has no prefix length between 0 and 32"));
    };
    let host_bits = u32::MAX.checked_shr(bits).unwrap_or(0);
    if u32::from(address) & host_bits != 0 {
        return Some(format!("{text} has host bits set"));
    }
    None
}

/// Whether `text` is an ARN of `service` whose resource part begins with `resource`.
pub fn is_arn(text: &str, service: &str, resource: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, of, _, account, rest] = parts[..] else {
        return false;
    };
    let account_ok = account.is_empty() || (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()));
    let suffix = rest.strip_prefix(resource);
    arn == "arn" && partition.starts_with("aws") && of == service && account_ok && suffix.is_some_and(|s| !s.is_empty())
}

/// The scheme of a URL and what follows `://`.
pub fn scheme(url: &str) -> Option<(&str, &str)> {
    url.split_once("://").filter(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
}
