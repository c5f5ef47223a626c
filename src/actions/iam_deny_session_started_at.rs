//! `iam.deny-session-started-at`: refuses everything to the sessions of a role or user that were started in one second.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::{admitted_to, reached_by};
use super::{Principal, Residual, Scope, Use, Who, seat_operations};
use crate::aws::Operation;
use crate::base::Digest;
use crate::iam::{PolicyDocument, deny_session_started_at};

/// The sessions of a principal that were started in one second.
pub struct SessionStartedAt;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
    /// When the session was started, to the second, as CloudTrail has it in `creationDate`.
    pub started_at: Timestamp,
}

impl Input {
    /// The second: AWS counts in nothing smaller.
    fn second(&self) -> Timestamp {
        Timestamp::from_second(self.started_at.as_second()).unwrap_or(self.started_at)
    }
}

impl Scope for SessionStartedAt {
    type Input = Input;

    const NAME: &'static str = "iam.deny-session-started-at";
    const SUMMARY: &'static str = "Refuse everything to the sessions of a role or user that were started in one second";
    const PAGE: &'static str = include_str!("iam_deny_session_started_at.md");
    const POLICY: &'static str = "QuellDenySession";
    const READS: &'static [&'static Operation] = seat_operations::READS_WITH_CREDENTIALS;

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        &input.principal
    }

    // Two sessions of one principal may be part of one incident.
    fn mark(&self, input: &Input) -> Option<String> {
        Some(Digest::of(&input.second()).short())
    }

    fn document(&self, input: &Input, _: &str) -> PolicyDocument {
        deny_session_started_at(input.second())
    }

    fn ends_logs(&self) -> bool {
        false
    }

    fn does(&self, input: &Input) -> String {
        format!("refuse everything to the sessions that were started at {}", input.second())
    }

    fn leaves_credentials(&self) -> bool {
        true
    }

    fn leaves(&self, input: &Input, used: &Use) -> Vec<Residual> {
        let principal = &input.principal;
        let what = "sessions that were started at any other moment";
        let credentials = match &principal.who {
            Who::User(_) => used.signs_with.residuals(),
            Who::Role(_) => admitted_to(&used.services, &used.others),
        };
        [vec![Residual::uncovered(what)], credentials, reached_by(principal)].concat()
    }
}
