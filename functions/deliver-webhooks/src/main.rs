//! `deliver-webhooks`: posts messages to those who asked for them, and again what was not taken. Wiring only.

use headend_aws_store::wiring::{Parts, run};
use headend_webhooks::{Poster, Settings};
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let poster = Poster::new(Settings::from_env())?;
    let deliverer = parts.deliverer(&poster);
    run(async |trigger, invocation| deliverer.handle(trigger, &invocation).await).await
}
