//! A platform as the API shows it. Secrets are not in the record, so they cannot be in here.

pub mod calendar;
pub mod costs;
pub mod feed;
pub mod report;
pub mod webhooks;

use headend_domain::drift;
use headend_domain::limits::Limits;
use headend_domain::phase::{Phase, conditions, phase, progress, viewers_signal};
use headend_domain::record::Record;
use headend_domain::slot::{Format, Slot};
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

/// How viewers' addresses are made, and how fast the account's time runs.
#[derive(Debug, Clone)]
pub struct ViewSettings {
    /// With `{domain}` for the distribution's domain, e.g. `https://{domain}`.
    pub playback_url_pattern: String,
    pub limits: Limits,
}

impl ViewSettings {
    /// The viewer's address of an endpoint: the distribution's domain and, verbatim, the path that MediaPackage
    /// answered.
    pub fn playback_url(&self, record: &Record, format: Format) -> Option<String> {
        let domain = record.object(&Slot::Distribution)?.domain.as_deref()?;
        let origin = url::Url::parse(record.object(&Slot::Endpoint(format))?.urls.first()?).ok()?;
        Some(format!("{}{}", self.playback_url_pattern.replace("{domain}", domain), origin.path()))
    }
}

/// The entity tag of a platform's spec: what `If-Match` of a change has to be.
pub fn etag(record: &Record) -> String {
    format!("\"g{}\"", record.asked.generation)
}

pub fn platform(record: &Record, now: Timestamp, settings: &ViewSettings) -> Value {
    let asked = &record.asked;
    let id = &asked.key.id;
    let (by, at) = record.wanted_by();
    let mut view = json!({
        "id": id,
        "name": asked.spec.name,
        "phase": phase(record).word(),
        "createdAt": asked.created_at.to_string(),
        "intent": {
            "want": record.want(),
            "by": by,
            "at": at.to_string(),
            "generation": asked.generation,
        },
        "conditions": conditions(record),
        "progress": progress(record, now, settings.limits),
        "ingest": ingest(record),
        "playback": playback(record, settings),
        "resources": resources(record),
        "spec": asked.spec,
        "meter": costs::meter(record, now),
        "links": {
            "self": format!("/platforms/{id}"),
            "timeline": format!("/platforms/{id}/timeline"),
            "estimate": format!("/platforms/{id}/estimate"),
            "health": format!("/platforms/{id}/health"),
            "playerConfig": format!("/platforms/{id}/player-config"),
            "plannedEvents": format!("/platforms/{id}/planned-events"),
        },
    });
    let failures: Vec<Value> = failures(record);
    if !failures.is_empty() {
        view["failures"] = json!(failures);
    }
    if let Some(since) = record.state.live_since {
        view["liveSince"] = json!(since.to_string());
    }
    if let Some(on_air) = &record.state.broadcasts.on_air {
        view["onAirEvent"] = calendar::kept(&on_air.airing);
    }
    if let Some(next) = &record.state.broadcasts.next {
        view["nextEvent"] = calendar::kept(next);
    }
    if let Some(stop) = &record.state.guard.stop {
        view["guardStop"] = json!({"at": stop.at.to_string(), "rule": stop.rule, "reason": stop.reason});
    }
    let drifted = drifted(record);
    if !drifted.is_empty() {
        view["drift"] = json!(drifted);
    }
    if let Some(at) = record.state.gone_at {
        view["goneAt"] = json!(at.to_string());
    }
    view
}

fn failures(record: &Record) -> Vec<Value> {
    let failed = record.state.slots.iter().filter_map(|(slot, state)| Some((slot, state.failure.as_ref()?)));
    failed
        .map(|(slot, failure)| {
            json!({
                "slot": slot,
                "code": failure.code,
                "message": failure.message,
                "cure": failure.cure(),
                "at": failure.at.to_string(),
            })
        })
        .collect()
}

/// What somebody else has changed.
fn drifted(record: &Record) -> Vec<Value> {
    let shown = |(slot, found): (&Slot, &drift::Found)| {
        json!({
            "slot": slot,
            "at": found.at.to_string(),
            "does": found.does,
            "cure": drift::cure(record, slot, found.does),
            "fields": found.fields,
        })
    };
    record.state.drift.found.iter().map(shown).collect()
}

fn ingest(record: &Record) -> Vec<Value> {
    let spec = &record.asked.spec;
    // A push input listens at two addresses in either class; nobody encodes the second of a single-pipeline channel.
    let pipelines = usize::from(spec.channel_class.pipelines());
    let mut entries = Vec::new();
    for input in &spec.inputs {
        let Some(object) = record.object(&Slot::Input(input.name.clone())) else { continue };
        for (pipeline, url) in object.urls.iter().enumerate().take(pipelines) {
            entries.push(json!({
                "input": input.name,
                "type": input.kind,
                "pipeline": pipeline,
                "url": url,
                "allowedFrom": spec.allowed(input),
            }));
        }
    }
    entries
}

fn playback(record: &Record, settings: &ViewSettings) -> Vec<Value> {
    let url = |format: &Format| Some(json!({"format": format, "url": settings.playback_url(record, *format)?}));
    record.asked.spec.endpoints.keys().filter_map(url).collect()
}

fn resources(record: &Record) -> Vec<Value> {
    let shown = |(slot, state): (&Slot, &headend_domain::record::SlotState)| {
        let object = state.object.as_ref()?;
        Some(json!({
            "slot": slot,
            "id": object.id,
            "arn": object.arn,
            "status": state.seen.as_ref().map(|seen| seen.status),
            "incarnation": state.incarnation,
        }))
    };
    record.state.slots.iter().filter_map(shown).collect()
}

/// What a player needs, and nothing that only an operator may know.
pub fn player_config(record: &Record, now: Timestamp, settings: &ViewSettings) -> Value {
    let mut view = json!({
        "platform": record.asked.key.id,
        "title": record.asked.spec.name,
        "live": phase(record) == Phase::Live,
        "signal": viewers_signal(record),
        "sources": playback(record, settings),
    });
    if let Some(next) = calendar::countdown(record, now) {
        view["next"] = next;
    }
    view
}
