//! `bedrock.delete-knowledge-base`: deletes a knowledge base with its data sources, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::KnowledgeBaseRef;
use super::knowledge_sources::{
    PresentSource, ServiceRole, SourceState, deletion, failed, failures_of, look_at_role, look_at_source, refuses,
    stops,
};
use super::knowledge_users::{Readers, readers_of};
use super::{
    Action, Assignment, Await, Condition, Confides, Facts, Look, LookError, Move, Refusal, Seen, Stage, Story,
    UndoRequest,
};
use crate::aws::{
    DeleteDataSource, DeleteKnowledgeBase as DeleteKnowledgeBaseCall, DisassociateAgentKnowledgeBase, GetDataSource,
    GetFlow, GetFlowVersion, GetKnowledgeBase, GetRole, KnowledgeBase, ListAgentKnowledgeBases, ListAgentVersions,
    ListAgents, ListDataSources, ListFlowVersions, ListFlows, ListIngestionJobs, Operation, Request, StopIngestionJob,
};
use crate::base::{AgentId, DataSourceId, Entity, EntityKind, Impact, Target, Touch};

/// How long a data source, or the knowledge base, may take to go; erasing a large index takes AWS long.
const GOING: Duration = Duration::from_secs(30 * 60);
/// How long a sync may take to stop, or the knowledge base to settle.
const SETTLING: Duration = Duration::from_secs(15 * 60);

/// Deletes a knowledge base for good: its syncs are stopped, its data sources go, the drafts of agents lose it.
pub struct DeleteKnowledgeBase;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseRef,
    /// Deletes it although the data deletion policy of a data source is DELETE: the embeddings, which are evidence, go with it.
    #[serde(default)]
    pub erase_data: bool,
    /// Whether it is deleted even while a version of an agent, or a flow, reads it.
    #[serde(default)]
    pub even_if_used: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The knowledge base, if it exists.
    pub base: Option<Doomed>,
}

/// A knowledge base that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doomed {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// How far it is in its life; a deletion that failed is a rest.
    pub stage: Stage,
    /// Why AWS could not delete it, in its words.
    pub failures: Vec<String>,
    /// Whether Bedrock can take on its service role.
    pub role: ServiceRole,
    /// Its data sources.
    pub sources: BTreeMap<DataSourceId, SourceState>,
    /// Agents whose drafts are linked to it.
    pub drafts: BTreeSet<AgentId>,
    /// Versions of agents and flows that read it.
    pub used_by: BTreeSet<String>,
}

/// What was there: all that the API tells of it, since it cannot be had again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The knowledge base.
    pub base: Option<KnowledgeBase>,
    /// Its data sources.
    pub sources: BTreeMap<DataSourceId, PresentSource>,
}

/// Nothing more is shown than what was captured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl DeleteKnowledgeBase {
    /// Why it is not deleted, beyond what does not exist.
    fn refuses(input: &Input, base: &Doomed, facts: &Facts) -> Option<Refusal> {
        let entity = input.knowledge_base.entity();
        for (id, source) in base.sources.iter().filter(|(_, source)| source.has_failed()) {
            let child = entity.child(EntityKind::DataSource, id.as_str());
            if facts.landed(DeleteDataSource::OPERATION, &child).is_some() {
                return Some(failed(&child.to_string(), &source.failures));
            }
        }
        if !base.failures.is_empty() && facts.landed(DeleteKnowledgeBaseCall::OPERATION, &entity).is_some() {
            return Some(failed(&entity.to_string(), &base.failures));
        }
        let sources = base.sources.iter().map(|(id, source)| (id.as_str(), source));
        if let Some(refusal) = refuses(sources, base.role, input.erase_data) {
            return Some(refusal);
        }
        let used = !base.used_by.is_empty() && !input.even_if_used;
        used.then(|| Refusal::InUse { by: base.used_by.iter().cloned().collect() })
    }
}

impl Action for DeleteKnowledgeBase {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "the prompts by which documents are taken in", without: |_| Present::default() });
    const NAME: &'static str = "bedrock.delete-knowledge-base";
    const SUMMARY: &'static str = "Delete a knowledge base with its data sources, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_knowledge_base.md");
    const READS: &'static [&'static Operation] = &[
        GetKnowledgeBase::OPERATION,
        ListDataSources::OPERATION,
        GetDataSource::OPERATION,
        ListIngestionJobs::OPERATION,
        GetRole::OPERATION,
        ListAgents::OPERATION,
        ListAgentVersions::OPERATION,
        ListAgentKnowledgeBases::OPERATION,
        ListFlows::OPERATION,
        GetFlow::OPERATION,
        ListFlowVersions::OPERATION,
        GetFlowVersion::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[
        StopIngestionJob::OPERATION,
        DeleteDataSource::OPERATION,
        DisassociateAgentKnowledgeBase::OPERATION,
        DeleteKnowledgeBaseCall::OPERATION,
    ];
    // A sync that begins after the plan is stopped as well.
    const ENVELOPE: usize = 4;
    const TIMEOUT: Duration = Duration::from_secs(2 * GOING.as_secs() + 2 * SETTLING.as_secs());

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.knowledge_base.region), input.knowledge_base.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.knowledge_base.entity(), Touch::Destroys)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let KnowledgeBaseRef { region, id } = &input.knowledge_base;
        let Some(base) = look.find(GetKnowledgeBase { region: region.clone(), base: id.clone() }).await? else {
            return Ok(Seen { state: State { base: None }, present: Present::default(), context: Context {} });
        };
        let stage = match base.status.as_str() {
            "DELETING" => Stage::Leaving,
            "CREATING" | "UPDATING" => Stage::Passing,
            _ => Stage::Standing,
        };
        let mut doomed = Doomed {
            created: base.created,
            stage,
            failures: if base.status == "DELETE_UNSUCCESSFUL" { failures_of(&base.failures) } else { vec![] },
            role: ServiceRole::Works,
            sources: BTreeMap::new(),
            drafts: BTreeSet::new(),
            used_by: BTreeSet::new(),
        };
        let mut present = Present { base: Some(base.clone()), ..Present::default() };
        if stage == Stage::Leaving {
            return Ok(Seen { state: State { base: Some(doomed) }, present, context: Context {} });
        }
        let sources = async {
            let first = ListDataSources { region: region.clone(), base: id.clone(), next: None };
            let listed = look.find_all(first).await?.unwrap_or_default();
            let asked = listed.iter().map(|source| look_at_source(look, region, id, &source.id));
            let found = try_join_all(asked).await?;
            Ok(listed
                .into_iter()
                .zip(found)
                .filter_map(|(source, found)| Some((source.id, found?)))
                .collect::<Vec<_>>())
        };
        let (sources, Readers { drafts, others }) = try_join(sources, readers_of(look, region, id)).await?;
        if sources.iter().any(|(_, (source, _))| source.erases) {
            doomed.role = look_at_role(look, &base.role).await?;
        }
        for (source, (state, kept)) in sources {
            doomed.sources.insert(source.clone(), state);
            present.sources.insert(source, kept);
        }
        (doomed.drafts, doomed.used_by) = (drafts, others);
        Ok(Seen { state: State { base: Some(doomed) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(doomed) = &state.base else { return Ok(vec![]) };
        let what = Action::subject(self, to, input);
        let wait = |until, within| Move::Await(Await { what: what.clone(), until, within });
        if doomed.stage == Stage::Leaving {
            return Ok(vec![wait(Condition::Gone, GOING)]);
        }
        if let Some(refusal) = Self::refuses(input, doomed, facts) {
            return Err(refusal);
        }
        let KnowledgeBaseRef { region, id: base } = &input.knowledge_base;
        let mut moves = Vec::new();
        if doomed.stage == Stage::Passing {
            moves.push(wait(Condition::Settled, SETTLING));
        }
        for (source, state) in &doomed.sources {
            moves.extend(stops(region, base, source, state));
        }
        if doomed.sources.values().any(|source| !source.jobs.is_empty()) {
            moves.push(wait(Condition::Settled, SETTLING));
        }
        let standing = doomed.sources.iter().filter(|(_, state)| state.stage != Stage::Leaving);
        moves.extend(standing.map(|(source, _)| deletion(region, base, source)));
        if !doomed.sources.is_empty() {
            moves.push(wait(Condition::Settled, GOING));
        }
        moves.extend(doomed.drafts.iter().map(|agent| {
            let (region, agent, base) = (region.clone(), agent.clone(), base.clone());
            DisassociateAgentKnowledgeBase { region, agent, base }.into()
        }));
        moves.push(DeleteKnowledgeBaseCall { region: region.clone(), base: base.clone() }.into());
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
        let why = "a new knowledge base would have another id and another ARN; what the old one was is in the evidence";
        Err(Refusal::ForGood { why: why.to_owned() })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.base, &now.base) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let state = seen.state.base.as_ref();
        let used = state.is_some_and(|base| !base.used_by.is_empty() || !base.drafts.is_empty());
        let mut notes = vec!["its vector store stays, with its encryption key, buckets and secrets".to_owned()];
        if let Some(base) = &seen.present.base {
            notes.push(format!("its service role {} stays, and has to outlive it: delete that last", base.role));
        }
        notes.extend(state.into_iter().flat_map(|base| &base.drafts).map(|agent| {
            format!("the draft of agent {agent} loses it; the test alias keeps it until the draft is prepared")
        }));
        Story {
            now: match (&seen.present.base, state) {
                (Some(base), Some(state)) => {
                    format!("`{}`, {} with {} data sources", base.name, base.status, state.sources.len())
                }
                _ => "gone".to_owned(),
            },
            does: "delete its data sources, take it from drafts of agents, delete it for good".to_owned(),
            impact: if used { Impact::Outage } else { Impact::Degrades },
            because: match state {
                Some(base) if used => {
                    let drafts = base.drafts.iter().map(|agent| format!("the draft of agent {agent}"));
                    let readers: Vec<String> = base.used_by.iter().cloned().chain(drafts).collect();
                    format!("{} reads it", readers.join(", "))
                }
                _ => "whoever asks this knowledge base is refused for good".to_owned(),
            },
            undo: "not possible".to_owned(),
            residual: vec![],
            notes,
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn proposed(change: impl FnOnce(&mut Doomed)) -> Result<Vec<String>, Refusal> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let region = "us-east-1".parse().expect("a Region");
        let knowledge_base = KnowledgeBaseRef { region, id: "KBASE00001".parse().expect("an id") };
        let input = Input { knowledge_base, erase_data: false, even_if_used: false };
        let source = SourceState {
            created: jiff::Timestamp::UNIX_EPOCH,
            stage: Stage::Standing,
            erases: false,
            failures: vec![],
            jobs: BTreeMap::from([("JOB".to_owned(), false)]),
        };
        let mut base = Doomed {
            created: jiff::Timestamp::UNIX_EPOCH,
            stage: Stage::Standing,
            failures: vec![],
            role: ServiceRole::KeepsOut,
            sources: BTreeMap::from([("SOURCE0001".parse().expect("an id"), source)]),
            drafts: BTreeSet::from(["AGENT00001".parse().expect("an id")]),
            used_by: BTreeSet::new(),
        };
        change(&mut base);
        let state = State { base: Some(base) };
        let moves = DeleteKnowledgeBase.propose(&to, &input, &state, &Facts::default())?;
        let word = |one: &Move| one.call().map_or("wait".to_owned(), |call| call.operation().name.to_owned());
        Ok(moves.iter().map(word).collect())
    }

    #[test]
    fn syncs_stop_before_sources_go_and_sources_before_the_base() {
        let chain = [
            "StopIngestionJob",
            "wait",
            "DeleteDataSource",
            "wait",
            "DisassociateAgentKnowledgeBase",
            "DeleteKnowledgeBase",
            "wait",
        ];
        assert_eq!(proposed(|_| {}), Ok(chain.map(str::to_owned).to_vec()));
        assert_eq!(proposed(|base| base.stage = Stage::Leaving), Ok(vec!["wait".to_owned()]));
    }

    #[test]
    fn readers_and_evidence_hold_it() {
        let used = proposed(|base| base.used_by.extend(["flow journey".to_owned()]));
        assert_eq!(used, Err(Refusal::InUse { by: vec!["flow journey".to_owned()] }));
        let erasing = proposed(|base| base.sources.values_mut().for_each(|source| source.erases = true));
        assert!(matches!(erasing, Err(Refusal::Protected { .. })));
    }
}
