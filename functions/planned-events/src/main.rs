//! `planned-events`: takes everything about the planned events of a platform, and shows them to calendar programs. Wiring only.

use headend_aws_store::{http, wiring::Parts};
use headend_control::handlers::feed::DOCUMENT_SUFFIX;
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let parts = Parts::from_env().await?;
    let (acceptor, feed) = (&parts.acceptor(), &parts.calendar_feed());
    lambda_http::run(service_fn(|event: Request| async move {
        let request = http::request(&event);
        let answer = if request.path.ends_with(DOCUMENT_SUFFIX) {
            feed.handle(&request).await
        } else {
            acceptor.planned_events(&request).await
        };
        http::response(&request, answer)
    }))
    .await
}
