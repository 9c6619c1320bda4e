//! `PATCH /platforms/{id}`: a JSON merge patch (RFC 7396) of the spec. Says beforehand what it would do, and refuses
//! what the state of the channel, or AWS, does not allow.

use crate::api::view::{etag, platform};
use crate::api::{HttpRequest, HttpResponse, body, problem};
use crate::handlers::accept::{Acceptor, Commit, idempotency_key};
use crate::handlers::platform_key;
use crate::ports::{Clock, Entropy, Wakeups};
use crate::store::{Intents, Records, Tenants};
use headend_domain::action::Status;
use headend_domain::record::{Record, Want};
use headend_domain::request::{desired, fingerprint, replaces, updatable};
use headend_domain::slot::Slot;
use headend_domain::spec::{self, Change, Moment, Problem, Spec};
use headend_domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl<S: Intents + Records + Tenants, Q: Wakeups, C: Clock, E: Entropy> Acceptor<'_, S, Q, C, E> {
    /// The routes of one function.
    pub async fn create_or_change(&self, request: &HttpRequest) -> HttpResponse {
        if request.method == "PATCH" {
            self.patch(request).await
        } else if request.path_parameters.contains_key("id") {
            self.rotate(request).await
        } else {
            self.create(request).await
        }
    }

    /// `PATCH /platforms/{id}`
    pub async fn patch(&self, request: &HttpRequest) -> HttpResponse {
        self.try_patch(request).await.unwrap_or_else(|answer| answer)
    }

    async fn try_patch(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let key = idempotency_key(request)?;
        let platform_key = platform_key(request, &caller)?;
        let dry_run = dry_run(request)?;
        let patch = body::document(request)?;
        let loaded = self.store.load(&platform_key).await.map_err(|error| problem::from_store(&error))?;
        let before = loaded.ok_or_else(|| problem::unknown_platform(&platform_key.id))?.record;
        let (wanted, changes) = match changed(request, &before, &patch, self.clock.now()) {
            Ok(change) => change,
            // What was accepted once has the same answer for ever, although the platform is another by then.
            Err(refused) if dry_run => return Err(refused),
            Err(refused) => return self.replayed(request, &platform_key.tenant, key).await?.ok_or(refused),
        };
        let mut after = before.clone();
        after.asked.spec = wanted;
        if dry_run {
            return Ok(HttpResponse::json(200, &json!({"changes": words(&changes), "steps": steps(&before, &after)})));
        }
        let now = self.clock.now();
        if changes.is_empty() && key.is_none() {
            return Ok(HttpResponse::json(202, &platform(&before, now, &self.view)).with_header("etag", &etag(&before)));
        }
        // The stream names of an input that goes, or is another one, are of no use to the next of its name.
        let kept = |name: &str| {
            let kind = |record: &Record| record.asked.spec.input(name).map(|input| input.kind);
            kind(&before).is_some() && kind(&before) == kind(&after)
        };
        let kept: BTreeMap<_, _> = before
            .asked
            .rotated_stream_keys
            .iter()
            .filter(|(name, _)| kept(name))
            .map(|(n, k)| (n.clone(), k.clone()))
            .collect();
        after.asked.rotated_stream_keys = kept;
        after.asked.generation += 1;
        after.asked.intent = before.asked.intent.kept(&caller.who, now);
        let answer = HttpResponse::json(202, &platform(&after, now, &self.view)).with_header("etag", &etag(&after));
        let what = format!(
            "change of {}",
            changes.iter().map(|change| change.pointer.as_str()).collect::<Vec<_>>().join(", ")
        );
        self.commit(Commit {
            request,
            caller: &caller,
            key,
            asked: &after.asked,
            before: Some(&before.asked),
            counts: None,
            what: &what,
            answer,
        })
        .await
    }
}

/// The spec that the patch makes of the platform's, and what differs.
fn changed(
    request: &HttpRequest,
    before: &Record,
    patch: &Value,
    now: Timestamp,
) -> Result<(Spec, Vec<Change>), HttpResponse> {
    if before.asked.intent.want == Want::Gone {
        let detail = format!("{} is being torn down or gone", before.asked.key.id);
        return Err(problem::conflict("tearing-down", &detail));
    }
    matches(request, before)?;
    let mut document = json!(before.asked.spec);
    merge(&mut document, patch);
    let wanted = spec::read(&document).map_err(|problems| problem::invalid(&problems))?;
    spec::hands_off_too_far(&wanted, Some(&before.asked.spec), now)
        .map_or(Ok(()), |problem| Err(problem::invalid(&[problem])))?;
    let changes = spec::changes(&before.asked.spec, &wanted);
    allowed(before, &changes)?;
    Ok((wanted, changes))
}

/// A change is made to what its author has seen.
fn matches(request: &HttpRequest, record: &Record) -> Result<(), HttpResponse> {
    let current = etag(record);
    match request.header("if-match") {
        None => {
            let detail = "send If-Match with the ETag of the platform that you have read";
            Err(problem::problem(428, "if-match-required", "If-Match is required", detail))
        }
        Some(tags) if tags.split(',').any(|tag| tag.trim() == current || tag.trim() == "*") => Ok(()),
        Some(_) => {
            let detail = format!("the platform has been changed since; it is at {current} now: read it again");
            Err(problem::problem(412, "changed-meanwhile", "The platform is not what you have read", &detail))
        }
    }
}

pub(super) fn dry_run(request: &HttpRequest) -> Result<bool, HttpResponse> {
    let mut wrong = Vec::new();
    for (name, value) in &request.query {
        if name != "dryRun" || !["true", "false"].contains(&value.as_str()) {
            let detail = "the only parameter is dryRun, true or false".to_owned();
            wrong.push(Problem { pointer: format!("?{name}"), detail });
        }
    }
    if wrong.is_empty() {
        Ok(request.query.get("dryRun").is_some_and(|value| value == "true"))
    } else {
        Err(problem::invalid(&wrong))
    }
}

/// RFC 7396: objects are merged, null removes, everything else replaces.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Some(target) = target.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                target.remove(name);
            } else {
                merge(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

fn allowed(record: &Record, changes: &[Change]) -> Result<(), HttpResponse> {
    let idle: Vec<Problem> = changes
        .iter()
        .filter(|change| change.moment == Moment::Idle)
        .map(|change| Problem { pointer: change.pointer.clone(), detail: change.how.to_owned() })
        .collect();
    if !idle.is_empty() && !resting(record) {
        let detail = "these fields need an idle channel: stop it first";
        return Err(problem::with_errors(
            409,
            "needs-idle-channel",
            "The platform's state does not allow this",
            detail,
            &idle,
        ));
    }
    Ok(())
}

/// Whether the channel is IDLE and nobody wants it otherwise.
pub(super) fn resting(record: &Record) -> bool {
    let channel = record.seen(&Slot::Channel).map(|seen| seen.status);
    record.want() == Want::Idle && matches!(channel, None | Some(Status::Ready | Status::Making | Status::Updating))
}

fn words(changes: &[Change]) -> Vec<Value> {
    let word = |moment| match moment {
        Moment::OnAir => "on air",
        Moment::Idle => "while the channel is idle",
    };
    changes
        .iter()
        .map(|change| json!({"pointer": change.pointer, "when": word(change.moment), "how": change.how}))
        .collect()
}

/// What would be done in AWS, slot by slot.
fn steps(before: &Record, after: &Record) -> Vec<String> {
    let (old, new) = (desired(&before.asked.spec), desired(&after.asked.spec));
    let mut steps = Vec::new();
    for slot in &new {
        if !old.contains(slot) {
            steps.push(format!("make {slot}"));
        } else if before.object(slot).is_some() && updatable(slot) {
            let applied = before.slot(slot).and_then(|state| state.applied.as_ref());
            match fingerprint(after, slot) {
                Some(wanted) if Some(&wanted) == applied => {}
                Some(wanted) if replaces(slot, applied, &wanted) => steps.push(replaced(slot)),
                // Its security group has to be made first.
                None if matches!(slot, Slot::Input(_)) => steps.push(replaced(slot)),
                _ => steps.push(in_place(before, after, slot)),
            }
        }
    }
    let channel = in_place(before, after, &Slot::Channel);
    if steps.iter().any(|step| step.starts_with("replace input/")) && !steps.contains(&channel) {
        steps.push(channel);
    }
    let tagged = new.iter().filter(|slot| before.object(slot).is_some()).count();
    if tagged > 0 && before.asked.spec.tags != after.asked.spec.tags {
        steps.push(format!("change the tags of {tagged} objects"));
    }
    steps.extend(old.iter().filter(|slot| !new.contains(slot)).map(|slot| format!("remove {slot}")));
    steps
}

fn replaced(slot: &Slot) -> String {
    format!("replace {slot}: AWS cannot change it in place; its addresses change")
}

fn in_place(before: &Record, after: &Record, slot: &Slot) -> String {
    let manifest = |record: &Record| {
        let Slot::Endpoint(format) = slot else { return None };
        record.asked.spec.endpoints.get(format).map(|it| it.manifest_name.clone())
    };
    let moved = if manifest(before) == manifest(after) { "" } else { "; its viewers' address changes" };
    format!("change {slot} in place{moved}")
}
