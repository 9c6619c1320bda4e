//! Whom TLS trusts: the roots of Amazon Trust Services, which sign the certificates of every AWS service. Parsing the
//! operating system's 140 roots costs more than everything else that a function does before its first event; five cost
//! little, and nobody else can vouch for AWS (decision 011).

use crate::config::ConfigError;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};

const AMAZON: &str = include_str!("amazon-roots.pem");

/// AWS's own name for a file with other roots, e.g. of a proxy that ends TLS: with it the five are not trusted.
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// What a bundle has at least.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// The roots of Amazon Trust Services alone.
pub fn amazon() -> TrustStore {
    TrustStore::empty().with_pem_certificate(AMAZON)
}

/// The roots in the file that the environment names, else Amazon's.
///
/// # Errors
/// A file that cannot be read or has no certificate in it.
pub fn from_env() -> Result<TrustStore, ConfigError> {
    match std::env::var(BUNDLE) {
        Ok(path) if !path.is_empty() => bundle(&path).map_err(|problem| ConfigError { problems: vec![problem] }),
        _ => Ok(amazon()),
    }
}

fn bundle(path: &str) -> Result<TrustStore, String> {
    let pem = std::fs::read_to_string(path).map_err(|error| format!("{BUNDLE} is {path:?}: {error}"))?;
    if !pem.contains(BEGIN) {
        return Err(format!("{BUNDLE} is {path:?}, which has no certificate in PEM form in it"));
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}

/// What a client is told.
pub fn context(roots: TrustStore) -> TlsContext {
    TlsContext::builder().with_trust_store(roots).build().expect("BUG: a trust store that no client takes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_roots_are_pinned_and_a_client_takes_them() {
        assert_eq!(AMAZON.matches(BEGIN).count(), 5);
        // It reads the certificates when a client is made, and ends the process where one is broken.
        let settings = crate::sdk::settings().into_builder().region(aws_config::Region::from_static("eu-west-1"));
        let _ = aws_sdk_dynamodb::Client::new(&settings.build());
    }

    #[test]
    fn a_bundle_that_is_none_is_named() {
        let missing = bundle("/nowhere/roots.pem").unwrap_err();
        assert!(missing.contains("AWS_CA_BUNDLE") && missing.contains("/nowhere/roots.pem"), "{missing}");
        let source = bundle(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err();
        assert!(source.contains("no certificate"), "{source}");
    }
}
