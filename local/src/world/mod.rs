//! The simulated AWS account: what exists in it, what state it is in, and what happens to it as time passes.
//!
//! Every operation takes the time (`now`, epoch milliseconds) and first lets everything happen that was due before it.
//! Same configuration, seed and calls give the same results: no clock, no hash order, no randomness but the seeded one.
//! The shape of a request (required members, enums, encoder rules) is not judged here: `rules` did that before.

pub mod cloudfront;
pub mod cloudwatch;
mod error;
mod events;
mod ids;
mod inventory;
pub mod medialive;
pub mod mediapackage;
mod page;
mod quotas;
mod random;
pub mod secrets;
pub mod sqs;
mod switches;
mod tagging;
mod throttle;
mod timers;
mod topics;
mod viewer;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use error::AwsError;
pub use events::{Emitted, PutEvent};
pub use ids::{rfc3339, rfc3339_secs};
pub use inventory::Resource;
pub use page::{Page, Paged};
pub use quotas::{Quotas, UnknownQuota};
pub use random::Dice;
pub use switches::{Durations, Span, Switches};
pub use throttle::{Kind, Service};
pub use timers::Timer;
pub use topics::{Subscription, Topic};
pub use viewer::{Delivered, Route, ViewerAnswer, path_fits};

/// A moment, in milliseconds since the Unix epoch.
pub type Ms = i64;

/// The tags of a resource.
pub type Tags = BTreeMap<String, String>;

/// What a world is made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorldConfig {
    /// Twelve digits.
    pub account: String,
    pub seed: u64,
    /// Every simulated duration is divided by it. 1.0 in virtual time.
    pub speed: f64,
    pub quotas: Quotas,
    pub switches: Switches,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            account: "123456789012".into(),
            seed: 1,
            speed: 1.0,
            quotas: Quotas::default(),
            switches: Switches::default(),
        }
    }
}

/// The whole account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    pub account: String,
    pub speed: f64,
    pub quotas: Quotas,
    pub switches: Switches,
    pub dice: Dice,
    /// One entry for each region that was ever called.
    pub regions: BTreeMap<String, Region>,
    /// CloudFront is global.
    pub cloudfront: cloudfront::CloudFront,
    /// The first port of push inputs on this machine, where pictures are made; without it their addresses are nobody's.
    #[serde(default)]
    pub ingest_ports: Option<u16>,
    /// Event buses beside each region's default one, as region and name.
    #[serde(default)]
    buses: BTreeSet<(String, String)>,
    /// By their ARNs.
    #[serde(default)]
    topics: BTreeMap<String, Topic>,
    timers: timers::Timers,
    outbox: events::Outbox,
    buckets: throttle::Buckets,
}

/// What lives in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {
    pub medialive: medialive::MediaLive,
    pub mediapackage: mediapackage::MediaPackage,
    pub cloudwatch: cloudwatch::CloudWatch,
    pub secrets: secrets::Secrets,
    pub sqs: sqs::Sqs,
}

impl World {
    /// An empty account.
    pub fn new(config: WorldConfig) -> Self {
        Self {
            account: config.account,
            speed: config.speed,
            quotas: config.quotas,
            switches: config.switches,
            dice: Dice::new(config.seed),
            regions: BTreeMap::new(),
            cloudfront: cloudfront::CloudFront::default(),
            ingest_ports: None,
            buses: BTreeSet::new(),
            topics: BTreeMap::new(),
            timers: timers::Timers::default(),
            outbox: events::Outbox::default(),
            buckets: throttle::Buckets::default(),
        }
    }

    /// Lets everything happen that is due at or before `now`, in order, each at its own time.
    pub fn advance(&mut self, now: Ms) {
        while let Some((due, timer)) = self.timers.pop_due(now) {
            self.fire(due, timer);
        }
    }

    /// When the next thing happens by itself, if anything is under way.
    pub fn next_timer(&self) -> Option<Ms> {
        self.timers.next_due()
    }

    /// The region `name`; it comes into being when it is first named.
    pub fn region(&mut self, name: &str) -> &mut Region {
        if !self.regions.contains_key(name) {
            self.regions.insert(name.to_owned(), Region::default());
        }
        self.regions.get_mut(name).expect("BUG: the region was just inserted")
    }

    fn fire(&mut self, at: Ms, timer: Timer) {
        match timer {
            Timer::MediaLive { region, step } => self.fire_medialive(&region, at, step),
            Timer::CloudWatch { region, step } => self.fire_cloudwatch(&region, at, step),
            Timer::CloudFront { step } => self.fire_cloudfront(step),
        }
    }

    /// How long something that takes `span` on AWS takes here, this time.
    pub(crate) fn lasting(&mut self, span: Span) -> Ms {
        let millis = self.dice.between(span.from_ms, span.to_ms);
        self.scaled(millis)
    }

    /// A simulated duration of `millis`, shortened by the speed; never below one millisecond.
    pub(crate) fn scaled(&self, millis: Ms) -> Ms {
        // Durations are minutes long: a double holds them exactly enough.
        ((millis as f64 / self.speed) as Ms).max(1)
    }

    pub(crate) fn later(&mut self, due: Ms, timer: Timer) {
        self.timers.push(due, timer);
    }
}

/// Members of `change` replace those of `doc`, one by one; anything but an object changes nothing.
pub(crate) fn merge(doc: &mut serde_json::Value, change: serde_json::Value) {
    if let (Some(doc), serde_json::Value::Object(change)) = (doc.as_object_mut(), change) {
        doc.extend(change);
    }
}
