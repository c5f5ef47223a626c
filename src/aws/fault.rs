//! What went wrong with a request, sorted by what it means for the next move.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Operation;
use super::reader::{BROKEN_OFF, ENDLESS};

/// What a fault means for the next move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// It never left this machine, or AWS says that it did nothing: sending again is safe.
    NotSent,
    /// AWS asked to slow down; it did nothing.
    Throttled,
    /// AWS says that the thing is busy or still changing; it did nothing.
    Busy,
    /// It may have taken effect, or not.
    InDoubt,
    /// The caller may not.
    Forbidden,
    /// The caller's credentials have ended.
    Expired,
    /// The thing does not exist.
    NotFound,
    /// Something else stands in the way: children, users of the thing.
    InUse,
    /// A quota is used up.
    Quota,
    /// AWS does not let anybody change this (service-linked and Identity Center roles).
    Protected,
    /// The account has no access to this API (AWS Support without a paid plan).
    NotSubscribed,
    /// AWS did not understand: a mistake in quell.
    BadRequest,
    /// Refused on this side, by the read-only guard.
    Guarded,
    /// Nothing of the above.
    Other,
}

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Fault {
    /// The operation, such as `iam:PutRolePolicy`.
    pub operation: String,
    /// What it means for the next move.
    pub kind: FaultKind,
    /// AWS's error code, or a word of our own where AWS said nothing.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's id of the request, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.operation, self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(out, ": {}", self.message) }
    }
}

impl Fault {
    /// AWS accepted the request and answered what cannot be.
    pub(super) fn nonsense(operation: &Operation, why: impl fmt::Display) -> Self {
        Self::of(operation, FaultKind::Other, "NonsenseReply", why.to_string())
    }

    /// Whether some pages of an answer had been read by then: what is known is less than there is, and more than nothing.
    pub fn cuts_an_answer_short(&self) -> bool {
        [BROKEN_OFF, ENDLESS].contains(&self.code.as_str())
    }

    /// Whether AWS refuses the place in a list at which, as it said itself, the next page begins. To be asked only of a request
    /// that names one, after one that was answered and differs in nothing else.
    pub(super) fn refuses_the_place(&self) -> bool {
        match self.code.as_str() {
            // AWS CloudTrail.
            "InvalidNextTokenException" => true,
            // IAM; Bedrock, Q Business and Account Management; AWS Support. They mean anything that is not understood: the message
            // says what.
            "ValidationError" | "InvalidInput" | "ValidationException" | "InvalidParameterValueException" => {
                let message = self.message.to_ascii_lowercase();
                ["token", "marker"].iter().any(|word| message.contains(word))
            }
            _ => false,
        }
    }

    /// A fault that was noticed on this side.
    pub fn of(operation: &Operation, kind: FaultKind, code: &str, message: String) -> Self {
        Self { operation: operation.to_string(), kind, code: code.to_owned(), message, request_id: None }
    }
}

impl FaultKind {
    /// What an error code of AWS means. `status` decides where the code is unknown: 5xx leaves a doubt, and so does a
    /// success whose body was cut short, which the SDK reports as an error without a code.
    pub fn of(code: &str, message: &str, status: u16) -> Self {
        match code {
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "KMS.ThrottlingException"
            | "KmsThrottled"
            | "SlowDown" => Self::Throttled,
            "ConcurrentModification"
            | "EntityTemporarilyUnmodifiable"
            | "ConcurrentModificationException"
            | "RetryableConflictException" => Self::Busy,
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "KMS.AccessDeniedException"
            | "KmsAccessDenied" => Self::Forbidden,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "RequestExpired" => Self::Expired,
            "NoSuchEntity"
            | "ResourceNotFoundException"
            | "CaseIdNotFound"
            | "NoSuchEntityException"
            | "QueueDoesNotExist"
            | "AWS.SimpleQueueService.NonExistentQueue" => Self::NotFound,
            "DeleteConflict" | "ConflictException" | "ResourceInUseException" => Self::InUse,
            "LimitExceeded"
            | "ServiceQuotaExceededException"
            | "CaseCreationLimitExceeded"
            | "AttachmentLimitExceeded"
            | "OverLimit" => Self::Quota,
            "UnmodifiableEntity" => Self::Protected,
            "SubscriptionRequiredException" => Self::NotSubscribed,
            "ValidationError"
            | "ValidationException"
            | "MalformedPolicyDocument"
            | "InvalidInput"
            | "MalformedPolicyDocumentException"
            | "InvalidAction"
            | "UnknownOperationException" => Self::BadRequest,
            "InternalServerError"
            | "InternalServerException"
            | "ServiceFailure"
            | "InternalFailure"
            | "ServiceUnavailable" => Self::InDoubt,
            _ if message.starts_with("Rate exceeded") => Self::Throttled,
            _ if status == 429 => Self::Throttled,
            _ if !(400..500).contains(&status) => Self::InDoubt,
            _ if status == 403 => Self::Forbidden,
            _ if status == 404 => Self::NotFound,
            _ => Self::Other,
        }
    }

    /// Whether the request certainly had no effect.
    pub fn had_no_effect(self) -> bool {
        self != Self::InDoubt
    }

    /// Whether waiting a little can help, given that nothing happened.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::NotSent | Self::Throttled | Self::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DeleteAgent, Request};
    use super::*;

    #[test]
    fn a_place_that_is_gone_is_told_from_credentials_and_other_mistakes() {
        let refuses = |code: &str, message: &str| {
            Fault::of(DeleteAgent::OPERATION, FaultKind::of(code, message, 400), code, message.to_owned())
                .refuses_the_place()
        };
        assert!(refuses("ValidationError", "Invalid Marker."));
        assert!(refuses("ValidationException", "the token is invalid"));
        assert!(refuses("InvalidNextTokenException", ""));
        assert!(!refuses("ValidationError", "MaxItems is too large"));
        assert!(!refuses("ExpiredToken", "The security token included in the request is expired"));
        assert!(!refuses("UnrecognizedClientException", "The security token included in the request is invalid."));
        assert!(!refuses("AccessDenied", "you may not use this token"));
    }

    #[test]
    fn a_doubt_is_never_taken_for_a_no() {
        assert_eq!(FaultKind::of("InternalServerException", "", 500), FaultKind::InDoubt);
        assert_eq!(FaultKind::of("Unknown", "", 503), FaultKind::InDoubt);
        assert_eq!(FaultKind::of("Unknown", "", 200), FaultKind::InDoubt);
        assert_eq!(FaultKind::of("Unknown", "Rate exceeded", 400), FaultKind::Throttled);
        assert_eq!(FaultKind::of("SomethingNew", "", 400), FaultKind::Other);
        assert_eq!(FaultKind::of("SubscriptionRequiredException", "", 400), FaultKind::NotSubscribed);
    }
}
