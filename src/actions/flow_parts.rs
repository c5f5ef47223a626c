//! A flow with its aliases and versions, as they are read before it is changed or deleted.

use futures_util::future::try_join_all;

use super::flow_ref::FlowRef;
use super::{Look, LookError};
use crate::aws::{
    Flow, FlowAlias, GetFlow, GetFlowVersion, ListFlowAliases, ListFlowVersions, Operation, Request, TEST_ALIAS,
};

/// What is asked for that.
pub(super) const READS: &[&Operation] =
    &[GetFlow::OPERATION, GetFlowVersion::OPERATION, ListFlowAliases::OPERATION, ListFlowVersions::OPERATION];

/// A flow with its aliases and versions.
pub(super) struct FlowParts {
    /// The flow.
    pub(super) flow: Flow,
    /// Its aliases, but for the test alias, which AWS keeps.
    pub(super) aliases: Vec<FlowAlias>,
    /// Its versions by number; nothing for one that went between the list and the look.
    pub(super) versions: Vec<(u32, Option<Flow>)>,
}

/// Reads a flow with its aliases and versions; nothing where it does not exist.
pub(super) async fn flow_parts(look: &Look<'_>, flow: &FlowRef) -> Result<Option<FlowParts>, LookError> {
    let FlowRef { region, id } = flow.clone();
    let Some(flow) = look.find(GetFlow { region: region.clone(), flow: id.clone() }).await? else { return Ok(None) };
    let first = ListFlowAliases { region: region.clone(), flow: id.clone(), next: None };
    let mut aliases = look.find_all(first).await?.unwrap_or_default();
    aliases.retain(|alias| alias.id != TEST_ALIAS);
    let first = ListFlowVersions { region: region.clone(), flow: id.clone(), next: None };
    let numbers = look.find_all(first).await?.unwrap_or_default();
    let asked = numbers.iter().map(|version| {
        look.find(GetFlowVersion { region: region.clone(), flow: id.clone(), version: version.clone() })
    });
    let read = try_join_all(asked).await?;
    let versions = numbers.iter().zip(read).filter_map(|(number, version)| Some((number.parse().ok()?, version)));
    Ok(Some(FlowParts { flow, aliases, versions: versions.collect() }))
}
