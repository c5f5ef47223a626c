//! A plain picture of a run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::base::{
    AccountId, Arn, Digest, Effect, IncidentId, OperationName, Partition, Phase, RunId, StepKey, Target,
};

use super::{CallNumber, CallState, CallView, Closing, FORMAT, Fold, StepState, StepView, Undone, World};

/// A run as status, show and reports print it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The format of this picture: [`FORMAT`].
    pub format: u32,
    /// The run.
    pub run: RunId,
    /// The incident.
    pub incident: IncidentId,
    /// Live or simulated.
    pub world: World,
    /// The partition.
    pub partition: Partition,
    /// The account.
    pub account: AccountId,
    /// The caller.
    pub caller: Arn,
    /// The digest of the plan.
    pub plan: Digest,
    /// The phase.
    pub phase: Phase,
    /// The run that this one takes back.
    pub undoes: Option<RunId>,
    /// When it began.
    pub began: Timestamp,
    /// When its last record was written.
    pub latest: Timestamp,
    /// How often it was resumed.
    pub resumes: u32,
    /// Why it stopped, where the last thing that happened to it was a stop.
    pub stopped: Option<String>,
    /// How it ended; nothing while it is open.
    pub closed: Option<Closing>,
    /// Why it was applied with one signature where more are asked for, if it was.
    pub break_glass: Option<String>,
    /// How many steps stand where.
    pub counts: BTreeMap<StepState, u64>,
    /// The steps, in the order of the plan.
    pub steps: Vec<StepSummary>,
    /// What is there and the plan does not cover.
    pub left_over: Vec<LeftOver>,
    /// The calls, in order.
    pub calls: Vec<CallSummary>,
}

/// What a query found at the end that the plan does not cover.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOver {
    /// The query.
    pub query: StepKey,
    /// What it found.
    pub items: Vec<Value>,
}

/// A step in a [`Summary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepSummary {
    /// The step.
    pub step: StepKey,
    /// Where it stands.
    pub state: StepState,
    /// Since when; nothing while it has not moved.
    pub since: Option<Timestamp>,
    /// Why it stands there.
    pub why: Option<String>,
    /// What was found different from the plan.
    pub drift: Vec<String>,
    /// What others have undone, and what was sent again since it did not show.
    pub undone: Vec<Undone>,
}

/// A call in a [`Summary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallSummary {
    /// The call.
    pub call: CallNumber,
    /// The step that it belongs to.
    pub step: StepKey,
    /// The operation.
    pub operation: OperationName,
    /// What it does to the account.
    pub effect: Effect,
    /// What it is about.
    pub target: Target,
    /// Where it stands.
    pub state: CallState,
    /// When it was intended.
    pub intended_at: Timestamp,
    /// How many tries failed and were followed by another one.
    pub retries: usize,
    /// The request id, if there was a reply.
    pub request_id: Option<String>,
    /// The time in the reply.
    pub aws_time: Option<Timestamp>,
    /// Why it failed, is in doubt or was settled as it is.
    pub why: Option<String>,
}

impl Summary {
    /// The picture of a run; nothing where the run never began.
    pub fn of(fold: &Fold) -> Option<Self> {
        let opened = fold.opened()?;
        Some(Self {
            format: FORMAT,
            run: opened.run.clone(),
            incident: opened.incident.clone(),
            world: opened.world,
            partition: opened.partition,
            account: opened.account.clone(),
            caller: opened.caller.clone(),
            plan: opened.plan,
            phase: opened.phase,
            undoes: opened.undoes.clone(),
            began: fold.began()?,
            latest: fold.latest()?,
            resumes: fold.resumes(),
            stopped: fold.stopped().map(str::to_owned),
            closed: fold.closed().cloned(),
            break_glass: fold.confirmations().iter().find_map(|agreed| agreed.break_glass.clone()),
            counts: fold.counts().clone(),
            steps: opened.steps.iter().filter_map(|key| Some(StepSummary::of(key, fold.step(key)?))).collect(),
            left_over: fold
                .left_over()
                .iter()
                .map(|(query, items)| LeftOver { query: query.clone(), items: items.clone() })
                .collect(),
            calls: fold.calls().iter().map(|(number, call)| CallSummary::of(*number, call)).collect(),
        })
    }
}

impl StepSummary {
    fn of(key: &StepKey, view: &StepView) -> Self {
        Self {
            step: key.clone(),
            state: view.state,
            since: view.since,
            why: view.why.clone(),
            drift: view.drift.clone(),
            undone: view.undone.clone(),
        }
    }
}

impl CallSummary {
    fn of(call: CallNumber, view: &CallView) -> Self {
        let ending = view.ending.as_ref();
        let fault = ending.and_then(|ending| ending.fault.as_ref());
        Self {
            call,
            step: view.intent.step.clone(),
            operation: view.intent.operation.clone(),
            effect: view.intent.effect,
            target: view.intent.target.clone(),
            state: view.state,
            intended_at: view.intended_at,
            retries: view.attempts.len(),
            request_id: ending.and_then(|ending| ending.request_id.clone()),
            aws_time: ending.and_then(|ending| ending.aws_time),
            why: view.settled_why.clone().or_else(|| fault.map(|fault| format!("{}: {}", fault.code, fault.message))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::read;
    use crate::journal::testing::{short_run, step, written};

    #[tokio::test]
    async fn it_shows_the_run() {
        assert_eq!(Summary::of(&Fold::default()), None);
        let journal = read(&written(&short_run())).expect("sound");
        let summary = Summary::of(&journal.fold).expect("a run");
        assert_eq!(
            summary.steps.iter().map(|step| step.state).collect::<Vec<_>>()[..2],
            [StepState::Verified, StepState::Waiting]
        );
        assert_eq!(summary.steps[0].step, step(0));
        assert_eq!((summary.calls.len(), summary.calls[0].state), (1, CallState::Done));
        assert_eq!(summary.closed.as_ref().map(|closing| closing.exit_code), Some(20));
        let json = serde_json::to_value(&summary).expect("JSON");
        assert_eq!(json["counts"]["verified"], 1);
    }
}
