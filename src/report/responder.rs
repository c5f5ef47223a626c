//! Whether the responder can carry out the rest of a plan, and take it back.

use std::collections::BTreeSet;

use crate::aws::LONGEST_SESSION_POLICY;
use crate::plan::{HangsOn, Lacking, Part, Plan, Reads, Responder, SessionPolicy, Simulation, session_policy};

use super::text::{listed, once_each};

/// What plans say of those on whom the response hangs, each thing once.
pub(super) fn no_lock_out<'a>(plans: impl Iterator<Item = &'a Plan>) -> Vec<String> {
    once_each(plans.flat_map(|plan| {
        let said = plan.responder.as_ref().map(|responder| said(responder, &whoever_acts(plan)));
        said.into_iter().flatten().chain(bounds(plan))
    }))
}

/// What bounds the session with which a plan is carried out, where one is made for it.
fn bounds(plan: &Plan) -> Option<String> {
    let role = &plan.caller.acts_as.as_ref()?.role;
    Some(match session_policy(plan) {
        Ok(SessionPolicy { document, reads }) => {
            let length = document.chars().count();
            let more = match reads {
                Reads::AsNeeded => "",
                Reads::OfEverything => "; what it reads of one thing it may read of all",
                Reads::ByName => "; it may read what has a name like what is read here, of all things",
            };
            format!(
                "the run acts as {role}, in a session that may change what this plan may, and nothing else{more} \
                 ({length} of {LONGEST_SESSION_POLICY} characters)"
            )
        }
        Err(why) => {
            let without = "without such policies it is not carried out";
            format!(
                "the run acts as {role}, bound by the `policies` of `responders.yaml` alone, since {why}; {without}"
            )
        }
    })
}

/// Whose permissions a run has.
fn whoever_acts(plan: &Plan) -> String {
    plan.caller.acts_as.as_ref().map_or_else(|| "you".to_owned(), |acts_as| acts_as.role.to_string())
}

fn said(responder: &Responder, acts: &str) -> Vec<String> {
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
    lines.extend(responder.simulation.iter().flat_map(|simulation| by_the_simulator(simulation, acts)));
    lines
}

fn named(one: &HangsOn) -> String {
    let part = match one.part {
        Part::Caller => "you",
        Part::ActsAs => "the run acts as it",
        Part::CameThrough => "you came through it",
        Part::BreakGlass => "break-glass",
    };
    format!("{} ({part})", one.principal)
}

fn by_the_simulator(simulation: &Simulation, acts: &str) -> Vec<String> {
    let Simulation { asked, lacking, not_asked } = simulation;
    let told = |one: &Lacking| {
        format!("AWS's simulator does not allow {acts} {} on {}: {}", one.action, one.resource, one.why)
    };
    let mut lines: Vec<String> = lacking.iter().map(told).collect();
    if *asked > 0 && lacking.is_empty() {
        lines.push(format!("AWS's simulator allows {acts} what acting, verifying and undoing take"));
    }
    lines.extend(not_asked.as_ref().map(|why| match asked {
        0 => format!("AWS's simulator did not say what {acts} may do: {why}"),
        _ => format!("AWS's simulator did not say all of what {acts} may do: {why}"),
    }));
    lines
}
