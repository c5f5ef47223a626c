//! Actions that stop a job of models: what is particular to each, and what they all do alike.

use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{Ask, Call, ModelThing, Operation};
use crate::base::{Effect, Entity, Impact, Region, Target, Touch};

/// How long a job may take to stop.
const STOPPING: Duration = Duration::from_secs(30 * 60);

/// A kind of job that can be stopped.
pub trait ModelJobKind: Send + Sync + 'static {
    /// See [`Action::Input`].
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// The request that looks at one.
    type Get: Ask<Reply = ModelThing>;

    /// See [`Action::NAME`].
    const NAME: &'static str;
    /// See [`Action::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Action::PAGE`].
    const PAGE: &'static str;
    /// See [`Action::READS`].
    const READS: &'static [&'static Operation];
    /// The operation that stops one.
    const STOPS: &'static [&'static Operation];

    /// The Region.
    fn region<'i>(&self, input: &'i Self::Input) -> &'i Region;
    /// The job.
    fn entity(&self, input: &Self::Input) -> Entity;
    /// The look at it.
    fn get(&self, input: &Self::Input) -> Self::Get;
    /// The call that stops it.
    fn stop(&self, input: &Self::Input) -> Call;
    /// Why it does not go on again, and what to do about it.
    fn undo(&self, input: &Self::Input) -> Refusal;
    /// The member that says what it makes or invokes, and what stops with it.
    fn about(&self) -> (&'static str, &'static str);
    /// What stays, in the order of the page.
    fn leaves(&self) -> Vec<Residual>;
}

/// The action that stops a job.
pub struct StopModelJob<K>(pub K);

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The job, if it exists.
    pub job: Option<Job>,
}

/// A job that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// When it was asked for: with the ARN it tells it from every other.
    pub created: jiff::Timestamp,
    /// How far it is.
    pub at: Stage,
}

/// How far a job is, as far as stopping it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It has not ended, and nobody has stopped it.
    UnderWay,
    /// It was stopped and has not ended.
    Stopping,
    /// It has ended.
    Ended,
}

/// What was there: all that AWS tells of the job.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The job.
    pub job: Option<ModelThing>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

fn stage(job: &ModelThing) -> Stage {
    match job.status.as_str() {
        "Stopping" => Stage::Stopping,
        _ if job.has_ended() => Stage::Ended,
        _ => Stage::UnderWay,
    }
}

impl<K: ModelJobKind> Action for StopModelJob<K> {
    type Input = K::Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = K::NAME;
    const SUMMARY: &'static str = K::SUMMARY;
    const PAGE: &'static str = K::PAGE;
    const READS: &'static [&'static Operation] = K::READS;
    const SENDS: &'static [&'static Operation] = K::STOPS;
    // One call stops it, and that is listed.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(2 * STOPPING.as_secs());

    fn subject(&self, to: &Assignment, input: &K::Input) -> Target {
        to.place.target(Some(self.0.region(input)), self.0.entity(input))
    }

    fn touches(&self, input: &K::Input) -> Vec<(Entity, Touch)> {
        vec![(self.0.entity(input), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &K::Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let job = look.find(self.0.get(input)).await?;
        let state = State { job: job.as_ref().map(|job| Job { created: job.created, at: stage(job) }) };
        Ok(Seen { state, present: Present { job }, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &K::Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let wait = || {
            let what = Action::subject(self, to, input);
            Move::Await(Await { what, until: Condition::Settled, within: STOPPING })
        };
        Ok(match state.job.as_ref().map(|job| job.at) {
            Some(Stage::UnderWay) => vec![Move::Send { call: Box::new(self.0.stop(input)) }, wait()],
            Some(Stage::Stopping) => vec![wait()],
            Some(Stage::Ended) | None => vec![],
        })
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &K::Input,
        present: &Present,
        _: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        match present.job.as_ref().map(stage) {
            Some(Stage::UnderWay) if state.job.is_some() => Err(self.0.undo(input)),
            _ => Ok(vec![]),
        }
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.job, &now.job) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, _: &K::Input, seen: &Seen<State, Present, Context>) -> Story {
        let (member, stops) = self.0.about();
        let job = seen.present.job.as_ref();
        let running = seen.state.job.as_ref().is_some_and(|job| job.at == Stage::UnderWay);
        let for_good = K::STOPS.iter().any(|operation| operation.effect == Effect::Irreversible);
        Story {
            now: match job {
                None => "gone".to_owned(),
                Some(job) => {
                    format!("`{}` of {}, {}", job.name, job.text(member).unwrap_or("an unknown model"), job.status)
                }
            },
            does: if for_good { "stop it, for good" } else { "stop it" }.to_owned(),
            impact: if running { Impact::Degrades } else { Impact::NoneSeen },
            because: if running { stops } else { "it is not under way" }.to_owned(),
            undo: if for_good { "not possible" } else { "by hand: another job of the same prompts" }.to_owned(),
            residual: self.0.leaves(),
            notes: vec![],
            unread: vec![],
        }
    }
}
