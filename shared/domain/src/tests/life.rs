//! Single decisions of the planner and of `accept`, on small records.

use super::sizes::largest;
use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::check::check;
use crate::limits::Limits;
use crate::phase::{ConditionStatus, Phase, conditions, phase};
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
    record.asked.spec = read(&json!({"name": "n", "drift": {"mode": "off"}})).unwrap();
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
    let encoding = conditions(&record).into_iter().find(|condition| condition.name == "Encoding").unwrap();
    assert_eq!(encoding.status, ConditionStatus::Broken, "a lost pipeline is told: {encoding:?}");
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

#[test]
fn a_search_that_fails_in_teardown_waits() {
    let mut record = small();
    let slot = Slot::Secret;
    record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], NOW);
    accept(&mut record, &Event::Resumed, NOW, Limits::default());
    record.asked.intent.want = Want::Gone;
    let later = NOW.plus_secs(600);
    assert!(matches!(plan(&record, later, Limits::default()), Plan::Act(_)));
    let throttled = Event::Outcome(Outcome {
        slot: slot.clone(),
        incarnation: 1,
        verb: Verb::Find,
        id: None,
        asked_at: later,
        result: Err(Refusal::new(RefusalKind::Throttled, "ThrottlingException", "slow down")),
    });
    accept(&mut record, &throttled, later, Limits::default());
    let next = plan(&record, later, Limits::default());
    assert!(matches!(next, Plan::Wait { .. }), "hot loop: {next:?}");
}

#[test]
fn a_search_that_fails_in_build_waits() {
    let mut record = built();
    let slot = Slot::Secret;
    record.state.slots.get_mut(&slot).unwrap().unsettled_until = Some(NOW);
    let later = NOW.plus_secs(600);
    let throttled = Event::Outcome(Outcome {
        slot: slot.clone(),
        incarnation: 1,
        verb: Verb::Find,
        id: None,
        asked_at: later,
        result: Err(Refusal::new(RefusalKind::Throttled, "ThrottlingException", "slow down")),
    });
    accept(&mut record, &throttled, later, Limits::default());
    let next = plan(&record, later, Limits::default());
    let finds = format!("{next:?}").matches("Find").count();
    assert_eq!(finds, 0, "hot loop: {next:?}");
}

#[test]
fn a_late_refused_create_does_not_stop_teardown() {
    let mut record = small();
    let slot = Slot::Group("rtmp".to_owned());
    record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], NOW);
    // Another function takes over after the lease: DELETE is asked for.
    record.asked.intent.want = Want::Gone;
    record.asked.generation += 1;
    accept(&mut record, &Event::Resumed, NOW, Limits::default());
    accept(&mut record, &Event::Asked, NOW, Limits::default());
    // The frozen one wakes up with AWS's refusal.
    let refused = Event::Outcome(Outcome {
        slot: slot.clone(),
        incarnation: 1,
        verb: Verb::Create,
        id: None,
        asked_at: NOW,
        result: Err(Refusal::new(RefusalKind::Quota, "TooManyRequestsException", "quota")),
    });
    accept(&mut record, &refused, NOW.plus_secs(60), Limits::default());
    let far = NOW.plus_secs(100_000);
    let next = plan(&record, far, Limits::default());
    assert_ne!(phase(&record), Phase::Failed, "{next:?} {:?}", record.state.slots[&slot]);
}

#[test]
fn a_stray_that_is_refused_for_good_is_told() {
    let mut record = built();
    let slot = Slot::Group("rtmp".to_owned());
    record.state.strays.push(crate::record::Stray {
        slot: slot.clone(),
        id: "second".to_owned(),
        tries: 0,
        retry_at: NOW,
        code: String::new(),
    });
    record.asked.intent.want = Want::Gone;
    let mut now = NOW;
    let mut notes = 0;
    for _ in 0..1000 {
        now = now.plus_secs(61);
        let refused = Event::Outcome(Outcome {
            slot: slot.clone(),
            incarnation: 0,
            verb: Verb::Delete,
            id: Some("second".to_owned()),
            asked_at: now,
            result: Err(Refusal::new(RefusalKind::Denied, "AccessDeniedException", "no")),
        });
        notes += accept(&mut record, &refused, now, Limits::default()).len();
    }
    assert!(phase(&record) == Phase::Failed || notes > 0, "{:?} notes {notes}", phase(&record));
}

#[test]
fn a_channel_that_aws_cannot_make_ends_failed() {
    let mut record = built();
    let mut now = NOW;
    let mut makes = 0;
    for _ in 0..20 {
        now = now.plus_secs(300);
        let inc = record.state.slots[&Slot::Channel].incarnation;
        let out = |verb, result, id: Option<&str>| {
            Event::Outcome(Outcome {
                slot: Slot::Channel,
                incarnation: inc,
                verb,
                id: id.map(str::to_owned),
                asked_at: now,
                result,
            })
        };
        let id = "id-channel";
        accept(
            &mut record,
            &out(Verb::Observe, Ok(Answer::Seen(Seen::new(Status::Broken))), Some(id)),
            now,
            Limits::default(),
        );
        accept(&mut record, &out(Verb::Delete, Ok(Answer::Missing), Some(id)), now, Limits::default());
        if let Plan::Act(actions) = plan(&record, now.plus_secs(60), Limits::default())
            && let Some(create) = actions.iter().find(|a| matches!(a, Action::Create { slot: Slot::Channel, .. }))
        {
            {
                makes += 1;
                record.intend(std::slice::from_ref(create), now);
                let inc = record.state.slots[&Slot::Channel].incarnation;
                let made = Event::Outcome(Outcome {
                    slot: Slot::Channel,
                    incarnation: inc,
                    verb: Verb::Create,
                    id: None,
                    asked_at: now,
                    result: Ok(Answer::Made(object(&Slot::Channel), Seen::new(Status::Making))),
                });
                accept(&mut record, &made, now, Limits::default());
            }
        }
    }
    assert!(makes < 10, "made {makes} times, phase {:?}", phase(&record));
}

#[test]
fn a_running_channel_that_is_found_is_live() {
    let mut record = built();
    record.asked.intent.want = Want::Live;
    let starting = outcome(&Slot::Channel, Verb::Start, Ok(Answer::Seen(Seen::new(Status::Starting))));
    accept(&mut record, &starting, NOW, Limits::default());
    let running = Seen { pipelines: 1, ..Seen::new(Status::Running) };
    let running = Seen { pipelines: record.asked.spec.channel_class.pipelines(), ..running };
    let found = outcome(&Slot::Channel, Verb::Find, Ok(Answer::Found(vec![(object(&Slot::Channel), running.clone())])));
    accept(&mut record, &found, NOW.plus_secs(200), Limits::default());
    for n in 0..5 {
        let again = outcome(&Slot::Channel, Verb::Observe, Ok(Answer::Seen(running.clone())));
        accept(&mut record, &again, NOW.plus_secs(300 + n), Limits::default());
    }
    assert_eq!(
        phase(&record),
        Phase::Live,
        "{:?} {:?}",
        record.state.slots[&Slot::Channel],
        plan(&record, NOW.plus_secs(10_000), Limits::default())
    );
}

#[test]
fn what_cannot_be_sent_does_not_spin_and_is_told() {
    let mut record = small();
    let slot = Slot::Secret;
    let mut acts = 0;
    let mut notes = 0;
    for _ in 0..1000 {
        let Plan::Act(actions) = plan(&record, NOW, Limits::default()) else { break };
        if !actions.iter().any(|a| a.targets().1[0].0 == slot) {
            break;
        }
        acts += 1;
        record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], NOW);
        let no = outcome(
            &slot,
            Verb::Create,
            Err(Refusal::new(RefusalKind::NotSent, "NotSent", "construction failure: input is not valid")),
        );
        notes += accept(&mut record, &no, NOW, Limits::default()).len();
    }
    assert!(acts < 50 && notes > 0, "{acts} tries at one moment, {notes} notes, phase {:?}", phase(&record));
}
