//! `q.groups`: the groups that documents of the indices of Q Business are shown to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::q_parts::applications;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{ListQApplications, ListQGroups, ListQIndices, Operation, Request};
use crate::base::{QId, Region};

/// The groups that documents of the indices of Q Business are shown to.
pub struct QGroups;

/// What a runbook writes to choose groups: all that is given must fit.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Of this application only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<QId>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The name.
    pub name: String,
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The index.
    pub index: QId,
}

impl Query for QGroups {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "q.groups";
    const SUMMARY: &'static str =
        "The groups that documents in indices of Q Business are shown to, by name or application";
    const PAGE: &'static str = include_str!("q_groups.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQIndices::OPERATION, ListQGroups::OPERATION];
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        format!("{}/{}/{}", item.application, item.index, item.name)
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let fits = |name: &String| {
            input.name.as_ref().is_none_or(|wanted| wanted == name)
                && input.name_prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
        };
        let mut items = Vec::new();
        for application in applications(look, region, input.application.as_ref()).await? {
            let application = application.id;
            let first = ListQIndices { region: region.clone(), application: application.clone(), next: None };
            for index in look.find_all(first).await?.unwrap_or_default() {
                let (region, application, index) = (region.clone(), application.clone(), index.id);
                let first = ListQGroups {
                    region: region.clone(),
                    application: application.clone(),
                    index: index.clone(),
                    next: None,
                };
                let mut names = look.find_all(first).await?.unwrap_or_default();
                // The groups of several data sources may have one name.
                names.sort();
                names.dedup();
                items.extend(names.into_iter().filter(fits).map(|name| Item {
                    name,
                    region: region.clone(),
                    application: application.clone(),
                    index: index.clone(),
                }));
            }
        }
        Ok(Answer { items, truncated: None })
    }
}
