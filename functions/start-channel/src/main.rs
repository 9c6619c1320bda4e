//! `start-channel`: takes `POST /platforms/{id}/start` and `POST /platforms/{id}/retry`. Wiring only.

use headend_aws_store::http;
use headend_aws_store::wiring::{Parts, start_or_retry};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let acceptor = &parts.acceptor();
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, acceptor.change(&request, start_or_retry(&request)).await)
    }))
    .await
}
