//! `bedrock.stop-invocation-job`: stops a job that invokes a model for many prompts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModelJobKind, Refusal, Residual};
use crate::aws::{Call, GetInvocationJob, Operation, Request, StopInvocationJob};
use crate::base::{Entity, EntityKind, InvocationJobArn, Region};

/// Jobs that invoke a model for many prompts.
pub struct InvocationJobs;

/// A job that invokes a model for many prompts. An item of the query `bedrock.invocation-jobs` is one; what else it holds is not
/// looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct InvocationJobRef {
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: InvocationJobArn,
}

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The job.
    pub job: InvocationJobRef,
}

impl ModelJobKind for InvocationJobs {
    type Input = Input;
    type Get = GetInvocationJob;

    const NAME: &'static str = "bedrock.stop-invocation-job";
    const SUMMARY: &'static str = "Stop a job that invokes a model for many prompts";
    const PAGE: &'static str = include_str!("bedrock_stop_invocation_job.md");
    const READS: &'static [&'static Operation] = &[GetInvocationJob::OPERATION];
    const STOPS: &'static [&'static Operation] = &[StopInvocationJob::OPERATION];

    fn region<'i>(&self, input: &'i Input) -> &'i Region {
        &input.job.region
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::InvocationJob, input.job.arn.id())
    }

    fn get(&self, input: &Input) -> GetInvocationJob {
        let InvocationJobRef { region, arn } = input.job.clone();
        GetInvocationJob { region, arn }
    }

    fn stop(&self, input: &Input) -> Call {
        let InvocationJobRef { region, arn } = input.job.clone();
        StopInvocationJob { region, arn }.into()
    }

    fn undo(&self, input: &Input) -> Refusal {
        Refusal::ByHand {
            why: "a job that was stopped does not go on; another one is answered from the first prompt, and paid for"
                .to_owned(),
            instructions: vec![format!(
                "If it was your own, start another job of the prompts that {} had not answered; the evidence has its input",
                input.job.arn
            )],
        }
    }

    fn about(&self) -> (&'static str, &'static str) {
        (
            "modelId",
            "whoever waits for its answers gets no more of them; what was answered so far stays and is paid for",
        )
    }

    fn leaves(&self) -> Vec<Residual> {
        vec![
            Residual::stays("what it has answered so far, in the bucket that it writes to"),
            Residual::again("whoever may call bedrock:CreateModelInvocationJob can start another one"),
        ]
    }
}
