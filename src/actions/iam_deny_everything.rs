//! `iam.deny-everything`: refuses everything to a role or user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::reached_by;
use super::{Principal, Residual, Scope, Use, seat_operations};
use crate::aws::Operation;
use crate::iam::{PolicyDocument, deny_everything};

/// Everything.
pub struct Everything;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
}

impl Scope for Everything {
    type Input = Input;

    const NAME: &'static str = "iam.deny-everything";
    const SUMMARY: &'static str = "Refuse everything to a role or user, its keys and its sessions included";
    const PAGE: &'static str = include_str!("iam_deny_everything.md");
    const POLICY: &'static str = "QuellDenyEverything";
    const READS: &'static [&'static Operation] = seat_operations::READS_WITHOUT_MAKING;
    const SENDS: &'static [&'static Operation] = seat_operations::SENDS_WITHOUT_MAKING;

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        &input.principal
    }

    fn document(&self, _: &Input, _: &str) -> PolicyDocument {
        deny_everything()
    }

    fn is_everything(&self) -> bool {
        true
    }

    fn does(&self, _: &Input) -> String {
        "refuse everything".to_owned()
    }

    fn leaves(&self, input: &Input, _: &Use) -> Vec<Residual> {
        reached_by(&input.principal)
    }
}
