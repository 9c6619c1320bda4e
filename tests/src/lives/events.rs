//! Planned events: a channel that is on air in time, and off after it, without a hand on it.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::{Allowance, Change};
use headend_control::store::{Fact, Inbox, InboxItem};
use headend_domain::broadcast::Fate;
use headend_domain::phase::Phase;
use headend_domain::record::Want;
use headend_domain::slot::{AlarmKind, Slot};
use headend_domain::time::Timestamp;
use headend_local::ports::{Answered, LifeConfig, SimStore};
use serde_json::{Value, json};

/// Lives begin at 2026-01-01T00:00Z.
pub(super) const BEGIN: i64 = 1_767_225_600_000;

pub(super) fn at(hour: i64, minute: i64) -> i64 {
    BEGIN + hour * HOUR + minute * MINUTE
}

/// An event on 1 January, in UTC.
pub(super) fn event(title: &str, start: &str, end: &str) -> Value {
    json!({
        "title": title, "start": format!("2026-01-01T{start}"), "end": format!("2026-01-01T{end}"),
        "timeZone": "Etc/UTC", "overrunSeconds": 600,
    })
}

impl Story {
    /// A platform that is Ready.
    pub(super) fn ready() -> Self {
        let mut story = Self::create(quiet(1), &body_of("create-platform-minimal"));
        story.reach(Phase::Ready, 30 * MINUTE);
        story
    }

    pub(super) fn planned(&mut self, method: &str, event: Option<&str>, body: &Value) -> (u16, Value) {
        let id = self.id.clone();
        match self.life.planned(method, &id, event, body, None) {
            Answered::Response(answer) => (answer.status, serde_json::from_str(&answer.body).unwrap()),
            Answered::Died => panic!("{method} died"),
        }
    }

    /// Plans the event and says its id.
    pub(super) fn plan(&mut self, body: &Value) -> String {
        let (status, answer) = self.planned("POST", None, body);
        assert_eq!(status, 201, "{answer:#}");
        answer["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn live_until(&mut self, moment: i64) {
        let left = moment - self.life.now();
        self.life.run_until(left, |life| {
            for record in life.records() {
                let wrong = headend_domain::check::check(&record);
                assert!(wrong.is_empty(), "{wrong:?}");
            }
            crate::script::assert_counted(life);
            false
        });
    }

    /// What the account says of the channel.
    pub(super) fn channel(&self) -> String {
        let all = self.inventory();
        all.iter()
            .find(|it| it.contains("channel channel "))
            .map_or_else(String::new, |it| it.rsplit(' ').next().unwrap().to_owned())
    }

    pub(super) fn calls(&self, name: &str) -> usize {
        self.mutations().iter().filter(|call| *call == name).count()
    }

    pub(super) fn journal(&self) -> Vec<String> {
        let inner = self.life.sim.0.borrow();
        let key = self.record().asked.key;
        let page = inner.table.timeline(&key, None, 500).unwrap();
        page.items.into_iter().rev().map(|entry| entry.text).collect()
    }
}

#[test]
fn an_event_is_on_air_at_its_start_and_off_after_its_end() {
    let mut story = Story::ready();
    let id = story.plan(&event("Evening", "19:00", "20:00"));
    story.settle(HOUR);
    story.live_until(at(18, 53));
    assert_eq!(story.channel(), "IDLE");
    story.live_until(at(19, 0));
    assert_eq!((story.channel(), story.phase()), ("RUNNING".to_owned(), Phase::Live), "{:#?}", story.journal());
    story.live_until(at(20, 9));
    assert_eq!(story.phase(), Phase::Live, "the overrun is ten minutes");
    story.live_until(at(20, 12));
    assert_eq!((story.channel(), story.phase()), ("IDLE".to_owned(), Phase::Ready));
    story.live_until(at(40, 0));
    assert_eq!((story.calls("StartChannel"), story.calls("StopChannel")), (1, 1));
    let (status, shown) = story.planned("GET", Some(&id), &Value::Null);
    assert_eq!((status, &shown["past"][0]["fate"]), (200, &json!("aired")));
    assert_eq!(story.record().want(), Want::Idle);
    assert_eq!(story.record().asked.intent.at, Timestamp(BEGIN), "nobody has said anything");
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, HOUR);
    assert_eq!(story.inventory(), Vec::<String>::new());
}

/// Hour, minute, and what happens then to the event of that id.
type Happening<'a> = (i64, i64, &'a dyn Fn(&mut Story, &str));

/// A life in which an event is on from 19:00 to 20:00, and something happens.
fn evening(more: &[Value], happens: &[Happening<'_>], until: i64) -> Story {
    let mut story = Story::ready();
    let id = story.plan(&event("Evening", "19:00", "20:00"));
    for body in more {
        story.plan(body);
    }
    for (hour, minute, act) in happens {
        story.live_until(at(*hour, *minute));
        act(&mut story, &id);
    }
    story.live_until(until);
    story
}

fn change(story: &mut Story, id: &str, patch: &Value) {
    let (status, answer) = story.planned("PATCH", Some(id), patch);
    assert_eq!(status, 200, "{answer:#}");
}

impl Story {
    /// When the account was told to start and to stop, in minutes of the day.
    pub(super) fn starts_and_stops(&self) -> Vec<(String, i64)> {
        let calls = self.life.calls();
        let told = calls.iter().filter(|call| ["StartChannel", "StopChannel"].contains(&call.name));
        told.map(|call| (call.name.trim_end_matches("Channel").to_owned(), (call.at - BEGIN) / MINUTE)).collect()
    }

    pub(super) fn fates(&self) -> Vec<(String, Fate)> {
        let record = self.record();
        record.state.broadcasts.past.iter().map(|past| (past.title.clone(), past.fate)).collect()
    }
}

#[track_caller]
fn told(story: &Story, due: &[(&str, i64)]) {
    let told = story.starts_and_stops();
    let close = |(told, due): (&(String, i64), &(&str, i64))| told.0 == due.0 && (told.1 - due.1).abs() <= 1;
    let right = told.len() == due.len() && told.iter().zip(due).all(close);
    assert!(right, "{told:?}, due {due:?}\n{:#?}", story.journal());
}

const ON: i64 = 18 * 60 + 54;
const OFF: i64 = 20 * 60 + 10;

#[test]
fn events_back_to_back_keep_the_channel_on() {
    let later = event("Late", "20:00", "21:00");
    let story = evening(&[later], &[], at(23, 0));
    told(&story, &[("Start", ON), ("Stop", 21 * 60 + 10)]);
    assert_eq!(story.fates(), [("Evening".to_owned(), Fate::Aired), ("Late".to_owned(), Fate::Aired)]);
    // With a pause that is shorter than a stop and a start take.
    let mut later = event("Late", "20:20", "21:00");
    later["warmupSeconds"] = json!(420);
    told(&evening(&[later.clone()], &[], at(23, 0)), &[("Start", ON), ("Stop", 21 * 60 + 10)]);
    // And with one that is longer.
    later["start"] = json!("2026-01-01T20:30");
    told(
        &evening(&[later], &[], at(23, 0)),
        &[("Start", ON), ("Stop", OFF), ("Start", 20 * 60 + 23), ("Stop", 21 * 60 + 10)],
    );
}

#[test]
fn an_event_that_has_run_over_gives_way_to_the_next() {
    let mut later = event("Late", "20:08", "21:00");
    later["overrunSeconds"] = json!(0);
    let story = evening(
        &[later],
        &[(20, 5, &|story: &mut Story, _: &str| {
            let on = story.record().state.broadcasts.on_air.unwrap();
            assert_eq!((on.airing.title.as_str(), story.channel().as_str()), ("Late", "RUNNING"));
        })],
        at(23, 0),
    );
    told(&story, &[("Start", ON), ("Stop", 21 * 60)]);
}

#[test]
fn a_change_while_it_is_on_counts_at_once() {
    let longer = evening(&[], &[(19, 30, &|s, id| change(s, id, &json!({"end": "2026-01-01T21:00"})))], at(23, 0));
    told(&longer, &[("Start", ON), ("Stop", OFF + 60)]);
    let shorter = evening(
        &[],
        &[(19, 30, &|s, id| change(s, id, &json!({"end": "2026-01-01T19:31", "overrunSeconds": 0})))],
        at(23, 0),
    );
    told(&shorter, &[("Start", ON), ("Stop", 19 * 60 + 31)]);
    let renamed = evening(&[], &[(19, 30, &|s, id| change(s, id, &json!({"title": "Night"})))], at(23, 0));
    told(&renamed, &[("Start", ON), ("Stop", OFF)]);
    assert_eq!(renamed.fates(), [("Night".to_owned(), Fate::Aired)]);
}

#[test]
fn an_event_that_is_cancelled_or_moved_away_while_it_is_on_gives_the_channel_up() {
    let cancelled =
        evening(&[], &[(19, 30, &|s, id| assert_eq!(s.planned("DELETE", Some(id), &Value::Null).0, 200))], at(23, 0));
    told(&cancelled, &[("Start", ON), ("Stop", 19 * 60 + 30)]);
    assert_eq!(cancelled.fates(), [("Evening".to_owned(), Fate::Cancelled)]);
    let to =
        |start: &str, end: &str| json!({"start": format!("2026-01-01T{start}"), "end": format!("2026-01-01T{end}")});
    let moved = evening(&[], &[(19, 30, &|s, id| change(s, id, &to("21:00", "22:00")))], at(23, 0));
    told(&moved, &[("Start", ON), ("Stop", 19 * 60 + 30), ("Start", ON + 120), ("Stop", OFF + 120)]);
    // By a few minutes only: it stays on.
    let a_little = evening(&[], &[(18, 58, &|s, id| change(s, id, &to("19:05", "20:05")))], at(23, 0));
    told(&a_little, &[("Start", ON), ("Stop", OFF + 5)]);
}

/// The same every day.
fn daily() -> Value {
    let mut body = event("Daily", "19:00", "20:00");
    body["recurrence"] = json!("FREQ=DAILY");
    body
}

#[test]
fn a_persons_stop_wins_for_the_occurrence_and_the_next_one_runs_again() {
    let mut story = Story::ready();
    story.plan(&daily());
    story.live_until(at(19, 30));
    story.ask(Change::Stop);
    story.live_until(at(24 + 22, 0));
    let day = 24 * 60;
    told(&story, &[("Start", ON), ("Stop", 19 * 60 + 30), ("Start", ON + day), ("Stop", OFF + day)]);
    assert_eq!(story.fates(), [("Daily".to_owned(), Fate::Stopped), ("Daily".to_owned(), Fate::Aired)]);
    // A change of something else afterwards does not start it again, nor does one of the event.
    let id = story.record().calendar.events[0].id.clone();
    story.live_until(at(48 + 19, 30));
    story.ask(Change::Stop);
    let own = story.id.clone();
    let answered = story.life.patch(&own, &json!({"description": "x"}), None);
    assert!(matches!(answered, Answered::Response(it) if it.status == 202));
    change(&mut story, &id, &json!({"end": "2026-01-01T20:30"}));
    story.live_until(at(48 + 22, 0));
    assert_eq!((story.calls("StartChannel"), story.calls("StopChannel")), (3, 3), "{:#?}", story.journal());
}

#[test]
fn a_stop_is_about_the_event_that_has_the_channel_and_not_about_the_one_after_it() {
    let later = event("Late", "20:00", "21:00");
    let story = evening(&[later], &[(19, 57, &|s: &mut Story, _: &str| s.ask(Change::Stop))], at(23, 0));
    told(&story, &[("Start", ON), ("Stop", 21 * 60 + 10)]);
    assert_eq!(story.fates(), [("Evening".to_owned(), Fate::Stopped), ("Late".to_owned(), Fate::Aired)]);
}

#[test]
fn a_stop_from_before_the_event_was_planned_does_not_concern_it() {
    let mut story = Story::ready();
    story.ask(Change::Start);
    story.live_until(at(18, 55));
    story.ask(Change::Stop);
    story.live_until(at(18, 58));
    story.plan(&event("Evening", "19:00", "20:00"));
    story.live_until(at(22, 0));
    assert_eq!(story.fates(), [("Evening".to_owned(), Fate::Aired)], "{:#?}", story.journal());
}

#[test]
fn a_persons_start_during_an_event_outlives_it_and_one_from_before_is_over_with_it() {
    let during = evening(&[], &[(19, 30, &|s: &mut Story, _: &str| s.ask(Change::Start))], at(23, 0));
    told(&during, &[("Start", ON)]);
    assert_eq!(during.phase(), Phase::Live);
    let before = evening(&[], &[(18, 0, &|s: &mut Story, _: &str| s.ask(Change::Start))], at(23, 0));
    told(&before, &[("Start", 18 * 60), ("Stop", OFF)]);
    assert_eq!((before.phase(), before.record().want()), (Phase::Ready, Want::Idle));
    // Who starts it again after the event has it.
    let again = evening(
        &[],
        &[
            (18, 0, &|s: &mut Story, _: &str| s.ask(Change::Start)),
            (21, 0, &|s: &mut Story, _: &str| s.ask(Change::Start)),
        ],
        at(23, 0),
    );
    told(&again, &[("Start", 18 * 60), ("Stop", OFF), ("Start", 21 * 60)]);
    // Stopped and started again within the event: it is a person's now.
    let back = evening(
        &[],
        &[
            (19, 30, &|s: &mut Story, _: &str| s.ask(Change::Stop)),
            (19, 40, &|s: &mut Story, _: &str| s.ask(Change::Start)),
        ],
        at(23, 0),
    );
    told(&back, &[("Start", ON), ("Stop", 19 * 60 + 30), ("Start", 19 * 60 + 40)]);
}

/// Nobody comes from 18:00 until then.
fn overslept(missed_start: &str, hour: i64, minute: i64) -> Story {
    let mut story = Story::ready();
    let mut body = event("Evening", "19:00", "20:00");
    body["missedStart"] = json!(missed_start);
    story.plan(&body);
    story.live_until(at(18, 0));
    story.life.weather.asleep = true;
    story.live_until(at(hour, minute));
    story.life.weather.asleep = false;
    story.live_until(at(23, 0));
    story
}

#[test]
fn a_missed_start_is_late_or_skipped_as_the_event_says() {
    told(&overslept("start-late", 19, 20), &[("Start", 19 * 60 + 20), ("Stop", OFF)]);
    let skipped = overslept("skip", 19, 20);
    told(&skipped, &[]);
    assert_eq!(skipped.fates(), [("Evening".to_owned(), Fate::Missed)]);
    told(&overslept("skip", 19, 1), &[("Start", 19 * 60 + 1), ("Stop", OFF)]);
    let over = overslept("start-late", 22, 0);
    told(&over, &[]);
    assert_eq!(over.fates(), [("Evening".to_owned(), Fate::Missed)], "{:#?}", over.journal());
}

#[test]
fn an_event_that_runs_over_ends_when_the_picture_does() {
    let mut story = Story::ready();
    let mut body = event("Evening", "19:00", "20:00");
    body["overrunSeconds"] = json!(3600);
    story.plan(&body);
    let lost = |story: &mut Story, firing: bool| {
        let (store, at) = (SimStore(story.life.sim.clone()), Timestamp(story.life.now()));
        let slot = Slot::Alarm(AlarmKind::InputLoss(0));
        let fact = Fact::Alarm { slot, firing, reason: "no frames".to_owned(), at };
        let item = InboxItem { id: format!("{at}"), fact };
        let key = story.record().asked.key;
        futures::executor::block_on(store.put_fact(&key, &item, at)).unwrap();
    };
    story.live_until(at(19, 30));
    lost(&mut story, true);
    story.live_until(at(19, 40));
    assert_eq!(story.channel(), "RUNNING", "before its end nothing stops it");
    lost(&mut story, false);
    story.live_until(at(20, 20));
    assert_eq!(story.channel(), "RUNNING", "there is a picture");
    lost(&mut story, true);
    story.live_until(at(22, 0));
    told(&story, &[("Start", ON), ("Stop", 20 * 60 + 20)]);
}

#[test]
fn an_event_waits_for_a_free_channel_of_its_tenant() {
    let body = body_of("create-platform-minimal");
    let config = LifeConfig { allowance: Allowance { platforms: 0, running_channels: 1 }, ..quiet(1) };
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 30 * MINUTE);
    let Answered::Response(other) = story.life.create(&body, None) else { panic!("died") };
    let other = serde_json::from_str::<Value>(&other.body).unwrap()["id"].as_str().unwrap().to_owned();
    let mut skipped = event("Skipped", "22:00", "23:00");
    skipped["missedStart"] = json!("skip");
    story.plan(&event("Evening", "19:00", "20:00"));
    story.plan(&skipped);
    let ask = |story: &mut Story, hour, minute, change| {
        story.live_until(at(hour, minute));
        let answered = story.life.change(&other, change, None);
        assert!(matches!(&answered, Answered::Response(it) if it.status == 202), "{answered:?}");
    };
    ask(&mut story, 18, 0, Change::Start);
    ask(&mut story, 19, 20, Change::Stop);
    ask(&mut story, 21, 0, Change::Start);
    story.live_until(at(23, 30));
    let of_ours = |story: &Story| {
        story.starts_and_stops().into_iter().filter(|(_, minute)| (ON..OFF + 2).contains(minute)).collect::<Vec<_>>()
    };
    let minutes: Vec<i64> = of_ours(&story).into_iter().map(|(_, minute)| minute).collect();
    assert_eq!((minutes[0], minutes.len()), (19 * 60 + 20, 3), "{minutes:?}: the other's stop, our start and stop");
    assert!((19 * 60 + 20..=19 * 60 + 21).contains(&minutes[1]) && minutes[2] >= OFF, "{minutes:?}");
    assert_eq!(story.fates(), [("Evening".to_owned(), Fate::Aired), ("Skipped".to_owned(), Fate::NoRoom)]);
    let said = story.journal();
    let waits = said.iter().filter(|text| text.contains("cannot begin: 1 channels") && text.contains("limit is 1"));
    assert_eq!(waits.count(), 2, "once for each, however often it was tried: {said:#?}");
}
