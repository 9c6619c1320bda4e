//! `alarm-handler`: takes "CloudWatch Alarm State Change" events. Wiring only.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use headend_aws_store::wiring::{self, Parts};
use headend_control::handlers::provision::Invocation;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let alarms = parts.alarm_handler();
    wiring::run(async |event: EventBridgeEvent, _: Invocation| alarms.handle(&event).await).await
}
