//! `bedrock.stop-customization-job`: stops a job that makes a custom model, for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModelJobKind, Refusal, Residual};
use crate::aws::{Call, GetCustomizationJob, Operation, Request, StopCustomizationJob};
use crate::base::{CustomizationJobArn, Entity, EntityKind, Region};

/// Jobs that make a custom model.
pub struct CustomizationJobs;

/// A job that makes a custom model. An item of the query `bedrock.customization-jobs` is one; what else it holds is not looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CustomizationJobRef {
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: CustomizationJobArn,
}

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The job.
    pub job: CustomizationJobRef,
}

impl ModelJobKind for CustomizationJobs {
    type Input = Input;
    type Get = GetCustomizationJob;

    const NAME: &'static str = "bedrock.stop-customization-job";
    const SUMMARY: &'static str = "Stop a job that makes a custom model, for good";
    const PAGE: &'static str = include_str!("bedrock_stop_customization_job.md");
    const READS: &'static [&'static Operation] = &[GetCustomizationJob::OPERATION];
    const STOPS: &'static [&'static Operation] = &[StopCustomizationJob::OPERATION];

    fn region<'i>(&self, input: &'i Input) -> &'i Region {
        &input.job.region
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::CustomizationJob, input.job.arn.id())
    }

    fn get(&self, input: &Input) -> GetCustomizationJob {
        let CustomizationJobRef { region, arn } = input.job.clone();
        GetCustomizationJob { region, arn }
    }

    fn stop(&self, input: &Input) -> Call {
        let CustomizationJobRef { region, arn } = input.job.clone();
        StopCustomizationJob { region, arn }.into()
    }

    fn undo(&self, _: &Input) -> Refusal {
        let why =
            "what a stopped job has trained is lost; another one starts from the beginning, and is paid for again";
        Refusal::ForGood { why: why.to_owned() }
    }

    fn about(&self) -> (&'static str, &'static str) {
        ("baseModelArn", "the model that it trains is not made; what was trained so far is lost and may be paid for")
    }

    fn leaves(&self) -> Vec<Residual> {
        vec![
            Residual::stays("the training data in its bucket, and custom models that other jobs made"),
            Residual::again("whoever may call bedrock:CreateModelCustomizationJob can ask for another one"),
        ]
    }
}
