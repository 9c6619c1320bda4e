//! Orphans: what the account has under our mark and no record of a platform has. Whether an object is one follows from what
//! was listed and from the record that was read after it. Pure, like everything here; who may see an orphan is decided where
//! the caller is known (decision 022).

use crate::action::{Seen, Status};
use crate::estimate;
use crate::ids::is_platform_id;
use crate::limits::{GONE_SETTLED_SECS, Limits, YOUNG_SECS};
use crate::phase::{Phase, phase};
use crate::record::Record;
use crate::slot::{AlarmRegion, Slot};
use crate::time::Timestamp;
use std::collections::BTreeMap;

const STACK: &str = "headend:stack";
const PLATFORM: &str = "headend:platform";
const SLOT: &str = "headend:slot";
pub const TENANT: &str = "headend:tenant";

/// Hours of a month, of which a year has twelve.
const HOURS_A_MONTH: i64 = 730;

/// What one list of AWS holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Channel,
    Input,
    Group,
    Packaging,
    Endpoint,
    Distribution,
    Secret,
    Alarm(AlarmRegion),
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Channel,
        Self::Input,
        Self::Group,
        Self::Packaging,
        Self::Endpoint,
        Self::Distribution,
        Self::Secret,
        Self::Alarm(AlarmRegion::Home),
        Self::Alarm(AlarmRegion::UsEast1),
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Input => "input",
            Self::Group => "input-security-group",
            Self::Packaging => "packaging",
            Self::Endpoint => "endpoint",
            Self::Distribution => "distribution",
            Self::Secret => "secret",
            Self::Alarm(_) => "alarm",
        }
    }

    /// What people are told when the list cannot be had.
    pub fn service(self) -> &'static str {
        match self {
            Self::Channel => "MediaLive channels",
            Self::Input => "MediaLive inputs",
            Self::Group => "MediaLive input security groups",
            Self::Packaging => "MediaPackage channels",
            Self::Endpoint => "MediaPackage endpoints",
            Self::Distribution => "CloudFront distributions",
            Self::Secret => "Secrets Manager",
            Self::Alarm(AlarmRegion::Home) => "CloudWatch alarms",
            Self::Alarm(AlarmRegion::UsEast1) => "CloudWatch alarms in us-east-1",
        }
    }

    pub fn of(slot: &Slot) -> Self {
        match slot {
            Slot::Group(_) => Self::Group,
            Slot::Input(_) => Self::Input,
            Slot::Secret => Self::Secret,
            Slot::Packaging => Self::Packaging,
            Slot::Endpoint(_) => Self::Endpoint,
            Slot::Channel => Self::Channel,
            Slot::Distribution => Self::Distribution,
            Slot::Alarm(kind) => Self::Alarm(kind.region()),
        }
    }
}

/// An object that bears our mark: in its tags, or in its name where a list tells no tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub kind: Kind,
    /// As records have it, in `Object::id`.
    pub id: String,
    pub arn: String,
    /// The name that people see in AWS's console.
    pub name: String,
    pub platform: String,
    /// `None`: the mark names none that could hold such an object.
    pub slot: Option<Slot>,
    /// `None`: the list does not tell.
    pub tags: Option<BTreeMap<String, String>>,
    pub created_at: Option<Timestamp>,
    pub seen: Seen,
}

/// What a list tells of an object, before its mark is read.
#[derive(Debug, Clone)]
pub struct Listed {
    pub kind: Kind,
    pub id: String,
    pub arn: String,
    pub name: String,
    pub tags: Option<BTreeMap<String, String>>,
    pub created_at: Option<Timestamp>,
    pub seen: Seen,
}

impl Marked {
    /// `None`: it bears no mark of a Headend.
    pub fn read(listed: Listed) -> Option<Self> {
        let Listed { kind, id, arn, name, tags, created_at, seen } = listed;
        let (platform, slot) = match &tags {
            Some(tags) => {
                let platform = tags.get(PLATFORM).filter(|id| is_platform_id(id))?.clone();
                (platform, tags.get(SLOT).and_then(|slot| slot.parse().ok()))
            }
            None => {
                let (platform, slot) = read_token(name.split(' ').next().unwrap_or_default())?;
                (platform, Some(slot))
            }
        };
        let slot = slot.filter(|slot| Kind::of(slot) == kind);
        // In a home of us-east-1 one list has the alarms of both regions.
        let elsewhere = matches!(kind, Kind::Alarm(_)) && slot.is_none();
        (!elsewhere).then_some(Self { kind, id, arn, name, platform, slot, tags, created_at, seen })
    }

    /// What the API calls it: kind and id, which no other object has together.
    pub fn key(&self) -> String {
        format!("{}.{}", self.kind.word(), self.id)
    }

    pub fn stack(&self) -> Option<&str> {
        self.tag(STACK)
    }

    pub fn tenant(&self) -> Option<&str> {
        self.tag(TENANT)
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.tags.as_ref()?.get(key).map(String::as_str)
    }
}

/// Platform and slot of a token of ours, `hl-p-0123456789ab-alarm-cdn-4xx-1`.
fn read_token(token: &str) -> Option<(String, Slot)> {
    let rest = token.strip_prefix("hl-")?;
    let (platform, rest) = (rest.get(..14)?, rest.get(14..)?);
    let (slot, incarnation) = rest.strip_prefix('-')?.rsplit_once('-')?;
    let counted = !incarnation.is_empty() && incarnation.bytes().all(|b| b.is_ascii_digit());
    let slot = slot.replacen('-', "/", 1).parse().ok()?;
    (counted && is_platform_id(platform)).then(|| (platform.to_owned(), slot))
}

/// Why an object is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NoRecord,
    Gone(Timestamp),
    /// Its slot has another object.
    Replaced,
    /// The spec asks for nothing in its slot.
    NotAskedFor,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoRecord => f.write_str("there is no record of the platform any more"),
            Self::Gone(at) => write!(f, "the platform is gone since {at}"),
            Self::Replaced => f.write_str("the platform has another object in this place"),
            Self::NotAskedFor => f.write_str("the platform asks for nothing in this place"),
        }
    }
}

/// Whether the object is an orphan, and why. `record` was read after the object was listed: what a platform makes is written
/// down before it is made, so that an object whose answer is still awaited finds its slot at work. `held`: a function has the
/// platform's lease.
pub fn why(marked: &Marked, record: Option<&Record>, held: bool, now: Timestamp, limits: Limits) -> Option<Why> {
    let since = |moment: Timestamp| now.millis_since(moment);
    if marked.created_at.is_some_and(|at| since(at) < limits.of_account(YOUNG_SECS)) {
        return None;
    }
    let Some(record) = record else { return Some(Why::NoRecord) };
    let belongs = |(slot, state): (&Slot, &crate::record::SlotState)| {
        Kind::of(slot) == marked.kind && state.object.as_ref().is_some_and(|object| object.id == marked.id)
    };
    let strays = &record.state.strays;
    if record.state.slots.iter().any(belongs) || strays.iter().any(|it| it.id == marked.id) {
        return None;
    }
    if let Some(gone_at) = record.state.gone_at {
        // Lists lag behind deletes.
        return (since(gone_at) >= limits.of_account(GONE_SETTLED_SECS)).then_some(Why::Gone(gone_at));
    }
    if held {
        return None;
    }
    let slot = marked.slot.as_ref()?;
    let state = record.slot(slot);
    let at_work = state.is_some_and(|it| it.doing.is_some() || it.unsettled_until.is_some_and(|until| now < until));
    if at_work || state.is_some_and(|it| it.failure.is_some()) {
        return None;
    }
    if record.object(slot).is_some() {
        return Some(Why::Replaced);
    }
    // A slot that is wanted and empty gets its object, or adopts this one.
    let wanted = crate::request::desired(&record.asked.spec).contains(slot);
    (!wanted && is_at_rest(phase(record))).then_some(Why::NotAskedFor)
}

fn is_at_rest(phase: Phase) -> bool {
    match phase {
        Phase::Ready | Phase::Live => true,
        Phase::Provisioning | Phase::Starting | Phase::Stopping | Phase::TearingDown | Phase::Gone | Phase::Failed => {
            false
        }
    }
}

/// What a delete comes to for an object in this state: several need another step first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    StopChannel,
    Disable,
    Delete,
    /// AWS is at work on it; the word is what the API calls that.
    Wait(&'static str),
}

pub fn next_step(marked: &Marked) -> Step {
    let Seen { status, enabled, .. } = marked.seen;
    match (marked.kind, status) {
        (_, Status::Deleting) => Step::Wait("removing"),
        (Kind::Channel, Status::Stopping) => Step::Wait("stopping"),
        (Kind::Channel, Status::Starting | Status::Running | Status::Recovering) => Step::StopChannel,
        (Kind::Distribution, _) if enabled => Step::Disable,
        (Kind::Distribution, Status::Making) => Step::Wait("disabling"),
        (Kind::Channel | Kind::Input, Status::Making | Status::Updating) => Step::Wait("waiting"),
        _ => Step::Delete,
    }
}

/// The state in one word, as the API shows it.
pub fn state_word(marked: &Marked) -> &'static str {
    let Seen { status, enabled, .. } = marked.seen;
    match status {
        Status::Making if marked.kind == Kind::Distribution && enabled => "deploying",
        Status::Making if marked.kind == Kind::Distribution => "disabling",
        Status::Ready if !enabled => "disabled",
        Status::Making => "making",
        Status::Ready => "ready",
        Status::InUse => "in-use",
        Status::Starting => "starting",
        Status::Running => "running",
        Status::Recovering => "recovering",
        Status::Stopping => "stopping",
        Status::Updating => "updating",
        Status::Deleting => "removing",
        Status::Broken => "broken",
    }
}

/// Whether somebody made a platform and never used it: ready for so many days, never on air and without an event planned.
pub fn is_unused(record: &Record, days: i64, now: Timestamp) -> bool {
    let state = &record.state;
    let never_on_air = state.meter.is_default() && state.live_since.is_none();
    let never_planned = record.calendar.events.is_empty() && state.broadcasts.is_default();
    let age = now.millis_since(record.asked.created_at);
    never_on_air && never_planned && phase(record) == Phase::Ready && age >= days.saturating_mul(86_400_000)
}

/// What a platform at rest costs in a month, in millionths of a dollar.
pub fn idle_month_micros(record: &Record) -> i64 {
    estimate::total(&estimate::idle(&record.asked.spec)).saturating_mul(HOURS_A_MONTH)
}
