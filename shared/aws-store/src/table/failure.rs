//! What an error of DynamoDB means to the caller: nothing was written because something else was there, nothing
//! was written at all, or nobody knows.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use headend_control::store::StoreError;

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

/// An error of a transaction; it says for each action why it was not done.
pub fn of_transaction(error: Failed<TransactWriteItemsError>) -> StoreError {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
        return of(error);
    };
    let reasons = canceled.cancellation_reasons();
    let codes = || reasons.iter().filter_map(|reason| reason.code());
    if codes().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict")) {
        return StoreError::Conflict;
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
