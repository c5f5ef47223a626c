//! `iam.deny-session`: refuses everything to the sessions of a role that have one name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::{admitted_to, reached_by};
use super::{Principal, Residual, RolePrincipal, Scope, Use, seat_operations};
use crate::aws::Operation;
use crate::base::{Digest, SessionName};
use crate::iam::{PolicyDocument, deny_session};

/// The sessions of a role that have one name.
pub struct OneSession;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role, or of its session.
    pub role: RolePrincipal,
    /// The session's name: what stands behind the role in the session's ARN.
    pub session: SessionName,
}

impl Scope for OneSession {
    type Input = Input;

    const NAME: &'static str = "iam.deny-session";
    const SUMMARY: &'static str = "Refuse everything to the sessions of a role that have one name";
    const PAGE: &'static str = include_str!("iam_deny_session.md");
    const POLICY: &'static str = "QuellDenySession";
    const READS: &'static [&'static Operation] = seat_operations::ROLE_READS;
    const SENDS: &'static [&'static Operation] = seat_operations::ROLE_SENDS;

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        input.role.principal()
    }

    // Two sessions of one role may be part of one incident.
    fn mark(&self, input: &Input) -> Option<String> {
        Some(Digest::of(&input.session).short())
    }

    fn document(&self, input: &Input, id: &str) -> PolicyDocument {
        deny_session(id, input.session.as_str())
    }

    fn ends_logs(&self) -> bool {
        false
    }

    fn does(&self, input: &Input) -> String {
        format!("refuse everything to the sessions named {}", input.session)
    }

    fn leaves(&self, input: &Input, used: &Use) -> Vec<Residual> {
        let what = "sessions under any other name, which whoever may assume it chooses";
        let principal = input.role.principal();
        let (services, others) = (&used.services, &used.others);
        [vec![Residual::uncovered(what)], admitted_to(services, others), reached_by(principal)].concat()
    }
}
