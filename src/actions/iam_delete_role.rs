//! `iam.delete-role`: deletes a role with all that it has, for good.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::held_policy::{HeldPolicy, SaidPolicy, held_policies, left_by_deletion};
use super::iam_lock_trust::is_locked_by_another;
use super::principal::{keeps_logs, log_keepers, protection};
use super::role_users::{ROLE_USERS_READS, users_of_role};
use super::{
    Assignment, Deletion, Doomed, Ended, Found, Look, LookError, Refusal, Residual, RolePrincipal, Stage, Story, Who,
};
use crate::aws::{
    Call, DeleteRole as DeleteRoleCall, DeleteRolePolicy, DetachRolePolicy, GetPolicy, GetPolicyVersion, GetRole,
    GetRolePolicy, ListAttachedRolePolicies, ListInstanceProfilesForRole, ListRolePolicies, Operation,
    RemoveRoleFromInstanceProfile, Request, joined,
};
use crate::base::{Arn, Entity, Impact, Region};
use crate::iam::PolicyDocument;

/// Deletes a role with all that it has, for good.
pub struct DeleteRole;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role.
    pub role: RolePrincipal,
    /// Deletes it although something of Amazon Bedrock or Amazon Q works with it: that can then no longer be deleted cleanly.
    #[serde(default)]
    pub even_if_used: bool,
}

/// What goes before the role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// That it is in an instance profile.
    InstanceProfile(String),
    /// A policy.
    Policy(HeldPolicy),
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The immutable id.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// Its path, which tells what AWS protects.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// When AWS last saw it used.
    pub last_used: Option<Timestamp>,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// The longest session that may be asked for, in seconds.
    pub max_session_seconds: u64,
    /// The managed policy that bounds it. It stays until the role is gone: without it the role could do more.
    pub boundary: Option<Arn>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The instance profiles that hold it.
    pub instance_profiles: Vec<String>,
    /// Its policies.
    pub policies: Vec<SaidPolicy>,
}

/// What is read of the role itself, and of what works with it.
const READS: [&Operation; 34] = joined(
    [
        GetRole::OPERATION,
        ListInstanceProfilesForRole::OPERATION,
        ListRolePolicies::OPERATION,
        GetRolePolicy::OPERATION,
        ListAttachedRolePolicies::OPERATION,
        GetPolicy::OPERATION,
        GetPolicyVersion::OPERATION,
    ],
    ROLE_USERS_READS,
);

impl Deletion for DeleteRole {
    type Input = Input;
    type Part = Part;
    type Present = Present;

    const NAME: &'static str = "iam.delete-role";
    const SUMMARY: &'static str = "Delete a role with its policies, for good";
    const PAGE: &'static str = include_str!("iam_delete_role.md");
    const READS: &'static [&'static Operation] = &READS;
    const SENDS: &'static [&'static Operation] = &[
        RemoveRoleFromInstanceProfile::OPERATION,
        DeleteRolePolicy::OPERATION,
        DetachRolePolicy::OPERATION,
        DeleteRoleCall::OPERATION,
    ];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        input.role.entity()
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<Part, Present>>, LookError> {
        let Some(known) = look.find(GetRole { role: input.role.name.clone() }).await? else {
            return Ok(None);
        };
        let profiles = ListInstanceProfilesForRole { role: input.role.name.clone(), next: None };
        let instance_profiles = look.find_all(profiles).await?.unwrap_or_default();
        let policies = held_policies(look, input.role.principal()).await?;
        let profiles = instance_profiles.iter().map(|profile| Part::InstanceProfile(profile.clone()));
        let held = policies.iter().map(|held| Part::Policy(held.policy.clone()));
        let used_by = users_of_role(look, known.arn.as_str(), &known.trust.admitted().services).await?;
        let keepers = log_keepers(&known.trust).map(|by| format!(" {by}")).unwrap_or_default();
        // With the path, which tells what AWS protects, and with the services whose logs it keeps, which protect it too.
        let identity = format!("{} {}{keepers}", known.path, known.id);
        let doomed = Doomed {
            first: profiles.chain(held).map(|part| (part, Stage::Standing)).collect(),
            used_by,
            ..Doomed::new(identity, Stage::Standing)
        };
        let present = Present {
            id: known.id,
            arn: known.arn,
            path: known.path,
            created: known.created,
            last_used: known.last_used,
            trust: known.trust,
            max_session_seconds: known.max_session.as_secs(),
            boundary: known.boundary,
            tags: known.tags,
            instance_profiles,
            policies,
        };
        Ok(Some(Found { doomed, present }))
    }

    fn refuses(&self, _: &Assignment, _: &Input, doomed: &Doomed<Part>) -> Option<Refusal> {
        let mut words = doomed.identity.splitn(3, ' ');
        let path = words.next().unwrap_or_default();
        protection(path).or_else(|| words.nth(1).map(keeps_logs))
    }

    fn even_if_used(&self, input: &Input) -> bool {
        input.even_if_used
    }

    fn delete_first(&self, input: &Input, part: &Part) -> Option<Call> {
        let role = input.role.name.clone();
        Some(match part.clone() {
            Part::InstanceProfile(profile) => RemoveRoleFromInstanceProfile { role, profile }.into(),
            Part::Policy(policy) => SaidPolicy::take_away(&policy, &Who::Role(role)),
        })
    }

    fn delete(&self, input: &Input) -> Call {
        DeleteRoleCall { role: input.role.name.clone() }.into()
    }

    fn ends(&self, _: &Input) -> Vec<Ended> {
        Ended::with_role()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<Part>, &Present)>) -> Story {
        let services = found.map(|(_, role)| role.trust.admitted().services).unwrap_or_default();
        let (impact, because) = match (found, services.is_empty()) {
            (None, _) => (Impact::NoneSeen, "it is gone already".to_owned()),
            (Some((doomed, _)), _) if !doomed.used_by.is_empty() => {
                let by: Vec<&str> = doomed.used_by.iter().map(String::as_str).collect();
                (Impact::Outage, format!("it is what {} works with", by.join(", ")))
            }
            (Some(_), false) => (Impact::Outage, format!("{} may work with it", services.join(", "))),
            (Some((_, role)), true) => match role.last_used {
                Some(used) => (Impact::Outage, format!("last used {used}")),
                None => (Impact::NoneSeen, "AWS remembers no use".to_owned()),
            },
        };
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some((doomed, role)) => format!("made {}, {} parts", role.created, doomed.first.len()),
            },
            does: "delete it for good, with its policies".to_owned(),
            impact,
            because,
            undo: String::new(),
            residual: found.map_or_else(Vec::new, |(_, role)| {
                let is_shut = is_locked_by_another(&role.trust, "") && role.trust.admitted().services.is_empty();
                left_by_deletion(&role.policies, is_shut, Residual::chained_from_role())
            }),
            notes: vec![
                "its sessions end with it; instance profiles stay, empty".to_owned(),
                "policies of resources that name it show its dead id from then on, and AWS refuses to write them back"
                    .to_owned(),
            ],
            unread: vec![],
        }
    }
}
