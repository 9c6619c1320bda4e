//! `orphans`: takes `GET /orphans` and `DELETE /orphans/{orphanId}`, and looks through the account. Wiring only.

// Nine lists at once nest deep: SDK clients, each layered by its middleware.
#![recursion_limit = "256"]

use headend_aws_media::Account;
use headend_aws_store::config::StoreConfig;
use headend_aws_store::wiring::Parts;
use headend_aws_store::{http, log, sdk};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let config = StoreConfig::from_env()?;
    let sdk = sdk::config()?;
    let account = Account::for_removal(&sdk);
    let parts = Parts::new(&sdk, config);
    parts.table.warm().await;
    let orphans = &parts.orphans(&account);
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, orphans.handle(&request).await)
    }))
    .await
}
