//! Whether a step would lock out those on whom the response hangs.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::{ActsAs, Caller, Plan, PlannedAction};
use crate::actions::Assignment;
use crate::aws::operations;
use crate::base::{Entity, EntityKind, PrincipalKind};
use crate::iam::{
    Context, Decision, NamedPolicy, PolicyDocument, PolicySet, Principal, Request, as_boundary, evaluate,
};

/// What a step would take from somebody on whom the response hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// From whom.
    pub(crate) principal: Entity,
    /// What would be denied, or may be, where that could be judged.
    pub(crate) why: Option<String>,
}

impl PlannedAction {
    /// Whom of the caller's own principals doing this would cut off, now or when the account has moved on: no call has to be listed for
    /// that. Undoing never does.
    ///
    /// Whatever takes something from one of them cuts it, unless all that it takes is a deny which certainly leaves the caller everything
    /// that quell could ever need, for the rest, for the undo, and for the next runbook: one other session of the caller's own role, for
    /// one. Every deny of a plan is judged by itself, since what none of them denies, all of them together do not.
    pub(crate) fn cuts(&self, to: &Assignment, caller: &Caller, hangs_on: &[Entity]) -> Option<Cut> {
        if self.restores.is_some() {
            return None;
        }
        let touched = self.touched();
        let own = hangs_on.iter().filter(|own| touched.contains(own));
        own.map(|own| (own, self.imposed_on(to, own))).find_map(|(own, imposed)| {
            let why = match imposed {
                None => None,
                Some(deny) => Some(keeps(to, caller, own, &deny).err()?),
            };
            Some(Cut { principal: own.clone(), why })
        })
    }

    /// The deny that is all this takes from a principal; nothing where it takes something else.
    pub(super) fn imposed_on(&self, to: &Assignment, principal: &Entity) -> Option<PolicyDocument> {
        let known = self.of_registry().ok().filter(|_| self.target.entity == *principal)?;
        known.imposes(to, &self.input, &self.state).ok()?
    }
}

impl Plan {
    /// The step that would cut off whoever is calling, if one would.
    pub(crate) fn cutting(&self, caller: &Caller) -> Option<String> {
        let to = self.assignment();
        let hangs_on: Vec<Entity> = caller.hangs_on().collect();
        let acts = |action: &&PlannedAction| action.refusal().is_none();
        let mut steps = self.actions().filter(|(_, action)| acts(action));
        steps.find(|(_, action)| action.cuts(&to, caller, &hangs_on).is_some()).map(|(step, _)| step.key.to_string())
    }
}

/// Whether a deny leaves one of the caller's principals all that is needed of it; otherwise what it denies, or may.
fn keeps(to: &Assignment, caller: &Caller, own: &Entity, deny: &PolicyDocument) -> Result<(), String> {
    let is_caller = caller.entity().as_ref() == Some(own);
    let (principal, context) = who(to, caller, own, is_caller).ok_or("nobody knows as whom you are calling")?;
    // What its own policies allow is for AWS to say; here it is asked what the deny takes of it.
    let identity = NamedPolicy { name: "deny".to_owned(), document: Arc::new(as_boundary(deny)) };
    let policies = PolicySet { identity: vec![identity], ..PolicySet::default() };
    let all: BTreeSet<&str> = operations().flat_map(|operation| operation.permissions).copied().collect();
    // Of what the caller came through it takes the next session, which may get another name.
    let acts = is_caller || caller.acts_as.as_ref().and_then(ActsAs::entity).as_ref() == Some(own);
    let needed = if acts { all } else { BTreeSet::from(["sts:AssumeRole"]) };
    for action in needed {
        match evaluate(&policies, &Request { principal: &principal, action, resource: "*", context: &context }) {
            Decision::Allowed { .. } => {}
            Decision::Denied { .. } => return Err(format!("{action} would be denied")),
            Decision::Unknown { doubts } => {
                let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
                return Err(format!("whether {action} stays allowed is not known, since {}", doubts.join(" and ")));
            }
        }
    }
    Ok(())
}

/// A principal of the caller's as IAM sees it, with the condition keys that are certain. When its token was issued and where its requests
/// come from are not.
fn who(to: &Assignment, caller: &Caller, own: &Entity, is_caller: bool) -> Option<(Principal, Context)> {
    let account = &to.place.account;
    let arn = |kind: &str| format!("arn:{}:iam::{account}:{kind}/{}", to.place.partition, own.id()).parse().ok();
    let known = Context::new().with_others_unknown().with("aws:PrincipalAccount", account.as_str());
    let id = caller.id.clone();
    // Of what was come through, and of what is assumed for the run, neither the id nor the session is known.
    let session = match caller.arn.principal() {
        Some(PrincipalKind::AssumedRole { session, .. }) => session,
        _ => String::new(),
    };
    let user_id = if session.is_empty() { id.clone() } else { format!("{id}:{session}") };
    let context = if is_caller { known.with("aws:userid", user_id) } else { known };
    let principal = match own.kind {
        EntityKind::Role => {
            let (issued, mfa, identity_store_user) = (Timestamp::UNIX_EPOCH, false, None);
            Principal::RoleSession { role: arn("role")?, id, session, issued, mfa, identity_store_user }
        }
        EntityKind::User => Principal::User { arn: arn("user")?, id },
        _ => return None,
    };
    Some((principal, context))
}
