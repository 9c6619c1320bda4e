//! Events in, answers out.

use super::{Answer, Event};
use headend_control::api::HttpResponse;
use serde_json::{Value, json};

fn event(more: Value) -> Event {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "POST /platforms/{id}/start",
        "rawPath": "/platforms/p-0123456789ab/start",
        "rawQueryString": "",
        "headers": {"Content-Type": "application/json", "idempotency-key": "k"},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/x"}},
    });
    let fields = more.as_object().cloned().unwrap_or_default();
    event.as_object_mut().unwrap().extend(fields);
    serde_json::from_value(event).unwrap()
}

#[test]
fn header_names_are_in_lower_case_and_missing_parts_are_empty() {
    let request = event(json!({})).into_request().unwrap();
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", &b""[..]));
    assert!(request.query.is_empty() && request.path_parameters.is_empty());
}

#[test]
fn a_base64_body_is_decoded_and_a_broken_one_is_an_error() {
    let good = event(json!({"body": "e30=", "isBase64Encoded": true}));
    assert_eq!(good.into_request().unwrap().body, b"{}");
    assert!(event(json!({"body": "%", "isBase64Encoded": true})).into_request().is_err());
}

#[test]
fn the_name_of_a_stage_is_no_part_of_the_path() {
    let context = json!({"stage": "v1", "http": {"method": "GET"}});
    let named = event(json!({"rawPath": "/v1/platforms", "requestContext": context}));
    assert_eq!(named.into_request().unwrap().path, "/platforms");
    assert_eq!(event(json!({})).into_request().unwrap().path, "/platforms/p-0123456789ab/start");
}

#[test]
fn an_answer_keeps_every_value_of_a_header() {
    let response = HttpResponse { status: 405, headers: Vec::new(), body: "x".to_owned() };
    let answer = Answer::from(response.with_header("allow", "GET").with_header("allow", "POST"));
    let expected = json!({"statusCode": 405, "headers": {"allow": "GET, POST"}, "body": "x", "isBase64Encoded": false});
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
}
