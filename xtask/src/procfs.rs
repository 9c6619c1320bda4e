//! What a process holds, read from /proc: programs that it started, ports, file handles, memory, temporary files.

use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// What the local cloud holds at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// ffmpegs below it.
    pub processes: usize,
    /// For senders, on which it listens.
    pub ports: usize,
    pub handles: usize,
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
        let Self { processes, ports, handles, files, memory_kib } = self;
        write!(f, "{processes:>10} {ports:>6} {handles:>8} {files:>6} {:>6} MiB", memory_kib / 1024)
    }
}

/// What the local cloud of this process id holds, whose inputs listen on these ports.
pub fn held(id: u32, inputs: Range<u16>) -> Result<Held> {
    let below = below(id);
    let encoders: Vec<u32> = below.into_iter().filter(|(_, name)| name == "ffmpeg").map(|(id, _)| id).collect();
    let handles = handles(id)?;
    let listening = listening(&inputs);
    Ok(Held {
        processes: encoders.len(),
        ports: handles.iter().filter(|handle| listening.contains(*handle)).count(),
        handles: handles.len(),
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

/// Sockets that listen on these ports, as handles lead to them. Of the table's columns the second is the address with the
/// port in hex, the fourth the state, the tenth the inode.
fn listening(ports: &Range<u16>) -> BTreeSet<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let port = |address: &str| u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok();
    let socket = |line: &str| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [_, address, _, "0A", _, _, _, _, _, inode, ..] if port(address).is_some_and(|port| ports.contains(&port)) => {
            Some(format!("socket:[{inode}]"))
        }
        _ => None,
    };
    lines.filter_map(socket).collect()
}

/// Resident, in KiB.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
