//! quell contains and remediates AWS security incidents around Amazon Bedrock and Amazon Q.

pub mod actions;
pub mod aws;
pub mod base;
pub mod cli;
pub mod evidence;
pub mod graph;
pub mod guard;
pub mod iam;
pub mod journal;
pub mod plan;
pub mod range;
pub mod report;
pub mod run;
pub mod runbook;
