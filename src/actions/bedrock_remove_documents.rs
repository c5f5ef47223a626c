//! `bedrock.remove-documents`: takes documents out of the index of a knowledge base, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::DataSourceRef;
use super::knowledge_sources::wordless;
use super::{
    Action, Assignment, Await, Condition, Confides, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen,
    Story, UndoRequest,
};
use crate::aws::{
    Call, DataSource, DeleteKnowledgeBaseDocuments, GetDataSource, GetKnowledgeBaseDocuments, Operation, Request,
};
use crate::base::{Entity, Impact, Target, Touch};

/// How many documents a call may name.
const A_CALL: usize = 10;
/// How long documents may take to go.
const GOING: Duration = Duration::from_secs(15 * 60);

/// Takes documents out of the index of a knowledge base, for good.
pub struct RemoveDocuments;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data source that the documents came through.
    pub data_source: DataSourceRef,
    /// The documents: the ids that they were put in with, or for a bucket `s3://` addresses.
    pub documents: BTreeSet<String>,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The data source, if it exists.
    pub source: Option<Indexed>,
}

/// A data source with the documents that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indexed {
    /// When the data source was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// The documents that are in the index, and whether each is on its way out.
    pub documents: BTreeMap<String, bool>,
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The data source.
    pub source: Option<DataSource>,
    /// How each document stood, in AWS's word.
    pub documents: BTreeMap<String, String>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

fn without_words(present: Present) -> Present {
    Present { source: present.source.map(wordless), ..present }
}

impl RemoveDocuments {
    /// The calls by which all documents go: always the same ones, so that a part that failed is sent again as it was approved.
    fn calls(input: &Input) -> impl Iterator<Item = DeleteKnowledgeBaseDocuments> {
        let documents: Vec<&String> = input.documents.iter().collect();
        let chunks: Vec<Vec<String>> =
            documents.chunks(A_CALL).map(|chunk| chunk.iter().map(|one| (*one).clone()).collect()).collect();
        let DataSourceRef { region, knowledge_base, id } = input.data_source.clone();
        chunks.into_iter().map(move |documents| {
            let (region, base, source) = (region.clone(), knowledge_base.clone(), id.clone());
            DeleteKnowledgeBaseDocuments { region, base, source, documents }
        })
    }
}

impl Action for RemoveDocuments {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "the prompts by which documents are taken in", without: without_words });
    const NAME: &'static str = "bedrock.remove-documents";
    const SUMMARY: &'static str = "Take documents out of the index of a knowledge base, for good";
    const PAGE: &'static str = include_str!("bedrock_remove_documents.md");
    const READS: &'static [&'static Operation] = &[GetDataSource::OPERATION, GetKnowledgeBaseDocuments::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteKnowledgeBaseDocuments::OPERATION];
    // Everything that it sends is for good and must be listed.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(2 * GOING.as_secs());

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.data_source.region), input.data_source.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.data_source.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let DataSourceRef { region, knowledge_base, id } = input.data_source.clone();
        let asked = GetDataSource { region: region.clone(), base: knowledge_base.clone(), source: id.clone() };
        let source = look.find(asked).await?.filter(|source| source.status != "DELETING");
        let Some(source) = source else {
            return Ok(Seen { state: State { source: None }, present: Present::default(), context: Context {} });
        };
        let asked = Self::calls(input).map(|call| {
            let DeleteKnowledgeBaseDocuments { region, base, source, documents } = call;
            look.find(GetKnowledgeBaseDocuments { region, base, source, documents })
        });
        let found = try_join_all(asked).await?.into_iter().flatten().flatten();
        let documents: BTreeMap<String, String> = found.filter(|(_, status)| status != "NOT_FOUND").collect();
        let leaving = |status: &String| matches!(status.as_str(), "DELETING" | "DELETE_IN_PROGRESS");
        let state = Indexed {
            created: source.created,
            documents: documents.iter().map(|(id, status)| (id.clone(), leaving(status))).collect(),
        };
        let present = Present { source: Some(source), documents };
        Ok(Seen { state: State { source: Some(state) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(source) = &state.source else { return Ok(vec![]) };
        if source.documents.is_empty() {
            return Ok(vec![]);
        }
        let stands = |id: &String| source.documents.get(id) == Some(&false);
        // AWS deletes one document after the other, and some show as indexed for a while: what was accepted is waited for.
        let accepted = |call: &DeleteKnowledgeBaseDocuments| {
            facts.landed(DeleteKnowledgeBaseDocuments::OPERATION, &Request::entity(call)).is_some()
        };
        let missing = Self::calls(input).filter(|call| call.documents.iter().any(stands) && !accepted(call));
        let mut moves: Vec<Move> = missing.map(|call| Move::from(Call::from(call))).collect();
        let what = Action::subject(self, to, input);
        moves.push(Move::Await(Await { what, until: Condition::Settled, within: GOING }));
        Ok(moves)
    }

    fn restore(
        &self,
        _: &Assignment,
        _: &Input,
        _: &Present,
        _: &State,
        _: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let why = "a document cannot be read out of an index; whoever has it can put it in again";
        Err(Refusal::ForGood { why: why.to_owned() })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.source, &now.source) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn ends(&self, input: &Input) -> Vec<Ended> {
        vec![Ended::exactly(Residual::documents_left(&input.data_source, input.documents.len(), false))]
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let there = seen.present.documents.len();
        let kind = seen.present.source.as_ref().map(|source| source.kind.as_str());
        let residual = kind.filter(|kind| *kind != "CUSTOM").map(|kind| Residual::again_until(format!(
                "the next sync of this {kind} source brings back what is still there: remove the documents at the source \
                 first"
            ), "they are removed at the source"));
        Story {
            now: match kind {
                None => "the data source is gone".to_owned(),
                Some(_) => format!("{there} of {} documents in the index", input.documents.len()),
            },
            does: "delete them from the index, ten a call".to_owned(),
            impact: if there == 0 { Impact::NoneSeen } else { Impact::Degrades },
            because: match there {
                0 => "none is in the index".to_owned(),
                _ => "answers no longer rest on them".to_owned(),
            },
            undo: "not possible".to_owned(),
            residual: residual.into_iter().collect(),
            notes: seen.present.documents.iter().map(|(id, status)| format!("{id} is {status}")).collect(),
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn what_is_taken_out_answers_no_more_when_its_source_goes() {
        let data_source = DataSourceRef {
            region: "us-east-1".parse().expect("a Region"),
            knowledge_base: "KBASE00001".parse().expect("an id"),
            id: "SOURCE0001".parse().expect("an id"),
        };
        let left = Residual::documents_left(&data_source, 1, false);
        assert!(
            left.what.starts_with("knowledge base KBASE00001 still answers from 1 document of data source SOURCE0001")
        );
        let input = |documents: &[&str]| Input {
            data_source: data_source.clone(),
            documents: documents.iter().map(|id| (*id).to_owned()).collect(),
        };
        let ends =
            |documents: &[&str]| RemoveDocuments.ends(&input(documents)).iter().any(|ended| left.is_ended_by(ended));
        assert!(ends(&["a"]));
        assert!(!ends(&["a", "b"]));
    }

    #[test]
    fn ten_documents_a_call_and_only_calls_in_which_one_stands() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let data_source = DataSourceRef {
            region: "us-east-1".parse().expect("a Region"),
            knowledge_base: "KBASE00001".parse().expect("an id"),
            id: "SOURCE0001".parse().expect("an id"),
        };
        let input = Input { data_source, documents: (10..33).map(|n| format!("doc-{n}")).collect() };
        let proposed = |standing: &[u32], leaving: &[u32]| {
            let of = |numbers: &[u32], is_leaving| {
                numbers.iter().map(|n| (format!("doc-{n}"), is_leaving)).collect::<Vec<_>>()
            };
            let documents = of(standing, false).into_iter().chain(of(leaving, true)).collect();
            let source = Some(Indexed { created: jiff::Timestamp::UNIX_EPOCH, documents });
            let moves = RemoveDocuments.propose(&to, &input, &State { source }, &Facts::default()).expect("moves");
            let firsts = moves.iter().filter_map(Move::call).map(|call| call.entity().id().to_owned());
            (firsts.collect::<Vec<_>>(), moves.len())
        };
        assert_eq!(proposed(&[10, 19, 32], &[]), (vec!["doc-10".to_owned(), "doc-30".to_owned()], 3));
        assert_eq!(proposed(&[], &[25]), (vec![], 1));
        assert_eq!(proposed(&[], &[]), (vec![], 0));
    }
}
