//! `iam.deny-ai-services`: refuses Amazon Bedrock and Amazon Q to a role or user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Principal, Residual, Scope, Use};
use crate::iam::{PolicyDocument, deny_ai_services};

/// Amazon Bedrock and Amazon Q, under every prefix that they have.
pub struct AiServices;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
}

impl Scope for AiServices {
    type Input = Input;

    const NAME: &'static str = "iam.deny-ai-services";
    const SUMMARY: &'static str = "Refuse Amazon Bedrock and Amazon Q to a role or user";
    const PAGE: &'static str = include_str!("iam_deny_ai_services.md");
    const POLICY: &'static str = "QuellDenyAiServices";

    fn principal<'i>(&self, input: &'i Input) -> &'i Principal {
        &input.principal
    }

    fn document(&self, _: &Input, _: &str) -> PolicyDocument {
        deny_ai_services()
    }

    fn ends_logs(&self) -> bool {
        false
    }

    fn does(&self, _: &Input) -> String {
        "refuse Amazon Bedrock and Amazon Q".to_owned()
    }

    fn leaves(&self, _: &Input, _: &Use) -> Vec<Residual> {
        let what = "what its policies allow beyond Amazon Bedrock and Amazon Q, taking on other roles included";
        vec![Residual::uncovered(what), Residual::running_work()]
    }
}
