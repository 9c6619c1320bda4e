//! SQS standard queues.

use serde_json::{Value, json};

use super::bench::Bench;
use super::{Behaviour, behaviour};

const SEND: &str = "sqs:SendMessage";
const RECEIVE: &str = "sqs:ReceiveMessage";
const CREATE: &str = "sqs:CreateQueue";
const INVALID: &str = "InvalidParameterValue";

fn queue(b: &Bench, attributes: Value) -> Value {
    b.ok(CREATE, &json!({"QueueName": "q", "Attributes": attributes}))["QueueUrl"].clone()
}

fn send(b: &Bench, url: &Value, delay: i64) {
    b.ok(SEND, &json!({"QueueUrl": url, "MessageBody": "m", "DelaySeconds": delay}));
}

/// The messages that can be received now.
fn receive(b: &Bench, url: &Value) -> Vec<Value> {
    let answer = b.ok(RECEIVE, &json!({"QueueUrl": url, "MaxNumberOfMessages": 10}));
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 5.4b", "a message is delayed by fifteen minutes at most", |b| {
        let url = queue(b, json!({}));
        let late = json!({"QueueUrl": url, "MessageBody": "m", "DelaySeconds": 901});
        b.bad(SEND, &late, 400, INVALID, "900");
        send(b, &url, 900);
        b.pass(899);
        assert!(receive(b, &url).is_empty());
        b.pass(1);
        assert_eq!(receive(b, &url).len(), 1);
    }),
    behaviour(
        "aws-facts 5.4b",
        "a received message is hidden for its visibility timeout, thirty seconds by default",
        |b| {
            let url = queue(b, json!({}));
            send(b, &url, 0);
            assert_eq!(receive(b, &url).len(), 1);
            b.pass(29);
            assert!(receive(b, &url).is_empty());
            b.pass(1);
            assert_eq!(receive(b, &url).len(), 1);
        },
    ),
    behaviour("aws-facts 5.4b", "a visibility timeout has twelve hours at most", |b| {
        let url = queue(b, json!({"VisibilityTimeout": "43200"}));
        let long = json!({"QueueUrl": url, "VisibilityTimeout": 43_201});
        b.bad(RECEIVE, &long, 400, INVALID, "43200");
        let other = json!({"QueueName": "r", "Attributes": {"VisibilityTimeout": "43201"}});
        b.bad(CREATE, &other, 400, "InvalidAttributeValue", "");
    }),
    behaviour("aws-facts 5.4b", "a message received too often goes to the dead letters", |b| {
        let dead = b.ok(CREATE, &json!({"QueueName": "dead"}))["QueueUrl"].clone();
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":2}"#;
        let url = queue(b, json!({"RedrivePolicy": policy}));
        send(b, &url, 0);
        for _ in 0..2 {
            assert_eq!(receive(b, &url).len(), 1);
            b.pass(30);
        }
        assert!(receive(b, &url).is_empty());
        assert_eq!(receive(b, &dead).len(), 1);
    }),
    behaviour("aws-facts 5.4b", "a redrive policy counts from one", |b| {
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":0}"#;
        let request = json!({"QueueName": "q", "Attributes": {"RedrivePolicy": policy}});
        b.bad(CREATE, &request, 400, INVALID, "maxReceiveCount");
    }),
    behaviour("aws-facts 5.4b", "a deleted message never comes back, and deleting it twice is no error", |b| {
        let url = queue(b, json!({}));
        send(b, &url, 0);
        let handle = receive(b, &url)[0]["ReceiptHandle"].clone();
        for _ in 0..2 {
            b.ok("sqs:DeleteMessage", &json!({"QueueUrl": url, "ReceiptHandle": handle}));
        }
        b.pass(60);
        assert!(receive(b, &url).is_empty());
    }),
    behaviour("aws-facts 5.4b", "one receive hands out ten messages at most", |b| {
        let url = queue(b, json!({}));
        b.bad(RECEIVE, &json!({"QueueUrl": url, "MaxNumberOfMessages": 11}), 400, INVALID, "");
        (0..11).for_each(|_| send(b, &url, 0));
        assert_eq!(receive(b, &url).len(), 10);
    }),
    behaviour("aws-facts 5.4b", "messages are kept for a minute at least and fourteen days at most", |b| {
        for wrong in ["59", "1209601"] {
            let request = json!({"QueueName": "q", "Attributes": {"MessageRetentionPeriod": wrong}});
            b.bad(CREATE, &request, 400, "InvalidAttributeValue", "");
        }
        let url = queue(b, json!({"MessageRetentionPeriod": "60"}));
        send(b, &url, 0);
        b.pass(61);
        assert!(receive(b, &url).is_empty());
    }),
    behaviour("aws-facts 5.4b", "an unknown queue is named by its error", |b| {
        b.bad(SEND, &json!({"QueueUrl": "https://x/q", "MessageBody": "m"}), 400, "QueueDoesNotExist", "");
    }),
    behaviour("aws-facts 5.4b", "a queue made again with the same attributes is the same", |b| {
        let url = queue(b, json!({"VisibilityTimeout": "180"}));
        assert_eq!(queue(b, json!({"VisibilityTimeout": "180"})), url);
        let other = json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "60"}});
        b.bad(CREATE, &other, 400, "QueueNameExists", "");
    }),
];
