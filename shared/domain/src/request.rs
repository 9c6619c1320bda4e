//! What a platform is made of, and each thing as a request in the words of the domain. The adapters turn these
//! into AWS's own requests.

mod fingerprint;

pub use fingerprint::{
    after_doubt, current, fingerprint, replaces, secret_is_everywhere, secret_version, tag_print, updatable,
};
mod inputs;

pub use inputs::{Attachment, ChannelRequest, Failover, InputRequest, Login};

use crate::action::{Status, Verb};
use crate::orphan;
use crate::record::Record;
use crate::slot::{AlarmKind, AlarmRegion, Format, Slot};
use crate::spec::{EndpointSpec, Spec};
use serde::Serialize;
use std::collections::BTreeMap;

/// Every slot that the spec asks for, in the order of the resource graph.
pub fn desired(spec: &Spec) -> Vec<Slot> {
    let mut slots = Vec::new();
    let pushing = spec.inputs.iter().filter(|input| input.kind.is_push());
    slots.extend(pushing.map(|input| Slot::Group(input.name.clone())));
    slots.extend(spec.inputs.iter().map(|input| Slot::Input(input.name.clone())));
    slots.push(Slot::Secret);
    slots.push(Slot::Packaging);
    slots.extend(spec.endpoints.keys().map(|format| Slot::Endpoint(*format)));
    slots.push(Slot::Channel);
    slots.push(Slot::Distribution);
    if spec.alarms.enabled {
        slots.extend(alarm_kinds(spec).into_iter().map(Slot::Alarm));
    }
    slots
}

fn alarm_kinds(spec: &Spec) -> Vec<AlarmKind> {
    let pipelines = 0..spec.channel_class.pipelines();
    let mut kinds: Vec<AlarmKind> = pipelines.clone().map(AlarmKind::InputLoss).collect();
    kinds.extend(pipelines.map(AlarmKind::ActiveAlerts));
    kinds.extend([AlarmKind::Packager4xx, AlarmKind::Packager5xx, AlarmKind::Cdn4xx, AlarmKind::Cdn5xx]);
    kinds
}

/// What has to be there before a slot can be made.
pub fn needs(spec: &Spec, slot: &Slot) -> Vec<Slot> {
    match slot {
        Slot::Group(_) | Slot::Secret | Slot::Packaging => Vec::new(),
        Slot::Input(name) => {
            let pushed = spec.input(name).is_some_and(|input| input.kind.is_push());
            if pushed { vec![Slot::Group(name.clone())] } else { Vec::new() }
        }
        Slot::Endpoint(_) => vec![Slot::Secret, Slot::Packaging],
        Slot::Channel => {
            let inputs = spec.inputs.iter().map(|input| Slot::Input(input.name.clone()));
            inputs.chain(std::iter::once(Slot::Packaging)).collect()
        }
        Slot::Distribution => {
            let endpoints = spec.endpoints.keys().map(|format| Slot::Endpoint(*format));
            endpoints.chain(std::iter::once(Slot::Secret)).collect()
        }
        Slot::Alarm(AlarmKind::InputLoss(_) | AlarmKind::ActiveAlerts(_)) => vec![Slot::Channel],
        Slot::Alarm(AlarmKind::Packager4xx | AlarmKind::Packager5xx) => vec![Slot::Packaging],
        Slot::Alarm(AlarmKind::Cdn4xx | AlarmKind::Cdn5xx) => vec![Slot::Distribution],
    }
}

/// Whether `need` is far enough for `slot`: the channel wants its inputs made; alarms need only an id.
pub fn usable(record: &Record, need: &Slot, slot: &Slot) -> bool {
    let Some(state) = record.slot(need).filter(|state| state.object.is_some()) else { return false };
    // A delete without an answer may have happened, or may yet.
    if state.doing.as_ref().is_some_and(|doing| doing.verb == Verb::Delete && (doing.unanswered || doing.unsure)) {
        return false;
    }
    let made = state
        .seen
        .as_ref()
        .is_some_and(|seen| !matches!(seen.status, Status::Making | Status::Deleting | Status::Broken));
    made || matches!(slot, Slot::Alarm(_))
}

#[derive(Serialize)]
pub struct GroupRequest {
    pub cidrs: Vec<String>,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct SecretRequest {
    pub name: String,
    /// Id of the version that is put.
    #[serde(skip)]
    pub version: String,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct PackagingRequest {
    pub id: String,
    pub description: String,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct EndpointRequest {
    pub id: String,
    pub packaging_id: String,
    pub format: Format,
    pub settings: EndpointSpec,
    pub secret_arn: String,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct DistributionRequest {
    pub caller_reference: String,
    /// Also how a distribution is found again: its list does not show the caller reference.
    pub comment: String,
    /// The packaging host of all endpoints (aws-facts 2.5).
    pub origin_host: String,
    /// One per endpoint.
    pub path_patterns: Vec<String>,
    pub secret_id: String,
    /// The version whose value the CDN sends.
    pub secret_version: String,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct AlarmRequest {
    pub name: String,
    pub description: String,
    pub kind: AlarmKind,
    pub region: AlarmRegion,
    /// What is watched: channel id, packaging channel id, or distribution id.
    pub watched: String,
    pub threshold: f64,
    #[serde(skip)]
    pub tags: BTreeMap<String, String>,
}

/// Tags of the slot's object: the producer's, the three by which we find it again, and whose it is.
pub fn tags(record: &Record, slot: &Slot, stack: &str) -> BTreeMap<String, String> {
    let mut tags = record.asked.spec.tags.clone();
    tags.insert("headend:stack".to_owned(), stack.to_owned());
    tags.insert("headend:platform".to_owned(), record.asked.key.id.clone());
    tags.insert("headend:slot".to_owned(), slot.to_string());
    // Should the record ever be lost, this says who may see what is left (decision 022).
    tags.insert(orphan::TENANT.to_owned(), record.asked.key.tenant.clone());
    tags
}

/// Builds requests of one record.
pub struct Requests<'a> {
    pub record: &'a Record,
    pub stack: &'a str,
}

impl Requests<'_> {
    fn spec(&self) -> &Spec {
        &self.record.asked.spec
    }

    fn token(&self, slot: &Slot) -> Option<String> {
        Some(self.record.slot(slot)?.token.clone()).filter(|token| !token.is_empty())
    }

    fn tags(&self, slot: &Slot) -> BTreeMap<String, String> {
        tags(self.record, slot, self.stack)
    }

    fn id(&self, slot: &Slot) -> Option<String> {
        Some(self.record.object(slot)?.id.clone())
    }

    pub fn group(&self, input: &str) -> Option<GroupRequest> {
        let spec = self.spec().input(input)?;
        let mut cidrs: Vec<String> = self.spec().allowed(spec).iter().map(ToString::to_string).collect();
        if cidrs.is_empty() && spec.allow_anywhere {
            cidrs.push("0.0.0.0/0".to_owned());
        }
        if cidrs.is_empty() {
            // AWS refuses a group without rules (aws-facts 1.8); nobody has this documentation address.
            cidrs.push("192.0.2.1/32".to_owned());
        }
        Some(GroupRequest { cidrs, tags: self.tags(&Slot::Group(input.to_owned())) })
    }

    pub fn secret(&self) -> Option<SecretRequest> {
        let version = secret_version(self.record, self.record.state.cdn_secret.newest)?;
        Some(SecretRequest { name: self.token(&Slot::Secret)?, version, tags: self.tags(&Slot::Secret) })
    }

    pub fn packaging(&self) -> Option<PackagingRequest> {
        let slot = Slot::Packaging;
        let description = format!("{} ({})", self.spec().name, self.record.asked.key.id);
        Some(PackagingRequest { id: self.token(&slot)?, description, tags: self.tags(&slot) })
    }

    pub fn endpoint(&self, format: Format) -> Option<EndpointRequest> {
        let slot = Slot::Endpoint(format);
        Some(EndpointRequest {
            id: self.token(&slot)?,
            packaging_id: self.id(&Slot::Packaging)?,
            format,
            settings: self.spec().endpoints.get(&format)?.clone(),
            secret_arn: self.record.object(&Slot::Secret)?.arn.clone(),
            tags: self.tags(&slot),
        })
    }

    pub fn distribution(&self) -> Option<DistributionRequest> {
        let slot = Slot::Distribution;
        let urls = self.spec().endpoints.keys().map(|format| {
            let object = self.record.object(&Slot::Endpoint(*format))?;
            url::Url::parse(object.urls.first()?).ok()
        });
        let urls: Vec<url::Url> = urls.collect::<Option<_>>()?;
        let token = self.token(&slot)?;
        Some(DistributionRequest {
            comment: distribution_comment(&token, &self.spec().name),
            caller_reference: token,
            origin_host: urls.first()?.host_str()?.to_owned(),
            path_patterns: urls.iter().map(endpoint_pattern).collect::<Option<_>>()?,
            secret_id: self.record.object(&Slot::Secret)?.arn.clone(),
            secret_version: secret_version(self.record, self.record.state.cdn_secret.in_use)?,
            tags: self.tags(&slot),
        })
    }

    pub fn alarm(&self, kind: AlarmKind) -> Option<AlarmRequest> {
        let slot = Slot::Alarm(kind);
        let alarms = &self.spec().alarms;
        let (watched, threshold, what) = match kind {
            AlarmKind::InputLoss(pipeline) => (Slot::Channel, 1.0, format!("no video arrives on pipeline {pipeline}")),
            AlarmKind::ActiveAlerts(pipeline) => {
                (Slot::Channel, 1.0, format!("MediaLive has active alerts on pipeline {pipeline}"))
            }
            AlarmKind::Packager4xx => {
                (Slot::Packaging, f64::from(alarms.packager_4xx_count), "MediaPackage answers 4xx".to_owned())
            }
            AlarmKind::Packager5xx => {
                (Slot::Packaging, f64::from(alarms.packager_5xx_count), "MediaPackage answers 5xx".to_owned())
            }
            AlarmKind::Cdn4xx => (Slot::Distribution, alarms.cdn_4xx_percent, "CloudFront answers 4xx".to_owned()),
            AlarmKind::Cdn5xx => (Slot::Distribution, alarms.cdn_5xx_percent, "CloudFront answers 5xx".to_owned()),
        };
        Some(AlarmRequest {
            name: self.token(&slot)?,
            description: format!("{} ({}): {what}", self.spec().name, self.record.asked.key.id),
            kind,
            region: kind.region(),
            watched: self.id(&watched)?,
            threshold,
            tags: self.tags(&slot),
        })
    }
}

/// The token first, so that a search by prefix finds it; 128 characters is all a comment holds.
pub fn distribution_comment(token: &str, name: &str) -> String {
    format!("{token} {name}").chars().take(128).collect()
}

/// `/out/v1/<guid>/*` of an endpoint's URL (aws-facts 3.5).
fn endpoint_pattern(url: &url::Url) -> Option<String> {
    let mut parts = url.path_segments()?;
    match (parts.next()?, parts.next()?, parts.next()?) {
        ("out", "v1", guid) if !guid.is_empty() => Some(format!("/out/v1/{guid}/*")),
        _ => None,
    }
}
