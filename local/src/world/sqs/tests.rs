//! Queue semantics in virtual time.

use std::collections::BTreeMap;

use super::*;
use crate::world::WorldConfig;

const HOME: &str = "eu-west-1";

fn world(attributes: &[(&str, &str)]) -> (World, String) {
    let mut world = World::new(WorldConfig::default());
    let attributes = texts(attributes);
    let url = world.create_queue(HOME, "wake-ups", &attributes, Tags::new(), 0).unwrap();
    (world, url)
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn send(world: &mut World, url: &str, body: &str, delay: i64, now: Ms) {
    let message = Send { body: body.to_owned(), delay_secs: Some(delay), ..Send::default() };
    world.send_message(HOME, url, message, now).unwrap();
}

fn receive(world: &mut World, url: &str, now: Ms) -> Vec<Received> {
    world.receive_messages(HOME, url, Receive { max: 10, visibility_secs: None }, now).unwrap()
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_delayed_message_is_hidden_until_its_delay_is_over() {
    let (mut world, url) = world(&[]);
    send(&mut world, &url, "now", 0, 0);
    send(&mut world, &url, "later", 60, 0);
    assert_eq!(bodies(&receive(&mut world, &url, 0)), ["now"]);
    assert_eq!(bodies(&receive(&mut world, &url, 59_999)), ["now"], "its visibility timeout of 30 s is over");
    assert_eq!(bodies(&receive(&mut world, &url, 60_000)), ["later"]);
}

#[test]
fn the_speed_shortens_delays_but_not_visibility() {
    let (mut world, url) = world(&[]);
    world.speed = 20.0;
    send(&mut world, &url, "a", 60, 0);
    assert!(receive(&mut world, &url, 2_999).is_empty());
    assert_eq!(receive(&mut world, &url, 3_000).len(), 1);
    assert!(receive(&mut world, &url, 32_999).is_empty());
    assert_eq!(receive(&mut world, &url, 33_000).len(), 1);
}

#[test]
fn a_received_message_is_gone_only_when_it_is_deleted() {
    let (mut world, url) = world(&[("VisibilityTimeout", "180")]);
    send(&mut world, &url, "a", 0, 0);
    let first = receive(&mut world, &url, 0).remove(0);
    assert_eq!(first.system["ApproximateReceiveCount"], "1");
    assert!(receive(&mut world, &url, 179_999).is_empty());
    let second = receive(&mut world, &url, 180_000).remove(0);
    assert_eq!(second.system["ApproximateReceiveCount"], "2");
    assert_ne!(first.receipt_handle, second.receipt_handle);
    world.delete_message(HOME, &url, &first.receipt_handle).unwrap();
    assert_eq!(receive(&mut world, &url, 360_000).len(), 1, "an outdated receipt deletes nothing");
    let third = world.queue(HOME, &url).unwrap().depth(360_000);
    assert_eq!(third, Depth { visible: 0, in_flight: 1, delayed: 0 });
}

#[test]
fn a_deleted_message_never_comes_back() {
    let (mut world, url) = world(&[]);
    send(&mut world, &url, "a", 0, 0);
    let message = receive(&mut world, &url, 0).remove(0);
    world.delete_message(HOME, &url, &message.receipt_handle).unwrap();
    world.delete_message(HOME, &url, &message.receipt_handle).unwrap();
    assert!(receive(&mut world, &url, 1_000_000).is_empty());
}

#[test]
fn visibility_can_be_prolonged_and_given_back() {
    let (mut world, url) = world(&[]);
    send(&mut world, &url, "a", 0, 0);
    let handle = receive(&mut world, &url, 0).remove(0).receipt_handle;
    world.change_message_visibility(HOME, &url, &handle, 100, 10_000).unwrap();
    assert!(receive(&mut world, &url, 109_999).is_empty());
    world.change_message_visibility(HOME, &url, &handle, 0, 109_999).unwrap();
    assert_eq!(receive(&mut world, &url, 109_999).len(), 1);
    let error = world.change_message_visibility(HOME, &url, &handle, 0, 109_999).unwrap_err();
    assert_eq!(error.code, "MessageNotInflight");
}

#[test]
fn a_message_received_too_often_goes_to_the_dead_letters() {
    let (mut world, url) = world(&[]);
    let dead = world.create_queue(HOME, "dead", &BTreeMap::new(), Tags::new(), 0).unwrap();
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":2}"#;
    world.queue(HOME, &url).unwrap().settings.apply(&texts(&[("RedrivePolicy", policy)])).unwrap();
    send(&mut world, &url, "poison", 0, 0);
    assert_eq!(receive(&mut world, &url, 0).len(), 1);
    assert_eq!(receive(&mut world, &url, 30_000).len(), 1);
    assert!(receive(&mut world, &url, 60_000).is_empty());
    let buried = receive(&mut world, &dead, 60_000).remove(0);
    assert_eq!(buried.body, "poison");
    assert_eq!(buried.system["DeadLetterQueueSourceArn"], "arn:aws:sqs:eu-west-1:123456789012:wake-ups");
    assert_eq!(world.queue(HOME, &url).unwrap().depth(60_000), Depth::default());
}

#[test]
fn messages_older_than_the_retention_are_dropped() {
    let (mut world, url) = world(&[("MessageRetentionPeriod", "60")]);
    send(&mut world, &url, "old", 0, 0);
    send(&mut world, &url, "young", 0, 30_000);
    assert_eq!(bodies(&receive(&mut world, &url, 60_001)), ["young"]);
}

#[test]
fn a_receive_hands_out_at_most_what_was_asked_for_oldest_first() {
    let (mut world, url) = world(&[]);
    for body in ["a", "b", "c"] {
        send(&mut world, &url, body, 0, 0);
    }
    let two = world.receive_messages(HOME, &url, Receive { max: 2, visibility_secs: Some(0) }, 0).unwrap();
    assert_eq!(bodies(&two), ["a", "b"]);
    assert_eq!(bodies(&receive(&mut world, &url, 1)), ["c", "a", "b"]);
}

#[test]
fn creating_a_queue_again_answers_the_same_url_unless_an_attribute_differs() {
    let (mut world, url) = world(&[("VisibilityTimeout", "180")]);
    let again = world.create_queue(HOME, "wake-ups", &texts(&[("VisibilityTimeout", "180")]), Tags::new(), 1);
    assert_eq!(again.unwrap(), url);
    let other = world.create_queue(HOME, "wake-ups", &texts(&[("VisibilityTimeout", "60")]), Tags::new(), 1);
    assert_eq!(other.unwrap_err().code, "QueueNameExists");
}

#[test]
fn bad_input_is_refused_by_name() {
    let (mut world, url) = world(&[]);
    let mut refused = |message: Send| world.send_message(HOME, &url, message, 0).unwrap_err().code;
    assert_eq!(refused(Send::default()), "MissingParameter");
    let late = Send { body: "a".into(), delay_secs: Some(901), ..Send::default() };
    assert_eq!(refused(late), "InvalidParameterValue");
    let control = Send { body: "\u{1}".into(), ..Send::default() };
    assert_eq!(refused(control), "InvalidMessageContents");
    let elsewhere = Send { body: "a".into(), ..Send::default() };
    let error = world.send_message("us-east-1", &url, elsewhere, 0).unwrap_err();
    assert_eq!(error.code, "QueueDoesNotExist", "a queue exists in one region only");
    let handle = world.delete_message(HOME, &url, "nonsense").unwrap_err();
    assert_eq!(handle.code, "ReceiptHandleIsInvalid");
    let attribute = world.create_queue(HOME, "b", &texts(&[("Visibility", "1")]), Tags::new(), 0).unwrap_err();
    assert_eq!(attribute.code, "InvalidAttributeName");
    let value = world.create_queue(HOME, "b", &texts(&[("VisibilityTimeout", "43201")]), Tags::new(), 0);
    assert_eq!(value.unwrap_err().code, "InvalidAttributeValue");
}

#[test]
fn digests_are_those_that_the_sdks_compute() {
    assert_eq!(md5_hex(b"hello"), "5d41402abc4b2a76b9719d911017c592");
    let attribute =
        MessageAttribute { data_type: "String".into(), string_value: Some("world".into()), binary_value: None };
    let attributes = BTreeMap::from([("hello".to_owned(), attribute)]);
    // The bytes by hand: 5 hello, 6 String, type 1, 5 world.
    let bytes = b"\0\0\0\x05hello\0\0\0\x06String\x01\0\0\0\x05world";
    assert_eq!(md5_of_attributes(&attributes), Some(md5_hex(bytes)));
    assert_eq!(md5_of_attributes(&BTreeMap::new()), None);
}
