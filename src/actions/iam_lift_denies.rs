//! `iam.lift-denies`: takes off a role or user what an incident has put there to refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_lock_trust::{is_locked_by_another, sid};
use super::iam_revoke_sessions::{LONGEST_ROLE_SESSION, LONGEST_USER_SESSION};
use super::incident_denies::{cut_off_in, is_of_another, of_incident};
use super::made_policies::{MadePolicy, PresentPolicy, Whose, made_policies, name_of, whose};
use super::principal::protection;
use super::principal_policies::{attached_policies, inline_names, inline_policy};
use super::seat_moves::{attach, put_inline, set_boundary};
use super::standing_denies::{Found, Standing, in_order, notes, writable};
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Principal, Refusal, Residual, Seen, Story,
    UndoRequest, Who,
};
use crate::aws::{
    AttachRolePolicy, AttachUserPolicy, CreatePolicy, DeletePolicy, DeletePolicyVersion, DeleteRolePermissionsBoundary,
    DeleteRolePolicy, DeleteUserPermissionsBoundary, DeleteUserPolicy, DetachRolePolicy, DetachUserPolicy,
    GetPolicyVersion, GetRole, GetRolePolicy, GetUser, GetUserPolicy, Late, ListAttachedRolePolicies,
    ListAttachedUserPolicies, ListEntitiesForPolicy, ListPolicies, ListPolicyVersions, ListRolePolicies,
    ListUserPolicies, Operation, PutRolePermissionsBoundary, PutRolePolicy, PutUserPermissionsBoundary, PutUserPolicy,
    Request, UpdateAssumeRolePolicy, WrittenPolicy,
};
use crate::base::{Arn, Digest, Entity, Impact, Target, Touch};
use crate::iam::PolicyDocument;

/// How long IAM may take until a policy is let go by everybody, or gone.
const GOING: Duration = Duration::from_secs(2 * 60);

/// Takes off a role or user what the incident has put there to refuse, the latest first.
pub struct LiftDenies;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user.
    pub principal: Principal,
    /// When the containment was complete: nothing is lifted while a session from before that could still live. A cut-off
    /// that stands on the principal counts as well, and the later of the two decides.
    pub contained_at: Timestamp,
    /// Whether AWS's own policies that quell attaches come off as well, `AWSDenyAll` and `AWSCompromisedKeyQuarantineV3`. They
    /// name no incident: a person says that they are of this one.
    #[serde(default)]
    pub unmarked: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The principal, if it exists.
    pub found: Option<Found>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The incident's inline policies.
    pub inline: BTreeMap<String, PolicyDocument>,
    /// The incident's managed policies that it had, or that were made for it.
    pub managed: BTreeMap<Arn, PresentPolicy>,
    /// AWS's own policies that come off as well.
    pub of_aws: BTreeSet<Arn>,
    /// The trust policy of a role.
    pub trust: Option<PolicyDocument>,
    /// The same without the incident's lock.
    pub rest: Option<PolicyDocument>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// Policies that quell has attached or made the boundary before they named their incident.
    pub of_no_incident: Vec<Arn>,
}

impl LiftDenies {
    /// The moves by which managed policies that nobody needs go for good: let go by everybody first, then their versions, as AWS
    /// wants it.
    fn delete(to: &Assignment, input: &Input, found: &Found) -> Vec<Move> {
        let mut moves = Vec::new();
        if found.doomed(to).any(|(_, made)| made.is_held()) {
            let what = to.place.target(None, input.principal.entity());
            moves.push(Move::Await(Await { what, until: Condition::Settled, within: GOING }));
        }
        for (policy, made) in found.doomed(to) {
            let version = |version| Move::from(DeletePolicyVersion { policy: policy.clone(), version });
            moves.extend(made.versions.iter().cloned().map(version));
            moves.push(DeletePolicy { policy: policy.clone() }.into());
        }
        moves
    }
}

impl Action for LiftDenies {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.lift-denies";
    const SUMMARY: &'static str = "Take off a role or user what the incident has put there to refuse";
    const PAGE: &'static str = include_str!("iam_lift_denies.md");
    const READS: &'static [&'static Operation] = &[
        GetRole::OPERATION,
        GetUser::OPERATION,
        ListRolePolicies::OPERATION,
        ListUserPolicies::OPERATION,
        GetRolePolicy::OPERATION,
        GetUserPolicy::OPERATION,
        ListAttachedRolePolicies::OPERATION,
        ListAttachedUserPolicies::OPERATION,
        ListPolicies::OPERATION,
        ListPolicyVersions::OPERATION,
        GetPolicyVersion::OPERATION,
        ListEntitiesForPolicy::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[
        DeleteRolePolicy::OPERATION,
        DeleteUserPolicy::OPERATION,
        DetachRolePolicy::OPERATION,
        DetachUserPolicy::OPERATION,
        DeleteRolePermissionsBoundary::OPERATION,
        DeleteUserPermissionsBoundary::OPERATION,
        UpdateAssumeRolePolicy::OPERATION,
        DeletePolicyVersion::OPERATION,
        DeletePolicy::OPERATION,
        PutRolePolicy::OPERATION,
        PutUserPolicy::OPERATION,
        CreatePolicy::OPERATION,
        AttachRolePolicy::OPERATION,
        AttachUserPolicy::OPERATION,
        PutRolePermissionsBoundary::OPERATION,
        PutUserPermissionsBoundary::OPERATION,
    ];
    const OWN: &'static [&'static Operation] = &[DeletePolicyVersion::OPERATION, DeletePolicy::OPERATION];
    const ENVELOPE: usize = 8;
    const TIMEOUT: Duration = Duration::from_secs(600);
    const IN_ORDER: bool = true;

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, input.principal.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.principal.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let who = &input.principal.who;
        let known = match who.clone() {
            Who::Role(role) => {
                look.find(GetRole { role }).await?.map(|it| (it.id, it.path, it.boundary, Some(it.trust)))
            }
            Who::User(user) => look.find(GetUser { user }).await?.map(|it| (it.id, it.path, it.boundary, None)),
        };
        let Some((id, path, boundary, trust)) = known else {
            let present = Present {
                inline: BTreeMap::new(),
                managed: BTreeMap::new(),
                of_aws: BTreeSet::new(),
                trust: None,
                rest: None,
            };
            let context = Context { of_no_incident: vec![] };
            return Ok(Seen { state: State { found: None }, present, context });
        };
        let attached = attached_policies(look, who).await?;
        let names = inline_names(look, who).await?;
        let mut inline = BTreeMap::new();
        for name in of_incident(to, &names) {
            if let Some(document) = inline_policy(look, who, name.clone()).await? {
                inline.insert(name, document);
            }
        }
        let made = made_policies(to, look, &input.principal, &id, &attached, boundary.as_ref()).await?;
        let held = || attached.iter().chain(&boundary);
        let of = |wanted: Whose| held().filter(move |policy| whose(to, policy) == wanted);
        let denies =
            made.values().filter(|(made, _)| made.is_held()).filter_map(|(_, present)| present.document.as_ref());
        let sid = sid(to);
        let whole = trust.as_ref().and_then(|trust| trust.without_statement(&sid));
        // Whoever was deleted since admits nobody, and IAM would refuse the document without the lock that names him.
        let rest = whole.as_ref().and_then(PolicyDocument::without_dead);
        let found = Found {
            id,
            path,
            too_early_until: too_early_until(input, denies.chain(inline.values()), look.aws_now()),
            inline: inline.iter().map(|(name, document)| (name.clone(), Digest::of(document))).collect(),
            managed: made.iter().map(|(policy, (made, _))| (policy.clone(), made.clone())).collect(),
            of_aws: attached.iter().filter(|policy| whose(to, policy) == Whose::Aws).cloned().collect(),
            contested: of(Whose::OtherIncident).chain(of(Whose::OldQuell)).next().is_some()
                || names.iter().any(|name| is_of_another(to, name))
                || trust.as_ref().is_some_and(|trust| is_locked_by_another(trust, &sid)),
            locked: trust.as_ref().and_then(|trust| trust.find_statement(&sid)).map(Digest::of),
            bare: trust.is_some() && rest.is_none(),
            dead: whole.map(|whole| whole.admitted().dead).unwrap_or_default(),
            boundary: boundary.clone(),
        };
        let context = Context { of_no_incident: of(Whose::OldQuell).cloned().collect() };
        let present = Present {
            inline,
            managed: made.into_iter().map(|(policy, (_, present))| (policy, present)).collect(),
            of_aws: found.unmarked(input.unmarked).cloned().collect(),
            trust,
            rest,
        };
        Ok(Seen { state: State { found: Some(found) }, present, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        // Who is gone is refused nothing.
        let Some(found) = &state.found else { return Ok(vec![]) };
        let standing = found.standing(to, input.unmarked);
        if standing.is_empty() && found.locked.is_none() && found.doomed(to).next().is_none() {
            return Ok(vec![]);
        }
        if let Some(refusal) = protection(&found.path) {
            return Err(refusal);
        }
        if let Some(until) = found.too_early_until {
            let what = format!("sessions of {} from before the containment would work again", input.principal);
            return Err(Refusal::TooEarly { until, what });
        }
        let mut moves: Vec<Move> = standing.iter().map(|one| one.take_off(&input.principal)).collect();
        // The lock comes off last: nobody starts a session before all else is as it was.
        if found.locked.is_some()
            && let Who::Role(role) = &input.principal.who
        {
            writable(found)?;
            let unlock = UpdateAssumeRolePolicy { role: role.clone(), first: None, rest: Late::echo("/rest") };
            moves.push(unlock.into());
        }
        moves.extend(Self::delete(to, input, found));
        Ok(moves)
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(found) = &state.found else { return Ok(vec![]) };
        let changed = |now: String| Refusal::Changed {
            before: format!("{} with the incident's denies", input.principal),
            left: "the same without them".to_owned(),
            now,
        };
        let principal = &input.principal;
        let mut moves = Vec::new();
        let lock = present.trust.as_ref().and_then(|trust| trust.find_statement(&sid(to))).cloned();
        if lock.as_ref().is_some_and(|lock| found.locked != Some(Digest::of(lock)))
            && let Who::Role(role) = &principal.who
        {
            writable(found)?;
            moves.push(UpdateAssumeRolePolicy { role: role.clone(), first: lock, rest: Late::echo("/rest") }.into());
        }
        for (policy, was) in &present.managed {
            let Some(document) = &was.document else { continue };
            match found.managed.get(policy) {
                // What was made a moment ago may show before what it says does.
                Some(now) if now.says.is_some_and(|says| says != Digest::of(document)) => {
                    return Err(changed(format!("{policy} says something else")));
                }
                Some(_) => {}
                None => moves.push(
                    CreatePolicy {
                        made_for: principal.entity(),
                        path: was.path.clone(),
                        name: name_of(policy).to_owned(),
                        document: document.clone().into(),
                    }
                    .into(),
                ),
            }
        }
        let managed = present.managed.iter().map(|(policy, was)| (policy, was.attached, was.bounds));
        for one in in_order(to, present.inline.keys(), managed, present.of_aws.iter()).into_iter().rev() {
            match one {
                Standing::Inline(name) => {
                    let document = present.inline.get(&name);
                    let missing = document.filter(|says| found.inline.get(&name) != Some(&Digest::of(*says)));
                    let put =
                        |says: &PolicyDocument| put_inline(principal, &name, WrittenPolicy::Document(says.clone()));
                    moves.extend(missing.map(put));
                }
                Standing::Attached(policy) => {
                    let made = found.managed.get(&policy).is_some_and(|made| made.attached);
                    let is_there = made || found.of_aws.contains(&policy);
                    moves.extend((!is_there).then(|| attach(principal, &policy)));
                }
                Standing::Boundary(policy) => match &found.boundary {
                    Some(boundary) if *boundary == policy => {}
                    Some(other) => return Err(changed(format!("{other} is its permissions boundary"))),
                    None => moves.push(set_boundary(principal, Some(&policy))),
                },
            }
        }
        if !moves.is_empty() && !self.same_thing(left, state) {
            return Err(changed("another one of the same name".to_owned()));
        }
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    /// Less than what was approved is approved as well: others may have taken a part off.
    fn covers(&self, planned: &State, now: &State) -> bool {
        let (Some(planned), Some(now)) = (&planned.found, &now.found) else { return now.found.is_none() };
        let known = |(policy, now): (&Arn, &MadePolicy)| {
            planned.managed.get(policy).is_some_and(|was| {
                was.says == now.says
                    && was.attached >= now.attached
                    && was.bounds >= now.bounds
                    && now.others.is_subset(&was.others)
                    && now.versions.is_subset(&was.versions)
            })
        };
        planned.id == now.id
            && now.inline.iter().all(|(name, says)| planned.inline.get(name) == Some(says))
            && now.managed.iter().all(known)
            && now.of_aws.is_subset(&planned.of_aws)
            && (now.locked.is_none() || now.locked == planned.locked)
    }

    fn tell(&self, to: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let found = seen.state.found.as_ref();
        let there: Vec<String> = found
            .into_iter()
            .flat_map(|found| {
                let named = |one: Standing| match one {
                    Standing::Boundary(policy) => format!("{} as its permissions boundary", name_of(&policy)),
                    other => other.name().to_owned(),
                };
                let lock = found.locked.map(|_| "the trust lock".to_owned());
                found.standing(to, input.unmarked).into_iter().map(named).chain(lock)
            })
            .collect();
        let unused = found.is_some_and(|found| found.doomed(to).next().is_some());
        let inline = seen.present.inline.iter().map(|(name, document)| (name.as_str(), document));
        let managed = seen.present.managed.iter().filter(|(_, policy)| policy.attached || policy.bounds);
        let managed = managed.filter_map(|(policy, present)| Some((name_of(policy), present.document.as_ref()?)));
        let documents: Vec<(&str, &PolicyDocument)> = inline.chain(managed).collect();
        let allowing: Vec<&str> =
            documents.iter().filter(|(_, document)| !document.only_denies()).map(|(name, _)| *name).collect();
        let mut notes =
            found.map(|found| notes(to, input.unmarked, found, &seen.context.of_no_incident)).unwrap_or_default();
        if documents.iter().any(|(_, document)| cut_off_in(document).is_none()) {
            notes.push(format!(
                "how old the containment is says `contained_at` alone, {}: look whether it is so",
                input.contained_at
            ));
        }
        Story {
            now: match (found, there.is_empty()) {
                (None, _) => "does not exist".to_owned(),
                (Some(_), true) if unused => {
                    "nothing of this incident refuses it anything; policies are left".to_owned()
                }
                (Some(_), true) => "nothing of this incident refuses it anything".to_owned(),
                (Some(_), false) => format!("refused by {}", there.join(", ")),
            },
            does: match unused {
                true => {
                    "take them off, the latest first, and delete the managed policies that nobody has then".to_owned()
                }
                false => "take them off, the latest first".to_owned(),
            },
            impact: if allowing.is_empty() { Impact::NoneSeen } else { Impact::Degrades },
            because: match allowing.is_empty() {
                true => "it gives back what was taken".to_owned(),
                false => format!("somebody has made {} allow something, which ends", allowing.join(", ")),
            },
            undo: "they are put back as they were".to_owned(),
            // Where another incident refuses something too, that alone says what is left.
            residual: found
                .filter(|found| !found.contested)
                .map(|_| Residual::uncovered("whoever holds its credentials can use them again"))
                .into_iter()
                .collect(),
            notes,
            unread: vec![],
        }
    }
}

/// Until when a session from before the containment could live, if that lies ahead by AWS's own clock.
pub(super) fn too_early_until<'d>(
    input: &Input,
    denies: impl Iterator<Item = &'d PolicyDocument>,
    now: Option<Timestamp>,
) -> Option<Timestamp> {
    let longest: SignedDuration = match input.principal.who {
        Who::Role(_) => LONGEST_ROLE_SESSION,
        Who::User(_) => LONGEST_USER_SESSION,
    };
    let cut_off = denies.filter_map(cut_off_in).fold(input.contained_at, Timestamp::max);
    let until = cut_off + longest;
    (now.is_none_or(|now| now < until)).then_some(until)
}
