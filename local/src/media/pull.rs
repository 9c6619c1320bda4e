//! Inputs that the channel fetches by itself: HLS, RTMP and MP4 files, by ffmpeg. Nothing is fetched from the real internet:
//! a host is one that `--resolve HOST=ADDRESS` names, at an address of this machine.
//!
//! There is no TLS at that address: https is asked for as http, rtmps as rtmp.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::source::{Decoder, Decoding, Source};
use crate::world::medialive::{Input, InputType};

/// Where hosts are found.
pub type Resolve = BTreeMap<String, SocketAddr>;

/// What ffmpeg is told before the output: the address, and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull(pub Vec<String>);

impl Pull {
    /// Of one source of an input.
    ///
    /// # Errors
    /// Why there is no picture, for people.
    pub fn of(input: &Input, url: &str, looped: bool, resolve: &Resolve) -> Result<Self, String> {
        let mut words = Vec::new();
        // A file comes as fast as it is shown; a live stream does so by itself, but for its first segments.
        let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
        add(&["-re"]);
        if input.kind == InputType::Mp4File && looped {
            add(&["-stream_loop", "-1"]);
        }
        let from = match input.kind {
            InputType::RtmpPull => from_stand_in(url, &["rtmp", "rtmps"], resolve)?,
            _ => over_http(url, resolve)?,
        };
        words.extend(from);
        Ok(Self(words))
    }
}

/// What ffmpeg reads an http or https address by.
///
/// # Errors
/// Why nobody answers there, for people.
pub fn over_http(url: &str, resolve: &Resolve) -> Result<Vec<String>, String> {
    from_stand_in(url, &["http", "https"], resolve)
}

/// An address of one of these schemes, the first of which is the one without TLS.
fn from_stand_in(url: &str, schemes: &[&str], resolve: &Resolve) -> Result<Vec<String>, String> {
    let parsed = url::Url::parse(url).map_err(|error| error.to_string())?;
    let host = parsed.host_str().unwrap_or_default();
    if !schemes.contains(&parsed.scheme()) {
        return Err(format!("nothing is fetched by {} here", parsed.scheme()));
    }
    let address = resolve
        .get(host)
        .ok_or_else(|| format!("{host} is nobody here; start the local cloud with --resolve {host}=127.0.0.1:PORT"))?;
    let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
    let place = format!("{}://{address}{}{query}", schemes[0], parsed.path());
    let input = ["-i".to_owned(), place];
    let header = ["-headers".to_owned(), format!("Host: {host}\r\n")];
    Ok(header.into_iter().filter(|_| schemes[0] == "http").chain(input).collect())
}

/// A source that sends nothing is asked again after this time.
const AGAIN: Duration = Duration::from_secs(2);
/// For how long a source may send nothing.
const SILENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(200);

/// Fetches until the task is aborted.
pub async fn pull(what: Pull, source: Source, how: Decoding) {
    loop {
        if let Some(mut decoder) = Decoder::start(&source, &how, &what.0) {
            follow(&mut decoder, &source).await;
        }
        source.lock().restart(false);
        tokio::time::sleep(AGAIN).await;
    }
}

/// Until the decoder ends, or sends nothing for long.
async fn follow(decoder: &mut Decoder, source: &Source) {
    let (mut seen, mut last) = (0, Instant::now());
    while !decoder.has_ended() && last.elapsed() < SILENCE {
        tokio::time::sleep(LOOK).await;
        let mut decoded = source.lock();
        if decoded.frames_in > seen {
            (seen, last) = (decoded.frames_in, Instant::now());
            decoded.connected = true;
        }
    }
}
