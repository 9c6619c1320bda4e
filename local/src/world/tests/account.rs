//! What holds for the whole account: determinism, storage, speed, throttles, quotas by name.

use super::*;

/// A life with everything in it, as text.
fn transcript(seed: u64) -> String {
    let mut account = Account::with(|it| {
        it.seed = seed;
        it.switches.event_duplicate = 0.3;
        it.switches.event_late = 0.3;
    });
    let channel = account.running();
    account.packaging("p");
    account.world.stop_channel(HOME, account.now, &channel.id).unwrap();
    account.pass(5 * MINUTE);
    let events = account.world.take_events(account.now);
    format!("{channel:?} {events:?} {:?}", account.world)
}

#[test]
fn the_same_seed_and_calls_give_the_same_account() {
    assert_eq!(transcript(7), transcript(7));
    assert_ne!(transcript(7), transcript(8));
}

#[test]
fn a_stored_account_goes_on_where_it_stopped() {
    let mut account = Account::calm();
    let id = account.channel().id;
    account.world.start_channel(HOME, account.now, &id).unwrap();
    let stored = serde_json::to_string(&account.world).unwrap();
    let mut restored = Account { world: serde_json::from_str(&stored).unwrap(), now: account.now };
    account.pass(4 * MINUTE);
    restored.pass(4 * MINUTE);
    assert!(is(ChannelState::Running)(&restored.look(&id)));
    assert_eq!(restored.look(&id), account.look(&id));
    assert_eq!(restored.world.take_events(restored.now), account.world.take_events(account.now));
}

// Things happen at their own time, however late somebody looks.
#[test]
fn events_tell_when_things_happened_not_when_somebody_looked() {
    let mut account = Account::calm();
    account.world.create_channel(HOME, START, CreateChannel::new("c", ChannelClass::SinglePipeline)).unwrap();
    account.pass(HOUR);
    let events = account.world.take_events(account.now);
    assert!(events[0].at <= START + 30_000, "{events:?}");
}

// Deterministic also where several things are due at once: in the order in which they began.
#[test]
fn what_is_due_at_the_same_moment_happens_in_the_order_of_its_beginning() {
    let mut account = Account::with(|it| it.switches.durations.channel_create = Span::secs(9, 9));
    let request = CreateChannel::new("c", ChannelClass::SinglePipeline);
    let arns: Vec<String> =
        (0..5).map(|_| account.world.create_channel(HOME, START, request.clone()).unwrap().arn).collect();
    account.pass(MINUTE);
    let events = account.world.take_events(account.now);
    let created: Vec<_> = events.iter().map(|it| it.event["resources"][0].clone()).collect();
    assert_eq!(created, arns);
}

#[test]
fn speed_divides_durations() {
    let mut account = Account::with(|it| it.speed = 60.0);
    let request = CreateChannel::new("c", ChannelClass::SinglePipeline);
    let id = account.world.create_channel(HOME, account.now, request).unwrap().id;
    account.pass(500);
    assert!(is(ChannelState::Idle)(&account.look(&id)));
}

// aws-facts 1.5: 429 TooManyRequestsException; reads and writes apart; tokens come back.
#[test]
fn too_many_writes_are_throttled() {
    let mut account = Account::with(|it| {
        it.switches.throttles = true;
        it.quotas.set("medialive.input-security-groups", 1000).unwrap();
    });
    let create = |account: &mut Account| {
        let request = CreateInputSecurityGroup { cidrs: vec!["192.0.2.1/32".into()], ..Default::default() };
        account.world.create_input_security_group(HOME, account.now, request)
    };
    let refused = (0..100).find_map(|_| create(&mut account).err()).unwrap();
    assert_eq!((refused.status, refused.code.as_str()), (429, "TooManyRequestsException"));
    account.world.list_channels(HOME, account.now, &Page::default()).unwrap();
    account.pass(1_000);
    create(&mut account).unwrap();
}

// aws-facts 3.3, 4: CloudFront's and CloudWatch's throttle is called Throttling.
#[test]
fn each_service_has_its_own_word_for_a_throttle() {
    let mut account = Account::with(|it| it.switches.throttles = true);
    let refused =
        (0..1000).find_map(|_| account.world.list_distributions(account.now, &Page::default()).err()).unwrap();
    assert_eq!((refused.status, refused.code.as_str()), (400, "Throttling"));
}

#[test]
fn an_unknown_quota_is_answered_with_the_known_ones() {
    let error = Quotas::default().set("medialive.chanels", 9).unwrap_err();
    assert!(error.to_string().contains("medialive.channels"), "{error}");
}

#[test]
fn the_inventory_names_everything_that_exists() {
    let mut account = Account::calm();
    account.channel();
    account.packaging("p");
    let endpoint = account.endpoint("p", "e");
    account.world.create_origin_endpoint(HOME, account.now, endpoint).unwrap();
    let kinds: Vec<_> = account.world.inventory().into_iter().map(|it| (it.service, it.kind, it.state)).collect();
    let expected = [
        ("medialive", "inputSecurityGroup", "IN_USE"),
        ("medialive", "input", "ATTACHED"),
        ("medialive", "channel", "IDLE"),
        ("mediapackage", "channel", ""),
        ("mediapackage", "originEndpoint", ""),
    ];
    let expected: Vec<_> = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).into();
    assert_eq!(kinds, expected);
}
