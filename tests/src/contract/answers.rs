//! What lives answer, held against the contract: status, content type, headers, and a body in which nothing is
//! undocumented.

use super::{CONTRACT, operation, operations, resolved, validator, validator_of, wrong};
use crate::script::{HOUR, Story, body_of, quiet};
use futures::executor::block_on;
use headend_control::api::view::ViewSettings;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::accept::{Acceptor, Allowance, Change};
use headend_control::handlers::caller::{Callers, Known};
use headend_control::handlers::describe::Describer;
use headend_control::handlers::health::HealthReader;
use headend_control::handlers::player::PlayerConfig;
use headend_control::ports::Metrics;
use headend_domain::health::Probe;
use headend_domain::limits::Limits;
use headend_domain::phase::Phase;
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, Sim, SimStore, TENANT, claims};
use headend_local::world::Quotas;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn view() -> ViewSettings {
    ViewSettings { playback_url_pattern: "https://{domain}".to_owned(), limits: Limits::default() }
}

/// Everything that the documented response has against the answer.
fn against(response: &'static Value, answer: &HttpResponse) -> Vec<String> {
    let mut problems = Vec::new();
    let header = |wanted: &str| answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let none = serde_json::Map::new();
    let documented = response["headers"].as_object().unwrap_or(&none);
    for (name, about) in documented {
        let about = match about.get("$ref") {
            Some(reference) => CONTRACT.pointer(&reference.as_str().unwrap()[1..]).unwrap(),
            None => about,
        };
        match header(name) {
            Some((_, value)) => {
                // A header is text; what its schema says of numbers is said of the text's number.
                let value = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
                problems.extend(wrong(&validator(&about["schema"]), &value));
            }
            None if about["required"] == true => problems.push(format!("the header {name} is missing")),
            None => {}
        }
    }
    for (name, _) in answer.headers.iter().filter(|(name, _)| name != "content-type") {
        if !documented.keys().any(|known| known.eq_ignore_ascii_case(name)) {
            problems.push(format!("the header {name} is not documented"));
        }
    }
    match response["content"].as_object() {
        None if answer.body.is_empty() => {}
        None => problems.push("a body, where none is documented".to_owned()),
        Some(content) => {
            // Without its parameters, the character set.
            let kind = header("content-type").and_then(|(_, value)| value.split(';').next()).unwrap_or_default();
            match content.get(kind) {
                None => problems.push(format!("content type {kind:?}, documented is {:?}", content.keys())),
                Some(media) => {
                    let text = || json!(answer.body);
                    let is_json = kind.ends_with("json");
                    let body: Value = if is_json { serde_json::from_str(&answer.body).unwrap() } else { text() };
                    problems.extend(wrong(&validator(&media["schema"]), &body));
                }
            }
        }
    }
    problems
}

/// The answer of an operation is one that the contract knows.
#[track_caller]
pub fn hold(id: &str, answer: &HttpResponse) {
    let responses = &operation(id).document["responses"];
    let response = responses.get(answer.status.to_string());
    let response = response.unwrap_or_else(|| panic!("{id} is not documented to answer {}", answer.status));
    let problems = against(resolved(response), answer);
    assert!(problems.is_empty(), "{id}, {}: {problems:#?}\n{answer:?}", answer.status);
}

/// The same of what has no route.
#[track_caller]
pub fn hold_default(answer: &HttpResponse) {
    let response = CONTRACT["x-headend-default-route"]["responses"].get(answer.status.to_string());
    let response = response.unwrap_or_else(|| panic!("$default is not documented to answer {}", answer.status));
    let problems = against(resolved(response), answer);
    assert!(problems.is_empty(), "{problems:#?}\n{answer:?}");
}

pub fn answered(answered: Answered) -> HttpResponse {
    let Answered::Response(answer) = answered else { panic!("the function died") };
    answer
}

pub fn get(id: &str, suffix: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> HttpRequest {
    let pairs =
        |of: &[(&str, &str)]| of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let path = if id.is_empty() { "/platforms".to_owned() } else { format!("/platforms/{id}{suffix}") };
    HttpRequest {
        method: "GET".to_owned(),
        path,
        path_parameters: pairs(&[("id", id)]),
        query: pairs(query),
        headers: pairs(headers),
        body: Vec::new(),
        claims: Some(claims(TENANT, "dev")),
    }
}

pub fn acceptor(store: &SimStore, allowance: Allowance) -> Acceptor<'_, SimStore, Sim, Sim, Sim> {
    let sim = &store.0;
    let callers = Callers::default();
    Acceptor { store, wakeups: sim, clock: sim, entropy: sim, view: view(), callers, allowance }
}

/// Reads everything that can be read of a platform; answers with the platform.
pub fn look(story: &Story, id: &str) -> Value {
    let store = SimStore(story.life.sim.clone());
    let clock = story.life.sim.clone();
    let describer = Describer { store: &store, clock: &clock, view: view(), callers: Callers::default() };
    let player = PlayerConfig { store: &store, clock: &store.0, view: view(), tenants: Known::default() };
    let platform = block_on(describer.handle(&get(id, "", &[], &[])));
    hold("describePlatform", &platform);
    for query in [&[][..], &[("limit", "1")], &[("limit", "0"), ("bogus", "1")], &[("cursor", "no"), ("phase", "x")]] {
        hold("listPlatforms", &block_on(describer.handle(&get("", "", query, &[]))));
        hold("platformTimeline", &block_on(describer.handle(&get(id, "/timeline", query, &[]))));
    }
    for query in [&[][..], &[("viewers", "100")], &[("viewers", "-1"), ("bogus", "1")]] {
        hold("estimatePlatform", &block_on(describer.handle(&get(id, "/estimate", query, &[]))));
    }
    let (limits, callers) = (view().limits, Callers::default());
    let health = HealthReader { store: &store, metrics: &clock, clock: &clock, callers, limits };
    hold("platformHealth", &block_on(health.handle(&get(id, "/health", &[], &[]))));
    let config = block_on(player.handle(&get(id, "/player-config", &[], &[])));
    hold("playerConfig", &config);
    if config.status == 200 {
        let etag = config.headers.iter().find(|(name, _)| name == "etag").unwrap().1.clone();
        let again = block_on(player.handle(&get(id, "/player-config", &[], &[("if-none-match", &etag)])));
        assert_eq!(again.status, 304);
        hold("playerConfig", &again);
    }
    serde_json::from_str(&platform.body).unwrap()
}

fn act(story: &mut Story, change: Change, key: Option<&str>) -> u16 {
    let id = story.id.clone();
    let answer = answered(story.life.change(&id, change, key));
    let operation = match change {
        Change::Start => "startPlatform",
        Change::Stop => "stopPlatform",
        Change::Retry => "retryPlatform",
        Change::Teardown => "deletePlatform",
    };
    hold(operation, &answer);
    answer.status
}

/// A life from the request to nothing left, looked at in every phase.
fn live(event: &str) -> Vec<Value> {
    let mut story = Story::create(quiet(7), &body_of(event));
    let id = story.id.clone();
    let mut seen = vec![look(&story, &id)];
    for (name, body) in [("createPlatform", body_of(event)), ("createPlatform", json!({"name": ""}))] {
        hold(name, &answered(story.life.create(&body, Some("create-1"))));
    }
    hold("rotateCdnSecret", &answered(story.life.rotate(&id, None, None)));
    story.reach(Phase::Ready, 2 * HOUR);
    seen.push(look(&story, &id));
    let input = story.record().asked.spec.inputs[0].name.clone();
    for input in [input.as_str(), "nobody"] {
        hold("rotateStreamNames", &answered(story.life.rotate(&id, Some(input), Some("rotate"))));
    }
    for _ in 0..2 {
        assert_eq!(act(&mut story, Change::Start, Some("start")), 202);
        hold("rotateCdnSecret", &answered(story.life.rotate(&id, None, None)));
    }
    assert_eq!(act(&mut story, Change::Stop, Some("start")), 422, "the key belongs to the start");
    story.reach(Phase::Live, 2 * HOUR);
    seen.push(look(&story, &id));
    for patch in [json!({"description": "on air"}), json!({"ladder": "sd"}), json!({"name": ""}), json!([])] {
        hold("changePlatform", &answered(story.life.patch(&id, &patch, None)));
    }
    assert_eq!(act(&mut story, Change::Stop, None), 202);
    seen.push(look(&story, &id));
    story.reach(Phase::Ready, 2 * HOUR);
    assert_eq!(act(&mut story, Change::Teardown, None), 202);
    assert_eq!(act(&mut story, Change::Start, None), 409);
    hold("changePlatform", &answered(story.life.patch(&id, &json!({}), None)));
    seen.push(look(&story, &id));
    story.reach(Phase::Gone, 3 * HOUR);
    assert_eq!(act(&mut story, Change::Retry, None), 409);
    seen.push(look(&story, &id));
    look(&story, "p-000000000000");
    seen
}

#[test]
fn what_a_life_answers_is_what_the_contract_says() {
    let mut phases: Vec<String> = Vec::new();
    for event in ["create-platform-minimal", "create-platform", "create-platform-inputs"] {
        phases.extend(live(event).iter().map(|view| view["phase"].as_str().unwrap().to_owned()));
    }
    for phase in ["Provisioning", "Ready", "Live", "Stopping", "TearingDown", "Gone"] {
        assert!(phases.iter().any(|seen| seen == phase), "{phase} was not looked at: {phases:?}");
    }
}

#[test]
fn a_failed_platform_answers_what_the_contract_says() {
    let mut config = quiet(8);
    config.world.quotas = Quotas::uniform(0);
    let mut story = Story::create(config, &body_of("create-platform"));
    story.reach(Phase::Failed, HOUR);
    let id = story.id.clone();
    let seen = look(&story, &id);
    assert!(!seen["failures"].as_array().unwrap().is_empty(), "{seen}");
    assert_eq!(act(&mut story, Change::Retry, None), 202);
}

/// The status that is due, headers, body.
type Case<'a> = (u16, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn every_status_that_a_change_is_documented_to_answer_is_answered() {
    let story = Story::create(quiet(10), &body_of("create-platform-minimal"));
    let sim = story.life.sim.clone();
    let store = SimStore(sim.clone());
    let acceptor = acceptor(&store, Allowance::default());
    let (kind, any) = (("content-type", "application/json"), ("if-match", "*"));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(300_000));
    let cases: [Case<'_>; 9] = [
        (428, &[kind], "{}"),
        (412, &[kind, ("if-match", "\"g0\"")], "{}"),
        (415, &[("content-type", "application/merge-patch+json"), any], "{}"),
        (413, &[kind, any], &large),
        (400, &[kind, any], "{"),
        (400, &[kind, any, ("idempotency-key", "with space")], "{}"),
        (422, &[kind, any], "[]"),
        (202, &[kind, any], "{\"description\": \"x\"}"),
        (409, &[kind, any], "{\"ladder\": \"sd\"}"),
    ];
    let mut seen: BTreeSet<u16> = BTreeSet::from([200, 404]);
    for (status, headers, body) in cases {
        if status == 409 {
            let start = HttpRequest { method: "POST".to_owned(), ..get(&story.id, "/start", &[], &[]) };
            hold("startPlatform", &block_on(acceptor.change(&start, Change::Start)));
        }
        let mut request = get(&story.id, "", &[], headers);
        (request.method, request.body) = ("PATCH".to_owned(), body.as_bytes().to_vec());
        let answer = block_on(acceptor.create_or_change(&request));
        assert_eq!(answer.status, status, "{body:.60}: {}", answer.body);
        hold("changePlatform", &answer);
        seen.insert(status);
    }
    let patch = |id: &str, query: &[(&str, &str)]| HttpRequest {
        method: "PATCH".to_owned(),
        body: b"{}".to_vec(),
        ..get(id, "", query, &[kind, any])
    };
    for (request, status) in [(patch(&story.id, &[("dryRun", "true")]), 200), (patch("p-000000000000", &[]), 404)] {
        let answer = block_on(acceptor.create_or_change(&request));
        assert_eq!(answer.status, status, "{}", answer.body);
        hold("changePlatform", &answer);
    }
    // What API Gateway or a broken table answers is the wire tests'.
    seen.extend([401, 403, 429, 500, 503]);
    let documented = operation("changePlatform").document["responses"].as_object().unwrap();
    assert_eq!(documented.keys().map(|status| status.parse().unwrap()).collect::<BTreeSet<u16>>(), seen);
}

#[test]
fn whoever_belongs_to_no_tenant_is_told_so_by_every_operation_that_is_not_open() {
    let story = Story::create(quiet(10), &body_of("create-platform-minimal"));
    let store = SimStore(story.life.sim.clone());
    let clock = story.life.sim.clone();
    let describer = Describer { store: &store, clock: &clock, view: view(), callers: Callers::default() };
    let acceptor = acceptor(&store, Allowance::default());
    let kinds = [(None, "not-signed-in"), (Some(BTreeMap::from([("sub".to_owned(), "s-1".to_owned())])), "no-tenant")];
    for (claims, kind) in kinds {
        for it in operations().into_iter().filter(|it| it.document["security"] != json!([])) {
            let id = it.document["operationId"].as_str().unwrap();
            let suffix = it.path.trim_start_matches("/platforms").trim_start_matches("/{id}");
            let of = if it.path.contains("{id}") { story.id.as_str() } else { "" };
            let mut request = get(
                of,
                &suffix
                    .replace("{name}", "in")
                    .replace("{eventId}", "e-000000000000")
                    .replace("{occurrence}", "2026-01-05T19:00"),
                &[],
                &[],
            );
            (request.method, request.claims) = (it.method.clone(), claims.clone());
            let answer = block_on(async {
                match it.document["x-headend-route"]["function"].as_str().unwrap() {
                    "create-platform" => acceptor.create_or_change(&request).await,
                    "describe-platform" => describer.handle(&request).await,
                    "planned-events" => acceptor.planned_events(&request).await,
                    "stop-channel" => acceptor.change(&request, Change::Stop).await,
                    "teardown" => acceptor.change(&request, Change::Teardown).await,
                    _ => acceptor.change(&request, Change::Start).await,
                }
            });
            assert_eq!(answer.status, 403, "{id}: {}", answer.body);
            assert!(answer.body.contains(kind), "{id}: {}", answer.body);
            hold(id, &answer);
        }
    }
}

#[test]
fn a_tenant_that_has_all_it_may_have_is_answered_what_the_contract_says() {
    let story = Story::create(quiet(10), &body_of("create-platform-minimal"));
    let store = SimStore(story.life.sim.clone());
    let acceptor = acceptor(&store, Allowance { platforms: 2, running_channels: 1 });
    let mut create = get("", "", &[], &[("content-type", "application/json")]);
    (create.method, create.body) = ("POST".to_owned(), body_of("create-platform-minimal").to_string().into_bytes());
    let second = block_on(acceptor.create(&create));
    hold("createPlatform", &second);
    let second = serde_json::from_str::<Value>(&second.body).unwrap()["id"].as_str().unwrap().to_owned();
    let third = block_on(acceptor.create(&create));
    assert_eq!(third.status, 409);
    hold("createPlatform", &third);
    let statuses = [(story.id.as_str(), 202), (&second, 409)].map(|(id, status)| {
        let answer = block_on(acceptor.change(&get(id, "/start", &[], &[]), Change::Start));
        hold("startPlatform", &answer);
        (answer.status, status)
    });
    assert!(statuses.iter().all(|(answered, due)| answered == due), "{statuses:?}");
}

/// Every place where an object stands.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.push(at.to_owned());
            map.iter().for_each(|(name, value)| objects(value, &format!("{at}/{}", name.replace('/', "~1")), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| objects(item, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_undocumented_field_fails_wherever_it_stands() {
    let schema = validator_of("Platform");
    let request = validator_of("PlatformRequest");
    let check = |schema: &jsonschema::Validator, whole: &Value| {
        let mut places = Vec::new();
        objects(whole, "", &mut places);
        for place in &places {
            let mut more = whole.clone();
            more.pointer_mut(place).unwrap()["undocumented"] = json!(true);
            assert!(!schema.is_valid(&more), "an unknown field at {place:?} is not noticed");
        }
        places.len()
    };
    for event in ["create-platform", "create-platform-inputs"] {
        assert!(check(&request, &body_of(event)) > 10);
        let seen = live(event);
        assert!(seen.iter().map(|view| check(&schema, view)).sum::<usize>() > 100);
    }
}

/// CloudWatch that does not answer.
struct Mute;

impl Metrics for Mute {
    async fn newest(&self, _: &[Probe], _: Timestamp) -> Result<Vec<Option<f64>>, String> {
        Err("dispatch failure".to_owned())
    }
}

#[test]
fn health_that_cannot_be_measured_is_asked_for_again() {
    let mut story = Story::create(quiet(3), &body_of("create-platform-minimal"));
    let id = story.id.clone();
    story.reach(Phase::Ready, HOUR);
    story.life.change(&id, Change::Start, None);
    story.reach(Phase::Live, HOUR);
    let store = SimStore(story.life.sim.clone());
    let (limits, callers) = (view().limits, Callers::default());
    let health = HealthReader { store: &store, metrics: &Mute, clock: &store.0, callers, limits };
    let answer = block_on(health.handle(&get(&id, "/health", &[], &[])));
    hold("platformHealth", &answer);
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("not-measured") && !answer.body.contains("dispatch"), "{answer:?}");
}
