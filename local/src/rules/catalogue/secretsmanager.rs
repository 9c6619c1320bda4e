//! Secrets Manager.

use serde_json::{Value, json};

use super::bench::Bench;
use super::{Behaviour, behaviour};

const CREATE: &str = "secretsmanager:CreateSecret";
const GET: &str = "secretsmanager:GetSecretValue";
const PUT: &str = "secretsmanager:PutSecretValue";
const DELETE: &str = "secretsmanager:DeleteSecret";
const INVALID: &str = "InvalidParameterException";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

fn secret(edits: &[(&str, Value)]) -> Value {
    crate::rules::tests::with(&json!({"Name": "s", "ClientRequestToken": TOKEN, "SecretString": "one"}), edits)
}

#[track_caller]
fn bad(b: &Bench, action: &str, request: &Value, code: &str) {
    b.bad(action, request, 400, code, "");
}

fn text(b: &Bench, stage: &str) -> Value {
    b.ok(GET, &json!({"SecretId": "s", "VersionStage": stage}))["SecretString"].clone()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 5.2", "a name holds letters, digits and a few signs, 512 at most", |b| {
        bad(b, CREATE, &secret(&[("/Name", json!("a b"))]), "ValidationException");
        bad(b, CREATE, &secret(&[("/Name", json!("a".repeat(513)))]), INVALID);
        b.ok(CREATE, &secret(&[("/Name", json!("a/b_c+=.@-1"))]));
    }),
    behaviour("aws-facts 5.2", "a random password has 32 characters of each type, and none that is excluded", |b| {
        let password = |wish: Value| {
            b.ok("secretsmanager:GetRandomPassword", &wish)["RandomPassword"].as_str().unwrap().to_owned()
        };
        let usual = password(json!({}));
        let has = |test: fn(&char) -> bool| usual.chars().any(|c| test(&c));
        assert!(
            usual.len() == 32
                && has(char::is_ascii_digit)
                && has(char::is_ascii_uppercase)
                && has(char::is_ascii_punctuation)
        );
        let plain = password(json!({"PasswordLength": 64, "ExcludePunctuation": true, "ExcludeCharacters": "abc"}));
        assert!(plain.len() == 64 && plain.chars().all(|c| c.is_ascii_alphanumeric() && !"abc".contains(c)), "{plain}");
        bad(b, "secretsmanager:GetRandomPassword", &json!({"PasswordLength": 3}), INVALID);
    }),
    behaviour("aws-facts 5.2", "a token has 32 to 64 characters", |b| {
        bad(b, CREATE, &secret(&[("/ClientRequestToken", json!("short"))]), INVALID);
    }),
    behaviour("aws-facts 5.2", "a secret has 65536 characters at most", |b| {
        bad(b, CREATE, &secret(&[("/SecretString", json!("x".repeat(65_537)))]), INVALID);
        b.ok(CREATE, &secret(&[("/SecretString", json!("x".repeat(65_536)))]));
    }),
    behaviour("aws-facts 5.2", "a secret is a text or bytes, not both", |b| {
        bad(b, CREATE, &secret(&[("/SecretBinary", json!("eA=="))]), INVALID);
        b.ok(CREATE, &secret(&[]));
        bad(b, PUT, &json!({"SecretId": "s"}), INVALID);
    }),
    behaviour("aws-facts 5.2", "the token is the version's id", |b| {
        assert_eq!(b.ok(CREATE, &secret(&[]))["VersionId"], TOKEN);
    }),
    behaviour("aws-facts 5.2", "the same token and content again is the same secret", |b| {
        let first = b.ok(CREATE, &secret(&[]));
        assert_eq!(b.ok(CREATE, &secret(&[])), first);
    }),
    behaviour(
        "aws-facts 5.2",
        "the same token with other content, or another token, is ResourceExistsException",
        |b| {
            b.ok(CREATE, &secret(&[]));
            bad(b, CREATE, &secret(&[("/SecretString", json!("two"))]), "ResourceExistsException");
            bad(b, CREATE, &secret(&[("/ClientRequestToken", json!("x".repeat(32)))]), "ResourceExistsException");
        },
    ),
    behaviour("aws-facts 5.2", "an ARN ends in six random characters", |b| {
        let arn = b.ok(CREATE, &secret(&[]))["ARN"].as_str().unwrap().to_owned();
        assert_eq!(arn.rsplit_once(":secret:s-").unwrap().1.len(), 6);
        b.ok(GET, &json!({"SecretId": arn}));
    }),
    behaviour("aws-facts 5.2", "an unknown secret is ResourceNotFoundException", |b| {
        bad(b, GET, &json!({"SecretId": "s"}), "ResourceNotFoundException");
        bad(b, DELETE, &json!({"SecretId": "s"}), "ResourceNotFoundException");
    }),
    behaviour("aws-facts 2.6", "a new value is AWSCURRENT and the one before AWSPREVIOUS", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(PUT, &json!({"SecretId": "s", "SecretString": "two"}));
        assert_eq!((text(b, "AWSCURRENT"), text(b, "AWSPREVIOUS")), (json!("two"), json!("one")));
    }),
    behaviour("aws-facts 5.2", "a value put twice with one token is one version, which has the token as its id", |b| {
        b.ok(CREATE, &secret(&[]));
        let put = json!({"SecretId": "s", "ClientRequestToken": OTHER, "SecretString": "two"});
        let first = b.ok(PUT, &put);
        assert_eq!((&first["VersionId"], &first["VersionStages"]), (&json!(OTHER), &json!(["AWSCURRENT"])));
        assert_eq!(b.ok(PUT, &put), first);
        assert_eq!((text(b, "AWSCURRENT"), text(b, "AWSPREVIOUS")), (json!("two"), json!("one")));
    }),
    behaviour("aws-facts 5.2", "a token with another value is ResourceExistsException, the first version's too", |b| {
        b.ok(CREATE, &secret(&[]));
        for token in [TOKEN, OTHER] {
            b.call(PUT, &json!({"SecretId": "s", "ClientRequestToken": OTHER, "SecretString": "two"})).unwrap();
            let other = json!({"SecretId": "s", "ClientRequestToken": token, "SecretString": "three"});
            bad(b, PUT, &other, "ResourceExistsException");
        }
    }),
    behaviour("aws-facts 5.2", "a version that is put again keeps the labels that it has by then", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(PUT, &json!({"SecretId": "s", "ClientRequestToken": OTHER, "SecretString": "two"}));
        let again = b.ok(PUT, &json!({"SecretId": "s", "ClientRequestToken": TOKEN, "SecretString": "one"}));
        assert_eq!(again["VersionStages"], json!(["AWSPREVIOUS"]));
        assert_eq!(text(b, "AWSCURRENT"), "two");
    }),
    behaviour("aws-facts 5.2", "a version is read by its id; an id and a label that differ are refused", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(PUT, &json!({"SecretId": "s", "SecretString": "two"}));
        let first = b.ok(GET, &json!({"SecretId": "s", "VersionId": TOKEN}));
        assert_eq!((&first["SecretString"], &first["VersionStages"]), (&json!("one"), &json!(["AWSPREVIOUS"])));
        let both = json!({"SecretId": "s", "VersionId": TOKEN, "VersionStage": "AWSCURRENT"});
        bad(b, GET, &both, "InvalidRequestException");
        bad(b, GET, &json!({"SecretId": "s", "VersionId": OTHER}), "ResourceNotFoundException");
    }),
    behaviour("aws-facts 5.2", "during its window a secret takes no new value", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(DELETE, &json!({"SecretId": "s", "RecoveryWindowInDays": 7}));
        bad(b, PUT, &json!({"SecretId": "s", "SecretString": "two"}), "InvalidRequestException");
    }),
    behaviour("aws-facts 5.2", "a recovery window has 7 to 30 days", |b| {
        b.ok(CREATE, &secret(&[]));
        for days in [6, 31] {
            bad(b, DELETE, &json!({"SecretId": "s", "RecoveryWindowInDays": days}), INVALID);
        }
    }),
    behaviour("aws-facts 5.2", "a window and force exclude each other", |b| {
        b.ok(CREATE, &secret(&[]));
        let both = json!({"SecretId": "s", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true});
        bad(b, DELETE, &both, INVALID);
    }),
    behaviour("aws-facts 5.2", "thirty days pass where nobody says otherwise", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(DELETE, &json!({"SecretId": "s"}));
        b.pass(30 * 86_400 - 1);
        b.ok("secretsmanager:DescribeSecret", &json!({"SecretId": "s"}));
        b.pass(1);
        bad(b, "secretsmanager:DescribeSecret", &json!({"SecretId": "s"}), "ResourceNotFoundException");
    }),
    behaviour("aws-facts 5.2, mistake 88", "during its window a secret cannot be read or made again", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(DELETE, &json!({"SecretId": "s", "RecoveryWindowInDays": 7}));
        bad(b, GET, &json!({"SecretId": "s"}), "InvalidRequestException");
        bad(b, CREATE, &secret(&[]), "InvalidRequestException");
    }),
    behaviour("aws-facts 5.2", "a secret comes back within its window", |b| {
        b.ok(CREATE, &secret(&[]));
        b.ok(DELETE, &json!({"SecretId": "s", "RecoveryWindowInDays": 7}));
        b.ok("secretsmanager:RestoreSecret", &json!({"SecretId": "s"}));
        assert_eq!(text(b, "AWSCURRENT"), "one");
    }),
    behaviour(
        "aws-facts 5.2",
        "a forced deletion frees the name only later, and succeeds for what is not there",
        |b| {
            let force = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true});
            b.ok(DELETE, &force);
            b.ok(CREATE, &secret(&[]));
            b.ok(DELETE, &force);
            bad(b, CREATE, &secret(&[]), "InvalidRequestException");
            b.pass(60);
            b.ok(CREATE, &secret(&[]));
        },
    ),
];
