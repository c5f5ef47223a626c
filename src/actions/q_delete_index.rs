//! `q.delete-index`: deletes an index of a Q Business application with its data sources, for good.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::q_contents::{in_order, of_index, retrievers, stage_of};
use super::q_delete_retriever::native_index;
use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QHeld, QPart, QPartRef, Residual, Story};
use crate::aws::{
    Call, DeleteQDataSource, DeleteQIndex as DeleteCall, GetQDataSource, GetQIndex, GetQRetriever,
    ListQDataSourceSyncJobs, ListQDataSources, ListQRetrievers, Operation, QThing, Request, StopQDataSourceSyncJob,
};
use crate::base::{Entity, EntityKind, Impact, Region, counted};

/// Deletes an index of a Q Business application with its data sources, for good.
pub struct DeleteQIndex;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The index.
    pub index: QPartRef,
    /// Whether it is deleted even while a retriever looks into it.
    #[serde(default)]
    pub even_if_used: bool,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that AWS tells of it.
    pub index: QThing,
    /// What it holds.
    pub held: Vec<QHeld>,
}

/// How many documents an index holds, as far as AWS tells.
pub(super) fn documents(index: &QThing) -> Option<u64> {
    index.words.pointer("/indexStatistics/textDocumentStatistics/indexedTextDocumentCount")?.as_u64()
}

impl Deletion for DeleteQIndex {
    type Input = Input;
    type Part = QPart;
    type Present = Present;

    const NAME: &'static str = "q.delete-index";
    const SUMMARY: &'static str = "Delete an index of a Q Business application with its data sources, for good";
    const PAGE: &'static str = include_str!("q_delete_index.md");
    const READS: &'static [&'static Operation] = &[
        GetQIndex::OPERATION,
        ListQDataSources::OPERATION,
        GetQDataSource::OPERATION,
        ListQDataSourceSyncJobs::OPERATION,
        ListQRetrievers::OPERATION,
        GetQRetriever::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] =
        &[StopQDataSourceSyncJob::OPERATION, DeleteQDataSource::OPERATION, DeleteCall::OPERATION];
    // Its documents go with it.
    const GOING: Duration = Duration::from_secs(60 * 60);
    // Synchronisations that begin after the plan are stopped on the way.
    const ENVELOPE: usize = 25;

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.index.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        input.index.entity(EntityKind::QIndex)
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<QPart, Present>>, LookError> {
        let QPartRef { region, application, id } = input.index.clone();
        let request = GetQIndex { region: region.clone(), application: application.clone(), id: id.clone() };
        let Some(index) = look.find(request).await? else {
            return Ok(None);
        };
        let held = of_index(look, &region, &application, &id).await?;
        let looking = retrievers(look, &region, &application).await?;
        let looking = looking.iter().filter(|retriever| native_index(&retriever.thing) == Some(id.as_str()));
        let named = |retriever: &QHeld| match &retriever.part {
            QPart::Retriever { id } => {
                format!("retriever {} ({id})", retriever.thing.name.as_deref().unwrap_or("?"))
            }
            other => format!("{other:?}"),
        };
        let doomed = Doomed {
            first: in_order(&held),
            used_by: looking.map(named).collect::<BTreeSet<_>>(),
            ..Doomed::new(index.created.to_string(), stage_of(&index))
        };
        Ok(Some(Found { doomed, present: Present { index, held } }))
    }

    fn even_if_used(&self, input: &Input) -> bool {
        input.even_if_used
    }

    fn delete_first(&self, input: &Input, part: &QPart) -> Option<Call> {
        Some(part.call(&input.index.region, &input.index.application))
    }

    fn turn(&self, part: &QPart) -> usize {
        part.turn()
    }

    fn comes_and_goes(&self, part: &QPart) -> bool {
        matches!(part, QPart::Sync { .. })
    }

    fn delete(&self, input: &Input) -> Call {
        let QPartRef { region, application, id } = input.index.clone();
        DeleteCall { region, application, id }.into()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<QPart>, &Present)>) -> Story {
        let used = found.is_some_and(|(doomed, _)| !doomed.used_by.is_empty());
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some((_, Present { index, held })) => format!(
                    "`{}` with {}, documents: {}",
                    index.name.as_deref().unwrap_or("?"),
                    counted(held.len(), "data source"),
                    documents(index).map_or_else(|| "unknown".to_owned(), |count| count.to_string()),
                ),
            },
            does: "stop what writes into it, delete its data sources, then it with all documents, for good".to_owned(),
            impact: if used { Impact::Outage } else { Impact::Degrades },
            because: match used {
                true => "a retriever looks into it: the application then answers nobody from it".to_owned(),
                false => "no retriever of the application looks into it; its documents are lost".to_owned(),
            },
            undo: String::new(),
            residual: vec![Residual::stays("the documents where they came from; those that were uploaded are gone")],
            notes: vec![],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "a new one would have another id and no documents; what the old one was is in the evidence, without its documents"
            .to_owned()
    }
}
