//! Input security groups and inputs.

use super::*;
use crate::world::medialive::{GroupState, InputSource, SourceState, UpdateInput, UpdateInputSecurityGroup};

// aws-facts 1.5: CreateInputSecurityGroup has no token, so twice is two.
#[test]
fn two_calls_make_two_groups() {
    let mut account = Account::calm();
    assert_ne!(account.group(), account.group());
}

// aws-facts 1.8: a group without any rule is refused.
#[test]
fn a_group_needs_a_rule() {
    let mut account = Account::calm();
    let empty = CreateInputSecurityGroup::default();
    let refused = account.world.create_input_security_group(HOME, account.now, empty);
    assert_eq!(refusal(refused), (400, "BadRequestException".into()));
}

// aws-facts 1.2: the allow-list of a group in use can change; while UPDATING a second change conflicts.
#[test]
fn a_group_in_use_is_updated_one_change_at_a_time() {
    let mut account = Account::calm();
    let group = account.push_input().security_groups[0].clone();
    let update = UpdateInputSecurityGroup { id: group.clone(), cidrs: Some(vec!["203.0.113.0/24".into()]), tags: None };
    account.world.update_input_security_group(HOME, account.now, update.clone()).unwrap();
    let second = account.world.update_input_security_group(HOME, account.now, update);
    assert_eq!(refusal(second), conflict());
    account.pass(3_000);
    let group = account.world.describe_input_security_group(HOME, account.now, &group).unwrap();
    assert_eq!((group.state, group.cidrs), (GroupState::InUse, vec!["203.0.113.0/24".to_owned()]));
}

// aws-facts 1.5: five groups and five push inputs in a region.
#[test]
fn the_sixth_push_input_meets_the_quota() {
    let mut account = Account::with(|it| it.quotas.set("medialive.input-security-groups", 9).unwrap());
    (0..5).for_each(|_| drop(account.push_input()));
    let request =
        CreateInput { security_groups: vec![account.group()], ..CreateInput::new("sixth", InputType::RtpPush) };
    let error = account.world.create_input(HOME, account.now, request.clone()).unwrap_err();
    assert!(error.message.contains("medialive.push-inputs"), "{error}");
    account.world.quotas.set("medialive.push-inputs", 6).unwrap();
    account.world.create_input(HOME, account.now, request).unwrap();
}

// aws-facts 1.8: a push input listens on two different addresses when it is STANDARD.
#[test]
fn an_rtmp_input_has_an_address_for_each_stream_name() {
    let mut account = Account::calm();
    let input = account.push_input();
    assert_eq!(input.class, ChannelClass::Standard);
    let [a, b] = &input.destinations[..] else { panic!("{:?}", input.destinations) };
    assert_eq!(a.url, format!("rtmp://{}:1935/live/a", a.ip));
    assert_eq!(b.url, format!("rtmp://{}:1935/live/b", b.ip));
    assert_ne!(a.ip, b.ip);
}

// aws-facts 1.6: RTP push is always STANDARD; pull inputs follow the number of sources.
#[test]
fn the_class_of_an_input_is_derived() {
    let mut account = Account::calm();
    let group = account.group();
    let rtp = CreateInput { security_groups: vec![group], ..CreateInput::new("r", InputType::RtpPush) };
    assert_eq!(account.input(rtp).class, ChannelClass::Standard);
    let source =
        |n: u8| InputSource { url: format!("https://198.51.100.{n}/a.m3u8"), username: None, password_param: None };
    let pull = |sources| CreateInput { sources, ..CreateInput::new("p", InputType::UrlPull) };
    assert_eq!(account.input(pull(vec![source(1)])).class, ChannelClass::SinglePipeline);
    assert_eq!(account.input(pull(vec![source(1), source(2)])).class, ChannelClass::Standard);
}

// aws-facts 1.2: an input is edited while detached or while its channel is IDLE; its addresses stay.
#[test]
fn an_input_of_a_running_channel_cannot_be_edited() {
    let mut account = Account::calm();
    let channel = account.channel();
    let id = channel.attachments[0].input_id.clone();
    let before = account.world.describe_input(HOME, account.now, &id).unwrap();
    let rename = UpdateInput { id: id.clone(), name: Some("n".into()), ..Default::default() };
    let after = account.world.update_input(HOME, account.now, rename.clone()).unwrap();
    assert_eq!((after.name.as_str(), &after.destinations), ("n", &before.destinations));
    account.world.start_channel(HOME, account.now, &channel.id).unwrap();
    assert_eq!(refusal(account.world.update_input(HOME, account.now, rename)), conflict());
}

// aws-facts 1.2: editing an input to another group frees the first one, seconds later.
#[test]
fn a_group_that_an_input_leaves_becomes_idle() {
    let mut account = Account::calm();
    let input = account.push_input();
    let other = account.group();
    let update = UpdateInput { id: input.id, security_groups: Some(vec![other]), ..Default::default() };
    account.world.update_input(HOME, account.now, update).unwrap();
    account.pass(15_000);
    account.world.delete_input_security_group(HOME, account.now, &input.security_groups[0]).unwrap();
}

// A group released a moment ago and used again must not fall back to IDLE.
#[test]
fn a_group_used_again_during_its_release_stays_in_use() {
    let mut account = Account::calm();
    let input = account.push_input();
    let group = input.security_groups[0].clone();
    account.world.delete_input(HOME, account.now, &input.id).unwrap();
    while account.input_state(&input.id) != InputState::Deleted {
        account.pass(100);
    }
    let again = CreateInput { security_groups: vec![group.clone()], ..CreateInput::new("again", InputType::RtpPush) };
    account.world.create_input(HOME, account.now, again).unwrap();
    account.pass(MINUTE);
    let group = account.world.describe_input_security_group(HOME, account.now, &group).unwrap();
    assert_eq!(group.state, GroupState::InUse);
}

// aws-facts 1.1: lists are paged by maxResults and nextToken.
#[test]
fn pages_together_hold_everything_once() {
    let mut account = Account::with(|it| it.quotas.set("medialive.input-security-groups", 50).unwrap());
    let mut made: Vec<String> = (0..7).map(|_| account.group()).collect();
    let mut page = Page { max_results: Some(3), next_token: None };
    let mut seen = Vec::new();
    loop {
        let part = account.world.list_input_security_groups(HOME, account.now, &page).unwrap();
        assert!(part.items.len() <= 3);
        seen.extend(part.items.into_iter().map(|group| group.id));
        page.next_token = part.next_token;
        if page.next_token.is_none() {
            break;
        }
    }
    made.sort();
    assert_eq!(seen, made);
    page.next_token = Some("nonsense".into());
    let refused = account.world.list_input_security_groups(HOME, account.now, &page);
    assert_eq!(refusal(refused).0, 400);
}

// aws-facts 1.1: tags by ARN; unknown ARNs are 404.
#[test]
fn tags_are_added_and_taken_off_by_arn() {
    let mut account = Account::calm();
    let input = account.push_input();
    let tags = Tags::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
    account.world.create_medialive_tags(HOME, account.now, &input.arn, tags).unwrap();
    account.world.delete_medialive_tags(HOME, account.now, &input.arn, &["a".into()]).unwrap();
    let tags = account.world.list_medialive_tags(HOME, account.now, &input.arn).unwrap();
    assert_eq!(tags, Tags::from([("b".into(), "2".into())]));
    let unknown = format!("{}9", input.arn);
    assert_eq!(refusal(account.world.list_medialive_tags(HOME, account.now, &unknown)).0, 404);
}

#[test]
fn a_source_of_an_unknown_input_cannot_be_set() {
    let mut account = Account::calm();
    let refused = account.world.set_source(HOME, account.now, "1", SourceState::Off);
    assert_eq!(refusal(refused).0, 404);
}
