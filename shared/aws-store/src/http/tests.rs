//! Events in, answers out: as JSON, through `lambda_http`, the way Lambda sees a function.

use super::{request, response};
use futures::executor::block_on;
use headend_control::api::{HttpRequest, HttpResponse};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, Error, LambdaEvent, Request, Response, Service, service_fn};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn event(more: Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "POST /platforms/{id}/start",
        "rawPath": "/platforms/p-0123456789ab/start",
        "rawQueryString": "",
        "headers": {"Content-Type": "application/json", "idempotency-key": "k", "host": "api.example.com"},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/x"}},
    });
    event.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    event
}

/// Serves one event; the service that `lambda_http::run` would serve all events with.
fn serve(event: &Value, handler: impl Fn(&HttpRequest) -> HttpResponse + Sync) -> Result<Value, Error> {
    let handler = &handler;
    let served = service_fn(|event: Request| async move {
        let request = request(&event);
        response(&request, handler(&request))
    });
    let payload: LambdaRequest = serde_json::from_str(&event.to_string())?;
    let mut adapter: Adapter<'_, Response<String>, _> = served.into();
    let answer = block_on(adapter.call(LambdaEvent::new(payload, Context::default())))?;
    Ok(serde_json::to_value(answer)?)
}

fn ok() -> HttpResponse {
    HttpResponse::json(200, &json!({}))
}

/// What a handler is asked.
fn asked(more: Value) -> HttpRequest {
    let (sender, receiver) = std::sync::mpsc::channel();
    serve(&event(more), |request| {
        sender.send(request.clone()).unwrap();
        ok()
    })
    .unwrap();
    receiver.recv().unwrap()
}

fn answered(response: &HttpResponse) -> Result<Value, Error> {
    serve(&event(json!({})), |_| response.clone())
}

#[test]
fn header_names_are_in_lower_case_and_missing_parts_are_empty() {
    let request = asked(json!({}));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", &b""[..]));
    assert!(request.query.is_empty() && request.path_parameters.is_empty());
}

#[test]
fn text_in_any_script_comes_through() {
    let request = asked(json!({"headers": {"if-match": "\"Première\""}, "body": "{\"name\": \"Первый\"}"}));
    assert_eq!(request.header("if-match"), Some("\"Première\""));
    assert_eq!(request.body, "{\"name\": \"Первый\"}".as_bytes());
}

#[test]
fn claims_come_from_the_jwt_authorizer_and_from_nowhere_else() {
    let context = |authorizer: Value| {
        let context = json!({"stage": "$default", "http": {"method": "GET"}, "authorizer": authorizer});
        asked(json!({"requestContext": context, "headers": {"claims": "{\"sub\": \"eve\"}"}})).claims
    };
    let claims = json!({"sub": "s-1", "cognito:groups": "[tenant:acme editors]", "exp": "1768381200"});
    let jwt = context(json!({"jwt": {"claims": claims, "scopes": ["platforms/read"]}})).unwrap();
    assert_eq!(json!(jwt), claims);
    assert_eq!(context(json!({"jwt": {"claims": {"sub": "s-1"}, "scopes": null}})).unwrap()["sub"], "s-1");
    assert_eq!(context(json!({"jwt": {"claims": null}})), Some(std::collections::BTreeMap::new()));
    for other in [json!({}), json!({"iam": {"userId": "u"}}), json!({"lambda": {"sub": "eve"}})] {
        assert_eq!(context(other.clone()), None, "{other}");
    }
    assert_eq!(asked(json!({})).claims, None);
}

#[test]
fn a_base64_body_is_decoded_and_with_a_broken_one_no_handler_is_asked() {
    assert_eq!(asked(json!({"body": "e30=", "isBase64Encoded": true})).body, b"{}");
    let broken = event(json!({"body": "%", "isBase64Encoded": true}));
    let unasked = |_: &HttpRequest| unreachable!("a handler was asked");
    // `lambda_http` panics; the runtime answers the invocation with an error and goes on.
    let panic = catch_unwind(AssertUnwindSafe(|| serve(&broken, unasked))).unwrap_err();
    let words = panic.downcast_ref::<String>().unwrap();
    assert!(words.contains("base64"), "{words}");
}

#[test]
fn parameters_of_the_path_and_of_the_query_are_decoded_and_repeated_ones_joined() {
    let request = asked(json!({
        "rawQueryString": "phase=Live&limit=5&name=a%20b+c&phase=Ready&flag",
        "queryStringParameters": {"phase": "Live,Ready", "limit": "5", "name": "a b c", "flag": ""},
        "pathParameters": {"id": "p-0123456789ab"},
    }));
    let query: Vec<_> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(query, [("flag", ""), ("limit", "5"), ("name", "a b c"), ("phase", "Live,Ready")]);
    assert_eq!(request.path_parameters["id"], "p-0123456789ab");
}

#[test]
fn the_name_of_a_stage_is_no_part_of_the_path() {
    let staged = |stage: &str, path: &str| {
        let context = json!({"stage": stage, "http": {"method": "GET"}});
        asked(json!({"rawPath": path, "requestContext": context})).path
    };
    assert_eq!(staged("v1", "/v1/platforms"), "/platforms");
    assert_eq!(staged("v1", "/v1platforms"), "/v1platforms");
    assert_eq!(staged("", "//platforms"), "//platforms");
    assert_eq!(staged("$default", "/platforms/p-0123456789ab/start"), "/platforms/p-0123456789ab/start");
}

#[test]
fn the_path_is_the_one_that_was_asked_for_whatever_a_url_parser_makes_of_it() {
    for path in ["/platforms/../..", "/platforms/a b", "/platforms/\0", "/platforms/x?y#z", "/platforms/Première"] {
        assert_eq!(asked(json!({"rawPath": path})).path, path);
    }
}

#[test]
fn an_answer_keeps_every_value_of_a_header_and_its_body_is_text() {
    let response = HttpResponse { status: 405, headers: Vec::new(), body: "{}".to_owned() };
    let response = response.with_header("content-type", "application/problem+json");
    let answer = answered(&response.with_header("allow", "GET").with_header("Allow", "POST")).unwrap();
    let headers = json!({"content-type": "application/problem+json", "allow": "GET, POST"});
    assert_eq!((&answer["statusCode"], &answer["headers"]), (&json!(405), &headers));
    assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!("{}"), &json!(false)));
}

#[test]
fn cookies_stay_apart() {
    let response = ok().with_header("set-cookie", "a=1").with_header("set-cookie", "b=2; Expires=Wed, 14 Jan 2026");
    let answer = answered(&response).unwrap();
    assert_eq!(answer["cookies"], json!(["a=1", "b=2; Expires=Wed, 14 Jan 2026"]));
    assert_eq!(answer["headers"], json!({"content-type": "application/json"}));
}

#[test]
fn an_answer_that_http_cannot_carry_fails_the_invocation() {
    assert!(answered(&ok().with_header("location", "/a\r\nset-cookie: b")).is_err());
    assert!(answered(&ok().with_header("no name", "x")).is_err());
    assert!(answered(&HttpResponse { status: 99, ..ok() }).is_err());
}

#[test]
fn what_is_no_event_of_an_http_api_is_refused() {
    assert!(serve(&json!({"sweep": true}), |_| ok()).is_err());
}
