//! The plan that may be executed.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Clearance, Consent, MissingConsent, Part, Verdict, Who};
use crate::base::{AccountId, Digest, StepKey};
use crate::journal::{Agreed, Confirmation, World};
use crate::plan::{ActsAs, Caller, Plan, Surroundings, VALID_FOR};

/// How far the clock of the machine that made a plan may be ahead.
const OTHER_CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// A plan that may be executed. Only this room makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovedPlan {
    plan: Plan,
    digest: Digest,
    confirmation: Option<Confirmation>,
    /// The steps that may be carried out, where that is not all of them.
    part: Option<BTreeSet<StepKey>>,
    /// Whether nobody can agree to the others any more.
    is_over: bool,
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its digest: what the journal names.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether a step may be carried out. One that may not waits for somebody who agrees to it.
    pub fn covers(&self, step: &StepKey) -> bool {
        self.part.as_ref().is_none_or(|part| part.contains(step))
    }

    /// Whether somebody has agreed to all of it.
    pub fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    /// Whether the time is over in which somebody could agree to what it does not cover.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What was agreed to just now; nothing where a run goes on under what was agreed before.
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }
}

/// Why a plan may not be executed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Denied {
    /// It is for another account.
    #[error("the plan is for account {planned}, and the credentials are for account {actual}")]
    OtherAccount {
        /// The plan's account.
        planned: AccountId,
        /// The account of the credentials.
        actual: AccountId,
    },
    /// It was made by somebody else.
    #[error("the plan was made by {planned}, and you are {actual}")]
    OtherCaller {
        /// Who made it.
        planned: String,
        /// Who would apply it.
        actual: String,
    },
    /// It was made for runs that act as another role.
    #[error("the plan is carried out as {planned}, and `responders.yaml` says {actual}")]
    OtherRole {
        /// The role of the plan.
        planned: String,
        /// The role that would be assumed.
        actual: String,
    },
    /// It was made for the other world.
    #[error("the plan is for {}, and this is {}", world(*.planned), world(*.actual))]
    OtherWorld {
        /// The plan's world.
        planned: World,
        /// This world.
        actual: World,
    },
    /// Its time is over.
    #[error("the plan was valid until {until}")]
    Expired {
        /// Until when it was valid.
        until: Timestamp,
    },
    /// It would cut the caller off. The planner refuses that; a plan that says otherwise was not made by it.
    #[error("step `{step}` would cut the principal through which you are working")]
    CutsCaller {
        /// The step.
        step: String,
    },
    /// The guardrails do not allow it, or not yet.
    #[error("{0}")]
    Guardrails(Box<Verdict>),
    /// The guardrails were asked about another plan, or for somebody who does not apply this one.
    #[error("the guardrails were asked about another plan, or another world")]
    OtherPlan,
    /// Its time has not come.
    #[error("the plan says that it was made at {made}, which has not come yet")]
    NotYet {
        /// When it says that it was made.
        made: Timestamp,
    },
    /// Nobody agreed.
    #[error(transparent)]
    Consent(MissingConsent),
}

fn world(world: World) -> &'static str {
    match world {
        World::Live => "AWS",
        World::Range => "a range",
    }
}

/// Judges whether a plan may be executed for the first time, with what its caller agrees to and what others say of it.
pub fn approve(
    plan: Plan,
    around: &Surroundings,
    world: World,
    now: Timestamp,
    consent: &Consent,
    clearance: &Clearance,
) -> Result<ApprovedPlan, Denied> {
    judge(&plan, around, world)?;
    let digest = plan.digest();
    if clearance.verdict.plan != digest || (clearance.verdict.who == Who::Rehearsal && plan.world == World::Live) {
        return Err(Denied::OtherPlan);
    }
    if !clearance.verdict.allowed {
        return Err(Denied::Guardrails(Box::new(clearance.verdict.clone())));
    }
    in_time(&plan, now)?;
    let confirmation = consent.covers(&plan).map_err(Denied::Consent)?;
    let confirmation = Confirmation {
        approvals: clearance.verdict.given.clone(),
        signed: clearance.signed.clone(),
        rules: clearance.rules,
        break_glass: clearance.break_glass.clone(),
        ..confirmation
    };
    Ok(ApprovedPlan { digest, plan, confirmation: Some(confirmation), part: None, is_over: false })
}

/// Judges whether the harmless part of a plan may be executed, with nobody there who agrees to it. The rest of it waits.
pub fn approve_part(
    plan: Plan,
    around: &Surroundings,
    world: World,
    now: Timestamp,
    part: &Part,
    rules: Digest,
) -> Result<ApprovedPlan, Denied> {
    judge(&plan, around, world)?;
    let digest = plan.digest();
    if part.plan() != digest {
        return Err(Denied::OtherPlan);
    }
    in_time(&plan, now)?;
    let confirmation = Confirmation { rules: Some(rules), ..part.confirmation(&plan) };
    let part = Some(part.steps().clone());
    Ok(ApprovedPlan { digest, plan, confirmation: Some(confirmation), part, is_over: false })
}

/// Judges whether a run of a plan may go on. What was agreed to when it began still holds, also after the plan's time: a
/// containment that has begun is finished, and every call still has to be covered by the plan. What nobody has agreed to in that time
/// stays undone.
pub fn continue_run(
    plan: Plan,
    agreed: Agreed,
    around: &Surroundings,
    world: World,
    now: Timestamp,
) -> Result<ApprovedPlan, Denied> {
    judge(&plan, around, world)?;
    let part = match agreed {
        Agreed::Nothing => return Err(Denied::Consent(MissingConsent::Reversible)),
        Agreed::Part(steps) => Some(steps),
        Agreed::All => None,
    };
    let is_over = part.is_some() && in_time(&plan, now).is_err();
    Ok(ApprovedPlan { digest: plan.digest(), plan, confirmation: None, part, is_over })
}

/// Whether a plan may be applied at a moment.
fn in_time(plan: &Plan, now: Timestamp) -> Result<(), Denied> {
    // A plan is never valid for longer than planners make it, whatever its file says of when that was.
    if plan.made.duration_until(now) < -OTHER_CLOCKS {
        return Err(Denied::NotYet { made: plan.made });
    }
    let until = plan.made.checked_add(VALID_FOR).map_or(plan.expires, |until| plan.expires.min(until));
    if now >= until { Err(Denied::Expired { until }) } else { Ok(()) }
}

/// Judges what no consent can heal: whether a plan is for this account, this caller and this world.
pub fn judge(plan: &Plan, around: &Surroundings, actual: World) -> Result<(), Denied> {
    if plan.place != around.place {
        return Err(Denied::OtherAccount { planned: plan.place.account.clone(), actual: around.place.account.clone() });
    }
    if plan.world != actual {
        return Err(Denied::OtherWorld { planned: plan.world, actual });
    }
    if !plan.caller.is_same_principal(&around.caller) || !plan.caller.has_the_name_of(&around.caller) {
        return Err(Denied::OtherCaller { planned: plan.caller.told(), actual: around.caller.told() });
    }
    if !plan.caller.acts_as_the_same_as(&around.caller) {
        let told = |caller: &Caller| caller.acts_as.as_ref().map_or_else(|| "nobody else".to_owned(), ActsAs::told);
        return Err(Denied::OtherRole { planned: told(&plan.caller), actual: told(&around.caller) });
    }
    // What AWS says now of how the caller came here may be less than what it said to the plan.
    match [&around.caller, &plan.caller].into_iter().find_map(|caller| plan.cutting(caller)) {
        Some(step) => Err(Denied::CutsCaller { step }),
        None => Ok(()),
    }
}
