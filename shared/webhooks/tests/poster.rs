//! The poster against receivers on this machine that do what receivers do.

// The helpers of a test may panic like the test itself.
#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use headend_control::ports::{Post, Posted};
use headend_webhooks::{Poster, Settings};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

static REDIRECTED: AtomicUsize = AtomicUsize::new(0);

async fn receiver() -> u16 {
    let echo = |headers: HeaderMap, body: String| async move {
        let header = headers.get("headend-message").map(|value| value.to_str().unwrap().to_owned());
        (StatusCode::CREATED, format!("{} {body}", header.unwrap_or_default()))
    };
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        StatusCode::OK
    };
    let counted = || async {
        REDIRECTED.fetch_add(1, Ordering::SeqCst);
        StatusCode::OK
    };
    let app = Router::new()
        .route("/echo", post(echo))
        .route("/slow", post(slow))
        .route("/broken", post(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "x".repeat(1_000_000)) }))
        .route("/moved", post(|| async { (StatusCode::FOUND, [(header::LOCATION, "/counted")]).into_response() }))
        .route("/counted", post(counted).get(counted));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, app).into_future());
    port
}

async fn ask(loopback: bool, url: &str) -> Result<Posted, String> {
    let poster = Poster::new(Settings { loopback, timeout: Duration::from_millis(500) }).unwrap();
    let headers = [("headend-message", "p-1-7".to_owned()), ("content-type", "application/json".to_owned())];
    poster.post(url, &headers, r#"{"a":1}"#).await
}

#[tokio::test]
async fn posts_headers_and_body_and_brings_the_answer() {
    let port = receiver().await;
    for host in ["127.0.0.1", "localhost"] {
        let posted = ask(true, &format!("http://{host}:{port}/echo")).await.unwrap();
        assert_eq!(posted, Posted { status: 201, said: r#"p-1-7 {"a":1}"#.to_owned() }, "{host}");
    }
}

#[tokio::test]
async fn does_not_follow_a_redirect() {
    let port = receiver().await;
    assert_eq!(ask(true, &format!("http://127.0.0.1:{port}/moved")).await.unwrap().status, 302);
    assert_eq!(REDIRECTED.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn waits_no_longer_than_it_should_and_reads_no_more() {
    let port = receiver().await;
    let why = ask(true, &format!("http://127.0.0.1:{port}/slow")).await.unwrap_err();
    assert!(why.starts_with("no answer within 0.5 s"), "{why}");
    let posted = ask(true, &format!("http://127.0.0.1:{port}/broken")).await.unwrap();
    assert_eq!(posted.status, 500);
    assert!(posted.said.len() < 100_000, "{} bytes of a million", posted.said.len());
}

#[tokio::test]
async fn says_that_nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let why = ask(true, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
    assert!(why.starts_with("no connection: "), "{why}");
}

#[tokio::test]
async fn connects_to_nothing_private_whatever_it_is_called() {
    let port = receiver().await;
    let hosts = [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
    ];
    for host in hosts {
        let why = ask(false, &format!("http://{host}:{port}/echo")).await.unwrap_err();
        assert!(why.contains("is a private, loopback"), "{host}: {why}");
    }
}
