//! `webhooks`: takes everything about webhooks: who hears what, the log, test and resend. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_webhooks::{Poster, Settings};
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let poster = Poster::new(Settings::from_env())?;
    let webhooks = &parts.webhooks(&poster);
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        http::response(&request, webhooks.handle(&request).await)
    }))
    .await
}
