//! Posts to receivers of webhooks, anywhere on the internet and nowhere else: what a name leads to is looked at before the
//! connection, and the connection goes to what was looked at. Redirects are not followed. Used by `webhooks` and
//! `deliver-webhooks` (decision 019).

use headend_control::ports::{Post, Posted};
use headend_domain::limits::WEBHOOK_ANSWER_SECS;
use headend_domain::webhook::{SAID_KEPT, refused};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, redirect};
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Set by the local cloud when it is told to; a deployed stack never has it.
const LOOPBACK: &str = "HEADEND_LOOPBACK_WEBHOOKS";

pub struct Poster {
    client: Client,
    settings: Settings,
}

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Receivers on this machine, over plain HTTP too: for tests.
    pub loopback: bool,
    /// For the whole exchange, the name's resolution included.
    pub timeout: Duration,
}

impl Settings {
    pub fn from_env() -> Self {
        let loopback = std::env::var(LOOPBACK).is_ok_and(|value| value == "yes");
        Self { loopback, timeout: Duration::from_secs(WEBHOOK_ANSWER_SECS.unsigned_abs()) }
    }
}

impl Poster {
    /// # Errors
    /// TLS could not be set up, in words.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(settings.timeout)
            .dns_resolver(Arc::new(Checked { loopback: settings.loopback }))
            .build()
            .map_err(|error| innermost(&error))?;
        Ok(Self { client, settings })
    }

    async fn answer(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Response, String> {
        // An address in the URL is not resolved, so that the resolver never sees it.
        let parsed = Url::parse(url).map_err(|error| format!("{url:?} is not a URL: {error}"))?;
        let literal = match parsed.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(format!("{url:?} names no host")),
        };
        if let Some(why) = literal.and_then(|address| refused(address, self.settings.loopback)) {
            return Err(why);
        }
        let request =
            headers.iter().fold(self.client.post(parsed), |request, (name, value)| request.header(*name, value));
        request.body(body.to_owned()).send().await.map_err(|error| self.in_words(&error))
    }

    fn in_words(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            let secs = self.settings.timeout.as_secs_f64();
            return format!("no answer within {secs} s: put the message aside, answer, and work on it then");
        }
        if error.is_connect() {
            return format!("no connection: {}", innermost(error));
        }
        innermost(error)
    }
}

impl Post for Poster {
    async fn post(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Posted, String> {
        let mut answer = self.answer(url, headers, body).await?;
        let (status, mut said) = (answer.status().as_u16(), Vec::new());
        // The status is the answer: a body that breaks off changes nothing. A character has four bytes at most.
        while let Ok(Some(chunk)) = answer.chunk().await {
            said.extend_from_slice(&chunk);
            if said.len() >= SAID_KEPT * 4 {
                break;
            }
        }
        Ok(Posted { status, said: String::from_utf8_lossy(&said).into_owned() })
    }

    fn takes_loopback(&self) -> bool {
        self.settings.loopback
    }
}

/// What went wrong at the bottom; what lies above says only that something did.
fn innermost(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// The system's resolver without what must not be connected to.
struct Checked {
    loopback: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let why = found.iter().find_map(|address| refused(address.ip(), loopback));
            let good: Vec<_> = found.into_iter().filter(|it| refused(it.ip(), loopback).is_none()).collect();
            match (good.is_empty(), why) {
                (false, _) => Ok(Box::new(good.into_iter()) as Addrs),
                (true, Some(why)) => Err(format!("{} leads to {why}", name.as_str()).into()),
                (true, None) => Err(format!("{} leads nowhere", name.as_str()).into()),
            }
        })
    }
}
