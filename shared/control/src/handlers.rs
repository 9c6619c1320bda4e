//! One handler per function. A handler takes what the function's trigger brings and answers; wiring, clients and
//! the Lambda runtime are the function's.

pub mod accept;
pub mod alarm;
pub mod describe;
pub mod events;
pub mod patch;
pub mod player;
pub mod provision;
pub mod rotate;

use crate::api::HttpRequest;
use headend_domain::ids::{DEFAULT_TENANT, PlatformKey, is_platform_id};

/// The platform that a route names; anything that cannot be an id is an unknown platform.
pub(crate) fn platform_key(request: &HttpRequest) -> Result<PlatformKey, crate::api::HttpResponse> {
    let id = request.path_parameters.get("id").map(String::as_str).unwrap_or_default();
    if is_platform_id(id) {
        return Ok(PlatformKey::new(DEFAULT_TENANT, id));
    }
    Err(crate::api::problem::unknown_platform(id))
}
