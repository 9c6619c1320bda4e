//! What the planner and `accept` do, written down: a change of a decision shows as a changed line. Whether a decision is a
//! good one is asked by lives on the strict account, in `tests/`.

use super::stage::{BEGIN, Quirk, Stage};
use crate::accept::Event;
use crate::action::{Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::limits::Limits;
use crate::record::Want;
use crate::slot::{AlarmKind, Format, Slot};
use serde_json::{Value, json};

const LONG: i64 = 4000;

fn channel() -> Slot {
    Slot::Channel
}

fn small() -> Value {
    json!({"name": "small", "tags": {"a": "b"}})
}

/// Two pipelines, pushed and pulled inputs, two formats.
fn full() -> Value {
    json!({
        "name": "full", "channelClass": "standard", "allowLists": {"studio": ["198.51.100.0/28"]},
        "inputs": [
            {"name": "main", "type": "RTMP_PUSH", "allowFrom": ["studio"], "failover": {"input": "backup"}},
            {"name": "backup", "type": "RTMP_PUSH", "allowFrom": ["198.51.100.9/32", "studio"]},
            {"name": "pull", "type": "URL_PULL", "urls": ["https://a.example.net/a.m3u8", "https://b.example.net/b.m3u8"]},
        ],
        "endpoints": {"hls": {}, "dash": {"manifestName": "news"}},
        "captions": [{"language": "eng"}], "inputLoss": {"show": "black"},
    })
}

fn built(spec: &Value) -> Stage {
    let mut stage = Stage::new(spec);
    stage.play(LONG);
    stage
}

fn live(spec: &Value) -> Stage {
    let mut stage = built(spec);
    stage.want(Want::Live);
    stage.play(LONG);
    stage
}

fn gone(stage: &mut Stage) {
    stage.title("torn down");
    stage.want(Want::Gone);
    stage.show();
    stage.play(LONG);
    stage.show();
}

#[test]
fn a_whole_life() {
    let mut stage = Stage::new(&full());
    stage.show();
    stage.play(5);
    stage.show();
    stage.play(20);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.requests();
    stage.title("start");
    stage.want(Want::Live);
    stage.play(30);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.title("stop");
    stage.want(Want::Idle);
    stage.play(10);
    stage.show();
    stage.play(LONG);
    gone(&mut stage);
    stage.compare("life");
}

#[test]
fn a_life_sixty_times_as_fast() {
    let mut stage = Stage::new(&small());
    stage.limits = Limits { time_scale: 60.0 };
    stage.play(LONG);
    stage.want(Want::Live);
    stage.play(20);
    stage.want(Want::Idle);
    stage.play(LONG);
    gone(&mut stage);
    stage.compare("fast");
}

/// Every verb, met by every kind of refusal, and by every way in which an answer can be lost.
#[test]
fn every_call_may_be_refused_or_lost() {
    let kinds = [
        RefusalKind::Throttled,
        RefusalKind::Unsure,
        RefusalKind::Conflict,
        RefusalKind::Quota,
        RefusalKind::Denied,
        RefusalKind::Rejected,
        RefusalKind::NotSent,
    ];
    let calls = [
        ("Create group/rtmp", Want::Idle),
        ("Create channel", Want::Idle),
        ("Create distribution", Want::Idle),
        ("Observe channel", Want::Idle),
        ("Start channel", Want::Live),
        ("Stop channel", Want::Gone),
        ("Disable distribution", Want::Gone),
        ("Delete channel", Want::Gone),
        ("Delete group/rtmp", Want::Gone),
        ("Delete secret", Want::Gone),
    ];
    let mut all = String::new();
    for (call, want) in calls {
        let refused = kinds.iter().map(|kind| Quirk::Refused(*kind, "CodeException"));
        for quirk in refused.chain([Quirk::Lost, Quirk::Unheard, Quirk::Crash]) {
            let mut stage = if want == Want::Idle { Stage::new(&small()) } else { built(&small()) };
            if want == Want::Gone {
                stage.want(Want::Live);
                stage.play(LONG);
            }
            stage.title(&format!("{call}: {quirk:?}"));
            stage.quirk(call, quirk);
            stage.want(want);
            let slot: Slot = call.split(' ').nth(1).unwrap().parse().unwrap();
            stage.play(600);
            stage.show_slot(&slot);
            stage.title("asked again");
            stage.changed();
            stage.play(LONG);
            stage.show_slot(&slot);
            // What the other slots do is told elsewhere.
            let of = |line: &&str| {
                line.contains(&slot.to_string())
                    || ["==", "  phase", "ENDLESS", "WRONG"].iter().any(|it| line.contains(it))
            };
            let lines: Vec<&str> = stage.since_title().lines().filter(of).collect();
            all.push_str(&lines.join("\n"));
            all.push('\n');
        }
    }
    Stage::compare_text("refusals", &all);
}

#[test]
fn what_does_not_pass_is_given_up_or_waited_for() {
    let mut stage = Stage::new(&small());
    stage.title("a conflict of more than two hours");
    for _ in 0..200 {
        stage.quirk("Create channel", Quirk::Refused(RefusalKind::Conflict, "ConflictException"));
    }
    stage.play(9000);
    stage.show();
    stage.title("a request that cannot be sent");
    let mut unsent = Stage::new(&small());
    for _ in 0..8 {
        unsent.quirk("Create secret", Quirk::Refused(RefusalKind::NotSent, "Incomplete"));
    }
    unsent.play(LONG);
    unsent.show();
    stage.title("a channel that AWS cannot make");
    let mut broken = Stage::new(&small());
    for _ in 0..4 {
        broken.quirk("Observe channel", Quirk::Says(Answer::Seen(Seen::new(Status::Broken))));
    }
    broken.play(LONG);
    broken.show();
    broken.changed();
    broken.play(LONG);
    broken.show();
    stage.append(&unsent);
    stage.append(&broken);
    stage.compare("given-up");
}

#[test]
fn a_changed_spec_reaches_the_account() {
    let mut stage = built(&full());
    let mut change = |title: &str, patch: &dyn Fn(&mut Value)| {
        let mut spec = serde_json::to_value(&stage.record.asked.spec).unwrap();
        patch(&mut spec);
        stage.title(title);
        stage.change(&spec);
        stage.show();
        stage.play(LONG);
        stage.show();
    };
    change("allow-list", &|spec| spec["allowLists"]["studio"] = json!(["198.51.100.16/28"]));
    change("tags", &|spec| spec["tags"] = json!({"programme": "news"}));
    change("a source", &|spec| spec["inputs"][2]["urls"][0] = json!("https://c.example.net/c.m3u8"));
    change("a type", &|spec| {
        spec["inputs"][2] = json!({"name": "pull", "type": "RTMP_PULL", "urls": ["rtmp://a.example.net/a/s", "rtmp://b.example.net/a/s"]});
    });
    change("a format less, an archive less, another ladder", &|spec| {
        spec["endpoints"].as_object_mut().unwrap().remove("dash");
        spec["archive"]["enabled"] = json!(false);
        spec["ladder"] = json!("sd");
    });
    change("a format more", &|spec| spec["endpoints"]["cmaf"] = json!({}));
    change("no alarms", &|spec| spec["alarms"]["enabled"] = json!(false));
    change("alarms again, and an input less", &|spec| {
        spec["alarms"]["enabled"] = json!(true);
        spec["inputs"].as_array_mut().unwrap().pop();
    });
    change("no input closed to all", &|spec| spec["inputs"][1]["allowFrom"] = json!([]));
    gone(&mut stage);
    stage.compare("changes");
}

#[test]
fn a_change_whose_answer_is_lost_is_made_once_more() {
    let mut stage = built(&full());
    let mut tagged = full();
    tagged["tags"] = json!({"programme": "news"});
    tagged["ladder"] = json!("sd");
    stage.quirk("Update channel", Quirk::Crash);
    for call in ["Update channel", "Tag channel", "Tag group/main", "Update channel"] {
        stage.quirk(call, Quirk::Lost);
    }
    stage.quirk("Tag secret", Quirk::Unheard);
    stage.quirk("Tag packaging", Quirk::Crash);
    stage.change(&tagged);
    stage.play(20);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.title("an update in several steps");
    let mut single = tagged.clone();
    single["channelClass"] = json!("single");
    stage.quirk("Update channel", Quirk::Says(Answer::Partly(Seen::new(Status::Updating))));
    stage.change(&single);
    stage.play(LONG);
    stage.show();
    stage.title("what is gone when it is changed");
    stage.vanish(&Slot::Endpoint(Format::Hls));
    single["endpoints"]["hls"] = json!({"windowSeconds": 120});
    stage.change(&single);
    stage.play(LONG);
    stage.show();
    stage.compare("lost-changes");
}

#[test]
fn an_input_is_replaced_when_its_stream_names_are() {
    let mut stage = built(&full());
    stage.record.asked.rotated_stream_keys.insert("main".to_owned(), "fresh".to_owned());
    stage.quirk("Create input/main", Quirk::Lost);
    stage.quirk("Delete input/main", Quirk::Refused(RefusalKind::Conflict, "ConflictException"));
    stage.changed();
    stage.want(Want::Live);
    stage.play(4);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.requests();
    stage.title("and once more, torn down at once");
    stage.want(Want::Idle);
    stage.play(LONG);
    stage.record.asked.rotated_stream_keys.insert("backup".to_owned(), "fresh".to_owned());
    stage.changed();
    stage.play(1);
    gone(&mut stage);
    stage.compare("replaced-input");
}

#[test]
fn the_cdn_secret_is_rotated_in_the_order_that_viewers_need() {
    let mut spec = small();
    spec["cdnSecret"] = json!({"rotateEveryDays": 1});
    let mut stage = live(&spec);
    stage.title("asked for");
    stage.record.asked.secret_rotations += 1;
    stage.quirk("Update secret", Quirk::Lost);
    stage.changed();
    stage.play(60);
    stage.show();
    stage.record.asked.secret_rotations += 1;
    stage.changed();
    stage.title("asked again meanwhile");
    stage.play(700);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.requests();
    stage.title("a day later");
    stage.play(86_400);
    stage.show();
    stage.play(LONG);
    stage.show();
    stage.title("the secret is deleted by hand");
    stage.vanish(&Slot::Secret);
    stage.event(&Event::Hint { slot: Slot::Secret, says: None });
    stage.play(LONG);
    stage.show();
    stage.compare("cdn-secret");
}

#[test]
fn hints_alarms_and_recoveries() {
    let mut stage = live(&full());
    let says = |status, pipelines| Some(Seen { pipelines, ..Seen::new(status) });
    for (title, hint) in [
        ("known already", says(Status::Running, 2)),
        ("one pipeline is down", says(Status::Recovering, 1)),
        ("nothing said", None),
    ] {
        stage.title(title);
        stage.event(&Event::Hint { slot: channel(), says: hint });
        stage.show();
        stage.play(300);
    }
    stage.event(&Event::Hint { slot: Slot::Input("nobody".to_owned()), says: None });
    stage.title("running on one pipeline, and back");
    for pipelines in [1, 1, 2] {
        stage.quirk("Observe channel", Quirk::Says(Answer::Seen(Seen { pipelines, ..Seen::new(Status::Running) })));
    }
    stage.event(&Event::Hint { slot: channel(), says: None });
    stage.play(1);
    stage.show();
    stage.play(600);
    stage.show();
    stage.title("alarms");
    let alarm = |kind, firing, reason: &str, at| Event::Alarm {
        slot: Slot::Alarm(kind),
        firing,
        reason: reason.to_owned(),
        at,
    };
    let at = stage.now;
    stage.event(&alarm(AlarmKind::InputLoss(0), true, "no frames", at));
    stage.event(&alarm(AlarmKind::InputLoss(0), true, "still none", at));
    stage.event(&alarm(AlarmKind::Cdn4xx, true, &"long ".repeat(90), at));
    stage.event(&alarm(AlarmKind::Packager5xx, false, "never fired", at));
    stage.show();
    stage.event(&alarm(AlarmKind::InputLoss(0), false, "older news", BEGIN));
    stage.event(&alarm(AlarmKind::InputLoss(0), false, "frames again", at.plus_secs(1)));
    stage.show();
    stage.title("stopping, one pipeline at a time");
    stage.want(Want::Idle);
    stage.play(1);
    for hint in [says(Status::Ready, 1), says(Status::Ready, 0)] {
        stage.event(&Event::Hint { slot: channel(), says: hint });
        stage.show();
    }
    stage.play(LONG);
    stage.title("starting, one pipeline at a time, and stopped meanwhile");
    stage.want(Want::Live);
    stage.play(1);
    for hint in [says(Status::Running, 1), says(Status::Running, 2)] {
        stage.event(&Event::Hint { slot: channel(), says: hint });
        stage.show();
    }
    stage.want(Want::Idle);
    stage.play(LONG);
    stage.show();
    stage.compare("hints");
}

#[test]
fn doubles_are_found_and_removed() {
    let mut stage = built(&full());
    let group = Slot::Group("main".to_owned());
    for slot in [group.clone(), Slot::Input("main".to_owned()), channel()] {
        stage.title(&format!("a second {slot}"));
        let second = stage.double(&slot);
        let answer = Ok(Answer::Made(second, Seen::new(Status::Ready)));
        late(&mut stage, &slot, 1, Verb::Create, None, answer);
        stage.show();
        stage.quirk(&format!("Delete {slot}"), Quirk::Refused(RefusalKind::Conflict, "ConflictException"));
        stage.play(100);
        stage.show();
    }
    stage.title("a double that may not be deleted");
    let second = stage.double(&group);
    let twice = Answer::Made(second.clone(), Seen::new(Status::Ready));
    late(&mut stage, &group, 2, Verb::Create, None, Ok(twice.clone()));
    late(&mut stage, &group, 2, Verb::Create, None, Ok(twice));
    stage.quirk("Delete group/main", Quirk::Refused(RefusalKind::Denied, "AccessDeniedException"));
    stage.play(100);
    stage.show();
    stage.changed();
    stage.play(100);
    stage.title("outcomes that come too late");
    let nobody = Object { id: "nobody".to_owned(), ..Object::default() };
    late(&mut stage, &group, 1, Verb::Observe, Some(nobody.id), Ok(Answer::Missing));
    late(
        &mut stage,
        &channel(),
        1,
        Verb::Start,
        Some("nobody".to_owned()),
        Ok(Answer::Seen(Seen::new(Status::Running))),
    );
    late(&mut stage, &channel(), 1, Verb::Tag, Some("nobody".to_owned()), Ok(Answer::Tagged));
    late(&mut stage, &channel(), 1, Verb::Stop, None, Err(Refusal::new(RefusalKind::Denied, "Denied", "words")));
    stage.show();
    gone(&mut stage);
    stage.compare("doubles");
}

fn late(
    stage: &mut Stage,
    slot: &Slot,
    incarnation: u32,
    verb: Verb,
    id: Option<String>,
    result: Result<Answer, Refusal>,
) {
    let asked_at = stage.now;
    stage.event(&Event::Outcome(Outcome { slot: slot.clone(), incarnation, verb, id, asked_at, result }));
}

#[test]
fn what_is_deleted_by_hand_is_made_again() {
    for (name, want) in [("by-hand-idle", Want::Idle), ("by-hand-gone", Want::Gone)] {
        let mut stage = built(&full());
        for slot in crate::request::desired(&stage.record.asked.spec.clone()) {
            stage.vanish(&slot);
            stage.event(&Event::Hint { slot, says: None });
        }
        stage.want(want);
        stage.play(LONG);
        stage.show();
        stage.compare(name);
    }
}

#[test]
fn teardown_begins_anywhere() {
    let mut all = String::new();
    for seconds in [0, 1, 3, 10, 15, 30, 250] {
        let mut stage = Stage::new(&full());
        stage.title(&format!("after {seconds} s"));
        stage.quirk("Create group/main", Quirk::Lost);
        stage.quirk("Find group/main", Quirk::Refused(RefusalKind::Throttled, "TooMany"));
        stage.quirk("Create channel", Quirk::Unheard);
        stage.play(seconds);
        gone(&mut stage);
        all.push_str(stage.text());
    }
    Stage::compare_text("teardown", &all);
}
