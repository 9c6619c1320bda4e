//! Secrets Manager.

use serde_json::json;

use super::{accepted, refused};

#[test]
fn a_secret_goes_after_a_window_or_at_once_but_not_both() {
    accepted("secretsmanager", "DeleteSecret", &json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true}));
    accepted("secretsmanager", "DeleteSecret", &json!({"SecretId": "s", "RecoveryWindowInDays": 7}));
    for bad in [
        json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true, "RecoveryWindowInDays": 7}),
        json!({"SecretId": "s", "RecoveryWindowInDays": 6}),
        json!({"SecretId": "s", "RecoveryWindowInDays": 31}),
    ] {
        assert_eq!(refused("secretsmanager", "DeleteSecret", &bad).code, "InvalidParameterException");
    }
}

#[test]
fn names_tokens_and_values_have_a_form() {
    let token = "0123456789abcdef0123456789abcdef";
    accepted(
        "secretsmanager",
        "CreateSecret",
        &json!({"Name": "a/b_c+=.@-1", "ClientRequestToken": token, "SecretString": "x"}),
    );
    refused("secretsmanager", "CreateSecret", &json!({"Name": "a b"}));
    refused("secretsmanager", "CreateSecret", &json!({"Name": "a", "ClientRequestToken": "short"}));
    refused("secretsmanager", "CreateSecret", &json!({"Name": "a", "SecretString": "x".repeat(65_537)}));
    refused("secretsmanager", "CreateSecret", &json!({"Name": "a", "SecretString": "x", "SecretBinary": "eA=="}));
    refused("secretsmanager", "PutSecretValue", &json!({"SecretId": "a"}));
}
