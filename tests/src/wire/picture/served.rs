//! What stands for a host of the internet: an HTTP server on this machine with a live HLS stream and a still picture that
//! ffmpeg makes.

use super::super::rig::Folder;
use super::Sender;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

pub struct Served {
    pub address: SocketAddr,
    hosts: Arc<Mutex<BTreeSet<String>>>,
    _encoder: Sender,
    _folder: Folder,
}

impl Served {
    /// The host that it stands for.
    pub const HOST: &str = "venue.example.net";

    /// `/live/index.m3u8` goes on until this is dropped; `/slate.png` is dark grey. The server's thread ends with the process.
    pub fn start() -> Self {
        let folder = Folder::new();
        let live = folder.path().join("live");
        std::fs::create_dir_all(&live).unwrap();
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"]);
        ffmpeg.args(["-f", "lavfi", "-i", "sine=sample_rate=48000", "-c:v", "libx264", "-preset", "ultrafast"]);
        ffmpeg.args(["-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "hls", "-hls_time", "1"]);
        ffmpeg.args(["-hls_flags", "delete_segments"]).arg(live.join("index.m3u8"));
        let encoder = Sender(ffmpeg.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let slate = folder.path().join("slate.png");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-loglevel", "error", "-f", "lavfi", "-i", "color=0x202020:size=320x180", "-frames:v", "1"]);
        assert!(ffmpeg.arg(slate).status().unwrap().success());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, hosts) = (listener.local_addr().unwrap(), Arc::<Mutex<BTreeSet<String>>>::default());
        let (root, seen) = (folder.path().to_owned(), hosts.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (root, seen) = (root.clone(), seen.clone());
                std::thread::spawn(move || answer(connection, root, &seen));
            }
        });
        Self { address, hosts, _encoder: encoder, _folder: folder }
    }

    /// Which hosts were asked for.
    pub fn hosts(&self) -> Vec<String> {
        self.hosts.lock().unwrap().iter().cloned().collect()
    }
}

/// One request: the file of its path.
fn answer(mut connection: TcpStream, root: PathBuf, hosts: &Mutex<BTreeSet<String>>) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
    let path = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)).unwrap_or_default();
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some(host) = line.to_lowercase().strip_prefix("host:") {
            hosts.lock().unwrap().insert(host.trim().to_owned());
        }
    }
    let found = std::fs::read(root.join(path.trim_start_matches('/')));
    let (status, body) = found.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(&body));
}
