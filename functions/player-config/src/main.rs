//! `player-config`: takes `GET /platforms/{id}/player-config`, for everybody. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::api::HttpRequest;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let config = parts.player_config();
    http::run(async |request: HttpRequest| config.handle(&request).await).await
}
