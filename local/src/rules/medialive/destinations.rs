//! Destinations: exactly one kind each, as many settings as the class has pipelines (aws-facts 1.6, 1.7).

use crate::rules::net::scheme;
use crate::rules::{Defects, Node};

use super::unique;

const KINDS: [&str; 5] =
    ["settings", "mediaPackageSettings", "multiplexSettings", "srtSettings", "mediaConnectRouterSettings"];

/// `pipelines` is None where the class is not known from the request.
pub fn check(input: &Node<'_>, pipelines: Option<usize>, defects: &mut Defects) {
    let destinations = input.get("destinations").items();
    unique(&destinations, "id", defects);
    for destination in &destinations {
        defects.require(&destination.get("id"));
        let present = kinds(destination);
        match present[..] {
            ["settings"] => settings(destination, pipelines, defects),
            ["mediaPackageSettings"] => mediapackage(destination, defects),
            [_] => {}
            _ => {
                let id = destination.get("id").str().unwrap_or_default();
                // aws-facts 1.7: a 400 that names the destination.
                let message = format!(
                    "one and only one of settings, MediaPackage settings, multiplex settings, SRT settings must be present \
                     in destination {id}"
                );
                defects.named(destination, 400, "BadRequestException", message);
            }
        }
    }
}

/// Which kinds a destination has. An empty list is as good as none.
pub fn kinds(destination: &Node<'_>) -> Vec<&'static str> {
    let mut present = destination.present(&KINDS);
    present.retain(|kind| !destination.get(kind).value.as_array().is_some_and(Vec::is_empty));
    present
}

/// aws-facts 1.6: one URL per pipeline, all different.
fn settings(destination: &Node<'_>, pipelines: Option<usize>, defects: &mut Defects) {
    let list = destination.get("settings");
    let settings = list.items();
    if let Some(expected) = pipelines
        && settings.len() != expected
    {
        let class = if expected == 2 { "STANDARD" } else { "SINGLE_PIPELINE" };
        defects.invalid(
            &list,
            format!("a {class} channel needs {expected} destination settings, found {}", settings.len()),
        );
    }
    unique(&settings, "url", defects);
    for one in settings {
        let url = one.get("url");
        match url.str() {
            None => defects.require(&url),
            Some(text) => location(&url, text, defects),
        }
    }
}

/// aws-facts 1.10: `s3ssl://bucket/folder/base`; no dots in the bucket's name; the base name is required.
fn location(url: &Node<'_>, text: &str, defects: &mut Defects) {
    let Some((scheme, rest)) = scheme(text) else {
        defects.invalid(url, format!("{text} is not a URL"));
        return;
    };
    if !matches!(scheme, "s3" | "s3ssl") {
        return;
    }
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.contains('.') {
        defects.invalid(url, format!("bucket name {bucket} contains a dot"));
    }
    if key.is_empty() || key.ends_with('/') {
        defects.invalid(url, format!("{text} does not end in a base name for the files"));
    }
}

/// aws-facts 1.6, 1.7: one entry in both classes; v1's channelId and v2's names do not mix.
fn mediapackage(destination: &Node<'_>, defects: &mut Defects) {
    let list = destination.get("mediaPackageSettings");
    if list.items().len() != 1 {
        defects.invalid(&list, format!("exactly one MediaPackage setting is needed, found {}", list.items().len()));
    }
    for one in list.items() {
        let v1 = one.get("channelId").exists();
        let v2 = one.get("channelGroup").exists() && one.get("channelName").exists();
        let any_v2 = one.get("channelGroup").exists() || one.get("channelName").exists();
        if v1 == v2 || (v1 && any_v2) {
            defects.invalid(&one, "either channelId or channelGroup and channelName must be present");
        }
    }
}
