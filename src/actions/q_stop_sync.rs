//! `q.stop-sync`: keeps a data source of a Q Business application from taking anything in.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::q_contents::data_source;
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, QDataSourceRef, QHeld, Refusal, Residual, Seen,
    Story, UndoRequest,
};
use crate::aws::{
    GetQDataSource, Late, ListQDataSourceSyncJobs, Operation, QDataSourceSettings, QSyncJob, Request,
    StopQDataSourceSyncJob, UpdateQDataSource,
};
use crate::base::{Digest, Entity, Impact, Target, Touch};

/// How long a synchronisation may take to stop, or a data source to settle.
const SETTLING: Duration = Duration::from_secs(30 * 60);

/// Keeps a data source of a Q Business application from taking anything in: its synchronisation is stopped, and its schedule
/// taken away.
pub struct StopSync;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data source.
    pub data_source: QDataSourceRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The data source, if it exists and is not being deleted.
    pub data_source: Option<Source>,
}

/// How a data source stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// When it synchronises by itself; empty where it does not.
    pub schedule: String,
    /// Whether it is synchronising at this moment.
    pub sync: Sync,
    /// The synchronisation that has not ended, by AWS's id.
    pub job: Option<String>,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// The digest of all but the schedule, where all of it can be repeated: the request that takes the schedule away may replace
    /// everything.
    pub settings: Option<Digest>,
}

/// Whether a data source is synchronising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// It is.
    Running,
    /// It was stopped and has not ended.
    Stopping,
    /// It is not.
    None,
}

/// What was there: the request repeats all of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The schedule.
    pub schedule: String,
    /// All of it but its schedule.
    pub settings: Option<QDataSourceSettings>,
    /// All that AWS tells of it.
    pub held: Option<QHeld>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl StopSync {
    fn settled(to: &Assignment, input: &Input) -> Move {
        let what = to.place.target(Some(&input.data_source.region), input.data_source.entity());
        Move::Await(Await { what, until: Condition::Settled, within: SETTLING })
    }

    /// The moves that give it a schedule.
    fn reschedule(to: &Assignment, input: &Input, source: &Source, wanted: &str) -> Result<Vec<Move>, Refusal> {
        if source.schedule == wanted {
            return Ok(vec![]);
        }
        if source.settings.is_none() {
            return Err(Refusal::ByHand {
                why: format!("data source {} holds what this version of quell cannot repeat", input.data_source.id),
                instructions: vec![format!(
                    "Set the sync schedule of the data source {} of the application {} to `{}` in the console of Q Business",
                    input.data_source.id,
                    input.data_source.application,
                    if wanted.is_empty() { "Run on demand" } else { wanted },
                )],
            });
        }
        let QDataSourceRef { region, application, index, id } = input.data_source.clone();
        let (settings, schedule) = (Late::echo("/settings"), wanted.to_owned());
        let update = UpdateQDataSource { region, application, index, id, settings, schedule };
        Ok(vec![update.into(), Self::settled(to, input)])
    }
}

impl Action for StopSync {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "q.stop-sync";
    const SUMMARY: &'static str = "Keep a data source of a Q Business application from taking anything in";
    const PAGE: &'static str = include_str!("q_stop_sync.md");
    const READS: &'static [&'static Operation] = &[GetQDataSource::OPERATION, ListQDataSourceSyncJobs::OPERATION];
    const SENDS: &'static [&'static Operation] = &[StopQDataSourceSyncJob::OPERATION, UpdateQDataSource::OPERATION];
    const ENVELOPE: usize = 5;
    const TIMEOUT: Duration = Duration::from_secs(2 * 60 * 60);

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
        let QDataSourceRef { region, application, index, id } = &input.data_source;
        let held = data_source(look, region, application, index, id.clone()).await?;
        let Some(held) = held.filter(|held| !held.thing.is_leaving()) else {
            return Ok(Seen { state: State { data_source: None }, present: Present::default(), context: Context {} });
        };
        let settings = QDataSourceSettings::of(&held.thing);
        let schedule = held.thing.text("syncSchedule").unwrap_or_default().to_owned();
        let source = Source {
            created: held.thing.created,
            schedule: schedule.clone(),
            job: held.jobs.iter().find(|job| job.is_running() || job.is_stopping()).map(|job| job.id.clone()),
            sync: match &held.jobs {
                jobs if jobs.iter().any(QSyncJob::is_running) => Sync::Running,
                jobs if jobs.iter().any(QSyncJob::is_stopping) => Sync::Stopping,
                _ => Sync::None,
            },
            passing: held.thing.is_passing(),
            settings: settings.as_ref().map(Digest::of),
        };
        let present = Present { schedule, settings, held: Some(held) };
        Ok(Seen { state: State { data_source: Some(source) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(source) = &state.data_source else { return Ok(vec![]) };
        let QDataSourceRef { region, application, index, id } = input.data_source.clone();
        let stop = StopQDataSourceSyncJob { region, application, index, data_source: id };
        // What AWS will not stop may go on for hours: the schedule does not wait for it.
        let wont_stop = facts.refused(StopQDataSourceSyncJob::OPERATION, &Request::entity(&stop));
        let mut moves = Vec::new();
        if source.passing {
            moves.push(Self::settled(to, input));
        }
        // The job first: whether a data source can be changed while it is synchronising is not known. A schedule that begins
        // another one in between is seen by the look after it.
        if source.sync == Sync::Running {
            moves.push(stop.into());
        }
        if source.sync == Sync::Stopping || (source.sync == Sync::Running && !wont_stop) {
            moves.push(Self::settled(to, input));
        }
        match Self::reschedule(to, input, source, "") {
            Ok(more) => moves.extend(more),
            Err(refusal) if moves.is_empty() => return Err(refusal),
            Err(_) => {}
        }
        Ok(moves)
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(source) = &state.data_source else { return Ok(vec![]) };
        if present.schedule.is_empty() || source.schedule == present.schedule {
            return Ok(source.passing.then(|| Self::settled(to, input)).into_iter().collect());
        }
        if !self.same_thing(left, state) || !source.schedule.is_empty() {
            return Err(Refusal::Changed {
                before: format!("the data source with the schedule `{}`", present.schedule),
                left: "the data source without a schedule".to_owned(),
                now: format!("a data source with the schedule `{}`", source.schedule),
            });
        }
        // It would take in by itself what somebody else has led it to.
        if present.settings.as_ref().map(Digest::of) != source.settings {
            return Err(Refusal::Changed {
                before: format!("the data source with the schedule `{}`", present.schedule),
                left: "the same without a schedule".to_owned(),
                now: "without a schedule, and set up otherwise by somebody else".to_owned(),
            });
        }
        let mut moves: Vec<Move> = source.passing.then(|| Self::settled(to, input)).into_iter().collect();
        moves.extend(Self::reschedule(to, input, source, &present.schedule)?);
        Ok(moves)
    }

    fn goes_on(&self, input: &Input, state: &State) -> Option<String> {
        let source = state.data_source.as_ref()?;
        let job = source.job.as_deref()?;
        let schedule = match source.schedule.as_str() {
            "" => "no other one follows by schedule".to_owned(),
            schedule => format!("others follow by the schedule `{schedule}`"),
        };
        Some(format!("the synchronisation {job} of data source {} still goes on; {schedule}", input.data_source.id))
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.data_source, &now.data_source) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let source = seen.state.data_source.as_ref();
        let name = seen.present.held.as_ref().and_then(|held| held.thing.name.as_deref()).unwrap_or("?");
        let at_work = source.is_some_and(|source| source.sync != Sync::None || !source.schedule.is_empty());
        Story {
            now: match source {
                None => "gone".to_owned(),
                Some(source) => format!(
                    "`{name}`, {}, {}",
                    match source.sync {
                        Sync::Running => "synchronising",
                        Sync::Stopping => "stopping",
                        Sync::None => "at rest",
                    },
                    match source.schedule.as_str() {
                        "" => "without a schedule".to_owned(),
                        schedule => format!("schedule `{schedule}`"),
                    },
                ),
            },
            does: "stop its synchronisation and take its schedule away, all else repeated".to_owned(),
            impact: if at_work { Impact::Degrades } else { Impact::NoneSeen },
            because: match at_work {
                true => {
                    "what changes where it takes documents from is not found until it synchronises again".to_owned()
                }
                false => "it synchronises only when it is asked to".to_owned(),
            },
            undo: "the schedule is put back; a synchronisation that was stopped is not started again".to_owned(),
            residual: vec![
                Residual::stays("what it has taken in so far is found by everybody who asks the application"),
                Residual::again(format!(
                    "whoever may call StartDataSourceSyncJob on the application {}",
                    input.data_source.application
                )),
            ],
            notes: vec![],
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn input() -> Input {
        let id = |n: u8| format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id");
        let region = "us-east-1".parse().expect("a Region");
        Input { data_source: QDataSourceRef { region, application: id(1), index: id(2), id: id(3) } }
    }

    fn settings(name: &str) -> QDataSourceSettings {
        serde_json::from_value(serde_json::json!({ "displayName": name, "configuration": {} })).expect("settings")
    }

    fn state(schedule: &str, sync: Sync, repeatable: bool) -> State {
        let created = jiff::Timestamp::UNIX_EPOCH;
        let job = (sync != Sync::None).then(|| "job".to_owned());
        let schedule = schedule.to_owned();
        let settings = repeatable.then(|| Digest::of(&settings("wiki")));
        State { data_source: Some(Source { created, schedule, sync, job, passing: false, settings }) }
    }

    fn names(moves: &[Move]) -> Vec<&'static str> {
        moves.iter().map(|one| one.call().map_or("wait", |call| call.operation().name)).collect()
    }

    #[test]
    fn the_job_is_stopped_and_the_schedule_taken_away() {
        let proposed = |state| StopSync.propose(&to(), &input(), &state, &Facts::default());
        let moves = |schedule, sync| names(&proposed(state(schedule, sync, true)).expect("moves"));
        let all = ["StopDataSourceSyncJob", "wait", "UpdateDataSource", "wait"];
        assert_eq!(moves("rate(1 day)", Sync::Running), all);
        assert_eq!(moves("rate(1 day)", Sync::Stopping), all[1..]);
        assert_eq!(moves("rate(1 day)", Sync::None), all[2..]);
        assert_eq!(moves("", Sync::None), [] as [&str; 0]);
        // What can be done is done before a person is asked.
        let by_hand = |sync| proposed(state("rate(1 day)", sync, false));
        assert_eq!(by_hand(Sync::Running).map(|moves| names(&moves)), Ok(all[..2].to_vec()));
        assert!(matches!(by_hand(Sync::None), Err(Refusal::ByHand { .. })));
    }

    #[test]
    fn the_schedule_does_not_wait_for_what_aws_will_not_stop() {
        let QDataSourceRef { region, application, index, id } = input().data_source;
        let stop = StopQDataSourceSyncJob { region, application, index, data_source: id };
        let facts = Facts::default().with_refused(&stop.into());
        let running = state("rate(1 day)", Sync::Running, true);
        let moves = StopSync.propose(&to(), &input(), &running, &facts).expect("moves");
        assert_eq!(names(&moves), ["StopDataSourceSyncJob", "UpdateDataSource", "wait"]);
        let told = |schedule| StopSync.goes_on(&input(), &state(schedule, Sync::Running, true)).unwrap_or_default();
        assert!(told("").contains("synchronisation job") && told("").contains("no other one"), "{}", told(""));
        assert!(told("rate(1 day)").contains("`rate(1 day)`"));
        assert_eq!(StopSync.goes_on(&input(), &state("", Sync::None, true)), None);
    }

    #[test]
    fn the_schedule_is_put_back_unless_somebody_gave_it_another() {
        let asked = UndoRequest { now: jiff::Timestamp::UNIX_EPOCH, wrong_target: false };
        let present =
            |name| Present { schedule: "rate(1 day)".to_owned(), settings: Some(settings(name)), ..Present::default() };
        let left = state("", Sync::None, true);
        let restored = |now: State| StopSync.restore(&to(), &input(), &present("wiki"), &left, &now, &asked);
        let back = restored(left.clone()).map(|moves| names(&moves));
        assert_eq!(back, Ok(vec!["UpdateDataSource", "wait"]));
        assert_eq!(restored(state("rate(1 day)", Sync::None, true)), Ok(vec![]));
        assert!(matches!(restored(state("rate(2 days)", Sync::None, true)), Err(Refusal::Changed { .. })));
        let led_elsewhere = StopSync.restore(&to(), &input(), &present("other"), &left, &left, &asked);
        assert!(matches!(led_elsewhere, Err(Refusal::Changed { .. })), "{led_elsewhere:?}");
    }
}
