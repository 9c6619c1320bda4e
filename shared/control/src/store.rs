//! The port to the table: records, leases, intents, the journal. Every write states what it expects to find.

use headend_domain::accept::NoteKind;
use headend_domain::calendar::Calendar;
use headend_domain::ids::PlatformKey;
use headend_domain::outbox::Message;
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, Record, State};
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Something else was there than was expected; nothing was written.
    #[error("somebody else wrote first")]
    Conflict,
    /// No answer: it may have been written.
    #[error("no answer from the table: {0}")]
    Unsure(String),
    /// Another transaction has one of the items at this moment; nothing was written.
    #[error("another transaction was at work on it")]
    Busy,
    /// The tenant has as many as it may have; nothing was written.
    #[error("the tenant has {have} {counter:?}, and may have {most}")]
    Full { counter: Counter, have: u64, most: u32 },
    /// Refused or not reachable; nothing was written.
    #[error("the table refused: {0}")]
    Failed(String),
    /// The item is there and cannot be read.
    #[error("record of {key} cannot be read: {why}")]
    Poisoned { key: PlatformKey, why: String },
}

pub type Stored<T> = Result<T, StoreError>;

/// What is counted of each tenant, in one item, changed in the very write that makes it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Platforms that are not Gone.
    Platforms,
    /// Platforms whose channel is wanted live.
    Running,
    Webhooks,
}

/// How a write changes what its tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// Provided that there are fewer than `most`; 0 is no limit.
    OneMore {
        counter: Counter,
        most: u32,
    },
    OneLess {
        counter: Counter,
    },
}

/// Everything of one platform that a step needs, read together and consistently.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub record: Record,
    /// Of the STATE item; grows with each save.
    pub version: u64,
    pub lease: Option<Lease>,
    /// Grows with each poke; the release expects the number that was read.
    pub pokes: u64,
    /// The generation that the last accepted request wrote to STATE. Above `record.asked.generation` when the
    /// two items were read at different moments: read again.
    pub asked_generation: u64,
    /// The same of the calendar: its version, as the last accepted change of it wrote it to STATE.
    pub asked_calendar: u64,
    /// Whether the platform's channel is counted among those of its tenant that run: as long as it is wanted live, by a
    /// person or by a planned event.
    pub counted: bool,
    /// The id of the save that wrote this version.
    pub saved_by: String,
    pub due_at: Option<Timestamp>,
    pub inbox: Vec<InboxItem>,
}

impl Loaded {
    /// Whether the items were read at different moments: a request came in between.
    pub fn is_torn(&self) -> bool {
        self.asked_generation > self.record.asked.generation || self.asked_calendar > self.record.calendar.version
    }
}

impl Tally {
    /// What `Loaded::counted` becomes with it; `None`: it stays.
    pub fn counts(self) -> Option<bool> {
        match self {
            Self::OneMore { counter: Counter::Running, .. } => Some(true),
            Self::OneLess { counter: Counter::Running } => Some(false),
            Self::OneMore { counter: Counter::Platforms | Counter::Webhooks, .. }
            | Self::OneLess { counter: Counter::Platforms | Counter::Webhooks } => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub holder: String,
    pub until: Timestamp,
}

/// A fact that another function received for the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxItem {
    /// Orders the items and makes each unique; the same fact twice has the same id.
    pub id: String,
    pub fact: Fact,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fact {
    /// `at` is when the alarm changed its state: older news than what is known is dropped.
    Alarm { slot: Slot, firing: bool, reason: String, at: Timestamp },
    /// AWS said that something happened to this slot's object.
    Hint { slot: Slot },
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Orders the entries; an entry with the id of an earlier one replaces it.
    pub ulid: String,
    pub at: Timestamp,
    pub text: String,
    /// How often it happened in a row.
    pub count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<NoteKind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseChange {
    /// Take it, or keep it on; `due_at` becomes the moment after it ends.
    Hold(Lease),
    /// Give it back, provided that nobody poked since `pokes` was read.
    Release { pokes: u64, due_at: Option<Timestamp> },
    /// Leave lease and due time as they are: an outcome that is applied without the lease.
    Keep,
}

/// One conditional write of STATE and what belongs to it, all or nothing.
#[derive(Debug, Clone)]
pub struct Save<'a> {
    pub asked: &'a Asked,
    pub state: &'a State,
    /// The version that was read; the write makes it one more.
    pub expect_version: u64,
    /// Unique; found again in `Loaded::saved_by` when the answer was lost.
    pub save_id: String,
    pub lease: LeaseChange,
    pub phase: Phase,
    pub timeline: Vec<TimelineEntry>,
    /// Names under which events may speak of the platform's objects.
    pub arns: Vec<(String, Slot)>,
    /// Names of objects that are gone; events about them are of nobody's any more.
    pub dropped_arns: Vec<String>,
    /// Inbox items that `state` now contains.
    pub folded: Vec<String>,
    /// Messages that are new.
    pub messages: Vec<Message>,
    /// Sequences of those that the bus has, or that are dropped.
    pub told: Vec<u64>,
    /// In the save that makes the platform Gone, and in those that begin or end a planned event. One of `Running` holds only
    /// while `asked` is the last word, since an accepted request may count too.
    pub tally: Option<Tally>,
    /// Whether the platform has a calendar, which is forgotten with it.
    pub has_calendar: bool,
    pub now: Timestamp,
}

/// The answer that belongs to an Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    pub key: String,
    /// Of method, path and body.
    pub fingerprint: String,
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// One accepted request: SPEC, the due time on STATE, the Idempotency-Key and a timeline entry, all or nothing.
#[derive(Debug, Clone)]
pub struct Acceptance<'a> {
    pub asked: &'a Asked,
    /// `None` for a new platform; else the generation that was read.
    pub expect_generation: Option<u64>,
    pub remembered: Option<Remembered>,
    pub tally: Option<Tally>,
    /// What `Loaded::counted` has to be still, where the request says start or stop.
    pub counted: Option<bool>,
    pub entry: TimelineEntry,
    /// At most 36 characters; the same token makes a repeated write harmless.
    pub token: String,
    pub now: Timestamp,
}

/// One accepted change of planned events: CALENDAR, the due time on STATE, the Idempotency-Key and a timeline entry, all or
/// nothing. SPEC stays as it is.
#[derive(Debug, Clone)]
pub struct CalendarChange<'a> {
    pub key: &'a PlatformKey,
    pub calendar: &'a Calendar,
    /// The version that was read; 0 for a platform that had no calendar.
    pub expect_version: u64,
    pub remembered: Option<Remembered>,
    pub entry: TimelineEntry,
    /// As of an `Acceptance`.
    pub token: String,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: String,
    pub name: String,
    pub phase: Phase,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What API functions write.
pub trait Intents {
    /// # Errors
    /// `Conflict` when the platform's id, its generation or the Idempotency-Key is not as expected, also when the tenant is
    /// `Full` besides.
    async fn accept(&self, acceptance: &Acceptance<'_>) -> Stored<()>;
    /// # Errors
    /// `Conflict` when the platform is not there, or the calendar's version or the Idempotency-Key is not as expected.
    async fn change_calendar(&self, change: &CalendarChange<'_>) -> Stored<()>;
    async fn remembered(&self, tenant: &str, key: &str) -> Stored<Option<Remembered>>;
}

/// Who belongs to which tenant.
pub trait Tenants {
    /// Of a machine client, as an operator wrote it down.
    async fn tenant_of_client(&self, client: &str) -> Stored<Option<String>>;
    /// Of a platform; written when it is created, and never changed.
    async fn tenant_of_platform(&self, id: &str) -> Stored<Option<String>>;
}

pub trait Records {
    async fn load(&self, key: &PlatformKey) -> Stored<Option<Loaded>>;
}

/// What the lease holder writes.
pub trait Steps: Records {
    /// # Errors
    /// `Conflict` when the version, or on a release the pokes, are not as expected.
    async fn save(&self, save: &Save<'_>) -> Stored<()>;
    /// Tells the holder of that lease to look again; `false` when it is not held by it any more.
    async fn poke(&self, key: &PlatformKey, holder: &str) -> Stored<bool>;
    /// Takes a record that cannot be read out of the index of due platforms.
    async fn set_aside(&self, key: &PlatformKey) -> Stored<()>;
}

pub trait Due {
    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Stored<Vec<(PlatformKey, Timestamp)>>;
    /// Moves the due time, provided that it is still the one that was read.
    async fn claim(&self, key: &PlatformKey, due_at: Timestamp, until: Timestamp) -> Stored<bool>;
}

pub trait Views: Records {
    async fn list(
        &self,
        tenant: &str,
        phase: Option<Phase>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Summary>>;
    /// Newest first.
    async fn timeline(&self, key: &PlatformKey, cursor: Option<&str>, limit: usize) -> Stored<Page<TimelineEntry>>;
    /// Newest first, those that were begun from the one moment to the other, at most `limit`.
    async fn timeline_of(
        &self,
        key: &PlatformKey,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Stored<Page<TimelineEntry>>;
}

/// From a resource's ARN to its platform.
pub trait Lookup {
    async fn platform_of(&self, arn: &str) -> Stored<Option<(PlatformKey, Slot)>>;
}

pub trait Inbox {
    /// Puts the fact where the lease holder folds it in, pokes, and makes the platform due now.
    async fn put_fact(&self, key: &PlatformKey, item: &InboxItem, now: Timestamp) -> Stored<()>;
}

/// The shard of the due index that a platform belongs to.
pub fn shard_of(key: &PlatformKey) -> u32 {
    let sum = key.id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    sum % headend_domain::limits::DUE_SHARDS
}
