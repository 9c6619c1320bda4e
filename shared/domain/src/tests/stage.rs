//! A stage on which the planner and `accept` play against the simplest of accounts, and write down all that they do. The
//! account answers after fixed times, never by chance; what it does wrong, a script says. The strict account has its own
//! tests; here the question is whether a decision is the same as it was.

use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::calendar::Calendar;
use crate::check::check;
use crate::drift::wanted;
use crate::ids::PlatformKey;
use crate::limits::Limits;
use crate::phase::{ConditionStatus, conditions, phase, progress};
use crate::plan::{Plan, WaitingOn, plan};
use crate::record::{Asked, Intent, Record, SCHEMA, State, Want};
use crate::request::{Requests, desired};
use crate::slot::Slot;
use crate::spec::{DriftMode, Spec, read};
use crate::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

pub const BEGIN: Timestamp = Timestamp(1_767_225_600_000);
/// Rounds of plan and act until a script's part has to be over.
const ROUNDS_MOST: usize = 400;

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Quirk {
    /// Nothing happens, and AWS says why.
    Refused(RefusalKind, &'static str),
    /// It happens, and no answer comes.
    Lost,
    /// It does not happen, and no answer comes.
    Unheard,
    /// It happens, and the function dies before it can say so.
    Crash,
    /// The answer is this one, whatever is there.
    Says(Answer),
}

struct Thing {
    slot: Slot,
    object: Object,
    seen: Seen,
    /// What it turns into, and when.
    next: VecDeque<(Timestamp, Option<Seen>)>,
}

pub struct Stage {
    pub record: Record,
    pub now: Timestamp,
    pub limits: Limits,
    things: Vec<Thing>,
    made: u32,
    quirks: Vec<(String, Quirk)>,
    out: String,
    crashed: bool,
    told: BTreeSet<String>,
}

impl Stage {
    pub fn new(spec: &Value) -> Self {
        let asked = Asked {
            schema: SCHEMA,
            key: PlatformKey::new("default", "p-0123456789ab"),
            created_at: BEGIN,
            spec: played(spec),
            intent: Intent { want: Want::Idle, by: "api".to_owned(), at: BEGIN, said_at: None },
            generation: 1,
            stream_key: "00c0ffee".to_owned(),
            rotated_stream_keys: BTreeMap::new(),
            secret_rotations: 0,
            unknown: serde_json::Map::new(),
        };
        let record = Record {
            asked,
            state: State { schema: SCHEMA, ..State::default() },
            calendar: Calendar::default(),
            messages: Vec::new(),
        };
        Self {
            record,
            now: BEGIN,
            limits: Limits::default(),
            things: Vec::new(),
            made: 0,
            quirks: Vec::new(),
            out: String::new(),
            crashed: false,
            told: BTreeSet::new(),
        }
    }

    fn line(&mut self, text: &str) {
        let since = self.now.millis_since(BEGIN);
        writeln!(self.out, "{:>8}.{:03} {text}", since / 1000, since % 1000).unwrap();
    }

    pub fn title(&mut self, text: &str) {
        writeln!(self.out, "\n== {text}").unwrap();
    }

    /// The next call of that name, e.g. `Create channel`, goes wrong. Several are met in the order of their saying.
    pub fn quirk(&mut self, call: &str, quirk: Quirk) {
        self.quirks.push((call.to_owned(), quirk));
    }

    /// A person asks.
    pub fn want(&mut self, want: Want) {
        self.record.asked.intent.want = want;
        self.changed();
    }

    /// The spec, or something else that was asked for, is another one.
    pub fn changed(&mut self) {
        self.record.asked.generation += 1;
        self.event(&Event::Asked);
    }

    pub fn change(&mut self, spec: &Value) {
        self.record.asked.spec = played(spec);
        self.changed();
    }

    pub fn event(&mut self, event: &Event) {
        for note in accept(&mut self.record, event, self.now, self.limits) {
            self.line(&format!("- {}", note.text));
        }
        let wrong = check(&self.record);
        if !wrong.is_empty() {
            self.line(&format!("WRONG {wrong:?}"));
        }
    }

    /// Plans and acts until nothing is left, or until the moment is over.
    pub fn play(&mut self, seconds: i64) {
        let end = self.now.plus_secs(seconds);
        for _ in 0..ROUNDS_MOST {
            self.pass();
            match plan(&self.record, self.now, self.limits) {
                Plan::Act(actions) => self.act(&actions),
                Plan::Wait { on, until } => {
                    let now = self.now;
                    let mut waits: Vec<String> =
                        on.iter().map(|wait| format!("{} +{}", wait.slot, wait.until.millis_since(now))).collect();
                    // In words where they are new.
                    let words = on.iter().map(WaitingOn::words).filter(|words| self.told.insert(words.clone()));
                    waits.extend(words.collect::<Vec<_>>());
                    self.line(&format!("wait {} ms: {}", until.millis_since(now), waits.join(", ")));
                    if until > end {
                        self.now = end;
                        return;
                    }
                    self.now = until;
                }
                Plan::Settled => {
                    self.line("settled");
                    return;
                }
            }
        }
        self.line("ENDLESS");
    }

    fn act(&mut self, actions: &[Action]) {
        self.record.intend(actions, self.now);
        for action in actions {
            let (verb, targets) = action.targets();
            let name = targets.first().map_or_else(String::new, |(slot, _)| slot.to_string());
            self.line(&format!(
                "{verb:?} {name} {:?} mutates {}",
                targets.iter().map(|it| it.1).collect::<Vec<_>>(),
                action.mutates()
            ));
            for outcome in self.perform(action) {
                self.event(&Event::Outcome(outcome));
            }
        }
        if std::mem::take(&mut self.crashed) {
            self.event(&Event::Resumed);
        }
    }

    fn perform(&mut self, action: &Action) -> Vec<Outcome> {
        let (verb, targets) = action.targets();
        let (slot, incarnation) = match action {
            Action::DeleteStray { slot, .. } => (slot.clone(), 0),
            Action::Create { .. }
            | Action::Find { .. }
            | Action::Observe { .. }
            | Action::Compare { .. }
            | Action::Start { .. }
            | Action::Stop { .. }
            | Action::Disable { .. }
            | Action::Update { .. }
            | Action::Tag { .. }
            | Action::Delete { .. }
            | Action::RestartPipelines { .. }
            | Action::SwitchInput { .. }
            | Action::Publish { .. }
            | Action::DeleteAlarms { .. } => targets[0].clone(),
        };
        let id = match action {
            Action::Create { .. } | Action::Find { .. } | Action::Publish { .. } => None,
            Action::Observe { id, .. } | Action::Compare { id, .. } => Some(id.clone()),
            Action::Start { id, .. } | Action::Stop { id, .. } => Some(id.clone()),
            Action::Disable { id, .. } | Action::Update { id, .. } | Action::Tag { id, .. } => Some(id.clone()),
            Action::Delete { id, .. } | Action::DeleteStray { id, .. } => Some(id.clone()),
            Action::RestartPipelines { name, .. } | Action::SwitchInput { name, .. } => Some(name.clone()),
            Action::DeleteAlarms { alarms, .. } => {
                return alarms
                    .iter()
                    .map(|(slot, incarnation, id)| {
                        self.things.retain(|thing| thing.object.id != *id);
                        self.outcome(slot, *incarnation, verb, Some(id.clone()), Ok(Answer::Missing))
                    })
                    .collect();
            }
        };
        let call = format!("{verb:?} {slot}");
        let quirk = self.quirks.iter().position(|(of, _)| *of == call).map(|at| self.quirks.remove(at).1);
        let unsure = || Err(Refusal::new(RefusalKind::Unsure, "Timeout", "no answer came"));
        let result = match quirk {
            None => Ok(self.effect(verb, &slot, id.as_deref())),
            Some(Quirk::Refused(kind, code)) => Err(Refusal::new(kind, code, "in AWS's own words")),
            Some(Quirk::Unheard) => unsure(),
            Some(Quirk::Says(answer)) => Ok(answer),
            Some(Quirk::Lost) => {
                self.effect(verb, &slot, id.as_deref());
                unsure()
            }
            Some(Quirk::Crash) => {
                self.effect(verb, &slot, id.as_deref());
                self.crashed = true;
                self.line("  dies");
                return Vec::new();
            }
        };
        self.line(&format!("  {}", told(&result)));
        vec![self.outcome(&slot, incarnation, verb, id, result)]
    }

    fn outcome(
        &self,
        slot: &Slot,
        incarnation: u32,
        verb: Verb,
        id: Option<String>,
        result: Result<Answer, Refusal>,
    ) -> Outcome {
        Outcome { slot: slot.clone(), incarnation, verb, id, asked_at: self.now, result }
    }

    /// As it was asked for; what else somebody makes of it, a script says.
    fn described(&self, slot: &Slot, id: Option<&str>) -> Answer {
        let thing = self.things.iter().find(|thing| Some(thing.object.id.as_str()) == id);
        let traits = || wanted(&self.record, slot);
        thing.map_or(Answer::Missing, |it| Answer::Compared(it.object.clone(), it.seen.clone(), traits()))
    }

    /// Time passes in the account.
    fn pass(&mut self) {
        let now = self.now;
        self.things.retain_mut(|thing| {
            while let Some((_, seen)) = thing.next.pop_front_if(|(at, _)| *at <= now) {
                match seen {
                    Some(seen) => thing.seen = seen,
                    None => return false,
                }
            }
            true
        });
    }

    fn effect(&mut self, verb: Verb, slot: &Slot, id: Option<&str>) -> Answer {
        match verb {
            Verb::Create => self.create(slot),
            Verb::Restart | Verb::Switch | Verb::Publish => Answer::Remedied,
            Verb::Compare => self.described(slot, id),
            Verb::Find => {
                let found = self.things.iter().filter(|thing| thing.slot == *slot);
                Answer::Found(found.map(|thing| (thing.object.clone(), thing.seen.clone())).collect())
            }
            Verb::Observe | Verb::Start | Verb::Stop | Verb::Disable | Verb::Update | Verb::Tag | Verb::Delete => {
                let (now, scale) = (self.now, self.limits.time_scale);
                let Some(thing) = self.things.iter_mut().find(|thing| Some(thing.object.id.as_str()) == id) else {
                    return Answer::Missing;
                };
                let answer = thing.asked(verb, now, scale);
                if verb == Verb::Delete && thing.next.is_empty() {
                    self.things.retain(|thing| Some(thing.object.id.as_str()) != id);
                }
                answer
            }
        }
    }

    /// A second object of a slot, as a late effect makes it.
    pub fn double(&mut self, slot: &Slot) -> Object {
        self.create(slot);
        self.things.last().map(|thing| thing.object.clone()).unwrap()
    }

    /// Somebody deletes it by hand.
    pub fn vanish(&mut self, slot: &Slot) {
        self.things.retain(|thing| thing.slot != *slot);
    }

    fn create(&mut self, slot: &Slot) -> Answer {
        self.made += 1;
        let name = slot.to_string().replace('/', "-");
        let object = Object {
            id: format!("{name}#{}", self.made),
            arn: format!("arn:{name}#{}", self.made),
            urls: vec![format!("https://host.example.net/out/v1/{name}{}/index.m3u8", self.made)],
            domain: (*slot == Slot::Distribution).then(|| "d1.example.net".to_owned()),
        };
        let after = match slot {
            Slot::Input(_) => 2,
            Slot::Channel => 12,
            Slot::Distribution => 200,
            Slot::Group(_) | Slot::Secret | Slot::Packaging | Slot::Endpoint(_) | Slot::Alarm(_) => 0,
        };
        let seen = Seen::new(if after == 0 { Status::Ready } else { Status::Making });
        let next = VecDeque::from([(later(self.now, after, self.limits.time_scale), Some(Seen::new(Status::Ready)))]);
        self.things.push(Thing { slot: slot.clone(), object: object.clone(), seen: seen.clone(), next });
        Answer::Made(object, seen)
    }

    /// Everything that a person or the next function can see of the record.
    pub fn show(&mut self) {
        let record = &self.record;
        let mut text = format!("  phase {}\n", phase(record).word());
        for condition in conditions(record) {
            writeln!(text, "  condition {}", serde_json::to_string(&condition).unwrap()).unwrap();
        }
        writeln!(text, "  progress {}", serde_json::to_string(&progress(record, self.now, self.limits)).unwrap())
            .unwrap();
        for (slot, state) in &record.state.slots {
            writeln!(text, "  {slot} {}", serde_json::to_string(state).unwrap()).unwrap();
        }
        writeln!(
            text,
            "  secret {:?} strays {} alarms {} live since {:?}",
            record.state.cdn_secret,
            serde_json::to_string(&record.state.strays).unwrap(),
            serde_json::to_string(&record.state.alarms).unwrap(),
            record.state.live_since,
        )
        .unwrap();
        self.out.push_str(&text);
    }

    /// The phase, and one slot of the record.
    pub fn show_slot(&mut self, slot: &Slot) {
        let state = serde_json::to_string(&self.record.slot(slot)).unwrap();
        let failed = conditions(&self.record).into_iter().filter(|it| it.status == ConditionStatus::Broken);
        let failed: Vec<String> = failed.map(|it| format!("{} {}", it.name, it.reason)).collect();
        writeln!(self.out, "  phase {} {failed:?}\n  {slot} {state}", phase(&self.record).word()).unwrap();
    }

    /// Every request that the record comes to.
    pub fn requests(&mut self) {
        let requests = Requests { record: &self.record, stack: "stack" };
        fn told<T: Serialize>(request: Option<T>, tags: fn(&T) -> &BTreeMap<String, String>) -> String {
            let tags = request.as_ref().map(tags).cloned();
            format!("{} {tags:?}", serde_json::to_string(&request).unwrap())
        }
        for slot in desired(&self.record.asked.spec) {
            let text = match &slot {
                Slot::Group(input) => told(requests.group(input), |it| &it.tags),
                Slot::Input(input) => told(requests.input(input), |it| &it.tags),
                Slot::Secret => told(requests.secret(), |it| &it.tags),
                Slot::Packaging => told(requests.packaging(), |it| &it.tags),
                Slot::Endpoint(format) => told(requests.endpoint(*format), |it| &it.tags),
                Slot::Channel => told(requests.channel(), |it| &it.tags),
                Slot::Distribution => told(requests.distribution(), |it| &it.tags),
                Slot::Alarm(kind) => told(requests.alarm(*kind), |it| &it.tags),
            };
            writeln!(self.out, "  {slot} {text}").unwrap();
        }
    }

    pub fn text(&self) -> &str {
        &self.out
    }

    /// From the first title on.
    pub fn since_title(&self) -> &str {
        self.out.find("\n== ").map_or("", |at| &self.out[at..])
    }

    pub fn append(&mut self, other: &Self) {
        self.out.push_str(&other.out);
    }

    /// Holds the transcript against the one that is kept.
    pub fn compare(&self, name: &str) {
        Self::compare_text(name, &self.out);
    }

    /// `HEADEND_KEEP=1` keeps what is now.
    pub fn compare_text(name: &str, now: &str) {
        let path = format!("{}/src/tests/transcripts/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("HEADEND_KEEP").is_some() {
            std::fs::write(&path, now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(now.lines()).find(|(kept, now)| kept != now);
        assert!(
            kept == now,
            "{name}: {} lines kept, {} now; the first that differ: {differs:#?}\nread the difference; if it is meant: HEADEND_KEEP=1",
            kept.lines().count(),
            now.lines().count()
        );
    }
}

/// The record of a small platform that is Ready.
pub fn built_record() -> Record {
    let mut stage = Stage::new(&serde_json::json!({"name": "small"}));
    stage.play(1000);
    stage.record
}

impl Thing {
    fn asked(&mut self, verb: Verb, now: Timestamp, scale: f64) -> Answer {
        let running = |pipelines| Seen { pipelines, ..Seen::new(Status::Running) };
        let disabled = |status| Seen { enabled: false, ..Seen::new(status) };
        let (seen, next): (Seen, Vec<(i64, Option<Seen>)>) = match (verb, &self.slot) {
            (Verb::Tag, _) => return Answer::Tagged,
            (Verb::Start, _) => (Seen::new(Status::Starting), vec![(90, Some(running(1))), (95, Some(running(2)))]),
            (Verb::Stop, _) => (Seen::new(Status::Stopping), vec![(22, Some(Seen::new(Status::Ready)))]),
            (Verb::Disable, _) => (disabled(Status::Making), vec![(240, Some(disabled(Status::Ready)))]),
            (Verb::Update, Slot::Channel) => (Seen::new(Status::Updating), vec![(3, Some(Seen::new(Status::Ready)))]),
            (Verb::Update, Slot::Distribution) => {
                (Seen::new(Status::Making), vec![(200, Some(Seen::new(Status::Ready)))])
            }
            (Verb::Update, Slot::Endpoint(_) | Slot::Input(_) | Slot::Alarm(_)) => {
                return Answer::Changed(self.object.clone(), self.seen.clone());
            }
            (Verb::Delete, Slot::Channel) => (Seen::new(Status::Deleting), vec![(30, None)]),
            (Verb::Delete, Slot::Input(_)) => (Seen::new(Status::Deleting), vec![(8, None)]),
            (Verb::Delete, _) => {
                self.next.clear();
                return Answer::Missing;
            }
            (Verb::Create | Verb::Find | Verb::Observe | Verb::Compare, _)
            | (Verb::Update | Verb::Restart | Verb::Switch | Verb::Publish, _) => {
                return Answer::Seen(self.seen.clone());
            }
        };
        self.seen = seen;
        self.next = next.into_iter().map(|(after, seen)| (later(now, after, scale), seen)).collect();
        Answer::Seen(self.seen.clone())
    }
}

/// Nobody looks for drift where a script does not speak of it.
fn played(body: &Value) -> Spec {
    let mut spec = read(body).unwrap();
    if body.get("drift").is_none() {
        spec.drift.mode = DriftMode::Off;
    }
    spec
}

fn later(now: Timestamp, seconds: i64, scale: f64) -> Timestamp {
    now.plus_millis((seconds as f64 * 1000.0 / scale) as i64)
}

fn told(result: &Result<Answer, Refusal>) -> String {
    match result {
        Ok(Answer::Found(found)) => {
            format!(
                "found {:?}",
                found.iter().map(|(object, seen)| (object.id.as_str(), seen.status)).collect::<Vec<_>>()
            )
        }
        Ok(Answer::Made(object, seen)) => format!("made {} {:?}", object.id, seen.status),
        Ok(Answer::Changed(object, seen)) => format!("changed {} {:?}", object.id, seen.status),
        Ok(Answer::Seen(seen)) => format!("seen {:?} {}", seen.status, seen.pipelines),
        Ok(Answer::Partly(seen)) => format!("partly {:?}", seen.status),
        Ok(Answer::Tagged) => "tagged".to_owned(),
        Ok(Answer::Remedied) => "remedied".to_owned(),
        Ok(Answer::Compared(..)) => "compared".to_owned(),
        Ok(Answer::Published { through }) => format!("published through {through}"),
        Ok(Answer::Missing) => "missing".to_owned(),
        Err(refusal) => format!("refused {:?} {}", refusal.kind, refusal.code),
    }
}
