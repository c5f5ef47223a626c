//! Makes a plan of one phase.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::expand::{Execution, Known, Prepared, close_unasked, edges, executions};
use super::order::put_in_order;
use super::responder::of_account;
use super::roles::{Named, keep_roles, roles_named};
use super::{
    Caller, FORMAT, NotRead, Outlook, Plan, PlannedAction, PlannedQuery, PlannedStep, PlannedWork, Responder,
    RunbookRef, Surroundings, Sweep, VALID_FOR, enabled_regions, sweep,
};
use crate::actions::{Assignment, BadInput, Facts, Look, LookError, Refusal, registry};
use crate::aws::{Fault, FaultKind, ListAccessKeys, Reader};
use crate::base::{Arn, Entity, EntityKind, IncidentId, Phase, RoleName, StepId, UserName};
use crate::graph::Graph;
use crate::journal::World;
use crate::runbook::{EvaluationError, Parameters, Regions, Runbook, Step, Template, Work};

/// For whom, where and when a plan is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The incident.
    pub incident: IncidentId,
    /// Live or simulated.
    pub world: World,
    /// Who is calling, and where.
    pub around: Surroundings,
    /// The time.
    pub now: Timestamp,
    /// Tells this plan from every other with the same content.
    pub nonce: String,
    /// Roles, users, groups and managed policies that no plan touches.
    pub break_glass: BTreeSet<Arn>,
}

/// How a plan was made. Not part of it: two plans of the same account are equal however long they took.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanReport {
    /// How many reads were sent.
    pub reads: u64,
    /// How long it took.
    pub took: Duration,
}

/// Why no plan could be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The caller's credentials ended while the account was read.
    #[error("the credentials ended while the account was read; nothing was sent")]
    Credentials(#[source] Fault),
    /// An expression has no value.
    #[error("step `{step}`: the expression has no value")]
    Expression {
        /// The step.
        step: StepId,
        /// The reason.
        #[source]
        source: EvaluationError,
    },
    /// What came out of the runbook does not fit the action or query.
    #[error("step `{step}`: `with.{path}` does not fit")]
    Input {
        /// The step.
        step: StepId,
        /// The member.
        path: String,
        /// The reason.
        #[source]
        source: BadInput,
    },
}

/// Makes plans. The reader must be one that remembers: a plan is one picture of the account.
#[derive(Debug, Clone, Copy)]
pub struct Planner<'a> {
    /// The runbook.
    pub runbook: &'a Runbook,
    /// Its graph.
    pub graph: &'a Graph,
    /// The values of its parameters.
    pub parameters: &'a Parameters,
    /// How the account is read.
    pub reader: &'a Reader,
}

/// What the queries of a plan found.
#[derive(Default)]
struct Found {
    items: BTreeMap<StepId, Vec<Value>>,
    left_alone: BTreeMap<StepId, Vec<Value>>,
    truncated: BTreeMap<StepId, String>,
    asked: Vec<PlannedQuery>,
    not_read: Vec<NotRead>,
}

impl Planner<'_> {
    /// Makes the plan of a phase.
    pub async fn plan(&self, phase: Phase, setting: &Setting) -> Result<(Plan, PlanReport), PlanError> {
        let started = tokio::time::Instant::now();
        let to = Assignment { incident: setting.incident.clone(), place: setting.around.place.clone() };
        let found = self.ask_queries(phase, &to, setting.now).await?;
        let known = Known {
            parameters: self.parameters.values(),
            now: setting.now,
            items: &found.items,
            left_alone: &found.left_alone,
            truncated: &found.truncated,
        };
        let steps = self.in_order().filter(|step| step.phase == phase && step.query().is_none());
        let mut listed: Vec<(Execution, &Step)> = steps
            .flat_map(|step| executions(self.runbook, step, &known).into_iter().map(move |one| (one, step)))
            .collect();
        close_unasked(&mut listed);
        let planned = join_all(listed.into_iter().map(|(execution, step)| self.look(execution, step, &to, setting)));
        let looked = planned.await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let named: Named = looked.iter().map(|(step, named)| (step.key.clone(), named.clone())).collect();
        let mut steps: Vec<PlannedStep> = looked.into_iter().map(|(step, _)| step).collect();
        let mut not_read = found.not_read;
        let hangs_on = self.hangs_on(&setting.around.caller, &steps).await;
        not_read.extend(setting.around.caller.keys_of_unknown_owner.iter().map(|key| NotRead {
            what: format!("whose access key {key} is, with which the caller's credentials were made"),
            region: None,
            why: "iam:GetAccessKeyLastUsed did not say".to_owned(),
        }));
        let kept: Vec<(Entity, &Arn)> =
            of_account(&setting.break_glass, &to.place).filter_map(|arn| Some((Entity::of_iam(arn)?, arn))).collect();
        for step in &mut steps {
            if let PlannedWork::Action(action) = &mut step.work {
                let cut = action.cuts(&to, &setting.around.caller, &hangs_on);
                let because = cut.map(|cut| Refusal::CutsCaller { principal: cut.principal.to_string(), why: cut.why });
                if let Some(because) = because.or_else(|| spares(action, &kept)) {
                    action.outlook = Outlook::Refused { because };
                }
                not_read.extend(action.story.unread.iter().map(|what| NotRead {
                    what: what.clone(),
                    region: action.target.region.clone(),
                    why: "refused, or not in time".to_owned(),
                }));
            }
        }
        let mut by_step: BTreeMap<StepId, Vec<_>> = BTreeMap::new();
        for step in &steps {
            by_step.entry(step.key.step.clone()).or_default().push(step.key.clone());
        }
        for step in &mut steps {
            step.edges = edges(self.graph, &step.key, &by_step);
        }
        keep_roles(&mut steps, &named).and_then(|()| put_in_order(&mut steps)).map_err(|source| PlanError::Input {
            step: steps[0].key.step.clone(),
            path: source.path.clone(),
            source,
        })?;
        not_read.sort();
        not_read.dedup();
        let plan = Plan {
            format: FORMAT,
            quell: env!("CARGO_PKG_VERSION").to_owned(),
            world: setting.world,
            incident: setting.incident.clone(),
            place: setting.around.place.clone(),
            alias: setting.around.alias.clone(),
            caller: setting.around.caller.clone(),
            runbook: RunbookRef {
                name: self.runbook.name().to_owned(),
                title: self.runbook.title().to_owned(),
                digest: self.runbook.digest(),
            },
            parameters: self.parameters.values().clone(),
            phase,
            undoes: None,
            follows: None,
            made: setting.now,
            expires: setting.now + VALID_FOR,
            nonce: setting.nonce.clone(),
            queries: found.asked,
            steps,
            not_read,
            tags: vec![],
            responder: None,
        };
        let responder = Some(Responder::of(&plan, &setting.break_glass));
        let plan = Plan { responder, ..plan };
        Ok((plan, PlanReport { reads: self.reader.reads(), took: started.elapsed() }))
    }

    /// Every role and user that the caller's access hangs on. Of a key whose owner is unknown that is each user that is
    /// to be changed and has it, and each that does not let us see which keys it has.
    async fn hangs_on(&self, caller: &Caller, steps: &[PlannedStep]) -> Vec<Entity> {
        let mut all: Vec<Entity> = caller.hangs_on().collect();
        let keys = &caller.keys_of_unknown_owner;
        if keys.is_empty() {
            return all;
        }
        let actions = steps.iter().filter_map(PlannedStep::action);
        let touched: BTreeSet<Entity> = actions.flat_map(PlannedAction::touched).collect();
        for entity in touched.into_iter().filter(|entity| entity.kind == EntityKind::User) {
            let Ok(user) = UserName::new(entity.id()) else { continue };
            let clear = match self.reader.ask_all(ListAccessKeys { user, next: None }).await {
                Ok(of_user) => !of_user.iter().any(|one| keys.contains(&one.id)),
                Err(fault) => fault.kind == FaultKind::NotFound,
            };
            if !clear {
                all.push(entity);
            }
        }
        all
    }

    /// The runbook's steps, each after those it waits for.
    fn in_order(&self) -> impl Iterator<Item = &Step> {
        self.graph.steps().filter_map(|node| self.runbook.step(&node.step))
    }

    /// Asks the queries of the phase, and those of earlier phases that its steps use, directly or through another query.
    async fn ask_queries(&self, phase: Phase, to: &Assignment, now: Timestamp) -> Result<Found, PlanError> {
        let mut used: BTreeSet<StepId> = BTreeSet::new();
        let steps: Vec<&Step> = self.in_order().collect();
        for step in steps.iter().rev() {
            if step.phase == phase || used.contains(&step.id) {
                used.extend(step.references().into_iter().map(|used| used.value));
            }
        }
        let mut found = Found::default();
        for step in steps.into_iter().filter(|step| step.phase == phase || used.contains(&step.id)) {
            let Work::Query { name, with, regions } = &step.work else { continue };
            let known = Known {
                parameters: self.parameters.values(),
                now,
                items: &found.items,
                left_alone: &found.left_alone,
                truncated: &found.truncated,
            };
            let sweep = self.ask_query(step, name, with, regions.as_ref(), to, &known).await?;
            if let Some(why) = sweep.truncated {
                found.truncated.insert(step.id.clone(), why);
            }
            let left_alone = sweep.asked.iter().flat_map(|asked| &asked.makers.left_alone);
            found.left_alone.insert(step.id.clone(), left_alone.map(|one| Value::from(one.to_string())).collect());
            found.items.insert(step.id.clone(), sweep.items);
            found.not_read.extend(sweep.not_read);
            found.asked.extend(sweep.asked);
        }
        Ok(found)
    }

    /// Asks one query, where its condition holds.
    async fn ask_query(
        &self,
        step: &Step,
        name: &str,
        with: &Template,
        regions: Option<&Regions>,
        to: &Assignment,
        known: &Known<'_>,
    ) -> Result<Sweep, PlanError> {
        let no_value = |source| PlanError::Expression { step: step.id.clone(), source };
        let unfit = |source: BadInput| PlanError::Input { step: step.id.clone(), path: source.path.clone(), source };
        if let Some(when) = &step.when
            && when.value.evaluate(&known.scope()).map_err(no_value)? != Value::Bool(true)
        {
            return Ok(Sweep::default());
        }
        let query = registry().query(name).expect("a checked runbook names known queries");
        let input = query.decode(&with.evaluate(&known.scope()).map_err(no_value)?).map_err(unfit)?;
        let regions = match regions {
            Some(Regions::Listed(listed)) => Ok(listed.clone()),
            Some(Regions::Expression(expression)) => {
                let value = expression.evaluate(&known.scope()).map_err(no_value)?;
                Ok(serde_json::from_value(value).unwrap_or_default())
            }
            Some(Regions::Enabled) => enabled_regions(self.reader).await,
            None if query.regional() => enabled_regions(self.reader).await,
            None => Ok(vec![]),
        };
        let regions = match regions {
            Ok(regions) => regions,
            Err(fault) if fault.kind == FaultKind::Expired => return Err(PlanError::Credentials(fault)),
            // What needs no Region is contained all the same.
            Err(fault) => return Ok(Sweep::nowhere(name, &fault)),
        };
        // Who is missing in the list of another query may have made what others seem to have made.
        let lacking = known.incomplete(step);
        let swept = sweep(&step.id, query, to, self.reader, &regions, &input, lacking.as_deref()).await;
        let mut swept = swept.map_err(unfit)?;
        swept.expired.take().map_or(Ok(swept), |fault| Err(PlanError::Credentials(fault)))
    }

    /// Looks at what an execution is about, and which roles that names.
    async fn look(
        &self,
        execution: Execution,
        step: &Step,
        to: &Assignment,
        setting: &Setting,
    ) -> Result<(PlannedStep, BTreeSet<RoleName>), PlanError> {
        let none = BTreeSet::new();
        let (work, named) = match execution.work {
            Prepared::Gate { confirm, message } => (PlannedWork::Gate { confirm, message }, none),
            Prepared::Skipped { why } | Prepared::Unasked { why } => (PlannedWork::Skipped { why }, none),
            Prepared::Refused { why } => (PlannedWork::Refused { why }, none),
            Prepared::Action { name, input } => self.look_at_action(&name, input, step, to, setting).await?,
        };
        Ok((PlannedStep { key: execution.key, title: execution.title, edges: vec![], work }, named))
    }

    async fn look_at_action(
        &self,
        name: &str,
        input: Value,
        step: &Step,
        to: &Assignment,
        setting: &Setting,
    ) -> Result<(PlannedWork, BTreeSet<RoleName>), PlanError> {
        let unfit = |source: BadInput| PlanError::Input { step: step.id.clone(), path: source.path.clone(), source };
        let action = registry().action(name).expect("a checked runbook names known actions");
        let input = action.decode(&input).map_err(unfit)?;
        let target = action.subject(to, &input).map_err(unfit)?;
        let seen = match action.observe(to, Look::new(self.reader), &input).await {
            Ok(seen) => seen,
            Err(LookError::Fault(fault)) if fault.kind == FaultKind::Expired => {
                return Err(PlanError::Credentials(fault));
            }
            Err(error) => return Ok((PlannedWork::Refused { why: unread(&error) }, BTreeSet::new())),
        };
        let named = roles_named(&seen.present);
        let mut planned = PlannedAction {
            action: name.to_owned(),
            story: action.tell(to, &input, &seen).map_err(unfit)?,
            fingerprint: seen.fingerprint(),
            input,
            target,
            state: seen.state,
            outlook: Outlook::Moves { moves: vec![] },
            timeout_seconds: step.timeout.unwrap_or_else(|| action.timeout()).as_secs(),
            envelope: action.envelope(),
            restores: None,
        };
        planned.outlook = match planned.missing(to, &planned.state, &Facts::default(), setting.now).map_err(unfit)? {
            Ok(moves) => Outlook::Moves { moves },
            Err(because) => Outlook::Refused { because },
        };
        Ok((PlannedWork::Action(Box::new(planned)), named))
    }
}

/// Why nothing is done that takes something from those who are left when nobody else can do anything.
fn spares(action: &PlannedAction, kept: &[(Entity, &Arn)]) -> Option<Refusal> {
    let touched = action.touched();
    kept.iter().find(|(entity, _)| touched.contains(entity)).map(|(_, arn)| Refusal::Protected {
        why: format!("it would take something from {arn}, which is listed as break-glass"),
        instead: "do it by hand, or take it off that list, if it is no longer for the last resort".to_owned(),
    })
}

fn unread(error: &LookError) -> String {
    match error.fault() {
        Some(fault) => format!("it could not be looked at: {fault}"),
        None => error.to_string(),
    }
}
