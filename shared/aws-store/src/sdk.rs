//! How every AWS client of ours is set up: explicit timeouts, and no retries. Waiting costs nothing only when
//! nobody sleeps, and a create without a token must never be sent twice by the client.

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

/// A host that does not take a connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(2);
/// One call; with one save it fits into `limits::ACTION_BUDGET_MILLIS`.
const ATTEMPT: Duration = Duration::from_secs(8);
/// One call with everything around it (credentials, signing).
const OPERATION: Duration = Duration::from_secs(9);

/// Region, credentials and `AWS_ENDPOINT_URL` come from the environment, where Lambda puts them.
pub async fn config() -> SdkConfig {
    loader()
        .region(EnvironmentVariableRegionProvider::new())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}

/// Everything but region and credentials.
pub fn loader() -> ConfigLoader {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ATTEMPT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION);
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}
