//! `teardown`: takes `DELETE /platforms/{id}`. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::api::HttpRequest;
use headend_control::handlers::accept::Change;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let acceptor = parts.acceptor();
    http::run(async |request: HttpRequest| acceptor.change(&request, Change::Teardown).await).await
}
