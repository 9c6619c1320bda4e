//! `describe-platform`: takes `GET` of platforms and of their timelines, and answers for every path that is not
//! routed. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::api::HttpRequest;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let describer = parts.describer();
    http::run(async |request: HttpRequest| describer.handle(&request).await).await
}
