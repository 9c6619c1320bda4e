//! Collects lines for the timeline. The same line in a row is folded into one with a count.

use crate::store::TimelineEntry;
use headend_domain::accept::Note;
use headend_domain::record::{LastNote, Record};
use headend_domain::time::Timestamp;
use sha2::{Digest, Sha256};

#[derive(Default, Clone)]
pub struct Journal {
    lines: Vec<Note>,
}

impl Journal {
    pub fn write(&mut self, line: Note) {
        self.lines.push(line);
    }

    /// A line of no kind.
    pub fn say(&mut self, text: String) {
        self.write(Note { text, kind: None });
    }

    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// The lines as entries. Their ids follow from platform, version and place, so that a save sent twice
    /// writes the same entries.
    pub fn entries(&self, record: &mut Record, version: u64, now: Timestamp) -> Vec<TimelineEntry> {
        let mut entries: Vec<TimelineEntry> = Vec::new();
        let mut last = record.state.last_note.clone();
        for (index, Note { text, kind }) in self.lines.iter().enumerate() {
            let note = match last.take() {
                Some(last) if last.text == *text => LastNote { count: last.count.saturating_add(1), ..last },
                _ => {
                    LastNote { ulid: entry_id(&record.asked.key.id, version, index, now), text: text.clone(), count: 1 }
                }
            };
            entries.retain(|entry| entry.ulid != note.ulid);
            entries.push(TimelineEntry {
                ulid: note.ulid.clone(),
                at: now,
                text: note.text.clone(),
                count: note.count,
                kind: *kind,
            });
            last = Some(note);
        }
        record.state.last_note = last;
        entries
    }
}

/// The first id that an entry of the one moment may have, and the last of the other.
pub fn ulids(from: Timestamp, until: Timestamp) -> (String, String) {
    let id =
        |moment: Timestamp, random| ulid::Ulid::from_parts(u64::try_from(moment.0).unwrap_or(0), random).to_string();
    (id(from, 0), id(until, u128::MAX))
}

/// A ULID: the time, then version and place in order, then a hash of the platform.
pub fn entry_id(platform: &str, version: u64, index: usize, now: Timestamp) -> String {
    let hash = Sha256::digest(platform.as_bytes());
    let tail = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    let random = (u128::from(version & 0xffff_ffff) << 48) | ((index as u128 & 0xffff) << 32) | u128::from(tail);
    let millis = u64::try_from(now.0).unwrap_or(0);
    ulid::Ulid::from_parts(millis, random).to_string()
}
