//! `bedrock.invocation-jobs`: the jobs of each Region that invoke models for many prompts.

use super::{Making, ModelJobsKind};
use crate::aws::{ListBedrockTags, ListInvocationJobs, LookupEvents, Operation, Request};
use crate::base::{InvocationJobArn, Region};

/// The jobs of each Region that invoke models for many prompts.
pub struct InvocationJobsOfAll;

impl ModelJobsKind for InvocationJobsOfAll {
    type Arn = InvocationJobArn;
    type List = ListInvocationJobs;

    const NAME: &'static str = "bedrock.invocation-jobs";
    const SUMMARY: &'static str =
        "The jobs of each Region that invoke models for many prompts, by creation time, creator, name or tag";
    const PAGE: &'static str = include_str!("bedrock_invocation_jobs.md");
    const READS: &'static [&'static Operation] =
        &[ListInvocationJobs::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateModelInvocationJob"] });

    fn list(region: Region) -> ListInvocationJobs {
        ListInvocationJobs { region, next: None }
    }
}
