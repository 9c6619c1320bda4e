//! The first call made before the first event: name resolution, TLS, and everything that the SDK does once. Lambda
//! gives a starting function a whole processor and a waiting request a fraction of one (decision 011).

use super::{Table, s};
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use std::time::Duration;

/// A start waits no longer than this for the table; Lambda allows 10 s for all of it.
const MOST: Duration = Duration::from_secs(5);

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
        // The timeouts of connection and answer stay the client's own: with others it would be another connection.
        let timeouts = TimeoutConfig::builder().operation_timeout(MOST).build();
        let hurried = read.customize().config_override(Config::builder().timeout_config(timeouts));
        if let Err(error) = hurried.send().await {
            tracing::warn!(error = %DisplayErrorContext(error), "the connection to the table could not be warmed");
        }
    }
}
