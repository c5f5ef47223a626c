//! `iam.deny-ai-services`: refuses Amazon Bedrock and Amazon Q to a role or user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Principal, Scope};
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

    fn leaves(&self, input: &Input) -> Vec<String> {
        vec![
            format!("everything but Amazon Bedrock and Amazon Q for {}", input.principal),
            format!("work of agents, jobs and flows that {} started: it runs under their own roles", input.principal),
        ]
    }
}
