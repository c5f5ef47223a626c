//! `bedrock.delete-custom-model-deployment`: deletes a deployment of a custom model, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, Residual, Stage, Story};
use crate::aws::{Call, DeleteModelDeployment as DeleteCall, GetModelDeployment, ModelThing, Operation, Request};
use crate::base::{Entity, EntityKind, Impact, ModelDeploymentArn, Region};

/// Deletes a deployment of a custom model, for good. What it was is captured first.
pub struct DeleteModelDeployment;

/// A deployment of a custom model. An item of the query `bedrock.custom-model-deployments` is one; what else it holds is not
/// looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModelDeploymentRef {
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: ModelDeploymentArn,
}

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The deployment.
    pub deployment: ModelDeploymentRef,
}

impl Deletion for DeleteModelDeployment {
    type Input = Input;
    type Part = String;
    type Present = ModelThing;

    const NAME: &'static str = "bedrock.delete-custom-model-deployment";
    const SUMMARY: &'static str = "Delete a deployment of a custom model, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_custom_model_deployment.md");
    const READS: &'static [&'static Operation] = &[GetModelDeployment::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteCall::OPERATION];
    const GOING: Duration = Duration::from_secs(15 * 60);

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.deployment.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::ModelDeployment, input.deployment.arn.id())
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<String, ModelThing>>, LookError> {
        let ModelDeploymentRef { region, arn } = input.deployment.clone();
        let Some(thing) = look.find(GetModelDeployment { region, arn }).await? else { return Ok(None) };
        let doomed =
            Doomed::new(thing.created.to_string(), if thing.is_passing() { Stage::Passing } else { Stage::Standing });
        Ok(Some(Found { doomed, present: thing }))
    }

    fn delete(&self, input: &Input) -> Call {
        let ModelDeploymentRef { region, arn } = input.deployment.clone();
        DeleteCall { region, arn }.into()
    }

    // No status says that it is on its way out.
    fn shows_going(&self, _: &Call) -> bool {
        false
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<String>, &ModelThing)>) -> Story {
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some((_, thing)) => format!(
                    "`{}` of {}, {}",
                    thing.name,
                    thing.text("modelArn").unwrap_or("an unknown model"),
                    thing.status
                ),
            },
            does: "delete it, for good".to_owned(),
            impact: if found.is_some() { Impact::Outage } else { Impact::NoneSeen },
            because: match found {
                Some(_) => "whatever names its ARN is refused for good, and AWS tells nobody what that is".to_owned(),
                None => "it is gone".to_owned(),
            },
            undo: String::new(),
            residual: vec![Residual::again(
                "the custom model itself, which whoever may call bedrock:CreateCustomModelDeployment can deploy again",
            )],
            notes: vec![],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "the model can be deployed again, with another ARN; what the deployment was is in the evidence".to_owned()
    }
}
