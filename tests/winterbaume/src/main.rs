//! winterbaume's mocks of AWS behind an HTTP port, so that boto3 can ask them: for `tests/foreign/second_opinion.py`.
//!
//! Prints its address, and ends when its standard input does.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tokio::io::AsyncReadExt as _;
use winterbaume_core::{MockRequest, MockService};

type Services = Arc<Vec<Box<dyn MockService>>>;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let services: Services = Arc::new(vec![
        Box::new(winterbaume_cloudfront::CloudFrontService::new()),
        Box::new(winterbaume_medialive::MediaLiveService::new()),
        Box::new(winterbaume_mediapackage::MediaPackageService::new()),
        Box::new(winterbaume_secretsmanager::SecretsManagerService::new()),
        Box::new(winterbaume_sqs::SqsService::new()),
    ]);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    let router = axum::Router::new().fallback(answer).with_state(services);
    tokio::select! {
        served = axum::serve(listener, router) => served,
        ended = input_ends() => ended,
    }
}

async fn input_ends() -> std::io::Result<()> {
    let mut input = tokio::io::stdin();
    while input.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

async fn answer(State(services): State<Services>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some((region, name)) = scope(&parts.headers) else {
        return plain(StatusCode::FORBIDDEN, "the request is not signed");
    };
    let Some(service) = services.iter().find(|service| service.service_name() == name) else {
        return plain(StatusCode::NOT_IMPLEMENTED, &format!("there is no service {name} here"));
    };
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return plain(StatusCode::BAD_REQUEST, "the body broke off");
    };
    // The mocks read service and region off the host that the SDKs would call.
    let host =
        if name == "cloudfront" { format!("{name}.amazonaws.com") } else { format!("{name}.{region}.amazonaws.com") };
    let uri = format!("https://{host}{}", parts.uri.path_and_query().map_or("/", |it| it.as_str()));
    let asked = MockRequest { method: parts.method.to_string(), uri, headers: parts.headers, body };
    let told = service.handle(asked).await;
    let mut response = Response::new(Body::from(told.body));
    *response.status_mut() = StatusCode::from_u16(told.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = told.headers;
    response
}

/// Region and service of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope(headers: &HeaderMap) -> Option<(String, String)> {
    let authorization = headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut parts = credential.split('/').skip(2);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn plain(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response
}
