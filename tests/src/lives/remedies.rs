//! Alarms that act: alerts of a pipeline, and inputs without video, in virtual time.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_control::store::{Fact, InboxItem};
use headend_domain::check::check;
use headend_domain::limits::ALERTS_HOLD_SECS;
use headend_domain::phase::Phase;
use headend_domain::remedy::{HOUR_MILLIS, Remedy};
use headend_domain::slot::{AlarmKind, Slot};
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, HOME, LifeConfig};
use headend_local::world::medialive::SourceState;
use serde_json::{Value, json};

pub const RESTART: &str = "RestartChannelPipelines";
pub const SWITCH: &str = "BatchUpdateSchedule";

/// Two inputs that are no pair.
fn two_inputs() -> Value {
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH", "allowAnywhere": true});
    // The guard would stop it in the end.
    json!({"name": "two", "inputs": [push("main"), push("backup")], "guard": {"idleStopMinutes": 0}})
}

/// On air, with what the policy says.
pub fn live(config: LifeConfig, mut body: Value, policy: &Value) -> Story {
    body["remediation"] = json!({"mode": "act"});
    for (field, value) in policy.as_object().unwrap() {
        body["remediation"][field] = value.clone();
    }
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 2 * HOUR);
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    story
}

impl Story {
    /// An alarm changes, as `alarm-handler` writes it down.
    pub fn alarm(&mut self, kind: AlarmKind, firing: bool) {
        let at = Timestamp(self.life.now());
        let fact = Fact::Alarm { slot: Slot::Alarm(kind), firing, reason: "a datapoint".to_owned(), at };
        let item = InboxItem { id: format!("{at}-{kind}"), fact };
        let key = self.record().asked.key;
        // Past the gate: what breaks is what comes of it.
        let mut inner = self.life.sim.0.borrow_mut();
        inner.table.put_fact(&key, &item, at).unwrap();
        inner.queue.send(format!("{{\"platform\":\"{key}\"}}"), at.0);
    }

    /// Lives on; what must hold does after every step.
    pub fn pass(&mut self, millis: i64) {
        self.life.run_until(millis, |life| {
            for record in life.records() {
                assert_eq!(check(&record), Vec::<String>::new());
            }
            false
        });
    }

    /// The alarm about the first pipeline's alerts changes a thousand times an hour.
    fn flap(&mut self, millis: i64) {
        let end = self.life.now() + millis;
        while self.life.now() < end {
            self.alarm(AlarmKind::ActiveAlerts(0), true);
            self.pass(1_800);
            self.alarm(AlarmKind::ActiveAlerts(0), false);
            self.pass(1_800);
        }
        self.alarm(AlarmKind::ActiveAlerts(0), true);
    }

    pub fn times(&self, name: &str) -> Vec<i64> {
        self.life.calls().iter().filter(|call| call.name == name).map(|call| call.at).collect()
    }

    pub fn said(&self, words: &str) -> Vec<String> {
        let inner = self.life.sim.0.borrow();
        let page = inner.table.timeline(&self.record().asked.key, None, 5_000).unwrap();
        page.items.into_iter().rev().map(|entry| entry.text).filter(|text| text.contains(words)).collect()
    }

    fn patched(&mut self, body: &Value) -> (u16, String) {
        let id = self.id.clone();
        match self.life.patch(&id, body, None) {
            Answered::Response(answer) => (answer.status, answer.body),
            Answered::Died => panic!("the patch died"),
        }
    }

    /// The source in front of an input is turned on or off.
    pub fn source(&mut self, input: &str, state: SourceState) {
        let id = self.record().object(&Slot::Input(input.to_owned())).unwrap().id.clone();
        let mut inner = self.life.sim.0.borrow_mut();
        let now = inner.now;
        inner.world.set_source(HOME, now, &id, state).unwrap();
    }

    /// The input that the account has on air.
    pub fn on_air(&self) -> String {
        let id = self.record().object(&Slot::Channel).unwrap().id.clone();
        let mut inner = self.life.sim.0.borrow_mut();
        let now = inner.now;
        let channel = inner.world.describe_channel(HOME, now, &id).unwrap();
        channel.active_attachment().map(|it| it.name.clone()).unwrap_or_default()
    }

    pub fn on_air_within(&mut self, input: &str, limit: i64) {
        let end = self.life.now() + limit;
        while self.on_air() != input {
            assert!(self.life.now() < end, "{input} is not on air: {:#?}", self.said("remedy"));
            self.pass(5_000);
        }
    }
}

/// At most so many in any hour.
fn assert_rare(times: &[i64], most: usize) {
    for last in times {
        let within = times.iter().filter(|at| (0..HOUR_MILLIS).contains(&(last - **at))).count();
        assert!(within <= most, "{within} in an hour: {times:?}");
    }
}

fn minimal() -> Value {
    body_of("create-platform-minimal")
}

#[test]
fn a_pipeline_with_alerts_is_restarted_once_and_what_came_of_it_is_told() {
    let mut story = live(quiet(1), minimal(), &json!({}));
    story.pass(5 * MINUTE);
    story.alarm(AlarmKind::ActiveAlerts(0), true);
    story.pass(1_000 * ALERTS_HOLD_SECS - 10_000);
    assert_eq!(story.times(RESTART).len(), 0, "it may pass by itself");
    story.pass(20_000);
    assert_eq!(story.times(RESTART).len(), 1, "{:#?}", story.said(""));
    story.pass(3 * MINUTE);
    assert_eq!(story.phase(), Phase::Live);
    story.alarm(AlarmKind::ActiveAlerts(0), false);
    story.pass(20 * MINUTE);
    assert_eq!(story.times(RESTART).len(), 1);
    let said = story.said("remedy");
    let told =
        ["decided to restart pipeline 0 (1 of 3 in an hour)", "done: restart pipeline 0", "OK for 60 s, after 1"];
    assert_eq!(said.len(), 3, "{said:#?}");
    said.iter().zip(told).for_each(|(line, words)| assert!(line.contains(words), "{said:#?}"));
}

#[test]
fn alerts_about_missing_video_restart_nothing() {
    let mut story = live(quiet(1), minimal(), &json!({}));
    story.pass(5 * MINUTE);
    story.alarm(AlarmKind::ActiveAlerts(0), true);
    story.pass(MINUTE);
    story.alarm(AlarmKind::InputLoss(0), true);
    story.pass(HOUR);
    assert_eq!(story.times(RESTART), Vec::<i64>::new());
    assert_eq!(story.said("remedy: no input has video").len(), 1, "{:#?}", story.said(""));
}

#[test]
fn a_standard_channel_restarts_one_pipeline_then_both_and_then_a_person_is_told() {
    let policy = json!({"maxActionsPerHour": 10});
    let mut story = live(quiet(1), body_of("create-platform"), &policy);
    story.pass(5 * MINUTE);
    story.alarm(AlarmKind::ActiveAlerts(1), true);
    story.pass(6 * HOUR);
    let done: Vec<Remedy> = story.record().state.remedies.lately.iter().map(|it| it.remedy.clone()).collect();
    let both = || Remedy::RestartPipelines(vec![0, 1]);
    assert_eq!(done, [Remedy::RestartPipelines(vec![1]), both(), both(), both()]);
    let times = story.times(RESTART);
    let pauses: Vec<i64> = times.windows(2).map(|two| (two[1] - two[0]) / MINUTE).collect();
    assert_eq!(pauses, [5, 10, 20], "the cool-down doubles");
    assert_eq!(story.said("given up").len(), 1, "{:#?}", story.said("remedy"));
}

#[test]
fn a_thousand_flaps_an_hour_are_three_restarts_an_hour_and_none_with_hands_off_or_idle() {
    let mut story = live(quiet(1), minimal(), &json!({}));
    story.pass(5 * MINUTE);
    story.flap(2 * HOUR);
    let restarts = story.times(RESTART);
    assert!((3..=4).contains(&restarts.len()), "{restarts:?}");
    assert_rare(&restarts, 3);
    assert_eq!(story.said("no more than 3 in an hour").len(), 1, "said once: {:#?}", story.said("remedy"));
    // Well again, and then it begins anew with hands off.
    story.alarm(AlarmKind::ActiveAlerts(0), false);
    story.pass(2 * HOUR);
    let until = Timestamp(story.life.now() + HOUR);
    let (status, answer) = story.patched(&json!({"handsOff": {"until": format!("{}Z", &until.to_string()[..19])}}));
    assert_eq!(status, 202, "{answer}");
    let before = story.times(RESTART).len();
    story.flap(55 * MINUTE);
    assert_eq!(story.times(RESTART).len(), before);
    assert_eq!(story.said("hands off until").len(), 1, "{:#?}", story.said("remedy"));
    story.pass(7 * MINUTE);
    assert_eq!(story.times(RESTART).len(), before + 1, "hands on again: {:#?}", story.said("remedy"));
    story.ask(Change::Stop);
    story.reach(Phase::Ready, 30 * MINUTE);
    story.flap(HOUR);
    assert_eq!(story.times(RESTART).len(), before + 1, "nobody wants it live");
}

#[test]
fn a_dry_run_writes_down_the_same_decisions_and_calls_nothing() {
    let flapped = |mode: &str| {
        let mut story = live(quiet(1), minimal(), &json!({"mode": mode}));
        story.pass(5 * MINUTE);
        story.flap(2 * HOUR);
        story
    };
    let (acting, dry, off) = (flapped("act"), flapped("dry-run"), flapped("off"));
    let decided = |story: &Story| {
        let lately = story.record().state.remedies.lately;
        lately.into_iter().map(|it| (it.at, it.remedy)).collect::<Vec<_>>()
    };
    assert_eq!(decided(&dry), decided(&acting));
    assert!(decided(&dry).len() >= 3, "{:#?}", dry.said("remedy"));
    let decisions = |story: &Story, from: &str, words: &str| -> Vec<String> {
        story.said(words).iter().map(|line| line.replace(from, "").replace(words, "")).collect()
    };
    assert_eq!(decisions(&dry, "remedy (dry run): ", "would "), decisions(&acting, "remedy: ", "decided to "));
    assert_eq!((dry.times(RESTART), off.times(RESTART)), (vec![], vec![]));
    assert_eq!((decided(&off), off.said("remedy")), (vec![], vec![]));
}

#[test]
fn hands_off_reaches_seven_days_ahead_and_not_into_the_past() {
    let mut story = live(quiet(1), minimal(), &json!({}));
    for (moment, words) in [("2026-01-20T00:00:00Z", "at most 7 days"), ("2025-12-31T00:00:00Z", "is over already")] {
        let (status, answer) = story.patched(&json!({"handsOff": {"until": moment}}));
        assert!(status == 422 && answer.contains(words) && answer.contains("/handsOff/until"), "{answer}");
    }
    let until = json!({"handsOff": {"until": "2026-01-01T03:00:00Z"}});
    assert_eq!(story.patched(&until).0, 202);
    story.pass(24 * HOUR);
    // What was accepted is no obstacle when it is over.
    assert_eq!(story.patched(&json!({"description": "later"})).0, 202);
    assert_eq!(story.patched(&json!({"handsOff": null})).0, 202);
}

/// With the account's own metrics and alarms.
fn with_alarms(seed: u64) -> LifeConfig {
    let mut config = quiet(seed);
    config.world.switches.metrics = true;
    config
}

#[test]
fn a_pipeline_that_is_stuck_runs_again_after_the_restart() {
    let mut story = live(with_alarms(1), body_of("create-platform"), &json!({}));
    story.pass(10 * MINUTE);
    let id = story.record().object(&Slot::Channel).unwrap().id.clone();
    {
        let mut inner = story.life.sim.0.borrow_mut();
        let now = inner.now;
        inner.world.stick_pipeline(HOME, now, &id, 1).unwrap();
    }
    story.pass(HOUR);
    let done: Vec<Remedy> = story.record().state.remedies.lately.iter().map(|it| it.remedy.clone()).collect();
    assert_eq!(done, [Remedy::RestartPipelines(vec![1])], "{:#?}", story.said("remedy"));
    assert_eq!(story.said("has been OK for 60 s, after 1 restart").len(), 1, "{:#?}", story.said("remedy"));
    assert_eq!((story.phase(), story.record().state.remedies.look_at), (Phase::Live, None));
}

#[test]
fn a_lost_input_gives_way_to_the_next_and_comes_back_when_it_holds() {
    let mut story = live(with_alarms(1), two_inputs(), &json!({}));
    story.pass(10 * MINUTE);
    assert_eq!(story.on_air(), "main");
    story.source("main", SourceState::Off);
    story.on_air_within("backup", 5 * MINUTE);
    let alarm = story.record().state.alarms[&Slot::Alarm(AlarmKind::InputLoss(0))].at;
    let switched = story.times(SWITCH)[0];
    assert!(switched - alarm.0 <= 5_000, "{} ms after the alarm", switched - alarm.0);
    // It is still lost when it is tried again: back to the one that has video.
    story.on_air_within("main", 10 * MINUTE);
    story.on_air_within("backup", 5 * MINUTE);
    story.source("main", SourceState::On);
    story.on_air_within("main", 3 * HOUR);
    story.pass(HOUR);
    assert_eq!(story.on_air(), "main");
    assert_eq!(story.times(SWITCH).len(), 4, "{:#?}", story.said("remedy"));
    assert_rare(&story.times(SWITCH), 3);
    assert_eq!(story.record().state.remedies.switched, None);
    assert_eq!(story.said("input main is on air again and holds").len(), 1, "{:#?}", story.said("remedy"));
}

#[test]
fn with_no_video_at_all_the_first_input_stays_and_its_loss_picture_with_it() {
    let mut story = live(with_alarms(1), two_inputs(), &json!({}));
    story.pass(10 * MINUTE);
    story.source("main", SourceState::Off);
    story.source("backup", SourceState::Off);
    story.pass(10 * MINUTE);
    assert_eq!((story.on_air(), story.times(SWITCH).len()), ("main".to_owned(), 2), "{:#?}", story.said("remedy"));
    story.pass(10 * HOUR);
    assert_rare(&story.times(SWITCH), 3);
    assert_eq!(story.on_air(), "main");
    assert!(story.times(SWITCH).len() <= 8, "given up: {:#?}", story.said("remedy"));
}

#[test]
fn a_pair_switches_by_itself_and_nothing_is_done() {
    let mut body = two_inputs();
    body["inputs"][0]["failover"] = json!({"input": "backup"});
    let mut story = live(with_alarms(1), body, &json!({}));
    story.pass(10 * MINUTE);
    story.source("main", SourceState::Off);
    story.pass(HOUR);
    assert_eq!(story.times(SWITCH), Vec::<i64>::new());
    story.source("backup", SourceState::Off);
    story.pass(HOUR);
    assert_eq!(story.times(SWITCH), Vec::<i64>::new(), "there is nothing to switch to");
}

#[test]
fn a_channel_that_was_stopped_on_another_input_is_started_on_it_and_goes_back() {
    let mut story = live(with_alarms(1), two_inputs(), &json!({"maxActionsPerHour": 1}));
    story.pass(10 * MINUTE);
    story.source("main", SourceState::Off);
    story.on_air_within("backup", 5 * MINUTE);
    story.pass(5 * HOUR);
    assert_eq!(story.on_air(), "backup", "one action an hour leaves no room for a probe");
    story.source("main", SourceState::On);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, 10 * MINUTE);
    story.pass(HOUR);
    assert_eq!(story.times(SWITCH).len(), 1);
    story.ask(Change::Start);
    story.reach(Phase::Live, 10 * MINUTE);
    assert_eq!(story.on_air(), "backup", "MediaLive begins with the last switch");
    story.on_air_within("main", 3 * MINUTE);
}
