//! The plan that may be executed.

use jiff::Timestamp;

use super::{Consent, MissingConsent};
use crate::base::{AccountId, Digest};
use crate::journal::{Confirmation, World};
use crate::plan::{Outlook, Plan, Surroundings, VALID_FOR};

/// A plan that may be executed. Only this room makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovedPlan {
    plan: Plan,
    digest: Digest,
    confirmation: Option<Confirmation>,
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

/// Judges whether a plan may be executed for the first time.
pub fn approve(
    plan: Plan,
    around: &Surroundings,
    world: World,
    now: Timestamp,
    consent: &Consent,
) -> Result<ApprovedPlan, Denied> {
    judge(&plan, around, world)?;
    // A plan is never valid for longer than planners make it, whatever its file says.
    let until = plan.expires.min(plan.made + VALID_FOR);
    if now >= until {
        return Err(Denied::Expired { until });
    }
    let confirmation = consent.covers(&plan).map_err(Denied::Consent)?;
    Ok(ApprovedPlan { digest: plan.digest(), plan, confirmation: Some(confirmation) })
}

/// Judges whether a run of a plan may go on. What was agreed to when it began still holds, also after the plan's time: a
/// containment that has begun is finished, and every call still has to be covered by the plan.
pub fn continue_run(plan: Plan, around: &Surroundings, world: World) -> Result<ApprovedPlan, Denied> {
    judge(&plan, around, world)?;
    Ok(ApprovedPlan { digest: plan.digest(), plan, confirmation: None })
}

fn judge(plan: &Plan, around: &Surroundings, actual: World) -> Result<(), Denied> {
    if plan.place != around.place {
        return Err(Denied::OtherAccount { planned: plan.place.account.clone(), actual: around.place.account.clone() });
    }
    if plan.world != actual {
        return Err(Denied::OtherWorld { planned: plan.world, actual });
    }
    if !plan.caller.is_same_principal(&around.caller) {
        return Err(Denied::OtherCaller { planned: plan.caller.told(), actual: around.caller.told() });
    }
    // What AWS says now of how the caller came here may be less than what it said to the plan.
    let hangs_on: Vec<_> = around.caller.hangs_on().chain(plan.caller.hangs_on()).collect();
    let cutting = plan
        .actions()
        .find(|(_, action)| matches!(action.outlook, Outlook::Moves { .. }) && action.cuts(&hangs_on).is_some());
    match cutting {
        Some((step, _)) => Err(Denied::CutsCaller { step: step.key.to_string() }),
        None => Ok(()),
    }
}
