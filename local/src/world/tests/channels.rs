//! Channels: tokens, inputs, packaging, quotas, deletion.

use super::*;
use crate::world::medialive::{
    AlertFilter, AlertKind, GroupState, InputSource, PackagingRef, SourceState, UpdateChannel,
};
use serde_json::json;

fn single_pull() -> CreateInput {
    let url = "https://198.51.100.7/live.m3u8".to_owned();
    let source = InputSource { url, username: None, password_param: None };
    CreateInput { sources: vec![source], ..CreateInput::new("pull", InputType::UrlPull) }
}

// aws-facts 1.4: starting takes 60 to 180 s; 1.13: one pipeline is up before the other.
#[test]
fn a_standard_channel_is_running_only_when_both_pipelines_are() {
    let mut account = Account::calm();
    let id = account.channel().id;
    account.world.start_channel(HOME, account.now, &id).unwrap();
    let mut counts = Vec::new();
    while !is(ChannelState::Running)(&account.look(&id)) {
        counts.push(account.look(&id).pipelines_running());
        account.pass(500);
    }
    assert!(account.now >= START + MINUTE);
    counts.dedup();
    assert_eq!(counts, [0, 1]);
    assert_eq!(account.look(&id).pipelines_running(), 2);
}

// aws-facts 1.5: the same requestId makes nothing new, in this state or a later one.
#[test]
fn the_same_request_id_answers_the_first_channel_again() {
    let mut account = Account::calm();
    let request =
        CreateChannel { request_id: Some("t-1".into()), ..CreateChannel::new("c", ChannelClass::SinglePipeline) };
    let first = account.world.create_channel(HOME, account.now, request.clone()).unwrap();
    account.pass(MINUTE);
    let again = account.world.create_channel(HOME, account.now, request.clone()).unwrap();
    assert_eq!((again.id, again.state), (first.id, ChannelState::Idle));
    let other = CreateChannel { request_id: Some("t-2".into()), ..request };
    account.world.create_channel(HOME, account.now, other).unwrap();
    assert_eq!(account.world.inventory().len(), 2);
}

// aws-facts 1.5: the same token with another body is undocumented; both readings can be had.
#[test]
fn a_request_id_with_another_body_answers_the_first_or_conflicts() {
    for strict in [false, true] {
        let mut account = Account::with(|it| it.switches.token_other_body_conflicts = strict);
        let mut request = CreateInput { request_id: Some("t".into()), ..single_pull() };
        let first = account.world.create_input(HOME, account.now, request.clone()).unwrap();
        request.name = "another".into();
        let second = account.world.create_input(HOME, account.now, request);
        match second {
            Ok(second) => assert!(!strict && second.id == first.id),
            Err(error) => assert!(strict && error.status == 409),
        }
    }
}

// aws-facts 1.6: a STANDARD channel takes only STANDARD inputs, a single one takes both.
#[test]
fn a_standard_channel_refuses_an_input_of_one_pipeline() {
    let mut account = Account::calm();
    let input = account.input(single_pull());
    assert_eq!(input.class, ChannelClass::SinglePipeline);
    let mut request =
        CreateChannel { attachments: vec![attachment(&input)], ..CreateChannel::new("c", ChannelClass::Standard) };
    let error = account.world.create_channel(HOME, account.now, request.clone()).unwrap_err();
    assert_eq!(error.status, 422);
    assert_eq!(error.validation[0].0, "inputAttachments[0].inputId");
    request.class = ChannelClass::SinglePipeline;
    account.world.create_channel(HOME, account.now, request).unwrap();
}

// aws-facts 1.2: one channel per input; the refusal names the input.
#[test]
fn an_input_serves_one_channel() {
    let mut account = Account::calm();
    let first = account.channel();
    let input_id = first.attachments[0].input_id.clone();
    let request =
        CreateChannel { attachments: first.attachments, ..CreateChannel::new("second", ChannelClass::Standard) };
    let error = account.world.create_channel(HOME, account.now, request).unwrap_err();
    assert_eq!(error.status, 409);
    assert!(error.message.contains(&input_id), "{error}");
}

// aws-facts 1.5: at most two push inputs on a channel.
#[test]
fn a_third_push_input_is_refused() {
    let mut account = Account::calm();
    let attachments = (0..3).map(|_| attachment(&account.push_input())).collect();
    let request = CreateChannel { attachments, ..CreateChannel::new("c", ChannelClass::Standard) };
    let error = account.world.create_channel(HOME, account.now, request).unwrap_err();
    assert_eq!((error.status, error.validation.len()), (422, 1));
}

// aws-facts 1.7: an unknown packaging channel is a 422 at the element, and so is one that was made a moment ago.
#[test]
fn a_packaging_channel_must_exist_and_be_visible() {
    let mut account = Account::calm();
    let path = "outputGroups[0].outputGroupSettings.destination.channelId";
    let request = CreateChannel {
        packaging: vec![PackagingRef { element_path: path.into(), channel_id: "p".into() }],
        ..CreateChannel::new("c", ChannelClass::SinglePipeline)
    };
    let unknown = account.world.create_channel(HOME, account.now, request.clone()).unwrap_err();
    account.packaging("p");
    let unseen = account.world.create_channel(HOME, account.now, request.clone()).unwrap_err();
    assert_eq!((unknown.status, unknown.validation[0].0.as_str()), (422, path));
    assert_eq!(unknown, unseen);
    account.pass(5_000);
    account.world.create_channel(HOME, account.now, request).unwrap();
}

// aws-facts 1.5: five channels by default; the refusal names the quota and its number; a deleted channel frees a place.
#[test]
fn the_sixth_channel_meets_the_quota() {
    let mut account = Account::calm();
    let request = CreateChannel::new("c", ChannelClass::SinglePipeline);
    let ids: Vec<String> =
        (0..5).map(|_| account.world.create_channel(HOME, account.now, request.clone()).unwrap().id).collect();
    let error = account.world.create_channel(HOME, account.now, request.clone()).unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (429, "TooManyRequestsException"));
    assert!(error.message.contains("medialive.channels") && error.message.contains('5'), "{error}");
    account.world.create_channel("us-east-1", account.now, request.clone()).unwrap();
    account.pass(MINUTE);
    account.world.delete_channel(HOME, account.now, &ids[0]).unwrap();
    account.pass(2 * MINUTE);
    account.world.create_channel(HOME, account.now, request).unwrap();
}

// aws-facts 1.5: UHD channels have a quota of their own.
#[test]
fn the_second_uhd_channel_meets_its_own_quota() {
    let mut account = Account::calm();
    let request = CreateChannel { uhd: true, ..CreateChannel::new("c", ChannelClass::SinglePipeline) };
    account.world.create_channel(HOME, account.now, request.clone()).unwrap();
    let error = account.world.create_channel(HOME, account.now, request).unwrap_err();
    assert!(error.message.contains("medialive.uhd-channels"), "{error}");
}

// aws-facts 1.2: inputs stay ATTACHED until the channel is DELETED; groups IN_USE until the input is; then all goes.
#[test]
fn things_go_only_in_the_order_that_aws_demands() {
    let mut account = Account::calm();
    let channel = account.channel();
    let input = channel.attachments[0].input_id.clone();
    let group = account.world.describe_input(HOME, account.now, &input).unwrap().security_groups;
    let group = group[0].clone();
    assert_eq!(refusal(account.world.delete_input(HOME, account.now, &input)), conflict());
    let in_use = account.world.delete_input_security_group(HOME, account.now, &group);
    assert_eq!(refusal(in_use).0, 400);

    account.world.delete_channel(HOME, account.now, &channel.id).unwrap();
    assert_eq!(account.input_state(&input), InputState::Attached, "the channel is only DELETING");
    assert_eq!(refusal(account.world.delete_input(HOME, account.now, &input)), conflict());
    account.pass(2 * MINUTE);
    assert_eq!(account.look(&channel.id).state, ChannelState::Deleted);
    assert!(account.look(&channel.id).attachments.is_empty());
    assert_eq!(account.input_state(&input), InputState::Detached);

    account.world.delete_input(HOME, account.now, &input).unwrap();
    while account.input_state(&input) != InputState::Deleted {
        account.pass(100);
    }
    let state =
        |account: &mut Account| account.world.describe_input_security_group(HOME, account.now, &group).unwrap().state;
    assert_eq!(state(&mut account), GroupState::InUse, "released only seconds later");
    account.pass(15_000);
    assert_eq!(state(&mut account), GroupState::Idle);
    account.world.delete_input_security_group(HOME, account.now, &group).unwrap();
    assert_eq!(account.world.inventory(), []);
}

// aws-facts 1.2: DELETED things are described for hours, then 404; lists omit them at once.
#[test]
fn a_deleted_channel_is_described_for_a_while_and_never_listed() {
    let mut account = Account::calm();
    let id = account.channel().id;
    account.world.delete_channel(HOME, account.now, &id).unwrap();
    account.pass(2 * MINUTE);
    assert_eq!(account.look(&id).state, ChannelState::Deleted);
    let listed = account.world.list_channels(HOME, account.now, &Page::default()).unwrap();
    assert_eq!(listed.items, []);
    account.pass(4 * HOUR);
    assert_eq!(refusal(account.world.describe_channel(HOME, account.now, &id)).0, 404);
}

// aws-facts 1.2: an update without the input detaches it.
#[test]
fn an_input_left_out_of_an_update_is_detached() {
    let mut account = Account::calm();
    let channel = account.channel();
    let update = UpdateChannel { id: channel.id, attachments: Some(Vec::new()), ..Default::default() };
    account.world.update_channel(HOME, account.now, update).unwrap();
    assert_eq!(account.input_state(&channel.attachments[0].input_id), InputState::Detached);
}

// aws-facts 1.2: a failed pipeline comes back by itself.
#[test]
fn a_failed_pipeline_recovers() {
    let mut account = Account::calm();
    let id = account.running().id;
    account.world.fail_pipeline(HOME, account.now, &id, 0).unwrap();
    assert_eq!(account.look(&id).pipelines, [false, true]);
    account.pass(3 * MINUTE);
    assert!(is(ChannelState::Running)(&account.look(&id)));
}

// aws-facts 1.13: SET and CLEARED are paired by their id.
#[test]
fn a_failed_pipeline_is_an_alert_until_it_is_back() {
    let mut account = Account::calm();
    let id = account.running().id;
    let alerts = |account: &mut Account, filter| {
        let listed = account.world.list_alerts(HOME, account.now, &id, filter, &Page::default()).unwrap();
        listed.items.into_iter().map(|alert| (alert.pipeline, alert.kind)).collect::<Vec<_>>()
    };
    account.world.fail_pipeline(HOME, account.now, &id, 1).unwrap();
    assert_eq!(alerts(&mut account, AlertFilter::Set), [(1, AlertKind::PipelineDown)]);
    account.pass(3 * MINUTE);
    assert_eq!(alerts(&mut account, AlertFilter::Set), []);
    assert_eq!(alerts(&mut account, AlertFilter::Cleared), [(1, AlertKind::PipelineDown)]);
}

/// A running channel with a failover pair, and its inputs; the primary is preferred.
fn pair(account: &mut Account, preference: &str) -> (String, [String; 2]) {
    let inputs = [account.push_input(), account.push_input()].map(|input| (attachment(&input), input.id));
    let settings = json!({"secondaryInputId": inputs[1].1, "inputPreference": preference});
    let doc = json!({"inputAttachments": [
        {"inputId": inputs[0].1, "automaticInputFailoverSettings": settings}, {"inputId": inputs[1].1},
    ]});
    let mut attachments = inputs.clone().map(|(attachment, _)| attachment);
    attachments[1].name = "backup".to_owned();
    let request =
        CreateChannel { attachments: attachments.into(), doc, ..CreateChannel::new("c", ChannelClass::Standard) };
    let id = account.world.create_channel(HOME, account.now, request).unwrap().id;
    account.pass(30_000);
    account.world.start_channel(HOME, account.now, &id).unwrap();
    account.pass(4 * MINUTE);
    (id, inputs.map(|(_, id)| id))
}

// aws-facts 1.8: after 3 s without a picture to the secondary, after 30 s with one back.
#[test]
fn a_pair_fails_over_and_goes_back() {
    let mut account = Account::calm();
    let (id, [primary, secondary]) = pair(&mut account, "PRIMARY_INPUT_PREFERRED");
    let active = |account: &mut Account| account.look(&id).active_attachment().unwrap().input_id.clone();
    account.world.take_events(account.now);
    account.world.set_source(HOME, account.now, &primary, SourceState::Off).unwrap();
    account.pass(2_900);
    assert_eq!(active(&mut account), primary);
    account.pass(200);
    assert_eq!(active(&mut account), secondary);
    let events = account.world.take_events(account.now);
    let changes = events.iter().filter(|it| it.event["detail"]["active_input_attachment_name"] == "backup").count();
    assert_eq!(changes, 2, "one for each pipeline");
    let alerts = account.world.list_alerts(HOME, account.now, &id, AlertFilter::Set, &Page::default()).unwrap();
    assert_eq!(alerts.items, [], "there is a picture");
    account.world.set_source(HOME, account.now, &primary, SourceState::On).unwrap();
    account.pass(29_900);
    assert_eq!(active(&mut account), secondary);
    account.pass(200);
    assert_eq!(active(&mut account), primary);
}

// aws-facts 1.8.
#[test]
fn a_pair_without_preference_stays_where_it_is_and_one_without_pictures_too() {
    let mut account = Account::calm();
    let (id, [primary, secondary]) = pair(&mut account, "EQUAL_INPUT_PREFERENCE");
    let active = |account: &mut Account| account.look(&id).active_attachment().unwrap().input_id.clone();
    let turn = |account: &mut Account, input: &str, state| {
        account.world.set_source(HOME, account.now, input, state).unwrap();
        account.pass(MINUTE);
    };
    turn(&mut account, &primary, SourceState::Off);
    turn(&mut account, &primary, SourceState::On);
    assert_eq!(active(&mut account), secondary);
    turn(&mut account, &secondary, SourceState::Off);
    assert_eq!(active(&mut account), primary, "it is the only one with a picture");
    turn(&mut account, &primary, SourceState::Off);
    assert_eq!(active(&mut account), primary, "the other has none either");
    turn(&mut account, &secondary, SourceState::On);
    assert_eq!(active(&mut account), secondary, "what comes back first is taken");
}

// aws-facts 1.1: dryRun validates without creating.
#[test]
fn a_dry_run_creates_nothing() {
    let mut account = Account::calm();
    let request = CreateChannel { dry_run: true, ..CreateChannel::new("c", ChannelClass::SinglePipeline) };
    account.world.create_channel(HOME, account.now, request).unwrap();
    assert_eq!(account.world.inventory(), []);
}
