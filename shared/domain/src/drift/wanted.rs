//! What an object is to be like, in the form in which the adapters tell what AWS describes: only what matters to a picture or
//! a bill, and what AWS echoes as it was said.

use super::Traits;
use crate::record::Record;
use crate::request::{Requests, secret_version};
use crate::slot::{AlarmKind, Slot};
use crate::spec::ChannelClass;

/// Joined in an order that says nothing, where AWS keeps none.
pub fn set(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    items.sort();
    items.dedup();
    list(items)
}

/// Joined in the order that counts.
pub fn list(items: impl IntoIterator<Item = String>) -> String {
    let joined = items.into_iter().collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "none".to_owned() } else { joined }
}

/// Empty where nothing can be compared but that it is there.
pub fn wanted(record: &Record, slot: &Slot) -> Traits {
    let requests = Requests { record, stack: "" };
    let traits = match slot {
        Slot::Group(input) => group(&requests, input),
        Slot::Input(input) => self::input(&requests, input),
        Slot::Channel => channel(&requests),
        Slot::Endpoint(_) => endpoint(&requests, slot),
        Slot::Distribution => distribution(&requests),
        Slot::Alarm(kind) => alarm(&requests, *kind),
        Slot::Secret => secret_version(record, record.state.cdn_secret.newest)
            .filter(|_| record.state.cdn_secret.newest == record.state.cdn_secret.in_use)
            .map(|version| Traits::from([("current version", version)])),
        // An id is all there is of it.
        Slot::Packaging => None,
    };
    traits.unwrap_or_default()
}

fn group(requests: &Requests<'_>, input: &str) -> Option<Traits> {
    Some(Traits::from([("rules", set(requests.group(input)?.cidrs))]))
}

fn input(requests: &Requests<'_>, input: &str) -> Option<Traits> {
    let request = requests.input(input)?;
    let callers = request.srt.iter().flat_map(|srt| &srt.sources);
    let callers = callers.map(|source| format!("srt://{}:{}", source.address, source.port));
    Some(Traits::from([
        ("security group", list(request.group_id)),
        ("sources", list(request.sources.into_iter().chain(callers))),
        ("flows", list(request.flows)),
    ]))
}

fn channel(requests: &Requests<'_>) -> Option<Traits> {
    let request = requests.channel()?;
    let class = match request.class {
        ChannelClass::Single => "SINGLE_PIPELINE",
        ChannelClass::Standard => "STANDARD",
    };
    let inputs = request.attachments.iter().map(|it| {
        let second = it.failover.as_ref().map(|failover| failover.secondary_id.as_str());
        attachment(&it.name, &it.input_id, second)
    });
    let video = request.ladder.rungs.iter().map(|rung| video(rung.width, rung.height, rung.bitrate));
    Some(Traits::from([
        ("name", request.name.clone()),
        ("class", class.to_owned()),
        ("inputs", list(inputs)),
        ("packaging channel", request.packaging_id.clone()),
        ("video", list(video)),
    ]))
}

/// `main = 1234567, then 7654321`
pub fn attachment(name: &str, input: &str, second: Option<&str>) -> String {
    format!("{name} = {input}{}", second.map(|id| format!(" then {id}")).unwrap_or_default())
}

/// `1280x720 at 3000000`
pub fn video(width: impl std::fmt::Display, height: impl std::fmt::Display, bitrate: impl std::fmt::Display) -> String {
    format!("{width}x{height} at {bitrate}")
}

pub fn seconds(count: impl std::fmt::Display) -> String {
    format!("{count} s")
}

fn endpoint(requests: &Requests<'_>, slot: &Slot) -> Option<Traits> {
    let Slot::Endpoint(format) = slot else { return None };
    let request = requests.endpoint(*format)?;
    Some(Traits::from([
        ("segments", seconds(request.settings.segment_seconds)),
        ("window", seconds(request.settings.window_seconds)),
        ("start-over", seconds(request.settings.startover_seconds)),
        ("manifest name", request.settings.manifest_name.clone()),
        ("origination", "ALLOW".to_owned()),
        ("secret", request.secret_arn),
    ]))
}

fn distribution(requests: &Requests<'_>) -> Option<Traits> {
    let request = requests.distribution()?;
    Some(Traits::from([
        ("in service", "yes".to_owned()),
        ("comment", request.comment),
        ("origins", request.origin_host),
        ("headers to the origin", "X-MediaPackage-CDNIdentifier".to_owned()),
        ("paths", set(request.path_patterns)),
    ]))
}

/// What CloudWatch publishes for each kind (aws-facts 1.14, 2.10, 3.7).
fn metric(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::InputLoss(_) => "InputVideoFrameRate",
        AlarmKind::ActiveAlerts(_) => "ActiveAlerts",
        AlarmKind::Packager4xx | AlarmKind::Packager5xx => "EgressRequestCount",
        AlarmKind::Cdn4xx => "4xxErrorRate",
        AlarmKind::Cdn5xx => "5xxErrorRate",
    }
}

fn alarm(requests: &Requests<'_>, kind: AlarmKind) -> Option<Traits> {
    let request = requests.alarm(kind)?;
    Some(Traits::from([
        ("metric", metric(kind).to_owned()),
        ("of", request.watched),
        ("threshold", request.threshold.to_string()),
        ("actions", "on".to_owned()),
    ]))
}
