//! MediaPackage v1.

use serde_json::{Value, json};

use super::bench::Bench;
use super::requests::ROLE;
use super::{Behaviour, behaviour};

const CHANNEL: &str = "mediapackage:CreateChannel";
const ENDPOINT: &str = "mediapackage:CreateOriginEndpoint";
const UPDATE: &str = "mediapackage:UpdateOriginEndpoint";

#[track_caller]
fn bad(b: &Bench, action: &str, request: &Value, words: &str) {
    b.bad(action, request, 422, "UnprocessableEntityException", words);
}

/// An endpoint of the channel `platform` with this packager and no authorization.
fn with_package(b: &Bench, name: &str, package: Value) -> Value {
    let mut request = b.endpoint(&[("/hlsPackage", Value::Null), ("/authorization", Value::Null)]);
    request[name] = package;
    request
}

fn speke(systems: usize, url: &str) -> Value {
    let provider = json!({"resourceId": "r", "systemIds": vec!["s"; systems], "url": url, "roleArn": ROLE});
    json!({"spekeKeyProvider": provider})
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 2.1", "an id has letters, digits, underscores and hyphens", |b| {
        for wrong in ["a b", "a.b", "", "ä"] {
            bad(b, CHANNEL, &json!({"id": wrong}), "id");
        }
        b.ok(CHANNEL, &json!({"id": "A_b-1"}));
        bad(b, CHANNEL, &json!({"id": "a".repeat(257)}), "1 to 256");
    }),
    behaviour("aws-facts 2.1", "an id that is taken is a 422: there is no conflict", |b| {
        b.ok(CHANNEL, &json!({"id": "platform"}));
        bad(b, CHANNEL, &json!({"id": "platform"}), "already exists");
        b.ok(CHANNEL, &json!({"id": "Platform"}));
    }),
    behaviour("aws-facts 2.1", "a missing id is a 422", |b| {
        bad(b, CHANNEL, &json!({}), "id is required");
    }),
    behaviour(
        "aws-facts 2.2",
        "a channel has two ingest endpoints with credentials; the first one's guid is the channel's",
        |b| {
            let channel = b.ok(CHANNEL, &json!({"id": "c"}));
            let ingest = channel["hlsIngest"]["ingestEndpoints"].as_array().unwrap().clone();
            assert_eq!(ingest.len(), 2);
            let guid = channel["arn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            assert_eq!(ingest[0]["id"], json!(guid));
            assert!(ingest[0]["url"].as_str().unwrap().ends_with(&format!("/in/v2/{guid}/{guid}/channel")));
            assert_ne!(ingest[0]["password"], ingest[1]["password"]);
        },
    ),
    behaviour(
        "aws-facts 2.2",
        "rotating one ingest endpoint's credentials leaves its URL and the other endpoint alone",
        |b| {
            let before = b.ok(CHANNEL, &json!({"id": "c"}))["hlsIngest"]["ingestEndpoints"].clone();
            let rotate = json!({"id": "c", "ingest_endpoint_id": before[1]["id"]});
            let after =
                b.ok("mediapackage:RotateIngestEndpointCredentials", &rotate)["hlsIngest"]["ingestEndpoints"].clone();
            assert_eq!((&after[0], &after[1]["url"]), (&before[0], &before[1]["url"]));
            assert_ne!(after[1]["password"], before[1]["password"]);
            assert_ne!(after[1]["username"], before[1]["username"]);
            let unknown = json!({"id": "c", "ingest_endpoint_id": "x"});
            b.bad("mediapackage:RotateIngestEndpointCredentials", &unknown, 404, "NotFoundException", "x");
        },
    ),
    behaviour("aws-facts 2.1", "ARNs hold a guid and not the id", |b| {
        let arn = b.ok(ENDPOINT, &b.endpoint(&[]))["arn"].as_str().unwrap().to_owned();
        let guid = arn.strip_prefix("arn:aws:mediapackage:eu-west-1:123456789012:origin_endpoints/").unwrap();
        assert!(guid.len() == 32 && guid.bytes().all(|c| c.is_ascii_hexdigit()), "{arn}");
    }),
    behaviour("aws-facts 2.3", "an endpoint has exactly one packager", |b| {
        b.bad_endpoint(&[("/dashPackage", json!({}))], "exactly one");
        bad(b, ENDPOINT, &b.endpoint(&[("/hlsPackage", Value::Null)]), "exactly one");
    }),
    behaviour("aws-facts 2.3", "the packager stays what it was", |b| {
        b.ok(ENDPOINT, &b.endpoint(&[]));
        bad(b, UPDATE, &json!({"id": "hls", "dashPackage": {}}), "packager");
    }),
    behaviour("aws-facts 2.3", "an update has no channelId", |b| {
        b.ok(ENDPOINT, &b.endpoint(&[]));
        bad(b, UPDATE, &json!({"id": "hls", "channelId": "platform"}), "unknown member channelId");
    }),
    behaviour("aws-facts 2.3", "the URL survives an update, and a new endpoint of the same id has another", |b| {
        let first = b.ok(ENDPOINT, &b.endpoint(&[]))["url"].clone();
        assert_eq!(b.ok(UPDATE, &json!({"id": "hls", "description": "d"}))["url"], first);
        b.ok("mediapackage:DeleteOriginEndpoint", &json!({"id": "hls"}));
        assert_ne!(b.ok(ENDPOINT, &b.endpoint(&[]))["url"], first);
    }),
    behaviour("aws-facts 2.3, mistake 16", "a manifest name has no extension and no other signs", |b| {
        b.bad_endpoint(&[("/manifestName", json!("master.m3u8"))], "manifestName");
        bad(b, ENDPOINT, &b.endpoint(&[("/manifestName", json!("ma ster"))]), "manifestName");
    }),
    behaviour("aws-facts 2.3", "a manifest is called index where nobody says otherwise", |b| {
        let made = b.ok(ENDPOINT, &b.endpoint(&[("/manifestName", Value::Null)]));
        assert_eq!(made["manifestName"], "index");
        assert!(made["url"].as_str().unwrap().ends_with("/index.m3u8"));
    }),
    behaviour("aws-facts 2.3, mistake 17", "a time delay is none or at least five seconds", |b| {
        b.bad_endpoint(&[("/timeDelaySeconds", json!(2))], "timeDelaySeconds");
        for (i, delay) in [0, 5].into_iter().enumerate() {
            b.ok(ENDPOINT, &b.endpoint(&[("/id", json!(format!("e{i}"))), ("/timeDelaySeconds", json!(delay))]));
        }
    }),
    behaviour("aws-facts 2.3", "a time delay is a day at most, and below the start-over window", |b| {
        let long = [("/timeDelaySeconds", json!(86_401)), ("/startoverWindowSeconds", json!(1_209_600))];
        b.bad_endpoint(&long, "timeDelaySeconds");
        bad(b, ENDPOINT, &b.endpoint(&[("/timeDelaySeconds", json!(3600))]), "less than startoverWindowSeconds");
        b.ok(ENDPOINT, &b.endpoint(&[("/timeDelaySeconds", json!(3599))]));
    }),
    behaviour("aws-facts 2.3", "start-over reaches back fourteen days", |b| {
        b.bad_endpoint(&[("/startoverWindowSeconds", json!(1_209_601))], "startoverWindowSeconds");
        b.ok(ENDPOINT, &b.endpoint(&[("/startoverWindowSeconds", json!(1_209_600))]));
    }),
    behaviour("aws-facts 2.3", "a whitelist holds CIDRs without host bits", |b| {
        b.bad_endpoint(&[("/whitelist", json!(["10.0.0.1/8"]))], "host bits");
    }),
    behaviour("aws-facts 2.3", "origination is ALLOW or DENY", |b| {
        b.bad_endpoint(&[("/origination", json!("BLOCK"))], "BLOCK is not one of");
    }),
    behaviour("aws-facts 2.4", "a segment has 1 to 30 seconds", |b| {
        b.bad_endpoint(&[("/hlsPackage/segmentDurationSeconds", json!(31))], "segmentDurationSeconds");
        bad(b, ENDPOINT, &b.endpoint(&[("/hlsPackage/segmentDurationSeconds", json!(0))]), "segmentDurationSeconds");
    }),
    behaviour(
        "aws-facts 2.4",
        "HLS segments have six seconds and a playlist of sixty where nobody says otherwise",
        |b| {
            let made = b.ok(ENDPOINT, &b.endpoint(&[("/hlsPackage", json!({}))]))["hlsPackage"].clone();
            assert_eq!((&made["segmentDurationSeconds"], &made["playlistWindowSeconds"]), (&json!(6), &json!(60)));
        },
    ),
    behaviour("aws-facts 2.4", "the types of a playlist are NONE, EVENT and VOD", |b| {
        b.bad_endpoint(&[("/hlsPackage/playlistType", json!("LIVE"))], "LIVE is not one of");
    }),
    behaviour("aws-facts 2.4", "DATERANGE needs program date times", |b| {
        b.bad_endpoint(&[("/hlsPackage/adMarkers", json!("DATERANGE"))], "programDateTimeIntervalSeconds");
        let dated =
            [("/hlsPackage/adMarkers", json!("DATERANGE")), ("/hlsPackage/programDateTimeIntervalSeconds", json!(60))];
        b.ok(ENDPOINT, &b.endpoint(&dated));
    }),
    behaviour("aws-facts 2.4", "a stream selection is not upside down", |b| {
        let selection = json!({"minVideoBitsPerSecond": 2, "maxVideoBitsPerSecond": 1});
        b.bad_endpoint(&[("/hlsPackage/streamSelection", selection)], "minVideoBitsPerSecond");
    }),
    behaviour("aws-facts 2.4", "ADS period triggers exclude HYBRIDCAST and NUMBER_WITH_DURATION", |b| {
        for (member, word) in [("profile", "HYBRIDCAST"), ("segmentTemplateFormat", "NUMBER_WITH_DURATION")] {
            bad(b, ENDPOINT, &with_package(b, "dashPackage", json!({"periodTriggers": ["ADS"], member: word})), word);
        }
        b.ok(ENDPOINT, &with_package(b, "dashPackage", json!({"periodTriggers": ["ADS"], "profile": "NONE"})));
    }),
    behaviour("aws-facts 2.4", "ids of CMAF manifests are unique in their endpoint", |b| {
        bad(
            b,
            ENDPOINT,
            &with_package(b, "cmafPackage", json!({"hlsManifests": [{"id": "a"}, {"id": "a"}]})),
            "another manifest",
        );
        b.ok(ENDPOINT, &with_package(b, "cmafPackage", json!({"hlsManifests": [{"id": "a"}, {"id": "b"}]})));
    }),
    behaviour(
        "aws-facts 2.5, mistake 48",
        "for CMAF the manifests have the URLs, and inherit the endpoint's name",
        |b| {
            let made = b.ok(ENDPOINT, &with_package(b, "cmafPackage", json!({"hlsManifests": [{"id": "m"}]})));
            let base = made["url"].as_str().unwrap();
            assert_eq!(made["cmafPackage"]["hlsManifests"][0]["url"], format!("{base}m/master.m3u8"));
        },
    ),
    behaviour("aws-facts 2.5", "the packager adds its extension", |b| {
        let url = |name: &str| {
            let mut request = with_package(b, name, json!({}));
            request["id"] = json!(name);
            b.ok(ENDPOINT, &request)["url"].as_str().unwrap().rsplit("master").next().unwrap().to_owned()
        };
        assert_eq!([url("hlsPackage"), url("dashPackage"), url("mssPackage")], [".m3u8", ".mpd", ".ism/Manifest"]);
    }),
    behaviour("aws-facts 2.5", "all endpoints of a channel share a host, and each has a guid of its own", |b| {
        let of = |id: &str| b.ok(ENDPOINT, &b.endpoint(&[("/id", json!(id))]))["url"].as_str().unwrap().to_owned();
        let (one, two) = (of("one"), of("two"));
        let host = |url: &str| url.split('/').nth(2).unwrap().to_owned();
        assert_eq!(host(&one), host(&two));
        assert_ne!(one, two);
    }),
    behaviour("aws-facts 2.7", "a key server is an https URL", |b| {
        bad(
            b,
            ENDPOINT,
            &with_package(b, "dashPackage", json!({"encryption": speke(1, "http://k.example/")})),
            "https",
        );
    }),
    behaviour("aws-facts 2.7", "HLS holds one DRM system, DASH two, CMAF three", |b| {
        for (name, most) in [("hlsPackage", 1), ("dashPackage", 2), ("cmafPackage", 3)] {
            let request = |n| {
                let mut request = with_package(b, name, json!({"encryption": speke(n, "https://k.example/")}));
                request["id"] = json!(format!("{name}{n}"));
                request
            };
            b.ok(ENDPOINT, &request(most));
            bad(b, ENDPOINT, &request(most + 1), "system ids");
        }
    }),
    behaviour("aws-facts 2.6", "authorization has a secret and a role, both by ARN", |b| {
        b.bad_endpoint(&[("/authorization/secretsRoleArn", Value::Null)], "secretsRoleArn is required");
        bad(
            b,
            ENDPOINT,
            &b.endpoint(&[("/authorization/cdnIdentifierSecret", json!("cdn"))]),
            "not the ARN of a secret",
        );
        bad(
            b,
            ENDPOINT,
            &b.endpoint(&[("/authorization/secretsRoleArn", json!("role"))]),
            "not the ARN of an IAM role",
        );
    }),
    behaviour("aws-facts 2.6", "the identifier in the secret has 8 to 128 characters under its key", |b| {
        let short = b.secret("short", r#"{"MediaPackageCDNIdentifier":"0123456"}"#);
        let other = b.secret("other", r#"{"SomethingElse":"0123456789"}"#);
        for arn in [short, other] {
            bad(b, ENDPOINT, &b.endpoint(&[("/authorization/cdnIdentifierSecret", json!(arn))]), "secret");
        }
        let least = b.secret("least", r#"{"MediaPackageCDNIdentifier":"01234567"}"#);
        b.ok(ENDPOINT, &b.endpoint(&[("/authorization/cdnIdentifierSecret", json!(least))]));
    }),
    behaviour("aws-facts 2.9", "endpoints go before their channel", |b| {
        b.ok(ENDPOINT, &b.endpoint(&[]));
        bad(b, "mediapackage:DeleteChannel", &json!({"id": "platform"}), "hls");
        b.ok("mediapackage:DeleteOriginEndpoint", &json!({"id": "hls"}));
        b.ok("mediapackage:DeleteChannel", &json!({"id": "platform"}));
        b.bad("mediapackage:DescribeChannel", &json!({"id": "platform"}), 404, "NotFoundException", "platform");
    }),
    behaviour("aws-facts 2.2", "the thirty-first channel meets the quota", |b| {
        (0..30).for_each(|n| drop(b.ok(CHANNEL, &json!({"id": format!("c{n}")}))));
        bad(b, CHANNEL, &json!({"id": "one-more"}), "mediapackage.channels");
    }),
    behaviour("aws-facts 2.2", "the eleventh endpoint of a channel meets the quota", |b| {
        (0..10).for_each(|n| drop(b.ok(ENDPOINT, &b.endpoint(&[("/id", json!(format!("e{n}")))]))));
        bad(b, ENDPOINT, &b.endpoint(&[]), "mediapackage.endpoints-per-channel");
    }),
    behaviour("aws-facts 2.1", "types are not converted", |b| {
        bad(b, CHANNEL, &json!({"id": 1}), "expected a string");
        bad(b, ENDPOINT, &b.endpoint(&[("/hlsPackage/segmentDurationSeconds", json!(4.5))]), "expected an integer");
    }),
    behaviour("aws-facts 2.1", "endpoints are listed by channel", |b| {
        b.ok(ENDPOINT, &b.endpoint(&[]));
        let list = |channel: &str| b.ok("mediapackage:ListOriginEndpoints", &json!({"channelId": channel}));
        assert_eq!(list("platform")["originEndpoints"].as_array().unwrap().len(), 1);
        assert_eq!(list("other")["originEndpoints"], json!([]));
    }),
];
