//! How every AWS client of ours is set up: explicit timeouts, and no retries. Waiting costs nothing only when
//! nobody sleeps, and a create without a token must never be sent twice by the client. What TLS trusts is said in
//! `trust`: the machine's own roots would be most of what a function does before its first event.

use crate::config::ConfigError;
use crate::trust;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, TrustStore, rustls_provider::CryptoMode};
use std::time::Duration;

/// A host that does not take a connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(2);
/// One call; with one save it fits into `limits::ACTION_BUDGET_MILLIS`.
const ATTEMPT: Duration = Duration::from_secs(8);
/// One call with everything around it (credentials, signing).
const OPERATION: Duration = Duration::from_secs(9);

/// Region, credentials and `AWS_ENDPOINT_URL` come from the environment, where Lambda puts them, and from nowhere else:
/// the SDK's own loader would link everything that reads profiles and asks for roles, a third of each binary.
///
/// # Errors
/// A bundle of certificates that is named and cannot be used.
pub fn config() -> Result<SdkConfig, ConfigError> {
    let mut settings = trusting(trust::from_env()?).into_builder();
    settings.set_region(environment("AWS_REGION").map(Region::new));
    settings.set_endpoint_url(environment("AWS_ENDPOINT_URL"));
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    Ok(settings.credentials_provider(credentials).build())
}

/// Everything but region, credentials and endpoint.
pub fn settings() -> SdkConfig {
    trusting(trust::amazon())
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn trusting(roots: TrustStore) -> SdkConfig {
    let tls = trust::context(roots);
    let provider = Provider::Rustls(CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(provider).tls_context(tls).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ATTEMPT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}
