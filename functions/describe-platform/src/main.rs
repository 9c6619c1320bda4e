//! `describe-platform`: takes `GET` of platforms and of their timelines, and answers for every path that is not
//! routed. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let describer = &parts.describer();
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, describer.handle(&request).await)
    }))
    .await
}
