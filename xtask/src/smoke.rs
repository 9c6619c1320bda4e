//! `cargo xtask smoke`: proves a deployed stack from outside, as its first user would. Reads, refusals, one small platform
//! until it is Ready, on air if asked for, and gone again. It knows the API alone, so that it is the same for a stack on AWS
//! and on the local cloud.

use crate::web::{Answer, Web};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[derive(Args, Clone)]
pub struct Options {
    /// Where the API answers: the stack's output ApiUrl.
    #[arg(long)]
    pub api: String,
    /// An access token for reading, writing and operating; HEADEND_TOKEN where it is not given. None where the API is open.
    #[arg(long)]
    pub token: Option<String>,
    /// Starts and stops the channel too. On AWS that costs money for as long as it runs.
    #[arg(long)]
    pub on_air: bool,
    /// Leaves the platform where it is.
    #[arg(long)]
    pub keep: bool,
    /// How long one phase may take; CloudFront alone takes up to 35 minutes.
    #[arg(long, default_value_t = 2700)]
    pub patience_secs: u64,
    /// How often the platform is looked at.
    #[arg(long, default_value_t = 5000)]
    pub poll_millis: u64,
}

struct Smoke {
    web: Web,
    options: Options,
    begun: Instant,
}

/// A stack that is not as it should be is an error that says what was expected and what came.
pub fn run(options: Options) -> Result<()> {
    let token = options.token.clone().or_else(|| std::env::var("HEADEND_TOKEN").ok());
    let options = Options { token: token.filter(|token| !token.is_empty()), ..options };
    let web = Web::new(&options.api, options.token.clone())?;
    let smoke = Smoke { web, options, begun: Instant::now() };
    smoke.reads()?;
    smoke.refusals()?;
    let id = smoke.create()?;
    let lived = smoke.life(&id);
    let ended = if smoke.options.keep { Ok(()) } else { smoke.remove(&id) };
    match (lived, ended) {
        (Ok(()), Ok(())) => {}
        (Err(error), Ok(())) => return Err(error.context(smoke.left(&id))),
        (Ok(()), Err(error)) => return Err(error.context(format!("{id} was not removed: DELETE it"))),
        (Err(error), Err(second)) => {
            return Err(error.context(format!("{id} was not removed either ({second:#}): DELETE it")));
        }
    }
    smoke.tell(if smoke.options.keep { &id } else { "nothing is left" });
    println!("smoke: PASSED in {} s", smoke.begun.elapsed().as_secs());
    Ok(())
}

impl Smoke {
    fn tell(&self, text: &str) {
        println!("[{:6.1} s] {text}", self.begun.elapsed().as_secs_f64());
    }

    fn left(&self, id: &str) -> String {
        if self.options.keep { format!("{id} is still there") } else { format!("{id} was removed") }
    }

    fn reads(&self) -> Result<()> {
        let page = self.web.get("/platforms?limit=1")?.expect(200, "GET /platforms")?;
        ensure!(page["platforms"].is_array(), "GET /platforms has no list of platforms: {page}");
        self.tell("the API answers reads");
        Ok(())
    }

    /// Each refusal is a problem document of the type that docs/errors.md lists.
    fn refusals(&self) -> Result<()> {
        let nobody = "/platforms/p-000000000000";
        self.web.get(nobody)?.refuses(404, "unknown-platform", "a platform that does not exist")?;
        self.web.get("/no-such-path")?.refuses(404, "unknown-path", "a path that does not exist")?;
        self.web.post("/platforms", Some("{"), &[])?.refuses(400, "not-json", "a body that is not JSON")?;
        let answer = self.web.post("/platforms", Some("{}"), &[])?;
        let problem = answer.refuses(422, "invalid-request", "a platform without a name")?;
        ensure!(problem["errors"][0]["pointer"] == "/name", "the problem does not point to /name: {problem}");
        let public = self.web.without_token();
        public.get(&format!("{nobody}/player-config"))?.refuses(404, "unknown-platform", "a player of no platform")?;
        if self.options.token.is_some() {
            let answer = public.get("/platforms?limit=1")?;
            ensure!(answer.status == 401, "without a token GET /platforms answered {answer}, not 401");
            self.tell("without a token nothing is told");
        }
        self.tell("the API refuses what it should");
        Ok(())
    }

    /// Sent twice with one key, as after a lost answer: it is one platform.
    fn create(&self) -> Result<String> {
        let name = format!("smoke-{}-{}", std::process::id(), self.web.unique());
        let body = json!({
            "name": name,
            "description": "Made by cargo xtask smoke; may be removed",
            "channelClass": "single",
            "inputs": [{"name": "studio", "type": "RTMP_PUSH", "allowFrom": ["192.0.2.1/32"]}],
        });
        let create = || self.web.post("/platforms", Some(&body.to_string()), &[("idempotency-key", &name)]);
        let id = |platform: &Value| platform["id"].as_str().map(str::to_owned).context("the answer has no id");
        let first = id(&create()?.expect(202, "POST /platforms")?)?;
        let second = id(&create()?.expect(202, "the same POST /platforms")?)?;
        ensure!(first == second, "one Idempotency-Key made two platforms, {first} and {second}: DELETE both");
        self.tell(&format!("created {first} ({name})"));
        Ok(first)
    }

    fn life(&self, id: &str) -> Result<()> {
        self.reach(id, "Ready")?;
        let config = self.web.without_token().get(&format!("/platforms/{id}/player-config"))?;
        let etag = config.etag.clone();
        let config = config.expect(200, "GET player-config")?;
        ensure!(config.is_object(), "player-config is no object: {config}");
        let again = self.web.without_token().get_if_none_match(&format!("/platforms/{id}/player-config"), &etag)?;
        ensure!(again.status == 304, "player-config with its own ETag {etag:?} answered {again}, not 304");
        self.tell("players get their configuration, and 304 for what they know");
        let timeline = self.web.get(&format!("/platforms/{id}/timeline"))?.expect(200, "GET timeline")?;
        ensure!(
            timeline["entries"].as_array().is_some_and(|items| !items.is_empty()),
            "the timeline is empty: {timeline}"
        );
        if self.options.on_air {
            self.ask(id, "start")?;
            self.reach(id, "Live")?;
            self.ask(id, "stop")?;
            self.reach(id, "Ready")?;
        }
        Ok(())
    }

    fn ask(&self, id: &str, what: &str) -> Result<()> {
        self.web.post(&format!("/platforms/{id}/{what}"), None, &[])?.expect(202, what)?;
        self.tell(&format!("asked to {what}"));
        Ok(())
    }

    fn remove(&self, id: &str) -> Result<()> {
        self.web.delete(&format!("/platforms/{id}"))?.expect(202, "DELETE")?;
        self.tell("asked to tear down");
        self.reach(id, "Gone")?;
        let config = self.web.without_token().get(&format!("/platforms/{id}/player-config"))?;
        config.refuses(404, "unknown-platform", "the player of a platform that is gone")?;
        Ok(())
    }

    /// Polls, and shows each change of phase or progress.
    fn reach(&self, id: &str, phase: &str) -> Result<()> {
        let since = Instant::now();
        let mut shown = String::new();
        loop {
            let platform = self.web.look(&format!("/platforms/{id}"))?.expect(200, "GET the platform")?;
            let line = progress(&platform);
            if line != shown {
                self.tell(&format!("  {line}"));
                shown.clone_from(&line);
            }
            if platform["phase"] == phase {
                return Ok(());
            }
            if platform["phase"] == "Failed" {
                bail!("the platform failed on its way to {phase}: {}", platform["failures"]);
            }
            let patience = Duration::from_secs(self.options.patience_secs);
            ensure!(
                since.elapsed() < patience,
                "{phase} was not reached in {} s; last seen: {line}",
                patience.as_secs()
            );
            crate::web::pause(Duration::from_millis(self.options.poll_millis));
        }
    }
}

fn progress(platform: &Value) -> String {
    let progress = &platform["progress"];
    let waiting = progress["waitingOn"].as_array().and_then(|on| on.first()).and_then(Value::as_str);
    let waiting = waiting.map_or(String::new(), |on| format!(", {on}"));
    format!("{} {} of {}{waiting}", platform["phase"].as_str().unwrap_or("?"), progress["done"], progress["total"])
}

impl Answer {
    fn expect(self, status: u16, what: &str) -> Result<Value> {
        ensure!(self.status == status, "{what} answered {self}, not {status}");
        serde_json::from_str(&self.body).with_context(|| format!("{what} answered no JSON: {self}"))
    }

    fn refuses(&self, status: u16, kind: &str, what: &str) -> Result<Value> {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let right = self.status == status && problem["type"] == format!("urn:headend:problem:{kind}");
        ensure!(right, "{what}: expected {status} and {kind}, got {self}");
        Ok(problem)
    }
}
