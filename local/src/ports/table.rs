//! The table of a simulated life, in memory: the same conditions as the DynamoDB table, checked by the same
//! conformance suite.

use headend_control::reconcile::ulids;
use headend_control::store::{
    Acceptance, CalendarChange, Counter, InboxItem, Lease, LeaseChange, Loaded, Page, Remembered, Save, StoreError,
    Stored, Summary, Tally, TimelineEntry, shard_of,
};
use headend_domain::calendar::Calendar;
use headend_domain::ids::PlatformKey;
use headend_domain::outbox::Message;
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, Record, SCHEMA, State};
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<PlatformKey, Row>,
    remembered: BTreeMap<(String, String), Remembered>,
    arns: BTreeMap<String, (PlatformKey, Slot)>,
    tokens: BTreeSet<String>,
    /// Tenants of platforms.
    owners: BTreeMap<String, String>,
    /// Tenants of machine clients; an operator's.
    pub clients: BTreeMap<String, String>,
    held: BTreeMap<String, Held>,
    pub hooks: super::hooks::Hooks,
    /// As many of the next requests find another transaction at work.
    pub busy: u32,
}

/// What a tenant has, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    pub platforms: i64,
    pub running: i64,
    pub webhooks: i64,
}

#[derive(Debug, Clone)]
struct Row {
    asked: Asked,
    state: State,
    calendar: Calendar,
    asked_calendar: u64,
    counted: bool,
    version: u64,
    lease: Option<Lease>,
    pokes: u64,
    saved_by: String,
    due_at: Option<Timestamp>,
    phase: Phase,
    inbox: BTreeMap<String, InboxItem>,
    messages: BTreeMap<u64, Message>,
    timeline: BTreeMap<String, TimelineEntry>,
}

impl Table {
    pub fn accept(&mut self, acceptance: &Acceptance<'_>) -> Stored<()> {
        if self.tokens.contains(&acceptance.token) {
            return Ok(());
        }
        if self.busy > 0 {
            self.busy -= 1;
            return Err(StoreError::Busy);
        }
        let key = &acceptance.asked.key;
        let idem = acceptance.remembered.as_ref().map(|it| ((key.tenant.clone(), it.key.clone()), it.clone()));
        if idem.as_ref().is_some_and(|(key, _)| self.remembered.contains_key(key)) {
            return Err(StoreError::Conflict);
        }
        let found = self.rows.get(key).map(|row| row.asked.generation);
        if found != acceptance.expect_generation || (found.is_none() && self.owners.contains_key(&key.id)) {
            return Err(StoreError::Conflict);
        }
        let counted = self.rows.get(key).is_some_and(|row| row.counted);
        if acceptance.counted.is_some_and(|expected| expected != counted) {
            return Err(StoreError::Conflict);
        }
        self.count(&key.tenant, acceptance.tally)?;
        match self.rows.get_mut(key) {
            None => {
                self.rows.insert(key.clone(), Row::fresh(acceptance));
                self.owners.insert(key.id.clone(), key.tenant.clone());
            }
            Some(row) => {
                row.asked = acceptance.asked.clone();
                row.due_at = Some(acceptance.now);
                row.pokes += 1;
                row.counted = acceptance.tally.and_then(Tally::counts).unwrap_or(row.counted);
                row.timeline.insert(acceptance.entry.ulid.clone(), acceptance.entry.clone());
            }
        }
        self.remembered.extend(idem);
        self.tokens.insert(acceptance.token.clone());
        Ok(())
    }

    pub fn change_calendar(&mut self, change: &CalendarChange<'_>) -> Stored<()> {
        if self.tokens.contains(&change.token) {
            return Ok(());
        }
        let idem = change.remembered.as_ref().map(|it| ((change.key.tenant.clone(), it.key.clone()), it.clone()));
        if idem.as_ref().is_some_and(|(key, _)| self.remembered.contains_key(key)) {
            return Err(StoreError::Conflict);
        }
        let there = |row: &&mut Row| row.calendar.version == change.expect_version;
        let row = self.rows.get_mut(change.key).filter(there).ok_or(StoreError::Conflict)?;
        row.calendar = change.calendar.clone();
        row.asked_calendar = change.calendar.version;
        row.due_at = Some(change.now);
        row.pokes += 1;
        row.timeline.insert(change.entry.ulid.clone(), change.entry.clone());
        self.remembered.extend(idem);
        self.tokens.insert(change.token.clone());
        Ok(())
    }

    /// Whether a write with this token was made.
    pub(super) fn is_done(&self, token: &str) -> bool {
        self.tokens.contains(token)
    }

    pub(super) fn remember(&mut self, tenant: &str, remembered: Option<Remembered>, token: &str) {
        self.remembered.extend(remembered.map(|it| ((tenant.to_owned(), it.key.clone()), it)));
        self.tokens.insert(token.to_owned());
    }

    pub(super) fn count(&mut self, tenant: &str, tally: Option<Tally>) -> Stored<()> {
        let held = self.held.entry(tenant.to_owned()).or_default();
        match tally {
            None => {}
            Some(Tally::OneMore { counter, most }) => {
                let have = held.of(counter);
                if most > 0 && *have >= i64::from(most) {
                    return Err(StoreError::Full { counter, have: u64::try_from(*have).unwrap_or(0), most });
                }
                *have += 1;
            }
            Some(Tally::OneLess { counter }) => *held.of(counter) -= 1,
        }
        Ok(())
    }

    pub fn held(&self, tenant: &str) -> Held {
        self.held.get(tenant).copied().unwrap_or_default()
    }

    /// What is left of a platform when its items have expired: nothing.
    pub fn forget(&mut self, key: &PlatformKey) {
        self.rows.remove(key);
        self.owners.remove(&key.id);
        self.arns.retain(|_, (of, _)| of != key);
    }

    pub fn owner(&self, id: &str) -> Option<String> {
        self.owners.get(id).cloned()
    }

    pub fn remembered(&self, tenant: &str, key: &str) -> Option<Remembered> {
        self.remembered.get(&(tenant.to_owned(), key.to_owned())).cloned()
    }

    pub fn load(&self, key: &PlatformKey) -> Option<Loaded> {
        let row = self.rows.get(key)?;
        Some(Loaded {
            record: row.record(),
            version: row.version,
            lease: row.lease.clone(),
            pokes: row.pokes,
            asked_generation: row.asked.generation,
            asked_calendar: row.asked_calendar,
            counted: row.counted,
            saved_by: row.saved_by.clone(),
            due_at: row.due_at,
            inbox: row.inbox.values().cloned().collect(),
        })
    }

    pub fn save(&mut self, save: &Save<'_>) -> Stored<()> {
        let key = &save.asked.key;
        let counts = save.tally.and_then(Tally::counts);
        let expected = |row: &&Row| {
            let last_word =
                row.counted != counts.unwrap_or(!row.counted) && row.asked.generation == save.asked.generation;
            let poked = matches!(&save.lease, LeaseChange::Release { pokes, .. } if *pokes != row.pokes);
            row.version == save.expect_version && !poked && (counts.is_none() || last_word)
        };
        if self.rows.get(key).filter(expected).is_none() {
            return Err(StoreError::Conflict);
        }
        self.count(&key.tenant, save.tally)?;
        let row = self.rows.get_mut(key).ok_or(StoreError::Conflict)?;
        row.counted = counts.unwrap_or(row.counted);
        match &save.lease {
            LeaseChange::Hold(lease) => {
                row.due_at = Some(lease.until.plus_secs(1));
                row.lease = Some(lease.clone());
            }
            LeaseChange::Release { due_at, .. } => {
                row.due_at = *due_at;
                row.lease = None;
            }
            LeaseChange::Keep => {}
        }
        row.state = save.state.clone();
        row.version += 1;
        row.saved_by = save.save_id.clone();
        row.phase = save.phase;
        row.timeline.extend(save.timeline.iter().map(|entry| (entry.ulid.clone(), entry.clone())));
        for id in &save.folded {
            row.inbox.remove(id);
        }
        row.messages.extend(save.messages.iter().map(|message| (message.sequence, message.clone())));
        row.messages.retain(|sequence, _| !save.told.contains(sequence));
        for arn in &save.dropped_arns {
            self.arns.remove(arn);
        }
        self.arns.extend(save.arns.iter().map(|(arn, slot)| (arn.clone(), (key.clone(), slot.clone()))));
        Ok(())
    }

    pub fn poke(&mut self, key: &PlatformKey, holder: &str) -> bool {
        let held = |row: &&mut Row| row.lease.as_ref().is_some_and(|lease| lease.holder == holder);
        let Some(row) = self.rows.get_mut(key).filter(held) else { return false };
        row.pokes += 1;
        true
    }

    pub fn set_aside(&mut self, key: &PlatformKey) {
        if let Some(row) = self.rows.get_mut(key) {
            row.due_at = None;
        }
    }

    pub fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Vec<(PlatformKey, Timestamp)> {
        let mut due: Vec<(Timestamp, PlatformKey)> = self
            .rows
            .iter()
            .filter(|(key, _)| shard_of(key) == shard)
            .filter_map(|(key, row)| Some((row.due_at.filter(|at| *at <= now)?, key.clone())))
            .collect();
        due.sort();
        due.into_iter().take(limit).map(|(at, key)| (key, at)).collect()
    }

    pub fn claim(&mut self, key: &PlatformKey, due_at: Timestamp, until: Timestamp) -> bool {
        let Some(row) = self.rows.get_mut(key).filter(|row| row.due_at == Some(due_at)) else { return false };
        row.due_at = Some(until);
        true
    }

    /// Cursors are the position in the list, as text.
    pub fn list(
        &self,
        tenant: &str,
        phase: Option<Phase>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Summary>> {
        let mut rows: Vec<&Row> = self
            .rows
            .values()
            .filter(|row| row.asked.key.tenant == tenant && phase.is_none_or(|phase| row.phase == phase))
            .collect();
        rows.sort_by_key(|row| (row.asked.created_at, row.asked.key.id.clone()));
        rows.reverse();
        let summary = |row: &Row| Summary {
            id: row.asked.key.id.clone(),
            name: row.asked.spec.name.clone(),
            phase: row.phase,
            created_at: row.asked.created_at,
        };
        page(rows.into_iter().map(summary).collect(), cursor, limit)
    }

    pub fn timeline(&self, key: &PlatformKey, cursor: Option<&str>, limit: usize) -> Stored<Page<TimelineEntry>> {
        let entries = self.rows.get(key).map(|row| row.timeline.values().rev().cloned().collect()).unwrap_or_default();
        page(entries, cursor, limit)
    }

    pub fn timeline_of(
        &self,
        key: &PlatformKey,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Stored<Page<TimelineEntry>> {
        let (first, last) = ulids(from, until);
        let entries = self.rows.get(key).map(|row| row.timeline.range(first..=last).rev().map(|(_, it)| it.clone()));
        page(entries.map(Iterator::collect).unwrap_or_default(), None, limit)
    }

    pub fn platform_of(&self, arn: &str) -> Option<(PlatformKey, Slot)> {
        self.arns.get(arn).cloned()
    }

    pub fn put_fact(&mut self, key: &PlatformKey, item: &InboxItem, now: Timestamp) -> Stored<()> {
        let row = self.rows.get_mut(key).ok_or(StoreError::Conflict)?;
        row.inbox.insert(item.id.clone(), item.clone());
        row.pokes += 1;
        row.due_at = Some(now);
        Ok(())
    }

    /// Every record, for tests.
    pub fn records(&self) -> Vec<Record> {
        self.rows.values().map(Row::record).collect()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.rows.values().filter_map(|row| row.due_at).min()
    }
}

impl Held {
    fn of(&mut self, counter: Counter) -> &mut i64 {
        match counter {
            Counter::Platforms => &mut self.platforms,
            Counter::Running => &mut self.running,
            Counter::Webhooks => &mut self.webhooks,
        }
    }
}

impl Row {
    fn record(&self) -> Record {
        Record {
            asked: self.asked.clone(),
            state: self.state.clone(),
            calendar: self.calendar.clone(),
            messages: self.messages.values().cloned().collect(),
        }
    }

    fn fresh(acceptance: &Acceptance<'_>) -> Self {
        Self {
            asked: acceptance.asked.clone(),
            state: State { schema: SCHEMA, ..State::default() },
            calendar: Calendar::default(),
            asked_calendar: 0,
            counted: false,
            version: 0,
            lease: None,
            pokes: 0,
            saved_by: String::new(),
            due_at: Some(acceptance.now),
            phase: Phase::Provisioning,
            inbox: BTreeMap::new(),
            messages: BTreeMap::new(),
            timeline: BTreeMap::from([(acceptance.entry.ulid.clone(), acceptance.entry.clone())]),
        }
    }
}

pub(super) fn page<T>(all: Vec<T>, cursor: Option<&str>, limit: usize) -> Stored<Page<T>> {
    let bad = |_| StoreError::Failed("the cursor is not one that was given out".to_owned());
    let from: usize = cursor.map_or(Ok(0), str::parse).map_err(bad)?;
    let next = (from + limit < all.len()).then(|| (from + limit).to_string());
    Ok(Page { items: all.into_iter().skip(from).take(limit).collect(), next })
}
