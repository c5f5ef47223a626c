//! Whether the responder can carry out the rest of a plan, and take it back.

use std::collections::BTreeSet;

use crate::plan::{HangsOn, Lacking, Part, Plan, Responder, Simulation};

use super::text::{listed, once_each};

/// What plans say of those on whom the response hangs, each thing once.
pub(super) fn no_lock_out<'a>(plans: impl Iterator<Item = &'a Plan>) -> Vec<String> {
    once_each(plans.filter_map(|plan| plan.responder.as_ref()).flat_map(said))
}

fn said(responder: &Responder) -> Vec<String> {
    let (untouched, spared): (Vec<&HangsOn>, Vec<&HangsOn>) =
        responder.hangs_on.iter().partition(|one| one.spared_by.is_empty());
    let names: BTreeSet<String> = untouched.into_iter().map(named).collect();
    let mut lines = vec![];
    if !names.is_empty() {
        lines.push(format!("nothing is taken from {}", listed(&names)));
    }
    lines.extend(spared.into_iter().map(|one| {
        let steps: BTreeSet<String> = one.spared_by.iter().map(ToString::to_string).collect();
        format!("{} denies others of {} and leaves all that you need", listed(&steps), named(one))
    }));
    lines.extend(responder.simulation.iter().flat_map(by_the_simulator));
    lines
}

fn named(one: &HangsOn) -> String {
    let part = match one.part {
        Part::Caller => "you",
        Part::CameThrough => "you came through it",
        Part::BreakGlass => "break-glass",
    };
    format!("{} ({part})", one.principal)
}

fn by_the_simulator(simulation: &Simulation) -> Vec<String> {
    let Simulation { asked, lacking, not_asked } = simulation;
    let told =
        |one: &Lacking| format!("AWS's simulator does not allow you {} on {}: {}", one.action, one.resource, one.why);
    let mut lines: Vec<String> = lacking.iter().map(told).collect();
    if *asked > 0 && lacking.is_empty() {
        lines.push("AWS's simulator allows you what acting, verifying and undoing take".to_owned());
    }
    lines.extend(not_asked.as_ref().map(|why| match asked {
        0 => format!("AWS's simulator did not say what you may do: {why}"),
        _ => format!("AWS's simulator did not say all of what you may do: {why}"),
    }));
    lines
}
