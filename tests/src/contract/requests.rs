//! The request schemas and the reader of specs agree. What is accepted is valid by the schema, always; what is valid by the
//! schema is refused only for the rules that are listed beside this file. Requests are generated: the samples, changed at
//! random places.

use super::rules::rules;
use super::{validator_of, wrong};
use crate::script::{Story, body_of, quiet};
use headend_domain::spec::{Problem, read};
use headend_local::ports::Answered;
use jsonschema::Validator;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

const CASES: usize = 4_000;
const PATCHES: usize = 300;

/// The refusals that no listed rule explains.
fn unexplained<'a>(problems: &'a [Problem], rules: &[(&str, Value)]) -> Vec<&'a Problem> {
    let listed = |problem: &Problem| {
        let fraction = !problem.detail.contains("must be a whole number") || problem.detail.ends_with(".0");
        fraction && rules.iter().any(|(words, _)| problem.detail.contains(words))
    };
    problems.iter().filter(|problem| !listed(problem)).collect()
}

/// What schema and reader do not agree on.
pub fn disagreement(schema: &Validator, rules: &[(&str, Value)], body: &Value) -> Option<String> {
    match read(body) {
        Ok(_) => {
            let problems = wrong(schema, body);
            (!problems.is_empty()).then(|| format!("accepted, but not valid: {body}"))
        }
        Err(problems) if problems.is_empty() => Some(format!("refused without a reason: {body}")),
        Err(problems) => {
            let left = unexplained(&problems, rules);
            (!left.is_empty() && schema.is_valid(body)).then(|| format!("valid, but refused: {left:?}: {body}"))
        }
    }
}

#[test]
fn each_rule_that_no_schema_states_is_broken_by_its_request_and_by_nothing_else() {
    let schema = validator_of("PlatformRequest");
    for (words, body) in rules() {
        assert_eq!(wrong(&schema, &body), Vec::<String>::new(), "{words}: {body}");
        let problems = read(&body).err().unwrap_or_default();
        let told = problems.iter().all(|problem| problem.detail.contains(words));
        assert!(told && !problems.is_empty(), "{words}: {problems:#?}");
    }
}

/// What stands in for a value, or beside it.
fn values() -> Vec<Value> {
    let mut all =
        vec![json!(null), json!(true), json!(false), json!([]), json!({}), json!(""), json!(" "), json!([null])];
    for number in [-1, 0, 1, 2, 5, 6, 10, 63, 64, 65, 119, 120, 300, 301, 1_000, 1_001, 3_840, 50_000, 1_000_001] {
        all.push(json!(number));
    }
    all.extend([json!(0.5), json!(4.0), json!(29.97), json!(100.1), json!(1e300), json!(-0.0)]);
    let words = [
        "a",
        "A",
        "-a",
        "a-",
        "eng",
        "ENG",
        "é",
        "x\ny",
        "\u{0}",
        "\u{feff}",
        "\u{85}",
        "\u{3000}",
        "30",
        "30.0",
        "25.00",
        "29.97.0",
        "hd",
        "uhd",
        "black",
        "slate",
        "color",
        "repeat",
        "0000FF",
        "single",
        "standard",
        "stereo",
        "5.1",
        "UHD",
        "RTMP_PUSH",
        "RTP_PUSH",
        "SRT_LISTENER",
        "URL_PULL",
        "RTMP_PULL",
        "MP4_FILE",
        "SRT_CALLER",
        "MEDIACONNECT",
        "198.51.100.7/32",
        "010.0.0.0/08",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "256.0.0.0/8",
        "10.0.0.0",
        "rtmp",
        "webvtt",
        "equal",
        "https://a.example.net/x.png",
        "HTTPS:a.example.net/x.BMP",
        "rtmp://a.example.net/app/stream",
        "s3ssl://files/a.png",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:headend/x",
        "/headend/x",
        "a.example.net",
        "AES256",
        "arn:aws-cn:mediaconnect:cn-north-1:111122223333:flow:1-abc:studio",
        "MAX_10_MBPS",
        "warn",
        "stop",
        "HEVC",
        "embedded",
    ];
    all.extend(words.map(|word| json!(word)));
    all.extend([33, 65, 81, 129, 257, 501, 513].map(|length| json!("a".repeat(length))));
    all
}

const FIELDS: [&str; 41] = [
    "name",
    "description",
    "channelClass",
    "allowLists",
    "inputs",
    "inputSpecification",
    "ladder",
    "audio",
    "captions",
    "inputLoss",
    "endpoints",
    "archive",
    "alarms",
    "cdnSecret",
    "guard",
    "idleStopMinutes",
    "maxRunHours",
    "monthlyBudgetUsd",
    "onBudget",
    "tags",
    "undocumented",
    "type",
    "allowFrom",
    "allowAnywhere",
    "urls",
    "srt",
    "flows",
    "loop",
    "username",
    "passwordParameter",
    "failover",
    "sourceAudio",
    "language",
    "track",
    "label",
    "frameRate",
    "rotateEveryDays",
    "aws:x",
    "hls",
    "enabled",
    "color",
];

/// Pointers of everything in the document, the document included.
pub fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| places(value, &format!("{at}/{}", name.replace('/', "~1")), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One change at a random place: another value, one more field, one field or item less, an item twice.
fn change(body: &mut Value, values: &[Value], random: &mut StdRng) {
    let mut all = Vec::new();
    places(body, "", &mut all);
    let place = all.choose(random).unwrap().clone();
    let value = values.choose(random).unwrap().clone();
    let target = body.pointer_mut(&place).unwrap();
    match target {
        Value::Object(map) if random.random_bool(0.8) => {
            let names: Vec<String> = map.keys().cloned().collect();
            match names.choose(random) {
                Some(name) if random.random_bool(0.4) => drop(map.remove(name)),
                _ => drop(map.insert((*FIELDS.choose(random).unwrap()).to_owned(), value)),
            }
        }
        Value::Array(items) if random.random_bool(0.8) => match items.choose(random).cloned() {
            Some(item) if random.random_bool(0.5) => items.push(item),
            Some(_) => drop(items.remove(random.random_range(0..items.len()))),
            None => items.push(value),
        },
        _ => *target = value,
    }
}

pub fn seeds() -> Vec<Value> {
    let mut seeds = ["create-platform-minimal", "create-platform", "create-platform-inputs"].map(body_of).to_vec();
    // One part at a time, so that a change is rarely hidden by another problem.
    let whole: Vec<Value> = seeds.clone();
    for body in &whole {
        for (name, value) in body.as_object().unwrap() {
            let mut part = json!({"name": "news"});
            part[name] = value.clone();
            seeds.push(part);
        }
        for input in body["inputs"].as_array().into_iter().flatten() {
            seeds.push(json!({"name": "news", "inputs": [input]}));
        }
    }
    seeds.push(json!({"name": "news", "guard": {"idleStopMinutes": 5, "maxRunHours": 12, "monthlyBudgetUsd": 0.5, "onBudget": "stop"}}));
    for loss in ["repeat", "black", "color"] {
        seeds.push(json!({"name": "news", "inputLoss": {"show": loss}}));
    }
    seeds.push(json!({"name": "news", "ladder": {"rungs": [{"width": 640, "height": 360, "bitrate": 800_000}]}}));
    seeds.push(json!({"name": "news", "drift": {"mode": "report"}}));
    seeds.push(json!({"name": "news", "remediation": {"mode": "off"}, "handsOff": {"until": "2026-06-01T20:00:00Z"}}));
    seeds.push(json!({"name": "news", "cdnSecret": {"rotateEveryDays": 30}, "tags": {"a": "b"}}));
    seeds
}

#[test]
fn what_is_accepted_is_valid_and_what_is_valid_is_refused_for_a_listed_rule_only() {
    let (schema, rules, values, seeds) = (validator_of("PlatformRequest"), rules(), values(), seeds());
    let (mut accepted, mut disagreements) = (0, Vec::new());
    for case in 0..CASES {
        let mut random = StdRng::seed_from_u64(case as u64);
        let mut body = seeds.choose(&mut random).unwrap().clone();
        for _ in 0..random.random_range(0..3) {
            change(&mut body, &values, &mut random);
        }
        disagreements.extend(disagreement(&schema, &rules, &body));
        accepted += usize::from(read(&body).is_ok());
    }
    assert!(
        disagreements.is_empty(),
        "{} of {CASES}: {:#?}",
        disagreements.len(),
        &disagreements[..disagreements.len().min(20)]
    );
    assert!(accepted > CASES / 10 && accepted < CASES * 9 / 10, "{accepted} of {CASES} were accepted");
}

#[test]
fn a_null_a_blank_or_a_doubled_suffix_is_no_value() {
    let schema = validator_of("PlatformRequest");
    let rung = json!({"width": null, "height": 720, "bitrate": 1_000_000});
    let whole = json!({"width": 640, "height": 360, "bitrate": 800_000});
    for body in [
        json!({"name": "x", "ladder": {"rungs": [rung]}}),
        json!({"name": "x", "ladder": {"rungs": [rung, whole]}}),
        json!({"name": "x", "ladder": {"rungs": [whole], "frameRate": "29.97.0"}}),
        json!({"name": "x", "inputs": [{"name": "a", "type": "SRT_CALLER", "srt": {"sources": [{"address": "", "port": 1}]}}]}),
        json!({"name": "x", "endpoints": {"hls": null}}),
    ] {
        assert!(!schema.is_valid(&body), "{body}");
        assert_eq!(disagreement(&schema, &[], &body), None);
    }
}

/// A patch that the platform takes is one that the schema takes. What the merged whole is refused for, only the platform
/// knows.
#[test]
fn a_patch_that_is_accepted_is_valid() {
    let schema = validator_of("PlatformPatch");
    let (values, seeds) = (values(), seeds());
    let mut story = Story::create(quiet(9), &body_of("create-platform"));
    let id = story.id.clone();
    let mut accepted = 0;
    // Null for what is not there changes nothing.
    let empty =
        [json!({"undocumented": null}), json!({"archive": {"undocumented": null}}), json!({"tags": {"aws:x": null}})];
    for patch in empty {
        let Answered::Response(answer) = story.life.patch(&id, &patch, None) else { panic!("died") };
        assert_eq!((answer.status, wrong(&schema, &patch)), (202, Vec::new()), "{patch}: {}", answer.body);
    }
    for case in 0..PATCHES {
        let mut random = StdRng::seed_from_u64(case as u64);
        let mut patch = seeds.choose(&mut random).unwrap().clone();
        patch.as_object_mut().unwrap().remove("name");
        for _ in 0..random.random_range(1..3) {
            change(&mut patch, &values, &mut random);
        }
        let Answered::Response(answer) = story.life.patch(&id, &patch, None) else { panic!("died") };
        super::answers::hold("changePlatform", &answer);
        if answer.status != 422 {
            accepted += 1;
            assert_eq!(wrong(&schema, &patch), Vec::<String>::new(), "{} for {patch}", answer.status);
        }
    }
    assert!(accepted > PATCHES / 10, "{accepted} of {PATCHES} were accepted");
}
