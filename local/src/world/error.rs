//! A refusal as AWS words it, before any protocol has put it on the wire.

use serde::{Deserialize, Serialize};

/// Status, error code and message of a refused call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct AwsError {
    pub status: u16,
    /// The name of the error shape on the wire, for example `ConflictException`.
    pub code: String,
    pub message: String,
    /// MediaLive's `validationErrors`: (elementPath, errorMessage).
    pub validation: Vec<(String, String)>,
}

impl AwsError {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), validation: Vec::new() }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundException", message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "ConflictException", message)
    }

    /// MediaPackage v1 has this one shape for every invalid request (aws-facts 2.1).
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(422, "UnprocessableEntityException", message)
    }

    pub fn too_many_requests(message: impl Into<String>) -> Self {
        Self::new(429, "TooManyRequestsException", message)
    }

    /// MediaLive's 422 with every defect that was found (aws-facts 1.1).
    pub fn invalid_elements(validation: Vec<(String, String)>) -> Self {
        let mut error = Self::unprocessable("Invalid request input");
        error.validation = validation;
        error
    }
}
