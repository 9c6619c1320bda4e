//! Routes for tests and demonstrations, not part of AWS; unsigned.
//!
//! | route | does |
//! |---|---|
//! | `GET /_headend/inventory` | what exists in the account, as a JSON list |
//! | `GET /_headend/quotas` | every quota by name |
//! | `POST /_headend/quota` `{"name","value"}` | raises or lowers one |
//! | `GET /_headend/switches` | every switch of the world, with its position |
//! | `POST /_headend/switch` `{"name","value"}` | turns one; `durations.x` takes `{"from_ms","to_ms"}` |
//! | `GET /_headend/topics` | what was published to each SNS topic, and who would have got it: `{ARN: {"subscriptions","notes"}}` |
//! | `POST /_headend/source` `{"region","input","state"}` | switches an input's simulated source: `on`, `off`, `degraded` |
//! | `POST /_headend/fail-pipeline` `{"region","channel","pipeline"}` | lets a pipeline of a running channel fail |
//! | `POST /_headend/stick-pipeline` `{"region","channel","pipeline"}` | lets the outputs of a running pipeline fail until it is restarted |
//! | `GET /_headend/view?distribution=D&path=/out/v1/...` | what a viewer is answered through CloudFront, at its worst: `{"status","why"}`; D is an id or a domain, `&region=` that of the packaging (eu-west-1) |
//! | `POST /_headend/fault` `{"service","operation","kind","times"}` | the next calls meet a fault; kind is `"lost"` (effect, no answer) or `{"refuse":{"status","code","message"}}` (no effect) |
//! | `POST /_headend/token` `{"scopes","tenants","user","client","expires","flaw"}` | a token of the stack's user pool, `{"token"}`; every member may be missing, `client` is `machine` or an id, `flaw` makes a wrong one (`cognito::Flaw`) |
//!
//! A refusal is `{"message"}` with 4xx.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Fault;
use super::message::{Reply, Request};
use crate::cloud::Cloud;
use crate::cognito::{TokenError, TokenRequest};
use crate::world::medialive::SourceState;

pub const PREFIX: &str = "/_headend/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    region: String,
    input: String,
    state: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quota {
    name: String,
    value: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    name: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailPipeline {
    region: String,
    channel: String,
    pipeline: usize,
}

/// Answers one control request.
pub fn answer(cloud: &Cloud, request: &Request) -> Reply {
    let route = request.path().trim_start_matches(PREFIX).to_owned();
    let answer = match (request.method.as_str(), route.as_str()) {
        ("GET", "inventory") => Ok(cloud.with_world(|world, _| json!(world.inventory()))),
        ("GET", "topics") => Ok(cloud.peek(|world| json!(world.topics()))),
        ("GET", "quotas") => Ok(cloud.peek(|world| json!(world.quotas.all().collect::<BTreeMap<_, _>>()))),
        ("POST", "quota") => read(request).and_then(|quota| set_quota(cloud, &quota)),
        ("GET", "switches") => Ok(cloud.peek(|world| json!(world.switches))),
        ("POST", "switch") => read(request).and_then(|switch| turn(cloud, &switch)),
        ("POST", "source") => read(request).and_then(|source| set_source(cloud, &source)),
        ("POST", "fail-pipeline") => read(request).and_then(|failure| fail_pipeline(cloud, &failure)),
        ("POST", "stick-pipeline") => read(request).and_then(|failure| stick_pipeline(cloud, &failure)),
        ("POST", "token") => read(request).and_then(|asked| token(cloud, &asked)),
        ("GET", "view") => view(cloud, request),
        ("POST", "fault") => read(request).map(|fault: Fault| {
            cloud.faults.add(fault);
            json!({})
        }),
        (method, _) => Err((404, format!("there is no {method} {}", request.path()))),
    };
    match answer {
        Ok(body) => Reply::json(200, &body),
        Err((status, message)) => Reply::json(status, &json!({"message": message})),
    }
}

type Refusal = (u16, String);

fn read<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|e| (400, format!("the body does not fit: {e}")))
}

fn set_quota(cloud: &Cloud, quota: &Quota) -> Result<Value, Refusal> {
    let set = cloud.with_world(|world, _| world.quotas.set(&quota.name, quota.value));
    set.map(|()| json!({"name": quota.name, "value": quota.value})).map_err(|e| (404, e.to_string()))
}

/// Only what is there is turned, and only to what it can hold.
fn turn(cloud: &Cloud, switch: &Switch) -> Result<Value, Refusal> {
    let Switch { name, value } = switch;
    cloud.with_world(|world, _| {
        let mut all = json!(world.switches);
        let place = all.pointer_mut(&format!("/{}", name.replace('.', "/")));
        *place.ok_or_else(|| (404, format!("no switch is called {name}")))? = value.clone();
        world.switches = serde_json::from_value(all).map_err(|e| (400, format!("{name} cannot be {value}: {e}")))?;
        Ok(json!({"name": name, "value": value}))
    })
}

fn view(cloud: &Cloud, request: &Request) -> Result<Value, Refusal> {
    let query: BTreeMap<String, String> = request.query().into_iter().collect();
    let needed = |name: &str| query.get(name).ok_or_else(|| (400, format!("the query has no {name}")));
    let (distribution, path) = (needed("distribution")?, needed("path")?);
    let region = query.get("region").map_or("eu-west-1", String::as_str);
    Ok(json!(cloud.with_world(|world, now| world.view(region, now, distribution, path))))
}

fn token(cloud: &Cloud, asked: &TokenRequest) -> Result<Value, Refusal> {
    let pool = cloud.pool.get().ok_or_else(|| (404, "the stack has no user pool".to_owned()))?;
    let token = pool.token(asked, cloud.now() / 1000);
    token.map(|token| json!({ "token": token })).map_err(|error| match error {
        TokenError::NoClient(..) | TokenError::NotAllowed { .. } => (400, error.to_string()),
        TokenError::Key(_) | TokenError::Sign(_) => (500, error.to_string()),
    })
}

fn set_source(cloud: &Cloud, source: &Source) -> Result<Value, Refusal> {
    let state = SourceState::parse(&source.state)
        .ok_or_else(|| (400, format!("state is on, off or degraded, not {}", source.state)))?;
    let set = cloud.with_world(|world, now| world.set_source(&source.region, now, &source.input, state));
    set.map(|()| json!({"input": source.input, "state": source.state})).map_err(|e| (e.status, e.message))
}

fn stick_pipeline(cloud: &Cloud, failure: &FailPipeline) -> Result<Value, Refusal> {
    let FailPipeline { region, channel, pipeline } = failure;
    let stuck = cloud.with_world(|world, now| world.stick_pipeline(region, now, channel, *pipeline));
    stuck.map(|()| json!({"channel": channel, "pipeline": pipeline})).map_err(|e| (e.status, e.message))
}

fn fail_pipeline(cloud: &Cloud, failure: &FailPipeline) -> Result<Value, Refusal> {
    let FailPipeline { region, channel, pipeline } = failure;
    let failed = cloud.with_world(|world, now| world.fail_pipeline(region, now, channel, *pipeline));
    failed.map(|()| json!({"channel": channel, "pipeline": pipeline})).map_err(|e| (e.status, e.message))
}
