//! `bedrock.customization-jobs`: the jobs of each Region that make custom models.

use super::{Making, ModelJobsKind};
use crate::aws::{ListBedrockTags, ListCustomizationJobs, LookupEvents, Operation, Request};
use crate::base::{CustomizationJobArn, Region};

/// The jobs of each Region that make custom models.
pub struct CustomizationJobsOfAll;

impl ModelJobsKind for CustomizationJobsOfAll {
    type Arn = CustomizationJobArn;
    type List = ListCustomizationJobs;

    const NAME: &'static str = "bedrock.customization-jobs";
    const SUMMARY: &'static str =
        "The jobs of each Region that make custom models, by creation time, creator, name or tag";
    const PAGE: &'static str = include_str!("bedrock_customization_jobs.md");
    const READS: &'static [&'static Operation] =
        &[ListCustomizationJobs::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateModelCustomizationJob"] });

    fn list(region: Region) -> ListCustomizationJobs {
        ListCustomizationJobs { region, next: None }
    }
}
