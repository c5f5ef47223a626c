//! `quell rehearse`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::account::Session;
use super::arguments::{Globals, Output, RunbookArguments};
use super::entry::quoted;
use super::execute::{Carried, Desk};
use super::failure::Failure;
use super::load::{complete, given, sound};
use super::phases::{Planning, denied};
use super::randomness::Randomness;
use super::range::{parse_scenario, read_scenario};
use super::rehearse_story::{others, quell};
use super::signals::Signals;
use super::state::state_dir;
use super::{exit, sink};
use crate::actions::registry;
use crate::aws::{Chain, Connection};
use crate::base::{Clock, IncidentId, Phase, StepKey};
use crate::guard::{Consent, GivenApprovals, Guardrails, Who, approve};
use crate::journal::{Answer, Consent as How, Record, RunStore, StepState, World};
use crate::plan::{Plan, PlannedWork};
use crate::range::scenario::{GateAnswer as Scripted, GateWord};
use crate::range::wire::{Endpoint, in_process};
use crate::range::{Actors, Judgement, Range, Scenario};
use crate::report::{
    Acted, Progress, Rehearsal, RehearsedStep, Told, Unanswered, is_stated, left_alone, not_read, rehearsal_json,
    rehearsal_text, residuals,
};
use crate::run::{Event, GateAnswer, Gatekeeper};
use crate::runbook::{Runbook, shipped};

/// Where quell's own calls come from: an address of documentation.
const HOME: &str = "192.0.2.1";

/// The scenario stands in for the person at the gates.
struct ScriptedGates {
    clock: Clock,
    answers: BTreeMap<String, Scripted>,
}

impl Gatekeeper for ScriptedGates {
    fn ask<'a>(&'a self, gate: &'a StepKey, _: &'a str) -> BoxFuture<'a, Option<GateAnswer>> {
        Box::pin(async move {
            let scripted = self.answers.get(gate.step.as_str())?;
            self.clock.sleep(scripted.after.0).await;
            let answer = match scripted.answer {
                GateWord::Confirm | GateWord::Done => Answer::Yes,
                GateWord::Decline => Answer::No,
            };
            Some(GateAnswer { answer, how: How::Scenario, text: None })
        })
    }
}

/// What a phase came to.
struct Played {
    plan: Plan,
    carried: Carried,
    events: Vec<Event>,
    reads: u64,
}

/// A range with its people, and quell at its door.
struct Stage {
    clock: Clock,
    range: Range,
    session: Session,
    planning: Planning,
    store: RunStore,
    gates: ScriptedGates,
    globals: Globals,
}

/// Plays a runbook through against its scenario and tells the story. The range is the judge.
pub(super) async fn rehearse(
    what: &RunbookArguments,
    scenario_file: Option<&Path>,
    seed: Option<u64>,
    globals: &Globals,
) -> Result<(), Failure> {
    let name = what.runbook.as_str();
    let (runbook, graph) = sound(name)?;
    let said = given(&runbook, what)?;
    let scenario = match scenario_file {
        Some(path) => read_scenario(path)?,
        None => own_scenario(name, &runbook)?,
    };
    complete(&runbook, scenario.parameters.clone(), scenario.start).map_err(|failure| {
        let what = format!("the scenario is not one for this runbook: {}", failure.what);
        let next = match scenario_file {
            Some(_) => format!("quell rehearse {}  # with the scenario that it names", quoted(name)),
            None => "quell schema scenario".to_owned(),
        };
        Failure::yours(exit::ERROR, what, next)
    })?;
    let _signals = Signals::listen()?;
    let seed = seed.unwrap_or(scenario.seed);
    let incident = globals.incident.clone().or_else(|| IncidentId::new(format!("REHEARSAL-{seed}")).ok());
    let mut values = scenario.parameters.clone();
    values.extend(said);
    let stage = Stage::open(&scenario, seed, Planning::with(runbook, graph, values, incident), globals).await?;
    let start = stage.clock.now();
    let actors = Actors::start(&stage.range, &scenario);
    let mut played = Vec::new();
    for phase in stage.planning.phases() {
        played.push(stage.play(phase).await?);
    }
    let judgement = stage.range.judgement();
    let mutating = stage.calls_of_quell();
    let left_over = stage.left_over(&played).await?;
    actors.stop().await;
    let rehearsal = stage.tell(&scenario, seed, start, &played, judgement, mutating, left_over);
    match globals.output {
        Output::Text => sink::data(&rehearsal_text(&rehearsal)),
        Output::Json => sink::json(&rehearsal_json(&rehearsal)),
    }
    if rehearsal.is_contained() && rehearsal.is_harmless() {
        if rehearsal.is_whole() {
            return Ok(());
        }
        let next = "quell schema scenario  # what an answer to a gate looks like";
        return Err(Failure::told(exit::NOT_CONTAINED, next));
    }
    let journal = rehearsal.journals.first().map(String::as_str).unwrap_or_default();
    Err(Failure::told(exit::NOT_CONTAINED, format!("quell audit verify {}", quoted(journal))))
}

/// The scenario that a runbook names: beside its file, or embedded as the runbook is.
fn own_scenario(name: &str, runbook: &Runbook) -> Result<Scenario, Failure> {
    if let Some(one) = shipped(name) {
        return parse_scenario(one.scenario, name);
    }
    let Some(path) = runbook.scenario() else {
        let what = format!("runbook `{}` names no scenario", runbook.name());
        let next = "quell schema scenario  # what one holds; then the same with --scenario and its path";
        return Err(Failure::yours(exit::ERROR, what, next));
    };
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    read_scenario(&folder.join(path))
}

impl Stage {
    async fn open(scenario: &Scenario, seed: u64, planning: Planning, globals: &Globals) -> Result<Self, Failure> {
        let clock = Clock::starting_at(scenario.start);
        let range = Range::open(scenario, seed, clock.clone());
        let endpoint = Arc::new(Endpoint::new(Arc::new(range.clone()), clock.clone(), seed));
        let keys = range.responder();
        let credentials = Credentials::new(keys.access_key, keys.secret_key, keys.session_token, None, "range");
        let connection = Connection::in_process(&clock, in_process(endpoint, HOME), credentials);
        let chance = Randomness::of_seed(seed);
        let session = Session::over(clock.clone(), connection, World::Range, String::new(), &Chain::default(), chance)
            .await
            .map_err(|fault| Failure::aws(&fault, ""))?;
        // A folder of its own: a rehearsal's runs have ids from its seed, and nobody looks for them among real ones.
        let name = Randomness::of_this_machine().digits(12);
        let folder = state_dir(globals)?.join("rehearsals").join(name);
        let store = RunStore::open(&folder).map_err(|error| Failure::store(&error, globals))?;
        let gates = ScriptedGates { clock: clock.clone(), answers: scenario.gates.clone() };
        Ok(Self { clock, range, session, planning, store, gates, globals: globals.clone() })
    }

    /// Plans, approves and applies a phase, with the scenario's consent.
    async fn play(&self, phase: Phase) -> Result<Played, Failure> {
        let planned = self.planning.plan_quietly(&[phase], &self.session).await?;
        let Some(planned) = planned.into_iter().next() else { return Err(Failure::bug("a phase without a plan")) };
        let now = self.clock.now();
        let verdict = Guardrails::default().judge(&planned.plan, Who::Rehearsal, now, &GivenApprovals::default());
        let clearance = verdict.into();
        let approved =
            approve(planned.plan.clone(), &self.session.around, World::Range, now, &Consent::Scenario, &clearance)
                .map_err(|why| denied(&why, &format!("quell rehearse {}", quoted(&self.planning.name))))?;
        let (_stop, stop) = watch::channel(false);
        let desk = Desk {
            session: &self.session,
            globals: &self.globals,
            store: &self.store,
            gates: &self.gates,
            stop,
            resume: super::entry::same_command_with(&[]),
            signatures: Vec::new(),
            // Nobody made up has anything confidential.
            recipients: Vec::new(),
            detected: None,
        };
        let mut events = Vec::new();
        let carried = desk.begin(&approved, self.session.run_id(), &mut |event| events.push(event.clone())).await?;
        let reads = planned.made.as_ref().map_or(0, |report| report.reads);
        Ok(Played { plan: planned.plan, carried, events, reads })
    }

    /// The calls of quell that the range has seen: reads, and calls that change something.
    fn calls_of_quell(&self) -> (u64, u64) {
        let own = self.range.responder().access_key;
        let trail = self.range.trail();
        let calls = trail.iter().filter(|event| {
            event.user_identity.as_ref().and_then(|who| who.access_key_id.as_deref()) == Some(own.as_str())
        });
        let (reads, mutating): (Vec<_>, Vec<_>) = calls.partition(|event| event.read_only);
        (reads.len() as u64, mutating.len() as u64)
    }

    /// What the queries found at the end of a phase that its plan did not cover, and whether it is there still: a later phase
    /// is planned with what is there by then.
    async fn left_over(&self, played: &[Played]) -> Result<Vec<Value>, Failure> {
        let phases: Vec<Phase> = played.iter().map(|one| one.plan.phase).collect();
        let again = self.planning.plan_quietly(&phases, &self.session).await?;
        let there: Vec<&String> =
            again.iter().flat_map(|planned| &planned.plan.queries).flat_map(|query| &query.found).collect();
        let mut left: Vec<Value> = Vec::new();
        for one in played {
            for (query, items) in one.carried.fold.left_over() {
                for item in items {
                    let name =
                        one.plan.queries.iter().find(|asked| asked.key == *query).map(|asked| asked.query.as_str());
                    let key = name.and_then(|name| registry().query(name)?.key(item).ok());
                    let still_there = key.is_some_and(|key| there.contains(&&key));
                    let mut told = item.clone();
                    if let Some(members) = told.as_object_mut() {
                        members.insert("found_after".to_owned(), json!(one.plan.phase));
                        members.insert("still_there".to_owned(), json!(still_there));
                    }
                    left.push(told);
                }
            }
        }
        Ok(left)
    }

    #[expect(clippy::too_many_arguments, reason = "each is a different part of what came of one rehearsal")]
    fn tell(
        &self,
        scenario: &Scenario,
        seed: u64,
        start: Timestamp,
        played: &[Played],
        judgement: Judgement,
        (reads, mutating): (u64, u64),
        left_over: Vec<Value>,
    ) -> Rehearsal {
        let mut residual = residuals(played.iter().map(|one| (&one.plan, &one.carried.fold)));
        residual.retain(|one| !one.is_over(self.clock.now()));
        let place = &self.session.around.place;
        let alias = self.session.around.alias.as_deref().unwrap_or_default();
        let listed = |calls: &[crate::range::SeenCall]| calls.iter().map(|call| json!(call)).collect();
        let mut told: Vec<Told> = others(&self.range.trail(), scenario, &self.range.responder().access_key, start);
        for one in played {
            told.extend(quell(&one.plan, one.reads, &one.events, Progress::new(&one.plan, None)));
        }
        Rehearsal {
            runbook: self.planning.runbook.name().to_owned(),
            scenario: scenario.title.clone(),
            account: format!("{} {alias}", place.account).trim_end().to_owned(),
            seed,
            start,
            told,
            time_to_first_deny: judgement.time_to_first_deny_seconds,
            time_to_contain: judgement.time_to_contain_seconds,
            claimed: claimed(played, start),
            still_allowed: judgement.still_allowed.into_iter().filter(|one| !is_stated(one, &residual)).collect(),
            residual,
            left_over,
            not_read: not_read(played.iter().map(|one| &one.plan)),
            left_alone: left_alone(played.iter().flat_map(|one| &one.plan.queries)),
            adversary: Acted {
                calls: judgement.adversary_calls,
                listed: listed(&judgement.succeeded_after_containment),
            },
            workload: Acted { calls: judgement.workload_calls, listed: listed(&judgement.workload_refused) },
            expected_interruptions: judgement.expected_interruptions,
            steps: played.iter().flat_map(steps).collect(),
            unanswered: played.iter().flat_map(unanswered).collect(),
            reads,
            mutating,
            journals: played.iter().map(|one| one.carried.journal.clone()).collect(),
        }
    }
}

/// When quell itself counted the last step of `contain` as verified; nothing where it did not count them all so.
fn claimed(played: &[Played], start: Timestamp) -> Option<f64> {
    let contain = played.iter().find(|one| one.plan.phase == Phase::Contain)?;
    let settled = |state| matches!(state, StepState::Verified | StepState::Skipped | StepState::Manual);
    let all = contain.carried.fold.steps().values().all(|step| settled(step.state));
    let last = contain.events.iter().filter_map(|event| match event {
        Event::Recorded { at, record } => match record.as_ref() {
            Record::Step(moved) if moved.to == StepState::Verified => Some(*at),
            _ => None,
        },
        Event::Waiting { .. } => None,
    });
    last.max().filter(|_| all).map(|at| at.duration_since(start).as_secs_f64())
}

/// The gates at which a phase stopped, and the steps of it that have not ended for that.
fn unanswered(played: &Played) -> Vec<Unanswered> {
    let waiting = &played.carried.waiting_for;
    let open = |key: &StepKey| played.carried.fold.step(key).is_some_and(|view| !view.state.has_ended());
    let not_done: Vec<StepKey> = played
        .plan
        .steps
        .iter()
        .map(|step| &step.key)
        .filter(|key| open(key) && !waiting.contains(key))
        .cloned()
        .collect();
    let gates = waiting.iter().map(|gate| {
        let asks = played.plan.step(gate).map(|step| &step.work);
        let word = if matches!(asks, Some(PlannedWork::Gate { confirm: true, .. })) { "confirm" } else { "done" };
        let write = format!("{}: {{ answer: {word}, after: 1m }}", gate.step);
        Unanswered { phase: played.plan.phase, gate: gate.clone(), write, not_done: not_done.clone() }
    });
    gates.collect()
}

fn steps(played: &Played) -> Vec<RehearsedStep> {
    let steps = played.plan.steps.iter().filter_map(|step| Some((step, played.carried.fold.step(&step.key)?)));
    steps
        .map(|(step, view)| RehearsedStep {
            phase: played.plan.phase,
            run: played.carried.run.clone(),
            step: step.key.clone(),
            title: step.title.clone(),
            outcome: view.state,
            why: view.why.clone(),
        })
        .collect()
}
