//! `player-config`: takes `GET /platforms/{id}/player-config`, for everybody. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let config = &parts.player_config();
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, config.handle(&request).await)
    }))
    .await
}
