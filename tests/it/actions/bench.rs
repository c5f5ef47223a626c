//! A stage with a place for its runs, and what is asked of it again and again.

use std::sync::Arc;

use aws_credential_types::Credentials;
use quell::aws::Connection;
use quell::base::{Phase, RunId, StepKey};
use quell::evidence::EvidenceStore;
use quell::guard::{ApprovedPlan, Consent, approve};
use quell::journal::{self, Record, RunStore, StepState, StepView, World};
use quell::plan::{Outlook, Plan, PlannedAction, plan_undo};
use quell::range::TrailEvent;
use quell::range::wire::{Endpoint, in_process};
use quell::run::{Event, RunEnd, undoable};
use serde_json::Value;
use tempfile::TempDir;

use crate::stage::Stage;

/// The one step of a runbook of [`Bench::of_action`].
const STEP: &str = "it";

/// A stage with a place for its runs.
pub(crate) struct Bench {
    pub(crate) stage: Stage,
    pub(crate) phase: Phase,
    /// The key id of the responder.
    pub(crate) key: String,
    runs: TempDir,
    begun: std::cell::Cell<u32>,
}

/// A run that has ended.
pub(crate) struct Ran {
    pub(crate) run: RunId,
    pub(crate) plan: Plan,
    pub(crate) end: RunEnd,
    pub(crate) records: Vec<Record>,
}

impl Bench {
    /// A bench for a runbook whose one step is an action, in an account.
    pub(crate) fn of_action(action: &str, with: &Value, scenario: &Value, seed: u64) -> Self {
        let phase = if action.contains("delete") { Phase::Eradicate } else { Phase::Contain };
        let step = serde_json::json!({ "id": STEP, "phase": phase, "action": action, "with": with });
        let runbook = serde_json::json!({ "quell": 1, "name": "case", "title": "A case", "steps": [step] });
        Self::of(Stage::open(&runbook.to_string(), &scenario.to_string(), seed), phase)
    }

    pub(crate) fn of(stage: Stage, phase: Phase) -> Self {
        let key = stage.range.responder().access_key;
        Self { stage, phase, key, runs: tempfile::tempdir().expect("a folder"), begun: std::cell::Cell::new(0) }
    }

    /// The same bench with other credentials of the responder.
    pub(crate) fn with_key(mut self, key: &str, token: Option<String>) -> Self {
        let Stage { range, clock, seed, .. } = &self.stage;
        let endpoint = Arc::new(Endpoint::new(Arc::new(range.clone()), clock.clone(), *seed));
        let credentials = Credentials::new(key, "secret", token, None, "range");
        self.stage.connection = Connection::in_process(clock, in_process(endpoint, "192.0.2.1"), credentials);
        self.key = key.to_owned();
        self
    }

    pub(crate) async fn plan(&self) -> Plan {
        self.stage.plan(self.phase).await
    }

    /// Approves and executes a plan. Whatever happens, the run ends, its journal verifies, and nothing stays in doubt.
    pub(crate) async fn run(&self, plan: Plan) -> Ran {
        let around = self.stage.around().await;
        let now = self.stage.clock.now();
        let approved = approve(plan, &around, World::Range, now, &Consent::Scenario).expect("an approved plan");
        self.execute(&approved).await
    }

    /// Plans and runs.
    pub(crate) async fn go(&self) -> Ran {
        self.run(self.plan().await).await
    }

    async fn execute(&self, approved: &ApprovedPlan) -> Ran {
        self.begun.set(self.begun.get() + 1);
        let run = format!("{:08x}", self.begun.get());
        let mut records = Vec::new();
        let keep = |event: &Event| {
            if let Event::Recorded { record, .. } = event {
                records.push(record.as_ref().clone());
            }
        };
        let end = self.stage.execute(approved, &run, self.runs.path(), keep).await;
        let run = RunId::new(run).expect("a run id");
        let bytes = self.store().journal(&run).expect("a journal");
        let verified = journal::verify(&bytes).expect("a sound journal");
        assert!(verified.closed.is_some() && verified.torn.is_none(), "the journal is closed");
        assert_eq!(verified.head, end.head);
        assert_eq!(end.fold.open_calls().count(), 0, "nothing stays in doubt");
        for (key, step) in end.fold.steps() {
            assert!(step.state.has_ended(), "{key} is {}", step.state);
        }
        Ran { run, plan: approved.plan().clone(), end, records }
    }

    fn store(&self) -> RunStore {
        RunStore::open(self.runs.path()).expect("a state folder")
    }

    /// The plan that takes a run back.
    pub(crate) async fn plan_undo(&self, ran: &Ran, wrong_target: bool) -> Plan {
        let folder = self.store().folder(&ran.run).expect("the run's folder");
        let evidence = EvidenceStore::new(folder.folder_or_new("evidence").expect("a folder"));
        let undo = undoable(ran.plan.clone(), &ran.end.fold, &evidence, wrong_target).expect("a run to undo");
        let (around, now) = (self.stage.around().await, self.stage.clock.now());
        plan_undo(undo, &around, &self.stage.planning(), now, "undo".to_owned()).await.expect("a plan")
    }

    /// What somebody with the responder's key was answered, oldest first.
    pub(crate) fn trail(&self) -> Vec<TrailEvent> {
        let ours = |event: &TrailEvent| {
            event.user_identity.as_ref().and_then(|who| who.access_key_id.as_deref()) == Some(self.key.as_str())
        };
        self.stage.range.trail().into_iter().filter(ours).collect()
    }

    /// Lets the account come to rest.
    pub(crate) async fn rest(&self) {
        self.stage.clock.sleep(std::time::Duration::from_secs(60)).await;
    }
}

impl Ran {
    /// The one step.
    pub(crate) fn step(&self) -> &StepView {
        self.end.fold.step(&StepKey::once(STEP.parse().expect("a step"))).expect("the step")
    }

    pub(crate) fn state(&self) -> StepState {
        self.step().state
    }

    /// The step's state and why, for messages.
    pub(crate) fn told(&self) -> String {
        format!("{} ({})", self.state(), self.step().why.as_deref().unwrap_or("-"))
    }
}

/// The one action of a plan.
pub(crate) fn action(plan: &Plan) -> &PlannedAction {
    plan.actions().next().expect("a planned action").1
}

/// Whether a plan finds nothing to do, and refuses nothing.
pub(crate) fn finds_nothing_to_do(plan: &Plan) -> bool {
    plan.actions().all(|(_, action)| matches!(&action.outlook, Outlook::Moves { moves } if moves.is_empty()))
}
