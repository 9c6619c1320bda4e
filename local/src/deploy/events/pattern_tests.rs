//! The matcher as a table of patterns, events and answers.

use serde_json::{Value, json};

use super::pattern::Pattern;

fn event() -> Value {
    json!({
        "source": "aws.medialive",
        "detail-type": "MediaLive Channel State Change",
        "resources": ["arn:aws:medialive:eu-west-1:123456789012:channel:1", "arn:b"],
        "detail": {"state": "RUNNING", "pipeline": "0", "pipelines_running_count": 1, "message": null,
                   "outputs": [{"name": "hls", "errors": 0}, {"name": "dash", "errors": 4}]},
    })
}

#[track_caller]
fn check(pattern: Value, matches: bool) {
    let read = Pattern::read(&pattern).unwrap();
    assert_eq!(read.matches(&event()), matches, "{pattern}");
}

#[track_caller]
fn refused(pattern: Value, words: &str) {
    let error = Pattern::read(&pattern).unwrap_err().to_string();
    assert!(error.contains(words), "{error:?} does not say {words:?}");
}

#[test]
fn exact_values() {
    check(json!({"source": ["aws.medialive"]}), true);
    check(json!({"source": ["aws.other", "aws.medialive"]}), true);
    check(json!({"source": ["aws.MediaLive"]}), false);
    check(json!({"source": ["aws.medialive"], "detail-type": ["other"]}), false);
    check(json!({"detail": {"pipelines_running_count": [1.0]}}), true);
    check(json!({"detail": {"pipelines_running_count": ["1"]}}), false);
    check(json!({"detail": {"message": [null]}}), true);
    check(json!({"detail": {"nothing": [null]}}), false);
    check(json!({"resources": ["arn:b"]}), true);
    check(json!({"resources": ["arn:c"]}), false);
}

#[test]
fn texts() {
    check(json!({"source": [{"prefix": "aws."}]}), true);
    check(json!({"source": [{"prefix": "AWS."}]}), false);
    check(json!({"source": [{"prefix": {"equals-ignore-case": "AWS."}}]}), true);
    check(json!({"detail-type": [{"suffix": "State Change"}]}), true);
    check(json!({"detail-type": [{"suffix": "Alert"}]}), false);
    check(json!({"detail": {"state": [{"equals-ignore-case": "running"}]}}), true);
    check(json!({"resources": [{"wildcard": "arn:aws:medialive:*:channel:*"}]}), true);
    check(json!({"resources": [{"wildcard": "arn:aws:medialive:*:input:*"}]}), false);
    check(json!({"source": [{"wildcard": "aws.media"}]}), false);
    check(json!({"detail": {"pipelines_running_count": [{"prefix": "1"}]}}), false);
}

#[test]
fn anything_but() {
    check(json!({"detail": {"state": [{"anything-but": "STOPPED"}]}}), true);
    check(json!({"detail": {"state": [{"anything-but": ["STOPPED", "RUNNING"]}]}}), false);
    check(json!({"detail": {"state": [{"anything-but": {"prefix": "RUN"}}]}}), false);
    check(json!({"detail": {"state": [{"anything-but": {"suffix": ["X", "Y"]}}]}}), true);
    check(json!({"detail": {"pipelines_running_count": [{"anything-but": [1]}]}}), false);
    check(json!({"detail": {"nothing": [{"anything-but": "x"}]}}), false);
}

#[test]
fn exists() {
    check(json!({"detail": {"pipeline": [{"exists": true}]}}), true);
    check(json!({"detail": {"pipeline": [{"exists": false}]}}), false);
    check(json!({"detail": {"nothing": [{"exists": false}]}}), true);
    check(json!({"nothing": {"inside": [{"exists": false}]}}), true);
    check(json!({"detail": [{"exists": true}]}), false);
}

#[test]
fn numbers() {
    check(json!({"detail": {"pipelines_running_count": [{"numeric": [">", 0, "<=", 2]}]}}), true);
    check(json!({"detail": {"pipelines_running_count": [{"numeric": [">", 1]}]}}), false);
    check(json!({"detail": {"pipelines_running_count": [{"numeric": ["=", 1]}]}}), true);
    check(json!({"detail": {"state": [{"numeric": [">=", 0]}]}}), false);
}

#[test]
fn nested_lists_and_alternatives() {
    check(json!({"detail": {"outputs": {"name": ["dash"]}}}), true);
    check(json!({"detail": {"outputs": {"errors": [{"numeric": [">", 9]}]}}}), false);
    check(json!({"$or": [{"source": ["x"]}, {"detail": {"state": ["RUNNING"]}}]}), true);
    check(json!({"source": ["x"], "$or": [{"detail": {"state": ["RUNNING"]}}]}), false);
    check(json!({"detail": {"$or": [{"state": ["STOPPED"]}, {"pipeline": ["1"]}]}}), false);
}

#[test]
fn what_eventbridge_refuses_is_refused() {
    refused(json!({}), "empty");
    refused(json!({"source": "aws.medialive"}), "$.source: values stand in a list");
    refused(json!({"source": []}), "$.source: a list must not be empty");
    refused(
        json!({"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}),
        "$.detail.ip: the local cloud does not know the operator cidr",
    );
    refused(json!({"a": [{"exists": "yes"}]}), "true or false");
    refused(json!({"a": [{"numeric": ["!", 1]}]}), "pairs of a comparison");
    refused(json!({"a": [{"prefix": "a", "suffix": "b"}]}), "one member");
    refused(json!({"$or": []}), "$or takes");
}
