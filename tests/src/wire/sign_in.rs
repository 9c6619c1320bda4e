//! Every route of the contract with every kind of token, over the wire, on a stack that demands tokens.

use super::planned::clock;
use super::rig::{Answer, FULL, Folder, Rig, config};
use crate::contract::operations;
use crate::script::body_of;
use headend_local::deploy::StackConfig;
use serde_json::{Value, json};

const SCOPES: [&str; 3] = ["platforms/read", "platforms/write", "platforms/operate"];
/// Tokens that API Gateway does not take, whatever the route.
const FLAWS: [&str; 8] = [
    "expired",
    "not-yet-valid",
    "issued-later",
    "wrong-audience",
    "wrong-issuer",
    "wrong-key",
    "unknown-key",
    "alg-none",
];

/// A request of the contract for one platform.
struct Ask {
    /// `GET /platforms/{id}`.
    route: String,
    method: String,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<String>,
    /// None where the route is open.
    scope: Option<String>,
}

/// An event that nobody planned.
const NO_EVENT: &str = "e-000000000000";
/// A webhook that nobody made.
const NO_WEBHOOK: &str = "w-000000000000";

/// One request for each route of the contract, what reads first and what removes last.
fn asks(id: &str) -> Vec<Ask> {
    let (soon, end) = (clock(7 * 86_400), clock(7 * 86_400 + 3_600));
    let mut all: Vec<Ask> = operations()
        .into_iter()
        .map(|it| {
            let name = it.document["operationId"].as_str().unwrap();
            let mut headers = Vec::new();
            let body = match name {
                "createPlatform" => Some(body_of(FULL).to_string()),
                "importEvents" => Some(
                    json!({"csv": "title,start,end,timeZone\nx,2030-01-01T10:00,2030-01-01T11:00,Etc/UTC\n"})
                        .to_string(),
                ),
                "changePlatform" => Some(json!({"description": "changed"}).to_string()),
                "planEvent" => {
                    Some(json!({"title": "Derby", "start": soon, "end": end, "timeZone": "Etc/UTC"}).to_string())
                }
                "changeEvent" => Some(json!({"title": "Final"}).to_string()),
                "createWebhook" => Some(json!({"url": "https://ops.example.net/headend"}).to_string()),
                "changeWebhook" => Some(json!({"enabled": false}).to_string()),
                _ => None,
            };
            if body.is_some() {
                headers.push(("content-type", "application/json"));
            }
            if ["changePlatform", "changeEvent", "changeWebhook"].contains(&name) {
                headers.push(("if-match", "*"));
            }
            let scope = it.document["security"][0]["SignIn"][0].as_str().map(str::to_owned);
            let path = it.path.replace("{id}", id).replace("{name}", "rtmp").replace("{eventId}", NO_EVENT);
            let path = path.replace("{webhookId}", NO_WEBHOOK).replace("{messageId}", "p-000000000000-1");
            // What the platform has, or will have in a moment.
            let path = path.replace("{orphanId}", &format!("secret.hl-{id}-secret-1"));
            let path = path.replace("{occurrence}", "2026-01-05T19:00");
            Ask { route: format!("{} {}", it.method, it.path), method: it.method, path, headers, body, scope }
        })
        .collect();
    all.sort_by_key(|ask| (ask.method != "GET", ask.method == "DELETE"));
    all
}

async fn send(rig: &Rig, ask: &Ask, token: Option<&str>) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = ask.headers.clone();
    headers.extend(bearer.as_deref().map(|value| ("authorization", value)));
    rig.send(&ask.method, &ask.path, &headers, ask.body.clone()).await
}

/// A token of somebody of the tenant with these scopes.
async fn token_of(rig: &Rig, tenant: &str, scopes: &[&str]) -> String {
    rig.token(&json!({"scopes": scopes, "tenants": [tenant], "user": "anna"})).await
}

async fn with_auth() -> Rig {
    Rig::start(StackConfig { auth: true, ..config() }).await
}

/// Makes a platform of the tenant.
async fn made(rig: &Rig, token: &str) -> String {
    let bearer = format!("Bearer {token}");
    let answer = rig.post("/platforms", &body_of(FULL), &[("authorization", &bearer)]).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// What everybody reads, once there is no more to come: what can be played becomes more while the platform is made. A calendar
/// without its key is not there.
async fn whole(rig: &Rig, ask: &Ask) -> Answer {
    loop {
        let open = send(rig, ask, None).await;
        if ask.path.ends_with("/calendar.ics") {
            assert_eq!(open.status, 404, "{}: {open:?}", ask.route);
            return open;
        }
        assert_eq!(open.status, 200, "{}: {open:?}", ask.route);
        if open.json()["sources"].as_array().is_some_and(|sources| sources.len() == 3) {
            return open;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// The refusals of API Gateway itself.
#[track_caller]
fn refused(what: &str, answer: &Answer, status: u16, challenge: &str) {
    let message = if status == 401 { "Unauthorized" } else { "Forbidden" };
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.text, json!({ "message": message }).to_string(), "{what}");
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    let told = answer.header("www-authenticate");
    assert!(told.starts_with(challenge) && (challenge != "Bearer" || told == "Bearer"), "{what}: {told}");
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_refuses_every_wrong_token_and_takes_the_right_one() {
    let rig = with_auth().await;
    let all = token_of(&rig, "default", &SCOPES).await;
    let id = made(&rig, &all).await;
    let mut wrong = vec![("garbage", "garbage".to_owned())];
    for flaw in FLAWS {
        wrong.push((flaw, rig.token(&json!({"scopes": SCOPES, "tenants": ["default"], "flaw": flaw})).await));
    }
    let id_token = rig.token(&json!({"tenants": ["default"], "flaw": "id-token"})).await;
    let (asks, mut answers) = (asks(&id), 0);
    for ask in &asks {
        let Some(scope) = &ask.scope else {
            // Whoever has a wrong token reads what everybody reads.
            let open = whole(&rig, ask).await;
            for (kind, token) in &wrong {
                let answer = send(&rig, ask, Some(token)).await;
                assert_eq!((answer.status, &answer.text), (open.status, &open.text), "{} with {kind}", ask.route);
            }
            answers += 1 + wrong.len();
            continue;
        };
        let what = |kind: &str| format!("{} with {kind}", ask.route);
        refused(&what("no token"), &send(&rig, ask, None).await, 401, "Bearer");
        let invalid = format!("Bearer scope=\"{scope}\" error=\"invalid_token\"");
        for (kind, token) in &wrong {
            refused(&what(kind), &send(&rig, ask, Some(token)).await, 401, &invalid);
        }
        let short = format!("Bearer scope=\"{scope}\" error=\"insufficient_scope\"");
        let others: Vec<&str> = SCOPES.into_iter().filter(|other| other != scope).collect();
        let others = token_of(&rig, "default", &others).await;
        refused(&what("an ID token"), &send(&rig, ask, Some(&id_token)).await, 403, &short);
        refused(&what("the other scopes"), &send(&rig, ask, Some(&others)).await, 403, &short);
        answers += wrong.len() + 3;
    }
    let list = rig.send("GET", "/platforms", &[("authorization", &all)], None).await.json();
    assert_eq!(list["platforms"].as_array().unwrap().len(), 1, "what was refused was not done: {list}");
    let path = format!("/platforms/{id}/timeline?limit=200");
    let timeline = rig.send("GET", &path, &[("authorization", &all)], None).await.json();
    let asked = |entry: &&Value| entry["text"].as_str().unwrap().starts_with("asked: ");
    let asked: Vec<&Value> = timeline["entries"].as_array().unwrap().iter().filter(asked).collect();
    assert_eq!(asked.len(), 1, "only the creation was asked for: {asked:?}");
    for ask in asks.iter().filter(|ask| ask.scope.is_some()) {
        let scope = ask.scope.as_deref().unwrap();
        let answer = send(&rig, ask, Some(&token_of(&rig, "default", &[scope]).await)).await;
        // 409: the platform is on its way from one state to another, and must not be asked for this now.
        let may_wait = ask.route.ends_with("/rotate") || ask.route.ends_with("/rotate-cdn-secret");
        let unknown = answer.text.contains("unknown-event") || answer.text.contains("unknown-occurrence");
        let no_event = ask.path.contains(NO_EVENT) && unknown;
        let no_webhook = ask.path.contains(NO_WEBHOOK) && answer.text.contains("unknown-webhook");
        let no_orphan = ["not-orphaned", "unknown-orphan"].iter().any(|kind| answer.text.contains(kind));
        let may_miss = no_event || no_webhook || no_orphan;
        let right = matches!(answer.status, 200..=202) || (answer.status == 409 && may_wait) || may_miss;
        assert!(right, "{} with the right token: {answer:?}", ask.route);
        answers += 1;
    }
    let signatures = [&all, &id_token].map(|token| token.rsplit('.').next().unwrap().to_owned());
    let logs: Vec<String> = rig.stack.functions().flat_map(|function| rig.stack.logs(function)).collect();
    let record = std::fs::read_to_string(&rig.record).unwrap();
    assert!(!logs.is_empty() && !record.is_empty());
    for signature in signatures {
        assert!(
            !logs.iter().any(|line| line.contains(&signature)) && !record.contains(&signature),
            "a token is logged"
        );
    }
    println!("authorization matrix: {} routes, {answers} requests, each answered as the contract says", asks.len());
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pool_publishes_its_key_and_with_a_state_its_tokens_outlive_a_restart() {
    let folder = Folder::new();
    let config = || StackConfig { auth: true, state: Some(folder.path().to_owned()), ..config() };
    let first = Rig::start(config()).await;
    let token = token_of(&first, "default", &["platforms/read"]).await;
    let (aws, pool) = (first.stack.aws_url.clone(), first.stack.outputs["UserPoolId"].clone());
    let published = async |pool: &str| reqwest::get(format!("{aws}/{pool}/.well-known/jwks.json")).await.unwrap();
    let keys: Value = published(&pool).await.json().await.unwrap();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    assert_eq!(key.as_object().unwrap().len(), 6, "nothing of the private key: {key}");
    assert_eq!(published("eu-west-1_other").await.status().as_u16(), 404);
    let asks = async |rig: &Rig| rig.send("GET", "/platforms", &[("authorization", &token)], None).await.status;
    assert_eq!(asks(&first).await, 200);
    first.end().await;
    let second = Rig::start(config()).await;
    assert_eq!(asks(&second).await, 200);
    second.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_platform_is_a_missing_one() {
    const MISSING: &str = "p-000000000000";
    let rig = with_auth().await;
    let (news, sport) = (token_of(&rig, "news", &SCOPES).await, token_of(&rig, "sport", &SCOPES).await);
    let id = made(&rig, &news).await;
    let mut answers = 0;
    for (foreign, missing) in asks(&id).iter().zip(asks(MISSING)).filter(|(ask, _)| ask.scope.is_some()) {
        let answer = send(&rig, foreign, Some(&sport)).await;
        answers += 1;
        if foreign.path == missing.path {
            // The collection is the tenant's own.
            assert!(!answer.text.contains(&id), "{}: {answer:?}", foreign.route);
            continue;
        }
        let expected = send(&rig, &missing, Some(&sport)).await;
        assert_eq!(answer.status, 404, "{}: {answer:?}", foreign.route);
        assert_eq!(answer.text, expected.text.replace(MISSING, &id), "{}", foreign.route);
        let headers = |answer: &Answer| {
            let own = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "apigw-requestid" | "date"));
            own.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        assert_eq!(headers(&answer), headers(&expected), "{}", foreign.route);
    }
    println!(
        "authorization matrix: {answers} requests for another tenant's platform, each answered as for a missing one"
    );
    rig.end().await;
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_no_tenant_and_what_comes_by_another_way_sees_nothing() {
    let rig = with_auth().await;
    let id = made(&rig, &token_of(&rig, "news", &SCOPES).await).await;
    let nobody = rig.token(&json!({"scopes": SCOPES})).await;
    let both = rig.token(&json!({"scopes": SCOPES, "tenants": ["news", "sport"]})).await;
    let machine = rig.token(&json!({"scopes": SCOPES, "client": "machine"})).await;
    for token in [nobody, both, machine] {
        for ask in asks(&id).iter().filter(|ask| ask.scope.is_some()) {
            let answer = send(&rig, ask, Some(&token)).await;
            assert_eq!(answer.status, 403, "{}: {answer:?}", ask.route);
            assert_eq!(answer.json()["type"], "urn:headend:problem:no-tenant", "{}", ask.route);
        }
    }
    // What API Gateway does not know as one of the routes goes to $default, which takes no token and knows the paths too.
    for path in
        ["/%70latforms", "/platforms/", "//platforms", &format!("/%70latforms/{id}"), &format!("/platforms/{id}/")]
    {
        for method in ["GET", "HEAD", "PUT"] {
            let answer = rig.send(method, path, &[], None).await;
            assert!(matches!(answer.status, 403..=405), "{method} {path}: {answer:?}");
            assert!(!answer.text.contains("video-platform"), "{method} {path}: {answer:?}");
        }
    }
    rig.end().await;
}
