//! The secret's document.

use super::{build, identifier};
use headend_control::ports::SecretValue;
use headend_domain::action::RefusalKind;
use headend_domain::request::SecretRequest;
use std::collections::BTreeMap;

#[test]
fn mistakes_06_and_54_mediapackage_finds_the_identifier_under_its_key() {
    let tags = BTreeMap::from([("headend:slot".to_owned(), "secret".to_owned())]);
    let request = SecretRequest { name: "hl-p-secret-1".to_owned(), version: "v".repeat(32), tags };
    let value = SecretValue::new("0123456789abcdef".to_owned());
    let built = build(&request, &value).build().unwrap();
    assert_eq!((built.name(), built.tags().len()), (Some("hl-p-secret-1"), 1));
    assert_eq!(built.secret_string(), Some(r#"{"MediaPackageCDNIdentifier":"0123456789abcdef"}"#));
    assert_eq!(identifier(built.secret_string().unwrap()).unwrap(), value);
}

#[test]
fn a_secret_without_an_identifier_is_refused_without_showing_it() {
    let refusal = identifier(r#"{"other":"hidden-value"}"#).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Rejected);
    assert!(!refusal.message.contains("hidden-value"));
    assert!(identifier("not json").is_err());
}
