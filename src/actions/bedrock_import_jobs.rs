//! `bedrock.import-jobs`: the jobs of each Region that bring models in from elsewhere.

use super::{Making, ModelJobsKind};
use crate::aws::{ListBedrockTags, ListImportJobs, LookupEvents, Operation, Request};
use crate::base::Region;

/// The jobs of each Region that bring models in from elsewhere.
pub struct ImportJobsOfAll;

impl ModelJobsKind for ImportJobsOfAll {
    type Arn = String;
    type List = ListImportJobs;

    const NAME: &'static str = "bedrock.import-jobs";
    const SUMMARY: &'static str =
        "The jobs of each Region that bring models in from elsewhere, by creation time, creator, name or tag";
    const PAGE: &'static str = include_str!("bedrock_import_jobs.md");
    const READS: &'static [&'static Operation] =
        &[ListImportJobs::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateModelImportJob"] });

    fn list(region: Region) -> ListImportJobs {
        ListImportJobs { region, next: None }
    }
}
