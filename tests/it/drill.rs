//! One phase of a shipped runbook, planned once and executed in as many fresh ranges as a matrix needs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_credential_types::Credentials;
use futures_util::future::BoxFuture;
use quell::actions::registry;
use quell::aws::{Clients, Connection, Reader, operations};
use quell::base::{Clock, Folder, Phase, RunId};
use quell::evidence::EvidenceStore;
use quell::graph::check;
use quell::guard::{ApprovedPlan, Clearance, Consent, approve, continue_run};
use quell::journal::{Agreed, Disk, Record, World, Writer};
use quell::plan::{Plan, Surroundings};
use quell::range::wire::{self, Answered, ApiCall, Endpoint, in_process};
use quell::range::{Range, Scenario};
use quell::run::{Event, Execution, Gatekeeper, RunEnd, RunError};
use quell::runbook::{Parameters, embedded, find};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::extent::played;
use crate::stage::{Stage, opened, yes_to_all};

/// What the ranges of the matrices are made from.
pub(crate) const SEED: u64 = 7;
/// How many phases of the shipped runbooks stand for all where not all is played.
const SOME_PHASES: usize = 8;

/// A shipped runbook in its scenario, with values of parameters in place of those of the scenario.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) values: &'static [&'static str],
    /// What the scenario expects of the runbook holds for these values as well.
    pub(crate) is_as_expected: bool,
}

/// The values by which steps act that do not act otherwise.
const VARIANTS: &[Variant] = &[
    // Whoever asks the agents is not answered.
    Variant { name: "changed-bedrock-agent", values: &["pause=true"], is_as_expected: false },
    // The role can be taken on anew, by sessions that may do nothing from where the intruder is.
    Variant {
        name: "compromised-role-sessions",
        values: &["session=stolen-session", "roles=arn:aws:iam::111122223333:role/nightly"],
        is_as_expected: false,
    },
    // The user and its keys go on.
    Variant {
        name: "compromised-iam-user",
        values: &["session_started_at=2026-11-22T02:20:05Z"],
        is_as_expected: false,
    },
    Variant { name: "llmjacking", values: &["quarantine=true"], is_as_expected: true },
    Variant { name: "rotate-ses-smtp", values: &["stolen=false"], is_as_expected: true },
    Variant { name: "rotate-user-keys", values: &["stolen=true"], is_as_expected: true },
];

/// Every shipped runbook in its scenario, and with the other values.
pub(crate) fn rehearsals() -> impl Iterator<Item = Variant> {
    let as_they_stand = embedded().map(|name| Variant { name, values: &[], is_as_expected: true });
    as_they_stand.chain(VARIANTS.iter().copied())
}

/// One phase of a runbook with the range of its scenario.
pub(crate) struct Drill {
    pub(crate) name: String,
    pub(crate) plan: Plan,
    scenario: Scenario,
    pub(crate) around: Surroundings,
    seed: u64,
}

impl Drill {
    /// Every phase that sends something, of every runbook that is part of the program, planned once for all matrices. Where not all
    /// is played, some of them.
    pub(crate) fn shipped() -> &'static [Self] {
        static SHIPPED: LazyLock<Vec<Drill>> = LazyLock::new(|| {
            let phases = rehearsals().flat_map(|one| Phase::ALL.map(|phase| (one, phase))).collect();
            let played = played([phases], SOME_PHASES, SEED).into_iter();
            played.map(|(one, phase)| Drill::valued(one.name, one.values, phase, SEED)).filter(Drill::sends).collect()
        });
        &SHIPPED
    }

    /// One phase of a shipped runbook.
    pub(crate) fn of(name: &str, phase: Phase, seed: u64) -> Self {
        Self::valued(name, &[], phase, seed)
    }

    /// One phase of a shipped runbook with values in place of those of its scenario.
    fn valued(name: &str, values: &[&str], phase: Phase, seed: u64) -> Self {
        let (text, scenario) = scene(name, values);
        let name = [&[name], values].concat().join(" ");
        Self::with(&name, &text, scenario, phase, seed)
    }

    /// One phase of any runbook in any scenario.
    pub(crate) fn with(name: &str, runbook: &str, scenario: Scenario, phase: Phase, seed: u64) -> Self {
        paused(async {
            let stage = Stage::with(runbook, scenario, seed);
            let plan = stage.plan(phase).await;
            let around = stage.around().await;
            Self { name: format!("{name}, {phase}"), plan, scenario: stage.scenario, around, seed }
        })
    }

    /// Whether it sends anything: a phase without a call has no boundary to die at.
    fn sends(&self) -> bool {
        self.plan.steps.iter().any(|step| step.action().is_some_and(|action| action.calls().next().is_some()))
    }

    /// A fresh range. Needs a runtime around it.
    pub(crate) fn open(&self) -> Site<'_> {
        let clock = Clock::starting_at(self.scenario.start);
        let range = Range::open(&self.scenario, self.seed, clock.clone());
        let endpoint = Arc::new(Endpoint::new(Arc::new(Delivered(range.clone())), clock.clone(), self.seed));
        let responder = range.responder();
        let credentials =
            Credentials::new(responder.access_key, responder.secret_key, responder.session_token, None, "range");
        let connection = Connection::in_process(&clock, in_process(endpoint, "192.0.2.1"), credentials);
        let folder = scratch();
        let evidence = EvidenceStore::new(Folder::at(folder.path()).expect("a folder"));
        Site { drill: self, clock, range, connection, evidence, _folder: folder }
    }
}

/// The text of a shipped runbook, and its scenario, with values of parameters in place of those of the scenario.
pub(crate) fn scene(name: &str, values: &[&str]) -> (String, Scenario) {
    let source = find(name).expect("a shipped runbook");
    let mut scenario = Scenario::parse(&scenario_of(source.text())).expect("a scenario");
    let (runbook, _) = check(source.clone(), registry()).runbook.expect("a sound runbook");
    let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    scenario.parameters.extend(Parameters::arguments(runbook.parameters(), &values).expect("fitting values"));
    (source.text().to_owned(), scenario)
}

/// The text of a runbook's own scenario.
pub(crate) fn scenario_of(runbook: &str) -> String {
    let checked = quell::graph::check(quell::runbook::Source::new("runbook", runbook), quell::actions::registry());
    let (runbook, _) = checked.runbook.expect("a sound runbook");
    let path = runbook.scenario().expect("a shipped runbook names its scenario");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    std::fs::read_to_string(folder.join(path)).expect("the scenario is there")
}

/// A folder in memory where there is one: what the disk may lose is simulated, so that a real one would only cost time.
pub(crate) fn scratch() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
    tempfile::tempdir_in(parent).expect("a folder")
}

/// Runs on the virtual clock.
pub(crate) fn paused<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

/// Plays every case on two threads, and panics with all that went wrong.
pub(crate) fn in_parallel<T: Sync>(cases: Vec<T>, play: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = play(case) {
                        wrong.lock().expect("nobody panics with it").push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics with it");
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Whether an operation changes the account.
pub(crate) fn changes(operation: &str) -> bool {
    operations().any(|row| row.name == operation && row.effect.is_mutating())
}

/// A request that has left is delivered, whatever becomes of its sender.
struct Delivered(Range);

impl wire::World for Delivered {
    fn answer(&self, call: ApiCall) -> BoxFuture<'_, Answered> {
        let range = self.0.clone();
        Box::pin(async move { tokio::spawn(async move { range.answer(call).await }).await.expect("an answer") })
    }
}

/// A fresh range in which a drill takes place.
pub(crate) struct Site<'a> {
    pub(crate) drill: &'a Drill,
    pub(crate) clock: Clock,
    pub(crate) range: Range,
    pub(crate) evidence: EvidenceStore,
    connection: Connection,
    _folder: TempDir,
}

impl Site<'_> {
    /// Begins the run, or goes on with it, on a disk. Every gate is answered with yes.
    pub(crate) async fn go(&self, disk: impl Disk + 'static, begins: bool) -> Result<RunEnd, RunError> {
        let (_stop, stop) = watch::channel(false);
        self.go_with(disk, begins, &yes_to_all(&self.drill.plan), stop, |_| ()).await
    }

    /// The same with other gates, a way to stop it and somebody who listens.
    pub(crate) async fn go_with<'s>(
        &'s self,
        disk: impl Disk + 'static,
        begins: bool,
        gates: &'s dyn Gatekeeper,
        stop: watch::Receiver<bool>,
        tell: impl FnMut(Event) + 's,
    ) -> Result<RunEnd, RunError> {
        self.carry_out(&self.approved(begins), disk, begins, gates, stop, tell).await
    }

    /// The same with what was approved.
    pub(crate) async fn carry_out<'s>(
        &'s self,
        approved: &'s ApprovedPlan,
        disk: impl Disk + 'static,
        begins: bool,
        gates: &'s dyn Gatekeeper,
        stop: watch::Receiver<bool>,
        tell: impl FnMut(Event) + 's,
    ) -> Result<RunEnd, RunError> {
        let journal = self.journal(disk, begins, approved)?;
        let reader = Reader::new(Clients::acting(&self.connection), self.clock.clone(), self.drill.seed);
        let execution = Execution {
            plan: approved,
            journal,
            evidence: &self.evidence,
            reader: &reader,
            clock: &self.clock,
            gates,
            tell: Box::new(tell),
            stop,
        };
        execution.go().await
    }

    fn approved(&self, begins: bool) -> ApprovedPlan {
        let (plan, around) = (self.drill.plan.clone(), &self.drill.around);
        let approved = if begins {
            let clearance = Clearance::in_range(&plan).expect("a plan for a range");
            approve(plan, around, World::Range, self.clock.now(), &Consent::Scenario, &clearance)
        } else {
            continue_run(plan, Agreed::All, around, World::Range, self.clock.now())
        };
        approved.expect("an approved plan")
    }

    fn journal(&self, disk: impl Disk + 'static, begins: bool, plan: &ApprovedPlan) -> Result<Writer, RunError> {
        if begins {
            let run = RunId::new("00000001").expect("a run id");
            return Writer::create(disk, self.clock.clone(), opened(plan, run)).map_err(RunError::Journal);
        }
        let (mut writer, _) = Writer::reopen(disk, self.clock.clone()).expect("a sound journal");
        let resumed = Record::Resumed { by: "the test".to_owned(), why: "the process died".to_owned() };
        writer.append(vec![resumed]).map_err(RunError::Journal)?;
        Ok(writer)
    }
}
