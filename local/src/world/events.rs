//! Events on their way to the default bus of a region, as whole EventBridge envelopes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Ms, World, ids};

/// An event that reached the bus at `at`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Emitted {
    pub at: Ms,
    pub region: String,
    /// None: the region's default bus.
    #[serde(default)]
    pub bus: Option<String>,
    /// version, id, source, account, time, region, resources, detail-type, detail.
    pub event: Value,
}

/// Events in the order in which they come due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outbox {
    waiting: Vec<Emitted>,
}

impl Outbox {
    fn post(&mut self, emitted: Emitted) {
        let place = self.waiting.partition_point(|other| other.at <= emitted.at);
        self.waiting.insert(place, emitted);
    }
}

/// What an event says, without its envelope.
pub(crate) struct Notice<'a> {
    pub(crate) source: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) resource: String,
    pub(crate) detail: Value,
}

/// An entry of PutEvents.
pub struct PutEvent<'a> {
    pub source: &'a str,
    pub kind: &'a str,
    pub time: Ms,
    pub detail: Value,
}

impl World {
    pub fn add_bus(&mut self, region: &str, name: &str) {
        self.buses.insert((region.to_owned(), name.to_owned()));
    }

    pub fn has_bus(&self, region: &str, name: &str) -> bool {
        name == "default" || self.buses.contains(&(region.to_owned(), name.to_owned()))
    }

    /// Puts a caller's own event on a bus; answers its id.
    pub fn put_event(&mut self, region: &str, bus: &str, now: Ms, put: PutEvent<'_>) -> String {
        let id = self.dice.uuid();
        let event = json!({
            "version": "0",
            "id": id,
            "detail-type": put.kind,
            "source": put.source,
            "account": self.account,
            "time": ids::rfc3339_secs(put.time),
            "region": region,
            "resources": [],
            "detail": put.detail,
        });
        let bus = Some(bus.to_owned()).filter(|bus| bus != "default");
        self.outbox.post(Emitted { at: now, region: region.to_owned(), bus, event });
        id
    }

    /// Takes the events that are due at `now`, in order.
    pub fn take_events(&mut self, now: Ms) -> Vec<Emitted> {
        self.advance(now);
        let due = self.outbox.waiting.partition_point(|emitted| emitted.at <= now);
        self.outbox.waiting.drain(..due).collect()
    }

    /// When the next event that is already on its way will arrive.
    pub fn next_event(&self) -> Option<Ms> {
        self.outbox.waiting.first().map(|emitted| emitted.at)
    }

    /// Emits exactly once: the durable class (aws-facts 5.4).
    pub(crate) fn emit(&mut self, region: &str, at: Ms, notice: Notice<'_>) {
        self.post(region, at, at, notice);
    }

    /// Emits with the seeded loss, lateness and duplication of the best-effort class (aws-facts 1.13).
    pub(crate) fn emit_best_effort(&mut self, region: &str, at: Ms, notice: Notice<'_>) {
        if self.dice.chance(self.switches.event_lost) {
            return;
        }
        let again = self.dice.chance(self.switches.event_duplicate);
        let copies = if again { 2 } else { 1 };
        for _ in 0..copies {
            let late = self.dice.chance(self.switches.event_late);
            let delay = if late { self.lasting(self.switches.durations.event_late) } else { 0 };
            let copy = Notice { resource: notice.resource.clone(), detail: notice.detail.clone(), ..notice };
            self.post(region, at, at + delay, copy);
        }
    }

    fn post(&mut self, region: &str, happened: Ms, arrives: Ms, notice: Notice<'_>) {
        let event = json!({
            "version": "0",
            "id": self.dice.uuid(),
            "detail-type": notice.kind,
            "source": notice.source,
            "account": self.account,
            "time": ids::rfc3339_secs(happened),
            "region": region,
            "resources": [notice.resource],
            "detail": notice.detail,
        });
        self.outbox.post(Emitted { at: arrives, region: region.to_owned(), bus: None, event });
    }
}
