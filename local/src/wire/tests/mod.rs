//! The port, called in process.

mod front;
mod protocols;
mod refusals;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use serde_json::Value;

use crate::clock::Clock;
use crate::cloud::{Cloud, CloudConfig};

const START: i64 = 1_767_225_600_000;

fn cloud() -> Arc<Cloud> {
    Cloud::new(CloudConfig { clock: Clock::starting_at(START), ..CloudConfig::default() }).unwrap()
}

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// Sends one request, signed for `service` unless that is empty.
async fn send(
    cloud: &Arc<Cloud>,
    service: &str,
    call: (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKIALOCALTEST/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let (method, uri) = call;
    let mut request = http::Request::builder().method(method).uri(uri);
    if !service.is_empty() {
        request = request.header("authorization", scope);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).unwrap();
    let response = super::handle(axum::extract::State(cloud.clone()), request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}
