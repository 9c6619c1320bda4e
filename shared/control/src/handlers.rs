//! One handler per function. A handler takes what the function's trigger brings and answers; wiring, clients and
//! the Lambda runtime are the function's.

pub mod accept;
pub mod alarm;
pub mod caller;
pub mod deliver;
pub mod describe;
pub mod events;
pub mod feed;
mod fixtures;
pub mod health;
pub mod orphans;
pub mod patch;
pub mod planned;
pub mod player;
pub mod provision;
pub mod rotate;
pub mod webhooks;

use crate::api::HttpRequest;
use crate::api::HttpResponse;
use caller::Caller;
use headend_domain::ids::{PlatformKey, is_platform_id};

/// The platform that a route names, among those of the caller's tenant: all others do not exist for it.
pub(crate) fn platform_key(request: &HttpRequest, caller: &Caller) -> Result<PlatformKey, HttpResponse> {
    platform_id(request).map(|id| PlatformKey::new(&caller.tenant, id))
}

/// The id in the path; anything that cannot be an id is an unknown platform.
pub(crate) fn platform_id(request: &HttpRequest) -> Result<&str, HttpResponse> {
    let id = request.path_parameters.get("id").map(String::as_str).unwrap_or_default();
    if is_platform_id(id) { Ok(id) } else { Err(crate::api::problem::unknown_platform(id)) }
}
