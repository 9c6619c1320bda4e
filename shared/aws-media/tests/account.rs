//! The adapters against the simulated account, over HTTP: what AWS refuses, the account refuses, and what an
//! answer means is held against what control expects.

// The helpers of a test may panic like the test itself.
#![allow(clippy::unwrap_used)]

#[path = "account/changes.rs"]
mod changes;
#[path = "account/inputs.rs"]
mod inputs;
mod stage;

use headend_control::ports::{Alarms, CloudFront, Creation, MediaLive, MediaPackage, SecretValue, Secrets};
use headend_domain::action::{Refusal, RefusalKind, Seen, Status};
use headend_domain::request::SecretRequest;
use headend_domain::slot::{AlarmKind, AlarmRegion, Format, Slot};
use stage::{Stage, alarm, channel, distribution, endpoint, group, input, kind, made, mark, packaging, secret};
use std::collections::BTreeMap;

#[tokio::test]
async fn an_input_is_made_found_and_removed_in_the_order_that_aws_demands() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (group, _) = made(account.create_group(&group()).await);
    let (input, seen) = made(account.create_input(&input(&group)).await);
    assert_eq!(seen.status, Status::Making);
    assert!(input.urls.iter().all(|url| url.starts_with("rtmp://")) && input.urls.len() == 2, "{:?}", input.urls);
    stage.pass(60);
    assert_eq!(account.describe_input(&input.id).await.unwrap().unwrap().status, Status::Ready);
    assert_eq!(account.describe_group(&group.id).await.unwrap().unwrap().status, Status::InUse);

    let inputs = account.find_inputs(&mark(Slot::Input("main".to_owned()))).await.unwrap();
    assert_eq!(inputs.iter().map(|(object, _)| object).collect::<Vec<_>>(), [&input]);
    assert_eq!(account.find_groups(&mark(Slot::Group("main".to_owned()))).await.unwrap()[0].0.id, group.id);
    assert_eq!(account.find_groups(&mark(Slot::Group("other".to_owned()))).await.unwrap(), []);

    assert_eq!(kind(account.delete_group(&group.id).await), RefusalKind::Conflict);
    assert_eq!(account.delete_input(&input.id).await.unwrap().unwrap().status, Status::Deleting);
    stage.pass(120);
    assert_eq!(account.describe_input(&input.id).await, Ok(None));
    assert_eq!(account.find_inputs(&mark(Slot::Input("main".to_owned()))).await.unwrap(), []);
    assert_eq!(account.delete_group(&group.id).await, Ok(None));
    assert_eq!(account.describe_group(&group.id).await, Ok(None));
    assert_eq!(account.describe_channel("7777777").await, Ok(None));
}

#[tokio::test]
async fn a_channel_waits_for_its_packaging_runs_and_goes() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (group, _) = made(account.create_group(&group()).await);
    let (input, _) = made(account.create_input(&input(&group)).await);
    stage.pass(60);
    let request = channel(&input);
    let refusal = account.create_channel(&request).await.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Conflict, "{refusal:?}");
    assert!(refusal.message.contains("outputGroups[0].outputGroupSettings.destination.channelId: "), "{refusal:?}");
    made(account.create_packaging(&packaging()).await);
    stage.pass(60);
    let (channel, seen) = made(account.create_channel(&request).await);
    assert_eq!(seen.status, Status::Making);
    // The same token again: the same channel.
    assert_eq!(made(account.create_channel(&request).await).0, channel);
    assert_eq!(kind(account.start_channel(&channel.id).await), RefusalKind::Conflict);
    stage.pass(120);
    assert_eq!(account.start_channel(&channel.id).await.unwrap().unwrap().status, Status::Starting);
    stage.pass(600);
    let seen = account.describe_channel(&channel.id).await.unwrap().unwrap();
    assert_eq!((seen.status, seen.pipelines), (Status::Running, 2));
    assert_eq!(kind(account.delete_channel(&channel.id).await), RefusalKind::Conflict);
    assert_eq!(kind(account.delete_input(&input.id).await), RefusalKind::Conflict);
    assert_eq!(account.stop_channel(&channel.id).await.unwrap().unwrap().status, Status::Stopping);
    stage.pass(300);
    assert_eq!(account.delete_channel(&channel.id).await.unwrap().unwrap().status, Status::Deleting);
    stage.pass(600);
    assert_eq!(account.describe_channel(&channel.id).await, Ok(None));
    assert_eq!(account.find_channels(&mark(Slot::Channel)).await.unwrap(), []);
}

#[tokio::test]
async fn packaging_is_adopted_by_its_id_and_goes_after_its_endpoints() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (request, value) = secret();
    let (secret, _) = made(account.create_secret(&request, &value).await);
    let (channel, _) = made(account.create_packaging(&packaging()).await);
    assert_eq!(account.create_packaging(&packaging()).await, Ok(Creation::AlreadyThere));
    assert_eq!(account.find_packaging(&channel.id).await.unwrap().unwrap().0, channel);
    for (format, end) in
        [(Format::Hls, "/master.m3u8"), (Format::Dash, "/master.mpd"), (Format::Cmaf, "/hls/master.m3u8")]
    {
        let request = endpoint(format, &secret);
        let (endpoint, _) = made(account.create_endpoint(&request).await);
        assert!(endpoint.urls.len() == 1 && endpoint.urls[0].ends_with(end), "{:?}", endpoint.urls);
        assert_eq!(account.create_endpoint(&request).await, Ok(Creation::AlreadyThere));
        assert_eq!(account.find_endpoint(&endpoint.id).await.unwrap().unwrap().0, endpoint);
    }
    assert_eq!(kind(account.delete_packaging(&channel.id).await), RefusalKind::Conflict);
    for format in Format::ALL {
        let id = endpoint(format, &secret).id;
        assert_eq!(account.delete_endpoint(&id).await, Ok(None));
        assert_eq!(account.delete_endpoint(&id).await, Ok(None), "a second time");
        assert_eq!(account.find_endpoint(&id).await, Ok(None));
    }
    assert_eq!(account.delete_packaging(&channel.id).await, Ok(None));
    assert_eq!(account.find_packaging(&channel.id).await, Ok(None));
}

#[tokio::test]
async fn a_secret_is_made_once_read_back_and_removed_for_good() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (request, value) = secret();
    let (made_secret, _) = made(account.create_secret(&request, &value).await);
    let another = SecretValue::new("another-value".to_owned());
    assert_eq!(account.create_secret(&request, &another).await, Ok(Creation::AlreadyThere));
    assert_eq!(account.read_secret(&made_secret.arn, &request.version).await, Ok(value.clone()));
    let next = SecretRequest { version: "1".repeat(32), ..secret().0 };
    stage.lose("secretsmanager", "PutSecretValue");
    let fresh = SecretValue::new("0123456789abcdef".to_owned());
    assert_eq!(kind(account.put_secret(&made_secret.id, &next, &fresh).await), RefusalKind::Unsure);
    assert_eq!(account.put_secret(&made_secret.id, &next, &another).await, Ok(Some(Seen::new(Status::Ready))));
    assert_eq!(account.read_secret(&made_secret.arn, &next.version).await, Ok(fresh), "what came first stays");
    assert_eq!(account.read_secret(&made_secret.arn, &request.version).await, Ok(value), "the one before, too");
    assert_eq!(account.find_secret(&request.name).await.unwrap().unwrap().0, made_secret);
    assert_eq!(account.delete_secret(&request.name).await, Ok(None));
    assert_eq!(account.find_secret(&request.name).await, Ok(None));
    assert_eq!(account.delete_secret(&request.name).await, Ok(None), "a second time");
}

#[tokio::test]
async fn a_distribution_is_made_once_disabled_and_removed_when_that_is_deployed() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (request, value) = secret();
    let (secret, _) = made(account.create_secret(&request, &value).await);
    made(account.create_packaging(&packaging()).await);
    let (hls, _) = made(account.create_endpoint(&endpoint(Format::Hls, &secret)).await);
    let request = distribution(&hls);

    stage.lose("cloudfront", "CreateDistributionWithTags");
    assert_eq!(kind(account.create_distribution(&request, &value).await), RefusalKind::Unsure);
    assert_eq!(account.create_distribution(&request, &value).await, Ok(Creation::AlreadyThere));
    let found = account.find_distributions(&request.caller_reference).await.unwrap();
    assert_eq!(found.len(), 1);
    let (object, seen) = &found[0];
    assert_eq!((seen.status, seen.enabled), (Status::Making, true));
    assert!(object.domain.as_ref().unwrap().ends_with(".cloudfront.net"));
    assert_eq!(account.find_distributions("hl-p-000000000001-distribution").await.unwrap(), [], "whole tokens only");

    let id = &object.id;
    assert_eq!(kind(account.delete_distribution(id).await), RefusalKind::Conflict);
    let seen = account.disable_distribution(id).await.unwrap().unwrap();
    assert_eq!((seen.status, seen.enabled), (Status::Making, false));
    assert_eq!(kind(account.delete_distribution(id).await), RefusalKind::Conflict, "not deployed yet");
    stage.pass(3600);
    let seen = account.disable_distribution(id).await.unwrap().unwrap();
    assert_eq!((seen.status, seen.enabled), (Status::Ready, false), "disabled already: only looked at");
    assert_eq!(account.delete_distribution(id).await, Ok(None));
    assert_eq!(account.describe_distribution(id).await, Ok(None));
    assert_eq!(account.disable_distribution(id).await, Ok(None));
    assert_eq!(account.delete_distribution(id).await, Ok(None), "a second time");
}

#[tokio::test]
async fn alarms_live_in_the_region_of_their_metric_and_go_together() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let kinds = [AlarmKind::InputLoss(0), AlarmKind::ActiveAlerts(1), AlarmKind::Packager5xx, AlarmKind::Cdn4xx];
    for kind in kinds {
        let (object, _) = made(account.put_alarm(&alarm(kind)).await);
        let found = account.find_alarm(kind.region(), &object.id).await.unwrap().unwrap();
        assert_eq!(found.0, object, "the ARN that was put together is AWS's");
    }
    let cdn = alarm(AlarmKind::Cdn4xx).name;
    assert_eq!(account.find_alarm(AlarmRegion::Home, &cdn).await, Ok(None));
    let home: Vec<String> = kinds[..3].iter().map(|kind| alarm(*kind).name).collect();
    for _ in 0..2 {
        assert_eq!(account.delete_alarms(AlarmRegion::Home, &home).await, Ok(None));
    }
    assert_eq!(account.find_alarm(AlarmRegion::Home, &home[0]).await, Ok(None));
    assert!(account.find_alarm(AlarmRegion::UsEast1, &cdn).await.unwrap().is_some());
}

#[tokio::test]
async fn every_service_is_understood_when_it_refuses() {
    use RefusalKind::{Conflict, Denied, Quota, Rejected, Throttled, Unsure};
    let stage = Stage::open().await;
    let account = &stage.account;
    for (status, code, message, expected) in [
        (429, "TooManyRequestsException", "Rate exceeded", Throttled),
        (403, "ForbiddenException", "not authorized", Denied),
        (409, "ConflictException", "busy", Conflict),
        (400, "BadRequestException", "bad", Rejected),
        (500, "InternalServerErrorException", "oops", Unsure),
        (403, "ForbiddenException", "You have reached the maximum number of groups", Quota),
    ] {
        stage.refuse("medialive", "CreateInputSecurityGroup", status, code, message);
        let refusal = account.create_group(&group()).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.message.as_str()), (expected, message));
        assert_eq!(refusal.code, code);
    }
    for (status, code, expected) in
        [(400, "Throttling", Throttled), (403, "AccessDenied", Denied), (400, "LimitExceeded", Quota)]
    {
        stage.refuse("cloudwatch", "PutMetricAlarm", status, code, "words");
        assert_eq!(kind(account.put_alarm(&alarm(AlarmKind::Cdn5xx)).await), expected, "{code}");
    }
    for (status, code, expected) in [(400, "ThrottlingException", Throttled), (400, "AccessDeniedException", Denied)] {
        stage.refuse("secretsmanager", "CreateSecret", status, code, "words");
        let (request, value) = secret();
        assert_eq!(kind(account.create_secret(&request, &value).await), expected, "{code}");
    }
    for (status, code, expected) in [(503, "ServiceUnavailable", Unsure), (403, "AccessDenied", Denied)] {
        stage.refuse("cloudfront", "GetDistribution", status, code, "words");
        assert_eq!(kind(account.describe_distribution("E1").await), expected, "{code}");
    }
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_named() {
    let stage = Stage::open().await;
    stage.quota("medialive.input-security-groups", 0);
    let refusal = stage.account.create_group(&group()).await.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Quota);
    assert!(refusal.message.contains("medialive.input-security-groups"), "{}", refusal.message);
}

#[tokio::test]
async fn a_lost_answer_is_not_a_failure_and_nothing_is_sent_twice() {
    let stage = Stage::open().await;
    let account = &stage.account;
    stage.lose("medialive", "CreateInputSecurityGroup");
    assert_eq!(kind(account.create_group(&group()).await), RefusalKind::Unsure);
    let found = account.find_groups(&mark(Slot::Group("main".to_owned()))).await.unwrap();
    assert_eq!(found.len(), 1, "the client did not send it again by itself");
}

type Tags = BTreeMap<String, String>;

/// Goes from the tags that the object was made with to others, by the calls that each step takes and no more.
async fn retags(
    stage: &Stage,
    (service, untag, tag): (&str, &str, &str),
    arn: &str,
    retag: impl AsyncFn(&str, &Tags) -> Result<Option<()>, Refusal>,
) {
    let there = || {
        let all = stage.cloud.with_world(|world, _| world.inventory());
        all.into_iter().find(|resource| resource.arn == arn).unwrap().tags
    };
    let tags = |pairs: &[(&str, &str)]| -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let throttled = |operation| stage.refuse(service, operation, 429, "ThrottlingException", "slow down");
    let (first, second) = (tags(&[("team", "news"), ("cost centre", "7/ü+")]), tags(&[("team", "sport")]));
    assert!(there().len() > 2, "{service}: made with tags");
    for wanted in [&first, &second] {
        assert_eq!(retag(arn, wanted).await, Ok(Some(())), "{service}");
        assert_eq!(&there(), wanted, "{service}");
        stage.pass(60);
    }
    // Nothing differs: the calls that would be refused are not made.
    throttled(untag);
    throttled(tag);
    assert_eq!(retag(arn, &second).await, Ok(Some(())), "{service}");
    assert_eq!(retag(arn, &tags(&[])).await.map_err(|refusal| refusal.kind), Err(RefusalKind::Throttled), "{untag}");
    assert_eq!(retag(arn, &first).await.map_err(|refusal| refusal.kind), Err(RefusalKind::Throttled), "{tag}");
    assert_eq!(there(), second, "{service}");
    stage.pass(60);
    assert_eq!(retag(&format!("{arn}9"), &first).await, Ok(None), "{service}: what is not there");
}

#[tokio::test]
async fn tags_of_what_exists_are_made_equal_to_the_wanted_ones() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (group, _) = made(account.create_group(&group()).await);
    let (input, _) = made(account.create_input(&input(&group)).await);
    let (request, value) = secret();
    let (secret, _) = made(account.create_secret(&request, &value).await);
    let (packaging, _) = made(account.create_packaging(&packaging()).await);
    let (hls, _) = made(account.create_endpoint(&endpoint(Format::Hls, &secret)).await);
    let (distribution, _) = made(account.create_distribution(&distribution(&hls), &value).await);
    stage.pass(60);
    for object in [&group, &input] {
        let calls = ("medialive", "DeleteTags", "CreateTags");
        retags(&stage, calls, &object.arn, async |arn, tags| account.retag_medialive(arn, tags).await).await;
    }
    let calls = |service| (service, "UntagResource", "TagResource");
    for object in [&packaging, &hls] {
        let retag = async |arn: &str, tags: &Tags| account.retag_mediapackage(arn, tags).await;
        retags(&stage, calls("mediapackage"), &object.arn, retag).await;
    }
    let retag = async |arn: &str, tags: &Tags| account.retag_cloudfront(arn, tags).await;
    retags(&stage, calls("cloudfront"), &distribution.arn, retag).await;
    let retag = async |arn: &str, tags: &Tags| account.retag_secret(arn, tags).await;
    retags(&stage, calls("secretsmanager"), &secret.arn, retag).await;
    for kind in [AlarmKind::InputLoss(0), AlarmKind::Cdn4xx] {
        let (object, _) = made(account.put_alarm(&alarm(kind)).await);
        let retag = async |arn: &str, tags: &Tags| account.retag_alarm(kind.region(), arn, tags).await;
        retags(&stage, calls("cloudwatch"), &object.arn, retag).await;
    }
    assert_eq!(account.delete_secret(&secret.arn).await, Ok(None));
    assert_eq!(account.retag_secret(&secret.arn, &Tags::new()).await, Ok(None));
}
