//! MediaLive: another class, restarted pipelines, alerts, and the schedule.

use serde_json::{Value, json};

use super::bench::{Bench, HOME};
use super::requests::pull_input;
use super::{Behaviour, behaviour};
use crate::world::medialive::SourceState;
use crate::world::rfc3339;

const CLASS: &str = "medialive:UpdateChannelClass";
const RESTART: &str = "medialive:RestartChannelPipelines";
const SCHEDULE: &str = "medialive:BatchUpdateSchedule";
const DESCRIBE: &str = "medialive:DescribeSchedule";
const INVALID: &str = "UnprocessableEntityException";

/// The channel of a request with more members.
fn of(channel: &Value, members: Value) -> Value {
    let mut request = channel.clone();
    request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    request
}

fn fixed(b: &Bench, secs: i64) -> Value {
    let time = b.world(|_, now| rfc3339(now + secs * 1000));
    json!({"fixedModeScheduleActionStartSettings": {"time": time}})
}

fn follow(reference: &str) -> Value {
    json!({"followModeScheduleActionStartSettings": {"followPoint": "END", "referenceActionName": reference}})
}

fn immediate() -> Value {
    json!({"immediateModeScheduleActionStartSettings": {}})
}

fn action(name: &str, start: Value, settings: Value) -> Value {
    json!({"actionName": name, "scheduleActionStartSettings": start, "scheduleActionSettings": settings})
}

fn switch(name: &str, start: Value, attachment: &str) -> Value {
    action(name, start, json!({"inputSwitchSettings": {"inputAttachmentNameReference": attachment}}))
}

fn splice(name: &str, start: Value, id: i64) -> Value {
    action(name, start, json!({"scte35SpliceInsertSettings": {"spliceEventId": id}}))
}

fn creates(channel: &Value, actions: &[Value]) -> Value {
    of(channel, json!({"creates": {"scheduleActions": actions}}))
}

fn deletes(channel: &Value, names: &[&str]) -> Value {
    of(channel, json!({"deletes": {"actionNames": names}}))
}

/// The call is a 422 that names exactly these elements.
#[track_caller]
fn bad(b: &Bench, request: &Value, paths: &[&str]) {
    let refusal = b.refused(SCHEDULE, request);
    let found: Vec<_> = refusal.validation.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!((refusal.status, refusal.code.as_str(), found), (422, INVALID, paths.to_vec()), "{refusal:?}");
}

/// An IDLE channel with a push input `rtmp` and two files, `film` and `loop`, of which the second begins again.
fn with_films(b: &mut Bench) -> Value {
    b.channel(&[]);
    let file = || pull_input("MP4_FILE", &["s3ssl://b/1.mp4", "s3ssl://b/2.mp4"]);
    let (film, again) = (b.input(&file()), b.input(&file()));
    let looped =
        json!({"inputId": again, "inputAttachmentName": "loop", "inputSettings": {"sourceEndBehavior": "LOOP"}});
    b.idle(&[
        ("/inputAttachments/1", json!({"inputId": film, "inputAttachmentName": "film"})),
        ("/inputAttachments/2", looped),
    ])
}

fn names(b: &Bench, channel: &Value) -> Vec<String> {
    let list = b.ok(DESCRIBE, channel)["scheduleActions"].clone();
    list.as_array().unwrap().iter().map(|it| it["actionName"].as_str().unwrap().to_owned()).collect()
}

fn active(b: &Bench, channel: &Value) -> Value {
    b.ok("medialive:DescribeChannel", channel)["pipelineDetails"][0]["activeInputAttachmentName"].clone()
}

/// Switches the source of the channel's first input.
fn source(b: &Bench, channel: &Value, state: SourceState) {
    let input = b.ok("medialive:DescribeChannel", channel)["inputAttachments"][0]["inputId"].clone();
    b.world(|world, now| world.set_source(HOME, now, input.as_str().unwrap(), state)).unwrap();
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.6", "STANDARD to single takes the second URL away and leaves the inputs", |b| {
        let channel = b.idle(&[]);
        let after = b.ok(CLASS, &of(&channel, json!({"channelClass": "SINGLE_PIPELINE"})))["channel"].clone();
        assert_eq!((&after["state"], &after["channelClass"]), (&json!("UPDATING"), &json!("SINGLE_PIPELINE")));
        assert_eq!(after["destinations"][1]["settings"].as_array().unwrap().len(), 1);
        b.pass(31);
        let seen = b.ok("medialive:DescribeChannel", &channel);
        assert_eq!((&seen["state"], seen["inputAttachments"].as_array().unwrap().len()), (&json!("IDLE"), 1));
    }),
    behaviour("aws-facts 1.6", "single to STANDARD needs a second URL for each destination", |b| {
        let one = json!([{"url": "s3ssl://bucket/p0/base"}]);
        let channel = b.idle(&[("/channelClass", json!("SINGLE_PIPELINE")), ("/destinations/1/settings", one)]);
        let refusal = b.refused(CLASS, &of(&channel, json!({"channelClass": "STANDARD"})));
        assert_eq!((refusal.status, refusal.validation[0].0.as_str()), (422, "destinations[1].settings"));
        let both = crate::rules::tests::channel()["destinations"].clone();
        b.ok(CLASS, &of(&channel, json!({"channelClass": "STANDARD", "destinations": both})));
    }),
    behaviour("aws-facts 1.6", "single to STANDARD needs STANDARD inputs", |b| {
        b.channel(&[]);
        let pull = b.input(&pull_input("URL_PULL", &["https://a.example/1"]));
        let one = json!([{"url": "s3ssl://bucket/p0/base"}]);
        let class = ("/channelClass", json!("SINGLE_PIPELINE"));
        let channel = b.idle(&[class, ("/destinations/1/settings", one), ("/inputAttachments/0/inputId", json!(pull))]);
        let both = crate::rules::tests::channel()["destinations"].clone();
        let refusal = b.refused(CLASS, &of(&channel, json!({"channelClass": "STANDARD", "destinations": both})));
        assert_eq!((refusal.status, refusal.validation[0].0.as_str()), (422, "inputAttachments[0].inputId"));
    }),
    behaviour("aws-facts 1.2", "the class changes only when the channel is IDLE", |b| {
        let channel = b.running();
        let single = of(&channel, json!({"channelClass": "SINGLE_PIPELINE"}));
        b.bad(CLASS, &single, 409, "ConflictException", "RUNNING");
        b.bad(CLASS, &channel, 422, INVALID, "");
    }),
    behaviour("aws-facts 1.2", "restarted pipelines are away for a while and come back by themselves", |b| {
        let channel = b.running();
        b.ok(RESTART, &of(&channel, json!({"pipelineIds": ["PIPELINE_1"]})));
        let seen = b.ok("medialive:DescribeChannel", &channel);
        assert_eq!((&seen["state"], &seen["pipelinesRunningCount"]), (&json!("RECOVERING"), &json!(1)));
        b.pass(181);
        assert_eq!(b.state(&channel), "RUNNING");
    }),
    behaviour("aws-facts 1.1", "pipelines of a channel that does not run cannot be restarted", |b| {
        let channel = b.idle(&[]);
        b.bad(RESTART, &channel, 409, "ConflictException", "IDLE");
        b.bad(RESTART, &of(&channel, json!({"pipelineIds": ["0"]})), 400, "BadRequestException", "is not one of");
    }),
    behaviour(
        "aws-facts 1.13",
        "alerts are listed as SET, and as CLEARED with the same id when the picture is back",
        |b| {
            let channel = b.running();
            let list = |b: &Bench, filter: &str| {
                b.ok("medialive:ListAlerts", &of(&channel, json!({"stateFilter": filter})))["alerts"]
                    .as_array()
                    .unwrap()
                    .clone()
            };
            assert!(list(b, "ALL").is_empty());
            source(b, &channel, SourceState::Off);
            let set = list(b, "SET");
            assert_eq!((set.len(), &set[0]["state"], &set[1]["pipelineId"]), (2, &json!("SET"), &json!("1")));
            b.pass(10);
            source(b, &channel, SourceState::On);
            let cleared = list(b, "CLEARED");
            assert_eq!((list(b, "SET").len(), &cleared[0]["id"]), (0, &set[0]["id"]));
            assert!(cleared[0]["clearedTimestamp"].as_str() > cleared[0]["setTimestamp"].as_str());
        },
    ),
    behaviour("aws-facts 1.11", "an action does exactly one thing and starts in exactly one way", |b| {
        let channel = b.idle(&[]);
        let two = json!({"inputSwitchSettings": {"inputAttachmentNameReference": "rtmp"}, "pauseStateSettings": {}});
        bad(
            b,
            &creates(&channel, &[action("a", fixed(b, 60), two)]),
            &["creates.scheduleActions[0].scheduleActionSettings"],
        );
        let path = "creates.scheduleActions[0].scheduleActionStartSettings";
        bad(b, &creates(&channel, &[switch("a", json!({}), "rtmp")]), &[path]);
    }),
    behaviour("aws-facts 1.11", "a change of the schedule changes something", |b| {
        let channel = b.idle(&[]);
        b.bad(SCHEDULE, &channel, 422, INVALID, "");
    }),
    behaviour("aws-facts 1.11", "a fixed time is written to the millisecond, in UTC", |b| {
        let channel = b.idle(&[]);
        for wrong in [
            "2026-01-01T01:00:00Z",
            "2026-01-01 01:00:00.000Z",
            "2026-01-01T01:00:00.000+01:00",
            "2026-13-01T01:00:00.000Z",
        ] {
            let start = json!({"fixedModeScheduleActionStartSettings": {"time": wrong}});
            let path =
                "creates.scheduleActions[0].scheduleActionStartSettings.fixedModeScheduleActionStartSettings.time";
            bad(b, &creates(&channel, &[switch("a", start, "rtmp")]), &[path]);
        }
    }),
    behaviour("aws-facts 1.11", "an action starts 15 seconds from now at the soonest and 14 days at the latest", |b| {
        let channel = b.idle(&[]);
        let day = 86_400;
        for (name, secs) in [("soon", 14), ("late", 14 * day + 1)] {
            let path = "creates.scheduleActions[0].scheduleActionStartSettings";
            bad(b, &creates(&channel, &[switch(name, fixed(b, secs), "rtmp")]), &[path]);
        }
        b.ok(
            SCHEDULE,
            &creates(&channel, &[switch("a", fixed(b, 15), "rtmp"), switch("b", fixed(b, 14 * day), "rtmp")]),
        );
        assert_eq!(names(b, &channel), ["a", "b"]);
    }),
    behaviour("aws-facts 1.11", "names of actions are unique in a channel", |b| {
        let channel = b.idle(&[]);
        let twice = [switch("a", fixed(b, 60), "rtmp"), switch("a", fixed(b, 90), "rtmp")];
        bad(b, &creates(&channel, &twice), &["creates.scheduleActions[1].actionName"]);
        b.ok(SCHEDULE, &creates(&channel, &twice[..1]));
        bad(b, &creates(&channel, &twice[1..]), &["creates.scheduleActions[0].actionName"]);
    }),
    behaviour("aws-facts 1.11", "a change is all or nothing", |b| {
        let channel = b.idle(&[]);
        let mixed = [switch("good", fixed(b, 60), "rtmp"), switch("bad", fixed(b, 60), "nowhere")];
        bad(b, &creates(&channel, &mixed), &["creates.scheduleActions[1].scheduleActionSettings"]);
        assert!(names(b, &channel).is_empty());
    }),
    behaviour("aws-facts 1.11", "deletes come before creates, so an action can be replaced in one call", |b| {
        let channel = b.idle(&[]);
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 60), "rtmp")]));
        let mut both = creates(&channel, &[switch("a", fixed(b, 90), "rtmp")]);
        both["deletes"] = json!({"actionNames": ["a"]});
        let done = b.ok(SCHEDULE, &both);
        assert_ne!(done["creates"]["scheduleActions"][0], done["deletes"]["scheduleActions"][0]);
        assert_eq!(names(b, &channel), ["a"]);
    }),
    behaviour("aws-facts 1.11", "an action that is about to start, or is not there, cannot be deleted", |b| {
        let channel = b.idle(&[]);
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 60), "rtmp")]));
        bad(b, &deletes(&channel, &["b"]), &["deletes.actionNames[0]"]);
        b.pass(46);
        bad(b, &deletes(&channel, &["a"]), &["deletes.actionNames[0]"]);
    }),
    behaviour(
        "aws-facts 1.11",
        "an immediate switch of a STANDARD channel becomes a fixed time ten seconds later",
        |b| {
            let channel = with_films(b);
            b.ok("medialive:StartChannel", &channel);
            b.pass(200);
            let done = b.ok(SCHEDULE, &creates(&channel, &[switch("now", immediate(), "film")]));
            let start = &done["creates"]["scheduleActions"][0]["scheduleActionStartSettings"];
            assert_eq!(*start, fixed(b, 10));
            assert_eq!(active(b, &channel), "rtmp");
            b.pass(10);
            assert_eq!(active(b, &channel), "film");
        },
    ),
    behaviour("aws-facts 1.13", "an input switch is an event for each pipeline", |b| {
        let channel = with_films(b);
        b.ok("medialive:StartChannel", &channel);
        b.pass(200);
        b.events();
        b.ok(SCHEDULE, &creates(&channel, &[switch("evening", fixed(b, 20), "film")]));
        b.pass(20);
        let events: Vec<_> =
            b.events().into_iter().filter(|it| it["detail-type"] == "MediaLive Channel Input Change").collect();
        let detail = &events[0]["detail"];
        assert_eq!((events.len(), &detail["active_input_switch_action_name"]), (2, &json!("evening")));
        assert_eq!(detail["active_input_attachment_name"], "film");
    }),
    behaviour("aws-facts 1.11", "a channel begins with the most recent switch, else with its first attachment", |b| {
        let channel = with_films(b);
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 20), "loop"), switch("b", fixed(b, 30), "film")]));
        b.pass(40);
        b.ok("medialive:StartChannel", &channel);
        b.pass(200);
        assert_eq!(active(b, &channel), "film");
    }),
    behaviour("aws-facts 1.11", "a deleted switch does not happen", |b| {
        let channel = with_films(b);
        b.ok("medialive:StartChannel", &channel);
        b.pass(200);
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 60), "film")]));
        b.ok(SCHEDULE, &deletes(&channel, &["a"]));
        b.pass(120);
        assert_eq!(active(b, &channel), "rtmp");
    }),
    behaviour("aws-facts 1.11", "a switch follows a switch to a file that ends, and no other", |b| {
        let channel = with_films(b);
        let path = "creates.scheduleActions[1].scheduleActionStartSettings";
        for reference in ["rtmp", "loop"] {
            let pair = [switch("first", fixed(b, 60), reference), switch("next", follow("first"), "rtmp")];
            bad(b, &creates(&channel, &pair), &[path]);
        }
        b.ok(
            SCHEDULE,
            &creates(&channel, &[switch("first", fixed(b, 60), "film"), switch("next", follow("first"), "rtmp")]),
        );
        let second = [switch("again", follow("first"), "rtmp")];
        bad(b, &creates(&channel, &second), &["creates.scheduleActions[0].scheduleActionStartSettings"]);
    }),
    behaviour("aws-facts 1.11", "an action with a follower cannot be deleted alone", |b| {
        let channel = with_films(b);
        b.ok(
            SCHEDULE,
            &creates(&channel, &[switch("first", fixed(b, 60), "film"), switch("next", follow("first"), "rtmp")]),
        );
        bad(b, &deletes(&channel, &["first"]), &["deletes.actionNames"]);
        b.ok(SCHEDULE, &deletes(&channel, &["first", "next"]));
    }),
    behaviour("aws-facts 1.11", "preparing an input must be enabled, and happens ten seconds before the switch", |b| {
        let prepare = |name, start| {
            action(name, start, json!({"inputPrepareSettings": {"inputAttachmentNameReference": "rtmp"}}))
        };
        let channel = b.idle(&[("/encoderSettings/featureActivations", json!({}))]);
        let path = "creates.scheduleActions[0].scheduleActionSettings";
        bad(b, &creates(&channel, &[prepare("p", fixed(b, 60))]), &[path]);
        let settings = b.ok("medialive:DescribeChannel", &channel)["encoderSettings"].clone();
        let enabled = json!({"inputPrepareScheduleActions": "ENABLED"});
        let settings = crate::rules::tests::with(&settings, &[("/featureActivations", enabled)]);
        b.ok("medialive:UpdateChannel", &of(&channel, json!({"encoderSettings": settings})));
        b.pass(6);
        b.ok(SCHEDULE, &creates(&channel, &[switch("s", fixed(b, 60), "rtmp")]));
        let path = "creates.scheduleActions[0].scheduleActionStartSettings";
        bad(b, &creates(&channel, &[prepare("p", fixed(b, 51))]), &[path]);
        b.ok(SCHEDULE, &creates(&channel, &[prepare("p", fixed(b, 50))]));
    }),
    behaviour("aws-facts 1.11", "a static image on single outputs must be enabled", |b| {
        let channel = b.idle(&[]);
        let image = json!({"staticImageOutputActivateSettings": {"outputNames": ["480p"], "image": {"uri": "s3ssl://b/i.png"}}});
        let path = "creates.scheduleActions[0].scheduleActionSettings";
        bad(b, &creates(&channel, &[action("i", fixed(b, 60), image)]), &[path]);
    }),
    behaviour("aws-facts 1.11", "a splice event's id has 32 bits", |b| {
        let channel = b.idle(&[]);
        let path = "creates.scheduleActions[0].scheduleActionSettings.scte35SpliceInsertSettings.spliceEventId";
        bad(b, &creates(&channel, &[splice("s", fixed(b, 60), 4_294_967_296)]), &[path]);
        b.ok(SCHEDULE, &creates(&channel, &[splice("s", fixed(b, 60), 4_294_967_295)]));
    }),
    behaviour("aws-facts 1.11", "an action that has begun is described for an hour", |b| {
        let channel = b.idle(&[]);
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 60), "rtmp")]));
        b.pass(3600 + 59);
        assert_eq!(names(b, &channel), ["a"]);
        b.pass(1);
        assert!(names(b, &channel).is_empty());
    }),
    behaviour(
        "aws-facts 1.2",
        "a schedule changes while the channel is IDLE or RUNNING, and a refusal is no 409",
        |b| {
            let channel = b.idle(&[]);
            b.ok("medialive:StartChannel", &channel);
            let change = creates(&channel, &[switch("a", fixed(b, 600), "rtmp")]);
            b.bad(SCHEDULE, &change, 422, INVALID, "STARTING");
            b.pass(200);
            b.ok(SCHEDULE, &change);
            b.bad(DESCRIBE, &json!({"channelId": "7"}), 404, "NotFoundException", "7");
        },
    ),
    behaviour("aws-facts 1.2", "a whole schedule is deleted only when the channel is IDLE", |b| {
        let channel = b.running();
        b.ok(SCHEDULE, &creates(&channel, &[switch("a", fixed(b, 600), "rtmp")]));
        b.bad("medialive:DeleteSchedule", &channel, 400, "BadRequestException", "IDLE");
        b.ok("medialive:StopChannel", &channel);
        b.pass(80);
        b.ok("medialive:DeleteSchedule", &channel);
        assert!(names(b, &channel).is_empty());
    }),
];
