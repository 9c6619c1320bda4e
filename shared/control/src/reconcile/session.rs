//! One turn at a platform: the record in memory, what was read of the table beside it, and how it is written
//! back. A save whose answer is lost is found again by its id.

use super::{Hint, is_gone, journal::Journal, report};
use crate::store::{Counter, Fact, Lease, LeaseChange, Loaded, Save, Steps, StoreError, Tally};
use headend_domain::accept::{Event, accept};
use headend_domain::action::Outcome;
use headend_domain::limits::{LEASE_SECS, Limits};
use headend_domain::phase::{Phase, phase};
use headend_domain::plan::is_at_rest;
use headend_domain::record::{Record, State, Want};
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use std::collections::BTreeSet;

pub struct Session {
    pub record: Record,
    as_read: State,
    /// As the last save left it.
    saved: State,
    due_at: Option<Timestamp>,
    lease: Option<Lease>,
    version: u64,
    pokes: u64,
    /// As the table has it.
    counted: bool,
    /// How many channels of the tenant may run.
    most_running: u32,
    holder: String,
    saves: u32,
    inbox: Vec<(String, Fact)>,
    folded: Vec<String>,
    known_arns: BTreeSet<String>,
    /// Sequences of the messages that the table has.
    kept: BTreeSet<u64>,
    /// The table says already that the platform is gone.
    gone: bool,
    phase: Phase,
    journal: Journal,
    limits: Limits,
}

fn arns(record: &Record) -> impl Iterator<Item = (String, Slot)> {
    let named = |(slot, state): (&Slot, &headend_domain::record::SlotState)| {
        Some((state.object.as_ref()?.arn.clone(), slot.clone()))
    };
    record.state.slots.iter().filter_map(named).collect::<Vec<_>>().into_iter()
}

fn sequences(record: &Record) -> BTreeSet<u64> {
    record.messages.iter().map(|message| message.sequence).collect()
}

impl Session {
    pub fn begin(loaded: Loaded, holder: &str, limits: Limits) -> Self {
        let record = loaded.record;
        Self {
            as_read: record.state.clone(),
            saved: record.state.clone(),
            due_at: loaded.due_at,
            lease: loaded.lease,
            version: loaded.version,
            pokes: loaded.pokes,
            counted: loaded.counted,
            most_running: 0,
            holder: holder.to_owned(),
            saves: 0,
            inbox: loaded.inbox.into_iter().map(|item| (item.id, item.fact)).collect(),
            folded: Vec::new(),
            known_arns: arns(&record).map(|(arn, _)| arn).collect(),
            kept: sequences(&record),
            gone: record.state.gone_at.is_some(),
            phase: phase(&record),
            journal: Journal::default(),
            limits,
            record,
        }
    }

    /// Takes in everything that happened since the last turn.
    pub fn fold(&mut self, hint: Option<&Hint>, unsaved: &[Outcome], now: Timestamp) {
        self.absorb_late(unsaved, now);
        let unanswered =
            |state: &headend_domain::record::SlotState| state.doing.as_ref().is_some_and(|it| it.unanswered);
        if self.record.state.slots.values().any(unanswered) || self.record.state.remedies.is_unanswered() {
            self.accept(&Event::Resumed, now);
        }
        if self.record.asked.generation > self.record.state.seen_generation {
            self.accept(&Event::Asked, now);
        }
        for (id, fact) in std::mem::take(&mut self.inbox) {
            let event = match fact {
                Fact::Alarm { slot, firing, reason, at } => Event::Alarm { slot, firing, reason, at },
                Fact::Hint { slot } => Event::Hint { slot, says: None },
            };
            self.accept(&event, now);
            self.folded.push(id);
        }
        if let Some(hint) = hint {
            self.accept(&Event::Hint { slot: hint.slot.clone(), says: hint.says.clone() }, now);
        }
    }

    /// Brings planned events up to now. An occurrence that is to begin is counted before anything is started for it; where the
    /// tenant has no channel left it does not begin.
    pub async fn attend<S: Steps>(&mut self, store: &S, most: u32, now: Timestamp) -> Result<(), StoreError> {
        self.most_running = most;
        let (before, lines, messages) = (self.record.state.clone(), self.journal.clone(), self.record.messages.clone());
        self.accept(&Event::Attended, now);
        if self.running() == self.counted {
            return Ok(());
        }
        let lease = self.lease(now);
        match self.save(store, LeaseChange::Hold(lease), now).await {
            Err(StoreError::Full { have, most, .. }) => {
                let begun = std::mem::replace(&mut self.record.state, before).broadcasts.on_air;
                (self.journal, self.record.messages) = (lines, messages);
                if let Some(on_air) = begun {
                    let airing = Box::new(on_air.airing);
                    self.accept(&Event::NoRoom { airing, have, most }, now);
                }
                Ok(())
            }
            other => other,
        }
    }

    /// Whether the channel is to be counted among those that run.
    fn running(&self) -> bool {
        self.record.want() == Want::Live
    }

    /// Outcomes that somebody else's save came before: folded in, and looked at again, since they are old.
    pub fn absorb_late(&mut self, outcomes: &[Outcome], now: Timestamp) {
        for outcome in outcomes {
            self.accept(&Event::Outcome(outcome.clone()), now);
            self.accept(&Event::Hint { slot: outcome.slot.clone(), says: None }, now);
        }
    }

    pub fn accept(&mut self, event: &Event, now: Timestamp) {
        for note in accept(&mut self.record, event, now, self.limits) {
            self.journal.write(note);
        }
    }

    /// Whether something has come about that is to be told.
    pub fn has_news(&self, now: Timestamp) -> bool {
        self.record.has_news(&self.saved, now)
    }

    /// Nothing is left to do but to say so: a platform that was to go has gone.
    pub fn conclude(&mut self, now: Timestamp) {
        let gone = self.record.state.gone_at.is_none() && is_gone(&self.record);
        if gone && is_at_rest(&self.record, now, self.limits) {
            self.record.state.gone_at = Some(now);
            for state in self.record.state.slots.values_mut() {
                state.doing = None;
            }
        }
    }

    pub fn lease(&self, now: Timestamp) -> Lease {
        Lease { holder: self.holder.clone(), until: now.plus_secs(LEASE_SECS) }
    }

    /// Whether the table already says all that a release would say.
    pub fn untouched(&self, due_at: Option<Timestamp>) -> bool {
        let same = self.record.state == self.as_read && sequences(&self.record) == self.kept;
        self.lease.is_none() && self.due_at == due_at && self.folded.is_empty() && same
    }

    pub async fn release<S: Steps>(
        &mut self,
        store: &S,
        due_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let release = LeaseChange::Release { pokes: self.pokes, due_at };
        self.save(store, release, now).await
    }

    pub async fn save<S: Steps>(&mut self, store: &S, lease: LeaseChange, now: Timestamp) -> Result<(), StoreError> {
        let reached = phase(&self.record);
        if reached != self.phase {
            self.journal.say(format!("phase {} -> {}", self.phase.word(), reached.word()));
        }
        for note in self.record.tell(&self.saved, now) {
            self.journal.write(note);
        }
        let timeline = self.journal.entries(&mut self.record, self.version, now);
        self.saves += 1;
        let new_arns =
            arns(&self.record).filter(|(arn, _)| !arn.is_empty() && !self.known_arns.contains(arn)).collect();
        let named: BTreeSet<String> = arns(&self.record).map(|(arn, _)| arn).collect();
        let dropped_arns = self.known_arns.difference(&named).cloned().collect();
        let gone = self.record.state.gone_at.is_some();
        let running = self.running();
        let tally = match (self.counted, running) {
            (false, true) => Some(Tally::OneMore { counter: Counter::Running, most: self.most_running }),
            (true, false) => Some(Tally::OneLess { counter: Counter::Running }),
            (true, true) | (false, false) => {
                (gone && !self.gone).then_some(Tally::OneLess { counter: Counter::Platforms })
            }
        };
        let save = Save {
            asked: &self.record.asked,
            state: &self.record.state,
            expect_version: self.version,
            save_id: format!("{}#{}#{}", self.holder, self.version, self.saves),
            lease,
            phase: reached,
            timeline,
            arns: new_arns,
            dropped_arns,
            folded: self.folded.clone(),
            messages: self.record.messages.iter().filter(|it| !self.kept.contains(&it.sequence)).cloned().collect(),
            told: self.kept.difference(&sequences(&self.record)).copied().collect(),
            tally,
            has_calendar: self.record.calendar.version > 0,
            now,
        };
        surely(store, &save).await?;
        self.version += 1;
        self.saved = self.record.state.clone();
        self.known_arns = named;
        self.kept = sequences(&self.record);
        self.gone = gone;
        self.counted = running;
        self.lease = match save.lease {
            LeaseChange::Hold(lease) => Some(lease),
            LeaseChange::Release { .. } => None,
            LeaseChange::Keep => self.lease.take(),
        };
        self.folded.clear();
        self.journal.clear();
        if reached != self.phase {
            report::reached(&self.record, self.phase, reached, now);
        }
        self.phase = reached;
        Ok(())
    }
}

/// Saves, and where the answer is lost finds out whether it was saved.
async fn surely<S: Steps>(store: &S, save: &Save<'_>) -> Result<(), StoreError> {
    let mut last = store.save(save).await;
    for _ in 0..2 {
        let Err(StoreError::Unsure(_)) = &last else { break };
        match store.load(&save.asked.key).await {
            Ok(Some(loaded)) if loaded.saved_by == save.save_id => return Ok(()),
            Ok(Some(loaded)) if loaded.version == save.expect_version => last = store.save(save).await,
            Ok(_) => return Err(StoreError::Conflict),
            Err(StoreError::Unsure(_)) => {}
            Err(error) => return Err(error),
        }
    }
    match last {
        // The same save sent twice: the first one may have landed after all.
        Err(StoreError::Conflict) => match store.load(&save.asked.key).await? {
            Some(loaded) if loaded.saved_by == save.save_id => Ok(()),
            _ => Err(StoreError::Conflict),
        },
        other => other,
    }
}
