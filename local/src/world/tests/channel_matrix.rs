//! Every state of a channel against every call (aws-facts 1.2).

use super::*;
use crate::world::medialive::UpdateChannel;

const STATES: [ChannelState; 11] = [
    ChannelState::Creating,
    ChannelState::CreateFailed,
    ChannelState::Idle,
    ChannelState::Starting,
    ChannelState::Running,
    ChannelState::Recovering,
    ChannelState::Stopping,
    ChannelState::Deleting,
    ChannelState::Deleted,
    ChannelState::Updating,
    ChannelState::UpdateFailed,
];

/// A channel that has come to `state` by calls and time alone.
fn bring_to(state: ChannelState) -> (Account, String) {
    let mut account = Account::with(|config| {
        let always = |wanted| if state == wanted { 1.0 } else { 0.0 };
        config.switches.channel_create_fails = always(ChannelState::CreateFailed);
        config.switches.channel_update_fails = always(ChannelState::UpdateFailed);
        config.switches.stop_idle_is_ok = false;
    });
    let input = account.push_input();
    let request =
        CreateChannel { attachments: vec![attachment(&input)], ..CreateChannel::new("c", ChannelClass::Standard) };
    let id = account.world.create_channel(HOME, account.now, request).unwrap().id;
    if state != ChannelState::Creating {
        account.pass(MINUTE);
    }
    walk_from_idle(&mut account, &id, state);
    assert!(is(state)(&account.look(&id)), "did not get to {state:?}");
    (account, id)
}

fn walk_from_idle(account: &mut Account, id: &str, state: ChannelState) {
    let now = account.now;
    let world = &mut account.world;
    match state {
        ChannelState::Creating | ChannelState::CreateFailed | ChannelState::Idle => {}
        ChannelState::Starting => drop(world.start_channel(HOME, now, id).unwrap()),
        ChannelState::Running | ChannelState::Recovering | ChannelState::Stopping => {
            world.start_channel(HOME, now, id).unwrap();
            account.pass(4 * MINUTE);
            let now = account.now;
            if state == ChannelState::Recovering {
                account.world.fail_pipeline(HOME, now, id, 1).unwrap();
            } else if state == ChannelState::Stopping {
                account.world.stop_channel(HOME, now, id).unwrap();
            }
        }
        ChannelState::Deleting => drop(world.delete_channel(HOME, now, id).unwrap()),
        ChannelState::Deleted => {
            world.delete_channel(HOME, now, id).unwrap();
            account.pass(3 * MINUTE);
        }
        ChannelState::Updating => drop(world.update_channel(HOME, now, rename(id)).unwrap()),
        ChannelState::UpdateFailed => {
            world.update_channel(HOME, now, rename(id)).unwrap();
            account.pass(MINUTE);
        }
    }
}

fn rename(id: &str) -> UpdateChannel {
    UpdateChannel { id: id.into(), name: Some("renamed".into()), ..Default::default() }
}

/// Runs `call` in every state: allowed exactly in `allowed`, 409 in the others.
fn check(
    allowed: &[ChannelState],
    call: impl Fn(&mut World, Ms, &str) -> Result<Channel, AwsError>,
    leads_to: ChannelState,
) {
    for state in STATES {
        let (mut account, id) = bring_to(state);
        let now = account.now;
        let answer = call(&mut account.world, now, &id);
        if allowed.contains(&state) {
            assert_eq!(answer.unwrap().state, leads_to, "from {state:?}");
            continue;
        }
        let error = answer.expect_err(&format!("allowed in {state:?}"));
        let gone = state == ChannelState::Deleted;
        assert!(error.status == 409 || gone && error.status == 404, "{state:?}: {error}");
        assert_eq!(account.look(&id).state, state, "a refused call changes nothing");
    }
}

#[test]
fn a_channel_starts_only_from_idle() {
    let call = |world: &mut World, now, id: &str| world.start_channel(HOME, now, id);
    check(&[ChannelState::Idle], call, ChannelState::Starting);
}

#[test]
fn a_channel_stops_from_starting_running_and_recovering() {
    let call = |world: &mut World, now, id: &str| world.stop_channel(HOME, now, id);
    let allowed = [ChannelState::Starting, ChannelState::Running, ChannelState::Recovering];
    check(&allowed, call, ChannelState::Stopping);
}

#[test]
fn a_channel_is_updated_only_idle_or_after_a_failed_update() {
    let call = |world: &mut World, now, id: &str| world.update_channel(HOME, now, rename(id));
    check(&[ChannelState::Idle, ChannelState::UpdateFailed], call, ChannelState::Updating);
}

#[test]
fn a_channel_is_deleted_only_at_rest() {
    let call = |world: &mut World, now, id: &str| world.delete_channel(HOME, now, id);
    let allowed = [ChannelState::Idle, ChannelState::CreateFailed, ChannelState::UpdateFailed];
    check(&allowed, call, ChannelState::Deleting);
}

// aws-facts 1.2: not verified on AWS, hence a switch; this is its other position.
#[test]
fn stopping_an_idle_channel_does_nothing_by_default() {
    let mut account = Account::calm();
    let id = account.channel().id;
    let channel = account.world.stop_channel(HOME, account.now, &id).unwrap();
    assert_eq!(channel.state, ChannelState::Idle);
}
