//! Planned events: a channel that is on air in time, and off after it, without a hand on it.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_domain::record::Want;
use headend_domain::time::Timestamp;
use headend_local::ports::Answered;
use serde_json::{Value, json};

/// Lives begin at 2026-01-01T00:00Z.
const BEGIN: i64 = 1_767_225_600_000;

fn at(hour: i64, minute: i64) -> i64 {
    BEGIN + hour * HOUR + minute * MINUTE
}

/// An event on 1 January, in UTC.
fn event(title: &str, start: &str, end: &str) -> Value {
    json!({
        "title": title, "start": format!("2026-01-01T{start}"), "end": format!("2026-01-01T{end}"),
        "timeZone": "Etc/UTC", "overrunSeconds": 600,
    })
}

impl Story {
    /// A platform that is Ready.
    fn ready() -> Self {
        let mut story = Self::create(quiet(1), &body_of("create-platform-minimal"));
        story.reach(Phase::Ready, 30 * MINUTE);
        story
    }

    fn planned(&mut self, method: &str, event: Option<&str>, body: &Value) -> (u16, Value) {
        let id = self.id.clone();
        match self.life.planned(method, &id, event, body, None) {
            Answered::Response(answer) => (answer.status, serde_json::from_str(&answer.body).unwrap()),
            Answered::Died => panic!("{method} died"),
        }
    }

    /// Plans the event and says its id.
    fn plan(&mut self, body: &Value) -> String {
        let (status, answer) = self.planned("POST", None, body);
        assert_eq!(status, 201, "{answer:#}");
        answer["id"].as_str().unwrap().to_owned()
    }

    fn live_until(&mut self, moment: i64) {
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
    fn channel(&self) -> String {
        let all = self.inventory();
        all.iter()
            .find(|it| it.contains("channel channel "))
            .map_or_else(String::new, |it| it.rsplit(' ').next().unwrap().to_owned())
    }

    fn calls(&self, name: &str) -> usize {
        self.mutations().iter().filter(|call| *call == name).count()
    }

    fn journal(&self) -> Vec<String> {
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
