//! Reads what a person says of a webhook, or says everything that is wrong with it at once.

use super::Wish;
use crate::ids::is_platform_id;
use crate::limits::{WEBHOOK_DESCRIPTION, WEBHOOK_PLATFORMS, WEBHOOK_URL};
use crate::outbox::Kind;
use crate::spec::reader::{Object, Problems};
use crate::spec::{Problem, is_local_name, is_public_address};
use serde_json::Value;
use std::net::IpAddr;
use url::{Host, Url};

/// Reads the body of a request. `loopback` lets receivers on this machine be named, over plain HTTP too: for tests.
///
/// # Errors
/// All problems, each with its JSON pointer.
pub fn read(document: &Value, loopback: bool) -> Result<Wish, Vec<Problem>> {
    let problems = Problems::default();
    let wish = wish(document, loopback, &problems);
    let problems = problems.into_vec();
    match wish {
        Some(wish) if problems.is_empty() => Ok(wish),
        _ => Err(problems),
    }
}

fn wish(document: &Value, loopback: bool, problems: &Problems) -> Option<Wish> {
    let mut body = Object::new(document, "", problems)?;
    let url = url(&mut body, loopback);
    let description = body.text("description").unwrap_or_default();
    if description.chars().count() > WEBHOOK_DESCRIPTION {
        body.problem("description", format!("must have at most {WEBHOOK_DESCRIPTION} characters"));
    } else if description.chars().any(char::is_control) {
        body.problem("description", "must not contain control characters");
    }
    let types = types(&mut body);
    let platforms = platforms(&mut body);
    let enabled = body.flag("enabled").unwrap_or(true);
    body.finish();
    Some(Wish { url: url?, description, types, platforms, enabled })
}

fn url(body: &mut Object<'_>, loopback: bool) -> Option<String> {
    if body.raw("url").is_none() {
        body.problem("url", "is required: where messages are posted to, like https://ops.example.net/headend");
        return None;
    }
    let text = body.text("url")?;
    let wrong = if text.len() > WEBHOOK_URL {
        Some(format!("must have at most {WEBHOOK_URL} characters"))
    } else if text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        Some("must not contain spaces or backslashes".to_owned())
    } else {
        match Url::parse(&text) {
            Err(_) => Some(format!("{text:?} is not a URL; give one like https://ops.example.net/headend")),
            Ok(url) => url_problem(&url, loopback),
        }
    };
    let Some(wrong) = wrong else { return Some(text) };
    body.problem("url", wrong);
    None
}

fn url_problem(url: &Url, loopback: bool) -> Option<String> {
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        other => return Some(format!("must be an https URL, not {other}:")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not carry a user name or password: each request is signed instead".to_owned());
    }
    if url.fragment().is_some() {
        return Some("must not have a fragment (#...): it would not be sent".to_owned());
    }
    match url.host()? {
        Host::Domain("localhost") if loopback => None,
        Host::Domain(name) => is_local_name(name).then(|| format!("{name} is a local name; give a public one")),
        Host::Ipv4(address) => refused(IpAddr::V4(address), loopback),
        Host::Ipv6(address) => refused(IpAddr::V6(address), loopback),
    }
}

/// Why nothing is sent to this address, if so: a name may lead anywhere, so that what it leads to is looked at before each
/// connection too.
pub fn refused(address: IpAddr, loopback: bool) -> Option<String> {
    if is_public_address(address) || (loopback && address.is_loopback()) {
        return None;
    }
    Some(format!("{address} is a private, loopback, link-local, metadata or reserved address; give a public one"))
}

fn types(body: &mut Object<'_>) -> Vec<Kind> {
    let mut types = Vec::new();
    for (index, value) in body.list("types").into_iter().flatten().enumerate() {
        match Kind::ALL.into_iter().find(|kind| value.as_str() == Some(kind.word())) {
            Some(kind) => types.push(kind),
            None => {
                let known = Kind::ALL.map(Kind::word).join(", ");
                body.problem_at("types", index, format!("must be one of {known}, not {value}"));
            }
        }
    }
    types.sort_unstable();
    types.dedup();
    types
}

fn platforms(body: &mut Object<'_>) -> Vec<String> {
    let list = body.list("platforms").unwrap_or_default();
    if list.len() > WEBHOOK_PLATFORMS {
        body.problem("platforms", format!("at most {WEBHOOK_PLATFORMS}; leave it out for all"));
        return Vec::new();
    }
    let mut platforms = Vec::new();
    for (index, value) in list.iter().enumerate() {
        match value.as_str().filter(|id| is_platform_id(id)) {
            Some(id) => platforms.push(id.to_owned()),
            None => body.problem_at(
                "platforms",
                index,
                format!("must be the id of a platform, like p-0123456789ab, not {value}"),
            ),
        }
    }
    platforms.sort_unstable();
    platforms.dedup();
    platforms
}
