//! One stack on free ports with a client in front of it, and what tests ask of both.

use crate::script::body_of;
use headend_local::deploy::{self, Stack, StackConfig};
use headend_local::world::{Durations, Quotas, Resource, Span, Switches, WorldConfig};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The region of the stack.
pub const HOME: &str = "eu-west-1";
/// The sample request with every part of a platform, and the one with a name only.
pub const FULL: &str = "create-platform";
pub const MINIMAL: &str = "create-platform-minimal";

/// How much faster than real time the account lives: the slowest step, CloudFront's, takes ten seconds.
const SPEED: f64 = 60.0;
const POLL: Duration = Duration::from_millis(250);
/// A platform that shows nothing new for this long is stuck: a lease is over after 45 s, and the machine may be busy.
const STUCK: Duration = Duration::from_secs(240);
/// A platform that moves for this long without coming to what is awaited moves in a circle.
const CIRCLE: Duration = Duration::from_secs(1800);

static FOLDERS: AtomicU32 = AtomicU32::new(0);
static RECORDINGS: AtomicU32 = AtomicU32::new(0);

/// A folder that goes when the value does.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("headend-wire-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The stack of the template, with quotas out of the way.
pub fn config() -> StackConfig {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let functions = std::env::var_os("HEADEND_FUNCTIONS").map_or_else(|| root.join("target/debug"), PathBuf::from);
    StackConfig {
        template: root.join("template.yaml"),
        functions,
        port: 0,
        aws_port: 0,
        world: WorldConfig { speed: SPEED, quotas: Quotas::uniform(1_000), ..WorldConfig::default() },
        ..StackConfig::default()
    }
}

/// The same with a CloudFront that takes ten seconds: what is asked for is not over before it is looked at.
pub fn with_slow_delivery() -> StackConfig {
    let base = config();
    let durations = Durations { distribution_deploy: Span::secs(600, 600), ..Durations::default() };
    let switches = Switches { durations, ..Switches::default() };
    StackConfig { world: WorldConfig { switches, ..base.world.clone() }, ..base }
}

/// A new file for everything that a stack's functions ask of AWS, in the folder that `HEADEND_RECORDINGS` names: the end
/// of `cargo xtask test` holds all that lies there against the services' own models.
fn recording(functions: &Path) -> PathBuf {
    let folder = std::env::var_os("HEADEND_RECORDINGS").map_or_else(|| functions.join("../recordings"), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    loop {
        let number = RECORDINGS.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("wire-{}-{number}.jsonl", std::process::id()));
        // A process of an earlier run may have had the same number.
        if std::fs::File::create_new(&path).is_ok() {
            return path;
        }
    }
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A running stack and a client.
pub struct Rig {
    pub stack: Stack,
    /// Every AWS call of the stack, as JSON lines.
    pub record: PathBuf,
    seed: u64,
    client: reqwest::Client,
}

impl Rig {
    pub async fn start(config: StackConfig) -> Self {
        let record = recording(&config.functions);
        Self::recorded(StackConfig { record: Some(record.clone()), ..config }, record).await
    }

    /// A stack that is wrong on purpose: what its functions ask for is no matter for the end of the suite.
    pub async fn unrecorded(config: StackConfig) -> Self {
        Self::recorded(config, PathBuf::new()).await
    }

    async fn recorded(config: StackConfig, record: PathBuf) -> Self {
        let seed = config.world.seed;
        let stack = deploy::start(config).await.unwrap_or_else(|error| panic!("{error:#}"));
        let client = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        Self { stack, record, seed, client }
    }

    pub async fn end(self) {
        self.stack.shutdown().await.unwrap();
    }

    /// One request to the API.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        let url = format!("{}{path}", self.stack.api_url);
        let mut request = self.client.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            text: response.text().await.unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// A request without a body that must be accepted. What the API asks to send again is sent again.
    pub async fn ask(&self, method: &str, path: &str) {
        for _ in 0..5 {
            let answer = self.send(method, path, &[], None).await;
            match answer.status {
                202 => return,
                503 => tokio::time::sleep(POLL).await,
                _ => panic!("{method} {path} answered {answer:?}"),
            }
        }
        panic!("{method} {path} was not accepted in five tries");
    }

    pub async fn change(&self, id: &str, verb: &str) {
        self.ask("POST", &format!("/platforms/{id}/{verb}")).await;
    }

    pub async fn tear_down(&self, id: &str) {
        self.ask("DELETE", &format!("/platforms/{id}")).await;
    }

    pub async fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.send("POST", path, &all, Some(body.to_string())).await
    }

    /// Asks for the platform of a sample event; answers its id.
    pub async fn create(&self, event: &str) -> String {
        let answer = self.post("/platforms", &body_of(event), &[]).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn platform(&self, id: &str) -> Value {
        let answer = self.get(&format!("/platforms/{id}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Polls until the platform is as awaited; a platform that is stuck ends the test with everything known of it.
    pub async fn wait(&self, id: &str, what: &str, reached: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        let (mut moved, mut shown) = (begun, Value::Null);
        loop {
            let platform = self.platform(id).await;
            if reached(&platform) {
                return platform;
            }
            let now_shown = json!([platform["phase"], platform["progress"], platform["conditions"]]);
            if now_shown != shown {
                (moved, shown) = (Instant::now(), now_shown);
            }
            if moved.elapsed() > STUCK || begun.elapsed() > CIRCLE {
                panic!("{id}: {what} was not reached\n{}", self.report(id).await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for a phase; another end than the awaited one is reported at once.
    pub async fn reach(&self, id: &str, phase: &str) -> Value {
        let platform =
            self.wait(id, phase, |platform| platform["phase"] == phase || platform["phase"] == "Failed").await;
        if platform["phase"] != phase {
            panic!("{id} is not {phase}\n{}", self.report(id).await);
        }
        platform
    }

    /// Waits until every part is there and nothing is being waited for.
    pub async fn settle(&self, id: &str) -> Value {
        self.wait(id, "all parts at rest", |platform| {
            let progress = &platform["progress"];
            progress["done"] == progress["total"] && progress["waitingOn"] == json!([])
        })
        .await
    }

    /// The journal, oldest first.
    pub async fn timeline(&self, id: &str) -> Vec<String> {
        let answer = self.get(&format!("/platforms/{id}/timeline?limit=200")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let line = |entry: &Value| format!("{} {} (x{})", entry["at"], entry["text"], entry["count"]);
        answer.json()["entries"].as_array().unwrap().iter().rev().map(line).collect()
    }

    /// Polls until the journal has a line with these words.
    pub async fn wait_for_line(&self, id: &str, words: &str) {
        let begun = Instant::now();
        while !self.timeline(id).await.iter().any(|line| line.contains(words)) {
            assert!(begun.elapsed() < STUCK, "{id}: nothing says {words:?}\n{}", self.report(id).await);
            tokio::time::sleep(POLL).await;
        }
    }

    /// What is known of a platform, for people who look for what went wrong.
    pub async fn report(&self, id: &str) -> String {
        let logs = self.stack.logs("provision");
        let logs = logs[logs.len().saturating_sub(40)..].join("\n  ");
        let timeline = self.timeline(id).await.join("\n  ");
        let seed = self.seed;
        format!("seed {seed}, platform {:#}\ntimeline\n  {timeline}\nprovision\n  {logs}", self.platform(id).await)
    }

    /// What exists in the account.
    pub fn inventory(&self) -> Vec<Resource> {
        self.stack.cloud.with_world(|world, _| world.inventory())
    }

    /// Two resources with the tags of one slot.
    pub fn doubles(&self) -> Vec<String> {
        let mut slots: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for it in self.inventory() {
            let tag = |name: &str| it.tags.get(name).cloned().unwrap_or_else(|| panic!("{} has no tag {name}", it.arn));
            slots.entry(format!("{} {}", tag("headend:platform"), tag("headend:slot"))).or_default().push(it.id);
        }
        slots.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(slot, ids)| format!("{slot}: {ids:?}")).collect()
    }

    /// A control route of the local cloud.
    pub async fn control(&self, route: &str, body: &Value) {
        let url = format!("{}/_headend/{route}", self.stack.aws_url);
        let response = self.client.post(url).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        assert_eq!(status, 200, "{route}: {}", response.text().await.unwrap());
    }

    /// A token of the stack's user pool, right or wrong.
    pub async fn token(&self, asked: &Value) -> String {
        let url = format!("{}/_headend/token", self.stack.aws_url);
        let answer: Value = self.client.post(url).json(asked).send().await.unwrap().json().await.unwrap();
        answer["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Create, start, stop, tear down; ends with an empty account.
    pub async fn whole_life(&self, event: &str) -> String {
        let id = self.create(event).await;
        self.reach(&id, "Ready").await;
        self.settle(&id).await;
        self.change(&id, "start").await;
        self.reach(&id, "Live").await;
        self.settle(&id).await;
        assert_eq!(self.doubles(), Vec::<String>::new());
        self.change(&id, "stop").await;
        self.reach(&id, "Ready").await;
        self.tear_down(&id).await;
        self.reach(&id, "Gone").await;
        assert_eq!(self.inventory(), Vec::new(), "left over\n{}", self.report(&id).await);
        id
    }
}
