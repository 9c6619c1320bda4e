//! What a process holds, read from /proc: programs that it started, ports, file handles, memory, temporary files.

use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// Both ends of eight connections; six were the most that was seen in a whole run.
const MOST_POOLED: usize = 16;

/// What the local cloud holds at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// ffmpegs below it.
    pub processes: usize,
    /// For senders, on which it listens.
    pub ports: usize,
    /// Less those that are kept for use: how many functions are warm, and how many connections they and the table's stand-in
    /// keep, differs from life to life.
    pub handles: usize,
    /// Connections with itself: the pool of the table's stand-in.
    pub pooled: usize,
    /// Functions that run or wait for their next call.
    pub functions: usize,
    pub files: usize,
    /// Of it and its ffmpegs.
    pub memory_kib: u64,
}

impl Held {
    /// In words, what there is more of than in `most`. Memory is not judged here.
    pub fn beyond(&self, most: &Held) -> impl Iterator<Item = String> + use<> {
        let counts = [
            (self.processes, most.processes, "processes"),
            (self.ports, most.ports, "ports"),
            (self.handles, most.handles, "file handles"),
            (self.pooled, most.pooled.max(MOST_POOLED), "connections with itself"),
            (self.files, most.files, "temporary files"),
        ];
        counts
            .into_iter()
            .filter(|(is, most, _)| is > most)
            .map(|(is, most, what)| format!("{is} {what} and not {most}"))
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processes, ports, handles, pooled, functions, files, memory_kib } = self;
        let memory = memory_kib / 1024;
        write!(f, "{processes:>10} {ports:>6} {handles:>8} {pooled:>7} {functions:>9} {files:>6} {memory:>6} MiB")
    }
}

/// What the local cloud of this process id holds, whose inputs listen on these ports.
pub fn held(id: u32, inputs: Range<u16>) -> Result<Held> {
    let (encoders, functions): (Vec<_>, Vec<_>) = below(id).into_iter().partition(|(_, name)| name == "ffmpeg");
    let encoders: Vec<u32> = encoders.into_iter().map(|(id, _)| id).collect();
    let handles = handles(id)?;
    let sockets = sockets();
    let listening = listening(&sockets, &inputs);
    let own: BTreeSet<String> = handles.iter().cloned().collect();
    let with_itself = connected(&sockets, &own);
    let pooled = handles.iter().filter(|handle| with_itself.contains(handle.as_str())).count();
    Ok(Held {
        processes: encoders.len(),
        ports: handles.iter().filter(|handle| listening.contains(handle.as_str())).count(),
        handles: handles.len() - to_functions(&handles, &functions, &sockets) - pooled,
        pooled,
        functions: functions.len(),
        files: temporary_files(id),
        memory_kib: memory(id) + encoders.iter().map(|id| memory(*id)).sum::<u64>(),
    })
}

/// Files, and sockets, in the temporary folders that carry the process's number.
pub fn temporary_files(id: u32) -> usize {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("headend-") && name.split('-').any(|part| part == id.to_string())
    });
    ours.map(|entry| count(&entry.path())).sum()
}

/// Everything in a folder that is no folder.
fn count(path: &Path) -> usize {
    if !path.is_dir() {
        return 1;
    }
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| count(&entry.path())).sum()
}

/// Every process below this one, with its program's name.
fn below(id: u32) -> BTreeMap<u32, String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let all: BTreeMap<u32, (u32, String)> = ids.filter_map(|id| Some((id, parent(id)?))).collect();
    let is_below = |mut at: u32| loop {
        match all.get(&at) {
            Some((parent, _)) if *parent == id => return true,
            Some((parent, _)) => at = *parent,
            None => return false,
        }
    };
    all.iter().filter(|(it, _)| is_below(**it)).map(|(id, (_, name))| (*id, name.clone())).collect()
}

/// `pid (name) state parent ...`; the name may have anything in it.
fn parent(id: u32) -> Option<(u32, String)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (head, tail) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1.to_owned();
    Some((tail.split(' ').nth(1)?.parse().ok()?, name))
}

/// What each open handle leads to.
fn handles(id: u32) -> Result<Vec<String>> {
    let folder = format!("/proc/{id}/fd");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{folder} cannot be read"))?;
    let links = entries.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
    Ok(links.map(|link| link.to_string_lossy().into_owned()).collect())
}

/// How many of the handles lead to functions: pipes whose other end one of them holds, connections with one of them, what
/// listens for those, and the handle by which the end of each is noticed.
fn to_functions(handles: &[String], functions: &[(u32, String)], sockets: &[Socket]) -> usize {
    // A function that has just ended holds nothing any more.
    let theirs: BTreeSet<String> =
        functions.iter().flat_map(|(id, _)| self::handles(*id).unwrap_or_default()).collect();
    let connected = connected(sockets, &theirs);
    let ours = sockets.iter().filter(|it| connected.contains(it.handle.as_str()));
    let called: BTreeSet<&str> = ours.map(|it| it.local.as_str()).collect();
    let listens = |it: &&Socket| it.listens && called.contains(it.local.as_str());
    let listening: BTreeSet<&str> = sockets.iter().filter(listens).map(|it| it.handle.as_str()).collect();
    let leads = |it: &&String| {
        let shared = it.starts_with("pipe:") && theirs.contains(*it);
        shared || connected.contains(it.as_str()) || listening.contains(it.as_str())
    };
    let ends = handles.iter().filter(|it| it.as_str() == "anon_inode:[pidfd]").count();
    handles.iter().filter(leads).count() + ends.min(functions.len())
}

/// Ends of connections whose other end is one of these.
fn connected<'a>(sockets: &'a [Socket], others: &BTreeSet<String>) -> BTreeSet<&'a str> {
    let by_ends: BTreeMap<_, _> = sockets.iter().map(|it| ((&it.local, &it.remote), &it.handle)).collect();
    let other = |it: &&Socket| by_ends.get(&(&it.remote, &it.local)).is_some_and(|other| others.contains(*other));
    sockets.iter().filter(|it| !it.listens).filter(other).map(|it| it.handle.as_str()).collect()
}

/// A row of the kernel's tables of TCP sockets.
struct Socket {
    /// Address and port in hex.
    local: String,
    remote: String,
    listens: bool,
    /// As handles lead to it.
    handle: String,
}

/// Of the tables' columns the second and third are the ends, the fourth is the state, the tenth the inode.
fn sockets() -> Vec<Socket> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let socket = |line: &str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [_, local, remote, state, _, _, _, _, _, inode, ..] => Some(Socket {
            local: (*local).to_owned(),
            remote: (*remote).to_owned(),
            listens: *state == "0A",
            handle: format!("socket:[{inode}]"),
        }),
        _ => None,
    };
    tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(socket).collect()
}

/// Sockets that listen on these ports, as handles lead to them.
fn listening<'a>(sockets: &'a [Socket], ports: &Range<u16>) -> BTreeSet<&'a str> {
    let port = |address: &str| u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok();
    let of_inputs = |it: &&Socket| it.listens && port(&it.local).is_some_and(|port| ports.contains(&port));
    sockets.iter().filter(of_inputs).map(|it| it.handle.as_str()).collect()
}

/// Resident, in KiB.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
