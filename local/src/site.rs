//! The site of the stack as a viewer meets it: pages from a folder that stands for the site's bucket, and of the API what the
//! distribution's behaviours lead there. What no behaviour routes is not there.
//!
//! Simulated more simply than CloudFront is: no TLS, nothing is kept at the edge, and the viewer-request function of the template is
//! done here, as a test shows that asks the template's own.

use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use tokio::net::TcpListener;

use crate::deploy::api::{self, HttpApi};
use crate::deploy::plan::pages::{SiteBehavior, SiteOrigin, SitePlan};
use crate::world::path_fits;

/// The distribution, its bucket and its API.
pub struct Site {
    pub plan: SitePlan,
    /// What stands for the bucket.
    pub folder: PathBuf,
    pub api: Arc<HttpApi>,
}

/// Serves viewers until the task is aborted.
pub async fn serve(listener: TcpListener, site: Arc<Site>) {
    let router = Router::new().fallback(handle).with_state(site).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the site ended");
    }
}

async fn handle(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let fits = |it: &&SiteBehavior| it.pattern.as_ref().is_none_or(|pattern| path_fits(pattern, &path));
    let Some(behavior) = site.plan.behaviors.iter().find(fits) else {
        return plain(StatusCode::NOT_FOUND, "no behaviour has a pattern for this path");
    };
    let mut response = if !behavior.methods.iter().any(|method| method == request.method().as_str()) {
        plain(StatusCode::FORBIDDEN, "the behaviour does not allow this method")
    } else {
        match behavior.origin {
            SiteOrigin::Bucket => site.file(behavior, request.method() == Method::HEAD, &path).await,
            SiteOrigin::Api => site.ask(behavior, peer, request).await,
        }
    };
    for (name, value) in &behavior.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

impl Site {
    /// An object of the bucket.
    async fn file(&self, behavior: &SiteBehavior, head: bool, path: &str) -> Response<Body> {
        let key = if behavior.to_pages { to_page(path) } else { path };
        let key = if key == "/" { &self.plan.root_object } else { key.trim_start_matches('/') };
        let Some(file) = within(&self.folder, key) else { return denied() };
        match tokio::fs::read(&file).await {
            Ok(bytes) => {
                let mut response = plain(StatusCode::OK, "");
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&file)));
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
                *response.body_mut() = if head { Body::empty() } else { Body::from(bytes) };
                response
            }
            Err(_) => denied(),
        }
    }

    /// The API's own answer. Without an origin request policy the viewer's query, headers and body stay behind, and CloudFront
    /// itself tells a viewer who has the answer.
    async fn ask(&self, behavior: &SiteBehavior, peer: SocketAddr, mut request: Request) -> Response<Body> {
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        request.headers_mut().remove(header::HOST);
        if !behavior.all_of_the_viewer {
            let path = request.uri().path().parse().unwrap_or_else(|_| Uri::from_static("/"));
            *request.uri_mut() = path;
            *request.headers_mut() = HeaderMap::new();
            *request.body_mut() = Body::from(Bytes::new());
        }
        let mut response = api::respond(&self.api, peer, request).await;
        let tag = response.headers().get(header::ETAG);
        if !behavior.all_of_the_viewer && tag.is_some() && tag == known.as_ref() {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        response
    }
}

/// The page behind an address: what the template's function `SitePages` does.
pub fn to_page(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or_default();
    match path {
        _ if file.contains('.') => path,
        "/player" => "/player/index.html",
        _ if path.starts_with("/player/") => "/player/index.html",
        _ => "/index.html",
    }
}

/// A file of the folder; nothing outside of it.
fn within(folder: &Path, key: &str) -> Option<PathBuf> {
    let key = Path::new(key);
    key.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(key))
}

/// What S3 says where nobody may list the bucket, of an object that is not there too.
fn denied() -> Response<Body> {
    plain(StatusCode::FORBIDDEN, "AccessDenied")
}

/// As the AWS CLI guesses it when it uploads.
fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html",
        "js" => "text/javascript",
        "css" => "text/css",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain",
        _ => "binary/octet-stream",
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The template's function, run by Node, and what is done here, asked the same.
    #[test]
    fn addresses_lead_to_pages_as_the_templates_own_function_says() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
        let code = template.split_once("FunctionCode: |").unwrap().1;
        let lines = code.lines().skip(1).take_while(|line| line.is_empty() || line.starts_with("        "));
        let code = lines.collect::<Vec<_>>().join("\n");
        let paths = [
            "/",
            "/new",
            "/p/p-0123456789ab",
            "/player",
            "/player/",
            "/player/p-0123456789ab",
            "/players",
            "/config.json",
        ];
        let paths = paths
            .into_iter()
            .chain(["/player/assets/index.js", "/assets/a.b/c", "/index.html", "/p.x/y"])
            .collect::<Vec<_>>();
        let asks = format!("{code}\nfor (const uri of {paths:?}) console.log(handler({{request: {{uri}}}}).uri)");
        let run = std::process::Command::new("node").args(["-e", &asks]).output().expect("node runs");
        let said = String::from_utf8(run.stdout).unwrap();
        let ours = paths.iter().map(|path| to_page(path)).collect::<Vec<_>>();
        assert_eq!(said.lines().collect::<Vec<_>>(), ours, "{}", String::from_utf8_lossy(&run.stderr));
    }

    #[test]
    fn no_address_leads_out_of_the_bucket() {
        let folder = Path::new("/bucket");
        assert_eq!(within(folder, "assets/a.js"), Some(PathBuf::from("/bucket/assets/a.js")));
        for key in ["../secret.txt", "a/../../b.js", "/etc/passwd", "./a.js"] {
            let found = within(folder, key);
            assert!(found.is_none_or(|file| file.starts_with(folder) && !key.contains("..")), "{key}");
        }
    }
}
