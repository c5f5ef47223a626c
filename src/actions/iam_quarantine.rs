//! `iam.quarantine`: AWS's own quarantine of compromised credentials, and a deny of what it leaves open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::made_policies::QUARANTINE;
use super::principal::reached_by;
use super::{Principal, Residual, Scope, Use};
use crate::iam::{PolicyDocument, deny_missed_by_quarantine};

/// What AWS's quarantine denies, and what it leaves open.
pub struct Quarantine;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
}

impl Scope for Quarantine {
    type Input = Input;

    const NAME: &'static str = "iam.quarantine";
    const SUMMARY: &'static str = "Put AWS's quarantine on a role or user, and deny what it misses";
    const PAGE: &'static str = include_str!("iam_quarantine.md");
    const POLICY: &'static str = "QuellQuarantine";

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        &input.principal
    }

    fn document(&self, _: &Input, _: &str) -> PolicyDocument {
        deny_missed_by_quarantine()
    }

    fn companion(&self) -> Option<&'static str> {
        Some(QUARANTINE)
    }

    fn does(&self, _: &Input) -> String {
        "attach AWSCompromisedKeyQuarantineV3 where AWS has room for it, and deny what it misses".to_owned()
    }

    fn leaves(&self, input: &Input, _: &Use) -> Vec<Residual> {
        let what = "what its policies allow and AWSCompromisedKeyQuarantineV3 does not name, such as reading data";
        [vec![Residual::uncovered(what)], reached_by(&input.principal)].concat()
    }
}
