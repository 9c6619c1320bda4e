//! Reads the fields of a spec and fills in the defaults. What fields mean together is `check`'s.

use super::reader::{Object, Problems, escape};
use super::{
    AlarmsSpec, ArchiveSpec, CdnSecretSpec, ChannelClass, EndpointSpec, Spec, drift, encoding, guard, input_fields,
    loss, remediation, tracks,
};
use crate::slot::Format;
use ipnet::Ipv4Net;
use serde_json::Value;
use std::collections::BTreeMap;

/// CloudFront's comment holds 128 characters (aws-facts 3.2), of which the slot's token takes some 40; the
/// name has to fit beside it.
const NAME_MOST: usize = 80;

pub fn spec(document: &Value, problems: &Problems) -> Option<Spec> {
    let mut body = Object::new(document, "", problems)?;
    let name = name(&mut body);
    let description = body.text("description");
    if description.as_ref().is_some_and(|text| text.chars().count() > 500) {
        body.problem("description", "must have at most 500 characters");
    }
    let channel_class = body.word::<ChannelClass>("channelClass", "single, standard").unwrap_or(ChannelClass::Single);
    let allow_lists = allow_lists(&mut body, problems);
    let inputs = input_fields::inputs(&mut body, problems);
    let ladder = encoding::ladder(&mut body, problems);
    let input_specification = encoding::input_specification(&mut body, ladder.as_ref());
    let audio = tracks::audio(&mut body, problems);
    let captions = tracks::captions(&mut body, problems);
    let input_loss = loss::read(&mut body);
    let endpoints = endpoints(&mut body, problems);
    let archive = archive(&mut body);
    let alarms = alarms(&mut body);
    let remediation = remediation::remediation(&mut body);
    let hands_off = remediation::hands_off(&mut body);
    let cdn_secret = cdn_secret(&mut body);
    let guard = guard::read(&mut body);
    let drift = drift::read(&mut body);
    let tags = tags(&mut body);
    body.finish();
    Some(Spec {
        name: name?,
        description,
        channel_class,
        allow_lists,
        inputs,
        input_specification,
        ladder: ladder?,
        audio,
        captions,
        input_loss,
        endpoints,
        archive,
        alarms,
        remediation,
        hands_off,
        cdn_secret,
        guard,
        drift,
        tags,
    })
}

fn name(body: &mut Object<'_>) -> Option<String> {
    let Some(name) = body.text("name") else {
        if body.raw("name").is_none() {
            body.problem("name", "is required: what people call the platform");
        }
        return None;
    };
    if name.trim().is_empty() {
        body.problem("name", "must not be empty");
    } else if name.chars().count() > NAME_MOST {
        body.problem("name", format!("must have at most {NAME_MOST} characters, or it does not fit AWS's names"));
    } else if name.chars().any(char::is_control) {
        body.problem("name", "must not contain control characters");
    } else {
        return Some(name);
    }
    // A document with a bad name is still read on, so that its other problems are found too.
    Some("unnamed".to_owned())
}

fn allow_lists(body: &mut Object<'_>, problems: &Problems) -> BTreeMap<String, Vec<Ipv4Net>> {
    let Some(lists) = body.object("allowLists") else { return BTreeMap::new() };
    let mut read = BTreeMap::new();
    for (name, value) in lists.entries() {
        let pointer = lists.at(name);
        if !is_label(name) {
            problems.add(&pointer, "an allow-list's name has 1 to 32 lower-case letters, digits or hyphens");
        }
        let Value::Array(items) = value else {
            problems.add(&pointer, "must be a list of CIDR blocks");
            continue;
        };
        let blocks = items.iter().enumerate().filter_map(|(index, item)| {
            let pointer = format!("{pointer}/{index}");
            let Some(text) = item.as_str() else {
                problems.add(pointer, "must be a CIDR block as a string, e.g. \"198.51.100.7/32\"");
                return None;
            };
            cidr(text).map_err(|why| problems.add(pointer, why)).ok()
        });
        read.insert(name.clone(), blocks.collect());
    }
    read
}

/// Reads an IPv4 block without host bits.
pub fn cidr(text: &str) -> Result<Ipv4Net, String> {
    let block: Ipv4Net = text.parse().map_err(|_| {
        format!("{text:?} is neither an allow-list of this request nor an IPv4 CIDR block like 198.51.100.7/32")
    })?;
    if block.addr() != block.network() {
        return Err(format!("{text} has host bits set; write {}", block.trunc()));
    }
    Ok(block)
}

/// Lower-case letters, digits and hyphens, 1 to 32: fits every AWS name that it becomes part of.
pub fn is_label(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
}

fn endpoints(body: &mut Object<'_>, problems: &Problems) -> BTreeMap<Format, EndpointSpec> {
    let usual = |format| EndpointSpec {
        manifest_name: if format == Format::Dash { "manifest" } else { "master" }.to_owned(),
        segment_seconds: if format == Format::Cmaf { 2 } else { 4 },
        window_seconds: 60,
        startover_seconds: 3600,
    };
    let Some(mut object) = body.object("endpoints") else {
        return Format::ALL.into_iter().map(|format| (format, usual(format))).collect();
    };
    let mut read = BTreeMap::new();
    for (format, field) in [(Format::Hls, "hls"), (Format::Dash, "dash"), (Format::Cmaf, "cmaf")] {
        let Some(value) = object.raw(field) else { continue };
        if let Some(endpoint) = endpoint(value, &object.at(field), usual(format), problems) {
            read.insert(format, endpoint);
        }
    }
    if object.entries().all(|(_, value)| value.is_null()) {
        body.problem("endpoints", "must name at least one of hls, dash, cmaf");
    }
    object.finish();
    read
}

fn endpoint(value: &Value, path: &str, usual: EndpointSpec, problems: &Problems) -> Option<EndpointSpec> {
    let mut object = Object::new(value, path, problems)?;
    let manifest_name = object.text("manifestName").unwrap_or(usual.manifest_name);
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if manifest_name.is_empty() || manifest_name.len() > 64 || !manifest_name.chars().all(legal) {
        // The packager adds the extension itself (aws-facts 2.3).
        object
            .problem("manifestName", "must have 1 to 64 letters, digits, hyphens or underscores, without an extension");
    }
    let read = EndpointSpec {
        manifest_name,
        segment_seconds: object.whole("segmentSeconds", 1, 30).unwrap_or(usual.segment_seconds),
        // MediaPackage serves live manifests of at most five minutes (aws-facts 2.3).
        window_seconds: object.whole("windowSeconds", 6, 300).unwrap_or(usual.window_seconds),
        startover_seconds: object.whole("startoverSeconds", 0, 1_209_600).unwrap_or(usual.startover_seconds),
    };
    object.finish();
    Some(read)
}

fn archive(body: &mut Object<'_>) -> ArchiveSpec {
    let mut read = ArchiveSpec { enabled: true, rollover_seconds: 300 };
    let Some(mut object) = body.object("archive") else { return read };
    read.enabled = object.flag("enabled").unwrap_or(true);
    read.rollover_seconds = object.whole("rolloverSeconds", 10, 3600).unwrap_or(300);
    object.finish();
    read
}

fn alarms(body: &mut Object<'_>) -> AlarmsSpec {
    let mut read = AlarmsSpec {
        enabled: true,
        packager_4xx_count: 100,
        packager_5xx_count: 10,
        cdn_4xx_percent: 5.0,
        cdn_5xx_percent: 1.0,
    };
    let Some(mut object) = body.object("alarms") else { return read };
    read.enabled = object.flag("enabled").unwrap_or(true);
    read.packager_4xx_count = object.whole("packager4xxCount", 1, 1_000_000).unwrap_or(read.packager_4xx_count);
    read.packager_5xx_count = object.whole("packager5xxCount", 1, 1_000_000).unwrap_or(read.packager_5xx_count);
    read.cdn_4xx_percent = object.percent("cdn4xxPercent").unwrap_or(read.cdn_4xx_percent);
    read.cdn_5xx_percent = object.percent("cdn5xxPercent").unwrap_or(read.cdn_5xx_percent);
    object.finish();
    read
}

fn cdn_secret(body: &mut Object<'_>) -> Option<CdnSecretSpec> {
    let mut object = body.object("cdnSecret")?;
    if object.raw("rotateEveryDays").is_none() {
        object.problem("rotateEveryDays", "is required: after how many days the secret is renewed");
    }
    let days = object.whole("rotateEveryDays", 1, 365);
    object.finish();
    Some(CdnSecretSpec { rotate_every_days: days? })
}

fn tags(body: &mut Object<'_>) -> BTreeMap<String, String> {
    let Some(object) = body.object("tags") else { return BTreeMap::new() };
    let mut read = BTreeMap::new();
    for (key, value) in object.entries() {
        let lower = key.to_ascii_lowercase();
        if key.is_empty() || key.chars().count() > 128 {
            object.problem(key, "a tag's key has 1 to 128 characters");
        }
        if lower.starts_with("aws:") || lower.starts_with("headend:") {
            object.problem(
                key,
                format!("tags that begin with {} are reserved", escape(lower.split(':').next().unwrap_or(""))),
            );
        }
        match value.as_str() {
            Some(text) if text.chars().count() <= 256 => {
                read.insert(key.clone(), text.to_owned());
            }
            _ => object.problem(key, "a tag's value is a string of at most 256 characters"),
        }
    }
    // AWS takes 50 tags a resource (aws-facts 1.5); four of them are ours.
    if read.len() > 40 {
        body.problem("tags", "must have at most 40 tags");
    }
    read
}
