//! `bedrock.documents`: the documents in the indices of knowledge bases.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{
    GetDataSource, ListDataSources, ListKnowledgeBaseDocuments, ListKnowledgeBases, Operation, Request, takes_documents,
};
use crate::base::{DataSourceId, KnowledgeBaseId, Region};

/// The documents in the indices of knowledge bases.
pub struct Documents;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Belongs to the knowledge base with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge_base: Option<KnowledgeBaseId>,
    /// Came through the data source with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSourceId>,
    /// Was put in, or changed in the index, at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_after: Option<Timestamp>,
    /// Was put in, or changed in the index, before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_before: Option<Timestamp>,
}

/// A document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id that it was put in with, or its `s3://` address.
    pub id: String,
    /// The data source that it came through.
    pub data_source: DataSourceId,
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseId,
    /// The Region.
    pub region: Region,
    /// When it was put in, or last changed in the index.
    pub updated_at: Timestamp,
    /// How far it is, in AWS's word.
    pub status: String,
}

impl Query for Documents {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.documents";
    const SUMMARY: &'static str =
        "The documents in the indices of knowledge bases, by knowledge base, data source or time";
    const PAGE: &'static str = include_str!("bedrock_documents.md");
    const READS: &'static [&'static Operation] = &[
        ListKnowledgeBases::OPERATION,
        ListDataSources::OPERATION,
        GetDataSource::OPERATION,
        ListKnowledgeBaseDocuments::OPERATION,
    ];
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        format!("{} {}/{}/{} of {}", item.region, item.knowledge_base, item.data_source, item.id, item.updated_at)
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
            let sources = look.find_all(first).await?.unwrap_or_default().into_iter().map(|source| source.id);
            for source in sources.filter(|id| input.data_source.as_ref().is_none_or(|wanted| wanted == id)) {
                // AWS lists documents, and takes them out one by one, only where they may also be put in one by one.
                let asked = GetDataSource { region: region.clone(), base: base.clone(), source: source.clone() };
                if !look.find(asked).await?.is_some_and(|found| takes_documents(&found.kind)) {
                    continue;
                }
                let (in_region, in_base, of) = (region.clone(), base.clone(), source.clone());
                let first = ListKnowledgeBaseDocuments { region: in_region, base: in_base, source: of, next: None };
                for document in look.find_all(first).await?.unwrap_or_default() {
                    let fits = input.updated_after.is_none_or(|after| document.updated >= after)
                        && input.updated_before.is_none_or(|before| document.updated < before);
                    if document.is_leaving() || !fits {
                        continue;
                    }
                    items.push(Item {
                        id: document.id,
                        data_source: source.clone(),
                        knowledge_base: base.clone(),
                        region: region.clone(),
                        updated_at: document.updated,
                        status: document.status,
                    });
                }
            }
        }
        items.sort_by(|one, other| (one.updated_at, &one.id).cmp(&(other.updated_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
