//! Messages to whoever listens on the stack's bus: what became of the platform, its events, its remedies and its budget. They are
//! written down by the save that makes them true, an item each, sent by the planner like any other effect, and taken out when the bus has
//! them: at least once, under an id that never changes (decision 018).

mod news;

use crate::accept::{Note, note};
use crate::action::{Action, Answer, Outcome};
use crate::limits::{Limits, MESSAGES_AT_ONCE, OUTBOX_MOST};
use crate::plan::{Step, WaitReason, wait};
use crate::record::{Record, State};
use crate::slot::Slot;
use crate::time::Timestamp;
pub(crate) use news::degraded;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The part of STATE that belongs to messages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outbox {
    /// The sequence of the last message that was written.
    #[serde(default)]
    pub number: u64,
    /// What the last message about the platform said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// What was told to be degraded has been well since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub well_since: Option<Timestamp>,
    /// How much has been told of the occurrence that has the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Times in a row that the bus took nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub sequence: u64,
    #[serde(rename = "type")]
    pub kind: Kind,
    pub at: Timestamp,
    pub data: Value,
}

/// What is told: the `detail-type` of an event on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "platform.ready")]
    Ready,
    #[serde(rename = "platform.live")]
    Live,
    #[serde(rename = "platform.degraded")]
    Degraded,
    #[serde(rename = "platform.recovered")]
    Recovered,
    #[serde(rename = "platform.stopped")]
    Stopped,
    #[serde(rename = "platform.failed")]
    Failed,
    #[serde(rename = "platform.gone")]
    Gone,
    #[serde(rename = "event.upcoming")]
    Upcoming,
    #[serde(rename = "event.started")]
    Started,
    #[serde(rename = "event.overran")]
    Overran,
    #[serde(rename = "event.ended")]
    Ended,
    #[serde(rename = "remediation.decided")]
    Decided,
    #[serde(rename = "remediation.done")]
    Done,
    #[serde(rename = "remediation.given-up")]
    GivenUp,
    #[serde(rename = "budget.reached")]
    BudgetReached,
}

impl Kind {
    pub const ALL: [Self; 15] = [
        Self::Ready,
        Self::Live,
        Self::Degraded,
        Self::Recovered,
        Self::Stopped,
        Self::Failed,
        Self::Gone,
        Self::Upcoming,
        Self::Started,
        Self::Overran,
        Self::Ended,
        Self::Decided,
        Self::Done,
        Self::GivenUp,
        Self::BudgetReached,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "platform.ready",
            Self::Live => "platform.live",
            Self::Degraded => "platform.degraded",
            Self::Recovered => "platform.recovered",
            Self::Stopped => "platform.stopped",
            Self::Failed => "platform.failed",
            Self::Gone => "platform.gone",
            Self::Upcoming => "event.upcoming",
            Self::Started => "event.started",
            Self::Overran => "event.overran",
            Self::Ended => "event.ended",
            Self::Decided => "remediation.decided",
            Self::Done => "remediation.done",
            Self::GivenUp => "remediation.given-up",
            Self::BudgetReached => "budget.reached",
        }
    }
}

/// What a platform is, as far as messages tell it: what lies between is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    Ready,
    Live,
    Degraded,
    Stopped,
    Failed,
    Gone,
}

/// How far the occurrence that has the channel has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    Upcoming,
    Started,
    Overran,
}

impl Outbox {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Record {
    /// Whether a save now would have something to tell, or to wait with.
    pub fn has_news(&self, saved: &State, now: Timestamp) -> bool {
        let news = news::since(saved, self, now);
        !news.messages.is_empty() || news.well_since != self.state.outbox.well_since
    }

    /// Writes down what there is to tell since the last save. Where the bus has been away for so long that there is no room, the
    /// oldest go; that is said, and seen as a gap in the sequence.
    pub fn tell(&mut self, saved: &State, now: Timestamp) -> Vec<Note> {
        let news = news::since(saved, self, now);
        let outbox = &mut self.state.outbox;
        (outbox.told, outbox.stage, outbox.well_since) = (news.told, news.stage, news.well_since);
        for (kind, data) in news.messages {
            outbox.number += 1;
            self.messages.push(Message { sequence: outbox.number, kind, at: now, data });
        }
        let beyond = self.messages.len().saturating_sub(OUTBOX_MOST);
        let dropped: Vec<Message> = self.messages.drain(..beyond).collect();
        let told = |it: &Message| {
            let (kind, sequence) = (it.kind.word(), it.sequence);
            note(format!("message {sequence} ({kind}) is dropped: the bus has not taken any for too long"))
        };
        dropped.iter().map(told).collect()
    }
}

/// An event's `detail`. The id is the platform's with the sequence: the same however often it is sent.
pub fn detail(record: &Record, message: &Message) -> Value {
    let (key, sequence) = (&record.asked.key, message.sequence);
    json!({
        "id": format!("{}-{sequence}", key.id),
        "sequence": sequence,
        "type": message.kind.word(),
        "at": message.at.to_string(),
        "tenant": key.tenant,
        "platform": {"id": key.id, "name": record.asked.spec.name},
        "data": message.data,
    })
}

/// What the planner does about messages: one call for those that wait, or the wait for another try, or for what is to be told then.
pub(crate) fn step(record: &Record, now: Timestamp) -> Option<Step> {
    let outbox = &record.state.outbox;
    let Some(last) = record.messages.iter().take(MESSAGES_AT_ONCE).next_back() else {
        let at = news::recovered_at(record).filter(|at| *at > now)?;
        return Some(wait(&Slot::Channel, WaitReason::Scheduled, at));
    };
    Some(match outbox.retry_at.filter(|at| *at > now) {
        Some(at) => wait(&Slot::Channel, WaitReason::Scheduled, at),
        None => Step::Act(Action::Publish { through: last.sequence }),
    })
}

/// What the bus has taken goes; what it has not is sent again. Nothing else depends on it.
pub(crate) fn answered(record: &mut Record, outcome: &Outcome, now: Timestamp, limits: Limits) -> Vec<Note> {
    match &outcome.result {
        Ok(Answer::Published { through }) => {
            record.messages.retain(|message| message.sequence > *through);
            let outbox = &mut record.state.outbox;
            (outbox.tries, outbox.retry_at) = (0, None);
            Vec::new()
        }
        Ok(_) => Vec::new(),
        Err(refusal) => {
            let outbox = &mut record.state.outbox;
            outbox.tries = outbox.tries.saturating_add(1);
            outbox.retry_at = Some(now.plus_millis(limits.backoff_millis(outbox.tries)));
            let first = (outbox.tries == 1).then(|| note(format!("messages: trying again after {}", refusal.code)));
            first.into_iter().collect()
        }
    }
}
