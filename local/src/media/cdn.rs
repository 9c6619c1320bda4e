//! The edge: distributions at `http://<domain>.localhost:PORT`, each doing what its own configuration says: behaviours in
//! order, origins with their headers, methods, cache key and times to live, CORS, error caching.
//!
//! There is no TLS here: `redirect-to-https` is taken as done, as if this address were the https one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use tokio::net::TcpListener;

use super::library::Library;
use super::packager::{self, Served};
use crate::cloud::Cloud;
use crate::world::cloudwatch::{Datum, Metric};
use crate::world::{Delivered, Ms, Route};

/// More is forgotten, the oldest first.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// What nobody has asked for in this time is forgotten: segments may be kept for weeks, and live ones are soon of no use.
const UNASKED: Duration = Duration::from_secs(30);
/// Of the managed cache policy for MediaPackage: what it keys by (aws-facts 3.4).
const MEDIAPACKAGE_KEYS: [&str; 4] = ["aws.manifestfilter", "start", "end", "m"];

struct Edge {
    cloud: Arc<Cloud>,
    library: Arc<Library>,
    cache: Mutex<Cache>,
    /// Requests of viewers since the last minute began, by distribution: all, answered 4xx, answered 5xx.
    counts: Mutex<BTreeMap<String, [u64; 3]>>,
}

/// Serves viewers until the task is aborted.
pub async fn serve(listener: TcpListener, cloud: Arc<Cloud>, library: Arc<Library>) {
    let edge = Arc::new(Edge { cloud, library, cache: Mutex::default(), counts: Mutex::default() });
    let mut metrics = tokio::task::JoinSet::new();
    metrics.spawn(publish(edge.clone()));
    if let Err(error) = axum::serve(listener, Router::new().fallback(handle).with_state(edge)).await {
        tracing::error!(%error, "the CDN ended");
    }
}

async fn handle(State(edge): State<Arc<Edge>>, request: Request) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let domain = host.split(':').next().unwrap_or_default();
    let domain = domain.strip_suffix(".localhost").unwrap_or(domain);
    let path = request.uri().path();
    let route = edge.cloud.with_world(|world, _| world.route_viewer(domain, path));
    let route = match route {
        Ok(route) => route,
        Err(answer) => return plain(answer.status, &answer.why),
    };
    let method = request.method();
    if !route.behavior.methods.iter().any(|allowed| allowed == method.as_str()) {
        return plain(403, "the behaviour does not allow this method");
    }
    let origin = request.headers().get(header::ORIGIN).is_some();
    let mut response = if method == Method::OPTIONS {
        plain(200, "")
    } else {
        let found = edge.find(&route, path, request.uri().query().unwrap_or_default());
        respond(&found, method == Method::HEAD)
    };
    edge.count(&route.distribution, response.status().as_u16());
    if origin && route.behavior.headers_policy.as_deref() == Some(CORS_WITH_PREFLIGHT) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        if method == Method::OPTIONS {
            let methods = "GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE";
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        }
    }
    response
}

/// The managed response headers policy of this name (aws-facts 3.4).
const CORS_WITH_PREFLIGHT: &str = "5cc3b908-e619-4b99-88e5-2cf7f45965bd";

/// What the edge has, or has got from the origin.
#[derive(Clone)]
struct Found {
    status: u16,
    content_type: &'static str,
    max_age_secs: u64,
    body: Arc<Vec<u8>>,
    hit: bool,
}

/// Every minute of the account's time the rates of the errors that viewers saw. CloudFront publishes in us-east-1; where
/// nobody asked, nothing is published.
async fn publish(edge: Arc<Edge>) {
    let minute = Duration::from_secs_f64((60.0 / edge.cloud.peek(|world| world.speed)).max(0.1));
    loop {
        tokio::time::sleep(minute).await;
        let counts = std::mem::take(&mut *edge.counts.lock().unwrap_or_else(PoisonError::into_inner));
        edge.cloud.with_world(|world, now| {
            for (distribution, [all, client, server]) in counts {
                let dimensions = [("DistributionId", distribution.as_str()), ("Region", "Global")];
                let rate = |count: u64| count as f64 * 100.0 / all as f64;
                let values = [("4xxErrorRate", rate(client)), ("5xxErrorRate", rate(server)), ("Requests", all as f64)];
                for (name, value) in values {
                    let metric = Metric::new("AWS/CloudFront", name, &dimensions);
                    world.record_metric("us-east-1", metric, Datum::single(now, value));
                }
            }
        });
    }
}

impl Edge {
    fn count(&self, distribution: &str, status: u16) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let [all, client, server] = counts.entry(distribution.to_owned()).or_default();
        *all += 1;
        *client += u64::from((400..500).contains(&status));
        *server += u64::from(status >= 500);
    }

    fn find(&self, route: &Route, path: &str, query: &str) -> Found {
        let query: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| MEDIAPACKAGE_KEYS.contains(&name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let key = format!("{} {path} {query:?}", route.distribution);
        let now = self.cloud.now();
        if let Some(found) = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key, now) {
            return found;
        }
        let found = self.fetch(route, path, &query);
        let seconds = if found.status < 400 {
            found.max_age_secs
        } else {
            route.error_ttl.get(&found.status).copied().unwrap_or(DEFAULT_ERROR_SECS)
        };
        let until = now + i64::try_from(seconds * 1000).unwrap_or(i64::MAX / 2);
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(key, until, found.clone());
        found
    }

    fn fetch(&self, route: &Route, path: &str, query: &BTreeMap<String, String>) -> Found {
        let found = self.ask(route, path, query);
        // What viewers cost the packager, by class of the answer (aws-facts 2.10).
        let range = format!("{}xx", found.status / 100);
        self.cloud.with_world(|world, now| world.count_egress(now, &route.origin.domain, path, &range));
        found
    }

    fn ask(&self, route: &Route, path: &str, query: &BTreeMap<String, String>) -> Found {
        let delivered = self.cloud.with_world(|world, now| world.deliver(now, &route.origin, path));
        let refusal = |status: u16, why: &str| Found {
            status,
            content_type: "text/plain",
            max_age_secs: 0,
            body: Arc::new(why.as_bytes().to_vec()),
            hit: false,
        };
        let endpoint = match delivered {
            Delivered::Endpoint(endpoint) => endpoint,
            Delivered::Refused(answer) => return refusal(answer.status, &answer.why),
        };
        let Some(live) = self.library.get(&endpoint.channel_id) else {
            return refusal(404, "nothing has arrived at the packager yet");
        };
        match packager::answer(&endpoint, &live, path, query) {
            None => refusal(404, "the packager has nothing of this name (yet, or any more)"),
            Some(Served { content_type, max_age_secs, body }) => {
                Found { status: 200, content_type, max_age_secs, body: Arc::new(body), hit: false }
            }
        }
    }
}

/// What CloudFront keeps an error for, where the distribution says nothing.
const DEFAULT_ERROR_SECS: u64 = 10;

fn respond(found: &Found, head: bool) -> Response<Body> {
    let mut response = plain(found.status, "");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.content_type));
    let hit = if found.hit { "Hit from cloudfront" } else { "Miss from cloudfront" };
    headers.insert("x-cache", HeaderValue::from_static(hit));
    if found.status < 400
        && let Ok(age) = HeaderValue::try_from(format!("max-age={}", found.max_age_secs))
    {
        headers.insert(header::CACHE_CONTROL, age);
    }
    if head {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(found.body.len()));
    } else {
        *response.body_mut() = Body::from(found.body.as_ref().clone());
    }
    response
}

fn plain(status: u16, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// Answers that are fresh.
#[derive(Default)]
struct Cache {
    kept: BTreeMap<String, Cached>,
    bytes: usize,
}

struct Cached {
    found: Found,
    until: Ms,
    /// When it was asked for last, by this machine's clock.
    asked: Instant,
}

impl Cache {
    fn get(&mut self, key: &str, now: Ms) -> Option<Found> {
        let cached = self.kept.get_mut(key)?;
        if cached.until > now {
            cached.asked = Instant::now();
            return Some(Found { hit: true, ..cached.found.clone() });
        }
        self.remove(key);
        None
    }

    fn put(&mut self, key: String, until: Ms, found: Found) {
        let unasked = self.kept.iter().filter(|(_, cached)| cached.asked.elapsed() > UNASKED);
        let unasked: Vec<String> = unasked.map(|(key, _)| key.clone()).collect();
        unasked.iter().for_each(|key| self.remove(key));
        self.remove(&key);
        self.bytes += size(&key, &found);
        self.kept.insert(key, Cached { found, until, asked: Instant::now() });
        while self.bytes > CACHE_BYTES {
            let soonest = self.kept.iter().min_by_key(|(_, cached)| cached.until).map(|(key, _)| key.clone());
            let Some(soonest) = soonest else { return };
            self.remove(&soonest);
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(old) = self.kept.remove(key) {
            self.bytes -= size(key, &old.found);
        }
    }
}

/// What an entry takes, its place in the map included; small answers are many.
fn size(key: &str, found: &Found) -> usize {
    found.body.len() + key.len() + 4096
}
