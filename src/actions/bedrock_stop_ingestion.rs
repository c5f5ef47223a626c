//! `bedrock.stop-ingestion`: stops the syncs of a knowledge base.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::KnowledgeBaseRef;
use super::knowledge_sources::last_sync;
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    GetKnowledgeBase, IngestionJob, ListDataSources, ListIngestionJobs, Operation, Request, StopIngestionJob,
};
use crate::base::{DataSourceId, Entity, Impact, Target, Touch, counted};

/// How long a sync may take to stop.
const STOPPING: Duration = Duration::from_secs(15 * 60);

/// Stops the syncs of a knowledge base that are under way.
pub struct StopIngestion;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The knowledge base, if it exists.
    pub base: Option<Busy>,
}

/// A knowledge base with its syncs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// The syncs that have not ended, by data source and id, and whether each is stopping.
    pub jobs: BTreeMap<DataSourceId, BTreeMap<String, bool>>,
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The name of the knowledge base.
    pub name: Option<String>,
    /// The syncs that had not ended.
    pub jobs: BTreeMap<DataSourceId, Vec<IngestionJob>>,
}

/// What is only shown.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Context {
    /// The latest sync of each data source that has ended, in words.
    pub last_syncs: Vec<String>,
}

impl Action for StopIngestion {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "bedrock.stop-ingestion";
    const SUMMARY: &'static str = "Stop the syncs of a knowledge base that are under way";
    const PAGE: &'static str = include_str!("bedrock_stop_ingestion.md");
    const READS: &'static [&'static Operation] =
        &[GetKnowledgeBase::OPERATION, ListDataSources::OPERATION, ListIngestionJobs::OPERATION];
    const SENDS: &'static [&'static Operation] = &[StopIngestionJob::OPERATION];
    const ENVELOPE: usize = 8;
    const TIMEOUT: Duration = Duration::from_secs(2 * STOPPING.as_secs());

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.knowledge_base.region), input.knowledge_base.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.knowledge_base.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let KnowledgeBaseRef { region, id } = input.knowledge_base.clone();
        let Some(base) = look.find(GetKnowledgeBase { region: region.clone(), base: id.clone() }).await? else {
            return Ok(Seen { state: State { base: None }, present: Present::default(), context: Context::default() });
        };
        let first = ListDataSources { region: region.clone(), base: id.clone(), next: None };
        let sources = look.find_all(first).await?.unwrap_or_default();
        let asked = sources.iter().map(|source| {
            let (region, base, source) = (region.clone(), id.clone(), source.id.clone());
            look.find_all(ListIngestionJobs { region, base, source, next: None })
        });
        let (mut jobs, mut last_syncs) = (BTreeMap::new(), vec![]);
        for (source, found) in sources.iter().zip(try_join_all(asked).await?) {
            let mut found = found.unwrap_or_default();
            last_syncs.extend(last_sync(&source.id, &found));
            found.retain(IngestionJob::is_in_flight);
            if !found.is_empty() {
                jobs.insert(source.id.clone(), found);
            }
        }
        let stopping = |jobs: &Vec<IngestionJob>| jobs.iter().map(|job| (job.id.clone(), job.is_stopping())).collect();
        let in_flight = jobs.iter().map(|(source, jobs)| (source.clone(), stopping(jobs))).collect();
        let state = State { base: Some(Busy { created: base.created, jobs: in_flight }) };
        Ok(Seen { state, present: Present { name: Some(base.name), jobs }, context: Context { last_syncs } })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(base) = &state.base else { return Ok(vec![]) };
        let KnowledgeBaseRef { region, id } = &input.knowledge_base;
        let jobs =
            base.jobs.iter().flat_map(|(source, jobs)| jobs.iter().map(move |(job, stopping)| (source, job, stopping)));
        let running = jobs.filter(|(_, _, stopping)| !**stopping);
        let stop = |(source, job, _): (&DataSourceId, &String, &bool)| {
            let (region, base, source) = (region.clone(), id.clone(), source.clone());
            StopIngestionJob { region, base, source, job: job.clone() }.into()
        };
        let mut moves: Vec<Move> = running.map(stop).collect();
        if !base.jobs.is_empty() {
            let what = Action::subject(self, to, input);
            moves.push(Move::Await(Await { what, until: Condition::Settled, within: STOPPING }));
        }
        Ok(moves)
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &Input,
        present: &Present,
        _: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        if present.jobs.is_empty() || state.base.is_none() {
            return Ok(vec![]);
        }
        let sources: Vec<&str> = present.jobs.keys().map(DataSourceId::as_str).collect();
        Err(Refusal::ByHand {
            why: "a sync that was stopped does not go on; a new one reads everything that its source holds by then"
                .to_owned(),
            instructions: vec![format!(
                "When what they read is clean, start a sync of {} of knowledge base {}",
                sources.join(", "),
                input.knowledge_base.id
            )],
        })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.base, &now.base) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let jobs: Vec<(&DataSourceId, &IngestionJob)> =
            seen.present.jobs.iter().flat_map(|(source, jobs)| jobs.iter().map(move |job| (source, job))).collect();
        let named = |(source, job): &(&DataSourceId, &IngestionJob)| {
            format!("{} of data source {source} began {}, documents read: {}", job.id, job.started, job.scanned)
        };
        Story {
            now: match &seen.present.name {
                None => "gone".to_owned(),
                Some(name) => format!("`{name}`, {} under way", counted(jobs.len(), "sync")),
            },
            does: "stop them".to_owned(),
            impact: if jobs.is_empty() { Impact::NoneSeen } else { Impact::Degrades },
            because: match jobs.is_empty() {
                true => "no sync is under way".to_owned(),
                false => "answers lack what the stopped syncs would have brought in".to_owned(),
            },
            undo: "by hand: a new sync when the source is clean".to_owned(),
            residual: vec![Residual::again(format!(
                "whoever may call bedrock:StartIngestionJob or bedrock:IngestKnowledgeBaseDocuments, a schedule for \
                     example, puts more into knowledge base {}; what is indexed already stays",
                input.knowledge_base.id
            ))],
            notes: jobs.iter().map(named).chain(seen.context.last_syncs.iter().cloned()).collect(),
            unread: vec![],
        }
    }
}
