//! `bedrock.delete-data-source`: deletes a data source of a knowledge base, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::DataSourceRef;
use super::knowledge_sources::{
    PresentSource, ServiceRole, SourceState, deletion, failed, last_sync, look_at_role, look_at_source, refuses, stops,
};
use super::{
    Action, Assignment, Await, Condition, Confides, Facts, Look, LookError, Move, Refusal, Residual, Seen, Stage,
    Story, UndoRequest,
};
use crate::aws::{
    DeleteDataSource as DeleteDataSourceCall, GetDataSource, GetKnowledgeBase, GetRole, ListIngestionJobs,
    ListKnowledgeBaseDocuments, Operation, Request, StopIngestionJob, takes_documents,
};
use crate::base::{Entity, Impact, Target, Touch, counted};

/// How long it may take to go; erasing a large index takes AWS long.
const GOING: Duration = Duration::from_secs(30 * 60);
/// How long a sync may take to stop.
const STOPPING: Duration = Duration::from_secs(15 * 60);

/// Deletes a data source of a knowledge base, for good. Its syncs are stopped first.
pub struct DeleteDataSource;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data source.
    pub data_source: DataSourceRef,
    /// Deletes it although its data deletion policy is DELETE: the embeddings, which are evidence, go with it.
    #[serde(default)]
    pub erase_data: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The data source, if it exists.
    pub source: Option<SourceState>,
    /// Whether Bedrock can take on the service role of the knowledge base.
    pub role: ServiceRole,
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The data source.
    pub source: Option<PresentSource>,
    /// The service role of its knowledge base, with which AWS deletes it.
    pub role: Option<String>,
}

/// What is only shown.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Context {
    /// How many documents of it are in the index, and whether there are more than these; nothing where AWS does not tell.
    pub documents: Option<(usize, bool)>,
}

impl Action for DeleteDataSource {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "the prompts by which documents are taken in", without: |_| Present::default() });
    const NAME: &'static str = "bedrock.delete-data-source";
    const SUMMARY: &'static str = "Delete a data source of a knowledge base, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_data_source.md");
    const READS: &'static [&'static Operation] = &[
        GetDataSource::OPERATION,
        GetKnowledgeBase::OPERATION,
        ListIngestionJobs::OPERATION,
        ListKnowledgeBaseDocuments::OPERATION,
        GetRole::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[StopIngestionJob::OPERATION, DeleteDataSourceCall::OPERATION];
    // A sync that begins after the plan is stopped as well.
    const ENVELOPE: usize = 4;
    const TIMEOUT: Duration = Duration::from_secs(GOING.as_secs() + 2 * STOPPING.as_secs());

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.data_source.region), input.data_source.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.data_source.entity(), Touch::Destroys)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let DataSourceRef { region, knowledge_base, id } = &input.data_source;
        let Some((source, present)) = look_at_source(look, region, knowledge_base, id).await? else {
            let state = State { source: None, role: ServiceRole::Works };
            return Ok(Seen { state, present: Present::default(), context: Context::default() });
        };
        let asked = GetKnowledgeBase { region: region.clone(), base: knowledge_base.clone() };
        let base = look.find(asked).await?;
        let role = match &base {
            Some(base) if source.erases => look_at_role(look, &base.role).await?,
            _ => ServiceRole::Works,
        };
        let mut context = Context::default();
        if !source.erases && takes_documents(&present.source.kind) {
            let (region, base, source) = (region.clone(), knowledge_base.clone(), id.clone());
            let page = look.glance(ListKnowledgeBaseDocuments { region, base, source, next: None }).await;
            context.documents = page
                .map(|page| (page.items.iter().filter(|document| !document.is_leaving()).count(), page.next.is_some()));
        }
        let state = State { source: Some(source), role };
        Ok(Seen { state, present: Present { source: Some(present), role: base.map(|base| base.role) }, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(source) = &state.source else { return Ok(vec![]) };
        let what = Action::subject(self, to, input);
        let wait = |until, within| Move::Await(Await { what: what.clone(), until, within });
        if source.stage == Stage::Leaving {
            return Ok(vec![wait(Condition::Gone, GOING)]);
        }
        let DataSourceRef { region, knowledge_base, id } = &input.data_source;
        if source.has_failed() && facts.landed(DeleteDataSourceCall::OPERATION, &what.entity).is_some() {
            return Err(failed(&what.entity.to_string(), &source.failures));
        }
        if let Some(refusal) = refuses([(id.as_str(), source)].into_iter(), state.role, input.erase_data) {
            return Err(refusal);
        }
        let mut moves = stops(region, knowledge_base, id, source);
        if !source.jobs.is_empty() {
            moves.push(wait(Condition::Settled, STOPPING));
        }
        moves.push(deletion(region, knowledge_base, id));
        moves.push(wait(Condition::Gone, GOING));
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
        let why = "a new data source would have another id; what the old one was is in the evidence".to_owned();
        Err(Refusal::ForGood { why })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.source, &now.source) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let state = seen.state.source.as_ref();
        let present = seen.present.source.as_ref();
        let erases = state.is_some_and(|source| source.erases);
        let mut notes = vec!["the vector store, the bucket or site that it reads, and its secrets stay".to_owned()];
        match erases {
            true => notes.push("its policy is DELETE: the embeddings go, and with them evidence".to_owned()),
            false => notes.push("its policy is RETAIN: what it has read stays in the vector store".to_owned()),
        }
        notes.extend(present.and_then(|present| last_sync(&input.data_source.id, &present.jobs)));
        let kind = present.map_or("", |present| present.source.kind.as_str());
        Story {
            now: match (present, state) {
                (Some(present), Some(state)) => format!(
                    "`{}` ({}), {} with {} under way",
                    present.source.name,
                    present.source.kind,
                    present.source.status,
                    counted(state.jobs.len(), "sync")
                ),
                _ => "gone".to_owned(),
            },
            does: "stop its syncs and delete it for good".to_owned(),
            impact: if state.is_some() { Impact::Degrades } else { Impact::NoneSeen },
            because: match state {
                Some(_) => "the knowledge base gets nothing new from it any more".to_owned(),
                None => "it is gone already".to_owned(),
            },
            undo: "not possible".to_owned(),
            residual: state
                .filter(|_| !erases)
                .and_then(|_| still_answers(input, kind, seen.context.documents))
                .into_iter()
                .collect(),
            notes,
            unread: vec![],
        }
    }
}

/// That the knowledge base goes on answering from what a data source has left in the vector store.
fn still_answers(input: &Input, kind: &str, documents: Option<(usize, bool)>) -> Option<Residual> {
    let first = match documents {
        Some((0, false)) => return None,
        Some((count, more)) => return Some(Residual::documents_left(&input.data_source, count, more)),
        None if takes_documents(kind) => "take its documents out first with bedrock.remove-documents",
        None => "AWS takes no single documents of such a source out: say `erase_data: true`, with the policy DELETE",
    };
    Some(Residual::left_in_store(&input.data_source, "all documents", first))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn proposed(erase_data: bool, change: impl FnOnce(&mut State)) -> Result<Vec<String>, Refusal> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let data_source = DataSourceRef {
            region: "us-east-1".parse().expect("a Region"),
            knowledge_base: "KBASE00001".parse().expect("an id"),
            id: "SOURCE0001".parse().expect("an id"),
        };
        let mut state = State {
            source: Some(SourceState {
                created: jiff::Timestamp::UNIX_EPOCH,
                stage: Stage::Standing,
                erases: true,
                failures: vec![],
                jobs: BTreeMap::from([("A".to_owned(), false), ("B".to_owned(), true)]),
            }),
            role: ServiceRole::Works,
        };
        change(&mut state);
        let moves = DeleteDataSource.propose(&to, &Input { data_source, erase_data }, &state, &Facts::default())?;
        let word = |one: &Move| one.call().map_or("wait".to_owned(), |call| call.operation().name.to_owned());
        Ok(moves.iter().map(word).collect())
    }

    #[test]
    fn evidence_is_not_erased_unless_it_is_asked_for() {
        assert!(matches!(proposed(false, |_| {}), Err(Refusal::Protected { .. })));
        let all = ["StopIngestionJob", "wait", "DeleteDataSource", "wait"].map(str::to_owned);
        assert_eq!(proposed(true, |_| {}), Ok(all.to_vec()));
        let retain = |state: &mut State| state.source.as_mut().expect("a source").erases = false;
        assert_eq!(proposed(false, retain), Ok(all.to_vec()));
    }

    #[test]
    fn a_plan_says_bluntly_that_what_is_left_still_answers() {
        let data_source = DataSourceRef {
            region: "us-east-1".parse().expect("a Region"),
            knowledge_base: "KBASE00001".parse().expect("an id"),
            id: "SOURCE0001".parse().expect("an id"),
        };
        let input = Input { data_source, erase_data: false };
        let said = |kind, documents| still_answers(&input, kind, documents).map(|residual| residual.what);
        assert_eq!(said("S3", Some((0, false))), None);
        let some = said("S3", Some((1000, true))).expect("it is said");
        assert!(
            some.contains("still answers from 1000 or more documents") && some.contains("remove-documents"),
            "{some}"
        );
        assert!(said("CUSTOM", None).expect("it is said").contains("remove-documents"));
        assert!(said("WEB", None).expect("it is said").contains("erase_data: true"));
    }

    #[test]
    fn data_is_not_erased_without_a_role_that_works() {
        assert!(matches!(proposed(true, |state| state.role = ServiceRole::Gone), Err(Refusal::Protected { .. })));
        let locked = |state: &mut State| {
            state.role = ServiceRole::KeepsOut;
            state.source.as_mut().expect("a source").erases = false;
        };
        assert!(proposed(false, locked).is_ok());
    }

    #[test]
    fn what_goes_is_waited_for() {
        let leaving = |state: &mut State| state.source.as_mut().expect("a source").stage = Stage::Leaving;
        assert_eq!(proposed(false, leaving), Ok(vec!["wait".to_owned()]));
        assert_eq!(proposed(false, |state| state.source = None), Ok(vec![]));
    }
}
