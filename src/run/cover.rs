//! Whether what a step now asks for is approved.

use serde_json::Value;

use crate::actions::Move;
use crate::aws::Call;
use crate::base::{Digest, Effect, difference};
use crate::plan::{Plan, PlannedAction};

const CHANGED: &str = "has changed since the plan";

/// How the account stands against the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing<'a> {
    /// Whether the target is still the same thing.
    pub(super) same_thing: bool,
    /// What is there now.
    pub(super) state: &'a Value,
    /// Its fingerprint.
    pub(super) fingerprint: Digest,
    /// Whether what was approved covers what is there now, although it has another fingerprint.
    pub(super) covered: bool,
    /// What this step has landed so far, as approved.
    pub(super) landed: &'a [Digest],
    /// Calls that only take away what this step has made and cannot use.
    pub(super) own: &'a [Call],
    /// Whether somebody has agreed to the plan, and with it to what lies in the step's envelope.
    pub(super) attended: bool,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cover {
    /// Every call is listed.
    Listed,
    /// Every call is listed or lies in the step's envelope; the difference is worth telling.
    Differs(String),
    /// Something is not approved. Nothing of it is sent.
    NotApproved(String),
}

/// Judges the moves that a step now asks for.
///
/// A reversible call must be listed, or lie in the envelope: on the step's own target, with an operation that the action
/// declares, at most as often as was approved. An irreversible call must be listed, on the same thing, and what was seen
/// must be what was planned, or less where the action says so, but for what this step itself has done since: then exactly
/// the rest of the plan may follow.
/// What the step has made and cannot use may be taken away, whatever the effect of that.
pub(super) fn cover(plan: &Plan, planned: &PlannedAction, moves: &[Move], now: Standing<'_>) -> Cover {
    if moves.is_empty() {
        return Cover::Listed;
    }
    if !now.same_thing {
        return Cover::NotApproved(format!("{} is another one than was planned", planned.target.entity));
    }
    let listed: Vec<&Call> = planned.calls().collect();
    let (own, wanted): (Vec<&Call>, Vec<&Call>) =
        moves.iter().filter_map(Move::call).partition(|call| now.own.contains(call) && !listed.contains(call));
    let for_good = |call: &&&Call| call.operation().effect == Effect::Irreversible;
    let wanted_for_good: Vec<&Call> = wanted.iter().filter(for_good).copied().collect();
    if !wanted_for_good.is_empty() {
        let untouched = now.landed.is_empty();
        if untouched && now.fingerprint != planned.fingerprint && !now.covered {
            return Cover::NotApproved(format!("{} {}", planned.target.entity, changed(planned, now.state)));
        }
        let rest: Vec<&Call> =
            listed.iter().filter(for_good).filter(|call| !now.landed.contains(&Digest::of(**call))).copied().collect();
        // Less than the rest is approved as well: somebody else may have done a part of it.
        if !is_within(&wanted_for_good, &rest) {
            return Cover::NotApproved(format!(
                "what is left to delete is not the rest of the plan: {}",
                names(&wanted_for_good)
            ));
        }
    }
    let unlisted: Vec<&Call> = wanted.iter().filter(|call| !listed.contains(call)).copied().collect();
    if unlisted.is_empty() && !own.is_empty() {
        return Cover::Differs(format!("it takes away what it has made and cannot use: {}", names(&own)));
    }
    if unlisted.is_empty() {
        let same = now.fingerprint == planned.fingerprint || !now.landed.is_empty();
        return if same { Cover::Listed } else { Cover::Differs(format!("it {}", changed(planned, now.state))) };
    }
    if !now.attended {
        return Cover::NotApproved(format!(
            "with nobody there only what the plan lists is sent, and not {}",
            names(&unlisted)
        ));
    }
    let declared = planned.of_registry().map(|action| action.sends()).unwrap_or_default();
    let outside = unlisted.iter().find(|call| {
        !declared.contains(&call.operation())
            || !plan.place.target(call.region(), call.entity()).is_within(&planned.target)
    });
    if let Some(call) = outside {
        return Cover::NotApproved(format!("`{}` was not approved", call.operation()));
    }
    let listed_digests: Vec<Digest> = listed.iter().map(|call| Digest::of(*call)).collect();
    let used = now.landed.iter().filter(|landed| !listed_digests.contains(landed)).count();
    if used + unlisted.len() > planned.envelope {
        return Cover::NotApproved(format!("more than {} unlisted calls", planned.envelope));
    }
    let more = names(&unlisted);
    Cover::Differs(match now.landed {
        [] => format!("it {}: {more} as well", changed(planned, now.state)),
        // The difference to the plan would be the step's own.
        _ => format!("after what it has done, its goal takes {more} as well, within what was approved"),
    })
}

/// That something has changed, and what.
fn changed(planned: &PlannedAction, now: &Value) -> String {
    match difference(&planned.state, now) {
        what if what.is_empty() => CHANGED.to_owned(),
        what => format!("{CHANGED} ({what})"),
    }
}

/// Whether these calls stand among the others, in the same order.
fn is_within(calls: &[&Call], others: &[&Call]) -> bool {
    let mut others = others.iter();
    calls.iter().all(|call| others.any(|other| other == call))
}

fn names(calls: &[&Call]) -> String {
    let names: Vec<String> = calls.iter().map(|call| format!("{} on {}", call.operation(), call.entity())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::actions::Story;
    use crate::aws::{DeleteAgent, DeleteAgentAlias, KeyStatus, UpdateAccessKey};
    use crate::base::{Entity, EntityKind, Impact, Region};
    use crate::plan::Outlook;
    use crate::run::testing::plan_of;

    fn region() -> Region {
        "us-east-1".parse().expect("a region")
    }

    /// Calls of which a plan may list some: of the agent itself, of another one, and of something else altogether.
    fn pool() -> Vec<Move> {
        let agent = |id: &str| id.parse().expect("an agent id");
        let alias = |of: &str, name: &str| {
            Move::from(DeleteAgentAlias { region: region(), agent: agent(of), alias: name.to_owned() })
        };
        let whole =
            |of: &str, skip| Move::from(DeleteAgent { region: region(), agent: agent(of), skip_in_use_check: skip });
        let status = KeyStatus::Inactive;
        let key = "AKIAIOSFODNN7EXAMPLE".parse().expect("a key id");
        vec![
            alias("AGENT00001", "ALIAS00001"),
            alias("AGENT00001", "ALIAS00002"),
            whole("AGENT00001", false),
            whole("AGENT00001", true),
            alias("AGENT00002", "ALIAS00001"),
            whole("AGENT00002", false),
            Move::from(UpdateAccessKey { user: "ci-deploy".parse().expect("a user"), key, status }),
        ]
    }

    fn planned(plan: &Plan, moves: Vec<Move>) -> PlannedAction {
        PlannedAction {
            action: "bedrock.delete-agent".to_owned(),
            input: serde_json::Value::Null,
            target: plan.place.target(Some(&region()), Entity::new(EntityKind::Agent, "AGENT00001")),
            state: serde_json::Value::Null,
            fingerprint: Digest::of_bytes(b"planned"),
            outlook: Outlook::Moves { moves },
            timeout_seconds: 60,
            envelope: 3,
            story: Story {
                now: String::new(),
                does: String::new(),
                impact: Impact::NoneSeen,
                because: String::new(),
                undo: String::new(),
                residual: Vec::new(),
                notes: Vec::new(),
                unread: Vec::new(),
            },
            restores: None,
        }
    }

    proptest! {
        #[test]
        fn nothing_passes_that_is_for_good_and_not_listed(
            listed in proptest::sample::subsequence((0..7_usize).collect::<Vec<_>>(), 0..=7),
            wanted in proptest::sample::subsequence((0..7_usize).collect::<Vec<_>>(), 1..=7),
            landed in proptest::sample::subsequence((0..7_usize).collect::<Vec<_>>(), 0..=3),
            same_thing: bool,
            same_state: bool,
            covered: bool,
        ) {
            let pool = pool();
            let of = |numbers: &[usize]| numbers.iter().map(|number| pool[*number].clone()).collect::<Vec<_>>();
            let plan = plan_of(Vec::new());
            let planned = planned(&plan, of(&listed));
            let digests: Vec<Digest> = of(&landed).iter().filter_map(Move::call).map(Digest::of).collect();
            let fingerprint = if same_state { planned.fingerprint } else { Digest::ZERO };
            let state = if same_state { planned.state.clone() } else { serde_json::json!({ "status": "other" }) };
            let now = Standing { same_thing, state: &state, fingerprint, covered, landed: &digests, own: &[], attended: true };
            if !matches!(cover(&plan, &planned, &of(&wanted), now), Cover::NotApproved(_)) {
                prop_assert!(same_thing);
                // The first six are for good; the last is reversible, and no operation that this action declares.
                let unlisted: Vec<&usize> = wanted.iter().filter(|number| !listed.contains(number)).collect();
                prop_assert!(unlisted.is_empty(), "{unlisted:?} passed");
                let for_good = wanted.iter().any(|number| *number < 6);
                prop_assert!(!for_good || same_state || covered || !landed.is_empty(), "the state is not the planned one");
                prop_assert!(!wanted.iter().any(|number| *number < 6 && landed.contains(number)), "done twice");
            }
        }
    }
}
