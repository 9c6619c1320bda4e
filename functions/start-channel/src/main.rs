//! `start-channel`: takes `POST /platforms/{id}/start` and `POST /platforms/{id}/retry`. Wiring only.

use headend_aws_store::http;
use headend_aws_store::wiring::{Parts, start_or_retry};
use headend_control::api::HttpRequest;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let acceptor = parts.acceptor();
    http::run(async |request: HttpRequest| acceptor.change(&request, start_or_retry(&request)).await).await
}
