//! Every type of input: what it needs, what it does not take, and the request that comes of it. Each problem names
//! the field and the cure.

use super::reading::{bad, good};
use super::sizes::largest;
use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Seen, Status, Verb};
use crate::limits::Limits;
use crate::record::Record;
use crate::request::{Requests, desired};
use crate::slot::Slot;
use crate::spec::{FailoverPreference, InputKind, Moment, Spec, changes, read};
use crate::time::Timestamp;
use serde_json::{Value, json};

const FLOW: &str = "arn:aws:mediaconnect:eu-west-1:111122223333:flow:1-abc:studio";
const FLOW_B: &str = "arn:aws:mediaconnect:eu-west-1:111122223333:flow:1-def:studio";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:headend/srt-a1b2c3";

fn asked(class: &str, inputs: &Value) -> Value {
    json!({"name": "n", "channelClass": class, "inputs": inputs})
}

fn one(input: Value) -> Value {
    asked("single", &json!([input]))
}

fn caller(sources: &Value) -> Value {
    json!({"name": "a", "type": "SRT_CALLER", "srt": {"sources": sources}})
}

fn listener(srt: &Value) -> Value {
    json!({"name": "a", "type": "SRT_LISTENER", "allowFrom": ["198.51.100.7/32"], "srt": srt})
}

fn key() -> Value {
    json!({"algorithm": "AES256", "passphraseSecretArn": SECRET})
}

/// A platform whose every slot is made, so that its requests can be asked for.
fn built(request: &Value) -> Record {
    let now = Timestamp(1_767_225_600_000);
    let mut record = largest();
    record.asked.spec = good(request);
    for slot in desired(&record.asked.spec) {
        record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], now);
        let object = Object { id: format!("id-{slot}"), arn: format!("arn-{slot}"), urls: Vec::new(), domain: None };
        let made = Outcome {
            slot,
            incarnation: 1,
            verb: Verb::Create,
            id: None,
            asked_at: now,
            result: Ok(Answer::Made(object, Seen::new(Status::Ready))),
        };
        accept(&mut record, &Event::Outcome(made), now, Limits::default());
    }
    record
}

#[test]
fn the_kind_of_an_input_is_one_of_eight() {
    bad(&one(json!({"name": "a", "type": "SDI"})), &[("/inputs/0/type", "SRT_CALLER, MEDIACONNECT")]);
    bad(&one(json!({"name": "a"})), &[("/inputs/0/type", "is required: one of RTMP_PUSH")]);
}

#[test]
fn rtmp_is_pulled_from_an_application_and_a_stream_at_a_public_host() {
    let pull = |url: &str| one(json!({"name": "a", "type": "RTMP_PULL", "urls": [url]}));
    for url in ["rtmp://origin.example.net/app/stream", "rtmps://origin.example.net:443/app/inst/stream?token=1"] {
        good(&pull(url));
    }
    let at = "/inputs/0/urls/0";
    bad(&pull("https://origin.example.net/app/stream"), &[(at, "must be an rtmp or rtmps URL")]);
    bad(&pull("rtmp://origin.example.net/app"), &[(at, "must name application and stream")]);
    bad(&pull("rtmp://me:secret@origin.example.net/app/stream"), &[(at, "give username and passwordParameter")]);
    bad(&pull("rtmp:///app/stream"), &[(at, "names no host")]);
    bad(&pull("rtmp:app/stream"), &[(at, "names no host")]);
    bad(&pull(r"rtmp://origin.example.net\@10.0.0.1/app/stream"), &[(at, "spaces or backslashes")]);
    for host in ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "localhost"]
    {
        let problems = read(&pull(&format!("rtmp://{host}:1935/app/stream"))).unwrap_err();
        assert_eq!(problems[0].pointer, at, "{host}");
    }
}

#[test]
fn a_file_comes_over_https_or_from_a_bucket_and_may_begin_again() {
    let file = |url: &str| one(json!({"name": "a", "type": "MP4_FILE", "urls": [url], "loop": true}));
    for url in ["https://origin.example.net/a.mp4", "s3ssl://slates-bucket/folder/a.mp4"] {
        assert!(good(&file(url)).inputs[0].loops);
    }
    let at = "/inputs/0/urls/0";
    bad(&file("rtmp://origin.example.net/app/stream"), &[(at, "must be an https or http or s3ssl URL")]);
    bad(&file("http://10.0.0.1/a.mp4"), &[(at, "private")]);
    for url in ["s3ssl://bucket", "s3ssl://bucket/", "s3ssl://my.bucket/a.mp4", "s3ssl:///a.mp4"] {
        bad(&file(url), &[(at, "s3ssl://bucket/path/file")]);
    }
    let mut push = json!({"name": "a", "type": "RTP_PUSH", "loop": true});
    bad(&one(push.clone()), &[("/inputs/0/loop", "it goes with type MP4_FILE")]);
    push["loop"] = json!("yes");
    bad(&one(push), &[("/inputs/0/loop", "must be true or false")]);
}

#[test]
fn a_password_is_named_and_never_given() {
    let login = |kind: &str, url: &str, login: Value| {
        let mut input = json!({"name": "a", "type": kind, "urls": [url]});
        input.as_object_mut().unwrap().extend(login.as_object().unwrap().clone());
        one(input)
    };
    let (rtmp, web) = ("rtmp://origin.example.net/app/stream", "https://origin.example.net/a");
    let both = json!({"username": "me", "passwordParameter": "/headend/studio"});
    for (kind, url) in [("RTMP_PULL", rtmp), ("URL_PULL", web), ("MP4_FILE", web)] {
        good(&login(kind, url, both.clone()));
    }
    let at = |field: &str| format!("/inputs/0/{field}");
    let (user, password) = (at("username"), at("passwordParameter"));
    bad(&login("RTMP_PULL", rtmp, json!({"username": "me"})), &[(&password, "is required with username")]);
    bad(
        &login("RTMP_PULL", rtmp, json!({"passwordParameter": "/p"})),
        &[(&user, "is required with passwordParameter")],
    );
    let given = json!({"username": "me", "passwordParameter": "s3cret!"});
    bad(&login("RTMP_PULL", rtmp, given), &[(&password, "never the password itself")]);
    let long = json!({"username": "m".repeat(65), "passwordParameter": "p".repeat(129)});
    bad(&login("RTMP_PULL", rtmp, long), &[(&user, "1 to 64"), (&password, "1 to 128")]);
    bad(&login("MP4_FILE", "s3ssl://bucket/a.mp4", both), &[(&user, "MediaLive's role")]);
    let push = json!({"name": "a", "type": "RTP_PUSH", "username": "me"});
    bad(&one(push), &[(&user, "URL_PULL, RTMP_PULL and MP4_FILE only")]);
}

#[test]
fn a_mediaconnect_input_names_a_flow_for_each_pipeline() {
    let flows =
        |class: &str, flows: Value| asked(class, &json!([{"name": "a", "type": "MEDIACONNECT", "flows": flows}]));
    good(&flows("single", json!([FLOW])));
    good(&flows("single", json!([FLOW, FLOW_B])));
    good(&flows("standard", json!([FLOW, FLOW_B])));
    bad(&flows("single", json!([])), &[("/inputs/0/flows", "give one source")]);
    bad(&flows("standard", json!([FLOW])), &[("/inputs/0/flows", "one per pipeline")]);
    bad(&flows("standard", json!([FLOW, FLOW])), &[("/inputs/0/flows/1", "another availability zone")]);
    let long = format!("{FLOW}{}", "x".repeat(256));
    bad(&flows("single", json!([long])), &[("/inputs/0/flows/0", "1 to 256")]);
    for wrong in [
        "flow",
        "arn:aws:s3:::bucket",
        "arn:aws:mediaconnect:eu-west-1:1111:flow:1:n",
        "arn:aws:mediaconnect:eu-west-1:111122223333:flow:",
        "arn:aws:mediaconnect::111122223333:flow:1:n",
    ] {
        bad(&flows("single", json!([wrong])), &[("/inputs/0/flows/0", "like arn:aws:mediaconnect")]);
    }
    let urls = json!({"name": "a", "type": "MEDIACONNECT", "flows": [FLOW], "urls": ["https://a.example.net/x"]});
    bad(&one(urls), &[("/inputs/0/urls", "name its flows")]);
    let push = json!({"name": "a", "type": "RTMP_PUSH", "flows": [FLOW]});
    bad(&one(push), &[("/inputs/0/flows", "MEDIACONNECT only")]);
}

#[test]
fn an_srt_caller_calls_public_hosts() {
    let source = |address: &str| json!({"address": address, "port": 9000});
    for address in ["srt.example.net", "93.184.216.34"] {
        good(&one(caller(&json!([source(address)]))));
    }
    let both = json!([source("a.example.net"), source("b.example.net")]);
    good(&asked("standard", &json!([caller(&both)])));
    let short = "one per pipeline";
    bad(&asked("standard", &json!([caller(&json!([source("a.example.net")]))])), &[("/inputs/0/srt/sources", short)]);
    bad(&one(json!({"name": "a", "type": "SRT_CALLER"})), &[("/inputs/0/srt/sources", "give one source")]);
    let at = "/inputs/0/srt/sources/0/address";
    for local in ["localhost", "printer.local", "127.0.0.1", "10.1.2.3", "2130706433", "169.254.169.254"] {
        let problems = read(&one(caller(&json!([source(local)])))).unwrap_err();
        assert_eq!(problems[0].pointer, at, "{local}");
    }
    for wrong in
        ["srt://a.example.net", "a.example.net:9000", "[2a00:1450::1]", "2a00:1450::1", "a/b", "a b", "%31.2.3.4"]
    {
        bad(&one(caller(&json!([source(wrong)]))), &[(at, "neither a host name nor an IPv4 address")]);
    }
}

#[test]
fn an_srt_caller_says_of_each_source_what_srt_needs() {
    let with = |field: &str, value: Value| {
        let mut source = json!({"address": "srt.example.net", "port": 9000});
        source[field] = value;
        one(caller(&json!([source])))
    };
    good(&with("minimumLatencyMs", json!(120)));
    good(&with("streamId", json!("#!::r=live/a,m=request")));
    good(&with("decryption", key()));
    let at = |field: &str| format!("/inputs/0/srt/sources/0/{field}");
    bad(&with("port", json!(0)), &[(&at("port"), "1 to 65535")]);
    bad(&with("port", json!("9000")), &[(&at("port"), "a whole number")]);
    bad(&with("port", Value::Null), &[(&at("port"), "is required")]);
    bad(&with("address", Value::Null), &[(&at("address"), "is required")]);
    bad(&with("minimumLatencyMs", json!(119)), &[(&at("minimumLatencyMs"), "120 to 15000")]);
    bad(&with("streamId", json!("s".repeat(129))), &[(&at("streamId"), "1 to 128")]);
    let other = json!({"algorithm": "ROT13", "passphraseSecretArn": SECRET});
    bad(&with("decryption", other), &[(&at("decryption/algorithm"), "AES128, AES192, AES256")]);
    let given = json!({"algorithm": "AES128", "passphraseSecretArn": "open sesame"});
    bad(&with("decryption", given), &[(&at("decryption/passphraseSecretArn"), "never given here")]);
    let none = json!({"algorithm": "AES128"});
    bad(&with("decryption", none), &[(&at("decryption/passphraseSecretArn"), "is required: the ARN of a secret")]);
    let mut outside = caller(&json!([{"address": "srt.example.net", "port": 9000}]));
    outside["srt"]["decryption"] = key();
    bad(&one(outside), &[("/inputs/0/srt/decryption", "move it into srt.sources")]);
}

#[test]
fn an_srt_listener_is_pushed_to_and_always_encrypted() {
    let spec = good(&one(listener(&json!({"minimumLatencyMs": 2000, "streamId": "studio", "decryption": key()}))));
    assert!(desired(&spec).contains(&Slot::Group("a".to_owned())), "it has a security group");
    bad(&one(listener(&Value::Null)), &[("/inputs/0/srt", "is required")]);
    bad(
        &one(listener(&json!({}))),
        &[("/inputs/0/srt/minimumLatencyMs", "is required"), ("/inputs/0/srt/decryption", "encrypted SRT only")],
    );
    let called =
        json!({"minimumLatencyMs": 2000, "decryption": key(), "sources": [{"address": "a.example.net", "port": 1}]});
    bad(&one(listener(&called)), &[("/inputs/0/srt/sources", "type SRT_CALLER")]);
    let push = json!({"name": "a", "type": "RTMP_PUSH", "srt": {"minimumLatencyMs": 2000}});
    bad(&one(push), &[("/inputs/0/srt", "SRT_CALLER and SRT_LISTENER only")]);
    let three = json!([
        {"name": "x", "type": "RTMP_PUSH"}, {"name": "y", "type": "RTP_PUSH"},
        listener(&json!({"minimumLatencyMs": 2000, "decryption": key()})),
    ]);
    bad(&asked("standard", &three), &[("/inputs/2", "at most 2 push inputs")]);
}

#[test]
fn what_is_pulled_has_no_allow_list() {
    for mut input in [
        json!({"name": "a", "type": "RTMP_PULL", "urls": ["rtmp://a.example.net/app/stream"]}),
        json!({"name": "a", "type": "MEDIACONNECT", "flows": [FLOW]}),
        caller(&json!([{"address": "a.example.net", "port": 9000}])),
    ] {
        input["allowFrom"] = json!(["198.51.100.7/32"]);
        bad(&one(input), &[("/inputs/0/allowFrom", "MediaLive goes to the source")]);
    }
}

fn pair(primary: Value, second: Value) -> Value {
    asked("single", &json!([primary, second]))
}

#[test]
fn a_backup_takes_over_after_three_seconds_and_gives_back_after_thirty() {
    let main = json!({"name": "main", "type": "RTMP_PUSH", "failover": {"input": "backup"}});
    let spec = good(&pair(main, json!({"name": "backup", "type": "RTMP_PUSH"})));
    let failover = spec.inputs[0].failover.as_ref().unwrap();
    assert_eq!((failover.preference, failover.clear_time_ms), (FailoverPreference::Primary, 30_000));
    let conditions = &failover.conditions;
    assert_eq!((conditions.input_loss_ms, conditions.black_ms, conditions.silence_ms), (3_000, None, None));
    let flows = |name: &str, flow: &str| json!({"name": name, "type": "MEDIACONNECT", "flows": [flow]});
    let mut main = flows("main", FLOW);
    main["failover"] = json!({
        "input": "backup", "preference": "equal", "clearTimeMs": 1000,
        "conditions": {"inputLossMs": 100, "blackMs": 1000, "silenceMs": 1000},
    });
    good(&pair(main, flows("backup", FLOW_B)));
}

#[test]
fn a_failover_pair_is_of_one_type_and_class_and_each_input_is_in_one_pair() {
    let push = |name: &str, failover: Value| json!({"name": name, "type": "RTMP_PUSH", "failover": failover});
    let to = |name: &str| json!({"input": name});
    let at = "/inputs/0/failover/input";
    bad(&pair(push("a", to("c")), push("b", Value::Null)), &[(at, "no input of this platform is called \"c\"")]);
    bad(&pair(push("a", to("a")), push("b", Value::Null)), &[(at, "is this input itself")]);
    bad(&pair(push("a", json!({})), push("b", Value::Null)), &[(at, "is required")]);
    bad(&pair(push("a", to("b")), json!({"name": "b", "type": "RTP_PUSH"})), &[(at, "of another type")]);
    bad(
        &pair(push("a", to("b")), push("b", to("a"))),
        &[(at, "has a failover of its own"), ("/inputs/1/failover/input", "has a failover of its own")],
    );
    let pull = |name: &str, failover: Value| json!({"name": name, "type": "URL_PULL", "urls": ["https://a.example.net/x"], "failover": failover});
    bad(&pair(pull("a", to("b")), pull("b", Value::Null)), &[("/inputs/0/failover", "between push inputs")]);
    let flows = |name: &str, flows: &[&str], failover: Value| json!({"name": name, "type": "MEDIACONNECT", "flows": flows, "failover": failover});
    bad(
        &pair(flows("a", &[FLOW], to("b")), flows("b", &[FLOW, FLOW_B], Value::Null)),
        &[(at, "of another class; give both inputs as many sources")],
    );
    let three = json!([flows("a", &[FLOW], to("c")), flows("b", &[FLOW], to("c")), flows("c", &[FLOW_B], Value::Null)]);
    bad(&asked("single", &three), &[("/inputs/1/failover/input", "it can belong to one pair")]);
}

#[test]
fn conditions_of_failover_are_no_shorter_than_medialive_measures() {
    let with = |conditions: Value| {
        let failover = json!({"input": "b", "conditions": conditions});
        pair(json!({"name": "a", "type": "RTP_PUSH", "failover": failover}), json!({"name": "b", "type": "RTP_PUSH"}))
    };
    for (field, most) in [("inputLossMs", 99), ("blackMs", 999), ("silenceMs", 999)] {
        let at = format!("/inputs/0/failover/conditions/{field}");
        bad(&with(json!({field: most})), &[(&at, "must be a whole number from")]);
    }
}

#[test]
fn a_push_input_is_made_for_two_pipelines_in_either_class() {
    for class in ["single", "standard"] {
        let record = built(&asked(class, &json!([{"name": "a", "type": "RTMP_PUSH"}])));
        let names = Requests { record: &record, stack: "s" }.input("a").unwrap().stream_names;
        assert_eq!(names, ["a-0123456789abcdef/a", "a-0123456789abcdef/b"], "{class}");
    }
}

#[test]
fn the_request_for_an_input_holds_what_was_asked_for() {
    let record = built(&asked(
        "standard",
        &json!([
            {"name": "rtmp", "type": "RTMP_PULL", "urls": ["rtmp://a.example.net/app/s", "rtmp://b.example.net/app/s"],
             "username": "me", "passwordParameter": "/headend/studio"},
            {"name": "flow", "type": "MEDIACONNECT", "flows": [FLOW, FLOW_B]},
            listener(&json!({"minimumLatencyMs": 2000, "decryption": key()})),
        ]),
    ));
    let requests = Requests { record: &record, stack: "s" };
    let rtmp = requests.input("rtmp").unwrap();
    assert_eq!((rtmp.sources.len(), rtmp.group_id.as_deref()), (2, None));
    assert_eq!(
        rtmp.login.map(|login| (login.username, login.password_parameter)),
        Some(("me".to_owned(), "/headend/studio".to_owned()))
    );
    assert_eq!(requests.input("flow").unwrap().flows, [FLOW, FLOW_B]);
    let srt = requests.input("a").unwrap();
    assert_eq!((srt.kind, srt.group_id.as_deref()), (InputKind::SrtListener, Some("id-group/a")));
    assert_eq!(srt.srt.unwrap().minimum_latency_ms, Some(2000));
}

#[test]
fn the_channel_names_the_input_that_takes_over_by_its_id() {
    let main = json!({"name": "main", "type": "RTP_PUSH", "failover": {"input": "backup"}});
    let file = json!({"name": "file", "type": "MP4_FILE", "urls": ["https://a.example.net/a.mp4"], "loop": true});
    let record = built(&asked("single", &json!([main, {"name": "backup", "type": "RTP_PUSH"}, file])));
    let channel = Requests { record: &record, stack: "s" }.channel().unwrap();
    let pairs: Vec<_> =
        channel.attachments.iter().map(|it| it.failover.as_ref().map(|it| it.secondary_id.as_str())).collect();
    assert_eq!(pairs, [Some("id-input/backup"), None, None]);
    assert_eq!(channel.attachments.iter().map(|it| it.loops).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn every_type_is_shown_as_it_can_be_asked_for_again() {
    let request = asked(
        "standard",
        &json!([
            {"name": "file", "type": "MP4_FILE", "urls": ["s3ssl://b/1.mp4", "s3ssl://b/2.mp4"], "loop": true},
            {"name": "flow", "type": "MEDIACONNECT", "flows": [FLOW, FLOW_B], "failover": {"input": "flow-2"}},
            {"name": "flow-2", "type": "MEDIACONNECT", "flows": [FLOW_B, FLOW]},
            caller(&json!([{"address": "a.example.net", "port": 1, "decryption": key()}, {"address": "b.example.net", "port": 2}])),
        ]),
    );
    let spec = good(&request);
    let shown = serde_json::to_value(&spec).unwrap();
    assert_eq!(read(&shown), Ok(spec), "{shown}");
}

#[test]
fn an_input_and_its_attachment_change_while_idle() {
    let file = |over: Value| {
        let mut input = json!({"name": "a", "type": "MP4_FILE", "urls": ["https://a.example.net/a.mp4"]});
        input.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        good(&one(input))
    };
    let moments = |new: &Spec| -> Vec<Moment> {
        let all = changes(&file(json!({})), new);
        all.into_iter().map(|change| change.moment).filter(|moment| *moment != Moment::OnAir).collect()
    };
    assert_eq!(moments(&file(json!({"loop": true}))), [Moment::Idle]);
    assert_eq!(moments(&file(json!({"username": "me", "passwordParameter": "/p"}))), [Moment::Idle]);
}
