//! Makes the plans of a runbook's phases.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::account::Session;
use super::arguments::{Globals, RunbookArguments};
use super::entry::quoted;
use super::exit;
use super::failure::{Failure, chain};
use super::from_event::{EventOf, FromEvent, from_event};
use super::load::{complete, default_incident, given, refuse_foreign, refuse_plan, sound};
use super::next::lasting;
use super::rules::Rules;
use super::watch::Busy;
use crate::base::{Arn, IncidentId, Phase};
use crate::graph::Graph;
use crate::guard::Denied;
use crate::plan::{PlanError, Planner, Setting, simulated, tagged};
use crate::report::PlannedPhase;
use crate::runbook::Runbook;

/// A sound runbook with its values, about to be planned for an incident.
#[derive(Debug)]
pub(super) struct Planning {
    pub(super) runbook: Runbook,
    pub(super) graph: Graph,
    /// The runbook by the name by which it can be found again.
    pub(super) name: String,
    given: BTreeMap<String, Value>,
    incident: Option<IncidentId>,
    /// Whom no plan touches.
    break_glass: BTreeSet<Arn>,
    /// The event that values came from.
    pub(super) event: Option<FromEvent>,
}

impl Planning {
    /// Reads runbook and values from the command line. Needs no account, so that mistakes show before anybody signs in.
    pub(super) fn read(what: &RunbookArguments, globals: &Globals) -> Result<Self, Failure> {
        Self::read_beside(what, None, globals)
    }

    /// The same; what is not typed comes from an event.
    pub(super) fn read_beside(
        what: &RunbookArguments,
        event: Option<EventOf<'_>>,
        globals: &Globals,
    ) -> Result<Self, Failure> {
        refuse_plan(&what.runbook, || globals.agreeing(&format!("apply {}", quoted(&what.runbook))))?;
        let (runbook, graph) = sound(&what.runbook)?;
        let mut given = given(&runbook, what)?;
        let event = event.map(|of| from_event(of, &runbook, &what.runbook, &given, globals)).transpose()?;
        for (name, value) in event.iter().flat_map(|event| &event.values) {
            given.entry(name.clone()).or_insert_with(|| value.clone());
        }
        complete(&runbook, given.clone(), crate::base::Clock::real().now())?;
        let planning = Self::with(runbook, graph, given, globals.incident.clone());
        Ok(Self { name: lasting(&what.runbook), event, ..planning })
    }

    /// The same with values that come from elsewhere.
    pub(super) fn with(
        runbook: Runbook,
        graph: Graph,
        given: BTreeMap<String, Value>,
        incident: Option<IncidentId>,
    ) -> Self {
        Self {
            name: runbook.name().to_owned(),
            runbook,
            graph,
            given,
            incident,
            break_glass: BTreeSet::new(),
            event: None,
        }
    }

    /// The same, under the name by which the runbook can be found again.
    pub(super) fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// The same, and nothing is taken from whom the rules list as break-glass.
    pub(super) fn sparing(self, rules: &Rules) -> Self {
        Self { break_glass: rules.break_glass().clone(), ..self }
    }

    /// The phases that the runbook has steps for.
    pub(super) fn phases(&self) -> Vec<Phase> {
        self.graph.phases().collect()
    }

    /// The incident.
    pub(super) fn incident(&self, session: &Session) -> IncidentId {
        let account = &session.around.place.account;
        self.incident.clone().unwrap_or_else(|| default_incident(self.runbook.name(), account, &self.given))
    }

    /// Plans phases, each from the account as it is, in one picture of it, and asks what the caller lacks for them.
    pub(super) async fn plan(&self, phases: &[Phase], session: &Session) -> Result<Vec<PlannedPhase>, Failure> {
        let _busy = Busy::with(&session.reading());
        self.plan_whole(phases, session).await
    }

    /// The same without a word on stderr.
    pub(super) async fn plan_whole(&self, phases: &[Phase], session: &Session) -> Result<Vec<PlannedPhase>, Failure> {
        let reader = session.planning();
        let mut planned = Vec::new();
        for PlannedPhase { plan, made } in self.plan_quietly(phases, session).await? {
            let plan = tagged(simulated(plan, &reader).await, &reader).await;
            planned.push(PlannedPhase { plan, made });
        }
        Ok(planned)
    }

    /// The same without a word on stderr, for nobody who approves: what the caller lacks is not asked.
    pub(super) async fn plan_quietly(&self, phases: &[Phase], session: &Session) -> Result<Vec<PlannedPhase>, Failure> {
        refuse_foreign(&self.given, &session.around.place)?;
        let now = session.clock.now();
        let parameters = complete(&self.runbook, self.given.clone(), now)?;
        let reader = session.planning();
        let planner = Planner { runbook: &self.runbook, graph: &self.graph, parameters: &parameters, reader: &reader };
        let mut planned = Vec::new();
        for phase in phases {
            let setting = Setting {
                incident: self.incident(session),
                world: session.world,
                around: session.around.clone(),
                now,
                nonce: session.nonce(),
                break_glass: self.break_glass.clone(),
            };
            let made = planner.plan(*phase, &setting).await;
            let (plan, report) = made.map_err(|error| no_plan(&error, session).about(Some(&self.name)))?;
            planned.push(PlannedPhase { plan, made: Some(report) });
        }
        Ok(planned)
    }
}

fn no_plan(error: &PlanError, session: &Session) -> Failure {
    match error {
        PlanError::Credentials(fault) => {
            let failure = Failure::aws(fault, &session.renewal);
            Failure { what: chain(error), ..failure }
        }
        PlanError::Expression { .. } | PlanError::Input { .. } => {
            Failure::yours(exit::ERROR, chain(error), "quell runbooks  # lists the parameters and what they take")
        }
    }
}

/// What a refusal of the guard means for the person at the terminal.
pub(super) fn denied(denied: &Denied, again: &str) -> Failure {
    match denied {
        Denied::Consent(_) => {
            Failure::yours(exit::NEEDS_CONFIRMATION, denied.to_string(), super::entry::same_command_with(&[]))
        }
        Denied::Guardrails(_) => Failure::yours(exit::UNAPPROVED, denied.to_string(), again),
        _ => Failure::yours(exit::NOT_APPLICABLE, denied.to_string(), again),
    }
}
