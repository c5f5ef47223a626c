//! What the autopilot does about an incident: asks AWS, plans, carries out what is harmless, and leaves the rest to people.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;
use tokio::sync::watch;

use super::account::Session;
use super::arguments::Globals;
use super::entry::quoted;
use super::execute::{Carried, Desk, StartedBy};
use super::exit;
use super::failure::{Failure, Kind};
use super::load::sound;
use super::match_events::{then_with, with_values};
use super::next::{confirming, lasting};
use super::phases::Planning;
use super::resume::{recorded, sealed_to, taken_back_by};
use super::rules::Rules;
use super::state::{store, waiting};
use crate::autopilot::{Answer, Incident, Outcome, Purse, Responder, Response, Watchlist, ask};
use crate::aws::{FaultKind, GetRole, GetUser, Reader};
use crate::base::{Arn, Digest, Phase, PrincipalKind, RoleName, StepKey, UserName, canonical_bytes};
use crate::guard::{Part, approve_part, continue_run};
use crate::journal::{Agreed, Detected, Fold, Journal, RunOutcome, RunStore, StepState};
use crate::plan::Plan;
use crate::report::PlannedPhase;
use crate::run::GivenAnswers;

/// What knows the account, for the autopilot.
pub(super) struct Pilot {
    pub(super) globals: Globals,
    pub(super) watchlist: RefCell<Rc<Watchlist>>,
    /// With what AWS is asked whether something is true. Plans and runs reach the account anew, since who calls may be another by then.
    pub(super) session: Rc<Session>,
    /// Becomes true when runs are to stop in good order.
    pub(super) stop: watch::Receiver<bool>,
}

impl Responder for Pilot {
    async fn ask(&self, incident: &Incident) -> Answer {
        let watchlist = Rc::clone(&self.watchlist.borrow());
        ask(incident, &watchlist, &self.session.planning()).await
    }

    async fn respond(&self, incident: &Incident, may_act: bool, purse: &dyn Purse) -> Response {
        if *self.stop.borrow() {
            return Response::Later("the autopilot is told to stop".to_owned());
        }
        match self.responded(incident, may_act, purse).await {
            Ok(response) => response,
            // What AWS does not answer now, and what another process holds, may be otherwise in a minute.
            Err(failure) if matches!(failure.kind, Kind::Aws) || failure.code == exit::HELD => {
                Response::Later(failure.what)
            }
            Err(failure) if matches!(failure.code, exit::UNWRITABLE | exit::CREDENTIALS) => {
                Response::Later(failure.what)
            }
            // A run that has begun is there to be looked at, whatever stands in the way of its end.
            Err(failure) if store(&self.globals).is_ok_and(|store| store.has_begun(&incident.run)) => {
                let (outcome, why) = (Outcome::Failed, failure.what);
                Response::Concluded { outcome, why, plans: vec![], next: Some(failure.next) }
            }
            Err(failure) => self.no_plan(incident, failure.what),
        }
    }
}

impl Pilot {
    async fn responded(&self, incident: &Incident, may_act: bool, purse: &dyn Purse) -> Result<Response, Failure> {
        let store = store(&self.globals)?;
        if store.folder(&incident.run).is_ok() {
            return self.goes_on(incident, &store, purse).await;
        }
        if !incident.alarm.missing.is_empty() {
            let open = incident.alarm.missing.iter().map(|(name, why)| format!("`{name}`: {why}"));
            let why = format!("a person has to say {}", open.collect::<Vec<_>>().join("; "));
            return Ok(self.no_plan(incident, why));
        }
        if !may_act && !purse.may_plan() {
            let why = "so many plans were made for people within the hour that no more are".to_owned();
            return Ok(self.no_plan(incident, why));
        }
        let session = Session::reach(&self.globals).await?;
        let rules = Rules::read(&self.globals)?;
        let planning = match self.planning(incident, &session).await? {
            Ok(planning) => planning.sparing(&rules),
            Err(why) => return Ok(self.no_plan(incident, why)),
        };
        let plans = self.planned(&planning, &planning.phases(), &session).await?;
        let harmless = |plan: &Plan| rules.guardrails().harmless(plan, session.clock.now());
        let parts: Vec<Part> = plans.iter().map(harmless).collect();
        // One phase, so that one journal tells all that happened with nobody there: the first in which something harmless is to be done.
        let acting = parts.iter().position(|part| part.changes() > 0).filter(|_| may_act);
        let refused = match acting {
            None if may_act => Some(format!("nothing of it is harmless: {}", left(&parts))),
            None => Some(match &incident.asked {
                Some((false, why)) => format!("AWS does not confirm it: {why}"),
                _ => "its trigger lets nothing happen before a person has looked".to_owned(),
            }),
            Some(at) => {
                let paid = purse.pay(&session.around.place.account, parts[at].principals());
                let paid =
                    paid.map_err(|error| Failure { code: exit::UNWRITABLE, ..Failure::machine(&error, self.again()) })?;
                paid.err().map(|spent| spent.to_string())
            }
        };
        if !plans.iter().any(does_something) {
            let (outcome, why) = (Outcome::Contained, "nothing is left to be done".to_owned());
            return Ok(Response::Concluded { outcome, why, plans: vec![], next: None });
        }
        if let Some(why) = refused {
            let plans = self.save_all(incident, plans.iter(), &planning.name, &store)?;
            let next = plans.first().map(|plan| self.globals.at_account(&format!("apply {}", quoted(plan))));
            return Ok(Response::Concluded { outcome: Outcome::Waits, why, plans, next });
        }
        let Some((plan, part)) = acting.and_then(|at| plans.into_iter().zip(&parts).nth(at)) else {
            return Err(Failure::bug("a phase without a plan"));
        };
        let phase = plan.phase;
        let carried = self.begin(incident, plan, part, &planning.name, &rules, &session, &store).await?;
        self.concluded(incident, phase, &carried.fold, Some(&carried), &session, &store, purse).await
    }

    /// The runbook of an incident with its values, or why there is none.
    async fn planning(&self, incident: &Incident, session: &Session) -> Result<Result<Planning, String>, Failure> {
        let (runbook, graph) = sound(&incident.alarm.runbook)?;
        let mut values = incident.alarm.values.clone();
        if incident.alarm.by_name {
            let reader = session.planning();
            for value in values.values_mut() {
                if let Err(why) = with_path(value, incident, session, &reader).await? {
                    return Ok(Err(why));
                }
            }
        }
        let planning = Planning::with(runbook, graph, values, Some(incident.id.clone()));
        Ok(Ok(planning.called(lasting(&incident.alarm.runbook))))
    }

    /// Plans of phases, in one picture of the account.
    async fn planned(&self, planning: &Planning, phases: &[Phase], session: &Session) -> Result<Vec<Plan>, Failure> {
        let planned = planning.plan_whole(phases, session).await?;
        Ok(planned.into_iter().map(|PlannedPhase { plan, .. }| plan).collect())
    }

    /// Begins the run of an incident with what of its plan is harmless.
    #[expect(clippy::too_many_arguments, reason = "each is another part of what a run is begun with")]
    async fn begin(
        &self,
        incident: &Incident,
        plan: Plan,
        part: &Part,
        runbook: &str,
        rules: &Rules,
        session: &Session,
        store: &RunStore,
    ) -> Result<Carried, Failure> {
        session.refuse_unbounded(&plan)?;
        let now = session.clock.now();
        let approved = approve_part(plan, &session.around, session.world, now, part, rules.digest());
        let approved = approved.map_err(|why| Failure::yours(exit::NOT_APPLICABLE, why.to_string(), self.again()))?;
        let origin = self.globals.origin(Some(runbook.to_owned()));
        store.note_origin(&incident.run, &origin).map_err(|error| Failure::store(&error, &self.globals))?;
        let desk = self.desk(incident, session, store, rules.recipients().to_vec());
        let carried = desk.begin(&approved, incident.run.clone(), &mut |_| ()).await;
        if carried.is_err() {
            // A run that could not begin leaves nothing.
            let _ = store.forget_origin(&incident.run);
        }
        carried
    }

    /// Goes on with the run of an incident, as far as it may, or tells what it has come to.
    async fn goes_on(&self, incident: &Incident, store: &RunStore, purse: &dyn Purse) -> Result<Response, Failure> {
        if !store.has_begun(&incident.run) {
            // It died between the folder and the first record: nothing was sent, and it begins anew.
            let locked = store.lock(&incident.run).map_err(|error| Failure::store(&error, &self.globals))?;
            store.forget_unbegun(locked).map_err(|error| Failure::store(&error, &self.globals))?;
            return Ok(Response::Later("its run had not begun".to_owned()));
        }
        if let Some(undo) = taken_back_by(store, &incident.run, &self.globals)? {
            let why = format!("somebody has taken its run back with run {undo}");
            let next = Some(self.globals.about_run(&format!("status {}", incident.id)));
            return Ok(Response::Concluded { outcome: Outcome::Waits, why, plans: vec![], next });
        }
        let (plan, Journal { fold, .. }) = recorded(store, &incident.run, &self.globals)?;
        let session = Session::reach(&self.globals).await?;
        if fold.closed().is_some() || fold.agreed() == Agreed::All {
            return self.concluded(incident, plan.phase, &fold, None, &session, store, purse).await;
        }
        let rules = Rules::read(&self.globals)?;
        let now = session.clock.now();
        // What the guardrails have come to forbid since does not happen any more with nobody there.
        let part = rules.guardrails().harmless(&plan, now);
        let approved = match fold.agreed() {
            Agreed::Nothing => approve_part(plan.clone(), &session.around, session.world, now, &part, rules.digest()),
            Agreed::Part(steps) => {
                // What was harmless when the plan was made may be so no more once its time is over: only what has begun goes on.
                let begun = |key: &StepKey| fold.step(key).is_some_and(|step| step.state != StepState::Waiting);
                let still = |key: &&StepKey| part.steps().contains(key) && (now < plan.expires || begun(key));
                let steps = steps.iter().filter(still).cloned().collect();
                continue_run(plan.clone(), Agreed::Part(steps), &session.around, session.world, now)
            }
            Agreed::All => return Err(Failure::bug("a run to all of which somebody agreed")),
        };
        let approved = approved.map_err(|why| Failure::yours(exit::NOT_APPLICABLE, why.to_string(), self.again()))?;
        let recipients = sealed_to(&fold, self.globals.about_run(&format!("audit verify {}", incident.run)))?;
        let locked = store.lock(&incident.run).map_err(|error| Failure::store(&error, &self.globals))?;
        let desk = self.desk(incident, &session, store, recipients);
        let carried = desk.go_on(&approved, &locked, "the autopilot goes on with it", &mut |_| ()).await;
        drop(locked);
        let carried = carried?;
        self.concluded(incident, plan.phase, &carried.fold, Some(&carried), &session, store, purse).await
    }

    fn desk<'a>(
        &'a self,
        incident: &Incident,
        session: &'a Session,
        store: &'a RunStore,
        recipients: Vec<crate::secrets::Recipient>,
    ) -> Desk<'a> {
        Desk {
            session,
            globals: &self.globals,
            store,
            gates: &NOBODY,
            stop: self.stop.clone(),
            resume: self.again(),
            signatures: Vec::new(),
            recipients,
            detected: Some(started_by(incident)),
        }
    }

    /// What an incident has come to whose run has stopped or ended, with plans of what comes after it.
    #[expect(clippy::too_many_arguments, reason = "each is another part of what is told")]
    async fn concluded(
        &self,
        incident: &Incident,
        phase: Phase,
        fold: &Fold,
        carried: Option<&Carried>,
        session: &Session,
        store: &RunStore,
        purse: &dyn Purse,
    ) -> Result<Response, Failure> {
        if carried.is_some_and(|carried| carried.interrupted || carried.credentials_ended) {
            return Ok(Response::Later(fold.stopped().unwrap_or("its run has stopped").to_owned()));
        }
        let run = &incident.run;
        let count = |state| fold.counts().get(&state).copied().unwrap_or_default();
        let verified = format!("{} of {} steps are verified", count(StepState::Verified), fold.steps().len());
        let (outcome, why, mut next) = match fold.closed().map(|closing| closing.outcome) {
            Some(RunOutcome::Complete) => (Outcome::Contained, verified, None),
            Some(outcome) => {
                let why = format!("{verified}, and the run has ended {}", word(outcome));
                (Outcome::Failed, why, Some(self.globals.about_run(&format!("show {run}"))))
            }
            None => {
                let gates = carried.map_or(&[][..], |carried| carried.waiting_for.as_slice());
                let why = format!("{verified}; {}", fold.stopped().unwrap_or("the rest waits"));
                let resume = format!("resume {run}{}", confirming(gates));
                (Outcome::PartlyContained, why, Some(self.globals.at_account(&resume)))
            }
        };
        // What comes after it is worth having, and takes nothing from what was done.
        let plans = if purse.may_plan() { self.others(incident, phase, session, store).await } else { Ok(Vec::new()) };
        let (plans, why) = match plans {
            Ok(plans) => (plans, why),
            Err(failure) => (Vec::new(), format!("{why}; nothing else could be planned: {}", failure.what)),
        };
        let first = plans.first().map(|plan| self.globals.at_account(&format!("apply {}", quoted(plan))));
        next = next.or(first);
        Ok(Response::Concluded { outcome, why, plans, next })
    }

    /// Plans the other phases of an incident's runbook, and saves them.
    async fn others(
        &self,
        incident: &Incident,
        phase: Phase,
        session: &Session,
        store: &RunStore,
    ) -> Result<Vec<String>, Failure> {
        let rules = Rules::read(&self.globals)?;
        let planning = match self.planning(incident, session).await? {
            Ok(planning) => planning.sparing(&rules),
            Err(why) => return Err(Failure::yours(exit::ERROR, why, self.again())),
        };
        let others: Vec<Phase> = planning.phases().into_iter().filter(|other| *other != phase).collect();
        let plans = self.planned(&planning, &others, session).await?;
        self.save_all(incident, plans.iter(), &planning.name, store)
    }

    /// Saves plans in which something is to be done, and returns their paths.
    fn save_all<'a>(
        &self,
        incident: &Incident,
        plans: impl Iterator<Item = &'a Plan>,
        runbook: &str,
        store: &RunStore,
    ) -> Result<Vec<String>, Failure> {
        plans.filter(|plan| does_something(plan)).map(|plan| self.save(incident, plan, runbook, store)).collect()
    }

    /// Saves a plan that waits for a person, and returns its path.
    fn save(&self, incident: &Incident, plan: &Plan, runbook: &str, store: &RunStore) -> Result<String, Failure> {
        let origin = self.globals.origin(Some(runbook.to_owned()));
        store.note_plan(plan.digest(), &origin).map_err(|error| Failure::store(&error, &self.globals))?;
        let name = format!("{}-{}.json", incident.id, plan.phase);
        let folder = waiting(&self.globals)?;
        let put = folder.put(&name, &canonical_bytes(plan));
        put.map_err(|error| Failure { code: exit::UNWRITABLE, ..Failure::machine(&error, self.again()) })?;
        Ok(folder.path().join(name).display().to_string())
    }

    /// No plan could be made, and a person does it with a command.
    fn no_plan(&self, incident: &Incident, why: String) -> Response {
        let alarm = &incident.alarm;
        let verb = format!("plan {}", with_values(&alarm.runbook, &alarm.values));
        let command = self.globals.at_account(&format!("{verb} --incident {}", incident.id));
        let next = Some(command + &then_with(alarm.missing.keys()));
        Response::Concluded { outcome: Outcome::NoPlan, why, plans: vec![], next }
    }

    /// The command that starts the autopilot again.
    fn again(&self) -> String {
        self.globals.at_account("autopilot")
    }
}

/// Nobody is there to answer gates.
static NOBODY: GivenAnswers = GivenAnswers(BTreeMap::new());

/// What is recorded in the journal of a run about the detection that started it.
fn started_by(incident: &Incident) -> StartedBy {
    let alarm = &incident.alarm;
    let confirmed = incident.asked.as_ref().map_or_else(|| "AWS was not asked".to_owned(), |(_, by)| by.clone());
    let told = Detected {
        trigger: alarm.trigger.clone(),
        what: alarm.what.clone(),
        event: alarm.event.clone(),
        subject: alarm.subject.clone(),
        kept: Digest::of(&alarm.text),
        happened: alarm.happened,
        received: incident.opened,
        confirmed,
        values: alarm.from.clone(),
    };
    StartedBy { told, event: alarm.text.clone() }
}

/// Gives the ARNs of users and roles of this account the paths that they have, where an event tells them by name alone. One of the name that is
/// not the one of the event is not meant.
async fn with_path(
    value: &mut Value,
    incident: &Incident,
    session: &Session,
    reader: &Reader,
) -> Result<Result<(), String>, Failure> {
    let texts: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        one => vec![one],
    };
    for text in texts {
        let Some(arn) = text.as_str().and_then(|text| text.parse::<Arn>().ok()) else { continue };
        if arn.account().as_ref() != Some(&session.around.place.account) {
            continue;
        }
        let found = match arn.principal() {
            Some(PrincipalKind::Role { name, .. }) => {
                let Ok(role) = RoleName::new(name) else { continue };
                reader.ask(GetRole { role }).await.map(|role| (role.arn, role.id))
            }
            Some(PrincipalKind::User { name, .. }) => {
                let Ok(user) = UserName::new(name) else { continue };
                reader.ask(GetUser { user }).await.map(|user| (user.arn, user.id))
            }
            _ => continue,
        };
        match found {
            Ok((_, id)) if incident.alarm.principal_id.as_ref().is_some_and(|meant| *meant != id) => {
                return Ok(Err(format!("{arn} is another one by now than the one that the event is about")));
            }
            Ok((known, _)) => *text = Value::String(known.to_string()),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                return Ok(Err(format!("{arn}, which the event is about, does not exist")));
            }
            Err(fault) => return Err(Failure::aws(&fault, &session.renewal)),
        }
    }
    Ok(Ok(()))
}

/// Whether a plan sends anything.
fn does_something(plan: &Plan) -> bool {
    plan.actions().any(|(_, action)| !action.moves().is_empty())
}

fn left(parts: &[Part]) -> String {
    let named = parts.iter().flat_map(|part| part.left()).map(|(step, why)| format!("{step}: {why}"));
    named.collect::<Vec<_>>().join("; ")
}

fn word(outcome: RunOutcome) -> &'static str {
    match outcome {
        RunOutcome::Complete => "complete",
        RunOutcome::Partial => "in part",
        RunOutcome::Stuck => "stuck",
        RunOutcome::Refused => "without a change",
    }
}
