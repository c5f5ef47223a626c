//! What `quell plan --from` plans: the phase of a run again, for its incident, with its values, at the account as it is now.

use super::account::Session;
use super::arguments::Globals;
use super::endpoint::refuse_other_world;
use super::entry::quoted;
use super::exit;
use super::failure::Failure;
use super::load::sound;
use super::next::{new_plan, noted_runbook};
use super::phases::Planning;
use super::resume::recorded;
use super::state::{find_run, store};
use super::status::undone_by;
use crate::base::RunId;
use crate::journal::{ListedRun, RunStore};
use crate::plan::{Follows, Plan};

/// What is planned, and from which run.
#[derive(Debug)]
pub(super) struct FollowUp {
    /// The runbook and the values of the run's plan.
    pub(super) planning: Planning,
    /// The run.
    pub(super) before: Before,
}

/// A run that has ended, and its plan.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) run: RunId,
    pub(super) plan: Plan,
}

impl Before {
    /// What a plan that follows it says of that.
    pub(super) fn follows(&self) -> Follows {
        Follows { run: self.run.clone(), plan: self.plan.digest() }
    }

    /// Refuses another account: the values of the run name things of its own.
    pub(super) fn refuse_elsewhere(&self, session: &Session) -> Result<(), Failure> {
        let (planned, actual) = (&self.plan.place, &session.around.place);
        if planned == actual {
            return Ok(());
        }
        let (run, planned, actual) = (&self.run, &planned.account, &actual.account);
        let what = format!("run {run} was in account {planned}, and the credentials are for account {actual}");
        let next = format!(
            "aws configure list-profiles  # then the same command with --profile and one for account {planned}"
        );
        Err(Failure::yours(exit::NOT_APPLICABLE, what, next))
    }
}

impl FollowUp {
    /// Reads the run and finds its runbook again. Needs no account.
    pub(super) fn read(run: &str, globals: &Globals) -> Result<Self, Failure> {
        if globals.incident.is_some() {
            let what = "what follows a run is for the run's incident, and --incident says of another";
            return Err(Failure::yours(exit::USAGE, what, format!("quell plan --from {}", quoted(run))));
        }
        let store = store(globals)?;
        let run = find_run(&store, run, globals)?;
        let (plan, journal) = recorded(&store, &run, globals)?;
        let noted = store.origin(&run);
        if let Some(undone) = &plan.undoes {
            let what = format!("run {run} takes run {undone} back, and nothing follows it but another undo");
            let next = globals.in_world(plan.world, noted.as_ref(), &format!("undo {undone}"));
            return Err(Failure::yours(exit::ERROR, what, next));
        }
        refuse_other_world(&plan, noted.as_ref(), &format!("plan --from {run}"), globals)?;
        let anew = || new_plan(&plan, "", noted.as_ref(), globals);
        if journal.fold.closed().is_none() {
            let what = format!("run {run} has not ended, and goes on from where it is");
            let next = globals.in_world(plan.world, noted.as_ref(), &format!("resume {run}"));
            return Err(Failure::yours(exit::ERROR, what, next));
        }
        if let Some(undo) = undone_by(&store, &run, &all(&store, globals)?) {
            let what = format!("run {run} was taken back by run {}, and nothing follows it", undo.run);
            return Err(Failure::yours(exit::ERROR, what, anew()));
        }
        let planning = Self::planning(&run, &plan, noted.as_ref().and_then(|noted| noted.runbook.as_deref()), anew)?;
        Ok(Self { planning, before: Before { run, plan } })
    }

    /// The runbook of the run, which must be what it was, with the values of its plan: a day ago stays the day that it was.
    fn planning(
        run: &RunId,
        before: &Plan,
        noted: Option<&str>,
        anew: impl Fn() -> String,
    ) -> Result<Planning, Failure> {
        let name = &before.runbook.name;
        let Some(found) = noted_runbook(before, noted) else {
            let what = format!("runbook `{name}` of run {run} is not part of the program, and its file is not there");
            return Err(Failure::yours(exit::ERROR, what, anew()));
        };
        let (runbook, graph) = sound(&found)?;
        if runbook.digest() != before.runbook.digest {
            let what = format!("runbook `{found}` is not as it was when run {run} was planned, so no plan follows it");
            return Err(Failure::yours(exit::NOT_APPLICABLE, what, anew()));
        }
        let values = before.parameters.iter().filter(|(_, value)| !value.is_null());
        let given = values.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut planning = Planning::with(runbook, graph, given, Some(before.incident.clone()));
        planning.name = found;
        Ok(planning)
    }
}

fn all(store: &RunStore, globals: &Globals) -> Result<Vec<ListedRun>, Failure> {
    store.list().map_err(|error| Failure::store(&error, globals))
}
