//! Reading the configuration.

use super::{ConfigError, MediaConfig, StoreConfig};

fn lookup<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

const STORE: [(&str, &str); 3] =
    [("HEADEND_STACK", "live"), ("HEADEND_TABLE", "t"), ("HEADEND_WAKEUPS_QUEUE_URL", "https://sqs/q")];

#[test]
fn what_is_not_set_has_its_default() {
    let config = StoreConfig::read(&lookup(&STORE)).unwrap();
    assert_eq!(config.playback_url_pattern, "https://{domain}");
    assert!((config.time_scale - 1.0).abs() < f64::EPSILON);
    assert_eq!((config.allowance.platforms, config.allowance.running_channels), (100, 20));
}

#[test]
fn all_problems_are_reported_together() {
    let pairs = [
        ("HEADEND_TIME_SCALE", "fast"),
        ("HEADEND_TABLE", ""),
        ("HEADEND_PLAYBACK_URL_PATTERN", "https://x"),
        ("HEADEND_MAX_PLATFORMS", "-1"),
    ];
    let ConfigError { problems } = StoreConfig::read(&lookup(&pairs)).unwrap_err();
    assert_eq!(
        problems,
        [
            "HEADEND_STACK is not set",
            "HEADEND_TABLE is not set",
            "HEADEND_WAKEUPS_QUEUE_URL is not set",
            "HEADEND_PLAYBACK_URL_PATTERN is \"https://x\", which has no {domain} in it",
            "HEADEND_TIME_SCALE is \"fast\", not a number above 0",
            "HEADEND_MAX_PLATFORMS is \"-1\", not a whole number from 0",
        ]
    );
}

#[test]
fn a_limit_of_0_is_no_limit() {
    let limits = [("HEADEND_MAX_PLATFORMS", "0"), ("HEADEND_MAX_RUNNING_CHANNELS", "7")];
    let config = StoreConfig::read(&lookup(&[STORE.as_slice(), &limits].concat())).unwrap();
    assert_eq!((config.allowance.platforms, config.allowance.running_channels), (0, 7));
}

#[test]
fn a_function_without_media_needs_no_media_variables() {
    assert!(StoreConfig::read(&lookup(&STORE)).is_ok());
}

#[test]
fn the_account_is_read_from_the_roles_arn() {
    let pairs = [
        ("AWS_REGION", "eu-west-1"),
        ("HEADEND_MEDIALIVE_ROLE_ARN", "arn:aws:iam::111122223333:role/live-medialive"),
        ("HEADEND_SECRETS_ROLE_ARN", "arn:aws:iam::111122223333:role/path/live-secrets"),
        ("HEADEND_ARCHIVE_BUCKET", "live-archive"),
        ("HEADEND_BUS", "headend"),
    ];
    let config = MediaConfig::read(&lookup(&pairs)).unwrap();
    assert_eq!(config.partition_and_account(), ("aws", "111122223333"));
}

#[test]
fn a_bucket_with_dots_and_an_arn_of_something_else_are_refused() {
    let pairs = [
        ("AWS_REGION", "eu-west-1"),
        ("HEADEND_MEDIALIVE_ROLE_ARN", "arn:aws:s3:::bucket"),
        ("HEADEND_SECRETS_ROLE_ARN", "arn:aws:iam::111122223333:role/live-secrets"),
        ("HEADEND_ARCHIVE_BUCKET", "live.archive"),
        ("HEADEND_BUS", "headend"),
    ];
    let ConfigError { problems } = MediaConfig::read(&lookup(&pairs)).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
}
