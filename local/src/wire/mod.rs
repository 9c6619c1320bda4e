//! The AWS protocols over HTTP on one port, so that the AWS SDKs, boto3 and the AWS CLI talk to the simulated account
//! unchanged. Service and region come from the signature's credential scope; `rules` judges the request, `world` acts.
//!
//! Beside AWS the port answers `GET /healthz`, the key set of the stack's user pool where Cognito has it
//! (`GET /{pool}/.well-known/jwks.json`) and, for tests and demonstrations only, the routes under `/_headend/`
//! (see `control`).

mod authorize;
mod cbor;
mod cloudfront;
mod cloudwatch;
mod control;
mod dynamodb;
mod error;
mod events;
mod faults;
mod fields;
mod front;
mod json;
mod medialive;
mod mediapackage;
mod message;
mod query;
mod record;
mod rest;
mod s3;
mod scope;
mod secretsmanager;
pub mod sqs;
mod sts;
mod xml;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use serde_json::json;

pub use dynamodb::DynamoDb;
pub use faults::{Fault, Faults, Kind as FaultKind};
pub use record::Recorder;
pub use s3::{S3, StoredFile};

use crate::cloud::Cloud;
use message::{Reply, Request};

/// The largest body of any AWS call that is simulated (DynamoDB's).
const BODY_MAX: usize = 16 * 1024 * 1024;

/// Where a user pool publishes its keys.
const KEY_SET: &str = "/.well-known/jwks.json";

/// Everything that the port answers.
pub fn router(cloud: Arc<Cloud>) -> Router {
    Router::new().fallback(handle).with_state(cloud)
}

/// Serves the account until the future is dropped.
pub async fn serve(listener: tokio::net::TcpListener, cloud: Arc<Cloud>) -> std::io::Result<()> {
    axum::serve(listener, router(cloud)).await
}

/// One call without a protocol around it, answered with the members that the interface has: for tests of behaviour.
#[cfg(test)]
pub(crate) async fn call(
    cloud: &Arc<Cloud>,
    service: &str,
    operation: &str,
    input: serde_json::Value,
) -> Result<serde_json::Value, crate::world::AwsError> {
    let region = if service == "cloudfront" { "us-east-1" } else { "eu-west-1" };
    let scope = scope::Scope { access_key: "AKIALOCALTEST".into(), region: region.into(), service: service.to_owned() };
    let output = front::perform(cloud, &scope, operation, input).await?;
    let interface = crate::rules::Interface::of(service);
    let shape = interface.and_then(|it| it.operations.get(operation)).and_then(|it| it.output.as_deref());
    Ok(match (interface, shape) {
        (Some(interface), Some(name)) => json::shaped(interface, name, &output, json::Times::Epoch),
        _ => output,
    })
}

/// CreateDistribution's body.
#[cfg(test)]
pub(crate) fn distribution_xml(config: &serde_json::Value) -> String {
    let interface = crate::rules::Interface::of("cloudfront").expect("BUG: CloudFront has a table");
    let mut text = format!("<DistributionConfig xmlns=\"{}\">", interface.xmlns);
    xml::content(interface, interface.shape("DistributionConfig"), config, &mut text);
    text + "</DistributionConfig>"
}

pub(crate) async fn handle(State(cloud): State<Arc<Cloud>>, request: http::Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let uri = parts.uri.path_and_query().map_or("/", |pq| pq.as_str()).to_owned();
    let reply = match to_bytes(body, BODY_MAX).await {
        Err(_) => Reply::json(413, &json!({"message": format!("a request has at most {BODY_MAX} bytes")})),
        Ok(body) => {
            let request = Request { method: parts.method, uri, headers: parts.headers, body };
            if request.path() == "/healthz" {
                Reply::json(200, &json!({"status": "ok"}))
            } else if request.path().starts_with(control::PREFIX) {
                control::answer(&cloud, &request)
            } else if let Some(pool) = request.path().strip_suffix(KEY_SET) {
                key_set(&cloud, pool.trim_start_matches('/'))
            } else {
                front::answer(&cloud, request).await
            }
        }
    };
    respond(reply)
}

fn key_set(cloud: &Cloud, pool: &str) -> Reply {
    match cloud.pool.get().filter(|known| known.plan.id == pool).map(|pool| pool.key_set()) {
        Some(Ok(keys)) => Reply::json(200, &keys),
        Some(Err(error)) => Reply::json(500, &json!({"message": error.to_string()})),
        None => Reply::json(404, &json!({"message": format!("there is no user pool {pool}")})),
    }
}

fn respond(reply: Reply) -> Response {
    // An answer without a body could not be lost on its way.
    let status = if reply.lost { 200 } else { reply.status };
    let mut response = Response::builder().status(status);
    for (name, value) in reply.headers {
        // Header values are ASCII here; what is not would be a message in an error header and is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response = response.header(name, value);
        }
    }
    let body = if reply.lost { broken() } else { Body::from(reply.body) };
    response.body(body).expect("BUG: status and headers were checked")
}

/// A body that never arrives: the connection breaks instead.
fn broken() -> Body {
    let lost = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the answer is lost");
    Body::from_stream(futures::stream::once(async { Err::<axum::body::Bytes, _>(lost) }))
}
