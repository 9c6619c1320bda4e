//! MediaLive: input security groups and inputs.

use serde_json::json;

use super::bench::Bench;
use super::requests::{ROLE, group, input, pull_input, push_input};
use super::{Behaviour, behaviour};

const CREATE: &str = "medialive:CreateInput";
const GROUP: &str = "medialive:CreateInputSecurityGroup";
const BAD: &str = "BadRequestException";
const FLOW: &str = "arn:aws:mediaconnect:eu-west-1:123456789012:flow:1:n";

#[track_caller]
fn bad(b: &Bench, request: &serde_json::Value, words: &str) {
    b.bad(CREATE, request, 400, BAD, words);
}

/// The class of an input that the request makes.
fn class(b: &Bench, request: &serde_json::Value) -> serde_json::Value {
    b.ok(CREATE, request)["input"]["inputClass"].clone()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 1.8", "an input security group without a rule is refused", |b| {
        b.bad(GROUP, &group(&[]), 400, BAD, "at least one whitelist rule");
        b.bad(GROUP, &json!({}), 400, BAD, "at least one whitelist rule");
    }),
    behaviour("aws-facts 1.8", "each rule is one IPv4 CIDR without host bits", |b| {
        for wrong in ["10.0.0.1/8", "2001:db8::/32", "192.0.2.1", "192.0.2.0/33", "studio"] {
            b.bad(GROUP, &group(&[wrong]), 400, BAD, "Invalid CIDR");
        }
        b.ok(GROUP, &group(&["0.0.0.0/0", "198.51.100.0/24"]));
    }),
    behaviour("aws-facts 1.5", "a group takes ten rules, and more when the quota is raised", |b| {
        let ten = ["192.0.2.1/32"; 11];
        b.ok(GROUP, &group(&ten[..10]));
        b.bad(GROUP, &group(&ten), 400, BAD, "at most 10");
        b.quota("medialive.cidrs-per-group", 11);
        b.ok(GROUP, &group(&ten));
    }),
    behaviour("aws-facts 1.5", "CreateInputSecurityGroup has no token: twice is two groups", |b| {
        assert_ne!(b.group(), b.group());
    }),
    behaviour("aws-facts 1.1", "an update of a group may leave its rules alone but not empty them", |b| {
        let id = b.group();
        let update = "medialive:UpdateInputSecurityGroup";
        b.bad(update, &json!({"inputSecurityGroupId": id, "whitelistRules": []}), 400, BAD, "");
        b.ok(update, &json!({"inputSecurityGroupId": id, "tags": {"a": "b"}}));
    }),
    behaviour("aws-facts 1.8", "an input has a name and a type", |b| {
        bad(b, &json!({"type": "RTP_PUSH"}), "name is required");
        bad(b, &json!({"name": "n"}), "type is required");
        bad(b, &input("RTMP", &[]), "RTMP is not one of");
    }),
    behaviour("aws-facts 1.8, mistake 9", "an RTMP push input without stream names is refused", |b| {
        let groups = ("/inputSecurityGroups", json!([b.group()]));
        bad(b, &input("RTMP_PUSH", &[groups]), "streamName");
    }),
    behaviour("aws-facts 1.8", "a stream name is an application and an instance", |b| {
        let id = b.group();
        for wrong in ["live", "live/a/b", "live/", "/live"] {
            let mut request = push_input(&id);
            request["destinations"][1]["streamName"] = json!(wrong);
            bad(b, &request, "application/instance");
        }
    }),
    behaviour("aws-facts 1.8", "the two stream names of a standard input differ", |b| {
        let mut request = push_input(&b.group());
        request["destinations"][1]["streamName"] = json!("live/a");
        bad(b, &request, "more than once");
    }),
    behaviour("aws-facts 1.8", "a push input needs an input security group, and takes one", |b| {
        bad(b, &input("RTP_PUSH", &[]), "needs an input security group");
        let two = json!([b.group(), b.group()]);
        bad(b, &input("RTP_PUSH", &[("/inputSecurityGroups", two)]), "takes one input security group");
    }),
    behaviour("aws-facts 1.8", "the group of a push input must exist", |b| {
        bad(b, &input("RTP_PUSH", &[("/inputSecurityGroups", json!(["7"]))]), "does not exist");
    }),
    behaviour("aws-facts 1.8", "a VPC input needs no group but two subnets, and no group beside them", |b| {
        let vpc = |subnets: serde_json::Value| ("/vpc", json!({"subnetIds": subnets}));
        bad(b, &input("RTP_PUSH", &[vpc(json!(["a"]))]), "two subnets");
        let groups = ("/inputSecurityGroups", json!([b.group()]));
        bad(b, &input("RTP_PUSH", &[vpc(json!(["a", "b"])), groups]), "cannot be combined");
        b.ok(CREATE, &input("RTP_PUSH", &[vpc(json!(["a", "b"]))]));
    }),
    behaviour("aws-facts 1.8", "a VPC input has at most five security groups", |b| {
        let vpc = |n: usize| ("/vpc", json!({"subnetIds": ["a", "b"], "securityGroupIds": vec!["sg-1"; n]}));
        bad(b, &input("RTP_PUSH", &[vpc(6)]), "securityGroupIds");
        b.ok(CREATE, &input("RTP_PUSH", &[vpc(5)]));
    }),
    behaviour("aws-facts 1.8", "a pull input needs one or two sources with a URL that it can fetch", |b| {
        bad(b, &input("URL_PULL", &[]), "one or two sources");
        bad(
            b,
            &pull_input("URL_PULL", &["https://a.example/1", "https://a.example/2", "https://a.example/3"]),
            "sources",
        );
        bad(b, &pull_input("URL_PULL", &["ftp://a.example/1"]), "must begin with");
        bad(b, &input("URL_PULL", &[("/sources", json!([{}]))]), "url is required");
        for url in ["https://a.example/1.m3u8", "s3ssl://bucket/1.m3u8", "mediastoressl://a.example/1.m3u8"] {
            b.ok(CREATE, &pull_input("URL_PULL", &[url]));
        }
    }),
    behaviour("aws-facts 1.8", "a type of input does not take the members of another", |b| {
        let mut request = pull_input("URL_PULL", &["https://a.example/1.m3u8"]);
        request["inputSecurityGroups"] = json!([b.group()]);
        bad(b, &request, "does not go with");
        let mut request = push_input(&b.group());
        request["sources"] = json!([{"url": "https://a.example/1"}]);
        bad(b, &request, "does not go with");
    }),
    behaviour("aws-facts 1.8", "an RTMP source names its application and stream", |b| {
        bad(b, &pull_input("RTMP_PULL", &["rtmp://a.example:1935/app"]), "application and stream");
        bad(b, &pull_input("RTMP_PULL", &["https://a.example/app/stream"]), "must begin with");
        b.ok(CREATE, &pull_input("RTMP_PULL", &["rtmp://a.example:1935/app/stream"]));
    }),
    behaviour("aws-facts 1.8", "a password goes with a user name", |b| {
        let source = json!([{"url": "rtmp://a.example/app/stream", "passwordParam": "/p"}]);
        bad(b, &input("RTMP_PULL", &[("/sources", source)]), "username is required");
    }),
    behaviour("aws-facts 1.8", "an MP4 file is an input of its own, with one or two sources", |b| {
        b.ok(CREATE, &pull_input("MP4_FILE", &["s3ssl://bucket/a.mp4"]));
        bad(b, &input("MP4_FILE", &[]), "one or two sources");
    }),
    behaviour("aws-facts 1.8", "a MediaConnect input needs flows and a role", |b| {
        let flows = ("/mediaConnectFlows", json!([{"flowArn": FLOW}]));
        bad(b, &input("MEDIACONNECT", &[("/roleArn", json!(ROLE))]), "one or two flows");
        bad(b, &input("MEDIACONNECT", std::slice::from_ref(&flows)), "roleArn is required");
        let foreign = ("/mediaConnectFlows", json!([{"flowArn": "arn:aws:s3:::bucket"}]));
        bad(b, &input("MEDIACONNECT", &[foreign, ("/roleArn", json!(ROLE))]), "MediaConnect flow");
        b.ok(CREATE, &input("MEDIACONNECT", &[flows, ("/roleArn", json!(ROLE))]));
    }),
    behaviour("aws-facts 1.8", "an SRT caller needs an address and a port that is a string", |b| {
        let source = |port: serde_json::Value| {
            let one = json!({"srtListenerAddress": "192.0.2.1", "srtListenerPort": port});
            input("SRT_CALLER", &[("/srtSettings", json!({"srtCallerSources": [one]}))])
        };
        bad(b, &input("SRT_CALLER", &[]), "one or two sources");
        bad(b, &source(json!("70000")), "is not a port");
        bad(b, &source(json!(9000)), "expected a string");
        b.ok(CREATE, &source(json!("9000")));
    }),
    behaviour("aws-facts 1.8", "an SRT caller's key is an algorithm and the ARN of a secret", |b| {
        let source = |decryption: serde_json::Value| {
            let one = json!({"srtListenerAddress": "192.0.2.1", "srtListenerPort": "9000", "decryption": decryption});
            input("SRT_CALLER", &[("/srtSettings", json!({"srtCallerSources": [one]}))])
        };
        bad(b, &source(json!({"algorithm": "AES128"})), "passphraseSecretArn is required");
        bad(b, &source(json!({"algorithm": "AES64", "passphraseSecretArn": "a"})), "is not one of");
        b.ok(CREATE, &source(json!({"algorithm": "AES128", "passphraseSecretArn": "a"})));
    }),
    behaviour("aws-facts 1.8", "an SRT listener needs a group, a latency and a key", |b| {
        let groups = ("/inputSecurityGroups", json!([b.group()]));
        let listener = |settings| ("/srtSettings", json!({"srtListenerSettings": settings}));
        let key = json!({"algorithm": "AES128", "passphraseSecretArn": "a"});
        let whole = listener(json!({"minimumLatency": 2000, "decryption": key}));
        bad(b, &input("SRT_LISTENER", std::slice::from_ref(&groups)), "srtListenerSettings is required");
        bad(b, &input("SRT_LISTENER", &[groups.clone(), listener(json!({"minimumLatency": 2000}))]), "decryption");
        bad(b, &input("SRT_LISTENER", &[groups.clone(), listener(json!({"decryption": key}))]), "minimumLatency");
        bad(b, &input("SRT_LISTENER", std::slice::from_ref(&whole)), "needs an input security group");
        let sources = ("/sources", json!([{"url": "https://a.example/1"}]));
        bad(b, &input("SRT_LISTENER", &[groups.clone(), whole.clone(), sources]), "does not go with");
        let made = b.ok(CREATE, &input("SRT_LISTENER", &[groups, whole]))["input"].clone();
        assert_eq!((&made["inputClass"], made["destinations"].as_array().unwrap().len()), (&json!("STANDARD"), 2));
    }),
    behaviour("aws-facts 1.6", "an SRT caller is STANDARD with two sources and single with one", |b| {
        let source = json!({"srtListenerAddress": "192.0.2.1", "srtListenerPort": "9000"});
        let request =
            |n: usize| input("SRT_CALLER", &[("/srtSettings", json!({"srtCallerSources": vec![source.clone(); n]}))]);
        assert_eq!((class(b, &request(1)), class(b, &request(2))), (json!("SINGLE_PIPELINE"), json!("STANDARD")));
        assert_eq!(b.ok(CREATE, &request(1))["input"]["sources"], json!([]));
    }),
    behaviour("aws-facts 1.8", "types that the service knows only by name are refused by name", |b| {
        bad(b, &input("SDI", &[]), "SDI");
    }),
    behaviour("aws-facts 1.6", "an RTMP push input is STANDARD with two stream names and single with one", |b| {
        let mut request = push_input(&b.group());
        assert_eq!(class(b, &request), "STANDARD");
        request["destinations"].as_array_mut().unwrap().pop();
        assert_eq!(class(b, &request), "SINGLE_PIPELINE");
    }),
    behaviour("aws-facts 1.6, mistake 10", "a pull input is STANDARD with two sources and single with one", |b| {
        assert_eq!(class(b, &pull_input("URL_PULL", &["https://a.example/1"])), "SINGLE_PIPELINE");
        assert_eq!(class(b, &pull_input("URL_PULL", &["https://a.example/1", "https://b.example/1"])), "STANDARD");
    }),
    behaviour("aws-facts 1.6", "an RTP push input is always STANDARD", |b| {
        assert_eq!(class(b, &input("RTP_PUSH", &[("/inputSecurityGroups", json!([b.group()]))])), "STANDARD");
    }),
    behaviour("aws-facts 1.6", "the class of a MediaConnect input follows its flows", |b| {
        let flows = |n: usize| ("/mediaConnectFlows", json!(vec![json!({"flowArn": FLOW}); n]));
        let request = |n| input("MEDIACONNECT", &[flows(n), ("/roleArn", json!(ROLE))]);
        assert_eq!((class(b, &request(1)), class(b, &request(2))), (json!("SINGLE_PIPELINE"), json!("STANDARD")));
    }),
    behaviour("aws-facts 1.8", "a push input listens at two addresses, RTMP on port 1935 under its stream name", |b| {
        let input = b.ok(CREATE, &push_input(&b.group()))["input"].clone();
        let of = |i: usize, member: &str| input["destinations"][i][member].as_str().unwrap().to_owned();
        for (i, name) in ["live/a", "live/b"].into_iter().enumerate() {
            assert_eq!(of(i, "port"), "1935");
            assert_eq!(of(i, "url"), format!("rtmp://{}:1935/{name}", of(i, "ip")));
        }
        assert_ne!(of(0, "ip"), of(1, "ip"));
    }),
    behaviour("aws-facts 1.8", "an RTP push input listens on port 5000", |b| {
        let made = b.ok(CREATE, &input("RTP_PUSH", &[("/inputSecurityGroups", json!([b.group()]))]));
        let url = made["input"]["destinations"][1]["url"].as_str().unwrap();
        assert!(url.starts_with("rtp://") && url.ends_with(":5000"), "{url}");
    }),
    behaviour("aws-facts 1.8", "a pull input has no destinations", |b| {
        let made = b.ok(CREATE, &pull_input("URL_PULL", &["https://a.example/1"]));
        assert_eq!(made["input"]["destinations"], json!([]));
    }),
    behaviour("aws-facts 1.2", "names of inputs are not unique", |b| {
        let id = b.group();
        assert_ne!(b.input(&push_input(&id)), b.input(&push_input(&id)));
    }),
    behaviour("aws-facts 1.2", "ids are six or seven digits and ARNs separate kind and id by a colon", |b| {
        let input = b.ok(CREATE, &push_input(&b.group()))["input"].clone();
        let id = input["id"].as_str().unwrap();
        assert!((6..=7).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_digit()), "{id}");
        assert_eq!(input["arn"], format!("arn:aws:medialive:eu-west-1:123456789012:input:{id}"));
    }),
    behaviour("aws-facts 1.5", "the same requestId answers the first input again", |b| {
        let request = crate::rules::tests::with(&push_input(&b.group()), &[("/requestId", json!("t"))]);
        let first = b.ok(CREATE, &request)["input"]["id"].clone();
        assert_eq!(b.ok(CREATE, &request)["input"]["id"], first);
        assert_eq!(b.ok("medialive:ListInputs", &json!({}))["inputs"].as_array().unwrap().len(), 1);
    }),
    behaviour("aws-facts 1.2", "an input is CREATING for seconds and then DETACHED", |b| {
        let id = b.ok(CREATE, &push_input(&b.group()))["input"]["id"].clone();
        let state = |b: &Bench| b.ok("medialive:DescribeInput", &json!({"inputId": id}))["state"].clone();
        assert_eq!(state(b), "CREATING");
        b.pass(6);
        assert_eq!(state(b), "DETACHED");
    }),
    behaviour("aws-facts 1.5", "the sixth push input meets its quota, a pull input does not", |b| {
        b.quota("medialive.input-security-groups", 9);
        (0..5).for_each(|_| drop(b.push_input()));
        b.bad(CREATE, &push_input(&b.group()), 429, "TooManyRequestsException", "medialive.push-inputs");
        b.ok(CREATE, &pull_input("URL_PULL", &["https://a.example/1"]));
    }),
    behaviour("aws-facts 1.5", "the sixth input security group meets its quota", |b| {
        (0..5).for_each(|_| drop(b.group()));
        b.bad(GROUP, &group(&["192.0.2.1/32"]), 429, "TooManyRequestsException", "medialive.input-security-groups");
    }),
    behaviour("aws-facts 1.8", "an update checks stream names as a creation does", |b| {
        let id = b.push_input();
        let update = json!({"inputId": id, "destinations": [{"streamName": "live"}]});
        b.bad("medialive:UpdateInput", &update, 400, BAD, "application/instance");
    }),
    behaviour("aws-facts 1.6", "the class of a detached input follows an update", |b| {
        let id = b.push_input();
        let one = json!({"inputId": id, "destinations": [{"streamName": "live/a"}]});
        assert_eq!(b.ok("medialive:UpdateInput", &one)["input"]["inputClass"], "SINGLE_PIPELINE");
    }),
];
