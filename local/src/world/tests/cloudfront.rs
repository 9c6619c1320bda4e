//! The life of a distribution (aws-facts 3).

use super::*;
use crate::world::cloudfront::{Distribution, DistributionConfig, DistributionStatus};

fn config(reference: &str) -> DistributionConfig {
    DistributionConfig { caller_reference: reference.into(), enabled: true, ..Default::default() }
}

fn create(account: &mut Account, reference: &str) -> Distribution {
    account.world.create_distribution(account.now, config(reference), Tags::new()).unwrap()
}

// aws-facts 3.6: InProgress for 3 to 10 minutes, after an update again.
#[test]
fn a_change_takes_minutes_to_be_deployed() {
    let mut account = Account::calm();
    let made = create(&mut account, "r");
    assert_eq!(made.status, DistributionStatus::InProgress);
    account.pass(3 * MINUTE - 1);
    let status = |account: &mut Account| account.world.get_distribution(account.now, &made.id).unwrap().status;
    assert_eq!(status(&mut account), DistributionStatus::InProgress);
    account.pass(7 * MINUTE + 1);
    assert_eq!(status(&mut account), DistributionStatus::Deployed);
    account.world.update_distribution(account.now, &made.id, Some(&made.etag), config("r")).unwrap();
    assert_eq!(status(&mut account), DistributionStatus::InProgress);
}

// aws-facts 3.6: up to 30 minutes, by switch.
#[test]
fn a_slow_distribution_takes_more_than_ten_minutes() {
    let mut account = Account::with(|it| it.switches.slow_distribution = 1.0);
    let id = create(&mut account, "r").id;
    account.pass(10 * MINUTE - 1);
    let status = account.world.get_distribution(account.now, &id).unwrap().status;
    assert_eq!(status, DistributionStatus::InProgress);
}

// aws-facts 3.6: delete only disabled and Deployed; both refusals have one code.
#[test]
fn only_a_disabled_and_deployed_distribution_can_go() {
    let mut account = Account::calm();
    let made = create(&mut account, "r");
    account.pass(10 * MINUTE);
    let not_disabled = (409, "DistributionNotDisabled".to_owned());
    let enabled = account.world.delete_distribution(account.now, &made.id, Some(&made.etag));
    assert_eq!(refusal(enabled), not_disabled);
    let off = DistributionConfig { enabled: false, ..config("r") };
    let off = account.world.update_distribution(account.now, &made.id, Some(&made.etag), off).unwrap();
    let early = account.world.delete_distribution(account.now, &made.id, Some(&off.etag));
    assert_eq!(refusal(early), not_disabled);
    account.pass(10 * MINUTE);
    account.world.delete_distribution(account.now, &made.id, Some(&off.etag)).unwrap();
    let gone = account.world.get_distribution(account.now, &made.id);
    assert_eq!(refusal(gone), (404, "NoSuchDistribution".into()));
}

// aws-facts 3.1, 3.3: the ETag changes with each update; a stale one is 412, a missing one 400.
#[test]
fn an_update_needs_the_present_etag() {
    let mut account = Account::calm();
    let made = create(&mut account, "r");
    let missing = account.world.update_distribution(account.now, &made.id, None, config("r"));
    assert_eq!(refusal(missing), (400, "InvalidIfMatchVersion".into()));
    let after = account.world.update_distribution(account.now, &made.id, Some(&made.etag), config("r"));
    assert_ne!(after.unwrap().etag, made.etag);
    let stale = account.world.update_distribution(account.now, &made.id, Some(&made.etag), config("r"));
    assert_eq!(refusal(stale), (412, "PreconditionFailed".into()));
}

// aws-facts 3.2: a CallerReference makes one distribution; it cannot be changed.
#[test]
fn a_caller_reference_is_spent_once() {
    let mut account = Account::calm();
    let made = create(&mut account, "r");
    let again = account.world.create_distribution(account.now, config("r"), Tags::new());
    assert_eq!(refusal(again), (409, "DistributionAlreadyExists".into()));
    let changed = account.world.update_distribution(account.now, &made.id, Some(&made.etag), config("s"));
    assert_eq!(refusal(changed), (400, "IllegalUpdate".into()));
}

// aws-facts 3.6: a timer of the first deployment must not end the second one early.
#[test]
fn an_update_during_deployment_starts_it_anew() {
    let mut account = Account::with(|it| {
        it.switches.durations.distribution_deploy = Span::secs(300, 300);
    });
    let made = create(&mut account, "r");
    account.pass(4 * MINUTE);
    account.world.update_distribution(account.now, &made.id, Some(&made.etag), config("r")).unwrap();
    account.pass(4 * MINUTE);
    let status = account.world.get_distribution(account.now, &made.id).unwrap().status;
    assert_eq!(status, DistributionStatus::InProgress);
}

// aws-facts 3.10: 200 distributions; 3.3: TooManyDistributions.
#[test]
fn the_quota_of_distributions_holds() {
    let mut account = Account::with(|it| it.quotas.set("cloudfront.distributions", 1).unwrap());
    create(&mut account, "r");
    let refused = account.world.create_distribution(account.now, config("s"), Tags::new());
    assert_eq!(refusal(refused), (400, "TooManyDistributions".into()));
}

#[test]
fn distributions_are_listed_in_pages_and_tagged() {
    let mut account = Account::calm();
    let arns: Vec<String> = (0..3).map(|n| create(&mut account, &n.to_string()).arn).collect();
    let tags = Tags::from([("k".into(), "v".into())]);
    account.world.tag_cloudfront_resource(account.now, &arns[1], tags.clone()).unwrap();
    assert_eq!(account.world.list_cloudfront_tags(account.now, &arns[1]).unwrap(), tags);
    let page = Page { max_results: Some(2), next_token: None };
    let first = account.world.list_distributions(account.now, &page).unwrap();
    let page = Page { max_results: Some(2), next_token: first.next_token };
    let second = account.world.list_distributions(account.now, &page).unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next_token), (2, 1, None));
}
