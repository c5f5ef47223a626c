//! The errors that every service has, in the words of each.

use crate::range::wire::{ApiError, ServiceName};

/// An error of an operation, with the status that the service model or the protocol gives it.
pub(crate) fn refuse(code: &str, message: impl Into<String>) -> ApiError {
    let status = match code {
        "NoSuchEntity" | "ResourceNotFoundException" => 404,
        "DeleteConflict" | "EntityAlreadyExists" | "LimitExceeded" | "ConflictException" => 409,
        "ServiceQuotaExceededException" => 402,
        "AccessDenied" | "AccessDeniedException" => 403,
        _ => 400,
    };
    ApiError::new(code, status, message)
}

/// An error that does not depend on the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refuse {
    /// The caller may not.
    AccessDenied,
    /// The session has ended.
    Expired,
    /// The credentials are unknown or not active.
    UnknownKey,
    /// The request is not signed.
    Unsigned,
    /// There were too many requests.
    Throttled,
    /// The service failed.
    Internal,
    /// The service is not available.
    Unavailable,
    /// The service has no such operation here.
    UnknownOperation,
}

impl Refuse {
    /// The error as the service words it.
    pub(crate) fn by(self, service: ServiceName, message: Option<String>) -> ApiError {
        use ServiceName::{Account, Iam, Sts, Support};
        let query = matches!(service, Iam | Sts);
        let json =
            matches!(service, Support | ServiceName::Cloudtrail | ServiceName::Secretsmanager | ServiceName::Sqs);
        let pick = |in_query: &'static str, elsewhere: &'static str| if query { in_query } else { elsewhere };
        let denied_status = if json { 400 } else { 403 };
        let (code, status, text) = match self {
            Self::AccessDenied => {
                (pick("AccessDenied", "AccessDeniedException"), denied_status, "the caller is not authorized")
            }
            Self::Expired => (
                pick("ExpiredToken", "ExpiredTokenException"),
                denied_status,
                "The security token included in the request is expired",
            ),
            Self::UnknownKey => (
                pick("InvalidClientTokenId", "UnrecognizedClientException"),
                denied_status,
                "The security token included in the request is invalid.",
            ),
            Self::Unsigned => (
                pick("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
                denied_status,
                "Request is missing Authentication Token",
            ),
            Self::Throttled if query => ("Throttling", 400, "Rate exceeded"),
            Self::Throttled if service == ServiceName::Sqs => ("RequestThrottled", 400, "Rate exceeded"),
            Self::Throttled if service == Account => ("TooManyRequestsException", 429, "Too Many Requests"),
            Self::Throttled => ("ThrottlingException", if json { 400 } else { 429 }, "Rate exceeded"),
            Self::Internal => match service {
                Iam => ("ServiceFailure", 500, "The request processing has failed because of an unknown error."),
                Sts => ("InternalFailure", 500, "The request processing has failed because of an unknown error."),
                ServiceName::Guardduty => ("InternalServerErrorException", 500, "Internal server error."),
                ServiceName::Sqs => {
                    ("InternalFailure", 500, "The request processing has failed because of an unknown error.")
                }
                ServiceName::Secretsmanager => ("InternalServiceError", 500, "An internal server error occurred."),
                Support | ServiceName::Cloudtrail => ("InternalServerError", 500, "An internal server error occurred."),
                _ => ("InternalServerException", 500, "An internal server error occurred."),
            },
            Self::Unavailable => (
                pick("ServiceUnavailable", "ServiceUnavailableException"),
                503,
                "The request has failed due to a temporary failure of the server.",
            ),
            Self::UnknownOperation => ("UnknownOperationException", 404, "the range does not have this operation"),
        };
        ApiError::new(code, status, message.unwrap_or_else(|| text.to_owned()))
    }
}
