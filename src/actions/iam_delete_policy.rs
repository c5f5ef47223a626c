//! `iam.delete-policy`: deletes a managed policy with all its versions, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy_holders::{PolicyHolder, attached_to, bounded_by};
use super::{Assignment, Deletion, Doomed, Found, Look, LookError, PolicyRef, Refusal, Stage, Story};
use crate::aws::{
    Call, DeletePolicy as DeletePolicyCall, DeletePolicyVersion, DetachGroupPolicy, DetachRolePolicy, DetachUserPolicy,
    GetGroup, GetPolicy, GetPolicyVersion, ListEntitiesForPolicy, ListPolicyVersions, Operation, Request,
};
use crate::base::{Entity, Impact, PolicyVersionId, Region, counted};
use crate::iam::{PolicyDocument, StatementEffect};

/// Deletes a managed policy with all its versions, for good.
pub struct DeletePolicy;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the policy.
    pub policy: PolicyRef,
}

/// What goes before the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// That somebody has it.
    Holder(PolicyHolder),
    /// A version that does not count.
    Version(PolicyVersionId),
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The immutable id.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The version that counts.
    pub default_version: PolicyVersionId,
    /// What each version says.
    pub versions: BTreeMap<PolicyVersionId, PolicyDocument>,
    /// Who has it.
    pub holders: Vec<PolicyHolder>,
    /// Whom it bounds.
    pub bounds: BTreeSet<Entity>,
}

impl Present {
    /// Whether the version that counts denies anything.
    fn denies(&self) -> bool {
        let document = self.versions.get(&self.default_version);
        document.is_some_and(|it| it.statements().iter().any(|one| one.effect() == StatementEffect::Deny))
    }
}

impl Deletion for DeletePolicy {
    type Input = Input;
    type Part = Part;
    type Present = Present;

    const NAME: &'static str = "iam.delete-policy";
    const SUMMARY: &'static str = "Delete a managed policy with all its versions, for good";
    const PAGE: &'static str = include_str!("iam_delete_policy.md");
    const READS: &'static [&'static Operation] = &[
        GetPolicy::OPERATION,
        ListPolicyVersions::OPERATION,
        GetPolicyVersion::OPERATION,
        ListEntitiesForPolicy::OPERATION,
        GetGroup::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[
        DetachRolePolicy::OPERATION,
        DetachUserPolicy::OPERATION,
        DetachGroupPolicy::OPERATION,
        DeletePolicyVersion::OPERATION,
        DeletePolicyCall::OPERATION,
    ];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        input.policy.entity()
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<Part, Present>>, LookError> {
        let policy = || input.policy.arn().clone();
        let Some(known) = look.find(GetPolicy { policy: policy() }).await? else {
            return Ok(None);
        };
        if input.policy.is_of_aws() {
            let doomed = Doomed::new(known.id.clone(), Stage::Standing);
            let present = Present {
                id: known.id,
                created: known.created,
                tags: known.tags,
                default_version: known.default_version,
                versions: BTreeMap::new(),
                holders: vec![],
                bounds: BTreeSet::new(),
            };
            return Ok(Some(Found { doomed, present }));
        }
        let listed = look.find_all(ListPolicyVersions { policy: policy(), next: None }).await?.unwrap_or_default();
        let mut versions = BTreeMap::new();
        for version in &listed {
            let says = look.find(GetPolicyVersion { policy: policy(), version: version.id.clone() }).await?;
            versions.extend(says.map(|document| (version.id.clone(), document)));
        }
        let holders = attached_to(look, input.policy.arn()).await?;
        let bounds = bounded_by(look, input.policy.arn()).await?;
        let others = listed.iter().filter(|version| !version.is_default);
        let parts = holders.iter().cloned().map(Part::Holder);
        let parts = parts.chain(others.map(|version| Part::Version(version.id.clone())));
        let doomed = Doomed {
            first: parts.map(|part| (part, Stage::Standing)).collect(),
            // Without it they could do more: another boundary has to be set first.
            used_by: bounds.iter().map(|entity| format!("{entity}, as its permissions boundary")).collect(),
            ..Doomed::new(known.id.clone(), Stage::Standing)
        };
        let present = Present {
            id: known.id,
            created: known.created,
            tags: known.tags,
            default_version: known.default_version,
            versions,
            holders,
            bounds,
        };
        Ok(Some(Found { doomed, present }))
    }

    fn refuses(&self, _: &Assignment, input: &Input, _: &Doomed<Part>) -> Option<Refusal> {
        input.policy.protection()
    }

    fn reaches(&self, doomed: &Doomed<Part>) -> Vec<Entity> {
        let holders = doomed.first.iter().filter_map(|(part, _)| match part {
            Part::Holder(holder) => Some(holder),
            Part::Version(_) => None,
        });
        holders.flat_map(PolicyHolder::principals).collect()
    }

    fn delete_first(&self, input: &Input, part: &Part) -> Option<Call> {
        let policy = input.policy.arn().clone();
        Some(match part.clone() {
            Part::Holder(PolicyHolder::Role(role)) => DetachRolePolicy { role, policy }.into(),
            Part::Holder(PolicyHolder::User(user)) => DetachUserPolicy { user, policy }.into(),
            Part::Holder(PolicyHolder::Group { name: group, .. }) => DetachGroupPolicy { group, policy }.into(),
            Part::Version(version) => DeletePolicyVersion { policy, version }.into(),
        })
    }

    fn delete(&self, input: &Input) -> Call {
        DeletePolicyCall { policy: input.policy.arn().clone() }.into()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<Part>, &Present)>) -> Story {
        let holders = found.map(|(_, policy)| policy.holders.len()).unwrap_or_default();
        let mut notes = Vec::new();
        if let Some((_, policy)) = found {
            notes.extend(policy.holders.iter().map(|holder| format!("{} has it", holder.entity())));
            if policy.denies() {
                notes.push("it denies: whoever has it can do more once it is detached".to_owned());
            }
        }
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some((_, policy)) => {
                    let versions = counted(policy.versions.len(), "version");
                    format!("made {}, {versions}, with {}", policy.created, counted(holders, "holder"))
                }
            },
            does: "detach it from everybody and delete it for good".to_owned(),
            impact: if holders == 0 { Impact::NoneSeen } else { Impact::Degrades },
            because: match holders {
                0 => "nobody has it".to_owned(),
                _ => format!("taken from {} (roles, users, groups)", counted(holders, "holder")),
            },
            undo: String::new(),
            residual: vec![],
            notes,
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "its versions are gone; what they said, and who had it, is in the evidence".to_owned()
    }
}
