//! The policy that ends sessions by the time their token was issued.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::date::{read_date, write_date};
use super::denies::{as_boundary, denied_by_boundary};
use super::document::PolicyDocument;
use super::statement::Statement;

const SID: &str = "QuellRevokeOlderSessions";

/// Makes the policy that denies everything to sessions whose token was issued before the cut-off, as the IAM console's
/// "Revoke active sessions" does.
///
/// `DateLessThan` is false where `aws:TokenIssueTime` is absent, so long-term keys are spared. The cut-off is rounded
/// up to a whole second.
pub fn revoke_older_sessions(cutoff: Timestamp) -> PolicyDocument {
    let statement = json!({
        "Sid": SID,
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": write_date(cutoff) } },
    });
    PolicyDocument::of(Statement::try_from(statement).expect("the statement is written out above and valid"))
}

/// Returns the cut-off of a policy that [`revoke_older_sessions`] made; nothing for any other document, since one that
/// only looks similar may deny less.
pub fn cutoff_of(document: &PolicyDocument) -> Option<Timestamp> {
    let condition = document.find_statement(SID)?.json().get("Condition")?;
    let cutoff = read_date(condition.pointer("/DateLessThan/aws:TokenIssueTime").and_then(Value::as_str)?)?;
    (*document == revoke_older_sessions(cutoff)).then_some(cutoff)
}

/// Makes the permissions boundary that does the same and leaves all else as the policies allow it.
pub fn bound_older_sessions(cutoff: Timestamp) -> PolicyDocument {
    as_boundary(&revoke_older_sessions(cutoff))
}

/// Returns the cut-off of a permissions boundary that [`bound_older_sessions`] made; nothing for any other document. As a policy
/// that is attached it would allow everything.
pub fn cutoff_of_boundary(document: &PolicyDocument) -> Option<Timestamp> {
    cutoff_of(&denied_by_boundary(document)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cutoff_comes_back() {
        let cutoff = "2026-11-22T03:00:30Z".parse().expect("a time");
        let policy = revoke_older_sessions(cutoff);
        assert_eq!(cutoff_of(&policy), Some(cutoff));
        assert_eq!(cutoff_of(&PolicyDocument::parse(&policy.to_json()).expect("a policy")), Some(cutoff));
    }

    #[test]
    fn a_boundary_is_told_from_a_deny() {
        let cutoff = "2026-11-22T03:00:30Z".parse().expect("a time");
        let boundary = bound_older_sessions(cutoff);
        assert_eq!((cutoff_of(&boundary), cutoff_of_boundary(&boundary)), (None, Some(cutoff)));
        assert_eq!(cutoff_of_boundary(&revoke_older_sessions(cutoff)), None);
        assert_eq!(cutoff_of_boundary(&as_boundary(&boundary)), None);
    }

    #[test]
    fn a_fraction_of_a_second_never_shortens_the_reach() {
        let policy = revoke_older_sessions("2026-11-22T03:00:30.2Z".parse().expect("a time"));
        assert_eq!(cutoff_of(&policy), Some("2026-11-22T03:00:31Z".parse().expect("a time")));
    }

    #[test]
    fn a_lookalike_has_no_cutoff() {
        let text = revoke_older_sessions("2026-11-22T03:00:30Z".parse().expect("a time")).to_json();
        for lookalike in [
            text.replace(r#""Resource":"*""#, r#""Resource":"arn:aws:s3:::x""#),
            text.replace(r#""Action":"*""#, r#""Action":"s3:*""#),
            text.replace("Deny", "Allow"),
            text.replace("DateLessThan", "DateLessThanIfExists"),
            text.replace(r#""Condition":{"#, r#""Condition":{"Bool":{"aws:SecureTransport":"false"},"#),
        ] {
            let lookalike = PolicyDocument::parse(&lookalike).expect("a policy");
            assert_eq!(cutoff_of(&lookalike), None, "{lookalike}");
        }
    }
}
