//! The run so far, for texts that are written from it.

use jiff::Timestamp;
use serde_json::Value;

use crate::actions::RunSoFar;
use crate::base::{Arn, EntityKind, PrincipalKind};
use crate::journal::Fold;
use crate::plan::Plan;

/// What a run has done so far: the calls that landed, in order.
pub fn history(fold: &Fold) -> Vec<(Timestamp, String)> {
    let landed = fold.calls().values().filter(|call| call.state.has_landed());
    landed
        .map(|call| {
            let at = call.ending.as_ref().and_then(|ending| ending.aws_time).unwrap_or(call.intended_at);
            (at, format!("{} on {}", call.intent.operation, call.intent.target))
        })
        .collect()
}

/// The run so far: what it is about from the plan, what was done from its history.
pub fn run_so_far(plan: &Plan, history: Vec<(Timestamp, String)>) -> RunSoFar {
    let arns = plan.parameters.values().filter_map(Value::as_str).filter_map(|text| text.parse::<Arn>().ok());
    let suspects = arns.filter(|arn| arn.principal().is_some_and(|kind| kind != PrincipalKind::Root));
    // The case itself is no resource that the incident touches.
    let targets = plan.actions().map(|(_, action)| &action.target);
    let targets = targets.filter(|target| target.entity.kind != EntityKind::SupportCase);
    let mut affected: Vec<String> = targets.map(ToString::to_string).collect();
    affected.sort();
    affected.dedup();
    RunSoFar {
        began: plan.made,
        title: plan.runbook.title.clone(),
        responder: plan.caller.arn.to_string(),
        timeline: history,
        suspects: suspects.map(|arn| arn.to_string()).collect(),
        affected,
    }
}
