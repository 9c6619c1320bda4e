//! Resources of ours that somebody changes or deletes by hand, one by one, while the platform is on air: repaired, or told, as
//! the policy says.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_control::ports::Comparing;
use headend_domain::check::check;
use headend_domain::drift::{Does, Traits, wanted};
use headend_domain::limits::DRIFT_REPAIRS_A_DAY;
use headend_domain::phase::{Phase, conditions};
use headend_domain::record::Record;
use headend_domain::slot::{AlarmKind, Format, Slot};
use headend_local::ports::{Answered, HOME, LifeConfig};
use headend_local::world::cloudfront::DistributionConfig;
use headend_local::world::cloudwatch::AlarmFilter;
use headend_local::world::medialive::{UpdateChannel, UpdateInputSecurityGroup};
use headend_local::world::mediapackage::UpdateOriginEndpoint;
use headend_local::world::secrets::DeleteSecret;
use headend_local::world::{AwsError, Ms, Page, World};
use serde_json::json;
use std::task::{Context, Poll, Waker};

/// A round on air, and the comparison after the repair.
pub const ROUND: i64 = 75 * MINUTE;
const ALARM: AlarmKind = AlarmKind::ActiveAlerts(0);

pub fn on_air(config: LifeConfig, mode: &str) -> Story {
    let mut body = body_of("create-platform");
    body["drift"] = json!({"mode": mode});
    body["guard"] = json!({"idleStopMinutes": 0});
    let mut story = Story::create(config, &body);
    story.reach(Phase::Ready, 2 * HOUR);
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    story
}

pub fn id(story: &Story, slot: &Slot) -> String {
    story.record().object(slot).unwrap_or_else(|| panic!("no {slot}")).id.clone()
}

pub fn pushed(story: &Story) -> Slot {
    let record = story.record();
    record.state.slots.keys().find(|slot| matches!(slot, Slot::Group(_))).expect("a push input").clone()
}

impl Story {
    /// Somebody does it in the console.
    pub fn by_hand<T>(&mut self, what: impl FnOnce(&mut World, Ms) -> Result<T, AwsError>) -> T {
        self.try_by_hand(what).unwrap_or_else(|error| panic!("{error:?}"))
    }

    pub fn try_by_hand<T>(&mut self, what: impl FnOnce(&mut World, Ms) -> Result<T, AwsError>) -> Result<T, AwsError> {
        let mut inner = self.life.sim.0.borrow_mut();
        let now = inner.now;
        what(&mut inner.world, now)
    }

    pub fn lives(&mut self, millis: i64) {
        self.life.run_until(millis, |life| {
            for record in life.records() {
                assert_eq!(check(&record), Vec::<String>::new());
            }
            false
        });
    }

    /// What AWS describes of the slot's object.
    pub fn described(&self, slot: &Slot) -> Traits {
        let sim = self.life.sim.clone();
        let id = id(self, slot);
        // Nothing breaks in the eye of the beholder.
        sim.0.borrow_mut().gate.plan.clear();
        let mut asked = std::pin::pin!(sim.compare(slot, &id));
        match Future::poll(asked.as_mut(), &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(found) => found.unwrap().unwrap_or_else(|| panic!("{slot} is not there")).2,
            Poll::Pending => panic!("a call of the simulation waits for nothing"),
        }
    }

    pub fn is_as_asked(&self, slot: &Slot) -> bool {
        self.described(slot) == wanted(&self.record(), slot)
    }

    pub fn assert_all_as_asked(&self) {
        let record = self.record();
        for slot in record.state.slots.keys() {
            assert_eq!(self.described(slot), wanted(&record, slot), "{slot}\n{}", self.report());
        }
    }

    fn drift_condition(&self) -> Option<String> {
        conditions(&self.record()).into_iter().find(|it| it.name == "Drift").map(|it| it.reason)
    }
}

/// What viewers open.
pub fn addresses(record: &Record) -> Vec<String> {
    let endpoints = Format::ALL.iter().filter_map(|format| record.object(&Slot::Endpoint(*format)));
    let domain = record.object(&Slot::Distribution).and_then(|object| object.domain.clone());
    endpoints.flat_map(|object| object.urls.clone()).chain(domain).collect()
}

pub fn open_to_all(story: &mut Story) -> Slot {
    let slot = pushed(story);
    let id = id(story, &slot);
    let open = UpdateInputSecurityGroup { id, cidrs: Some(vec!["0.0.0.0/0".to_owned()]), tags: None };
    story.by_hand(|world, now| world.update_input_security_group(HOME, now, open));
    slot
}

fn another_window(story: &mut Story) -> Slot {
    let slot = Slot::Endpoint(Format::Hls);
    let id = id(story, &slot);
    let doc = json!({"startoverWindowSeconds": 77});
    story.by_hand(|world, now| {
        world.update_origin_endpoint(HOME, now, UpdateOriginEndpoint { id, doc, ..UpdateOriginEndpoint::default() })
    });
    slot
}

pub fn distribution(story: &mut Story, change: impl FnOnce(&mut DistributionConfig)) -> Slot {
    let id = id(story, &Slot::Distribution);
    story.by_hand(|world, now| {
        let it = world.get_distribution(now, &id)?;
        let mut config = it.config;
        change(&mut config);
        world.update_distribution(now, &id, Some(&it.etag), config)
    });
    Slot::Distribution
}

pub fn out_of_service(story: &mut Story) -> Slot {
    distribution(story, |config| config.enabled = false)
}

fn without_paths(story: &mut Story) -> Slot {
    distribution(story, |config| {
        config.behaviors.pop();
    })
}

pub fn silent_alarm(story: &mut Story) -> Slot {
    let slot = Slot::Alarm(ALARM);
    let filter = AlarmFilter { names: vec![id(story, &slot)], ..AlarmFilter::default() };
    story.by_hand(|world, now| {
        let mut spec = world.describe_alarms(HOME, now, &filter, &Page::default())?.items.remove(0).spec;
        spec.actions_enabled = false;
        world.put_metric_alarm(HOME, now, spec)
    });
    slot
}

const CHANGES: [fn(&mut Story) -> Slot; 5] = [open_to_all, another_window, out_of_service, without_paths, silent_alarm];

#[test]
fn what_nobody_touched_does_not_differ() {
    for event in ["create-platform", "create-platform-minimal"] {
        let mut story = Story::create(quiet(1), &body_of(event));
        story.reach(Phase::Ready, 2 * HOUR);
        story.settle(HOUR);
        story.assert_all_as_asked();
        let before = story.mutations().len();
        let compared = |story: &Story| story.record().state.drift.last_at;
        story.lives(24 * HOUR);
        assert!(compared(&story).is_some());
        assert_eq!(story.mutations().len(), before, "{}", story.report());
        story.ask(Change::Start);
        story.reach(Phase::Live, HOUR);
        let before = story.mutations().len();
        story.lives(3 * HOUR);
        assert_eq!(story.mutations().len(), before, "{}", story.report());
        story.leave_nothing();
    }
}

#[test]
fn a_round_looks_at_every_slot_once_and_at_one_at_a_time() {
    let mut story = on_air(quiet(1), "repair");
    let (slots, from) = (story.record().state.slots.len(), story.life.calls().len());
    story.lives(61 * MINUTE);
    let looks: Vec<_> = story.life.calls().split_off(from);
    let looks: Vec<_> =
        looks.into_iter().filter(|call| call.name.contains("Describe") || call.name == "GetDistribution").collect();
    assert!((slots - 1..=slots + 1).contains(&looks.len()), "{} looks at {slots} slots", looks.len());
    assert!(looks.windows(2).all(|pair| pair[1].at - pair[0].at >= MINUTE));
}

#[test]
fn what_is_changed_by_hand_on_air_is_changed_back_and_viewers_notice_nothing() {
    for change in CHANGES {
        let mut story = on_air(quiet(1), "repair");
        let urls = addresses(&story.record());
        let slot = change(&mut story);
        assert!(!story.is_as_asked(&slot), "{slot}");
        story.lives(ROUND);
        story.assert_all_as_asked();
        let drift = story.record().state.drift;
        assert_eq!((drift.found.len(), drift.repairs[&slot].1), (0, 1), "{slot}\n{}", story.report());
        assert_eq!(addresses(&story.record()), urls, "{slot}");
        assert_eq!(story.phase(), Phase::Live);
        story.leave_nothing();
    }
}

#[test]
fn what_is_changed_by_hand_is_only_told_where_the_policy_says_so() {
    for change in CHANGES {
        let mut story = on_air(quiet(1), "report");
        let before = story.mutations();
        let slot = change(&mut story);
        story.lives(ROUND);
        assert!(!story.is_as_asked(&slot));
        assert_eq!(story.mutations(), before, "{slot}");
        let reason = story.drift_condition().expect("a condition");
        assert!(reason.contains(&slot.to_string()) && reason.contains("instead of"), "{reason}");
        assert!(reason.contains("drift.mode"), "{reason}");
        // Another policy is followed within minutes.
        let id = story.id.clone();
        story.life.patch(&id, &json!({"drift": {"mode": "repair"}}), Some("repair"));
        story.lives(15 * MINUTE);
        story.assert_all_as_asked();
        assert_eq!(story.drift_condition(), None);
        story.leave_nothing();
    }
}

#[test]
fn a_secret_that_somebody_else_has_set_is_told_and_left() {
    let mut story = on_air(quiet(1), "repair");
    let name = id(&story, &Slot::Secret);
    let value = json!({"MediaPackageCDNIdentifier": "somebody-elses"}).to_string();
    story.by_hand(|world, now| world.put_secret_value(HOME, now, &name, Some("f00d"), &value));
    let before = story.mutations();
    story.lives(ROUND);
    assert_eq!(story.mutations(), before);
    let reason = story.drift_condition().expect("a condition");
    assert!(reason.contains("secret: current version: f00d instead of") && reason.contains("AWSCURRENT"), "{reason}");
    story.leave_nothing();
}

#[test]
fn who_changes_it_again_and_again_is_not_fought() {
    let mut story = on_air(quiet(1), "repair");
    for _ in 0..DRIFT_REPAIRS_A_DAY + 2 {
        open_to_all(&mut story);
        story.lives(ROUND);
    }
    let drift = story.record().state.drift;
    let slot = pushed(&story);
    assert_eq!((drift.repairs[&slot].1, drift.found[&slot].does), (DRIFT_REPAIRS_A_DAY, Does::GiveUp));
    assert!(story.drift_condition().unwrap().contains("left alone"));
    let updates = story.mutations().iter().filter(|name| *name == "UpdateInputSecurityGroup").count();
    assert_eq!(updates, DRIFT_REPAIRS_A_DAY as usize);
    // The next day is another one.
    story.lives(25 * HOUR);
    assert!(story.is_as_asked(&slot));
    story.leave_nothing();
}

#[test]
fn hands_off_is_hands_off() {
    let mut story = on_air(quiet(1), "repair");
    let until = headend_domain::time::Timestamp(story.life.now()).plus_secs(5 * 3600).to_string();
    let until = format!("{}Z", &until[..19]);
    let id = story.id.clone();
    story.life.patch(&id, &json!({"handsOff": {"until": until}}), Some("off"));
    story.lives(MINUTE);
    let slot = open_to_all(&mut story);
    let calls = story.life.calls().len();
    story.lives(4 * HOUR);
    let looks = story.life.calls().split_off(calls);
    assert!(looks.iter().all(|call| !call.name.contains("Describe")), "{looks:?}");
    story.lives(2 * HOUR + ROUND);
    assert!(story.is_as_asked(&slot));
}

#[test]
fn a_channel_that_runs_with_other_settings_is_told_and_changed_back_when_it_rests() {
    let mut story = on_air(quiet(1), "repair");
    let channel = id(&story, &Slot::Channel);
    // Faster than anybody of ours is woken.
    story.life.weather.asleep = true;
    story.by_hand(|world, now| world.stop_channel(HOME, now, &channel));
    story.life.run_until(5 * MINUTE, |_| false);
    let doc = json!({"encoderSettings": {"videoDescriptions": []}});
    story.by_hand(|world, now| {
        world.update_channel(HOME, now, UpdateChannel { id: channel.clone(), doc, ..UpdateChannel::default() })
    });
    story.life.run_until(5 * MINUTE, |_| false);
    story.by_hand(|world, now| world.start_channel(HOME, now, &channel));
    story.life.run_until(10 * MINUTE, |_| false);
    story.by_hand(|world, _| {
        world.take_events(Ms::MAX);
        Ok(())
    });
    story.life.weather.asleep = false;
    story.lives(ROUND);
    assert_eq!(story.phase(), Phase::Live, "{}", story.report());
    let reason = story.drift_condition().expect("a condition");
    assert!(reason.contains("video: none instead of") && reason.contains("next idle"), "{reason}");
    assert!(!story.mutations().contains(&"UpdateChannel".to_owned()));
    story.ask(Change::Stop);
    story.reach(Phase::Ready, HOUR);
    story.lives(15 * MINUTE);
    story.assert_all_as_asked();
    assert_eq!(story.drift_condition(), None, "{}", story.report());
    story.leave_nothing();
}

/// What hangs on it is deleted with it, in AWS's order.
fn delete(story: &mut Story, slot: &Slot) {
    let id = id(story, slot);
    match slot {
        Slot::Endpoint(_) => story.by_hand(|world, now| world.delete_origin_endpoint(HOME, now, &id)),
        Slot::Alarm(kind) => {
            let region = if matches!(kind, AlarmKind::Cdn4xx | AlarmKind::Cdn5xx) { "us-east-1" } else { HOME };
            story.by_hand(|world, now| world.delete_alarms(region, now, &[id]));
        }
        Slot::Secret => {
            let how = DeleteSecret { recovery_window_days: None, force: true };
            story.by_hand(|world, now| world.delete_secret(HOME, now, &id, how));
        }
        Slot::Packaging => {
            let endpoints =
                Format::ALL.map(Slot::Endpoint).into_iter().filter(|it| story.record().object(it).is_some());
            for endpoint in endpoints.collect::<Vec<_>>() {
                delete(story, &endpoint);
            }
            story.by_hand(|world, now| world.delete_packaging_channel(HOME, now, &id));
        }
        Slot::Distribution => {
            out_of_service(story);
            asleep(story, 30 * MINUTE);
            story.by_hand(|world, now| {
                let etag = world.get_distribution(now, &id)?.etag;
                world.delete_distribution(now, &id, Some(&etag))
            });
        }
        Slot::Channel => {
            story.by_hand(|world, now| world.stop_channel(HOME, now, &id));
            asleep(story, 5 * MINUTE);
            story.by_hand(|world, now| world.delete_channel(HOME, now, &id));
            asleep(story, 5 * MINUTE);
        }
        Slot::Input(_) => {
            delete(story, &Slot::Channel);
            story.by_hand(|world, now| world.delete_input(HOME, now, &id));
            asleep(story, 5 * MINUTE);
        }
        Slot::Group(name) => {
            delete(story, &Slot::Input(name.clone()));
            story.by_hand(|world, now| world.delete_input_security_group(HOME, now, &id));
            asleep(story, 5 * MINUTE);
        }
    }
}

/// Nobody of ours is woken meanwhile.
fn asleep(story: &mut Story, millis: i64) {
    story.life.weather.asleep = true;
    story.life.run_until(millis, |_| false);
    story.life.weather.asleep = false;
}

/// One of each kind.
fn kinds(story: &Story) -> Vec<Slot> {
    let group = pushed(story);
    let Slot::Group(name) = &group else { unreachable!() };
    vec![
        Slot::Endpoint(Format::Hls),
        Slot::Alarm(ALARM),
        Slot::Alarm(AlarmKind::Cdn5xx),
        Slot::Secret,
        Slot::Packaging,
        Slot::Distribution,
        Slot::Channel,
        Slot::Input(name.clone()),
        group,
    ]
}

#[test]
fn what_is_deleted_by_hand_on_air_is_made_again_and_goes_on_air() {
    for slot in kinds(&on_air(quiet(1), "repair")) {
        let mut story = on_air(quiet(1), "repair");
        let (before, made) = (addresses(&story.record()), id(&story, &slot));
        delete(&mut story, &slot);
        story.lives(3 * HOUR);
        assert_eq!(story.phase(), Phase::Live, "{slot}\n{}", story.report());
        assert_ne!(id(&story, &slot), made);
        // AWS keeps the addresses of neither.
        if !matches!(slot, Slot::Distribution | Slot::Endpoint(_) | Slot::Packaging) {
            assert_eq!(addresses(&story.record()), before, "{slot}");
        }
        // What only an idle channel takes comes with the next stop.
        story.ask(Change::Stop);
        story.reach(Phase::Ready, 2 * HOUR);
        story.settle(2 * HOUR);
        story.assert_all_as_asked();
        story.assert_no_doubles();
        story.leave_nothing();
    }
}

#[test]
fn what_is_deleted_by_hand_is_only_told_where_the_policy_says_so() {
    for slot in [Slot::Endpoint(Format::Hls), Slot::Alarm(ALARM), Slot::Secret, Slot::Distribution] {
        let mut story = on_air(quiet(1), "report");
        let before = story.mutations();
        delete(&mut story, &slot);
        story.lives(ROUND);
        assert_eq!(story.mutations(), before, "{slot}");
        let reason = story.drift_condition().expect("a condition");
        assert!(reason.contains(&format!("{slot}: the object: nothing instead of")), "{reason}");
        let id = story.id.clone();
        let Answered::Response(answer) = story.life.patch(&id, &json!({"drift": {"mode": "repair"}}), Some("repair"))
        else {
            panic!("died")
        };
        assert_eq!(answer.status, 202);
        story.lives(HOUR);
        assert_eq!(story.drift_condition(), None, "{slot}\n{}", story.report());
        story.assert_all_as_asked();
        story.leave_nothing();
    }
}

/// AWS keeps what the channel on air stands on.
#[test]
fn aws_refuses_to_delete_what_a_running_channel_uses() {
    let mut story = on_air(quiet(1), "repair");
    let group = pushed(&story);
    let Slot::Group(name) = &group else { unreachable!() };
    let (input, channel, group) =
        (id(&story, &Slot::Input(name.clone())), id(&story, &Slot::Channel), id(&story, &group));
    assert!(story.try_by_hand(|world, now| world.delete_input(HOME, now, &input)).is_err());
    assert!(story.try_by_hand(|world, now| world.delete_channel(HOME, now, &channel)).is_err());
    assert!(story.try_by_hand(|world, now| world.delete_input_security_group(HOME, now, &group)).is_err());
}
