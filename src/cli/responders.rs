//! As which role runs act: `responders.yaml` in the folder of the configuration.

use serde::Deserialize;

use super::account::Session;
use super::arguments::Globals;
use super::failure::{Failure, chain};
use super::rules::setting_of;
use super::{exit, sink};
use crate::aws::{AssumeRole, Bounds, Clients, Fault, FaultKind, GetCallerIdentity, Place, Reader, RoleSession};
use crate::base::{AccountId, Arn, Digest, Entity, EntityKind, RunId};
use crate::journal::ActingAs;
use crate::plan::{ActsAs, NoSessionPolicy, Plan, session_policy};

/// The file.
const FILE: &str = "responders.yaml";
/// The most managed policies that bound a session.
const MOST_POLICIES: usize = 10;
/// The code with which AWS says that a session policy is too large once it is packed.
const PACKED_TOO_LARGE: &str = "PackedPolicyTooLarge";
/// What the role and its policies have to say.
const HELP: &str = "quell help apply  # says what the role and `responders.yaml` need";

/// The roles, one for an account at most.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Responders(Vec<ResponderSetting>);

/// A role as which runs act.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResponderSetting {
    /// The role; its account is where it acts.
    pub(super) role: Arn,
    /// What its trust policy asks for, where it does.
    external_id: Option<String>,
    /// Managed policies that bound a session for which the policy of its plan is too long.
    #[serde(default)]
    policies: Vec<Arn>,
}

impl Responders {
    /// Reads the file; where there is none, runs act with the caller's own permissions.
    pub(super) fn read(globals: &Globals) -> Result<Self, Failure> {
        setting_of(globals, FILE, "apply", Self::mistakes)
    }

    /// The role for an account.
    pub(super) fn of(&self, place: &Place) -> Option<&ResponderSetting> {
        self.0.iter().find(|one| one.role.account().as_ref() == Some(&place.account))
    }

    fn mistakes(&self) -> Vec<String> {
        let accounts: Vec<Option<AccountId>> = self.0.iter().map(|one| one.role.account()).collect();
        let twice = accounts.iter().enumerate().find(|(at, account)| accounts[..*at].contains(account));
        let twice = twice.and_then(|(_, account)| Some(format!("two roles are of account {}", account.as_ref()?)));
        self.0.iter().flat_map(ResponderSetting::mistakes).chain(twice).collect()
    }
}

impl ResponderSetting {
    fn mistakes(&self) -> Vec<String> {
        let is = |arn: &Arn, kind| Entity::of_iam(arn).is_some_and(|entity| entity.kind == kind);
        let mut mistakes = Vec::new();
        if !is(&self.role, EntityKind::Role) || self.role.service() != "iam" || self.role.account().is_none() {
            mistakes.push(format!("`{}` is not the ARN of a role", self.role));
        }
        let others = self.policies.iter().filter(|arn| !is(arn, EntityKind::ManagedPolicy));
        mistakes.extend(others.map(|arn| format!("`{arn}` is not the ARN of a managed policy")));
        if self.policies.len() > MOST_POLICIES {
            mistakes.push(format!(
                "{} names {} policies, and AWS takes {MOST_POLICIES}",
                self.role,
                self.policies.len()
            ));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@:/-_".contains(c);
        if self.external_id.as_ref().is_some_and(|id| !(2..=1_224).contains(&id.len()) || !id.chars().all(fits)) {
            let what = "an external id has 2 to 1,224 letters, digits and any of `+=,.@:/-_`";
            mistakes.push(format!("{}: {what}", self.role));
        }
        mistakes
    }

    /// What bounds the session of a plan.
    fn bounds(&self, plan: &Plan) -> Result<Bounds, Failure> {
        match session_policy(plan) {
            Ok(policy) => Ok(Bounds::Policy(policy.document)),
            Err(NoSessionPolicy::TooLong { .. }) if !self.policies.is_empty() => {
                Ok(Bounds::Managed(self.policies.clone()))
            }
            Err(error) => Err(Failure::yours(exit::NOT_APPLICABLE, self.unbounded(&chain(&error)), HELP)),
        }
    }

    fn unbounded(&self, why: &str) -> String {
        format!("no session of {} can be bound to the plan: {why}, and {FILE} names no `policies`", self.role)
    }
}

/// Whoever carries a run out.
pub(super) struct Actor {
    /// Reads and calls.
    pub(super) reader: Reader,
    /// The session of a role, where it is not the caller itself.
    pub(super) acts_as: Option<ActingAs>,
}

impl Session {
    /// Refuses a plan whose run no session could be bound to, before anybody is asked about it.
    pub(super) fn refuse_unbounded(&self, plan: &Plan) -> Result<(), Failure> {
        let setting = self.responder.as_ref().filter(|_| plan.caller.acts_as.is_some());
        setting.map_or(Ok(()), |setting| setting.bounds(plan).map(drop))
    }

    /// Whoever carries a run out: you, or a session of the role that the plan names, which is called for the run and can do what the plan
    /// needs and nothing else. Before anything else is asked of that session it says in which account it is, and as whom.
    pub(super) async fn actor(&self, plan: &Plan, run: &RunId) -> Result<Actor, Failure> {
        let at_place = |clients: Clients| clients.at(self.around.place.clone());
        let reader = |clients| Reader::new(at_place(clients), self.clock.clone(), self.chance.borrow_mut().number());
        let Some(acts_as) = &plan.caller.acts_as else {
            return Ok(Actor { reader: reader(Clients::acting(&self.connection)), acts_as: None });
        };
        let Some(setting) = &self.responder else {
            return Err(Failure::bug(format!("the plan acts as {}, of which nothing is known", acts_as.told())));
        };
        let (session, bounds) = self.assume(setting, plan, run).await?;
        let reader = reader(Clients::acting(&session.over(&self.connection)));
        let user_id = session.user_id().await;
        self.refuse_other(&reader, acts_as, &user_id).await?;
        let (policy, managed) = match bounds {
            Bounds::Policy(document) => (Some(Digest::of_bytes(document.as_bytes())), Vec::new()),
            Bounds::Managed(arns) => (None, arns),
        };
        let acts_as = ActingAs { role: acts_as.role.clone(), user_id, policy, managed };
        Ok(Actor { reader, acts_as: Some(acts_as) })
    }

    async fn assume(
        &self,
        setting: &ResponderSetting,
        plan: &Plan,
        run: &RunId,
    ) -> Result<(RoleSession, Bounds), Failure> {
        let begin = async |bounds: Bounds| {
            let request = AssumeRole {
                role: setting.role.clone(),
                session: format!("quell-{run}"),
                source_identity: run.to_string(),
                external_id: setting.external_id.clone(),
                bounds: bounds.clone(),
            };
            let seed = self.chance.borrow_mut().number();
            let session = RoleSession::begin(&self.connection, &self.clock, seed, request).await?;
            Ok::<_, Fault>((session, bounds))
        };
        let first = setting.bounds(plan)?;
        let begun = match begin(first.clone()).await {
            Err(fault) if fault.code == PACKED_TOO_LARGE && matches!(first, Bounds::Policy(_)) => {
                if setting.policies.is_empty() {
                    let what = setting.unbounded("packed, the policy that the plan needs is too large for AWS");
                    return Err(Failure::yours(exit::NOT_APPLICABLE, what, HELP));
                }
                sink::talk(
                    "packed, the plan's own policy is too large for AWS: the `policies` of responders.yaml bound the session\n",
                );
                begin(Bounds::Managed(setting.policies.clone())).await
            }
            begun => begun,
        };
        begun.map_err(|fault| match fault.kind {
            FaultKind::Forbidden => Failure::yours(
                exit::NOT_APPLICABLE,
                format!("AWS lets you have no session of {}: {fault}", setting.role),
                HELP,
            ),
            _ => Failure::aws(&fault, &self.renewal),
        })
    }

    /// Refuses a session that is of another account than the plan, or of another role.
    async fn refuse_other(&self, reader: &Reader, acts_as: &ActsAs, user_id: &str) -> Result<(), Failure> {
        let identity = reader.ask(GetCallerIdentity {}).await.map_err(|fault| Failure::aws(&fault, &self.renewal))?;
        let place = &self.around.place;
        let is_there =
            identity.arn.account().as_ref() == Some(&place.account) && identity.arn.partition() == place.partition;
        let role_id = identity.user_id.split(':').next().unwrap_or_default();
        let is_role = identity.user_id == user_id && acts_as.id.as_ref().is_none_or(|id| id == role_id);
        if is_there && is_role {
            return Ok(());
        }
        let what = format!(
            "the plan acts in account {} as {}, and the session that AWS gave is {} ({})",
            place.account,
            acts_as.told(),
            identity.arn,
            identity.user_id
        );
        Err(Failure::yours(exit::NOT_APPLICABLE, what, HELP))
    }
}
