//! Classification of AWS's errors.

use super::Told;
use headend_domain::action::RefusalKind::{self, Conflict, Denied, Quota, Rejected, Throttled, Unsure};

fn said(status: u16, code: &str, message: &str) -> Told {
    Told::Said { status, code: code.to_owned(), message: message.to_owned() }
}

fn check(cases: &[(u16, &str, &str, RefusalKind)]) {
    for (status, code, message, expected) in cases {
        assert_eq!(said(*status, code, message).refusal().kind, *expected, "{status} {code} {message}");
    }
}

#[test]
fn rates_are_throttled_and_resource_limits_are_quotas() {
    check(&[
        (429, "TooManyRequestsException", "Rate exceeded", Throttled),
        (429, "TooManyRequestsException", "Too many requests", Throttled),
        (429, "TooManyRequestsException", "Limit exceeded: channels (quota medialive.channels)", Quota),
        (403, "ForbiddenException", "Channel limit has been reached", Quota),
        (422, "UnprocessableEntityException", "You have reached your quota of channels", Quota),
        (400, "ThrottlingException", "Rate exceeded", Throttled),
        (400, "Throttling", "Rate exceeded", Throttled),
        (400, "TooManyDistributions", "Too many", Quota),
        (400, "LimitExceededException", "More secrets than allowed", Quota),
        (400, "LimitExceededFault", "Too many alarms", Quota),
        (400, "ThrottlingException", "Request rate limit exceeded", Throttled),
    ]);
}

#[test]
fn a_conflict_is_a_wait_and_a_missing_permission_is_for_a_person() {
    check(&[
        (409, "ConflictException", "the channel is not idle", Conflict),
        (412, "PreconditionFailed", "stale", Conflict),
        (400, "InvalidIfMatchVersion", "stale", Conflict),
        (403, "AccessDeniedException", "not authorized to perform: medialive:CreateChannel", Denied),
        (400, "AccessDeniedException", "not authorized", Denied),
        (422, "UnprocessableEntityException", "bad", Rejected),
        (400, "BadRequestException", "bad", Rejected),
        (500, "InternalServerErrorException", "oops", Unsure),
        (504, "GatewayTimeoutException", "late", Unsure),
    ]);
}

#[test]
fn a_delete_that_is_refused_waits_for_whatever_still_holds_the_object() {
    let held = said(400, "BadRequestException", "inputs still use the security group");
    assert_eq!(held.refusal_of_delete().kind, Conflict);
    assert_eq!(said(403, "ForbiddenException", "no").refusal_of_delete().kind, Denied);
}

#[test]
fn an_id_that_is_taken_is_told_from_an_id_that_is_missing() {
    assert!(said(422, "UnprocessableEntityException", "A channel with id x already exists").says_exists());
    assert!(!said(422, "UnprocessableEntityException", "Channel x does not exist").says_exists());
    assert!(!said(409, "ConflictException", "exists").says_exists());
}

#[test]
fn not_there_has_several_names() {
    assert!(said(404, "NotFoundException", "").not_found());
    assert!(said(400, "ResourceNotFoundException", "").not_found());
    assert!(said(404, "NoSuchDistribution", "").not_found());
    assert!(!said(400, "BadRequestException", "").not_found());
}
