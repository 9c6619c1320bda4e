//! The recipe that this project began with: for each of its mistakes that AWS rejects, its request with all other mistakes
//! repaired, sent raw, is refused; with that one repaired too, it is accepted. Numbers are those of aws-facts section 6.

use serde_json::{Value, json};

use super::bench::{Answer, Bench};
use super::requests::{self, pull_input};
use super::{Behaviour, behaviour};
use crate::wire;

const CHANNELS: (&str, &str) = ("POST", "/prod/channels");
const INPUTS: (&str, &str) = ("POST", "/prod/inputs");
const ENDPOINTS: (&str, &str) = ("POST", "/origin_endpoints");
const DISTRIBUTIONS: (&str, &str) = ("POST", "/2020-05-31/distribution");

/// Nothing is left broken.
const NONE: u8 = 0;

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).expect("the fixture is JSON")
}

/// The channel with every mistake repaired but one, for an account that has what it names.
fn channel(b: &Bench, broken: u8) -> Value {
    if b.call("mediapackage:CreateChannel", &json!({"id": "package-channel"})).is_ok() {
        b.pass(6);
    }
    let sources = ["https://a.example/stream.m3u8", "https://b.example/stream.m3u8"];
    let hls = b.input(&pull_input("URL_PULL", if broken == 10 { &sources[..1] } else { &sources }));
    let mut request = fixture(include_str!("../tests/recipe/channel.json"));
    request["inputAttachments"][0]["inputId"] = json!(b.push_input());
    request["inputAttachments"][1]["inputId"] = json!(hls);
    if broken != 28 {
        let urls = ["p0", "p1"].map(|p| json!({"url": format!("s3ssl://streaming-archive/archives/{p}/a")}));
        request["destinations"][1] = json!({"id": "s3-archive-destination", "settings": urls});
    }
    let encoder = &mut request["encoderSettings"];
    if broken != 37 {
        let output = &mut encoder["outputGroups"][1]["outputs"][0]["outputSettings"];
        output["archiveOutputSettings"]["containerSettings"] = json!({"m2tsSettings": {}});
    }
    if broken != 40 {
        encoder.as_object_mut().unwrap().remove("captionDescriptions");
    }
    for rung in 0..5 {
        video(&mut encoder["videoDescriptions"][rung]["codecSettings"]["h264Settings"], broken);
    }
    request
}

fn video(settings: &mut Value, broken: u8) {
    if broken == 33 {
        // As mistake 32 is repaired: renamed, and too low.
        let renamed = settings["level"].as_str().unwrap().trim_end_matches("_0").to_owned();
        settings["level"] = json!(renamed);
    } else if broken != 32 {
        settings["level"] = json!("H264_LEVEL_AUTO");
    }
    if broken != 34 && settings["profile"] == "BASELINE" {
        settings["gopNumBFrames"] = json!(0);
        settings["entropyEncoding"] = json!("CAVLC");
    }
    if broken != 35 {
        for (member, value) in
            [("parControl", json!("SPECIFIED")), ("parNumerator", json!(1)), ("parDenominator", json!(1))]
        {
            settings[member] = value;
        }
    }
}

fn endpoint(broken: u8) -> Value {
    let (name, child) = if broken == 16 { ("index.m3u8", "ll.m3u8") } else { ("index", "ll") };
    let mut request = json!({
        "id": "package-channel-cmaf-ll", "channelId": "package-channel", "manifestName": name,
        "startoverWindowSeconds": 1800,
        "cmafPackage": {
            "segmentDurationSeconds": 2, "segmentPrefix": "segment",
            "hlsManifests": [{
                "id": "low-latency", "manifestName": child, "playlistType": "EVENT", "playlistWindowSeconds": 60,
                "programDateTimeIntervalSeconds": 60, "adMarkers": "SCTE35_ENHANCED",
            }],
        },
    });
    if broken == 17 {
        request["timeDelaySeconds"] = json!(2);
    }
    request
}

fn distribution(broken: u8) -> String {
    let mut config = fixture(include_str!("../tests/recipe/distribution.json"));
    let strip = |behaviour: &mut Value| {
        for ttl in ["MinTTL", "DefaultTTL", "MaxTTL"] {
            behaviour.as_object_mut().unwrap().remove(ttl);
        }
    };
    if broken != 44 {
        strip(&mut config["DefaultCacheBehavior"]);
        (0..3).for_each(|i| strip(&mut config["CacheBehaviors"]["Items"][i]));
    }
    wire::distribution_xml(&config)
}

/// Status and error code of an answer, whichever protocol carried it.
fn outcome(answer: &Answer) -> (u16, String) {
    let code = answer.text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    (answer.status, code.unwrap_or(answer.header("x-amzn-errortype")).to_owned())
}

/// Refused so while it is broken, in an answer that says `words`.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, words: &str) {
    assert_eq!(outcome(answer), (status, code.to_owned()), "{}", answer.text);
    assert!(answer.text.contains(words), "{words:?} is not in {}", answer.text);
}

#[track_caller]
fn accepted(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
}

/// The recipe's channel is refused for one mistake, and accepted without it.
#[track_caller]
fn channel_mistake(b: &Bench, number: u8, status: u16, words: &str) {
    let code = if status == 400 { "BadRequestException" } else { "UnprocessableEntityException" };
    refused(&b.http("medialive", CHANNELS, &[], &channel(b, number).to_string()), status, code, words);
    accepted(&b.http("medialive", CHANNELS, &[], &channel(b, NONE).to_string()), 201);
}

#[track_caller]
fn endpoint_mistake(b: &Bench, number: u8, words: &str) {
    b.ok("mediapackage:CreateChannel", &json!({"id": "package-channel"}));
    let send = |broken| b.http("mediapackage", ENDPOINTS, &[], &endpoint(broken).to_string());
    refused(&send(number), 422, "UnprocessableEntityException", words);
    accepted(&send(NONE), 200);
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour(
        "aws-facts 1.8, mistake 9",
        "the recipe's RTMP input is refused for its missing stream names alone",
        |b| {
            let whole = requests::push_input(&b.group());
            let broken = crate::rules::tests::with(&whole, &[("/destinations", Value::Null)]);
            let send = |request: &Value| b.http("medialive", INPUTS, &[], &request.to_string());
            refused(&send(&broken), 400, "BadRequestException", "streamName");
            accepted(&send(&whole), 201);
        },
    ),
    behaviour("aws-facts 1.6, mistake 10", "the recipe's channel is refused for its input of one source alone", |b| {
        channel_mistake(b, 10, 422, "inputAttachments[1].inputId");
    }),
    behaviour(
        "aws-facts 2.3, mistake 16",
        "the recipe's endpoint is refused for its manifests' extensions alone",
        |b| {
            endpoint_mistake(b, 16, "index.m3u8");
        },
    ),
    behaviour(
        "aws-facts 2.3, mistake 17",
        "the recipe's endpoint is refused for its delay of two seconds alone",
        |b| {
            endpoint_mistake(b, 17, "timeDelaySeconds");
        },
    ),
    behaviour("aws-facts 1.7, mistake 28", "the recipe's channel is refused for its s3Settings alone", |b| {
        channel_mistake(b, 28, 400, "s3Settings");
    }),
    behaviour("aws-facts 1.9, mistake 32", "the recipe's channel is refused for its misspelt levels alone", |b| {
        channel_mistake(b, 32, 400, "H264_LEVEL_3_0 is not one of");
    }),
    behaviour("aws-facts 1.9, mistake 33", "the recipe's channel is refused for its low levels alone", |b| {
        channel_mistake(b, 33, 422, "videoDescriptions[4].codecSettings.h264Settings.level");
    }),
    behaviour("aws-facts 1.9, mistake 34", "the recipe's channel is refused for its baseline B-frames alone", |b| {
        channel_mistake(b, 34, 422, "videoDescriptions[4].codecSettings.h264Settings.gopNumBFrames");
    }),
    behaviour(
        "aws-facts 1.9, mistake 35",
        "the recipe's channel is refused for its missing aspect ratios alone",
        |b| {
            channel_mistake(b, 35, 422, "videoDescriptions[0].codecSettings.h264Settings.parControl");
        },
    ),
    behaviour("aws-facts 1.10, mistake 37", "the recipe's channel is refused for its archive's container alone", |b| {
        channel_mistake(b, 37, 422, "archiveOutputSettings.containerSettings");
    }),
    behaviour("aws-facts 1.8, mistake 40", "the recipe's channel is refused for its caption alone", |b| {
        channel_mistake(b, 40, 422, "captionDescriptions[0].captionSelectorName");
    }),
    behaviour("aws-facts 3.2, mistake 44", "the recipe's distribution is refused for its times to live alone", |b| {
        let send = |broken| b.http("cloudfront", DISTRIBUTIONS, &[], &distribution(broken));
        refused(&send(44), 400, "InvalidArgument", "MinTTL");
        accepted(&send(NONE), 201);
    }),
];
