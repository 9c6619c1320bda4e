//! `planned-events`: takes everything about the planned events of a platform, and shows them to calendar programs. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let planner = &parts.planner();
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, planner.handle(&request).await)
    }))
    .await
}
