//! Single decisions of the planner and of `accept`, on small records.

use super::sizes::largest;
use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::check::check;
use crate::limits::Limits;
use crate::phase::{Phase, phase};
use crate::plan::{Plan, plan};
use crate::record::{Record, Want};
use crate::request::desired;
use crate::slot::{AlarmKind, Slot};
use crate::spec::read;
use crate::time::Timestamp;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn small() -> Record {
    let mut record = largest();
    record.asked.spec = read(&json!({"name": "n"})).unwrap();
    record.asked.intent.want = Want::Idle;
    record
}

fn object(slot: &Slot) -> Object {
    let urls = vec![format!("https://host.example.net/out/v1/{}/index.m3u8", slot.to_string().replace('/', ""))];
    Object { id: format!("id-{slot}"), arn: format!("arn-{slot}"), urls, domain: Some("d.example.net".to_owned()) }
}

fn outcome(slot: &Slot, verb: Verb, result: Result<Answer, Refusal>) -> Event {
    Event::Outcome(Outcome {
        slot: slot.clone(),
        incarnation: 1,
        verb,
        id: Some(format!("id-{slot}")),
        asked_at: NOW,
        result,
    })
}

fn make(record: &mut Record, slot: &Slot) {
    record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], NOW);
    let made = outcome(slot, Verb::Create, Ok(Answer::Made(object(slot), Seen::new(Status::Ready))));
    accept(record, &made, NOW, Limits::default());
    assert_eq!(check(record), Vec::<String>::new());
}

fn built() -> Record {
    let mut record = small();
    for slot in desired(&record.asked.spec) {
        make(&mut record, &slot);
    }
    record
}

fn actions(record: &Record) -> Vec<String> {
    match plan(record, NOW.plus_secs(60), Limits::default()) {
        Plan::Act(actions) => actions
            .iter()
            .map(|action| {
                format!(
                    "{:?} {}",
                    action.targets().0,
                    action.targets().1.first().map_or(String::new(), |(slot, _)| slot.to_string())
                )
            })
            .collect(),
        Plan::Wait { on, .. } => on.iter().map(|wait| format!("wait {}", wait.slot)).collect(),
        Plan::Settled => vec!["settled".to_owned()],
    }
}

#[test]
fn what_depends_on_nothing_is_made_at_once() {
    assert_eq!(actions(&small()), ["Create group/rtmp", "Create secret", "Create packaging"]);
}

#[test]
fn a_built_platform_is_ready_and_settled() {
    let record = built();
    assert_eq!(phase(&record), Phase::Ready);
    assert_eq!(actions(&record), ["settled"]);
}

#[test]
fn teardown_begins_with_everything_that_nothing_depends_on() {
    let mut record = built();
    record.asked.intent.want = Want::Gone;
    assert_eq!(phase(&record), Phase::TearingDown);
    assert_eq!(
        actions(&record),
        ["Delete alarm/input-loss-0", "Delete alarm/cdn-4xx", "Delete channel", "Disable distribution"]
    );
}

#[test]
fn a_refused_create_fails_the_slot_until_the_next_request() {
    let mut record = small();
    let group = Slot::Group("rtmp".to_owned());
    record.intend(&[Action::Create { slot: group.clone(), incarnation: 1, unsure: false }], NOW);
    let refusal = Refusal::new(RefusalKind::Quota, "TooManyRequestsException", "the quota of 5 groups is used up");
    accept(&mut record, &outcome(&group, Verb::Create, Err(refusal)), NOW, Limits::default());
    assert_eq!(phase(&record), Phase::Failed);
    assert!(!actions(&record).contains(&"Create group/rtmp".to_owned()));
    record.asked.generation = 2;
    accept(&mut record, &Event::Asked, NOW, Limits::default());
    assert_eq!(phase(&record), Phase::Provisioning);
    assert!(actions(&record).contains(&"Create group/rtmp".to_owned()));
}

#[test]
fn a_conflict_is_waited_for_and_then_tried_again() {
    let mut record = built();
    record.asked.intent.want = Want::Gone;
    record.intend(&[Action::Delete { slot: Slot::Secret, incarnation: 1, id: "id-secret".to_owned() }], NOW);
    let refusal = Refusal::new(RefusalKind::Conflict, "ConflictException", "in use");
    accept(&mut record, &outcome(&Slot::Secret, Verb::Delete, Err(refusal)), NOW, Limits::default());
    assert!(record.failure().is_none());
    assert!(record.slot(&Slot::Secret).unwrap().doing.as_ref().unwrap().retry_at > Some(NOW));
}

#[test]
fn a_second_object_of_a_slot_is_a_stray() {
    let mut record = built();
    let group = Slot::Group("rtmp".to_owned());
    let other = Object { id: "second".to_owned(), ..object(&group) };
    let late = outcome(&group, Verb::Create, Ok(Answer::Made(other, Seen::new(Status::Ready))));
    accept(&mut record, &late, NOW, Limits::default());
    assert_eq!(record.object(&group).unwrap().id, "id-group/rtmp", "the older stays");
    assert_eq!(record.state.strays.len(), 1);
    assert_eq!(check(&record), Vec::<String>::new());
}

#[test]
fn one_of_two_pipelines_is_not_live() {
    let mut record = built();
    record.asked.spec.channel_class = crate::spec::ChannelClass::Standard;
    record.asked.intent.want = Want::Live;
    for (pipelines, expect) in [(1, Phase::Starting), (2, Phase::Live), (1, Phase::Live)] {
        let seen = Seen { pipelines, ..Seen::new(Status::Running) };
        accept(&mut record, &outcome(&Slot::Channel, Verb::Observe, Ok(Answer::Seen(seen))), NOW, Limits::default());
        assert_eq!(phase(&record), expect, "{pipelines} pipelines");
    }
    assert_eq!(record.seen(&Slot::Channel).unwrap().status, Status::Recovering, "it had two");
}

#[test]
fn older_news_of_an_alarm_is_dropped() {
    let mut record = built();
    let slot = Slot::Alarm(AlarmKind::InputLoss(0));
    let alarm =
        |firing, secs| Event::Alarm { slot: slot.clone(), firing, reason: String::new(), at: NOW.plus_secs(secs) };
    accept(&mut record, &alarm(true, 10), NOW, Limits::default());
    accept(&mut record, &alarm(false, 20), NOW, Limits::default());
    accept(&mut record, &alarm(true, 10), NOW, Limits::default());
    assert!(!record.state.alarms[&slot].firing);
}

#[test]
fn check_finds_what_must_not_be() {
    let mut twice = built();
    let secret = twice.state.slots[&Slot::Secret].clone();
    twice.state.slots.get_mut(&Slot::Packaging).unwrap().token = secret.token;
    assert_eq!(check(&twice).len(), 1, "{:?}", check(&twice));
    let mut gone = built();
    gone.state.gone_at = Some(NOW);
    assert!(check(&gone).len() > 5);
    let mut blind = built();
    blind.state.slots.get_mut(&Slot::Channel).unwrap().seen = None;
    assert_eq!(check(&blind).len(), 1);
    let mut making = built();
    making.intend(&[Action::Create { slot: Slot::Secret, incarnation: 1, unsure: true }], NOW);
    assert_eq!(check(&making).len(), 1);
}

#[test]
fn slots_are_read_as_they_are_written() {
    for slot in desired(&largest().asked.spec) {
        assert_eq!(slot.to_string().parse::<Slot>(), Ok(slot));
    }
    assert!("alarm/nothing".parse::<Slot>().is_err());
}

/// A search that was begun before the doubt was over does not end it, however late its answer is taken in.
#[test]
fn an_old_search_does_not_end_the_doubt() {
    let mut record = built();
    let group = Slot::Group("rtmp".to_owned());
    let until = NOW.plus_secs(120);
    record.state.slots.get_mut(&group).unwrap().unsettled_until = Some(until);
    let known = (object(&group), Seen::new(Status::InUse));
    let mut search = |asked_at: Timestamp| {
        let found = Outcome {
            slot: group.clone(),
            incarnation: 1,
            verb: Verb::Find,
            id: None,
            asked_at,
            result: Ok(Answer::Found(vec![known.clone()])),
        };
        accept(&mut record, &Event::Outcome(found), until.plus_secs(60), Limits::default());
        record.slot(&group).unwrap().unsettled_until
    };
    assert_eq!(search(until.plus_millis(-1)), Some(until));
    assert_eq!(search(until), None);
}
