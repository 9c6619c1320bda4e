//! `provision`: takes batches of wake-ups and the sweep's schedule, and does all the work on AWS. Wiring only.

// The future of a provisioning step nests deep: five SDK clients, each layered by its middleware.
#![recursion_limit = "256"]

use headend_aws_media::Account;
use headend_aws_store::wiring::{self, Parts};
use headend_aws_store::{config, log, sdk};
use headend_control::handlers::events::Trigger;
use headend_control::handlers::provision::{Invocation, Provision};
use headend_control::reconcile::Reconciler;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    log::init();
    let (store, media) = config::store_and_media()?;
    let sdk = sdk::config()?;
    let account = Account::new(&sdk, media);
    let parts = Parts::new(&sdk, store);
    parts.table.warm().await;
    let reconciler = Reconciler {
        store: &parts.table,
        account: &account,
        wakeups: &parts.queue,
        clock: &parts.clock,
        entropy: &parts.entropy,
        stack: &parts.config.stack,
        limits: parts.limits(),
        running_channels: parts.config.allowance.running_channels,
    };
    let provision = Provision { reconciler };
    wiring::run(async |trigger: Trigger, invocation: Invocation| provision.handle(trigger, &invocation).await).await
}
