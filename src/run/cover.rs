//! Whether what a step now asks for is approved.

use crate::actions::Move;
use crate::aws::Call;
use crate::base::{Digest, Effect};
use crate::plan::{Plan, PlannedAction};

/// How the account stands against the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing<'a> {
    /// Whether the target is still the same thing.
    pub(super) same_thing: bool,
    /// The fingerprint of what is there now.
    pub(super) fingerprint: Digest,
    /// What this step has landed so far, as approved.
    pub(super) landed: &'a [Digest],
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
/// must be what was planned, but for what this step itself has done since: then exactly the rest of the plan may follow.
pub(super) fn cover(plan: &Plan, planned: &PlannedAction, moves: &[Move], now: Standing<'_>) -> Cover {
    if moves.is_empty() {
        return Cover::Listed;
    }
    if !now.same_thing {
        return Cover::NotApproved(format!("{} is another one than was planned", planned.target.entity));
    }
    let listed: Vec<&Call> = planned.calls().collect();
    let wanted: Vec<&Call> = moves.iter().filter_map(Move::call).collect();
    let for_good = |call: &&&Call| call.operation().effect == Effect::Irreversible;
    let wanted_for_good: Vec<&Call> = wanted.iter().filter(for_good).copied().collect();
    if !wanted_for_good.is_empty() {
        let untouched = now.landed.is_empty();
        if untouched && now.fingerprint != planned.fingerprint {
            return Cover::NotApproved(format!("{} has changed since the plan", planned.target.entity));
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
    if unlisted.is_empty() {
        let same = now.fingerprint == planned.fingerprint || !now.landed.is_empty();
        return if same { Cover::Listed } else { Cover::Differs("it was changed since the plan".to_owned()) };
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
    Cover::Differs(format!("it was changed since the plan: {} as well", names(&unlisted)))
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
