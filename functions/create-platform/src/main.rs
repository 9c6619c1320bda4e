//! `create-platform`: takes `POST /platforms` and `PATCH /platforms/{id}`. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::api::HttpRequest;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let acceptor = parts.acceptor();
    http::run(async |request: HttpRequest| acceptor.create_or_change(&request).await).await
}
