//! `player-config`: takes `GET /platforms/{id}/player-config`, for everybody. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::ports::Clock as _;
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = &Parts::from_env().await?;
    let config = &parts.player_config();
    let fresh = &parts.fresh();
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        let asked = config.current(&request);
        http::response(&request, fresh.answer(&request, parts.clock.now(), asked).await)
    }))
    .await
}
