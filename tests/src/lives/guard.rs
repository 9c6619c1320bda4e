//! The guard on the bill: what stops a channel without a hand on it, when, and what a person can do about it.

use super::events::{at, event};
use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_control::store::{Fact, Inbox, InboxItem};
use headend_domain::broadcast::Fate;
use headend_domain::estimate::running_micros;
use headend_domain::guard::Rule;
use headend_domain::phase::Phase;
use headend_domain::record::Want;
use headend_domain::slot::{AlarmKind, Slot};
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, HOME, LifeConfig, SimStore};
use headend_local::world::medialive::SourceState;
use serde_json::{Value, json};

/// A platform with this guard that is Ready.
fn guarded(config: LifeConfig, guard: &Value) -> Story {
    let mut body = body_of("create-platform-minimal");
    body["guard"] = guard.clone();
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 30 * MINUTE);
    story
}

impl Story {
    /// The alarm of the one pipeline says that nothing arrives, or that something does again.
    fn lost(&mut self, firing: bool) {
        let (store, at) = (SimStore(self.life.sim.clone()), Timestamp(self.life.now()));
        let slot = Slot::Alarm(AlarmKind::InputLoss(0));
        let fact = Fact::Alarm { slot, firing, reason: "no frames".to_owned(), at };
        let item = InboxItem { id: format!("{at}"), fact };
        let key = self.record().asked.key;
        futures::executor::block_on(store.put_fact(&key, &item, at)).unwrap();
    }

    fn start_at(&mut self, moment: i64) {
        self.live_until(moment);
        self.ask(Change::Start);
        self.reach(Phase::Live, 5 * MINUTE);
    }

    fn rule(&self) -> Option<Rule> {
        self.record().state.guard.stop.map(|stop| stop.rule)
    }

    fn times_said(&self, words: &str) -> usize {
        self.journal().iter().filter(|text| text.contains(words)).count()
    }

    fn answer(answered: Answered) -> (u16, Value) {
        let Answered::Response(answer) = answered else { panic!("the function died") };
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    fn try_start(&mut self) -> (u16, Value) {
        let id = self.id.clone();
        Self::answer(self.life.change(&id, Change::Start, None))
    }

    fn patch_guard(&mut self, guard: &Value) -> (u16, Value) {
        let id = self.id.clone();
        Self::answer(self.life.patch(&id, &json!({"guard": guard}), None))
    }
}

/// Within a minute after it was due, and not before.
#[track_caller]
fn in_time(story: &Story, told: Option<&i64>, due: i64) {
    let late = told.map(|told| told - due);
    assert!(late.is_some_and(|late| (0..=MINUTE).contains(&late)), "{late:?} ms late\n{:#?}", story.journal());
}

#[test]
fn a_budget_of_5_dollars_stops_a_channel_at_5_dollars_of_the_price_file_within_one_sweep() {
    for lose_wakeups in [false, true] {
        let guard = json!({"monthlyBudgetUsd": 5, "onBudget": "stop"});
        let mut story = guarded(LifeConfig { lose_wakeups, ..quiet(1) }, &guard);
        story.live_until(at(1, 0));
        story.ask(Change::Start);
        story.reach(Phase::Live, 10 * MINUTE);
        let rate = running_micros(&story.record().asked.spec);
        let started = story.times("StartChannel")[0];
        let due = started + (5_000_000 * HOUR + rate - 1) / rate;
        story.live_until(due + 3 * HOUR);
        in_time(&story, story.times("StopChannel").first(), due);
        assert_eq!(
            (story.channel(), story.phase(), story.rule()),
            ("IDLE".to_owned(), Phase::Ready, Some(Rule::Budget))
        );
        for percent in [50, 80, 100] {
            assert_eq!(story.times_said(&format!("guard: {percent} % of the budget of 5.00 USD for 2026-01")), 1);
        }
        assert_eq!(story.times_said("guard: the channel is stopped: the budget of 5.00 USD for 2026-01 is spent"), 1);
        let spent = story.record().state.meter.at(Timestamp(story.life.now())).sum.micros;
        assert!((5_000_000..5_000_000 + rate / 15).contains(&spent), "{spent}: five dollars and a stop's time");
    }
}

#[test]
fn a_start_on_a_budget_that_is_spent_is_refused_until_the_budget_is_another() {
    let mut story = guarded(quiet(1), &json!({"monthlyBudgetUsd": 1, "onBudget": "stop"}));
    story.start_at(at(1, 0));
    story.reach(Phase::Ready, 2 * HOUR);
    let (status, refused) = story.try_start();
    assert_eq!((status, &refused["type"]), (409, &json!("urn:headend:problem:budget-spent")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("raise guard.monthlyBudgetUsd"), "{refused}");
    assert_eq!(story.patch_guard(&json!({"monthlyBudgetUsd": 3})).0, 202);
    story.live_until(story.life.now() + HOUR);
    assert_eq!(story.phase(), Phase::Ready, "what was said before is used up: nothing starts by itself");
    assert_eq!(story.try_start().0, 202);
    story.reach(Phase::Live, 10 * MINUTE);
    story.reach(Phase::Ready, HOUR);
    assert_eq!(story.times_said("guard: 50 % of the budget of 3.00 USD"), 1, "{:#?}", story.journal());
    let (status, view) = story.patch_guard(&json!({"onBudget": "warn"}));
    assert_eq!(
        (status, &view["guardStop"]["rule"], &view["intent"]["by"]),
        (202, &json!("budget"), &json!("guard (budget)"))
    );
    assert_eq!(story.try_start().0, 202);
    story.reach(Phase::Live, 10 * MINUTE);
    story.live_until(story.life.now() + 5 * HOUR);
    assert_eq!(story.phase(), Phase::Live, "it was told to warn only");
}

#[test]
fn events_wait_for_the_next_month_when_the_budget_is_spent() {
    let config = LifeConfig { jumps: true, ..quiet(1) };
    let mut story = guarded(config, &json!({"idleStopMinutes": 0}));
    let hourly = running_micros(&story.record().asked.spec) as f64 / 1e6;
    // Enough for one evening of 76 minutes, and for a part of the next.
    assert_eq!(story.patch_guard(&json!({"monthlyBudgetUsd": hourly * 1.8, "onBudget": "stop"})).0, 202);
    let mut daily = event("Daily", "19:00", "20:00");
    daily["recurrence"] = json!("FREQ=DAILY");
    story.plan(&daily);
    story.live_until(at(31 * 24 - 1, 0));
    let months = story.starts_and_stops();
    assert_eq!(months.len(), 4, "two evenings of January: {months:?}\n{:#?}", story.journal());
    let fates: Vec<Fate> = story.fates().into_iter().map(|(_, fate)| fate).collect();
    assert!(fates.iter().all(|fate| *fate == Fate::Stopped), "the newest of them were held back: {fates:?}");
    assert!(
        story.times_said("event \"Daily\" does not begin: the budget of") == 1,
        "day after day, one line: {:#?}",
        story.journal()
    );
    story.live_until(at(31 * 24 + 19, 30));
    assert_eq!(story.phase(), Phase::Live, "it is February\n{:#?}", story.journal());
}

#[test]
fn a_channel_to_which_nothing_comes_is_stopped_after_20_minutes_and_says_why() {
    let mut story = guarded(quiet(1), &json!({}));
    story.start_at(at(1, 0));
    // For nineteen minutes only.
    story.lost(true);
    story.live_until(story.life.now() + 19 * MINUTE);
    story.lost(false);
    story.live_until(at(2, 0));
    assert_eq!(story.phase(), Phase::Live);
    story.lost(true);
    story.live_until(at(3, 0));
    in_time(&story, story.times("StopChannel").first(), at(2, 20));
    assert_eq!((story.phase(), story.record().want()), (Phase::Ready, Want::Idle));
    assert_eq!(
        story.times_said("guard: the channel is stopped: no video has arrived for 20 minutes, since 2026-01-01T02:00"),
        1
    );
    assert_eq!(story.record().wanted_by().0, "guard (idle)");
    // Whoever starts it again has it for twenty minutes at least; the alarm may still be the one from before.
    story.start_at(at(3, 0));
    let live = story.life.now();
    story.live_until(at(4, 0));
    in_time(&story, story.times("StopChannel").get(1), live + 20 * MINUTE);
    // And without the guard for ever.
    assert_eq!(story.patch_guard(&json!({"idleStopMinutes": 0})).0, 202);
    story.start_at(at(4, 0));
    story.live_until(at(9, 0));
    assert_eq!(story.phase(), Phase::Live);
}

#[test]
fn an_encoder_that_goes_silent_is_noticed_by_the_accounts_own_alarms() {
    let mut config = quiet(1);
    config.world.switches.metrics = true;
    let mut story = guarded(config, &json!({"idleStopMinutes": 5}));
    story.start_at(at(1, 0));
    // Alarms of a channel that has just started have seen too little to say anything.
    story.live_until(at(2, 0));
    assert_eq!(story.phase(), Phase::Live, "{:#?}", story.journal());
    let input = story.record().object(&Slot::Input("rtmp".to_owned())).unwrap().id.clone();
    story.life.sim.0.borrow_mut().world.set_source(HOME, at(2, 0), &input, SourceState::Off).unwrap();
    story.live_until(at(3, 0));
    let stopped = (story.times("StopChannel")[0] - at(2, 0)) / MINUTE;
    assert!(
        (6..=9).contains(&stopped),
        "{stopped} min: two periods of the alarm, then five minutes\n{:#?}",
        story.journal()
    );
    assert_eq!(story.rule(), Some(Rule::Idle));
}

#[test]
fn nobody_has_to_push_in_the_warm_up_of_an_event() {
    let mut story = guarded(quiet(1), &json!({}));
    let mut daily = event("Daily", "19:00", "21:00");
    daily["recurrence"] = json!("FREQ=DAILY");
    daily["warmupSeconds"] = json!(3600);
    story.plan(&daily);
    story.live_until(at(18, 10));
    story.lost(true);
    story.live_until(at(19, 19));
    assert_eq!((story.channel(), story.times("StopChannel").len()), ("RUNNING".to_owned(), 0));
    story.live_until(at(23, 0));
    in_time(&story, story.times("StopChannel").first(), at(19, 20));
    assert_eq!(story.fates(), [("Daily".to_owned(), Fate::Stopped)]);
    assert_eq!(story.times_said("event \"Daily\" gives the channel up: it was stopped by the guard"), 1);
    story.lost(false);
    story.live_until(at(24 + 23, 0));
    assert_eq!(story.fates()[1], ("Daily".to_owned(), Fate::Aired), "the next one runs again");
}

#[test]
fn a_channel_that_has_run_for_as_long_as_it_may_is_stopped() {
    let mut story = guarded(quiet(1), &json!({"maxRunHours": 2}));
    for hour in [1, 6] {
        story.start_at(at(hour, 0));
        let live = story.record().state.live_since.unwrap().0;
        story.live_until(live + 3 * HOUR);
        in_time(&story, story.times("StopChannel").last(), live + 2 * HOUR);
        assert_eq!((story.phase(), story.rule()), (Phase::Ready, Some(Rule::MaxRun)));
    }
    assert_eq!(story.times_said("guard: the channel is stopped: it has run for 2 h"), 2);
    story.start_at(at(10, 0));
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, 3 * HOUR);
    story.settle(HOUR);
    assert_eq!((story.inventory(), story.record().state.guard.look_at), (Vec::new(), None));
}

#[test]
fn wake_ups_that_are_lost_or_doubled_do_not_double_the_meter() {
    let ran = |lose_wakeups: bool, wakeup_copies: usize, event_copies: usize| {
        let mut story =
            guarded(LifeConfig { lose_wakeups, event_copies, ..quiet(1) }, &json!({"monthlyBudgetUsd": 50}));
        story.life.weather.wakeup_copies = wakeup_copies;
        story.start_at(at(1, 0));
        story.live_until(at(4, 0));
        story.ask(Change::Stop);
        story.reach(Phase::Ready, 10 * MINUTE);
        story.live_until(at(9, 0));
        let (start, stop) = (story.times("StartChannel")[0], story.times("StopChannel")[0]);
        let counted = story.record().state.meter.sum.millis;
        // A stop takes a minute at most; whoever hears of nothing looks a minute later.
        assert!((stop - start..=stop - start + 3 * MINUTE).contains(&counted), "{counted} of {}", stop - start);
        let (micros, rate) = (story.record().state.meter.sum.micros, running_micros(&story.record().asked.spec));
        assert!((micros - counted * rate / HOUR).abs() <= 1, "{micros} for {counted} ms at {rate}");
        counted
    };
    let plain = ran(false, 1, 1);
    assert_eq!(plain, ran(false, 5, 3));
    assert!(plain.abs_diff(ran(true, 1, 0)) <= 2 * MINUTE.unsigned_abs());
}
