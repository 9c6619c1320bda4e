//! MediaLive: states, conflicts, tokens, quotas, rates, and what remains of what was deleted.

use serde_json::{Value, json};

use super::bench::Bench;
use super::requests::{group, push_input};
use super::{Behaviour, behaviour};

const CREATE: &str = "medialive:CreateChannel";
const START: &str = "medialive:StartChannel";
const STOP: &str = "medialive:StopChannel";
const DELETE: &str = "medialive:DeleteChannel";
const UPDATE: &str = "medialive:UpdateChannel";

#[track_caller]
fn conflict(b: &Bench, action: &str, request: &Value) {
    b.bad(action, request, 409, "ConflictException", "");
}

fn input_of(b: &Bench, channel: &Value) -> Value {
    json!({"inputId": b.ok("medialive:DescribeChannel", channel)["inputAttachments"][0]["inputId"]})
}

fn input_state(b: &Bench, input: &Value) -> String {
    b.ok("medialive:DescribeInput", input)["state"].as_str().unwrap().to_owned()
}

fn group_of(b: &Bench, input: &Value) -> Value {
    json!({"inputSecurityGroupId": b.ok("medialive:DescribeInput", input)["securityGroups"][0]})
}

fn group_state(b: &Bench, group: &Value) -> String {
    b.ok("medialive:DescribeInputSecurityGroup", group)["state"].as_str().unwrap().to_owned()
}

/// A channel without archive, so that it can be made many times: its inputs have to differ.
fn another(b: &mut Bench) -> Value {
    let input = b.push_input();
    let mut request = b.channel(&[("/requestId", Value::Null)]);
    request["inputAttachments"][0]["inputId"] = json!(input);
    request
}

/// States of the state change events so far.
fn states(b: &Bench) -> Vec<Value> {
    let changes = b.events().into_iter().filter(|it| it["detail-type"] == "MediaLive Channel State Change");
    changes.map(|it| it["detail"]["state"].clone()).collect()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.2", "a channel is CREATING for seconds and cannot be started then", |b| {
        let request = b.channel(&[]);
        let made = b.ok(CREATE, &request);
        let channel = json!({"channelId": made["channel"]["id"]});
        assert_eq!(made["channel"]["state"], "CREATING");
        conflict(b, START, &channel);
        b.pass(31);
        b.ok(START, &channel);
    }),
    behaviour("aws-facts 1.2", "StartChannel answers with the channel, STARTING; minutes later it is RUNNING", |b| {
        let channel = b.idle(&[]);
        assert_eq!(b.ok(START, &channel)["state"], "STARTING");
        b.pass(59);
        assert_eq!(b.state(&channel), "STARTING");
        b.pass(140);
        assert_eq!(b.state(&channel), "RUNNING");
    }),
    behaviour("aws-facts 1.6", "a running STANDARD channel has two pipelines, numbered 0 and 1", |b| {
        let channel = b.running();
        let seen = b.ok("medialive:DescribeChannel", &channel);
        let ids: Vec<_> = seen["pipelineDetails"].as_array().unwrap().iter().map(|it| &it["pipelineId"]).collect();
        assert_eq!((&seen["pipelinesRunningCount"], ids), (&json!(2), vec![&json!("0"), &json!("1")]));
    }),
    behaviour("aws-facts 1.6", "a running SINGLE_PIPELINE channel has pipeline 0 alone", |b| {
        let one = json!([{"url": "s3ssl://bucket/p0/base"}]);
        let channel = b.idle(&[("/channelClass", json!("SINGLE_PIPELINE")), ("/destinations/1/settings", one)]);
        b.ok(START, &channel);
        b.pass(200);
        let seen = b.ok("medialive:DescribeChannel", &channel);
        assert_eq!((&seen["state"], &seen["pipelinesRunningCount"]), (&json!("RUNNING"), &json!(1)));
        assert_eq!(seen["pipelineDetails"][0]["pipelineId"], "0");
    }),
    behaviour("aws-facts 1.2", "a running channel is neither updated nor deleted", |b| {
        let channel = b.running();
        conflict(b, UPDATE, &json!({"channelId": channel["channelId"], "name": "n"}));
        b.bad(DELETE, &channel, 409, "ConflictException", "stop it first");
        assert_eq!(b.state(&channel), "RUNNING");
    }),
    behaviour("aws-facts 1.2", "a starting channel can be stopped", |b| {
        let channel = b.idle(&[]);
        b.ok(START, &channel);
        assert_eq!(b.ok(STOP, &channel)["state"], "STOPPING");
        b.pass(80);
        assert_eq!(b.state(&channel), "IDLE");
    }),
    behaviour("aws-facts 1.2", "a stopping channel is neither started nor stopped again", |b| {
        let channel = b.running();
        b.ok(STOP, &channel);
        conflict(b, START, &channel);
        conflict(b, STOP, &channel);
    }),
    behaviour("aws-facts 1.2", "an update passes through UPDATING", |b| {
        let channel = b.idle(&[]);
        assert_eq!(
            b.ok(UPDATE, &json!({"channelId": channel["channelId"], "name": "n"}))["channel"]["state"],
            "UPDATING"
        );
        conflict(b, START, &channel);
        b.pass(6);
        assert_eq!(b.state(&channel), "IDLE");
    }),
    behaviour("aws-facts 1.2", "DeleteChannel answers with the channel, DELETING, and later it is DELETED", |b| {
        let channel = b.idle(&[]);
        assert_eq!(b.ok(DELETE, &channel)["state"], "DELETING");
        conflict(b, DELETE, &channel);
        b.pass(121);
        assert_eq!(b.state(&channel), "DELETED");
    }),
    behaviour("aws-facts 1.2", "a deleted channel is described without its parts, and not listed", |b| {
        let channel = b.idle(&[]);
        b.ok(DELETE, &channel);
        b.pass(121);
        let seen = b.ok("medialive:DescribeChannel", &channel);
        assert_eq!((&seen["inputAttachments"], &seen["destinations"]), (&json!([]), &json!([])));
        assert_eq!(seen.get("encoderSettings"), None);
        assert_eq!(b.ok("medialive:ListChannels", &json!({}))["channels"], json!([]));
        b.bad(DELETE, &channel, 404, "NotFoundException", "");
    }),
    behaviour("aws-facts 1.2", "a pipeline that fails is RECOVERING for minutes and comes back by itself", |b| {
        let channel = b.running();
        let id = channel["channelId"].as_str().unwrap().to_owned();
        b.world(|world, now| world.fail_pipeline("eu-west-1", now, &id, 1)).unwrap();
        assert_eq!(b.state(&channel), "RECOVERING");
        b.pass(181);
        assert_eq!(b.state(&channel), "RUNNING");
    }),
    behaviour("aws-facts 1.1", "what does not exist is a 404", |b| {
        for (action, member) in [
            ("medialive:DescribeChannel", "channelId"),
            (START, "channelId"),
            (STOP, "channelId"),
            ("medialive:DescribeInput", "inputId"),
            ("medialive:DeleteInput", "inputId"),
            ("medialive:DescribeInputSecurityGroup", "inputSecurityGroupId"),
            ("medialive:DeleteInputSecurityGroup", "inputSecurityGroupId"),
        ] {
            b.bad(action, &json!({member: "7"}), 404, "NotFoundException", "7");
        }
    }),
    behaviour("aws-facts 1.1", "elements of ListChannels have neither encoder settings nor pipeline details", |b| {
        b.running();
        let listed = b.ok("medialive:ListChannels", &json!({}))["channels"][0].clone();
        assert_eq!((listed.get("encoderSettings"), listed.get("pipelineDetails")), (None, None));
        assert_eq!(listed["state"], "RUNNING");
    }),
    behaviour("aws-facts 1.2", "an attached input says so, and by which channel", |b| {
        let channel = b.idle(&[]);
        let input = input_of(b, &channel);
        let seen = b.ok("medialive:DescribeInput", &input);
        assert_eq!((&seen["state"], &seen["attachedChannels"][0]), (&json!("ATTACHED"), &channel["channelId"]));
    }),
    behaviour("aws-facts 1.2", "an input serves one channel: the second is a 409 that names the input", |b| {
        b.idle(&[]);
        let request = b.channel(&[("/requestId", json!("another"))]);
        let input = request["inputAttachments"][0]["inputId"].as_str().unwrap().to_owned();
        b.bad(CREATE, &request, 409, "ConflictException", &input);
    }),
    behaviour(
        "aws-facts 1.2, mistake 82",
        "an attached input cannot be deleted, not even while its channel is DELETING",
        |b| {
            let channel = b.idle(&[]);
            let input = input_of(b, &channel);
            conflict(b, "medialive:DeleteInput", &input);
            b.ok(DELETE, &channel);
            conflict(b, "medialive:DeleteInput", &input);
            b.pass(121);
            assert_eq!(input_state(b, &input), "DETACHED");
            b.ok("medialive:DeleteInput", &input);
        },
    ),
    behaviour("aws-facts 1.2", "a deleted input is DELETING, then DELETED, then not listed", |b| {
        let input = json!({"inputId": b.push_input()});
        b.ok("medialive:DeleteInput", &input);
        assert_eq!(input_state(b, &input), "DELETING");
        conflict(b, "medialive:DeleteInput", &input);
        b.pass(31);
        assert_eq!(input_state(b, &input), "DELETED");
        assert_eq!(b.ok("medialive:ListInputs", &json!({}))["inputs"], json!([]));
    }),
    behaviour("aws-facts 1.2", "an input left out of an update is DETACHED, the new one ATTACHED", |b| {
        let channel = b.idle(&[]);
        let (before, after) = (input_of(b, &channel), json!({"inputId": b.push_input()}));
        b.ok(UPDATE, &json!({"channelId": channel["channelId"], "inputAttachments": [after]}));
        assert_eq!((input_state(b, &before), input_state(b, &after)), ("DETACHED".into(), "ATTACHED".into()));
    }),
    behaviour("aws-facts 1.2", "an input is edited while its channel is IDLE and not while it starts", |b| {
        let channel = b.idle(&[]);
        let input = input_of(b, &channel)["inputId"].clone();
        b.ok("medialive:UpdateInput", &json!({"inputId": input, "name": "n"}));
        b.ok(START, &channel);
        conflict(b, "medialive:UpdateInput", &json!({"inputId": input, "name": "m"}));
    }),
    behaviour("aws-facts 1.6", "the class of an attached input cannot change", |b| {
        let channel = b.idle(&[]);
        let input = input_of(b, &channel)["inputId"].clone();
        let one = json!({"inputId": input, "destinations": [{"streamName": "live/a"}]});
        conflict(b, "medialive:UpdateInput", &one);
    }),
    behaviour(
        "aws-facts 1.2, mistake 83",
        "a group in use cannot be deleted, and is free only seconds after its input",
        |b| {
            let input = json!({"inputId": b.push_input()});
            let group = group_of(b, &input);
            assert_eq!(group_state(b, &group), "IN_USE");
            let delete = "medialive:DeleteInputSecurityGroup";
            b.bad(delete, &group, 400, "BadRequestException", "inputs still use it");
            b.ok("medialive:DeleteInput", &input);
            while input_state(b, &input) != "DELETED" {
                b.pass(1);
            }
            b.bad(delete, &group, 400, "BadRequestException", "");
            b.pass(15);
            assert_eq!(group_state(b, &group), "IDLE");
            b.ok(delete, &group);
            assert_eq!(group_state(b, &group), "DELETED");
        },
    ),
    behaviour("aws-facts 1.2", "the rules of a group in use can change, one change at a time", |b| {
        let input = json!({"inputId": b.push_input()});
        let mut update = group(&["203.0.113.0/24"]);
        update["inputSecurityGroupId"] = group_of(b, &input)["inputSecurityGroupId"].clone();
        b.ok("medialive:UpdateInputSecurityGroup", &update);
        conflict(b, "medialive:UpdateInputSecurityGroup", &update);
        b.pass(4);
        b.ok("medialive:UpdateInputSecurityGroup", &update);
    }),
    behaviour("aws-facts 1.2", "an input that moves to another group frees the first", |b| {
        let input = json!({"inputId": b.push_input()});
        let first = group_of(b, &input);
        let move_to = json!({"inputId": input["inputId"], "inputSecurityGroups": [b.group()]});
        b.ok("medialive:UpdateInput", &move_to);
        b.pass(16);
        b.ok("medialive:DeleteInputSecurityGroup", &first);
    }),
    behaviour("aws-facts 1.5", "the same requestId answers the first channel again, in its present state", |b| {
        let request = b.channel(&[]);
        let first = b.ok(CREATE, &request)["channel"]["id"].clone();
        b.pass(31);
        let again = b.ok(CREATE, &request)["channel"].clone();
        assert_eq!((&again["id"], &again["state"]), (&first, &json!("IDLE")));
    }),
    behaviour("aws-facts 1.5", "the sixth channel meets the quota, which names itself", |b| {
        b.quota("medialive.input-security-groups", 20);
        b.quota("medialive.push-inputs", 20);
        for _ in 0..5 {
            let request = another(b);
            b.ok(CREATE, &request);
        }
        let sixth = another(b);
        b.bad(CREATE, &sixth, 429, "TooManyRequestsException", "medialive.channels");
        b.quota("medialive.channels", 6);
        b.ok(CREATE, &sixth);
    }),
    behaviour("aws-facts 1.5, mistake 26", "the second UHD channel meets a quota of its own", |b| {
        let uhd = |b: &mut Bench| {
            let mut request = another(b);
            let video = &mut request["encoderSettings"]["videoDescriptions"][0];
            video["width"] = json!(3840);
            video["height"] = json!(2160);
            request
        };
        let (first, second) = (uhd(b), uhd(b));
        b.ok(CREATE, &first);
        b.bad(CREATE, &second, 429, "TooManyRequestsException", "medialive.uhd-channels");
    }),
    behaviour("aws-facts 1.5", "a deleted channel frees its place in the quota", |b| {
        b.quota("medialive.channels", 1);
        let channel = b.idle(&[]);
        let request = another(b);
        b.bad(CREATE, &request, 429, "TooManyRequestsException", "");
        b.ok(DELETE, &channel);
        b.bad(CREATE, &request, 429, "TooManyRequestsException", "");
        b.pass(121);
        b.ok(CREATE, &request);
    }),
    behaviour("aws-facts 1.5", "a resource has at most fifty tags", |b| {
        let arn = b.ok("medialive:CreateInput", &push_input(&b.group()))["input"]["arn"].clone();
        let tags = |n: usize| (0..n).map(|i| (format!("k{i}"), json!("v"))).collect::<serde_json::Map<_, _>>();
        b.ok("medialive:CreateTags", &json!({"resource-arn": arn, "tags": tags(50)}));
        b.bad(
            "medialive:CreateTags",
            &json!({"resource-arn": arn, "tags": tags(51)}),
            400,
            "BadRequestException",
            "50",
        );
    }),
    behaviour("aws-facts 1.5", "too many writes are a 429, and calls without one in the model never are", |b| {
        *b = Bench::with(|config| config.world.switches.throttles = true);
        let created = (0..100).map(|_| b.call("medialive:CreateInputSecurityGroup", &group(&["192.0.2.1/32"])));
        let refusals: Vec<_> = created.filter_map(Result::err).filter(|it| !it.message.contains("quota")).collect();
        assert!(refusals.iter().all(|it| (it.status, it.code.as_str()) == (429, "TooManyRequestsException")));
        assert!(!refusals.is_empty());
        let update = json!({"channelId": "7", "name": "n"});
        assert!((0..100).all(|_| b.refused(UPDATE, &update).status == 404));
    }),
    behaviour("aws-facts 1.13", "events have states of their own: CREATED and STOPPED both mean IDLE", |b| {
        let channel = b.running();
        b.ok(STOP, &channel);
        b.pass(80);
        b.ok(DELETE, &channel);
        b.pass(121);
        let expected = [
            "CREATED", "STARTING", "RUNNING", "RUNNING", "STOPPING", "STOPPING", "STOPPED", "STOPPED", "DELETING",
            "DELETED",
        ];
        assert_eq!(states(b), expected);
    }),
    behaviour("aws-facts 1.13", "RUNNING comes once for each pipeline, the first with a count of one", |b| {
        b.running();
        let running: Vec<_> = b.events().into_iter().filter(|it| it["detail"]["state"] == "RUNNING").collect();
        let counts: Vec<_> = running.iter().map(|it| it["detail"]["pipelines_running_count"].clone()).collect();
        assert_eq!(counts, [1, 2]);
        assert_ne!(running[0]["detail"]["pipeline"], running[1]["detail"]["pipeline"]);
    }),
    behaviour("aws-facts 1.13", "the resource of an event is the channel's ARN", |b| {
        let channel = b.idle(&[]);
        let arn = b.ok("medialive:DescribeChannel", &channel)["arn"].clone();
        let event = b.events().remove(0);
        assert_eq!((&event["resources"], &event["detail"]["channel_arn"]), (&json!([arn]), &arn));
        assert_eq!((&event["source"], event["detail"].get("pipeline")), (&json!("aws.medialive"), None));
    }),
];
