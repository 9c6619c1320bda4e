//! Between `lambda_http` and control's plain requests. The API is an HTTP API: its events and answers have payload
//! format 2.0.

use headend_control::api::{HttpRequest, HttpResponse};
use lambda_http::http::StatusCode;
use lambda_http::http::header::{Entry, HeaderName, HeaderValue, SET_COOKIE};
use lambda_http::request::RequestContext;
use lambda_http::{Error, Request, RequestExt, Response};
use std::collections::BTreeMap;

/// What control reads of an event.
pub fn request(event: &Request) -> HttpRequest {
    let headers = event.headers().iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), text)
    });
    HttpRequest {
        method: event.method().as_str().to_owned(),
        path: path(event).to_owned(),
        path_parameters: joined(event.path_parameters().iter()),
        query: joined(event.query_string_parameters().iter()),
        headers: headers.collect(),
        body: event.body().to_vec(),
        claims: claims(event),
    }
}

/// What the route's JWT authorizer hands on; each claim is a text, arrays too.
fn claims(event: &Request) -> Option<BTreeMap<String, String>> {
    match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            Some(context.authorizer.as_ref()?.jwt.as_ref()?.claims.clone().into_iter().collect())
        }
        _ => None,
    }
}

/// The path as it was asked for: the URI's has been through a URL parser. It begins with the stage's name, unless
/// the stage is `$default`.
fn path(event: &Request) -> &str {
    let path = event.raw_http_path();
    let stage = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref().unwrap_or_default(),
        _ => "",
    };
    match path.strip_prefix('/').and_then(|rest| rest.strip_prefix(stage)) {
        Some(rest) if !stage.is_empty() && rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Repeated parameters are joined by commas, as API Gateway does it.
fn joined<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in parameters {
        map.entry(name.to_owned())
            .and_modify(|before| *before = format!("{before},{value}"))
            .or_insert_with(|| value.to_owned());
    }
    map
}

/// The answer to a request.
///
/// # Errors
/// A status or a header that HTTP does not know.
pub fn response(request: &HttpRequest, response: HttpResponse) -> Result<Response<String>, Error> {
    tracing::info!(method = request.method, path = request.path, status = response.status, "answered");
    let mut answer = Response::new(response.body);
    *answer.status_mut() = StatusCode::from_u16(response.status)?;
    for (name, value) in response.headers {
        let value = HeaderValue::try_from(value)?;
        match answer.headers_mut().entry(HeaderName::try_from(name)?) {
            Entry::Vacant(free) => {
                free.insert(value);
            }
            // Format 2.0 has a place of its own for these, where each stays apart.
            Entry::Occupied(mut taken) if taken.key() == SET_COOKIE => taken.append(value),
            // Of all others it has one value per name, and `lambda_http` would send the first.
            Entry::Occupied(mut taken) => {
                let both = [taken.get().as_bytes(), b", ", value.as_bytes()].concat();
                taken.insert(HeaderValue::from_bytes(&both)?);
            }
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
