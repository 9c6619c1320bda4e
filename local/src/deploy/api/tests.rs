//! Routing as a table, and the payload's two directions.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::http::Request;
use serde_json::{Value, json};

use super::payload::{ApiIdentity, Call, event, response};
use super::route::{RouteError, Routes};

const ROUTES: &[(Option<&str>, Option<&str>, &str)] = &[
    (Some("POST"), Some("/platforms"), "create-platform"),
    (Some("GET"), Some("/platforms"), "list"),
    (Some("GET"), Some("/platforms/{id}"), "describe"),
    (Some("GET"), Some("/platforms/example"), "example"),
    (Some("POST"), Some("/platforms/{id}/start"), "start"),
    (Some("ANY"), Some("/platforms/{id}/start"), "any-start"),
    (Some("GET"), Some("/files/{path+}"), "files"),
    (None, None, "rest"),
];

fn routes() -> Routes {
    let mut routes = Routes::default();
    for (method, path, function) in ROUTES {
        routes.add(*method, *path, function).unwrap();
    }
    routes
}

#[track_caller]
fn check(request: &str, expected: &str) {
    let (method, path) = request.split_once(' ').unwrap();
    let routes = routes();
    let found = routes.find(method, path).unwrap();
    let parameters = found.parameters.iter().map(|(name, value)| format!(" {name}={value}")).collect::<String>();
    assert_eq!(format!("{}{parameters}", found.route.function), expected, "{request}");
}

#[test]
fn the_most_specific_route_wins() {
    check("POST /platforms", "create-platform");
    check("GET /platforms", "list");
    check("GET /platforms/p1", "describe id=p1");
    check("GET /platforms/example", "example");
    check("POST /platforms/p1/start", "start id=p1");
    check("PUT /platforms/p1/start", "any-start id=p1");
    check("GET /platforms/a%2Fb%20c", "describe id=a/b c");
    check("GET /files/a/b/c", "files path=a/b/c");
}

#[test]
fn everything_else_goes_to_the_default_route() {
    check("DELETE /platforms", "rest");
    check("GET /platforms/", "rest");
    check("GET /platforms/p1/", "rest");
    check("GET /platforms/p1/unknown", "rest");
    check("GET /", "rest");
    check("GET /files/", "rest");
}

#[test]
fn without_a_default_route_nothing_is_found() {
    let mut routes = Routes::default();
    routes.add(Some("GET"), Some("/a"), "a").unwrap();
    assert_eq!(routes.find("POST", "/a"), None);
}

#[test]
fn routes_that_cannot_be_are_refused() {
    let mut routes = routes();
    let twice = routes.add(Some("get"), Some("/platforms"), "x");
    assert_eq!(twice, Err(RouteError::Twice("GET /platforms".into())));
    assert_eq!(routes.add(Some("FETCH"), Some("/x"), "x"), Err(RouteError::Method("FETCH".into())));
    assert_eq!(routes.add(Some("GET"), Some("x"), "x"), Err(RouteError::Path("x".into())));
    assert_eq!(routes.add(Some("GET"), Some("/{a+}/b"), "x"), Err(RouteError::Path("/{a+}/b".into())));
}

fn event_of(request: Request<()>, body: &[u8]) -> Value {
    let routes = routes();
    let (parts, ()) = request.into_parts();
    let found = routes.find(parts.method.as_str(), parts.uri.path()).unwrap();
    let api = ApiIdentity { api_id: "abc".into(), account: "123456789012".into(), region: "eu-west-1".into() };
    let call = Call { request_id: "r1", source_ip: "127.0.0.1", port: 8080, epoch_ms: 1_773_342_238_000, caller: None };
    event(&api, &found, &parts, body, &call)
}

#[test]
fn an_event_has_the_shape_of_payload_format_2() {
    let request = Request::builder()
        .method("POST")
        .uri("/platforms/p%201/start?a=1&a=2&b=x%20y")
        .header("Content-Type", "application/json; charset=utf-8")
        .header("X-Two", "1")
        .header("X-Two", "2")
        .header("Cookie", "k=v; l=w")
        .header("User-Agent", "curl/8")
        .body(())
        .unwrap();
    let event = event_of(request, b"{\"name\":1}");
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /platforms/{id}/start");
    assert_eq!(event["rawPath"], "/platforms/p 1/start");
    assert_eq!(event["rawQueryString"], "a=1&a=2&b=x%20y");
    assert_eq!(event["queryStringParameters"], json!({"a": "1,2", "b": "x y"}));
    assert_eq!(event["pathParameters"], json!({"id": "p 1"}));
    assert_eq!(event["headers"]["x-two"], "1,2");
    assert_eq!(event["headers"]["x-forwarded-proto"], "http");
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["cookies"], json!(["k=v", "l=w"]));
    assert_eq!(event["body"], "{\"name\":1}");
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["time"], "12/Mar/2026:19:03:58 +0000");
    assert_eq!(context["timeEpoch"], 1_773_342_238_000_i64);
    assert_eq!(context["accountId"], "123456789012");
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["userAgent"], "curl/8");
}

#[test]
fn a_body_that_is_not_text_comes_in_base64() {
    let form = Request::post("/platforms").header("content-type", "application/x-www-form-urlencoded");
    let event = event_of(form.body(()).unwrap(), b"a=1");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("YT0x"), &json!(true)));
    let broken = Request::post("/platforms").header("content-type", "application/json").body(()).unwrap();
    let event = event_of(broken, b"\xff\xfe");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("//4="), &json!(true)));
    let empty = event_of(Request::post("/platforms").body(()).unwrap(), b"");
    assert_eq!(empty.get("body"), None);
    assert_eq!(empty.get("queryStringParameters"), None);
}

async fn sent(answer: &Value) -> Option<(u16, BTreeMap<String, String>, String)> {
    let response = response(answer.to_string().as_bytes())?;
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Some((parts.status.as_u16(), headers, String::from_utf8(body.to_vec()).unwrap()))
}

#[tokio::test]
async fn an_answer_becomes_a_response() {
    let answer = json!({
        "statusCode": 202,
        "headers": {"Location": "/platforms/p1", "Content-Type": "application/json"},
        "multiValueHeaders": {},
        "cookies": ["a=b"],
        "body": "{}",
        "isBase64Encoded": false,
    });
    let (status, headers, body) = sent(&answer).await.unwrap();
    assert_eq!((status, body.as_str()), (202, "{}"));
    assert_eq!(headers["location"], "/platforms/p1");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["set-cookie"], "a=b");
    let (_, headers, body) = sent(&json!({"statusCode": 200, "body": "YT0x", "isBase64Encoded": true})).await.unwrap();
    assert_eq!(body, "a=1");
    assert_eq!(headers["content-type"], "text/plain;charset=UTF-8");
}

#[tokio::test]
async fn an_answer_without_a_status_is_the_body_of_a_200() {
    let (status, headers, body) = sent(&json!({"a": 1})).await.unwrap();
    assert_eq!((status, body.as_str()), (200, "{\"a\":1}"));
    assert_eq!(headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_answer_that_is_no_response_is_recognised() {
    assert_eq!(sent(&json!({"statusCode": 99_999})).await, None);
    assert_eq!(sent(&json!({"statusCode": 200, "headers": {"bad name": "x"}})).await, None);
    assert!(response(b"not json").is_none());
}
