//! A platform changes its mind: PATCH of each field, idle and on air, with every call broken in every way.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;
use headend_domain::record::Record;
use headend_domain::request::{current, desired};
use headend_domain::slot::Slot;
use headend_domain::spec;
use headend_local::ports::{Answered, Fault, FaultPlan, HOME, LifeConfig};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is asked of a platform.
#[derive(Debug)]
enum Ask {
    Patch(Value),
    /// New stream names for an input.
    Rotate(&'static str),
    RotateSecret,
}

/// One change, and the mutating calls that it takes.
struct Case {
    /// The sample that the platform is made from.
    from: &'static str,
    ask: Ask,
    calls: Vec<&'static str>,
    /// The channel has to be idle.
    idle: bool,
}

fn cases() -> Vec<Case> {
    let from = "create-platform";
    let case = |patch, calls: &[&'static str], idle| Case { from, ask: Ask::Patch(patch), calls: calls.to_vec(), idle };
    let full = body_of("create-platform");
    let mut inputs = full["inputs"].as_array().unwrap().clone();
    inputs[0]["allowFrom"] = json!(["198.51.100.99/32"]);
    let fewer = json!([full["inputs"][0], full["inputs"][1]]);
    let stereo = json!([{"layout": "stereo", "bitrate": 192_000}]);
    let rungs = json!([full["ladder"]["rungs"][1], full["ladder"]["rungs"][2]]);
    let with = |index: usize, input: Value| {
        let mut inputs = full["inputs"].as_array().unwrap().clone();
        inputs[index] = input;
        json!({"inputs": inputs})
    };
    let moved = ["https://c.example.com/live/master.m3u8", "https://d.example.com/live/master.m3u8"];
    let pulled = with(1, json!({"name": "hls", "type": "URL_PULL", "urls": moved}));
    let pushed = with(2, json!({"name": "rtp", "type": "URL_PULL", "urls": moved, "sourceAudio": "5.1"}));
    let all = desired(&spec::read(&full).unwrap()).len();
    let ask = |ask, calls: &[&'static str], idle| Case { from, ask, calls: calls.to_vec(), idle };
    let bigger = Case {
        from: "create-platform-minimal",
        ask: Ask::Patch(json!({"channelClass": "standard"})),
        calls: vec!["UpdateChannelClass", "UpdateChannel", "PutMetricAlarm", "PutMetricAlarm"],
        idle: true,
    };
    vec![
        case(json!({"tags": {"programme": "news"}}), &vec!["SetTags"; all], false),
        case(json!({"tags": null}), &vec!["RemoveTags"; all], false),
        case(
            json!({"channelClass": "single"}),
            &["UpdateChannelClass", "UpdateChannel", "DeleteAlarms", "DeleteAlarms"],
            true,
        ),
        bigger,
        case(pulled, &["UpdateInput"], true),
        case(pushed, &["CreateInput", "UpdateChannel", "DeleteInput", "DeleteInputSecurityGroup"], true),
        ask(Ask::Rotate("rtmp"), &["CreateInput", "UpdateChannel", "DeleteInput"], true),
        ask(Ask::RotateSecret, &["PutSecretValue", "UpdateDistribution"], false),
        case(
            json!({"cdnSecret": {"rotateEveryDays": 30}, "tags": {"programme": "news"}}),
            &vec!["SetTags"; all],
            false,
        ),
        case(json!({"allowLists": {"encoders": ["198.51.100.12/32"]}}), &["UpdateInputSecurityGroup"], false),
        case(json!({"inputs": inputs}), &["UpdateInputSecurityGroup"], false),
        case(json!({"alarms": {"cdn4xxPercent": 9}}), &["PutMetricAlarm"], false),
        case(json!({"alarms": {"enabled": false}}), &["DeleteAlarms"; 8], false),
        case(json!({"endpoints": {"hls": {"windowSeconds": 120}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"hls": {"startoverSeconds": 7200}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"dash": {"manifestName": "news"}}}), &["UpdateOriginEndpoint"], false),
        case(json!({"endpoints": {"dash": null}}), &["UpdateDistribution", "DeleteOriginEndpoint"], false),
        case(json!({"description": "evening edition"}), &[], false),
        case(json!({"archive": {"enabled": false}}), &["UpdateChannel"], true),
        case(json!({"ladder": {"rungs": rungs}}), &["UpdateChannel"], true),
        case(json!({"audio": stereo}), &["UpdateChannel"], true),
        case(
            json!({"inputs": fewer, "audio": stereo}),
            &["UpdateChannel", "DeleteInput", "DeleteInputSecurityGroup"],
            true,
        ),
    ]
}

fn ask(story: &mut Story, ask: &Ask) {
    let id = story.id.clone();
    for _ in 0..20 {
        let answered = match ask {
            Ask::Patch(body) => story.life.patch(&id, body, Some("change")),
            Ask::Rotate(input) => story.life.rotate(&id, Some(input), Some("change")),
            Ask::RotateSecret => story.life.rotate(&id, None, Some("change")),
        };
        if let Answered::Response(answer) = answered {
            if answer.status == 202 {
                return;
            }
            assert_eq!(answer.status, 503, "{ask:?} answered {}", answer.body);
        }
        let now = story.life.now();
        story.life.step(now + 1_000);
    }
    panic!("twenty tries and the change was not accepted");
}

/// Everything in the account is as the spec asks.
fn assert_applied(story: &Story) {
    let record: Record = story.record();
    let wanted = desired(&record.asked.spec);
    for slot in &wanted {
        assert!(current(&record, slot), "{slot} is not as asked\n{}", story.report());
    }
    let tags = &record.asked.spec.tags;
    for resource in story.life.sim.0.borrow().world.inventory() {
        let theirs = resource.tags.iter().filter(|(key, _)| !key.starts_with("headend:"));
        let theirs: BTreeMap<_, _> = theirs.map(|(key, value)| (key.clone(), value.clone())).collect();
        assert_eq!(theirs, *tags, "{} {}", resource.kind, resource.id);
    }
    assert_eq!(story.inventory().len(), wanted.len(), "{}", story.report());
    story.assert_no_doubles();
    assert_true(story, &record);
}

/// What the record believes of channel and inputs is so in the account.
fn assert_true(story: &Story, record: &Record) {
    let inner = story.life.sim.0.borrow();
    let live = &inner.world.regions[HOME].medialive;
    let channel = &live.channels[&record.object(&Slot::Channel).unwrap().id];
    let spec = &record.asked.spec;
    let uhd = spec.ladder.rungs.iter().any(|rung| rung.height > 1080);
    assert_eq!(channel.uhd, uhd, "the ladder\n{}", story.report());
    assert_eq!(channel.class.pipelines(), usize::from(spec.channel_class.pipelines()), "{}", story.report());
    let attached: Vec<&str> = channel.attachments.iter().map(|it| it.input_id.as_str()).collect();
    let inputs = spec.inputs.iter().map(|it| record.object(&Slot::Input(it.name.clone())).unwrap().id.as_str());
    assert_eq!(attached, inputs.collect::<Vec<_>>(), "{}", story.report());
    for input in &spec.inputs {
        let made = &live.inputs[&record.object(&Slot::Input(input.name.clone())).unwrap().id];
        let urls: Vec<&str> = made.sources.iter().map(|source| source.url.as_str()).collect();
        assert_eq!(urls, input.urls, "{}\n{}", input.name, story.report());
        let asked = &record.asked;
        let key = asked.rotated_stream_keys.get(&input.name).unwrap_or(&asked.stream_key);
        assert!(made.stream_names.iter().all(|name| name.contains(key.as_str())), "{}", story.report());
    }
}

fn at_rest(config: LifeConfig, from: &str, live: bool) -> Story {
    let mut story = Story::create(config, &body_of(from));
    if live {
        story.ask(Change::Start);
        story.reach(Phase::Live, HOUR);
    } else {
        story.reach(Phase::Ready, HOUR);
    }
    story.settle(HOUR);
    story
}

/// A viewer asks for every manifest after each step: whatever else happens, the CDN's secret is known to the packager.
fn watch(story: &mut Story, ask: &Ask) {
    let end = story.life.now() + 3 * HOUR;
    let mut asked = 0;
    while !story.is_settled() && story.life.now() < end {
        let record = story.record();
        let now = story.life.now();
        let domain = record.object(&Slot::Distribution).and_then(|it| it.domain.clone()).unwrap();
        let endpoints: Vec<Slot> = record.asked.spec.endpoints.keys().map(|format| Slot::Endpoint(*format)).collect();
        for url in endpoints.iter().filter_map(|slot| record.object(slot)?.urls.first()) {
            let path = url.split_once("/out/").map(|(_, path)| format!("/out/{path}")).unwrap();
            let answer = story.life.sim.0.borrow_mut().world.view(HOME, now, &domain, &path);
            assert_ne!(answer.status, 403, "{ask:?}: {} at {now}\n{}", answer.why, story.report());
            asked += usize::from(answer.status == 200);
        }
        story.life.step(end);
    }
    if matches!(ask, Ask::RotateSecret) {
        assert!(asked > 10, "{asked} answers with a picture");
    }
}

fn change_through(config: LifeConfig, live: bool, case: &Case) -> Story {
    let mut story = at_rest(config, case.from, live);
    ask(&mut story, &case.ask);
    if live {
        watch(&mut story, &case.ask);
    }
    story.settle(3 * HOUR);
    story.life.run_until(10 * MINUTE, |_| false);
    story.settle(3 * HOUR);
    assert_applied(&story);
    story
}

#[test]
fn each_field_is_changed_with_one_call_for_each_object() {
    for live in [false, true] {
        for case in cases().iter().filter(|case| !(case.idle && live)) {
            let before = at_rest(quiet(5), case.from, live).mutations().len();
            let story = change_through(quiet(5), live, case);
            let mut made = story.mutations().split_off(before);
            made.sort();
            let mut wanted = case.calls.clone();
            wanted.sort_unstable();
            assert_eq!(made, wanted, "{:?} live {live}", case.ask);
            let reached = if live { Phase::Live } else { Phase::Ready };
            assert_eq!(story.phase(), reached);
        }
    }
}

/// Calls of one change that are broken, each in every way.
const MOST_BROKEN: usize = 24;

/// Every call from the patch on, broken in every way.
fn break_each_call(live: bool) {
    for case in cases().iter().filter(|case| !(case.idle && live)) {
        let before = at_rest(quiet(5), case.from, live).life.calls().len();
        let calls = change_through(quiet(5), live, case).life.calls();
        // The sweep's looks at the table have tests of their own.
        let all: Vec<usize> = (before..calls.len()).filter(|n| !calls[*n].name.starts_with("Table.due")).collect();
        // Twenty objects that are tagged alike need not be broken one by one.
        let some: Vec<usize> = all.iter().copied().step_by(all.len().div_ceil(MOST_BROKEN)).collect();
        let kinds = Fault::ENUMERATED.into_iter().chain([Fault::FreezeThenDie]);
        for (fault, number) in kinds.flat_map(|fault| some.iter().map(move |number| (fault, *number))) {
            let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), ..quiet(5) };
            let caught = std::panic::catch_unwind(|| change_through(config, live, case));
            if let Err(panic) = caught {
                eprintln!("{:?} live {live}, call {number} with {fault:?}", case.ask);
                std::panic::resume_unwind(panic);
            }
        }
    }
}

#[test]
fn a_change_of_an_idle_platform_with_any_call_broken_converges() {
    break_each_call(false);
}

#[test]
fn a_change_on_air_with_any_call_broken_converges() {
    break_each_call(true);
}

/// Started at once after a change of which one call was broken, and started after the change was undone meanwhile: the
/// channel goes on air as it was last asked for.
#[test]
fn a_broken_change_is_whole_before_the_channel_starts() {
    let full = body_of("create-platform");
    let restored = json!({"ladder": full["ladder"], "inputs": full["inputs"], "archive": {"enabled": true}});
    for case in cases().iter().filter(|case| case.idle && case.from == "create-platform") {
        let before = at_rest(quiet(5), case.from, false).life.calls().len();
        let calls = change_through(quiet(5), false, case).life.calls();
        let ours = |n: &usize| calls[*n].mutates && !calls[*n].name.starts_with("Table");
        for number in (before..calls.len()).filter(ours) {
            for (fault, undone) in Fault::ENUMERATED.into_iter().flat_map(|fault| [(fault, false), (fault, true)]) {
                let config = LifeConfig { faults: FaultPlan::from([(number, fault)]), ..quiet(5) };
                let caught = std::panic::catch_unwind(|| {
                    let mut story = at_rest(config, case.from, false);
                    ask(&mut story, &case.ask);
                    let soon = story.life.now() + 75_000;
                    story.life.run_until(75_000, |life| life.now() >= soon);
                    if undone {
                        let id = story.id.clone();
                        story.life.patch(&id, &restored, Some("undone"));
                    }
                    story.ask(Change::Start);
                    story.reach(Phase::Live, HOUR);
                    story.settle(HOUR);
                    story.life.run_until(10 * MINUTE, |_| false);
                    story.settle(HOUR);
                    assert_applied(&story);
                });
                if let Err(panic) = caught {
                    eprintln!("{:?}, call {number} with {fault:?}, undone {undone}", case.ask);
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}

/// The security group of an input that is pulled for a while and pushed again.
#[test]
fn a_group_that_comes_back_rests() {
    for seconds in [1, 8, 12, 20, 28, 40, 90] {
        let mut story = at_rest(quiet(5), "create-platform", false);
        let full = body_of("create-platform");
        let mut inputs = full["inputs"].clone();
        inputs[2] = json!({"name": "rtp", "type": "URL_PULL", "urls": inputs[1]["urls"], "sourceAudio": "5.1"});
        let id = story.id.clone();
        story.life.patch(&id, &json!({"inputs": inputs}), None);
        story.life.run_until(seconds * 1000, |_| false);
        story.life.patch(&id, &json!({"inputs": full["inputs"]}), None);
        story.settle(3 * HOUR);
        story.life.run_until(10 * MINUTE, |_| false);
        assert_applied(&story);
    }
}

#[test]
fn what_needs_an_idle_channel_is_refused_on_air_naming_the_fields() {
    let mut story = at_rest(quiet(5), "create-platform", true);
    let id = story.id.clone();
    let body = json!({"ladder": "sd", "archive": {"enabled": false}, "description": "x"});
    let Answered::Response(answer) = story.life.patch(&id, &body, None) else { panic!("died") };
    assert_eq!(answer.status, 409, "{}", answer.body);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/ladder", "/archive"]);
    let Answered::Response(answer) = story.life.patch(&id, &json!({"channelClass": "single"}), None) else {
        panic!("died")
    };
    assert_eq!(answer.status, 409, "{}", answer.body);
    let Answered::Response(answer) = story.life.rotate(&id, Some("rtmp"), None) else { panic!("died") };
    assert_eq!(answer.status, 409, "{}", answer.body);
    let Answered::Response(answer) = story.life.patch(&id, &json!({"colour": 1, "name": ""}), None) else {
        panic!("died")
    };
    assert_eq!(answer.status, 422, "{}", answer.body);
}

#[test]
fn a_changed_platform_goes_without_a_trace() {
    for case in cases() {
        let mut story = at_rest(quiet(6), case.from, false);
        ask(&mut story, &case.ask);
        story.ask(Change::Teardown);
        story.reach(Phase::Gone, 3 * HOUR);
        story.settle(HOUR);
        assert_eq!(story.inventory(), Vec::<String>::new(), "{:?}", case.ask);
    }
}

/// A client that has lost the answer asks again with what it has: the ETag of before.
#[test]
fn a_patch_asked_again_has_its_first_answer() {
    let mut story = at_rest(quiet(5), "create-platform", false);
    let id = story.id.clone();
    let etag = format!("\"g{}\"", story.record().asked.generation);
    let body = json!({"archive": {"enabled": false}});
    let send = |story: &mut Story, key| {
        let Answered::Response(answer) = story.life.patch_of(&id, &etag, &body, Some(key)) else { panic!("died") };
        let replayed = answer.headers.iter().any(|(name, _)| name == "idempotency-replayed");
        (answer.status, replayed)
    };
    assert_eq!(send(&mut story, "first"), (202, false));
    let generation = story.record().asked.generation;
    assert_eq!(send(&mut story, "first"), (202, true), "although the ETag is another by now");
    assert_eq!(send(&mut story, "second"), (412, false));
    story.ask(Change::Start);
    story.reach(Phase::Live, HOUR);
    assert_eq!(send(&mut story, "first"), (202, true), "although the channel is on air by now");
    story.ask(Change::Teardown);
    assert_eq!(send(&mut story, "first"), (202, true), "although it is being removed by now");
    assert_eq!(story.record().asked.generation, generation + 2, "two changes since, and none of them a patch");
}
