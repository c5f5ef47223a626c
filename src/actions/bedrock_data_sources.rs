//! `bedrock.data-sources`: the data sources of knowledge bases.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::{Answer, Assignment, Look, LookError, Making, Query};
use crate::aws::{DataDeletion, GetDataSource, ListDataSources, ListKnowledgeBases, LookupEvents, Operation, Request};
use crate::base::{DataSourceId, KnowledgeBaseId, Region};

/// The data sources of knowledge bases.
pub struct DataSources;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Belongs to the knowledge base with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge_base: Option<KnowledgeBaseId>,
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Is of this kind, in AWS's word: `S3`, `WEB`, `CUSTOM` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// A data source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: DataSourceId,
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseId,
    /// The Region.
    pub region: Region,
    /// The name that its maker gave it.
    pub name: String,
    /// Where its documents come from, in AWS's word.
    pub kind: String,
    /// Whether the embeddings stay when it is deleted.
    pub retains_data: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for DataSources {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.data-sources";
    const SUMMARY: &'static str =
        "The data sources of knowledge bases, by knowledge base, creation time, creator, name or kind";
    const PAGE: &'static str = include_str!("bedrock_data_sources.md");
    const READS: &'static [&'static Operation] =
        &[ListKnowledgeBases::OPERATION, ListDataSources::OPERATION, GetDataSource::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateDataSource"] });
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        format!("{} {}/{}", item.region, item.knowledge_base, item.id)
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let listed = look.ask_all(ListKnowledgeBases { region: region.clone(), next: None }).await?;
        let bases = listed.into_iter().map(|base| base.id);
        let mut items = Vec::new();
        for base in bases.filter(|base| input.knowledge_base.as_ref().is_none_or(|wanted| wanted == base)) {
            let first = ListDataSources { region: region.clone(), base: base.clone(), next: None };
            for listed in look.find_all(first).await?.unwrap_or_default() {
                if input.name.as_ref().is_some_and(|name| *name != listed.name) {
                    continue;
                }
                // The list tells neither when one was made nor what it reads.
                let asked = GetDataSource { region: region.clone(), base: base.clone(), source: listed.id.clone() };
                let Some(source) = look.find(asked).await? else { continue };
                let fits = input.created_after.is_none_or(|after| source.created >= after)
                    && input.created_before.is_none_or(|before| source.created < before)
                    && input.kind.as_ref().is_none_or(|kind| *kind == source.kind);
                if fits {
                    items.push(Item {
                        id: listed.id,
                        knowledge_base: base.clone(),
                        region: region.clone(),
                        name: source.name,
                        kind: source.kind,
                        retains_data: source.deletion == DataDeletion::Retain,
                        created_at: source.created,
                        status: source.status,
                    });
                }
            }
        }
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
