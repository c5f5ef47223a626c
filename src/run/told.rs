//! The run so far, for texts that are written from it.

use jiff::Timestamp;
use serde_json::Value;

use crate::actions::RunSoFar;
use crate::base::PrincipalKind;
use crate::plan::{Outlook, Plan};

/// The run so far, as the plan tells it: what is listed for the account, and whom it is about.
pub fn run_so_far(plan: &Plan, now: Timestamp) -> RunSoFar {
    let arns =
        plan.parameters.values().filter_map(Value::as_str).filter_map(|text| text.parse::<crate::base::Arn>().ok());
    let suspects = arns.filter(|arn| arn.principal().is_some_and(|kind| kind != PrincipalKind::Root));
    let mut affected: Vec<String> = plan.actions().map(|(_, action)| action.target.to_string()).collect();
    affected.sort();
    affected.dedup();
    let timeline = plan.actions().filter_map(|(step, action)| match &action.outlook {
        Outlook::Moves { moves } if !moves.is_empty() => {
            Some((now, format!("{} on {}: {}", step.title, action.target, action.story.does)))
        }
        _ => None,
    });
    RunSoFar {
        recognised: plan.made,
        title: plan.runbook.title.clone(),
        responder: plan.caller.arn.to_string(),
        timeline: timeline.collect(),
        suspects: suspects.map(|arn| arn.to_string()).collect(),
        affected,
    }
}
