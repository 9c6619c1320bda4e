//! Tenants beside each other: nobody sees what is another's, nobody gets more than the limit, and the timeline says who
//! asked.

use crate::script::{HOUR, Story, assert_counted, body_of, quiet};
use futures::executor::block_on;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::accept::{Acceptor, Allowance, Change};
use headend_control::handlers::caller::{Callers, Known};
use headend_control::handlers::describe::Describer;
use headend_control::handlers::player::PlayerConfig;
use headend_control::store::Views as _;
use headend_domain::limits::Limits;
use headend_domain::phase::Phase;
use headend_local::ports::{Answered, Fault, FaultPlan, Life, LifeConfig, Sim, SimStore, claims};
use serde_json::Value;
use std::collections::BTreeMap;

fn view() -> headend_control::api::view::ViewSettings {
    headend_control::api::view::ViewSettings {
        playback_url_pattern: "https://{domain}".to_owned(),
        limits: Limits::default(),
    }
}

fn answered(answer: Answered) -> HttpResponse {
    let Answered::Response(answer) = answer else { panic!("died") };
    answer
}

fn create(life: &mut Life, key: &str) -> HttpResponse {
    answered(life.create(&body_of("create-platform-minimal"), Some(key)))
}

fn id_of(answer: &HttpResponse) -> String {
    assert_eq!(answer.status, 202, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
}

fn as_tenant(life: &mut Life, tenant: &str, who: &str) {
    life.claims = claims(tenant, who);
}

fn limited(platforms: u32, running_channels: u32) -> LifeConfig {
    LifeConfig { allowance: Allowance { platforms, running_channels }, ..quiet(3) }
}

#[track_caller]
fn assert_full(answer: &HttpResponse, kind: &str, words: &[&str]) {
    assert_eq!(answer.status, 409, "{}", answer.body);
    assert!(answer.body.contains(&format!("urn:headend:problem:{kind}")), "{}", answer.body);
    words.iter().for_each(|word| assert!(answer.body.contains(word), "{word}: {}", answer.body));
}

/// Every request that names a platform, as method and path.
const OF_A_PLATFORM: [(&str, &str); 11] = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/start"),
    ("POST", "/stop"),
    ("POST", "/retry"),
    ("POST", "/inputs/in/rotate"),
    ("POST", "/rotate-cdn-secret"),
    ("GET", "/timeline"),
    ("GET", "/estimate"),
    ("GET", "/planned-events/e-0123456789ab/reports/2026-01-05T19:00"),
];

/// One request through the function that the template routes it to.
fn routed(sim: &Sim, claims: Option<BTreeMap<String, String>>, method: &str, id: &str, rest: &str) -> HttpResponse {
    let store = SimStore(sim.clone());
    let text = |text: &str| text.to_owned();
    let mut request = HttpRequest {
        method: text(method),
        path: format!("/platforms/{id}{rest}"),
        path_parameters: BTreeMap::from([(text("id"), text(id))]),
        headers: BTreeMap::from([
            (text("content-type"), text("application/json")),
            (text("idempotency-key"), format!("key{}", rest.replace('/', "-"))),
            (text("if-match"), text("*")),
        ]),
        claims,
        ..HttpRequest::default()
    };
    if rest.starts_with("/inputs") {
        request.path_parameters.insert(text("name"), text("in"));
    }
    if method == "PATCH" {
        request.body = b"{\"description\": \"x\"}".to_vec();
    }
    let describer = Describer { store: &store, clock: sim, view: view(), callers: Callers::default() };
    let acceptor = Acceptor {
        store: &store,
        wakeups: sim,
        clock: sim,
        entropy: sim,
        view: view(),
        callers: Callers::default(),
        allowance: Allowance::default(),
    };
    block_on(async {
        match (method, rest) {
            ("GET", _) => describer.handle(&request).await,
            ("DELETE", _) => acceptor.change(&request, Change::Teardown).await,
            (_, "/start") => acceptor.change(&request, Change::Start).await,
            (_, "/stop") => acceptor.change(&request, Change::Stop).await,
            (_, "/retry") => acceptor.change(&request, Change::Retry).await,
            _ => acceptor.create_or_change(&request).await,
        }
    })
}

/// `GET /platforms`
fn listed(sim: &Sim, claims: Option<BTreeMap<String, String>>) -> HttpResponse {
    let store = SimStore(sim.clone());
    let describer = Describer { store: &store, clock: sim, view: view(), callers: Callers::default() };
    let (method, path) = ("GET".to_owned(), "/platforms".to_owned());
    block_on(describer.handle(&HttpRequest { method, path, claims, ..HttpRequest::default() }))
}

#[test]
fn another_tenants_platform_cannot_be_told_from_one_that_does_not_exist() {
    let mut story = Story::create(quiet(3), &body_of("create-platform"));
    story.reach(Phase::Ready, HOUR);
    let (theirs, nobodys) = (story.id.clone(), "p-000000000000");
    let sim = story.life.sim.clone();
    for (method, rest) in OF_A_PLATFORM {
        let before = story.life.calls().len();
        let answer = routed(&sim, Some(claims("other", "eve")), method, &theirs, rest);
        let between = story.life.calls().len();
        let missing = routed(&sim, Some(claims("other", "eve")), method, nobodys, rest);
        let same = HttpResponse { body: missing.body.replace(nobodys, &theirs), ..missing };
        assert_eq!(answer, same, "{method} {rest}");
        assert_eq!(answer.status, 404, "{method} {rest}: {}", answer.body);
        assert_eq!(between - before, story.life.calls().len() - between, "{method} {rest} looks at as much");
    }
    assert_eq!(story.phase(), Phase::Ready, "and nothing was done to it");
    for (method, rest) in OF_A_PLATFORM {
        let own = routed(&sim, Some(claims("default", "anna")), method, &theirs, rest);
        assert_ne!(own.status, 403, "{method} {rest}: {}", own.body);
    }
    for (method, rest) in OF_A_PLATFORM {
        let nobody = routed(&sim, None, method, &theirs, rest);
        assert_eq!(nobody.status, 403, "{method} {rest}");
        assert!(nobody.body.contains("not-signed-in"), "{method} {rest}: {}", nobody.body);
    }
}

#[test]
fn lists_and_idempotency_keys_are_each_tenants_own() {
    let mut life = Life::begin(quiet(3));
    let first = id_of(&create(&mut life, "same-key"));
    as_tenant(&mut life, "other", "eve");
    let second = id_of(&create(&mut life, "same-key"));
    assert_ne!(first, second, "a key of another tenant is no key of mine");
    for (tenant, id) in [("default", &first), ("other", &second)] {
        let answer = listed(&life.sim, Some(claims(tenant, "anna")));
        let page: Value = serde_json::from_str(&answer.body).unwrap();
        let ids: Vec<&str> =
            page["platforms"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [id]);
    }
    assert_eq!(listed(&life.sim, None).status, 403);
    assert_counted(&life);
}

#[test]
fn the_player_finds_a_platform_of_any_tenant_without_signing_in() {
    let mut life = Life::begin(quiet(3));
    as_tenant(&mut life, "other", "eve");
    let id = id_of(&create(&mut life, "k"));
    let store = SimStore(life.sim.clone());
    let player = PlayerConfig { store: &store, clock: &store.0, view: view(), tenants: Known::default() };
    let ask = |id: &str| {
        let path_parameters = BTreeMap::from([("id".to_owned(), id.to_owned())]);
        block_on(player.handle(&HttpRequest { path_parameters, ..HttpRequest::default() }))
    };
    let mut reads = Vec::new();
    for _ in 0..3 {
        let before = life.calls().len();
        assert_eq!(ask(&id).status, 200);
        reads.push(life.calls().len() - before);
    }
    assert_eq!(reads, [2, 1, 1], "its tenant is read once");
    assert_eq!(ask("p-000000000000").status, 404);
    assert_eq!(ask("p").status, 404);
}

#[test]
fn the_timeline_says_who_asked() {
    let mut life = Life::begin(quiet(3));
    as_tenant(&mut life, "acme", "anna");
    let id = id_of(&create(&mut life, "k"));
    as_tenant(&mut life, "acme", "boris");
    let asks: [fn(&mut Life, &str) -> Answered; 6] = [
        |life, id| life.change(id, Change::Start, None),
        // What is so already changes nothing, and is written down as asked by whoever asked.
        |life, id| {
            as_tenant(life, "acme", "clara");
            life.change(id, Change::Start, Some("again"))
        },
        |life, id| {
            as_tenant(life, "acme", "dora");
            life.change(id, Change::Stop, None)
        },
        |life, id| {
            as_tenant(life, "acme", "emil");
            life.patch(id, &serde_json::json!({"description": "x"}), None)
        },
        |life, id| life.change(id, Change::Retry, None),
        |life, id| life.change(id, Change::Teardown, None),
    ];
    // Of the one whose request made the platform what it is wanted to be.
    for (ask, by) in asks.into_iter().zip(["boris", "boris", "dora", "emil", "emil", "emil"]) {
        let answer = answered(ask(&mut life, &id));
        assert_eq!(answer.status, 202, "{}", answer.body);
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["intent"]["by"], by);
        life.step(life.now() + 1);
    }
    let store = SimStore(life.sim.clone());
    let key = headend_domain::ids::PlatformKey::new("acme", &id);
    let page = block_on(store.timeline(&key, None, 100)).unwrap();
    let mut asked: Vec<_> =
        page.items.iter().filter(|line| line.text.starts_with("asked: ")).map(|line| line.text.as_str()).collect();
    asked.reverse();
    assert_eq!(
        asked,
        [
            "asked: created (by anna, generation 1)",
            "asked: start (by boris, generation 2)",
            "asked: start (by clara, generation 2)",
            "asked: stop (by dora, generation 3)",
            "asked: change of /description (by emil, generation 4)",
            "asked: retry (by emil, generation 5)",
            "asked: teardown (by emil, generation 6)",
        ]
    );
}

#[test]
fn whoever_rotates_a_secret_stands_on_the_timeline() {
    let mut story = Story::create(quiet(3), &body_of("create-platform"));
    story.reach(Phase::Ready, HOUR);
    as_tenant(&mut story.life, "default", "emil");
    let id = story.id.clone();
    assert_eq!(answered(story.life.rotate(&id, None, None)).status, 202);
    let store = SimStore(story.life.sim.clone());
    let page = block_on(store.timeline(&story.record().asked.key, None, 100)).unwrap();
    let line = "asked: a new CDN secret (by emil, generation 2)";
    assert!(page.items.iter().any(|entry| entry.text == line), "{:#?}", page.items);
}

#[test]
fn a_tenant_gets_no_more_platforms_than_the_limit_and_a_new_one_when_one_is_gone() {
    let mut story = Story::create(limited(2, 0), &body_of("create-platform-minimal"));
    let life = &mut story.life;
    let second = create(life, "second");
    let refused = create(life, "third");
    assert_full(&refused, "too-many-platforms", &["2 platforms", "limit is 2", "DELETE", "MaxPlatforms"]);
    // A request that was accepted has its answer for ever.
    assert_eq!(id_of(&create(life, "second")), id_of(&second));
    as_tenant(life, "other", "eve");
    id_of(&create(life, "third"));
    as_tenant(life, "default", "dev");
    let id = story.id.clone();
    story.ask(Change::Teardown);
    assert_full(&create(&mut story.life, "third"), "too-many-platforms", &["2 platforms"]);
    story.reach(Phase::Gone, HOUR);
    // Asked again for what is gone: it goes once.
    for key in [None, Some("again"), Some("and-again")] {
        assert_eq!(answered(story.life.change(&id, Change::Teardown, key)).status, 202);
    }
    assert_eq!(answered(story.life.change(&id, Change::Retry, None)).status, 409);
    story.settle(HOUR);
    id_of(&create(&mut story.life, "third"));
    assert_full(&create(&mut story.life, "fourth"), "too-many-platforms", &["2 platforms"]);
    story.life.run_until(HOUR, |_| false);
    assert_counted(&story.life);
}

#[test]
fn a_tenant_gets_no_more_running_channels_than_the_limit_whatever_ends_one() {
    let mut life = Life::begin(limited(0, 1));
    let ids = ["a", "b", "c"].map(|key| id_of(&create(&mut life, key)));
    let mut ask = |id: &str, change| {
        let answer = answered(life.change(id, change, None));
        assert_counted(&life);
        answer
    };
    let full = ["1 channels", "limit is 1", "stop one", "MaxRunningChannels"];
    assert_eq!(ask(&ids[0], Change::Start).status, 202);
    assert_eq!(ask(&ids[0], Change::Start).status, 202, "it is started already");
    assert_eq!(ask(&ids[0], Change::Retry).status, 202);
    assert_full(&ask(&ids[1], Change::Start), "too-many-running", &full);
    assert_eq!(ask(&ids[0], Change::Stop).status, 202);
    assert_eq!(ask(&ids[0], Change::Stop).status, 202);
    assert_eq!(ask(&ids[1], Change::Start).status, 202);
    assert_full(&ask(&ids[0], Change::Start), "too-many-running", &full);
    assert_eq!(ask(&ids[1], Change::Teardown).status, 202, "from on air");
    assert_eq!(ask(&ids[1], Change::Teardown).status, 202);
    assert_eq!(ask(&ids[2], Change::Start).status, 202);
    assert_eq!(ask(&ids[0], Change::Teardown).status, 202, "at rest");
    assert_full(&ask(&ids[0], Change::Start), "tearing-down", &[]);
}

/// Several creates or starts at once: each freezes at one of its calls, others go on, and what has frozen goes on after.
#[test]
fn requests_that_freeze_and_go_on_later_do_not_get_past_a_limit() {
    for frozen in 0..3_u32 {
        let faults: FaultPlan =
            (0..24).filter(|call| call % 3 == frozen as usize).map(|call| (call, Fault::Freeze)).collect();
        let mut life = Life::begin(LifeConfig { faults, ..limited(3, 2) });
        let mut refused = 0;
        for round in 0..8 {
            if let Answered::Response(answer) = life.create(&body_of("create-platform-minimal"), None) {
                refused += u32::from(answer.status == 409);
            }
            let now = life.now();
            life.step(now + 1_000 * (round + 1));
            assert_counted(&life);
        }
        life.run_until(HOUR, |_| false);
        assert_counted(&life);
        assert_eq!(life.records().len(), 3, "{refused} were refused");
        let ids: Vec<String> = life.records().iter().map(|record| record.asked.key.id.clone()).collect();
        let before = life.calls().len();
        life.sim.0.borrow_mut().gate.plan = (0..9).map(|call| (before + 4 * call, Fault::Freeze)).collect();
        for id in ids.iter().cycle().take(6) {
            let _ = life.change(id, Change::Start, None);
            assert_counted(&life);
        }
        life.run_until(HOUR, |_| false);
        assert_counted(&life);
        let running = life.sim.0.borrow().table.held("default").running;
        assert_eq!(running, 2, "frozen at {frozen}");
    }
}

#[test]
fn a_request_beside_a_tenant_that_is_busy_is_asked_again_and_in_the_end_refused_for_the_moment() {
    let mut life = Life::begin(quiet(3));
    for (busy, status) in [(1, 202), (6, 202), (7, 503), (100, 503)] {
        life.sim.0.borrow_mut().table.busy = busy;
        let answer = create(&mut life, &format!("busy-{busy}"));
        assert_eq!(answer.status, status, "{busy}: {}", answer.body);
        let again = answer.headers.iter().any(|(name, _)| name == "retry-after");
        assert_eq!(again, status == 503, "{:?}", answer.headers);
        life.sim.0.borrow_mut().table.busy = 0;
        assert_counted(&life);
    }
    assert_eq!(life.records().len(), 2);
}
