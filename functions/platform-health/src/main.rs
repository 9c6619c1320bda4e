//! `platform-health`: takes `GET /platforms/{id}/health` and asks CloudWatch. Wiring only.

use headend_aws_metrics::Measurements;
use headend_aws_store::config::StoreConfig;
use headend_aws_store::wiring::Parts;
use headend_aws_store::{http, log, sdk};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let config = StoreConfig::from_env()?;
    let sdk = sdk::config()?;
    let measurements = Measurements::new(&sdk);
    let parts = Parts::new(&sdk, config);
    parts.table.warm().await;
    let health = &parts.health(&measurements);
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, health.handle(&request).await)
    }))
    .await
}
