//! Carries out an approved plan: locks, leases, plan file, journal, evidence, run.

use std::cell::RefCell;

use serde_json::Value;
use tokio::sync::watch;

use super::account::Session;
use super::arguments::Globals;
use super::exit;
use super::failure::{Failure, chain};
use crate::aws::Reader;
use crate::base::{Digest, RunId, StepKey, canonical_bytes};
use crate::evidence::EvidenceStore;
use crate::guard::ApprovedPlan;
use crate::journal::{
    Detected, EVIDENCE_FOLDER, FORMAT, Fold, JOURNAL_FILE, JournalError, LockedRun, PLAN_FILE, Record, RunOpened,
    RunStore, Writer,
};
use crate::plan::{Plan, PlannedAction};
use crate::report::{EndOfRun, ToType, case_text};
use crate::run::{Event, Execution, Gatekeeper, RunEnd, RunError, Space, exit_code};
use crate::secrets::Recipient;

/// The text of a support case that a person opens.
const CASE_FILE: &str = "case.txt";

/// How a run ended, or stopped.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) run: RunId,
    pub(super) fold: Fold,
    pub(super) head: Digest,
    pub(super) waiting_for: Vec<StepKey>,
    pub(super) to_approve: Vec<StepKey>,
    pub(super) credentials_ended: bool,
    pub(super) interrupted: bool,
    pub(super) case_file: Option<String>,
    pub(super) journal: String,
}

impl Carried {
    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        match self.fold.closed() {
            Some(closing) => exit_code(closing.outcome),
            None if self.credentials_ended => exit::CREDENTIALS,
            None if self.interrupted => exit::INTERRUPTED,
            None => exit::WAITING,
        }
    }

    /// For the end screen.
    pub(super) fn end<'a>(&'a self, plan: &'a Plan, to_type: &'a ToType, session: &Session) -> EndOfRun<'a> {
        EndOfRun {
            run: &self.run,
            plan,
            fold: &self.fold,
            head: self.head,
            waiting_for: &self.waiting_for,
            to_approve: &self.to_approve,
            credentials_ended: self.credentials_ended,
            interrupted: self.interrupted,
            at: session.clock.now(),
            exit_code: self.code(),
            case_file: self.case_file.as_deref(),
            to_type,
        }
    }
}

/// Everything that stays the same while a plan is carried out.
#[derive(Clone)]
pub(super) struct Desk<'a> {
    pub(super) session: &'a Session,
    pub(super) globals: &'a Globals,
    pub(super) store: &'a RunStore,
    pub(super) gates: &'a dyn Gatekeeper,
    pub(super) stop: watch::Receiver<bool>,
    /// The command that goes on with the run, for failures on the way.
    pub(super) resume: String,
    /// The signatures over the plan, which are kept with it.
    pub(super) signatures: Vec<String>,
    /// Who can open what of the evidence is confidential; of a run that goes on, who could from its beginning.
    pub(super) recipients: Vec<Recipient>,
    /// The detection that a new run is started by, where no person starts it.
    pub(super) detected: Option<StartedBy>,
}

/// A detection that starts a run: what is recorded of it, and the event itself, which is kept with the evidence.
#[derive(Clone)]
pub(super) struct StartedBy {
    pub(super) told: Detected,
    pub(super) event: Value,
}

impl Desk<'_> {
    /// Begins the run of a plan.
    pub(super) async fn begin(
        self,
        approved: &ApprovedPlan,
        run: RunId,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Carried, Failure> {
        let actor = self.session.actor(approved.plan(), &run).await?;
        let locked = self.store.create(run).map_err(|error| Failure::store(&error, self.globals))?;
        let put = locked.folder().put(PLAN_FILE, &canonical_bytes(approved.plan()));
        put.map_err(|error| unwritable(&error, super::entry::same_command_with(&[])))?;
        for (number, signature) in self.signatures.iter().enumerate() {
            let put = locked.folder().put(&format!("{PLAN_FILE}.{}.sig", number + 1), signature.as_bytes());
            put.map_err(|error| unwritable(&error, super::entry::same_command_with(&[])))?;
        }
        let opened = RunOpened {
            acts_as: actor.acts_as,
            sealed_to: self.recipients.iter().map(ToString::to_string).collect(),
            detected: self.detected.as_ref().map(|detection| detection.told.clone()),
            ..opened(approved, locked.run().clone())
        };
        let begin = || {
            locked
                .begin(self.session.clock.clone(), opened)
                .map_err(|error| Failure::journal(&error, super::entry::same_command_with(&[])))
        };
        let carried = self.carry_out(approved, &locked, &actor.reader, begin, tell).await;
        if carried.is_err() {
            // What the person hears is why it could not begin; a folder that stays is not worth another word.
            let _ = self.store.forget_unbegun(locked);
        }
        carried
    }

    /// Goes on with a run that has begun.
    pub(super) async fn go_on(
        self,
        approved: &ApprovedPlan,
        locked: &LockedRun,
        why: &str,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Carried, Failure> {
        let actor = self.session.actor(approved.plan(), locked.run()).await?;
        let reopen = || {
            let reopened = locked.reopen(self.session.clock.clone());
            let (mut journal, _) =
                reopened.map_err(|error| Failure::reopen(&error, locked.run().as_str(), self.globals))?;
            let resumed = Record::Resumed { by: who_goes_on(), why: why.to_owned() };
            let acts_as = actor.acts_as.as_ref().map(|acts_as| Record::note(format!("it goes on as {acts_as}")));
            journal
                .append(std::iter::once(resumed).chain(acts_as).collect())
                .map_err(|error| Failure::journal(&error, self.resume.clone()))?;
            Ok(journal)
        };
        self.carry_out(approved, locked, &actor.reader, reopen, tell).await
    }

    async fn carry_out(
        &self,
        approved: &ApprovedPlan,
        locked: &LockedRun,
        reader: &Reader,
        journal: impl FnOnce() -> Result<Writer, Failure>,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Carried, Failure> {
        let plan = approved.plan();
        // Also what needs nothing now may be changed when somebody takes it back meanwhile.
        let may_change = |action: &PlannedAction| action.refusal().is_none() && action.envelope > 0;
        let changed = plan
            .actions()
            .filter(|(_, action)| !action.moves().is_empty() || may_change(action))
            .map(|(_, action)| &action.target);
        // Before the journal begins: a run that cannot have its targets leaves none.
        let leases = self.store.lease(locked, changed).map_err(|error| Failure::store(&error, self.globals))?;
        let space = Space::for_run_of(plan);
        let folder = locked.folder();
        let no_room = |error: std::io::Error| {
            let what = format!("failed to set space aside for the run in `{}`: {error}", folder.path().display());
            unwritable(&std::io::Error::new(error.kind(), what), super::entry::same_command_with(&[]))
        };
        locked.reserve(space.journal).map_err(no_room)?;
        let evidence = EvidenceStore::new(folder.folder_or_new(EVIDENCE_FOLDER).map_err(no_room)?)
            .sealing_to(self.recipients.clone());
        evidence.reserve(space.evidence).map_err(no_room)?;
        if let Some(detection) = &self.detected {
            let kept = evidence.keep(&detection.event);
            kept.map_err(|error| unwritable(&std::io::Error::other(chain(&error)), self.resume.clone()))?;
        }
        let mut journal = journal()?;
        let notes: Vec<Record> = leases
            .taken_over()
            .iter()
            .map(|(run, targets)| {
                let names: Vec<String> = targets.iter().map(ToString::to_string).collect();
                let names = names.join(", ");
                Record::note(format!("run {run} ended without giving back {names}: see quell status {run}"))
            })
            .collect();
        if !notes.is_empty() {
            journal.append(notes).map_err(|error| Failure::journal(&error, self.resume.clone()))?;
        }
        let tell = RefCell::new(tell);
        let execution = Execution {
            plan: approved,
            journal,
            evidence: &evidence,
            reader,
            clock: &self.session.clock,
            gates: self.gates,
            tell: Box::new(|event| tell.borrow_mut()(&event)),
            stop: self.stop.clone(),
        };
        let end = execution.go().await.map_err(|error| self.broken(&error, locked.run()))?;
        let RunEnd { waiting_for, to_approve, credentials, interrupted, fold, head, .. } = end;
        let mut case_file = None;
        if let Some(text) = case_text(plan, &fold) {
            let put = locked.folder().put(CASE_FILE, text.as_bytes());
            put.map_err(|error| unwritable(&error, self.resume.clone()))?;
            case_file = Some(locked.folder().path().join(CASE_FILE).display().to_string());
        }
        Ok(Carried {
            run: locked.run().clone(),
            fold,
            head,
            waiting_for,
            to_approve,
            credentials_ended: credentials.is_some(),
            interrupted,
            case_file,
            journal: locked.folder().path().join(JOURNAL_FILE).display().to_string(),
        })
    }

    fn broken(&self, error: &RunError, run: &RunId) -> Failure {
        match error {
            RunError::Journal(JournalError::Altered { .. }) | RunError::EvidenceLost(_) => {
                let verify = self.globals.about_run(&format!("audit verify {run}"));
                Failure { code: exit::DAMAGED, ..Failure::machine(error, verify) }
            }
            RunError::Journal(_) | RunError::Evidence(_) => {
                Failure { code: exit::UNWRITABLE, ..Failure::machine(error, self.resume.clone()) }
            }
            RunError::Bug(_) => Failure::bug(chain(error)),
        }
    }
}

/// The first record of a run.
fn opened(approved: &ApprovedPlan, run: RunId) -> RunOpened {
    let plan = approved.plan();
    RunOpened {
        format: FORMAT,
        quell: env!("CARGO_PKG_VERSION").to_owned(),
        run,
        incident: plan.incident.clone(),
        plan: approved.digest(),
        phase: plan.phase,
        undoes: plan.undoes.clone(),
        world: plan.world,
        partition: plan.place.partition,
        account: plan.place.account.clone(),
        caller: plan.caller.arn.clone(),
        acts_as: None,
        detected: None,
        steps: plan.steps.iter().map(|step| step.key.clone()).collect(),
        sealed_to: Vec::new(),
    }
}

fn unwritable(error: &std::io::Error, next: String) -> Failure {
    Failure { code: exit::UNWRITABLE, ..Failure::machine(error, next) }
}

/// The person, the host and the process, for the record.
fn who_goes_on() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "somebody".to_owned());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "this machine".to_owned());
    format!("{user} on {}, process {}", host.trim(), std::process::id())
}
