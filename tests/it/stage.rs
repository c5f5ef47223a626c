//! A stage for tests: a range in process, a runbook, and everything that a run needs, on the virtual clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use quell::actions::registry;
use quell::aws::{Chain, Clients, Connection, Reader};
use quell::base::{Clock, IncidentId, Phase, RunId};
use quell::evidence::EvidenceStore;
use quell::graph::{Graph, check};
use quell::guard::{ApprovedPlan, Clearance, Consent, approve};
use quell::journal::{Answer, RunOpened, RunStore, World};
use quell::plan::{Plan, Planner, Setting, Surroundings, look_around};
use quell::range::wire::{self, Endpoint, in_process};
use quell::range::{Range, Scenario};
use quell::run::{Event, Execution, GateAnswer, GivenAnswers, RunEnd};
use quell::runbook::{Parameters, Runbook, Source};
use quell::secrets::Recipient;

/// The shipped runbook.
pub(crate) const RUNBOOK: &str = include_str!("../../runbooks/rogue-bedrock-agent.yaml");
/// Its scenario.
pub(crate) const SCENARIO: &str = include_str!("../../examples/rogue-bedrock-agent.yaml");

/// A runbook about to meet a range.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) range: Range,
    pub(crate) scenario: Scenario,
    pub(crate) runbook: Runbook,
    pub(crate) graph: Graph,
    pub(crate) parameters: Parameters,
    pub(crate) connection: Connection,
    pub(crate) seed: u64,
    /// Who can open what its runs seal.
    pub(crate) recipients: Vec<Recipient>,
}

impl Stage {
    /// Opens the range of a scenario for a runbook, both as text.
    pub(crate) fn open(runbook: &str, scenario: &str, seed: u64) -> Self {
        Self::with(runbook, Scenario::parse(scenario).expect("a scenario"), seed)
    }

    /// Opens the range of a scenario for a runbook.
    pub(crate) fn with(runbook: &str, scenario: Scenario, seed: u64) -> Self {
        Self::in_world(runbook, scenario, seed, Arc::new)
    }

    /// The same with something around the range that calls have to pass.
    pub(crate) fn in_world<W: wire::World>(
        runbook: &str,
        scenario: Scenario,
        seed: u64,
        world: impl FnOnce(Range) -> Arc<W>,
    ) -> Self {
        let clock = Clock::starting_at(scenario.start);
        let range = Range::open(&scenario, seed, clock.clone());
        let checked = check(Source::new("runbook.yaml", runbook), registry());
        let (runbook, graph) = checked.runbook.expect("a sound runbook");
        let given: BTreeMap<_, _> = scenario.parameters.clone();
        let parameters = Parameters::complete(runbook.parameters(), given, clock.now()).expect("fitting parameters");
        let endpoint = Arc::new(Endpoint::new(world(range.clone()), clock.clone(), seed));
        let responder = range.responder();
        let credentials =
            Credentials::new(responder.access_key, responder.secret_key, responder.session_token, None, "range");
        let connection = Connection::in_process(&clock, in_process(endpoint, "192.0.2.1"), credentials);
        Self { clock, range, scenario, runbook, graph, parameters, connection, seed, recipients: vec![] }
    }

    /// The shipped runbook in the range of its shipped scenario.
    pub(crate) fn shipped(seed: u64) -> Self {
        Self::open(RUNBOOK, SCENARIO, seed)
    }

    pub(crate) async fn around(&self) -> Surroundings {
        look_around(&self.planning(), &Chain::default()).await.expect("who is calling")
    }

    /// Reads for a plan.
    pub(crate) fn planning(&self) -> Reader {
        Reader::new(Clients::read_only(&self.connection), self.clock.clone(), self.seed).remembering()
    }

    /// Reads and calls for a run.
    pub(crate) fn acting(&self) -> Reader {
        Reader::new(Clients::acting(&self.connection), self.clock.clone(), self.seed)
    }

    /// For the incident of the tests, now, and whoever is around.
    pub(crate) fn setting(&self, around: Surroundings) -> Setting {
        Setting {
            incident: IncidentId::new("INC-4711").expect("an incident"),
            world: World::Range,
            around,
            now: self.clock.now(),
            nonce: "0".to_owned(),
            break_glass: BTreeSet::new(),
        }
    }

    pub(crate) async fn plan(&self, phase: Phase) -> Plan {
        self.plan_for(phase, self.around().await).await
    }

    pub(crate) async fn plan_for(&self, phase: Phase, around: Surroundings) -> Plan {
        let reader = self.planning();
        let setting = Setting { nonce: format!("{phase}-{}", self.seed), ..self.setting(around) };
        let planner =
            Planner { runbook: &self.runbook, graph: &self.graph, parameters: &self.parameters, reader: &reader };
        planner.plan(phase, &setting).await.expect("a plan").0
    }

    pub(crate) async fn approve(&self, plan: Plan) -> ApprovedPlan {
        self.approve_for(plan, &self.around().await)
    }

    pub(crate) fn approve_for(&self, plan: Plan, around: &Surroundings) -> ApprovedPlan {
        let clearance = Clearance::in_range(&plan).expect("a plan for a range");
        approve(plan, around, World::Range, self.clock.now(), &Consent::Scenario, &clearance).expect("an approved plan")
    }

    /// Executes an approved plan as run `run` under a state folder.
    pub(crate) async fn execute(
        &self,
        approved: &ApprovedPlan,
        run: &str,
        state: &Path,
        tell: impl FnMut(&Event),
    ) -> RunEnd {
        self.execute_with(approved, run, state, &self.acting(), tell).await
    }

    /// The same with reads and calls of somebody else's.
    pub(crate) async fn execute_with(
        &self,
        approved: &ApprovedPlan,
        run: &str,
        state: &Path,
        reader: &Reader,
        mut tell: impl FnMut(&Event),
    ) -> RunEnd {
        let store = RunStore::open(state).expect("a state folder");
        let locked = store.create(RunId::new(run).expect("a run id")).expect("a run");
        let evidence = EvidenceStore::new(locked.folder().folder_or_new("evidence").expect("a folder"))
            .sealing_to(self.recipients.clone());
        let sealed_to = self.recipients.iter().map(ToString::to_string).collect();
        let opened = RunOpened { sealed_to, ..opened(approved, locked.run().clone()) };
        let journal = locked.begin(self.clock.clone(), opened).expect("a journal");
        let (_stop, stop) = tokio::sync::watch::channel(false);
        let execution = Execution {
            plan: approved,
            journal,
            evidence: &evidence,
            reader,
            clock: &self.clock,
            gates: &yes_to_all(approved.plan()),
            tell: Box::new(move |event| tell(&event)),
            stop,
        };
        execution.go().await.expect("an end")
    }
}

/// The first record of a run.
pub(crate) fn opened(approved: &ApprovedPlan, run: RunId) -> RunOpened {
    let plan = approved.plan();
    RunOpened {
        format: quell::journal::FORMAT,
        quell: plan.quell.clone(),
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
        sealed_to: vec![],
    }
}

/// Answers every gate of a plan with yes.
pub(crate) fn yes_to_all(plan: &Plan) -> GivenAnswers {
    let yes = GateAnswer { answer: Answer::Yes, how: quell::journal::Consent::Scenario, text: None };
    GivenAnswers(plan.steps.iter().map(|step| (step.key.step.clone(), yes.clone())).collect())
}
