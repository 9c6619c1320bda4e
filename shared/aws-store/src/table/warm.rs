//! The first call made before the first event: name resolution, TLS, and everything that the SDK does once. Lambda
//! gives a starting function a whole processor and a waiting request a fraction of one (decision 011).

use super::{Table, s};
use aws_sdk_dynamodb::error::DisplayErrorContext;

/// No item has this key.
const NOBODY: &str = "WARM";

impl Table {
    /// Asks for an item that is not there, so that the connection is open and stays open. Every function's role may get
    /// items. When it fails the first request will say why.
    pub async fn warm(&self) {
        if !self.worth_warming {
            return;
        }
        let read = self.client.get_item().table_name(&self.name).key("pk", s(NOBODY)).key("sk", s(NOBODY));
        // With the client's own timeouts, 9 s at most of the 10 s that Lambda allows for a start: a client whose settings
        // are overridden reads the roots a second time.
        if let Err(error) = read.send().await {
            tracing::warn!(error = %DisplayErrorContext(error), "the connection to the table could not be warmed");
        }
    }
}
