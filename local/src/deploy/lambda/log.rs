//! Where the functions' output goes: a bounded memory always, a file per function where a folder is given, and the
//! terminal when asked for.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use super::lock;

/// Lines of each function that are kept in memory.
const KEPT_LINES: usize = 5_000;

/// Collects the lines of all functions.
pub struct LogSink {
    folder: Option<PathBuf>,
    print: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: BTreeMap<String, VecDeque<String>>,
    files: BTreeMap<String, File>,
}

impl LogSink {
    /// `folder` gets one `<function>.log` each; `print` shows every line on stderr.
    pub fn new(folder: Option<PathBuf>, print: bool) -> std::io::Result<Self> {
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { folder, print, state: Mutex::default() })
    }

    /// Adds one line.
    pub fn line(&self, function: &str, line: &str) {
        if self.print {
            eprintln!("[{function}] {line}");
        }
        let mut state = lock(&self.state);
        if let Some(folder) = &self.folder
            && let Err(error) = write(&mut state.files, folder, function, line)
        {
            tracing::warn!(%error, function, "a log line could not be written");
        }
        let lines = state.lines.entry(function.to_owned()).or_default();
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    /// The last lines of a function.
    pub fn lines(&self, function: &str) -> Vec<String> {
        lock(&self.state).lines.get(function).map(|lines| lines.iter().cloned().collect()).unwrap_or_default()
    }
}

fn write(
    files: &mut BTreeMap<String, File>,
    folder: &std::path::Path,
    function: &str,
    line: &str,
) -> std::io::Result<()> {
    if !files.contains_key(function) {
        let path = folder.join(format!("{function}.log"));
        files.insert(function.to_owned(), OpenOptions::new().create(true).append(true).open(path)?);
    }
    match files.get_mut(function) {
        Some(file) => writeln!(file, "{line}"),
        None => Ok(()),
    }
}
