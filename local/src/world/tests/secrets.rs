//! Secrets Manager (aws-facts 5.2).

use super::*;
use crate::world::secrets::{CreateSecret, DeleteSecret, SecretWritten};

const WINDOW: DeleteSecret = DeleteSecret { recovery_window_days: Some(7), force: false };
const FORCE: DeleteSecret = DeleteSecret { recovery_window_days: None, force: true };
const DAY: Ms = 24 * HOUR;

fn create(account: &mut Account, token: &str, text: &str) -> Result<SecretWritten, AwsError> {
    let request = CreateSecret {
        name: "s".into(),
        client_request_token: Some(token.into()),
        secret_string: Some(text.into()),
        ..Default::default()
    };
    account.world.create_secret(HOME, account.now, request)
}

fn code<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    let (status, code) = refusal(result);
    assert_eq!(status, 400);
    code
}

// Same token and content: the same secret; anything else: ResourceExistsException.
#[test]
fn creation_is_idempotent_by_token_and_content() {
    let mut account = Account::calm();
    let first = create(&mut account, "t", "one").unwrap();
    assert_eq!(create(&mut account, "t", "one").unwrap(), first);
    assert_eq!(code(create(&mut account, "t", "two")), "ResourceExistsException");
    assert_eq!(code(create(&mut account, "u", "one")), "ResourceExistsException");
    let (_, ending) = first.arn.rsplit_once("secret:s-").unwrap();
    assert_eq!(ending.len(), 6);
}

// During the window: no reading, no new secret of the name, but it comes back; afterwards it is gone.
#[test]
fn a_deleted_secret_can_come_back_within_its_window() {
    let mut account = Account::calm();
    let arn = create(&mut account, "t", "one").unwrap().arn;
    account.world.delete_secret(HOME, account.now, &arn, WINDOW).unwrap();
    let read = account.world.get_secret_value(HOME, account.now, "s", None, None);
    assert_eq!(code(read), "InvalidRequestException");
    assert_eq!(code(create(&mut account, "t", "one")), "InvalidRequestException");
    assert_eq!(account.world.inventory()[0].state, "SCHEDULED_FOR_DELETION");
    account.pass(6 * DAY);
    account.world.restore_secret(HOME, account.now, "s").unwrap();
    account.world.get_secret_value(HOME, account.now, &arn, None, None).unwrap();
    account.world.delete_secret(HOME, account.now, "s", WINDOW).unwrap();
    account.pass(7 * DAY);
    let gone = account.world.describe_secret(HOME, account.now, "s");
    assert_eq!(code(gone), "ResourceNotFoundException");
    create(&mut account, "t2", "new").unwrap();
}

// Force deletion is asynchronous: the name stays taken for a while. Of an absent secret it succeeds.
#[test]
fn a_forced_deletion_frees_the_name_only_later() {
    let mut account = Account::calm();
    let first = create(&mut account, "t", "one").unwrap();
    account.world.delete_secret(HOME, account.now, "s", FORCE).unwrap();
    assert_eq!(account.world.inventory(), []);
    assert_eq!(code(create(&mut account, "t", "one")), "InvalidRequestException");
    account.pass(MINUTE);
    let second = create(&mut account, "t", "one").unwrap();
    assert_ne!(first.arn, second.arn);
    account.world.delete_secret(HOME, account.now, "never-was", FORCE).unwrap();
    let missing = account.world.delete_secret(HOME, account.now, "never-was", WINDOW);
    assert_eq!(code(missing), "ResourceNotFoundException");
}

#[test]
fn a_window_and_force_exclude_each_other() {
    let mut account = Account::calm();
    create(&mut account, "t", "one").unwrap();
    for how in [
        DeleteSecret { recovery_window_days: Some(7), force: true },
        DeleteSecret { recovery_window_days: Some(6), force: false },
        DeleteSecret { recovery_window_days: Some(31), force: false },
    ] {
        let refused = account.world.delete_secret(HOME, account.now, "s", how);
        assert_eq!(code(refused), "InvalidParameterException");
    }
}

// aws-facts 2.6: AWSCURRENT and AWSPREVIOUS.
#[test]
fn a_new_value_keeps_the_previous_one() {
    let mut account = Account::calm();
    create(&mut account, "t", "one").unwrap();
    account.world.put_secret_value(HOME, account.now, "s", Some("u"), "two").unwrap();
    let current = account.world.get_secret_value(HOME, account.now, "s", None, None).unwrap();
    assert_eq!((current.secret_string.as_str(), &current.stages[0][..]), ("two", "AWSCURRENT"));
    let previous = account.world.get_secret_value(HOME, account.now, "s", None, Some("AWSPREVIOUS")).unwrap();
    assert_eq!((previous.secret_string.as_str(), &previous.version_id[..]), ("one", "t"));
    let clash = account.world.put_secret_value(HOME, account.now, "s", Some("u"), "three");
    assert_eq!(code(clash), "ResourceExistsException");
}

// aws-facts 5.2: the token is the version's id; the same again changes nothing, not even labels that moved on since.
#[test]
fn a_value_that_is_put_again_changes_nothing() {
    let mut account = Account::calm();
    create(&mut account, "t", "one").unwrap();
    let mut put = |token: &str, text: &str| {
        account.world.put_secret_value(HOME, account.now, "s", Some(token), text).unwrap().stages
    };
    assert_eq!(put("u", "two"), ["AWSCURRENT"]);
    assert_eq!(put("u", "two"), ["AWSCURRENT"]);
    assert_eq!(put("v", "three"), ["AWSCURRENT"]);
    assert_eq!(put("u", "two"), ["AWSPREVIOUS"]);
    assert_eq!(put("t", "one"), [""; 0]);
    let current = account.world.get_secret_value(HOME, account.now, "s", None, None).unwrap();
    assert_eq!((current.secret_string.as_str(), &current.version_id[..]), ("three", "v"));
    let old = account.world.get_secret_value(HOME, account.now, "s", Some("t"), None).unwrap();
    assert_eq!((old.secret_string.as_str(), old.stages.len()), ("one", 0));
}

#[test]
fn a_version_with_another_label_than_asked_for_is_refused() {
    let mut account = Account::calm();
    create(&mut account, "t", "one").unwrap();
    account.world.put_secret_value(HOME, account.now, "s", Some("u"), "two").unwrap();
    let mut get = |version, stage| account.world.get_secret_value(HOME, account.now, "s", version, stage);
    assert_eq!(get(Some("u"), Some("AWSCURRENT")).unwrap().secret_string, "two");
    assert_eq!(code(get(Some("t"), Some("AWSCURRENT"))), "InvalidRequestException");
    assert_eq!(code(get(Some("x"), None)), "ResourceNotFoundException");
    assert_eq!(code(get(None, Some("AWSPENDING"))), "ResourceNotFoundException");
}

#[test]
fn a_value_never_shows_in_a_debug_print() {
    let mut account = Account::calm();
    create(&mut account, "t", "top-secret-value").unwrap();
    let value = account.world.get_secret_value(HOME, account.now, "s", None, None).unwrap();
    assert!(!format!("{value:?}").contains("top-secret-value"));
    assert!(!format!("{:?}", account.world).contains("top-secret-value"));
}
