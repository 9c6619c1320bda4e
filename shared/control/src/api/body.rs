//! What every request body has to be before its fields are looked at.

use super::{HttpRequest, HttpResponse, problem::problem};
use headend_domain::spec::Problem;
use serde_json::Value;

/// Larger bodies are refused; a platform with 20 inputs and 10 rungs takes about 8 KB.
const MOST_BYTES: usize = 256 * 1024;

/// The JSON document of a request that must have one.
///
/// # Errors
/// The answer to give: 413, 415 or 400.
pub fn document(request: &HttpRequest) -> Result<Value, HttpResponse> {
    if request.body.len() > MOST_BYTES {
        let detail = format!("the body has {} bytes; at most {MOST_BYTES} are taken", request.body.len());
        return Err(problem(413, "body-too-large", "The body is too large", &detail));
    }
    let media_type = request.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" {
        let detail = format!("send content-type: application/json, not {media_type:?}");
        return Err(problem(415, "not-json-type", "The content type is not supported", &detail));
    }
    serde_json::from_slice(&request.body)
        .map_err(|error| problem(400, "not-json", "The body is not JSON", &format!("the body is not JSON: {error}")))
}

/// The body of a request that has no fields: nothing, or an empty object.
///
/// # Errors
/// As `document`; 422 names every field.
pub fn no_fields(request: &HttpRequest) -> Result<(), HttpResponse> {
    if request.body.is_empty() {
        return Ok(());
    }
    let unknown = |name: &String| Problem {
        pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        detail: "unknown field; this request has none".to_owned(),
    };
    match document(request)?.as_object() {
        Some(map) if map.is_empty() => Ok(()),
        Some(map) => Err(super::problem::invalid(&map.keys().map(unknown).collect::<Vec<_>>())),
        None => {
            Err(super::problem::invalid(&[Problem { pointer: String::new(), detail: "must be an object".to_owned() }]))
        }
    }
}
