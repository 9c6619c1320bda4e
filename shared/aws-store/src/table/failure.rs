//! What an error of DynamoDB means to the caller: nothing was written because something else was there, nothing
//! was written at all, or nobody knows.

use super::items::number;
use super::tenants;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use headend_control::store::{StoreError, Tally};

type Failed<E> = SdkError<E, HttpResponse>;

/// An error of a call that reads or writes one item, or queries.
pub fn of<E: ProvideErrorMetadata + std::error::Error + 'static>(error: Failed<E>) -> StoreError {
    match &error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            classify(status, answer.err().code().unwrap_or_default(), words(answer.err()))
        }
        SdkError::ConstructionFailure(_) => StoreError::Failed(DisplayErrorContext(&error).to_string()),
        // A lost connection, a timeout, an answer that cannot be read: the write may have landed.
        _ => StoreError::Unsure(DisplayErrorContext(&error).to_string()),
    }
}

/// An error of a transaction after which the caller reads anew: another transaction at work is a conflict too.
pub fn of_transaction(error: Failed<TransactWriteItemsError>) -> StoreError {
    match of_counted(error, None) {
        StoreError::Busy => StoreError::Conflict,
        other => other,
    }
}

/// An error of a transaction whose last action counts: it says for each action why it was not done.
pub fn of_counted(error: Failed<TransactWriteItemsError>, tally: Option<Tally>) -> StoreError {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled_because(canceled.cancellation_reasons(), tally)
        }
        _ => of(error),
    }
}

/// What was not as expected comes first: then the count may be about something else. Where another transaction has an
/// item, a count that looks full may not be so in a moment.
fn canceled_because(reasons: &[CancellationReason], tally: Option<Tally>) -> StoreError {
    let (of_the_count, others) = match (tally, reasons.split_last()) {
        (Some(Tally::OneMore { counter, most }), Some((last, others))) => (Some((counter, most, last)), others),
        (Some(Tally::OneLess { .. }) | None, _) | (_, None) => (None, reasons),
    };
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    if others.iter().any(failed) {
        return StoreError::Conflict;
    }
    if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) {
        return StoreError::Busy;
    }
    if let Some((counter, most, reason)) = of_the_count.filter(|(_, _, reason)| failed(reason)) {
        let have = reason.item().and_then(|item| number(item, tenants::attribute(counter)));
        return StoreError::Full { counter, have: have.unwrap_or(most.into()), most };
    }
    let described = reasons.iter().filter(|reason| reason.code().is_some_and(|code| code != "None"));
    let described: Vec<String> = described
        .map(|reason| format!("{}: {}", reason.code().unwrap_or_default(), reason.message().unwrap_or_default()))
        .collect();
    StoreError::Failed(format!("TransactionCanceledException: {}", described.join("; ")))
}

fn words(error: &impl ProvideErrorMetadata) -> String {
    format!("{}: {}", error.code().unwrap_or("no code"), error.message().unwrap_or("no message"))
}

fn classify(status: u16, code: &str, words: String) -> StoreError {
    match code {
        "ConditionalCheckFailedException" | "TransactionConflictException" => StoreError::Conflict,
        // The same token is on its way already; whether it gets there is not known yet.
        "TransactionInProgressException" => StoreError::Unsure(words),
        _ if status >= 500 => StoreError::Unsure(words),
        _ => StoreError::Failed(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headend_control::store::Counter;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    fn canceled(codes: [&str; 3], tally: Option<Tally>) -> StoreError {
        canceled_because(&codes.map(reason), tally)
    }

    #[test]
    fn a_transaction_is_canceled_for_what_was_not_as_expected_before_anything_else() {
        let more = Some(Tally::OneMore { counter: Counter::Running, most: 3 });
        let less = Some(Tally::OneLess { counter: Counter::Running });
        let (fine, failed, busy) = ("None", "ConditionalCheckFailed", "TransactionConflict");
        for tally in [None, more, less] {
            assert_eq!(canceled([fine, failed, fine], tally), StoreError::Conflict);
            assert_eq!(canceled([busy, failed, failed], tally), StoreError::Conflict);
            assert_eq!(canceled([fine, busy, fine], tally), StoreError::Busy);
            assert_eq!(canceled([fine, fine, busy], tally), StoreError::Busy);
            let failure = canceled([fine, "ThrottlingError", fine], tally);
            assert!(matches!(&failure, StoreError::Failed(why) if why.contains("ThrottlingError")), "{failure:?}");
        }
        let full = StoreError::Full { counter: Counter::Running, have: 3, most: 3 };
        assert_eq!(canceled([fine, fine, failed], more), full);
        assert_eq!(canceled([busy, fine, failed], more), StoreError::Busy);
        for tally in [None, less] {
            assert_eq!(canceled([fine, fine, failed], tally), StoreError::Conflict, "no condition of a counter");
        }
    }

    #[test]
    fn a_full_tenant_is_told_what_it_has() {
        let counts = [("platforms", 7), ("running", 4)];
        let item = counts.map(|(name, count)| (name.to_owned(), super::super::n(count))).into_iter().collect();
        let reason = CancellationReason::builder().code("ConditionalCheckFailed").set_item(Some(item)).build();
        let tally = Some(Tally::OneMore { counter: Counter::Platforms, most: 5 });
        let full = StoreError::Full { counter: Counter::Platforms, have: 7, most: 5 };
        assert_eq!(canceled_because(&[reason], tally), full);
    }

    #[test]
    fn a_failed_condition_is_a_conflict() {
        assert_eq!(classify(400, "ConditionalCheckFailedException", String::new()), StoreError::Conflict);
    }

    #[test]
    fn a_server_error_may_have_written() {
        assert!(matches!(classify(500, "InternalServerError", String::new()), StoreError::Unsure(_)));
    }

    #[test]
    fn throttling_and_missing_permission_have_written_nothing() {
        for code in ["ProvisionedThroughputExceededException", "AccessDeniedException", "ValidationException"] {
            assert!(matches!(classify(400, code, String::new()), StoreError::Failed(_)), "{code}");
        }
    }
}
