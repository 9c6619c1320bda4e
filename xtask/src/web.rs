//! Requests to an API over http or https, by curl: what a person would use to look, and its TLS is the system's.

use crate::tools::answers;
use anyhow::{Context as _, Result, bail, ensure};
use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A look that fails is repeated this often: networks blink in half an hour.
const LOOKS: u32 = 5;
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

pub struct Web {
    base: String,
    token: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub etag: String,
    pub body: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = if self.body.is_empty() { "nothing" } else { &self.body };
        write!(f, "{} with {body}", self.status)
    }
}

impl Web {
    pub fn new(base: &str, token: Option<String>) -> Result<Self> {
        let base = base.trim_end_matches('/').to_owned();
        let known = base.starts_with("https://") || base.starts_with("http://");
        ensure!(known, "--api takes a URL that begins with https:// or http://, not {base}");
        ensure!(answers("curl", &["--version"]), "curl is missing; install it with: apt-get install curl");
        Ok(Self { base, token })
    }

    pub fn without_token(&self) -> Self {
        Self { base: self.base.clone(), token: None }
    }

    pub fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, None, &[])
    }

    pub fn get_if_none_match(&self, path: &str, etag: &str) -> Result<Answer> {
        self.send("GET", path, None, &[("if-none-match", etag)])
    }

    /// A GET that is repeated where no answer comes, or one that says "later".
    pub fn look(&self, path: &str) -> Result<Answer> {
        for _ in 1..LOOKS {
            match self.get(path) {
                Ok(answer) if !matches!(answer.status, 429 | 500 | 502 | 503 | 504) => return Ok(answer),
                Ok(answer) => eprintln!("GET {path} answered {answer}; looking again"),
                Err(error) => eprintln!("{error:#}; looking again"),
            }
            pause(BETWEEN_LOOKS);
        }
        self.get(path)
    }

    pub fn post(&self, path: &str, json: Option<&str>, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send("POST", path, json, headers)
    }

    pub fn delete(&self, path: &str) -> Result<Answer> {
        self.send("DELETE", path, None, &[])
    }

    /// Something that no other run says.
    #[allow(clippy::disallowed_methods)]
    pub fn unique(&self) -> u128 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
    }

    /// The token goes to curl's standard input, since every user of the machine can read a command line.
    fn send(&self, method: &str, path: &str, json: Option<&str>, headers: &[(&str, &str)]) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--connect-timeout",
            "10",
            "--max-time",
            "60",
            "--proto",
            "=http,https",
        ]);
        curl.args(["--write-out", "\n%{http_code} %header{etag}", "--request", method, "--config", "-"]);
        for (name, value) in headers {
            curl.args(["--header", &format!("{name}: {value}")]);
        }
        if let Some(json) = json {
            curl.args(["--header", "content-type: application/json", "--data-binary", json]);
        }
        let mut child = curl
            .arg(&url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start curl")?;
        let mut config = child.stdin.take().context("curl has no input")?;
        if let Some(token) = &self.token {
            writeln!(config, "header = \"authorization: Bearer {token}\"")?;
        }
        drop(config);
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("{method} {url}: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let (body, last) = text.rsplit_once('\n').context("curl did not say what was answered")?;
        let (status, etag) = last.split_once(' ').unwrap_or((last, ""));
        Ok(Answer { status: status.parse()?, etag: etag.to_owned(), body: body.to_owned() })
    }
}

/// A person would look again after a moment.
#[allow(clippy::disallowed_methods)]
pub fn pause(moment: Duration) {
    std::thread::sleep(moment);
}
