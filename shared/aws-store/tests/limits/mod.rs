//! Limits under races: whole requests, many at once, on a real table. Never more than the limit, and afterwards the count is
//! what there is.

use crate::table::Dynamo;
use futures::future::join_all;
use headend_aws_store::clock::SystemClock;
use headend_aws_store::entropy::SystemEntropy;
use headend_aws_store::table::Table;
use headend_control::api::view::ViewSettings;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::accept::{Acceptor, Allowance, Change};
use headend_control::handlers::caller::Callers;
use headend_control::ports::Wakeups;
use headend_control::store::{Records as _, Views as _};
use headend_domain::ids::PlatformKey;
use headend_domain::limits::Limits;
use headend_domain::record::Want;
use std::collections::BTreeMap;

const TENANT: &str = "acme";

struct Nobody;

impl Wakeups for Nobody {
    async fn wake(&self, _: &PlatformKey, _: i64) -> Result<(), String> {
        Ok(())
    }
}

type Requests<'a> = Acceptor<'a, Table, Nobody, SystemClock, SystemEntropy>;

fn acceptor(table: &Table, allowance: Allowance) -> Requests<'_> {
    Acceptor {
        store: table,
        wakeups: &Nobody,
        clock: &SystemClock,
        entropy: &SystemEntropy,
        view: ViewSettings { playback_url_pattern: "https://{domain}".to_owned(), limits: Limits::default() },
        callers: Callers::default(),
        allowance,
    }
}

fn request(id: Option<&str>, body: &str) -> HttpRequest {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    HttpRequest {
        method: "POST".to_owned(),
        path: "/platforms".to_owned(),
        path_parameters: id.map(|id| ("id".to_owned(), id.to_owned())).into_iter().collect(),
        headers: map(&[("content-type", "application/json")]),
        body: body.as_bytes().to_vec(),
        claims: Some(map(&[("sub", "s-1"), ("cognito:groups", "[tenant:acme]")])),
        ..HttpRequest::default()
    }
}

/// How many answers there were of each status.
fn counted(answers: &[HttpResponse]) -> BTreeMap<u16, usize> {
    let mut count = BTreeMap::new();
    answers.iter().for_each(|answer| *count.entry(answer.status).or_default() += 1);
    count
}

/// What the tenant has, in truth: platforms, and among them those that are wanted live.
async fn truth(table: &Table) -> (i64, i64) {
    let all = table.list(TENANT, None, None, 200).await.unwrap().items;
    let mut running = 0;
    for item in &all {
        let loaded = table.load(&PlatformKey::new(TENANT, &item.id)).await.unwrap().unwrap();
        running += i64::from(loaded.record.asked.intent.want == Want::Live);
    }
    (i64::try_from(all.len()).unwrap(), running)
}

async fn held(dynamo: &Dynamo) -> (i64, i64) {
    let count = async |name| dynamo.number("TENANT#acme", "COUNTS", name).await.unwrap_or_default();
    (count("platforms").await, count("running").await)
}

async fn ids(table: &Table) -> Vec<String> {
    table.list(TENANT, None, None, 200).await.unwrap().items.into_iter().map(|item| item.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_creates_and_starts_at_once_no_more_than_the_limit_are_accepted() {
    let dynamo = Dynamo::start().await;
    let acceptor = acceptor(&dynamo.table, Allowance { platforms: 12, running_channels: 5 });
    let body = "{\"name\": \"race\"}";
    let answers = join_all((0..40).map(async |_| acceptor.create(&request(None, body)).await)).await;
    assert_eq!(counted(&answers), BTreeMap::from([(202, 12), (409, 28)]));
    assert!(answers.iter().filter(|it| it.status == 409).all(|it| it.body.contains("has 12 platforms")));
    assert_eq!((truth(&dynamo.table).await, held(&dynamo).await), ((12, 0), (12, 0)));

    let ids = ids(&dynamo.table).await;
    let change = async |id: &String, change| acceptor.change(&request(Some(id), ""), change).await;
    let answers = join_all(ids.iter().map(|id| change(id, Change::Start))).await;
    assert_eq!(counted(&answers), BTreeMap::from([(202, 5), (409, 7)]));
    assert_eq!((truth(&dynamo.table).await, held(&dynamo).await), ((12, 5), (12, 5)));

    // Starts, stops and removals of the same platforms, all at once and again.
    for round in 0..6 {
        let changes = [Change::Start, Change::Stop, Change::Start, Change::Retry];
        let asks = (0..36).map(|n| (&ids[(n * 7 + round) % ids.len()], changes[(n + round) % changes.len()]));
        let answers = join_all(asks.map(|(id, what)| change(id, what))).await;
        assert!(answers.iter().all(|it| [202, 409, 503].contains(&it.status)), "{:?}", counted(&answers));
        let truth = truth(&dynamo.table).await;
        assert!(truth.1 <= 5, "{truth:?}");
        assert_eq!(truth, held(&dynamo).await, "round {round}");
    }
    let answers = join_all(ids.iter().chain(&ids).map(|id| change(id, Change::Teardown))).await;
    assert!(answers.iter().all(|it| [202, 503].contains(&it.status)), "{:?}", counted(&answers));
    assert_eq!((truth(&dynamo.table).await, held(&dynamo).await), ((12, 0), (12, 0)));
}
