//! Where senders push RTMP: one port per pipeline, for the stream name of its input only, and only from addresses on
//! the allow-lists (aws-facts 1.8).
//!
//! Everybody on this machine comes from 127.0.0.1. A test sender can say which address it stands for: `?from=IP` behind
//! the stream's name. Whoever is not allowed is refused as MediaLive does it: the connection closes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, BytesMut};
use ipnet::IpNet;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{ServerSession, ServerSessionConfig, ServerSessionEvent, ServerSessionResult};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Who may push what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// `app/instance`.
    pub stream: String,
    pub allowed: Vec<IpNet>,
}

/// What a sender does, in order.
#[derive(Debug)]
pub enum Pushed {
    Began,
    /// Bytes of an FLV file; the first have its header.
    Flv(bytes::Bytes),
    Ended,
}

/// Takes senders, one after the other, until the task is aborted. One that is there keeps others out.
pub async fn listen(listener: TcpListener, admission: Arc<std::sync::Mutex<Admission>>, pushed: mpsc::Sender<Pushed>) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let admission = admission.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let mut session = Session { stream, peer: peer.ip(), admission, pushed: pushed.clone(), publishing: false };
        if let Err(why) = session.run().await {
            tracing::warn!(%peer, why, "a sender was let go");
        }
        if session.publishing {
            let _ = pushed.send(Pushed::Ended).await;
        }
    }
}

struct Session {
    stream: TcpStream,
    peer: IpAddr,
    admission: Admission,
    pushed: mpsc::Sender<Pushed>,
    publishing: bool,
}

impl Session {
    async fn run(&mut self) -> Result<(), String> {
        let rest = self.handshake().await?;
        let (mut session, results) = ServerSession::new(ServerSessionConfig::new()).map_err(|e| e.to_string())?;
        self.follow(&mut session, results).await?;
        let mut bytes = rest;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let results = session.handle_input(&bytes).map_err(|e| e.to_string())?;
            if !self.follow(&mut session, results).await? {
                return Ok(());
            }
            let read = self.receive(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            bytes = buffer[..read].to_vec();
        }
    }

    async fn handshake(&mut self) -> Result<Vec<u8>, String> {
        let mut handshake = Handshake::new(PeerType::Server);
        let mut buffer = [0; 4096];
        loop {
            let read = self.receive(&mut buffer).await?;
            if read == 0 {
                return Err("it left during the handshake".to_owned());
            }
            match handshake.process_bytes(&buffer[..read]).map_err(|e| e.to_string())? {
                HandshakeProcessResult::InProgress { response_bytes } => self.send(&response_bytes).await?,
                HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                    self.send(&response_bytes).await?;
                    return Ok(remaining_bytes);
                }
            }
        }
    }

    /// Answers what the session answers, and passes on what was pushed. False when the sender has finished.
    async fn follow(&mut self, session: &mut ServerSession, results: Vec<ServerSessionResult>) -> Result<bool, String> {
        let mut results = std::collections::VecDeque::from(results);
        while let Some(result) = results.pop_front() {
            match result {
                ServerSessionResult::OutboundResponse(packet) => self.send(&packet.bytes).await?,
                ServerSessionResult::UnhandleableMessageReceived(_) => {}
                ServerSessionResult::RaisedEvent(event) => match event {
                    ServerSessionEvent::ConnectionRequested { request_id, .. }
                    | ServerSessionEvent::ReleaseStreamRequested { request_id, .. } => {
                        results.extend(session.accept_request(request_id).map_err(|e| e.to_string())?);
                    }
                    ServerSessionEvent::PublishStreamRequested { request_id, app_name, stream_key, .. } => {
                        self.admit(&app_name, &stream_key)?;
                        results.extend(session.accept_request(request_id).map_err(|e| e.to_string())?);
                        self.publishing = true;
                        self.pass(Pushed::Began).await?;
                        self.pass(Pushed::Flv(bytes::Bytes::from_static(FLV_HEADER))).await?;
                    }
                    ServerSessionEvent::AudioDataReceived { data, timestamp, .. } => {
                        self.pass(Pushed::Flv(tag(AUDIO, timestamp.value, &data))).await?;
                    }
                    ServerSessionEvent::VideoDataReceived { data, timestamp, .. } => {
                        self.pass(Pushed::Flv(tag(VIDEO, timestamp.value, &data))).await?;
                    }
                    ServerSessionEvent::PublishStreamFinished { .. } => return Ok(false),
                    ServerSessionEvent::PlayStreamRequested { .. } => return Err("inputs do not play".to_owned()),
                    _ => {}
                },
            }
        }
        Ok(true)
    }

    /// The name of the input, from an address on its list.
    fn admit(&self, app: &str, key: &str) -> Result<(), String> {
        let (instance, query) = key.split_once('?').unwrap_or((key, ""));
        if format!("{app}/{instance}") != self.admission.stream {
            return Err("it pushed to a name that is not this input's".to_owned());
        }
        let from = query.split('&').find_map(|pair| pair.strip_prefix("from="));
        let from: IpAddr = match from {
            None => self.peer,
            Some(text) => text.parse().map_err(|_| format!("from={text} is no address"))?,
        };
        let from = match from {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(from, IpAddr::V4),
            IpAddr::V4(_) => from,
        };
        if self.admission.allowed.iter().any(|net| net.contains(&from)) {
            return Ok(());
        }
        let hint =
            if from == IpAddr::V4(Ipv4Addr::LOCALHOST) { " (senders on this machine are 127.0.0.1)" } else { "" };
        Err(format!("{from}{hint} is not on the input's allow-list"))
    }

    /// A sender that says nothing keeps others out: it is let go.
    async fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, String> {
        match tokio::time::timeout(SILENCE, self.stream.read(buffer)).await {
            Ok(read) => read.map_err(|e| e.to_string()),
            Err(_) => Err(format!("nothing came for {} s", SILENCE.as_secs())),
        }
    }

    async fn pass(&self, what: Pushed) -> Result<(), String> {
        self.pushed.send(what).await.map_err(|_| "the channel has stopped".to_owned())
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).await.map_err(|e| e.to_string())
    }
}

/// For how long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(10);
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
/// Version 1, audio and video, and the size of the tag before the first.
const FLV_HEADER: &[u8] = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00";

/// An FLV tag around what RTMP carries: the same bytes, with kind, length and time in front.
fn tag(kind: u8, time_ms: u32, data: &[u8]) -> bytes::Bytes {
    let mut tag = BytesMut::with_capacity(data.len() + 15);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    tag.put_u8(kind);
    tag.put_uint(u64::from(length), 3);
    tag.put_uint(u64::from(time_ms & 0x00ff_ffff), 3);
    tag.put_u8((time_ms >> 24) as u8);
    tag.put_uint(0, 3);
    tag.put_slice(data);
    tag.put_u32(length + 11);
    tag.freeze()
}
