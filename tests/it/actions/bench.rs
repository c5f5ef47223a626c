//! A stage with a place for its runs, and what is asked of it again and again.

use std::sync::Arc;

use aws_credential_types::Credentials;
use quell::actions::Refusal;
use quell::aws::{Connection, Operation, operations};
use quell::base::{IncidentId, Phase, RunId, StepKey};
use quell::evidence::EvidenceStore;
use quell::guard::{ApprovedPlan, Clearance, Consent, approve};
use quell::journal::{self, Record, RunStore, StepState, StepView, World};
use quell::plan::{Outlook, Plan, PlannedAction, Planner, Setting, Surroundings, plan_undo};
use quell::range::TrailEvent;
use quell::range::wire::{Endpoint, in_process};
use quell::run::{Event, RunEnd, held, undoable};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::trail::ask;
use super::{Hand, RECIPIENT};
use crate::drill::scratch;
use crate::stage::Stage;

/// The one step of a case's runbook.
pub(crate) const STEP: &str = "it";

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
    /// A bench for the steps of a runbook, which are all of one phase.
    pub(crate) fn of_steps(mut steps: Value, scenario: &Value, seed: u64) -> Self {
        let deletes =
            steps[0]["action"].as_str().is_some_and(|action| action.contains("delete") || action.contains("remove"));
        let phase = if deletes { Phase::Eradicate } else { Phase::Contain };
        for step in steps.as_array_mut().expect("a list of steps") {
            step["phase"] = json!(phase);
        }
        let runbook = json!({ "quell": 1, "name": "case", "title": "A case", "steps": steps });
        Self::of(Stage::open(&runbook.to_string(), &scenario.to_string(), seed), phase)
    }

    pub(crate) fn of(stage: Stage, phase: Phase) -> Self {
        let key = stage.range.responder().access_key;
        Self { stage, phase, key, runs: scratch(), begun: std::cell::Cell::new(0) }
    }

    /// The same bench with a recipient, to whom its runs seal what is confidential.
    pub(crate) fn sealing(mut self) -> Self {
        self.stage.recipients = vec![RECIPIENT.parse().expect("a recipient")];
        self
    }

    /// The same runbook in the account of another bench, with a place of its own for its runs.
    pub(crate) fn in_range_of(self, other: &Self) -> Self {
        let Stage { range, clock, connection, .. } = &other.stage;
        let (range, clock, connection) = (range.clone(), clock.clone(), connection.clone());
        Self { stage: Stage { range, clock, connection, ..self.stage }, ..self }
    }

    /// What a query finds in us-east-1.
    pub(crate) async fn found(&self, query: &str, with: Value) -> Vec<Value> {
        let found = ask(self, query, Some("us-east-1"), with).await;
        assert_eq!(found.truncated, None);
        found.items
    }

    /// A bench for a runbook whose one step is an action.
    pub(crate) fn of_action(action: &str, with: &Value, scenario: &Value, seed: u64) -> Self {
        Self::of_steps(json!([{ "id": STEP, "action": action, "with": with }]), scenario, seed)
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

    /// The plan of somebody else, or for another incident.
    pub(crate) async fn plan_for(&self, around: Surroundings, incident: &str) -> Plan {
        let Stage { runbook, graph, parameters, .. } = &self.stage;
        let incident = IncidentId::new(incident).expect("an incident");
        let setting = Setting { incident, nonce: "other".to_owned(), ..self.stage.setting(around) };
        let reader = self.stage.planning();
        let planner = Planner { runbook, graph, parameters, reader: &reader };
        planner.plan(self.phase, &setting).await.expect("a plan").0
    }

    /// Approves and executes a plan. Whatever happens, the run ends, its journal verifies, and nothing stays in doubt.
    pub(crate) async fn run(&self, plan: Plan) -> Ran {
        let around = self.stage.around().await;
        let now = self.stage.clock.now();
        let clearance = Clearance::in_range(&plan).expect("a plan for a range");
        let approved =
            approve(plan, &around, World::Range, now, &Consent::Scenario, &clearance).expect("an approved plan");
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

    /// Where the runs are kept.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.runs.path()
    }

    pub(crate) fn store(&self) -> RunStore {
        RunStore::open(self.runs.path()).expect("a state folder")
    }

    /// The plan that takes a run back.
    pub(crate) async fn plan_undo(&self, ran: &Ran, wrong_target: bool) -> Plan {
        self.plan_undo_beside(ran, wrong_target, &[]).await
    }

    /// The same where there are other runs on the account.
    pub(crate) async fn plan_undo_beside(&self, ran: &Ran, wrong_target: bool, others: &[&Ran]) -> Plan {
        let folder = self.store().folder(&ran.run).expect("the run's folder");
        let evidence = EvidenceStore::new(folder.folder_or_new("evidence").expect("a folder"));
        let mut undo = undoable(ran.plan.clone(), &ran.end.fold, &evidence, wrong_target).expect("a run to undo");
        undo.held = others.iter().flat_map(|other| held(&other.plan, &other.end.fold)).collect();
        let (around, now) = (self.stage.around().await, self.stage.clock.now());
        plan_undo(undo, &around, &self.stage.planning(), now, "undo".to_owned()).await.expect("a plan")
    }

    /// What the one step of a run has captured before its first change.
    pub(crate) fn captured(&self, ran: &Ran) -> Value {
        let folder = self.store().folder(&ran.run).expect("the run's folder");
        let evidence = EvidenceStore::new(folder.folder_or_new("evidence").expect("a folder"));
        let digest = ran.step().pre_state(&action(&ran.plan).target).expect("a pre-state");
        evidence.get(digest).expect("the evidence")
    }

    /// What somebody with the responder's key was answered, oldest first.
    pub(crate) fn trail(&self) -> Vec<TrailEvent> {
        let ours = |event: &TrailEvent| {
            event.user_identity.as_ref().and_then(|who| who.access_key_id.as_deref()) == Some(self.key.as_str())
        };
        self.stage.range.trail().into_iter().filter(ours).collect()
    }

    /// Somebody else in the same account.
    pub(crate) fn other(&self) -> Hand {
        Hand(self.stage.range.clone())
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
    plan.actions().next().unwrap_or_else(|| panic!("no action is planned: {:?}", plan.steps)).1
}

/// Whether a plan finds nothing to do, and refuses nothing.
pub(crate) fn finds_nothing_to_do(plan: &Plan) -> bool {
    plan.actions().all(|(_, action)| matches!(&action.outlook, Outlook::Moves { moves } if moves.is_empty()))
}

/// Why the one action of a plan is refused, if it is.
pub(crate) fn refusal(plan: &Plan) -> Option<&Refusal> {
    match &action(plan).outlook {
        Outlook::Refused { because } => Some(because),
        _ => None,
    }
}

/// The row of what the range has seen.
pub(crate) fn row(event: &TrailEvent) -> &'static Operation {
    let is_it = |row: &&Operation| row.name == event.event_name && row.service.event_source() == event.event_source;
    operations().find(is_it).unwrap_or_else(|| panic!("{} is in the vocabulary", event.event_name))
}

/// Compares two pictures of an account, and shows only where they differ.
pub(crate) fn assert_same(name: &str, is: &Value, should_be: &Value) {
    let mut differences = Vec::new();
    compare(String::new(), is, should_be, &mut differences);
    assert!(differences.is_empty(), "{name}: {differences:#?}");
}

fn compare(place: String, one: &Value, other: &Value, differences: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                compare(format!("{place}/{key}"), &one[key], &other[key], differences);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(format!("{place}/{index}"), left, right, differences);
            }
        }
        _ if one == other => {}
        _ => differences.push(format!("{place}: {one} should be {other}")),
    }
}
