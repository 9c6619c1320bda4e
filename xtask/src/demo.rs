//! The main job with no hands: one platform of `events/create-platform.json` from the first request to nothing left.

use crate::stack::{Running, build};
use crate::tools::root;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A step that takes longer than this at default speed is stuck.
const PATIENCE: Duration = Duration::from_secs(240);
/// A whole life at default speed and seed.
const LIFE_MOST: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(400);

struct Demo {
    cloud: Running,
    begun: Instant,
    agent: ureq::Agent,
    id: String,
}

pub fn run(options: &[String]) -> Result<()> {
    build()?;
    let cloud = Running::start(options)?;
    println!("the stack runs on a simulated account: api {} aws {}", cloud.api, cloud.aws);
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    let mut demo = Demo { cloud, begun: Instant::now(), agent: config.build().into(), id: String::new() };
    demo.create()?;
    demo.act("start", "POST", "/start")?;
    demo.reach("Live")?;
    demo.say("the channel is live before CloudFront is deployed", demo.condition("Delivery")? == "not-yet")?;
    demo.wait("every part made and deployed", |platform| {
        let progress = &platform["progress"];
        progress["done"] == progress["total"]
    })?;
    demo.show()?;
    demo.act("stop", "POST", "/stop")?;
    demo.reach("Ready")?;
    demo.act("tear down", "DELETE", "")?;
    demo.reach("Gone")?;
    let took = demo.begun.elapsed();
    let as_usual = options.iter().all(|option| option.starts_with("--record"));
    ensure!(!as_usual || took < LIFE_MOST, "the life took {} s", took.as_secs());
    demo.end()
}

impl Demo {
    fn create(&mut self) -> Result<()> {
        let event: Value = serde_json::from_str(&std::fs::read_to_string(root().join("events/create-platform.json"))?)?;
        let body = event["body"].as_str().context("the sample event has no body")?;
        let mut answer = self
            .agent
            .post(format!("{}/platforms", self.cloud.api))
            .header("content-type", "application/json")
            .header("idempotency-key", "demo")
            .send(body)?;
        let status = answer.status();
        let platform: Value = answer.body_mut().read_json()?;
        ensure!(status == 202, "create answered {status}: {platform}");
        self.id = platform["id"].as_str().context("the answer has no id")?.to_owned();
        self.tell(&format!("created {} ({})", self.id, platform["name"]));
        Ok(())
    }

    fn tell(&self, text: &str) {
        println!("[{:5.1} s] {text}", self.begun.elapsed().as_secs_f64());
    }

    fn say(&self, text: &str, holds: bool) -> Result<()> {
        ensure!(holds, "it was expected that {text}");
        self.tell(text);
        Ok(())
    }

    fn platform(&self) -> Result<Value> {
        let mut answer = self.agent.get(format!("{}/platforms/{}", self.cloud.api, self.id)).call()?;
        let status = answer.status();
        let platform: Value = answer.body_mut().read_json()?;
        ensure!(status == 200, "GET answered {status}: {platform}");
        Ok(platform)
    }

    fn condition(&self, name: &str) -> Result<String> {
        let platform = self.platform()?;
        let conditions = platform["conditions"].as_array().context("no conditions")?;
        let found = conditions.iter().find(|condition| condition["name"] == name);
        Ok(found.and_then(|condition| condition["status"].as_str()).unwrap_or("absent").to_owned())
    }

    fn act(&self, what: &str, method: &str, path: &str) -> Result<()> {
        let url = format!("{}/platforms/{}{path}", self.cloud.api, self.id);
        let mut answer =
            if method == "DELETE" { self.agent.delete(&url).call()? } else { self.agent.post(&url).send_empty()? };
        let status = answer.status();
        ensure!(status == 202, "{what} answered {status}: {}", answer.body_mut().read_to_string()?);
        self.tell(&format!("asked to {what}"));
        Ok(())
    }

    fn reach(&self, phase: &str) -> Result<()> {
        self.wait(&format!("phase {phase}"), |platform| platform["phase"] == phase)
    }

    /// Polls, and shows each change of phase or progress.
    fn wait(&self, what: &str, reached: impl Fn(&Value) -> bool) -> Result<()> {
        let since = Instant::now();
        let mut shown = String::new();
        loop {
            let platform = self.platform()?;
            let progress = &platform["progress"];
            let waiting = progress["waitingOn"].as_array().and_then(|on| on.first()).and_then(Value::as_str);
            let line =
                format!("{} {} of {}", platform["phase"].as_str().unwrap_or("?"), progress["done"], progress["total"]);
            if line != shown {
                self.tell(&format!("  {line}{}", waiting.map_or(String::new(), |on| format!(", {on}"))));
                shown = line;
            }
            if reached(&platform) {
                return Ok(());
            }
            if platform["phase"] == "Failed" {
                bail!("the platform failed: {}", platform["failures"]);
            }
            ensure!(since.elapsed() < PATIENCE, "{what} was not reached: {platform}");
            pause();
        }
    }

    fn show(&self) -> Result<()> {
        let platform = self.platform()?;
        for entry in platform["ingest"].as_array().into_iter().flatten() {
            self.tell(&format!(
                "  push to   {} (pipeline {})",
                entry["url"].as_str().unwrap_or("?"),
                entry["pipeline"]
            ));
        }
        for entry in platform["playback"].as_array().into_iter().flatten() {
            self.tell(&format!("  watch at  {}", entry["url"].as_str().unwrap_or("?")));
        }
        for condition in platform["conditions"].as_array().into_iter().flatten() {
            let reason = condition["reason"].as_str().unwrap_or("");
            self.tell(&format!(
                "  {:<12} {} {reason}",
                condition["name"].as_str().unwrap_or("?"),
                condition["status"].as_str().unwrap_or("?")
            ));
        }
        Ok(())
    }

    fn end(self) -> Result<()> {
        let took = self.begun.elapsed();
        let mut answer = self.agent.get(format!("{}/_headend/inventory", self.cloud.aws)).call()?;
        let status = answer.status();
        let left: Value = answer.body_mut().read_json()?;
        ensure!(status == 200, "the inventory answered {status}: {left}");
        let left = left["resources"].as_array().or_else(|| left.as_array()).context("the inventory is no list")?;
        for resource in left {
            println!("  left in the account: {resource}");
        }
        ensure!(left.is_empty(), "{} resources are left in the account", left.len());
        println!(
            "[{:5.1} s] nothing is left in the account (the archive bucket belongs to the stack)",
            took.as_secs_f64()
        );
        Ok(())
    }
}

/// A person would look again after a moment.
#[allow(clippy::disallowed_methods)]
fn pause() {
    std::thread::sleep(POLL);
}
