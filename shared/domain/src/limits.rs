//! Every bound of the control plane, with its unit and its reason. Waits on AWS are divided by the time scale
//! that the local cloud sets (1 on AWS); leases and function timeouts are not.

use crate::action::RefusalKind;
use crate::slot::Slot;
use sha2::{Digest, Sha256};

/// A lease outlives the function that holds it (30 s) and is over before the second sweep (60 s).
pub const LEASE_SECS: i64 = 45;
/// The timeout of the function `provision` in the template; the lease is built on it.
pub const FUNCTION_TIMEOUT_SECS: i64 = 30;
/// No action is started with less time than this left: one AWS call with its timeout, and one save.
pub const ACTION_BUDGET_MILLIS: i64 = 14_000;
/// A platform that the sweep has claimed comes up again after this long if nobody settled it.
pub const SWEEP_CLAIM_SECS: i64 = 60;
/// SQS delays a message by 15 minutes at most (aws-facts 5.4b); longer waits are the sweep's.
pub const MAX_WAKE_DELAY_SECS: i64 = 900;
/// Actions of one round that run at the same time: enough for every slot of a large platform that can go at
/// once, few enough for the write rates of the media services (aws-facts 1.5).
pub const MAX_PARALLEL: usize = 8;
/// Rounds of plan and act in one invocation; more would be a loop that does not settle.
pub const MAX_ROUNDS: usize = 40;
/// Shards of the index of due platforms: a hot partition takes 1,000 writes a second.
pub const DUE_SHARDS: u32 = 4;
/// Platforms that one sweep claims of one shard.
pub const SWEEP_PAGE: usize = 100;
/// How long the timeline keeps an entry.
pub const TIMELINE_DAYS: i64 = 90;
/// How long a removed platform can still be asked for.
pub const GONE_DAYS: i64 = 30;
/// How long an Idempotency-Key is remembered.
pub const IDEMPOTENCY_HOURS: i64 = 24;

/// How long a function believes what it has read of a machine client's tenant: a client that is taken out of the table is
/// refused after so long at the latest. Its token may live longer than that.
pub const CLIENT_BELIEVED_SECS: i64 = 300;
/// How many tenants of platforms, or of machine clients, a function keeps in memory: some 100 KB.
pub const REMEMBERED_MOST: usize = 1_000;
/// How often a request is sent again at once when another transaction has one of its items, most likely its tenant's
/// counters: each try takes some milliseconds, and a caller waits for a second at most.
pub const BUSY_TRIES: usize = 6;

/// Planned events of one platform: with every text as long as it may be they stay under 64 KB, like the record.
pub const MAX_EVENTS: usize = 60;
/// Dates on which a planned event does not take place: a season of weekly events.
pub const MAX_EXCEPTIONS: usize = 30;
/// Occurrences of one recurring event that a COUNT may ask for: two years of every day.
pub const MAX_OCCURRENCES: u32 = 731;
/// The slowest start of a channel (aws-facts 1.4).
pub const SLOWEST_START_SECS: i64 = 180;
/// Between two events with less than this between them the channel stays on: stopping and starting it takes as long.
pub const BRIDGE_SECS: i64 = 300;
/// Later than this an event counts as missed: a sweep that comes twice as late as it should still finds it in time.
pub const MISSED_AFTER_SECS: i64 = 120;
/// How often an event is tried again whose tenant has no channel left.
pub const NO_ROOM_PAUSE_SECS: i64 = 60;
/// What became of occurrences is kept of so many; the timeline has all.
pub const PAST_AIRINGS: usize = 10;
/// A planned event that is over leaves the calendar with the first change after so long.
pub const PAST_EVENT_DAYS: i64 = 7;
/// How far the feed of a calendar looks back and ahead: a season's quarter, which programs read again every few minutes.
pub const FEED_BACK_DAYS: i64 = 30;
pub const FEED_AHEAD_DAYS: i64 = 90;
/// Occurrences in a feed; where there are more, the last ones are left out. A function answers 6 MB at most (a quota of Lambda's),
/// and an occurrence with the longest title takes some 700 bytes.
pub const FEED_MOST: usize = 4_000;

/// Alerts of a pipeline that last: the alarm about the input has its own lag, and a minute for the sweep, to say that it is the
/// input. A restart while nobody sends would throw out the sender who comes back.
pub const ALERTS_HOLD_SECS: i64 = ALARM_LAG_SECS + 60;
/// The two periods of an alarm about a signal, and CloudWatch's own delay: before that it tells of the input before.
pub const ALARM_LAG_SECS: i64 = 240;
/// A channel that has just come up, or is just being handed over to or from an event, is left alone for so long.
pub const REMEDY_SETTLE_SECS: i64 = 60;
/// Between two restarts: one pipeline is up again before the other goes down.
pub const RESTART_SPACING_SECS: i64 = 180;
/// MediaLive recovers a pipeline by itself within minutes (aws-facts 1.2); after that it is stuck.
pub const RECOVERY_PATIENCE_SECS: i64 = 600;
/// The first and the longest pause between two remedies for the same trouble.
pub const COOL_DOWN_FIRST_SECS: i64 = 300;
pub const COOL_DOWN_MAX_SECS: i64 = 3600;
/// Remedies for one trouble, after which a person has to look.
pub const REMEDIES_MOST: u32 = 4;
/// What was done about alarms is kept of so many: as many as an hour may have. The timeline has all.
pub const REMEDIES_KEPT: usize = 10;
/// Of the reason of an alarm STATE keeps the beginning; the timeline has more.
pub const REASON_KEPT: usize = 60;
/// How far ahead hands-off may reach: somebody forgets it.
pub const HANDS_OFF_DAYS: i64 = 7;

/// A platform is compared with what was asked for in so long: every slot once, one at a time.
pub const DRIFT_LIVE_ROUND_SECS: i64 = 3600;
/// Nobody watches a platform at rest; every comparison is an invocation.
pub const DRIFT_READY_ROUND_SECS: i64 = 6 * 3600;
/// Two comparisons of a platform are no closer, and what was repaired is looked at again after so long.
pub const DRIFT_PAUSE_SECS: i64 = 60;
/// Repairs of one slot in a day; after that somebody else wants it otherwise, and a person has to say who is right.
pub const DRIFT_REPAIRS_A_DAY: u32 = 3;
/// Slots of one platform that are repaired in a day: whoever takes all of it apart means it.
pub const DRIFT_SLOTS_A_DAY: usize = 12;
/// STATE keeps what differs of so many slots, so many fields of each, and the beginning of each value; the timeline has more.
pub const DRIFTS_KEPT: usize = 3;
pub const DRIFT_FIELDS_KEPT: usize = 2;
pub const DRIFT_VALUE_KEPT: usize = 40;
/// Messages that wait for the bus, an item each. A whole life has fewer than twenty.
pub const OUTBOX_MOST: usize = 50;
/// Entries of one PutEvents (aws-facts 5.4).
pub const MESSAGES_AT_ONCE: usize = 10;
/// Characters of a text within a message.
pub const MESSAGE_TEXT: usize = 120;

/// Webhooks of a tenant: each message is matched against all of them.
pub const MAX_WEBHOOKS: u32 = 20;
/// Platforms that one webhook may name, and characters of its texts: what stays a small item.
pub const WEBHOOK_PLATFORMS: usize = 100;
pub const WEBHOOK_URL: usize = 2_000;
pub const WEBHOOK_DESCRIPTION: usize = 200;
/// A receiver that takes longer is tried again: it should put the message aside and answer.
pub const WEBHOOK_ANSWER_SECS: i64 = 10;
/// The timeout of the function `deliver-webhooks` in the template.
pub const DELIVER_TIMEOUT_SECS: i64 = 60;
/// No attempt is begun with less time than this left: one answer, and what is written of it.
pub const ATTEMPT_BUDGET_MILLIS: i64 = 14_000;
/// A delivery that a function has taken comes up again after so long, if that function did not write down what came of it.
pub const DELIVERY_CLAIM_SECS: i64 = 90;
/// Deliveries that one sweep takes.
pub const DELIVERY_PAGE: usize = 200;
/// How long the log keeps a delivery.
pub const DELIVERY_DAYS: i64 = 14;
/// How long the secret before signs too after a rotation.
pub const SECRET_OVERLAP_HOURS: i64 = 24;
/// Pauses between the tries of a delivery: doubling from the first to the longest, for a day.
const WEBHOOK_FIRST_SECS: i64 = 60;
const WEBHOOK_LONGEST_SECS: i64 = 3600;
const WEBHOOK_PATIENCE_SECS: i64 = 86_400;
/// What was made less long ago is nobody's orphan: its answer may be on the way.
pub const YOUNG_SECS: i64 = 900;
/// The lists of AWS may show what was deleted for minutes.
pub const GONE_SETTLED_SECS: i64 = 900;
/// After so many days without use a platform is pointed out, where nothing else is asked for; and at most.
pub const UNUSED_DAYS: i64 = 30;
pub const UNUSED_DAYS_MOST: i64 = 3650;

/// An effect whose answer was lost may still land this much later; until then a slot is not settled.
const LATE_EFFECT_SECS: i64 = 120;
/// MediaLive does not see a MediaPackage channel for some seconds after it is made (aws-facts 1.7).
const PACKAGING_VISIBLE_MILLIS: i64 = 6_000;
/// MediaPackage knows a new version of the CDN's secret ten minutes after it was put (aws-facts 2.6), and a minute for
/// clocks that differ.
const SECRET_KNOWN_SECS: i64 = 11 * 60;
/// First and largest pause after a throttled or failed call.
const BACKOFF_FIRST_MILLIS: i64 = 2_000;
const BACKOFF_MAX_MILLIS: i64 = 60_000;
/// A bucket of calls fills up in seconds; AWS's own clients wait for as long at most.
const THROTTLED_MAX_MILLIS: i64 = 20_000;
/// A conflict that lasts longer than this is not a passing state; a person has to look.
const CONFLICT_PATIENCE_SECS: i64 = 2 * 3600;

/// The waits of one process: the bounds above, divided by the time scale.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many times faster than real time the account runs; 1 on AWS.
    pub time_scale: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time_scale: 1.0 }
    }
}

/// How a wait for AWS is looked at: first after `first_millis`, then each time the wait has grown by
/// `growth`, and never more often than `least_millis`.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    pub first_millis: i64,
    pub growth: f64,
    pub least_millis: i64,
    /// What people are told, in seconds.
    pub usually: (u32, u32),
}

impl Limits {
    fn scaled(self, millis: i64) -> i64 {
        // Saturating float to integer conversion is what we want here; the values are far below 2^53.
        (millis as f64 / self.time_scale.max(0.001)).ceil() as i64
    }

    /// A wait for what the account does or tells, e.g. for an alarm.
    pub fn of_account(self, secs: i64) -> i64 {
        self.scaled(secs * 1000)
    }

    pub fn late_effect_millis(self) -> i64 {
        self.scaled(LATE_EFFECT_SECS * 1000)
    }

    pub fn packaging_visible_millis(self) -> i64 {
        self.scaled(PACKAGING_VISIBLE_MILLIS)
    }

    pub fn secret_known_millis(self) -> i64 {
        self.scaled(SECRET_KNOWN_SECS * 1000)
    }

    /// The pause after so many tries of a delivery.
    pub fn webhook_pause_millis(self, tries: u32) -> i64 {
        let doubled = WEBHOOK_FIRST_SECS.saturating_mul(1 << tries.saturating_sub(1).min(10));
        self.scaled(doubled.min(WEBHOOK_LONGEST_SECS) * 1000)
    }

    pub fn webhook_patience_millis(self) -> i64 {
        self.scaled(WEBHOOK_PATIENCE_SECS * 1000)
    }

    pub fn conflict_patience_millis(self) -> i64 {
        self.scaled(CONFLICT_PATIENCE_SECS * 1000)
    }

    /// The pause before try number `tries + 1`: doubling, bounded.
    pub fn backoff_millis(self, tries: u32) -> i64 {
        let doubled = BACKOFF_FIRST_MILLIS.saturating_mul(1 << tries.saturating_sub(1).min(10));
        self.scaled(doubled.min(BACKOFF_MAX_MILLIS))
    }

    /// The pause after a refusal. Where AWS takes only so many calls a second, `who` spreads the tries of many platforms, which would
    /// come back together otherwise, time and again.
    pub fn pause_millis(self, kind: RefusalKind, tries: u32, who: &str) -> i64 {
        if kind != RefusalKind::Throttled {
            return self.backoff_millis(tries);
        }
        let most = self.backoff_millis(tries).min(self.scaled(THROTTLED_MAX_MILLIS));
        let [first, second, ..]: [u8; 32] = Sha256::digest(format!("{who}{tries}")).into();
        let share = i64::from(u16::from_be_bytes([first, second]));
        most / 2 + most / 2 * share / i64::from(u16::MAX)
    }

    /// The pause before the next look, `waited` milliseconds into a wait.
    pub fn look_pause_millis(self, looks: Looks, waited: i64) -> i64 {
        let first = self.scaled(looks.first_millis);
        if waited < first {
            return first - waited;
        }
        let step = (waited as f64 * (looks.growth - 1.0)) as i64;
        step.max(self.scaled(looks.least_millis)).max(1)
    }
}

/// What a slot is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitKind {
    Making,
    Starting,
    Stopping,
    Removing,
}

/// Expected durations (aws-facts 1.4 and 3.6) and how finely we look. MediaLive also sends events, so looking is
/// coarse there; CloudFront tells nobody, and a growth of 7 % keeps the lateness under 1.07 of its own time. Nobody
/// waits for the end of a teardown to the second.
pub fn looks(slot: &Slot, kind: WaitKind) -> Looks {
    let (first_millis, growth, least_millis, usually) = match (slot, kind) {
        (Slot::Distribution, WaitKind::Removing) => (180_000, 1.25, 20_000, (180, 600)),
        (Slot::Distribution, WaitKind::Making | WaitKind::Starting | WaitKind::Stopping) => {
            (182_000, 1.07, 10_000, (180, 600))
        }
        (Slot::Channel, WaitKind::Making) => (10_000, 1.5, 3_000, (3, 30)),
        (Slot::Channel, WaitKind::Starting) => (65_000, 1.25, 5_000, (60, 180)),
        (Slot::Channel, WaitKind::Stopping) => (20_000, 1.5, 5_000, (15, 60)),
        (Slot::Channel, WaitKind::Removing) => (15_000, 1.5, 5_000, (10, 120)),
        (Slot::Input(_), WaitKind::Removing) => (10_000, 1.5, 5_000, (5, 30)),
        (Slot::Group(_), _) => (6_000, 1.5, 4_000, (2, 15)),
        (Slot::Input(_), _) => (3_000, 1.5, 2_500, (1, 5)),
        (Slot::Secret | Slot::Packaging | Slot::Endpoint(_) | Slot::Alarm(_), _) => (2_000, 1.5, 2_000, (1, 5)),
    };
    Looks { first_millis, growth, least_millis, usually }
}
