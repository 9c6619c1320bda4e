//! The first call made before the first event: name resolution, TLS, and everything that the SDK does once. Lambda
//! gives a starting function a whole processor and a waiting request a fraction of one (decision 011).

use super::{Table, s};
use aws_sdk_dynamodb::error::DisplayErrorContext;

/// No platform has this key; it begins as theirs do, for roles that may read nothing else.
const NOBODY: &str = "P#WARM";

impl Table {
    /// Asks for items that are not there, as every function asks for a platform's, so that the connection is open and
    /// stays open. When that fails the first request will say why.
    pub async fn warm(&self) {
        if !self.worth_warming {
            return;
        }
        let read = self.client.query().table_name(&self.name).key_condition_expression("pk = :pk");
        let read = read.expression_attribute_values(":pk", s(NOBODY));
        // With the client's own timeouts, 9 s at most of the 10 s that Lambda allows for a start: a client whose settings
        // are overridden reads the roots a second time.
        if let Err(error) = read.send().await {
            tracing::warn!(error = %DisplayErrorContext(error), "the connection to the table could not be warmed");
        }
    }
}
