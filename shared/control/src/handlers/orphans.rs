//! `orphans`: what the account has under our mark and no record has, and its removal on request; and platforms that nobody has
//! ever used. Nothing is removed by itself (decision 022).

use crate::api::view::costs::dollars;
use crate::api::{HttpRequest, HttpResponse, problem};
use crate::handlers::caller::{Caller, Callers};
use crate::ports::{Alarms, Clock, CloudFront, Inventory, Looked, MediaLive, MediaPackage, Secrets};
use crate::store::{Loaded, Lookup, StoreError, Tenants, Views};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use headend_domain::action::{Refusal, RefusalKind};
use headend_domain::ids::{PlatformKey, is_tenant};
use headend_domain::limits::{Limits, MAX_PARALLEL, UNUSED_DAYS, UNUSED_DAYS_MOST};
use headend_domain::orphan::{Kind, Marked, Step, Why, idle_month_micros, is_unused, next_step, state_word, why};
use headend_domain::phase::{Phase, phase};
use headend_domain::spec::Problem;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Platforms of one page of the table.
const PAGE: usize = 200;

pub struct OrphanKeeper<'a, S, A, C> {
    pub store: &'a S,
    pub account: &'a A,
    pub clock: &'a C,
    pub callers: Callers,
    pub stack: &'a str,
    pub limits: Limits,
}

/// What was looked through: what bears a mark, and what could not be read.
struct Look {
    marked: Vec<Marked>,
    left: Vec<(Kind, Refusal)>,
}

/// Whose they are, where something says so, what they are, and what could not be read meanwhile.
type Owned = (Option<String>, Vec<Marked>, Option<(Kind, Refusal)>);

impl<S, A, C> OrphanKeeper<'_, S, A, C>
where
    S: Views + Tenants + Lookup,
    A: Inventory + MediaLive + MediaPackage + CloudFront + Secrets + Alarms,
    C: Clock,
{
    /// `GET /orphans`, `DELETE /orphans/{orphanId}`
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        let answer = match request.path_parameters.get("orphanId") {
            None => self.list(request).await,
            Some(key) => self.remove(request, key).await,
        };
        answer.unwrap_or_else(|answer| answer)
    }

    async fn list(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.callers.of(request, self.store, self.clock.now()).await?;
        let days = unused_days(request)?;
        let looked_at = self.clock.now();
        let look = self.look(&Kind::ALL).await;
        let mut left: Vec<Value> = look.left.iter().map(|(kind, refusal)| left_out(*kind, refusal)).collect();
        let (mine, unread) = self.of_tenant(look.marked, &caller).await?;
        left.extend(unread.iter().map(|(kind, refusal)| left_out(*kind, refusal)));
        let orphans: Vec<Value> = self
            .judged(mine)
            .await?
            .iter()
            // What AWS is removing already is nobody's trouble.
            .filter(|(marked, _)| next_step(marked) != Step::Wait("removing"))
            .filter_map(|(marked, why)| Some(shown(marked, (*why)?)))
            .collect();
        let unused = self.unused(&caller, days).await?;
        let body = json!({"orphans": orphans, "unused": unused, "lookedAt": looked_at.to_string(), "left": left});
        Ok(HttpResponse::json(200, &body))
    }

    async fn remove(&self, request: &HttpRequest, key: &str) -> Result<HttpResponse, HttpResponse> {
        let caller = self.callers.of(request, self.store, self.clock.now()).await?;
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| key.split_once('.').is_some_and(|(word, _)| word == kind.word()))
            .collect();
        let look = self.look(&kinds).await;
        let found: Vec<Marked> = look.marked.into_iter().filter(|marked| marked.key() == key).collect();
        if let (true, Some((_, refusal))) = (found.is_empty(), look.left.first()) {
            return Err(not_removed(refusal));
        }
        let (mine, unread) = self.of_tenant(found, &caller).await?;
        if let (true, Some((_, refusal))) = (mine.is_empty(), unread.first()) {
            return Err(not_removed(refusal));
        }
        let judged = self.judged(mine).await?;
        let Some((marked, why)) = judged.first() else {
            let detail = format!("nothing of yours is called {key:?}; GET /orphans says what there is");
            return Err(problem::problem(404, "unknown-orphan", "No such orphan", &detail));
        };
        if why.is_none() {
            let detail = format!(
                "{} belongs to platform {}, or was made too short a time ago to say; remove the platform, or look again later",
                marked.name, marked.platform
            );
            return Err(problem::problem(409, "not-orphaned", "This is no orphan", &detail));
        }
        let state = self.step(marked).await.map_err(|refusal| match refusal.kind {
            RefusalKind::Conflict => still_in_use(marked, &refusal),
            RefusalKind::Throttled
            | RefusalKind::Unsure
            | RefusalKind::Quota
            | RefusalKind::Denied
            | RefusalKind::Rejected
            | RefusalKind::NotSent => not_removed(&refusal),
        })?;
        tracing::info!(
            metric = "OrphanSteps",
            orphan = key,
            platform = marked.platform,
            state,
            by = caller.who,
            "orphan"
        );
        Ok(HttpResponse::json(202, &json!({"id": key, "state": state, "next": next_words(state)})))
    }

    /// The lists of these kinds, all at once.
    async fn look(&self, kinds: &[Kind]) -> Look {
        let lists = kinds.iter().map(|kind| async move { (*kind, self.account.marked(*kind).await) });
        let mut look = Look { marked: Vec::new(), left: Vec::new() };
        for (kind, list) in futures::future::join_all(lists).await {
            match list {
                Ok(marked) => look.marked.extend(marked),
                Err(refusal) => {
                    tracing::warn!(service = kind.service(), code = refusal.code, message = refusal.message, "no list");
                    look.left.push((kind, refusal));
                }
            }
        }
        look
    }

    /// Those that are of this stack and of the caller's tenant; and those of which AWS would not tell.
    async fn of_tenant(
        &self,
        marked: Vec<Marked>,
        caller: &Caller,
    ) -> Result<(Vec<Marked>, Vec<(Kind, Refusal)>), HttpResponse> {
        let elsewhere = |it: &Marked| it.tags.is_some() && it.stack() != Some(self.stack);
        let others: BTreeSet<String> = marked.iter().filter(|it| elsewhere(it)).map(|it| it.platform.clone()).collect();
        // What tells no tags goes with what has the same platform in its own.
        let of_stack = marked.into_iter().filter(|it| match it.tags {
            Some(_) => !elsewhere(it),
            None => !others.contains(&it.platform),
        });
        let mut platforms: BTreeMap<String, Vec<Marked>> = BTreeMap::new();
        for it in of_stack {
            platforms.entry(it.platform.clone()).or_default().push(it);
        }
        let owned = futures::stream::iter(platforms.into_iter().map(|(id, objects)| self.owned(id, objects)));
        let owned: Vec<Owned> =
            owned.buffer_unordered(MAX_PARALLEL).try_collect().await.map_err(|error| problem::from_store(&error))?;
        let (mut mine, mut left) = (Vec::new(), Vec::new());
        for (tenant, objects, unread) in owned {
            if tenant.as_ref() == Some(&caller.tenant) {
                mine.extend(objects);
            }
            left.extend(unread);
        }
        mine.sort_by(|a, b| (&a.platform, a.kind, &a.id).cmp(&(&b.platform, b.kind, &b.id)));
        // One line for each list, whatever the number of objects.
        let mut kinds = BTreeSet::new();
        left.retain(|(kind, _)| kinds.insert(*kind));
        Ok((mine, left))
    }

    /// The objects of one platform, with its tenant: as a tag says, else as the table says. The table knows the platforms of
    /// this stack and no other's; of a platform that it has forgotten the tags of one object are asked for.
    async fn owned(
        &self,
        id: String,
        mut objects: Vec<Marked>,
    ) -> Result<(Option<String>, Vec<Marked>, Option<(Kind, Refusal)>), StoreError> {
        let told = |objects: &[Marked]| {
            objects.iter().find_map(|it| it.tenant().filter(|tenant| is_tenant(tenant)).map(str::to_owned))
        };
        if let Some(tenant) = told(&objects) {
            return Ok((Some(tenant), objects, None));
        }
        if let Some(tenant) = self.store.tenant_of_platform(&id).await? {
            return Ok((Some(tenant), objects, None));
        }
        let Some(first) = objects.iter_mut().find(|it| it.tags.is_none()) else { return Ok((None, objects, None)) };
        match self.account.tags_of(first).await {
            Ok(tags) => first.tags = Some(tags.unwrap_or_default()),
            Err(refusal) => return Ok((None, objects.clone(), Some((objects[0].kind, refusal)))),
        }
        let ours = objects.iter().any(|it| it.stack() == Some(self.stack));
        Ok((told(&objects).filter(|_| ours), objects, None))
    }

    /// Each with the reason why it is an orphan, if it is. The records are read after the lists.
    async fn judged(&self, mine: Vec<Marked>) -> Result<Vec<(Marked, Option<Why>)>, HttpResponse> {
        let caller_owned: BTreeSet<String> = mine.iter().map(|it| it.platform.clone()).collect();
        let read = futures::stream::iter(caller_owned.into_iter().map(|id| self.record_of(id)));
        let records: BTreeMap<String, Option<Loaded>> =
            read.buffer_unordered(MAX_PARALLEL).try_collect().await.map_err(|error| problem::from_store(&error))?;
        let now = self.clock.now();
        let mut judged = Vec::new();
        for marked in mine {
            let loaded = records.get(&marked.platform).and_then(Option::as_ref);
            let held = loaded.and_then(|it| it.lease.as_ref()).is_some_and(|lease| now < lease.until);
            let mut why = why(&marked, loaded.map(|it| &it.record), held, now, self.limits);
            // Whoever changes tags by hand makes no living platform's object an orphan: its ARN leads to its record.
            if why.is_some() && self.is_known(&marked).await.map_err(|error| problem::from_store(&error))? {
                why = None;
            }
            judged.push((marked, why));
        }
        Ok(judged)
    }

    async fn record_of(&self, id: String) -> Result<(String, Option<Loaded>), StoreError> {
        let Some(tenant) = self.store.tenant_of_platform(&id).await? else { return Ok((id, None)) };
        let loaded = self.store.load(&PlatformKey::new(&tenant, &id)).await?;
        Ok((id, loaded))
    }

    async fn is_known(&self, marked: &Marked) -> Result<bool, StoreError> {
        let Some((key, slot)) = self.store.platform_of(&marked.arn).await? else { return Ok(false) };
        let loaded = self.store.load(&key).await?;
        Ok(loaded.is_some_and(|it| it.record.object(&slot).is_some_and(|object| object.id == marked.id)))
    }

    /// The next thing that brings the object nearer to its end, and what came of it in one word.
    async fn step(&self, marked: &Marked) -> Result<&'static str, Refusal> {
        let id = marked.id.as_str();
        let (answer, going): (Looked, &'static str) = match (next_step(marked), marked.kind) {
            (Step::Wait(state), _) => return Ok(state),
            (Step::StopChannel, _) => (self.account.stop_channel(id).await, "stopping"),
            (Step::Disable, _) => (self.account.disable_distribution(id).await, "disabling"),
            (Step::Delete, Kind::Channel) => (self.account.delete_channel(id).await, "removing"),
            (Step::Delete, Kind::Input) => (self.account.delete_input(id).await, "removing"),
            (Step::Delete, Kind::Group) => (self.account.delete_group(id).await, "removing"),
            (Step::Delete, Kind::Packaging) => (self.account.delete_packaging(id).await, "removing"),
            (Step::Delete, Kind::Endpoint) => (self.account.delete_endpoint(id).await, "removing"),
            (Step::Delete, Kind::Distribution) => (self.account.delete_distribution(id).await, "removing"),
            (Step::Delete, Kind::Secret) => (self.account.delete_secret(id).await, "removing"),
            (Step::Delete, Kind::Alarm(region)) => {
                (self.account.delete_alarms(region, std::slice::from_ref(&marked.id)).await, "removing")
            }
        };
        Ok(if answer?.is_some() { going } else { "removed" })
    }

    /// The caller's platforms that nobody ever used.
    async fn unused(&self, caller: &Caller, days: i64) -> Result<Vec<Value>, HttpResponse> {
        let now = self.clock.now();
        let old = now.plus_secs(days.saturating_mul(-86_400));
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.store.list(&caller.tenant, Some(Phase::Ready), cursor.as_deref(), PAGE).await;
            let page = page.map_err(|error| problem::from_store(&error))?;
            ids.extend(page.items.into_iter().filter(|item| item.created_at <= old).map(|item| item.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let read = futures::stream::iter(ids.into_iter().map(|id| self.record_of(id)));
        let records: Vec<(String, Option<Loaded>)> =
            read.buffered(MAX_PARALLEL).try_collect().await.map_err(|error| problem::from_store(&error))?;
        let records = records.into_iter().filter_map(|(_, loaded)| Some(loaded?.record));
        let unused = records.filter(|record| is_unused(record, days, now));
        Ok(unused
            .map(|record| {
                let id = &record.asked.key.id;
                json!({
                    "id": id,
                    "name": record.asked.spec.name,
                    "phase": phase(&record),
                    "createdAt": record.asked.created_at.to_string(),
                    "usdPerMonth": dollars(idle_month_micros(&record)),
                    "cure": format!("DELETE /platforms/{id}, or start it or plan an event for it"),
                })
            })
            .collect())
    }
}

fn shown(marked: &Marked, why: Why) -> Value {
    let mut orphan = json!({
        "id": marked.key(),
        "kind": marked.kind.word(),
        "name": marked.name,
        "platform": marked.platform,
        "why": why.to_string(),
        "removable": !matches!(next_step(marked), Step::Wait(_)) && state_word(marked) != "in-use",
        "state": state_word(marked),
    });
    let optional = [
        ("arn", Some(&marked.arn).filter(|arn| !arn.is_empty()).cloned()),
        ("slot", marked.slot.as_ref().map(ToString::to_string)),
        ("createdAt", marked.created_at.map(|at| at.to_string())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            orphan[name] = json!(value);
        }
    }
    orphan
}

fn left_out(kind: Kind, refusal: &Refusal) -> Value {
    json!({"service": kind.service(), "reason": format!("{}: {}", refusal.code, refusal.message)})
}

/// What to do after a step.
fn next_words(state: &str) -> &'static str {
    match state {
        "removed" => "nothing: it is gone",
        "stopping" => "ask again when the channel has stopped: it is removed then",
        "disabling" => "ask again in some minutes, when CloudFront has deployed that: it is removed then",
        "removing" => "nothing: AWS removes it by itself",
        _ => "ask again in a minute: AWS is still at work on it",
    }
}

fn still_in_use(marked: &Marked, refusal: &Refusal) -> HttpResponse {
    let detail = format!(
        "AWS does not remove {} while something else uses it: {}: {}. Remove that first, then ask again",
        marked.name, refusal.code, refusal.message
    );
    problem::problem(409, "still-in-use", "Something else uses it", &detail)
}

fn not_removed(refusal: &Refusal) -> HttpResponse {
    tracing::error!(code = refusal.code, message = refusal.message, "an orphan was not removed");
    let detail = format!("AWS did not do it: {}: {}; ask again in a moment", refusal.code, refusal.message);
    problem::problem(503, "not-removed", "The orphan was not removed", &detail).with_header("retry-after", "5")
}

/// `?unusedDays=30`
fn unused_days(request: &HttpRequest) -> Result<i64, HttpResponse> {
    let mut problems = Vec::new();
    let mut days = UNUSED_DAYS;
    for (name, value) in &request.query {
        let taken = value.parse().ok().filter(|days| (1..=UNUSED_DAYS_MOST).contains(days));
        match taken.filter(|_| name == "unusedDays") {
            Some(asked) => days = asked,
            None => {
                let detail = format!("the only parameter is unusedDays, a whole number from 1 to {UNUSED_DAYS_MOST}");
                problems.push(Problem { pointer: format!("?{name}"), detail });
            }
        }
    }
    if problems.is_empty() { Ok(days) } else { Err(problem::invalid(&problems)) }
}
