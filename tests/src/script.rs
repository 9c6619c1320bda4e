//! What tests of lives have in common: how a platform is asked for, pushed through its life, and what must hold
//! at the end.

use headend_control::handlers::accept::{Allowance, Change};
use headend_domain::check::check;
use headend_domain::limits::Limits;
use headend_domain::phase::{Phase, phase};
use headend_domain::plan::{Plan, WaitReason, plan};
use headend_domain::record::{Record, State, Want};
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, Call, Fault, FaultPlan, Held, Life, LifeConfig};
use headend_local::world::{Quotas, Switches, WorldConfig};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// The request body of one of the sample events.
pub fn body_of(event: &str) -> Value {
    let path = format!("{}/../events/{event}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let event: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_str(event["body"].as_str().unwrap()).unwrap()
}

/// Whether a call is about the services that a platform is made of.
pub fn is_of_account(name: &str) -> bool {
    !name.starts_with("Table.") && !["SendMessage", "PutEvents"].contains(&name)
}

/// The published schema of messages.
static MESSAGE: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../docs/messages/message.schema.json")).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
});

/// Everything that the published schema has against a message.
pub fn wrong_message(message: &Value) -> Vec<String> {
    MESSAGE.iter_errors(message).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// How long a frozen function sleeps: past its lease, and past what others do about it.
pub const FROZEN_MS: i64 = 100_000;

/// A life without faults, quotas or metrics in the way.
pub fn quiet(seed: u64) -> LifeConfig {
    let switches = Switches { metrics: false, throttles: false, ..Switches::default() };
    let world = WorldConfig { seed, quotas: Quotas::uniform(1_000), switches, ..WorldConfig::default() };
    LifeConfig {
        world,
        faults: FaultPlan::new(),
        event_copies: 1,
        lose_wakeups: false,
        frozen_ms: FROZEN_MS,
        allowance: Allowance::default(),
        jumps: false,
    }
}

/// What each tenant is counted to have is what it has: at every moment, since both are one write.
#[track_caller]
pub fn assert_counted(life: &Life) {
    let mut truth: BTreeMap<String, Held> = BTreeMap::new();
    for record in life.records() {
        let held = truth.entry(record.asked.key.tenant.clone()).or_default();
        held.platforms += i64::from(record.state.gone_at.is_none());
        held.running += i64::from(record.want() == Want::Live);
    }
    let inner = life.sim.0.borrow();
    let counted: BTreeMap<_, _> = truth.keys().map(|tenant| (tenant.clone(), inner.table.held(tenant))).collect();
    assert_eq!(counted, truth, "counted, and in truth");
}

/// One platform in one life.
pub struct Story {
    pub life: Life,
    pub id: String,
    keys: u32,
}

impl Story {
    /// Asks for a platform; where the function dies the caller asks again with the same key, as people do.
    pub fn create(config: LifeConfig, body: &Value) -> Self {
        let mut life = Life::begin(config);
        for _ in 0..20 {
            if let Answered::Response(answer) = life.create(body, Some("create-1")) {
                if answer.status == 202 {
                    let view: Value = serde_json::from_str(&answer.body).unwrap();
                    return Self { life, id: view["id"].as_str().unwrap().to_owned(), keys: 0 };
                }
                assert!(answer.status == 503, "create answered {}: {}", answer.status, answer.body);
            }
            let now = life.now();
            life.step(now + 1_000);
        }
        panic!("twenty tries and no platform was accepted");
    }

    pub fn ask(&mut self, change: Change) {
        self.keys += 1;
        let key = format!("change-{}", self.keys);
        for _ in 0..20 {
            if let Answered::Response(answer) = self.life.change(&self.id, change, Some(&key)) {
                if answer.status == 202 {
                    return;
                }
                assert!(answer.status == 503, "{change:?} answered {}: {}", answer.status, answer.body);
            }
            let now = self.life.now();
            self.life.step(now + 1_000);
        }
        panic!("twenty tries and {change:?} was not accepted");
    }

    pub fn record(&self) -> Record {
        let records = self.life.records();
        records.into_iter().find(|record| record.asked.key.id == self.id).expect("the platform's record")
    }

    pub fn phase(&self) -> Phase {
        phase(&self.record())
    }

    /// Lives on until the phase is reached; `check` must hold after every step.
    pub fn reach(&mut self, wanted: Phase, limit: i64) {
        let id = self.id.clone();
        let reached = self.life.run_until(limit, |life| {
            let record = life.records().into_iter().find(|record| record.asked.key.id == id).unwrap();
            let wrong = check(&record);
            assert!(wrong.is_empty(), "check: {wrong:?}");
            assert_counted(life);
            phase(&record) == wanted
        });
        assert!(reached, "{wanted:?} was not reached in {limit} ms:\n{}", self.report());
    }

    /// Whether nothing is left to do, seen twice.
    pub fn is_settled(&self) -> bool {
        let record = self.record();
        let now = Timestamp(self.life.now());
        let rests = || match plan(&record, now, Limits::default()) {
            Plan::Settled => true,
            Plan::Wait { on, .. } => on.iter().all(|wait| wait.reason == WaitReason::Scheduled),
            Plan::Act(_) => false,
        };
        record.messages.is_empty() && rests() && rests()
    }

    /// Torn down to the last resource.
    pub fn leave_nothing(&mut self) {
        self.ask(Change::Teardown);
        self.reach(Phase::Gone, 3 * HOUR);
        self.settle(HOUR);
        assert_eq!(self.inventory(), Vec::<String>::new(), "left over:\n{}", self.report());
        self.assert_told();
    }

    pub fn settle(&mut self, limit: i64) {
        let end = self.life.now() + limit;
        assert_counted(&self.life);
        while !self.is_settled() {
            assert!(self.life.now() < end, "does not settle:\n{}", self.report());
            self.life.step(end);
        }
    }

    /// What exists in the account under our tag, as `kind slot`.
    pub fn inventory(&self) -> Vec<String> {
        let inner = self.life.sim.0.borrow();
        let name = |it: &headend_local::world::Resource| {
            format!("{} {} {}", it.kind, it.tags.get("headend:slot").map_or("?", String::as_str), it.state)
        };
        inner.world.inventory().iter().map(name).collect()
    }

    pub fn report(&self) -> String {
        let record = self.record();
        let calls = self.life.calls();
        let line = |call: &Call| format!("{:>9} {} {} {:?}", call.at - calls[0].at, call.name, call.on, call.fault);
        let tail: Vec<String> = calls.iter().rev().take(60).rev().map(line).collect();
        format!(
            "phase {:?}\nplan {:?}\nstate {}\ninventory {:#?}\nlast calls {tail:#?}",
            phase(&record),
            plan(&record, Timestamp(self.life.now()), Limits::default()),
            serde_json::to_string_pretty(&record.state).unwrap(),
            self.inventory(),
        )
    }

    /// No slot has two objects.
    pub fn assert_no_doubles(&self) {
        let mut slots: Vec<String> = self
            .life
            .sim
            .0
            .borrow()
            .world
            .inventory()
            .iter()
            .map(|it| {
                format!(
                    "{} {}",
                    it.tags.get("headend:platform").cloned().unwrap_or_default(),
                    it.tags.get("headend:slot").cloned().unwrap_or_default()
                )
            })
            .collect();
        slots.sort();
        let all = slots.len();
        slots.dedup();
        assert_eq!(all, slots.len(), "two objects in a slot:\n{}", self.report());
    }

    /// What is on the bus about this platform, in the order of arrival.
    pub fn messages(&self) -> Vec<Value> {
        let inner = self.life.sim.0.borrow();
        let all = inner.bus.taken.iter().map(|(_, event)| serde_json::from_str::<Value>(&event.detail).unwrap());
        all.filter(|message| message["platform"]["id"] == self.id.as_str()).collect()
    }

    /// Every message is on the bus, each first after the one before it; one that came twice is the same.
    #[track_caller]
    pub fn assert_told(&self) {
        let Record { state: State { outbox, .. }, messages, .. } = self.record();
        assert!(messages.is_empty(), "not told: {messages:#?}");
        let mut first: Vec<Value> = Vec::new();
        for message in self.messages() {
            assert_eq!(wrong_message(&message), Vec::<String>::new(), "{message:#}");
            let sequence = message["sequence"].as_u64().unwrap();
            assert_eq!(message["id"], format!("{}-{sequence}", self.id));
            match first.get(usize::try_from(sequence).unwrap() - 1) {
                Some(known) => assert_eq!(*known, message, "one id, two messages"),
                None => {
                    assert_eq!(sequence, first.len() as u64 + 1, "a gap before {message:#}");
                    first.push(message);
                }
            }
        }
        assert_eq!(first.len() as u64, outbox.number, "lost:\n{}", self.report());
    }

    /// The mutating calls on the account, in order, those of the table, the queue and the bus left out.
    pub fn mutations(&self) -> Vec<String> {
        let calls = self.life.calls();
        let account = calls.iter().filter(|call| call.mutates && is_of_account(call.name));
        account.map(|call| call.name.to_owned()).collect()
    }
}

/// Lives the life again and again, with one of these calls broken each time.
pub fn break_each(calls: &[Call], of: Range<usize>, fault: Fault, live: fn(LifeConfig) -> Story) {
    for (number, call) in calls.iter().enumerate().take(of.end).skip(of.start) {
        let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), ..quiet(7) };
        let caught = std::panic::catch_unwind(|| live(config));
        if let Err(panic) = caught {
            eprintln!("call {number}, {call:?}, with {fault:?}");
            std::panic::resume_unwind(panic);
        }
    }
}
