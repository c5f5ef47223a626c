//! `quell guardrails test`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::load::saved_plan;
use super::rules::{Circumstances, Rules};
use super::{exit, sink};
use crate::base::Clock;
use crate::guard::{GivenApprovals, Verdict, Who};
use crate::plan::Plan;
use crate::report::{place, verdict_text};

/// Says what the guardrails say of plans: to a person, with the signatures beside each, and unattended. Needs no account.
pub(super) fn test(plans: &[PathBuf], globals: &Globals) -> Result<(), Failure> {
    let rules = Rules::read(globals)?;
    let now = Clock::real().now();
    let mut verdicts: Vec<Value> = Vec::new();
    let mut waits = None;
    for path in plans {
        let plan = saved_plan(path)?;
        let with = Circumstances { file: Some(path), ..Circumstances::default() };
        let clearance = rules.judge(&plan, with, now)?.clearance;
        let unattended = rules.guardrails().judge(&plan, Who::Automation, now, &GivenApprovals::default());
        if !clearance.verdict.allowed {
            waits.get_or_insert_with(|| super::entry::quoted(&path.display().to_string()));
        }
        match globals.output {
            Output::Text => sink::data(&told(&plan, path, [&clearance.verdict, &unattended])),
            Output::Json => verdicts.push(json!({
                "file": path,
                "plan": plan.digest(),
                "verdicts": [clearance.verdict, unattended],
            })),
        }
    }
    if globals.output == Output::Json {
        sink::json(&json!({ "format": 1, "plans": verdicts }));
    }
    match waits {
        None => Ok(()),
        Some(path) => {
            let status = globals.about_run(&format!("status {path}"));
            Err(Failure::told(exit::UNAPPROVED, status + "  # shows who may sign"))
        }
    }
}

fn told(plan: &Plan, path: &std::path::Path, verdicts: [&Verdict; 2]) -> String {
    let place = place(plan.world, plan.place.account.as_str(), plan.alias.as_deref());
    let mut text = format!("{}   {place}   plan {}\n", path.display(), plan.digest().short());
    for verdict in verdicts {
        match verdict.allowed {
            true if verdict.reasons.is_empty() => {
                text.push_str(&format!("GUARDRAILS, {}   allowed\n", verdict.who.as_str().to_uppercase()));
            }
            _ => text.push_str(&verdict_text(verdict)),
        }
    }
    text
}
