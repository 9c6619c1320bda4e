//! What is uncertain about AWS: each switch, tested both ways, and `docs/aws-open-points.md`, which names them all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bench::{Bench, HOME};
use super::requests::{endpoint, pull_input};
use crate::cloud::CloudConfig;
use crate::rules::Strictness;
use crate::world::{Span, Switches};

const DOCUMENT: &str = include_str!("../../../../docs/aws-open-points.md");

/// A switch in both positions: how to turn it, and what is seen then.
struct Open {
    /// As the document names it.
    switch: &'static str,
    turn: fn(&mut CloudConfig),
    /// What is seen, in a word.
    look: fn(&mut Bench) -> String,
    by_default: &'static str,
    turned: &'static str,
}

/// Status and code, or `ok`.
fn seen(answer: Result<Value, crate::world::AwsError>) -> String {
    answer.map_or_else(|refusal| format!("{} {}", refusal.status, refusal.code), |_| "ok".into())
}

const LEVEL: &str = "/encoderSettings/videoDescriptions/1/codecSettings/h264Settings/level";
const PAR: &str = "/encoderSettings/videoDescriptions/1/codecSettings/h264Settings/parControl";
const BITRATE: &str = "/encoderSettings/audioDescriptions/0/codecSettings/aacSettings/bitrate";

fn create(b: &mut Bench, edits: &[(&str, Value)]) -> String {
    let request = b.channel(edits);
    seen(b.call("medialive:CreateChannel", &request))
}

/// CreateChannel with a failover pair of two pull inputs.
fn pull_pair(b: &mut Bench) -> String {
    let urls = ["https://a.example/1", "https://b.example/1"];
    let (one, two) = (b.input(&pull_input("URL_PULL", &urls)), b.input(&pull_input("URL_PULL", &urls)));
    let loss = json!([{"failoverConditionSettings": {"inputLossSettings": {}}}]);
    let first = json!({"inputId": one, "automaticInputFailoverSettings": {"secondaryInputId": two, "failoverConditions": loss}});
    create(
        b,
        &[
            ("/inputAttachments", json!([first, {"inputId": two}])),
            ("/encoderSettings/audioDescriptions/0/audioSelectorName", json!("any")),
        ],
    )
}

/// The `Channel` dimension of MediaPackage's metrics: the id, or something else.
fn dimension(b: &mut Bench) -> String {
    b.ok("mediapackage:CreateOriginEndpoint", &b.endpoint(&[]));
    b.world(|world, now| world.record_egress(HOME, now, "hls", "2xx", 1)).unwrap();
    let metrics = b.ok("cloudwatch:ListMetrics", &json!({"Namespace": "AWS/MediaPackage"}))["Metrics"].to_string();
    if metrics.contains(r#""Value":"platform""#) { "id".into() } else { "guid".into() }
}

const OPEN: &[Open] = &[
    Open {
        switch: "stop_idle_is_ok",
        turn: |config| config.world.switches.stop_idle_is_ok = false,
        look: |b| {
            let channel = b.idle(&[]);
            seen(b.call("medialive:StopChannel", &channel))
        },
        by_default: "ok",
        turned: "409 ConflictException",
    },
    Open {
        switch: "start_running_is_ok",
        turn: |config| config.world.switches.start_running_is_ok = true,
        look: |b| {
            let channel = b.running();
            seen(b.call("medialive:StartChannel", &channel))
        },
        by_default: "409 ConflictException",
        turned: "ok",
    },
    Open {
        switch: "group_in_use_error",
        turn: |config| config.world.switches.group_in_use_error = (409, "ConflictException".into()),
        look: |b| {
            b.push_input();
            let group = b.ok("medialive:ListInputSecurityGroups", &json!({}))["inputSecurityGroups"][0]["id"].clone();
            seen(b.call("medialive:DeleteInputSecurityGroup", &json!({"inputSecurityGroupId": group})))
        },
        by_default: "400 BadRequestException",
        turned: "409 ConflictException",
    },
    Open {
        switch: "manifest_name_dots",
        turn: |config| config.strictness.manifest_name_dots = false,
        look: |b| {
            let request = b.endpoint(&[("/manifestName", json!("master.m3u8"))]);
            let answer = b.call("mediapackage:CreateOriginEndpoint", &request);
            // Lenient, the extension is doubled.
            let url = answer.as_ref().ok().and_then(|made| made["url"].as_str());
            url.map(|url| url.rsplit('/').next().unwrap_or_default().to_owned()).unwrap_or_else(|| seen(answer))
        },
        by_default: "422 UnprocessableEntityException",
        turned: "master.m3u8.m3u8",
    },
    Open {
        switch: "packaging_dimension_is_id",
        turn: |config| config.world.switches.packaging_dimension_is_id = false,
        look: dimension,
        by_default: "id",
        turned: "guid",
    },
    Open {
        switch: "encoder_limits",
        turn: |config| config.strictness.encoder_limits = false,
        look: |b| create(b, &[(LEVEL, json!("H264_LEVEL_2"))]),
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "packaging_video",
        turn: |config| config.strictness.packaging_video = false,
        look: |b| create(b, &[(PAR, Value::Null)]),
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "token_other_body_conflicts",
        turn: |config| config.world.switches.token_other_body_conflicts = true,
        look: |b| {
            b.idle(&[]);
            create(b, &[("/name", json!("another"))])
        },
        by_default: "ok",
        turned: "409 ConflictException",
    },
    Open {
        switch: "medialive_quota_error",
        turn: |config| config.world.switches.medialive_quota_error = (403, "ForbiddenException".into()),
        look: |b| {
            b.quota("medialive.channels", 0);
            create(b, &[])
        },
        by_default: "429 TooManyRequestsException",
        turned: "403 ForbiddenException",
    },
    Open {
        switch: "durations.deleted_visible",
        turn: |config| config.world.switches.durations.deleted_visible = Span::secs(60, 60),
        look: |b| {
            let channel = b.idle(&[]);
            b.ok("medialive:DeleteChannel", &channel);
            b.pass(120 + 60);
            seen(b.call("medialive:DescribeChannel", &channel))
        },
        by_default: "ok",
        turned: "404 NotFoundException",
    },
    Open {
        switch: "failover_of_pull_inputs",
        turn: |config| config.world.switches.failover_of_pull_inputs = true,
        look: pull_pair,
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "aac_table",
        turn: |config| config.strictness.aac_table = false,
        look: |b| create(b, &[(BITRATE, json!(16_000.0))]),
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "update_emits_event",
        turn: |config| config.world.switches.update_emits_event = true,
        look: |b| {
            let channel = b.idle(&[]);
            b.events();
            b.ok("medialive:UpdateChannel", &json!({"channelId": channel["channelId"], "name": "n"}));
            b.pass(10);
            format!("{} events", b.events().len())
        },
        by_default: "0 events",
        turned: "1 events",
    },
    Open {
        switch: "endpoint_of_unknown_channel_is_404",
        turn: |config| config.world.switches.endpoint_of_unknown_channel_is_404 = true,
        look: |b| {
            let request = b.endpoint(&[("/channelId", json!("nowhere"))]);
            seen(b.call("mediapackage:CreateOriginEndpoint", &request))
        },
        by_default: "422 UnprocessableEntityException",
        turned: "404 NotFoundException",
    },
    Open {
        switch: "packaging_checks_cdn_secret",
        turn: |config| config.world.switches.packaging_checks_cdn_secret = false,
        look: |b| {
            b.ok("mediapackage:CreateChannel", &json!({"id": "platform"}));
            let request = endpoint("arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-abcdef");
            seen(b.call("mediapackage:CreateOriginEndpoint", &request))
        },
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "delete_stopping_is_ok",
        turn: |config| config.world.switches.delete_stopping_is_ok = true,
        look: |b| {
            let channel = b.running();
            b.ok("medialive:StopChannel", &channel);
            let answer = seen(b.call("medialive:DeleteChannel", &channel));
            b.pass(200);
            format!("{answer}, then {}", b.state(&channel))
        },
        by_default: "409 ConflictException, then IDLE",
        turned: "ok, then DELETED",
    },
    Open {
        switch: "unknown_members",
        turn: |config| config.strictness.unknown_members = false,
        look: |b| seen(b.call("mediapackage:CreateChannel", &json!({"id": "c", "colour": "red"}))),
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "dry_run_is_ignored",
        turn: |config| config.world.switches.dry_run_is_ignored = true,
        look: |b| {
            b.accepts(&[]);
            format!("{} channels", b.ok("medialive:ListChannels", &json!({}))["channels"].as_array().unwrap().len())
        },
        by_default: "0 channels",
        turned: "1 channels",
    },
    Open {
        switch: "all_defects",
        turn: |config| config.strictness.all_defects = false,
        look: |b| format!("{} defects", b.refused("medialive:CreateChannel", &json!({})).validation.len()),
        by_default: "6 defects",
        turned: "1 defects",
    },
    Open {
        switch: "unreferenced_destinations",
        turn: |config| config.strictness.unreferenced_destinations = true,
        look: |b| {
            let settings = json!([{"url": "s3ssl://bucket/p0/x"}, {"url": "s3ssl://bucket/p1/x"}]);
            create(b, &[("/destinations/2", json!({"id": "nobody", "settings": settings}))])
        },
        by_default: "ok",
        turned: "422 UnprocessableEntityException",
    },
    Open {
        switch: "manifest_window_limit",
        turn: |config| config.strictness.manifest_window_limit = false,
        look: |b| {
            let request = b.endpoint(&[("/hlsPackage/playlistWindowSeconds", json!(301))]);
            seen(b.call("mediapackage:CreateOriginEndpoint", &request))
        },
        by_default: "422 UnprocessableEntityException",
        turned: "ok",
    },
    Open {
        switch: "mediapackage_quota_error",
        turn: |config| config.world.switches.mediapackage_quota_error = (429, "TooManyRequestsException".into()),
        look: |b| {
            b.quota("mediapackage.channels", 0);
            seen(b.call("mediapackage:CreateChannel", &json!({"id": "c"})))
        },
        by_default: "422 UnprocessableEntityException",
        turned: "429 TooManyRequestsException",
    },
    Open {
        switch: "attach_creating_input_conflicts",
        turn: |config| config.world.switches.attach_creating_input_conflicts = false,
        look: |b| {
            let mut request = b.channel(&[]);
            let input = b.ok("medialive:CreateInput", &super::requests::push_input(&b.group()))["input"]["id"].clone();
            request["inputAttachments"][0]["inputId"] = input;
            seen(b.call("medialive:CreateChannel", &request))
        },
        by_default: "409 ConflictException",
        turned: "ok",
    },
    Open {
        switch: "caller_reference_forever",
        turn: |config| config.world.switches.caller_reference_forever = false,
        look: |b| {
            let request = super::requests::distribution(&[("/Enabled", json!(false))]);
            let made = b.ok("cloudfront:CreateDistribution", &request);
            b.pass(600);
            b.ok("cloudfront:DeleteDistribution", &json!({"Id": made["Distribution"]["Id"], "IfMatch": made["ETag"]}));
            seen(b.call("cloudfront:CreateDistribution", &request))
        },
        by_default: "409 DistributionAlreadyExists",
        turned: "ok",
    },
    Open {
        switch: "delete_missing_alarm_fails",
        turn: |config| config.world.switches.delete_missing_alarm_fails = true,
        look: |b| seen(b.call("cloudwatch:DeleteAlarms", &json!({"AlarmNames": ["a"]}))),
        by_default: "ok",
        turned: "404 ResourceNotFound",
    },
];

#[test]
fn every_open_point_goes_both_ways() {
    for open in OPEN {
        let default = (open.look)(&mut Bench::new());
        assert_eq!(default, open.by_default, "{} by default", open.switch);
        let turned = (open.look)(&mut Bench::with(open.turn));
        assert_eq!(turned, open.turned, "{} turned", open.switch);
    }
}

/// Every field of both sets of switches; the durations one by one.
fn fields() -> BTreeSet<String> {
    let mut switches = serde_json::to_value(Switches::default()).unwrap();
    let durations = switches.as_object_mut().unwrap().remove("durations").unwrap();
    let strictness = serde_json::to_value(Strictness::default()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let durations = keys(&durations).into_iter().map(|name| format!("durations.{name}"));
    keys(&switches).into_iter().chain(keys(&strictness)).chain(durations).collect()
}

/// What stands in backticks in the cells of the column `Switch`.
fn documented() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut column = None;
    for line in DOCUMENT.lines() {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if !line.starts_with('|') {
            column = None;
        } else if let Some(place) = cells.iter().position(|cell| *cell == "Switch") {
            column = Some(place);
        } else if let Some(cell) = column.and_then(|place| cells.get(place)) {
            found.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_document_names_every_switch_and_no_other() {
    assert_eq!(documented(), fields());
}

#[test]
fn the_document_has_all_fifteen_points_of_section_seven_each_with_a_call() {
    for point in 1..=15 {
        let row = DOCUMENT.lines().find(|line| line.starts_with(&format!("| {point} |")));
        let row = row.unwrap_or_else(|| panic!("point {point} is missing"));
        assert!(row.contains("`aws "), "point {point} has no call that would settle it");
    }
}

#[test]
fn what_the_document_calls_open_is_tested_both_ways() {
    let tested: BTreeSet<_> = OPEN.iter().map(|open| open.switch).collect();
    let open = DOCUMENT.split("## What a test may want").next().unwrap_or_default();
    for name in documented() {
        let is_open = open.contains(&format!("`{name}`"));
        assert_eq!(is_open, tested.contains(name.as_str()), "{name}");
    }
}
