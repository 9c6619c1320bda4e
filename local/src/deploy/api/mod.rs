//! The HTTP API: routes from the template, payload format 2.0, and API Gateway's own answers as they are
//! (`{"message": ...}`), those of its JWT authorizer among them. `GET /healthz` is answered by the local server itself.

mod authorizer;
mod payload;
mod route;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use authorizer::{Access, Authorizer, AuthorizerPlan};
pub use payload::ApiIdentity;
use payload::Call;
pub use route::{Route, RouteError, Routes};

use super::lambda::{Function, InvokeError, request_id};
use crate::clock::Clock;

/// The largest request that an HTTP API takes (aws-facts 5.6).
const MAX_REQUEST_BYTES: usize = 10 * 1024 * 1024;
/// The largest event that Lambda takes (aws-facts 5.6).
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
/// An HTTP API waits no longer than this for a function (aws-facts 5.6).
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// One deployed HTTP API.
pub struct HttpApi {
    pub identity: ApiIdentity,
    pub routes: Routes,
    /// Absent where every route is open.
    pub authorizer: Option<Authorizer>,
    /// By short name.
    pub functions: BTreeMap<String, Arc<Function>>,
    pub clock: Clock,
    pub port: u16,
}

/// Serves the API until the task is aborted.
pub async fn serve(listener: TcpListener, api: Arc<HttpApi>) {
    let router = Router::new()
        .route("/healthz", get(|| async { StatusCode::OK }))
        .fallback(handle)
        .with_state(api)
        .into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the HTTP API ended");
    }
}

async fn handle(
    State(api): State<Arc<HttpApi>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    respond(&api, peer, request).await
}

/// What the API answers to a request, however it came.
pub async fn respond(api: &HttpApi, peer: SocketAddr, request: Request) -> Response<Body> {
    let request_id = request_id();
    let mut response = answer(api, peer, request, &request_id).await;
    if let Ok(value) = HeaderValue::try_from(request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

async fn answer(api: &HttpApi, peer: SocketAddr, request: Request, request_id: &str) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST_BYTES).await else {
        return gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    // API Gateway knows its own names only; a host that is none at all would make the functions' parsers fail.
    let host = parts.headers.get(header::HOST).map(|host| Authority::try_from(host.as_bytes()));
    if matches!(host, Some(Err(_))) {
        return gateway(StatusCode::FORBIDDEN, "Forbidden");
    }
    let Some(found) = api.routes.find(parts.method.as_str(), parts.uri.path()) else {
        return gateway(StatusCode::NOT_FOUND, "Not Found");
    };
    let caller = match caller(api, &found.route.access, &parts.headers) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let source_ip = peer.ip().to_string();
    let call = Call { request_id, source_ip: &source_ip, port: api.port, epoch_ms: api.clock.now(), caller };
    let event = payload::event(&api.identity, &found, &parts, &body, &call).to_string();
    if event.len() > MAX_EVENT_BYTES {
        return gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let Some(function) = api.functions.get(&found.route.function) else {
        return gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    match tokio::time::timeout(INTEGRATION_TIMEOUT, function.invoke(Bytes::from(event))).await {
        Ok(Ok(answer)) => payload::response(&answer)
            .unwrap_or_else(|| gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Ok(Err(InvokeError::Function(error))) => {
            tracing::warn!(function = found.route.function, %error, "the function failed");
            gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Ok(Err(InvokeError::Throttled)) | Err(_) => gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// What the authorizer says of who calls; none where the route is open.
fn caller(api: &HttpApi, access: &Access, headers: &HeaderMap) -> Result<Option<Value>, Box<Response<Body>>> {
    let Access::SignedIn { scopes } = access else { return Ok(None) };
    let Some(authorizer) = &api.authorizer else {
        return Err(Box::new(gateway(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")));
    };
    let judged = authorizer.judge(headers, scopes, api.clock.now() / 1000);
    judged.map(Some).map_err(|refusal| {
        let mut response = gateway(refusal.status, refusal.message);
        if let Ok(challenge) = HeaderValue::try_from(refusal.challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        Box::new(response)
    })
}

/// An answer by API Gateway itself.
fn gateway(status: StatusCode, message: &str) -> Response<Body> {
    let body = json!({ "message": message }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
