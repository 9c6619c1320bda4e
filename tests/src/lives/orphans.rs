//! Orphans: what no record has is found and removed, step by step, and nothing else is touched.

use crate::contract::hold;
use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::{Phase, phase};
use headend_domain::record::Record;
use headend_local::ports::{Answered, Fault, FaultPlan, HOME, LifeConfig, Sim, claims};
use headend_local::world::Tags;
use headend_local::world::medialive::CreateInputSecurityGroup;
use headend_local::world::mediapackage::CreatePackagingChannel;
use serde_json::Value;
use std::collections::BTreeSet;

const DAY: i64 = 24 * HOUR;

/// One request, which passes no gate: looking changes nothing of what goes wrong when.
fn ask(story: &mut Story, orphan: Option<&str>, query: &[(&str, &str)]) -> (u16, Value) {
    let gate = std::mem::take(&mut story.life.sim.0.borrow_mut().gate);
    let answer = story.life.orphans(orphan, query);
    story.life.sim.0.borrow_mut().gate = gate;
    let Answered::Response(answer) = answer else { panic!("the function died") };
    hold(if orphan.is_some() { "removeOrphan" } else { "listOrphans" }, &answer);
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn look(story: &mut Story) -> Vec<Value> {
    let (status, body) = ask(story, None, &[]);
    assert_eq!((status, &body["left"]), (200, &serde_json::json!([])), "{body:#}");
    body["orphans"].as_array().unwrap().clone()
}

fn word<'v>(orphan: &'v Value, field: &str) -> &'v str {
    orphan[field].as_str().unwrap_or_default()
}

fn live_on(story: &mut Story, millis: i64) {
    let end = story.life.now() + millis;
    while story.life.now() < end {
        story.life.step(end);
    }
}

/// What exists, as ids, of one platform or of all others.
fn objects(sim: &Sim, platform: &str, theirs: bool) -> BTreeSet<String> {
    let all = sim.0.borrow().world.inventory();
    let of = |tags: &Tags| (tags.get("headend:platform").map(String::as_str) == Some(platform)) == theirs;
    all.into_iter().filter(|it| of(&it.tags)).map(|it| it.arn).collect()
}

/// A second platform of the tenant, at rest.
fn second(story: &mut Story) -> String {
    let Answered::Response(answer) = story.life.create(&body_of("create-platform-minimal"), Some("second")) else {
        panic!("the function died")
    };
    let id = serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();
    let ready = |record: &Record| record.asked.key.id == id && phase(record) == Phase::Ready;
    assert!(story.life.run_until(2 * HOUR, |life| life.records().iter().any(ready)));
    id
}

/// A platform that is gone, and the account as it was when its channel ran: nothing that was deleted has been.
fn left_behind() -> (Story, String) {
    let mut story = Story::create(quiet(5), &body_of("create-platform"));
    story.reach(Phase::Ready, 2 * HOUR);
    let other = second(&mut story);
    story.ask(Change::Start);
    story.reach(Phase::Live, 2 * HOUR);
    story.settle(HOUR);
    let world = story.life.sim.0.borrow().world.clone();
    story.ask(Change::Teardown);
    story.reach(Phase::Gone, 3 * HOUR);
    story.life.sim.0.borrow_mut().world = world;
    (story, other)
}

#[test]
fn what_a_platform_has_is_never_an_orphan_whichever_answer_is_lost() {
    let begin =
        |faults: FaultPlan| Story::create(LifeConfig { faults, ..quiet(5) }, &body_of("create-platform-minimal"));
    let nothing_until = |story: &mut Story, wanted: Phase| {
        let end = story.life.now() + 3 * HOUR;
        while story.phase() != wanted {
            assert!(story.life.now() < end, "{}", story.report());
            let found = look(story);
            assert_eq!(found, Vec::<Value>::new(), "{:?}\n{}", story.phase(), story.report());
            story.life.step(end);
        }
    };
    let mut story = begin(FaultPlan::new());
    nothing_until(&mut story, Phase::Ready);
    let calls = story.life.calls();
    let creates =
        calls.iter().enumerate().filter(|(_, call)| call.name.contains("Create") || call.name.starts_with("Put"));
    let creates: Vec<usize> = creates.map(|(number, _)| number).collect();
    assert!(creates.len() > 8, "{calls:?}");
    for (change, wanted) in
        [(Change::Start, Phase::Live), (Change::Stop, Phase::Ready), (Change::Teardown, Phase::Gone)]
    {
        story.ask(change);
        nothing_until(&mut story, wanted);
    }
    live_on(&mut story, 20 * MINUTE);
    assert_eq!(look(&mut story), Vec::<Value>::new(), "{}", story.report());
    for number in creates {
        for fault in [Fault::EffectThenError, Fault::TimeoutThenLate] {
            let mut story = begin(FaultPlan::from([(number, fault)]));
            nothing_until(&mut story, Phase::Ready);
            live_on(&mut story, 16 * MINUTE);
            assert_eq!(look(&mut story), Vec::<Value>::new(), "{}", story.report());
        }
    }
}

#[test]
fn what_is_left_of_a_platform_that_is_gone_is_removed_and_nothing_else() {
    let (mut story, other) = left_behind();
    let (sim, id) = (story.life.sim.clone(), story.id.clone());
    assert_eq!(look(&mut story), Vec::<Value>::new(), "lists lag behind deletes");
    live_on(&mut story, 16 * MINUTE);
    let (theirs, left) = (objects(&sim, &id, false), objects(&sim, &id, true));
    let found = look(&mut story);
    let named: BTreeSet<String> = found.iter().map(|it| word(it, "arn").to_owned()).collect();
    assert_eq!(named, left, "each of them, and nothing of {other}");
    assert!(found.iter().all(|it| word(it, "why").contains("gone since")), "{found:#?}");
    let kinds: BTreeSet<&str> = found.iter().map(|it| word(it, "kind")).collect();
    assert_eq!(kinds.len(), 8, "{kinds:?}");

    story.life.claims = claims("other", "eve");
    assert_eq!(look(&mut story), Vec::<Value>::new(), "another tenant's");
    for orphan in &found {
        let (status, body) = ask(&mut story, Some(word(orphan, "id")), &[]);
        assert_eq!((status, word(&body, "type")), (404, "urn:headend:problem:unknown-orphan"));
    }
    story.life.claims = claims("default", "anna");

    let input = found.iter().find(|it| it["kind"] == "input").unwrap();
    assert_eq!((&input["state"], &input["removable"]), (&"in-use".into(), &false.into()));
    let (status, body) = ask(&mut story, Some(word(input, "id")), &[]);
    assert_eq!((status, word(&body, "type")), (409, "urn:headend:problem:still-in-use"), "{body:#}");

    let mut states = BTreeSet::new();
    for _ in 0..40 {
        for orphan in look(&mut story) {
            let (status, body) = ask(&mut story, Some(word(&orphan, "id")), &[]);
            assert!(matches!(status, 202 | 409), "{body:#}");
            states.insert(word(&body, "state").to_owned());
        }
        live_on(&mut story, MINUTE);
    }
    assert_eq!(objects(&sim, &id, true), BTreeSet::new(), "{states:?}");
    for state in ["stopping", "disabling", "removing", "removed"] {
        assert!(states.contains(state), "{state}: {states:?}");
    }
    assert_eq!(objects(&sim, &id, false), theirs, "{other} has what it had");
    let (status, _) = ask(&mut story, Some(word(input, "id")), &[]);
    assert_eq!(status, 404, "what is gone is unknown");
}

#[test]
fn of_two_objects_of_a_place_the_one_that_no_record_has_is_the_orphan() {
    let mut story = Story::create(quiet(5), &body_of("create-platform"));
    story.reach(Phase::Ready, 2 * HOUR);
    story.settle(HOUR);
    let record = story.record();
    let (slot, object) = record
        .state
        .slots
        .iter()
        .find_map(|(slot, it)| {
            slot.to_string().starts_with("group/").then(|| (slot.to_string(), it.object.clone().unwrap()))
        })
        .unwrap();
    let pairs = [("headend:stack", "headend"), ("headend:platform", &story.id), ("headend:slot", &slot)];
    let tags: Tags = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let (now, sim) = (story.life.now(), story.life.sim.clone());
    let make = |tags: Tags| {
        let request = CreateInputSecurityGroup { cidrs: vec!["192.0.2.1/32".to_owned()], tags };
        sim.0.borrow_mut().world.create_input_security_group(HOME, now, request).unwrap().id
    };
    let made = make(tags.clone());
    make(tags.iter().map(|(key, value)| (key.clone(), value.replace("headend", "elsewhere"))).collect());
    let found = look(&mut story);
    let keys: Vec<&str> = found.iter().map(|it| word(it, "id")).collect();
    assert_eq!(keys, [format!("input-security-group.{made}")], "of another stack, or ours: {}", object.id);
    assert_eq!(word(&found[0], "why"), "the platform has another object in this place");

    let own = format!("input-security-group.{}", object.id);
    let (status, body) = ask(&mut story, Some(&own), &[]);
    assert_eq!((status, word(&body, "type")), (409, "urn:headend:problem:not-orphaned"));
    let (status, body) = ask(&mut story, Some(keys[0]), &[]);
    assert_eq!((status, word(&body, "state")), (202, "removed"), "{body:#}");
    assert_eq!(look(&mut story), Vec::<Value>::new());
    let records: BTreeSet<String> =
        story.record().state.slots.values().filter_map(|it| Some(it.object.as_ref()?.id.clone())).collect();
    assert!(records.contains(&object.id) && story.phase() == Phase::Ready);
}

#[test]
fn tags_that_somebody_changed_make_no_orphan_of_what_a_platform_has() {
    let (mut story, other) = left_behind();
    live_on(&mut story, 16 * MINUTE);
    let records = story.life.records();
    let record = records.iter().find(|it| it.asked.key.id == other).unwrap();
    let channel = record.object(&headend_domain::slot::Slot::Channel).unwrap().clone();
    let before = look(&mut story).len();
    let (sim, now) = (story.life.sim.clone(), story.life.now());
    let tags = Tags::from([("headend:platform".to_owned(), story.id.clone())]);
    sim.0.borrow_mut().world.create_medialive_tags(HOME, now, &channel.arn, tags).unwrap();
    assert_eq!(look(&mut story).len(), before);
    let (status, _) = ask(&mut story, Some(&format!("channel.{}", channel.id)), &[]);
    assert_eq!(status, 409);
}

#[test]
fn when_the_record_is_forgotten_the_tag_says_whose_it_is() {
    let (mut story, _) = left_behind();
    let (sim, id) = (story.life.sim.clone(), story.id.clone());
    let key = story.record().asked.key;
    sim.0.borrow_mut().table.forget(&key);
    let found = look(&mut story);
    assert!(found.iter().all(|it| word(it, "why").contains("no record")), "{found:#?}");
    live_on(&mut story, 16 * MINUTE);
    let left = objects(&sim, &id, true);
    assert_eq!(look(&mut story).len(), left.len());
    // A single object whose list tells no tags: they are asked for.
    let found = look(&mut story);
    let alarm = found.iter().find(|it| it["kind"] == "alarm").unwrap();
    let (status, body) = ask(&mut story, Some(word(alarm, "id")), &[]);
    assert_eq!((status, word(&body, "state")), (202, "removed"), "{body:#}");
    story.life.claims = claims("other", "eve");
    assert_eq!(look(&mut story), Vec::<Value>::new());
}

/// Where AWS tells the age: an answer to whoever made it may still be on its way.
#[test]
fn what_was_made_a_moment_ago_is_no_orphan_yet() {
    let mut story = Story::create(quiet(5), &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, 2 * HOUR);
    let (now, sim) = (story.life.now(), story.life.sim.clone());
    let pairs =
        [("stack", "headend"), ("platform", "p-00000000000a"), ("slot", "packaging-channel"), ("tenant", "default")];
    let tags = pairs.map(|(name, value)| (format!("headend:{name}"), value.to_owned())).into();
    let request = CreatePackagingChannel { id: "hl-p-00000000000a-pkg-1".to_owned(), description: String::new(), tags };
    sim.0.borrow_mut().world.create_packaging_channel(HOME, now, request).unwrap();
    live_on(&mut story, 14 * MINUTE);
    assert_eq!(look(&mut story), Vec::<Value>::new());
    live_on(&mut story, 2 * MINUTE);
    let found = look(&mut story);
    assert_eq!((found.len(), word(&found[0], "kind")), (1, "packaging"), "{found:#?}");
}

#[test]
fn a_platform_that_nobody_used_is_pointed_out_with_what_it_costs() {
    let mut story = Story::create(LifeConfig { jumps: true, ..quiet(5) }, &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, 2 * HOUR);
    live_on(&mut story, 29 * DAY);
    let unused = |story: &mut Story, days: &str| ask(story, None, &[("unusedDays", days)]).1["unused"].clone();
    assert_eq!(ask(&mut story, None, &[]).1["unused"], serde_json::json!([]), "a month is what is asked for else");
    let shown = unused(&mut story, "7");
    assert_eq!(word(&shown[0], "id"), story.id);
    assert!(shown[0]["usdPerMonth"].as_f64().unwrap() > 5.0, "{shown:#}");
    live_on(&mut story, 2 * DAY);
    assert_eq!(word(&ask(&mut story, None, &[]).1["unused"][0], "id"), story.id);
    story.ask(Change::Start);
    story.reach(Phase::Live, 2 * HOUR);
    story.ask(Change::Stop);
    story.reach(Phase::Ready, 2 * HOUR);
    assert_eq!(unused(&mut story, "7"), serde_json::json!([]), "it was on air");
    for query in [("unusedDays", "0"), ("unusedDays", "soon"), ("days", "7")] {
        assert_eq!(ask(&mut story, None, &[query]).0, 422);
    }
}
