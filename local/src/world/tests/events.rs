//! The events that MediaLive emits (aws-facts 1.13).

use serde_json::json;

use super::*;
use crate::world::medialive::SourceState;

// aws-facts 1.13: CREATED, RUNNING and STOPPED once for each pipeline, DELETED; UPDATING is not emitted.
#[test]
fn a_life_emits_the_states_of_events_not_of_the_api() {
    let mut account = Account::calm();
    let id = account.running().id;
    account.world.stop_channel(HOME, account.now, &id).unwrap();
    account.pass(2 * MINUTE);
    account.world.delete_channel(HOME, account.now, &id).unwrap();
    account.pass(2 * MINUTE);
    let expected = [
        "CREATED", "STARTING", "RUNNING", "RUNNING", "STOPPING", "STOPPING", "STOPPED", "STOPPED", "DELETING",
        "DELETED",
    ];
    assert_eq!(account.states(), expected);
}

// aws-facts 1.13: the shape, field by field; the first RUNNING of a STANDARD channel has count 1.
#[test]
fn a_state_change_is_a_whole_envelope() {
    let mut account = Account::calm();
    let channel = account.running();
    let events = account.world.take_events(account.now);
    let running: Vec<_> = events.iter().filter(|it| it.event["detail"]["state"] == "RUNNING").collect();
    let event = &running[0].event;
    assert_eq!(event["version"], "0");
    assert_eq!(event["source"], "aws.medialive");
    assert_eq!(event["detail-type"], "MediaLive Channel State Change");
    assert_eq!(event["account"], "123456789012");
    assert_eq!(event["region"], HOME);
    assert_eq!(event["resources"], json!([channel.arn]));
    assert_eq!(event["time"], rfc3339_secs(running[0].at));
    assert_eq!(event["detail"]["channel_arn"], json!(channel.arn));
    assert_eq!(event["detail"]["pipelines_running_count"], 1);
    assert_eq!(running[1].event["detail"]["pipelines_running_count"], 2);
    let mut pipelines: Vec<_> = running.iter().map(|it| it.event["detail"]["pipeline"].clone()).collect();
    pipelines.sort_by_key(ToString::to_string);
    assert_eq!(pipelines, ["0", "1"]);
    assert_eq!(events[0].event["detail"].get("pipeline"), None, "CREATED carries no pipeline");
}

// aws-facts 5.4: a doubled emission has another id; a late one tells when it happened, not when it came.
#[test]
fn events_come_doubled_and_late() {
    let mut account = Account::with(|it| {
        it.switches.event_duplicate = 1.0;
        it.switches.event_late = 1.0;
    });
    account.channel();
    account.pass(5 * MINUTE);
    let events = account.world.take_events(account.now);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].event["detail"], events[1].event["detail"]);
    assert_ne!(events[0].event["id"], events[1].event["id"]);
    assert!(events.iter().all(|it| rfc3339_secs(it.at).as_str() > it.event["time"].as_str().unwrap()));
    assert_eq!(account.world.next_event(), None);
}

// aws-facts 1.13: best effort; every one of them may be lost.
#[test]
fn events_can_all_be_lost() {
    let mut account = Account::with(|it| it.switches.event_lost = 1.0);
    account.running();
    assert!(account.states().is_empty());
}

// aws-facts 1.13: ids pair SET with CLEARED, one pair for each pipeline.
#[test]
fn a_lost_source_sets_an_alert_and_its_return_clears_it() {
    let mut account = Account::calm();
    let channel = account.running();
    let input = channel.attachments[0].input_id.clone();
    account.states();
    account.world.set_source(HOME, account.now, &input, SourceState::Off).unwrap();
    account.world.set_source(HOME, account.now, &input, SourceState::On).unwrap();
    let events = account.world.take_events(account.now);
    let seen: Vec<_> = events
        .iter()
        .map(|it| {
            assert_eq!(it.event["detail-type"], "MediaLive Channel Alert");
            let detail = &it.event["detail"];
            (detail["pipeline"].clone(), detail["alarm_state"].clone(), detail["alarm_id"].clone())
        })
        .collect();
    let words: Vec<_> = seen.iter().map(|(pipeline, state, _)| (pipeline, state)).collect();
    let (zero, one, set, cleared) = (&json!("0"), &json!("1"), &json!("SET"), &json!("CLEARED"));
    assert_eq!(words, [(zero, set), (one, set), (zero, cleared), (one, cleared)]);
    assert_eq!((&seen[0].2, &seen[1].2), (&seen[2].2, &seen[3].2));
}

// aws-facts 1.13: all alerts clear on stop.
#[test]
fn stopping_clears_the_alerts() {
    let mut account = Account::calm();
    let channel = account.running();
    let input = channel.attachments[0].input_id.clone();
    account.world.set_source(HOME, account.now, &input, SourceState::Off).unwrap();
    account.states();
    account.world.stop_channel(HOME, account.now, &channel.id).unwrap();
    account.pass(2 * MINUTE);
    let events = account.world.take_events(account.now);
    let cleared = events.iter().filter(|it| it.event["detail"]["alarm_state"] == "CLEARED").count();
    assert_eq!(cleared, 2);
}
