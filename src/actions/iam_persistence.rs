//! `iam.persistence`: what somebody has left in IAM to come back by.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::made_policies::PATH;
use super::makers::{Creator, Maker, NOT_KNOWN};
use super::own_policies::{OwnPolicies, Says};
use super::persistence_makers::attribute;
use super::persistence_trail::{self, told_by_trail};
use super::{Actor, Answer, Assignment, Look, LookError, PolicyRef, Principal, Query, Who};
use crate::aws::{
    Credential, GetLoginProfile, GetOpenIdProvider, GetPolicyVersion, ListAccessKeys, ListMFADevices,
    ListOpenIdProviders, ListPolicies, ListPolicyVersions, ListRoles, ListSSHPublicKeys, ListSamlProviders,
    ListServiceSpecificCredentials, ListSigningCertificates, ListUsers, LookupEvents, ManagedPolicy, Operation,
    Request, TRAIL_LAG, TRAIL_REACH, TrailIdentity, User,
};
use crate::base::{AccessKeyId, Arn, CredentialId, MfaSerial, Region, RoleName, UserName};

/// What somebody has left in IAM to come back by.
pub struct Persistence;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Since this moment.
    pub since: Timestamp,
    /// Of these kinds; left out, of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Made or done by one of these: ARNs of roles, sessions and users, names of roles and users, or ids of access keys. A session
    /// stands for its role, and so does what these have made themselves for them. What others certainly did is left alone; what
    /// nobody is known to have done is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created_by: Vec<Creator>,
    /// Whether what nobody is known to have done is `theirs` too, so that it goes with what is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub even_if_unknown: bool,
    /// What these did is left out, as far as CloudTrail tells it: whoever contains the incident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but_by: Vec<Actor>,
    /// What is about these is left out: ids of keys, credentials, devices and events, names or ARNs of users, roles, groups,
    /// policies and providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but: Vec<String>,
}

/// A way to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A user that is new.
    User,
    /// A role that is new.
    Role,
    /// An access key of a user that is new.
    AccessKey,
    /// An access key that was activated again.
    ActivatedKey,
    /// A console password that is new.
    Password,
    /// A console password that was changed.
    ChangedPassword,
    /// An SSH public key that is new, or was activated again.
    SshKey,
    /// A signing certificate that is new, or was activated again.
    SigningCertificate,
    /// A service-specific credential that is new, was reset or activated again, such as a long-term Bedrock API key.
    ServiceCredential,
    /// An MFA device that was registered.
    MfaDevice,
    /// A managed policy that is new.
    Policy,
    /// A version of a managed policy that is new.
    PolicyVersion,
    /// A version of a managed policy that was made the one that counts.
    DefaultVersion,
    /// A trust policy that was changed.
    Trust,
    /// A policy that was attached to somebody, or put inline.
    Grant,
    /// A user that was put into a group.
    GroupMember,
    /// A permissions boundary that was removed or replaced.
    Boundary,
    /// An identity provider that is new or was changed.
    IdentityProvider,
}

/// A way to come back that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// When it was made or done.
    pub at: Timestamp,
    /// Its own id: of a key, a credential, a device, a version; an ARN; of what only CloudTrail knows the name of the
    /// operation.
    pub id: String,
    /// Whether it goes with a user, role or managed policy that is new itself.
    pub of_new: bool,
    /// All of that in words, for people.
    pub told: String,
    /// The ARN of the user or role that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Arn>,
    /// The access key that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<AccessKeyId>,
    /// The SSH key, signing certificate or service-specific credential that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialId>,
    /// The serial number of the MFA device that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<MfaSerial>,
    /// The user that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserName>,
    /// The role that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// The group that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The managed policy that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRef>,
    /// The ARN of who made or did it, where CloudTrail told; `not known` where makers were asked for and it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Whether one of `created_by` made or did it; true as well where no makers were asked for.
    pub theirs: bool,
    /// Why it is not known who made or did it, where makers were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_known: Option<String>,
    /// CloudTrail's id of the event, where CloudTrail told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Who made or did it, as CloudTrail has it.
    #[serde(skip)]
    pub(super) maker: Option<TrailIdentity>,
    /// Whether it wrote the lock of this incident, and perhaps something behind it.
    #[serde(skip)]
    pub(super) behind_lock: bool,
}

impl Item {
    pub(super) fn new(kind: Kind, at: Timestamp, id: impl Into<String>) -> Self {
        Self {
            kind,
            at,
            id: id.into(),
            of_new: false,
            told: String::new(),
            principal: None,
            key: None,
            credential: None,
            serial: None,
            user: None,
            role: None,
            group: None,
            policy: None,
            created_by: None,
            theirs: true,
            not_known: None,
            event: None,
            maker: None,
            behind_lock: false,
        }
    }

    /// The names and ids by which somebody may name it.
    fn names(&self) -> impl Iterator<Item = &str> {
        let ids = [Some(self.id.as_str()), self.event.as_deref(), self.group.as_deref()];
        let names = [self.user.as_ref().map(UserName::as_str), self.role.as_ref().map(RoleName::as_str)];
        let arns = [self.principal.as_ref(), self.policy.as_ref().map(PolicyRef::arn)].map(|arn| arn.map(Arn::as_str));
        ids.into_iter().chain(names).chain(arns).flatten()
    }

    /// Whether it is a user, role or policy, and not a part of one.
    fn is_whole(&self) -> bool {
        matches!(self.kind, Kind::User | Kind::Role | Kind::Policy)
    }

    /// The user, role and managed policy that it is about.
    fn about(&self) -> impl Iterator<Item = String> {
        let user = self.user.as_ref().map(|user| format!("user {user}"));
        let role = self.role.as_ref().map(|role| format!("role {role}"));
        [user, role, self.policy.as_ref().map(|policy| policy.arn().to_string())].into_iter().flatten()
    }

    /// It with what it says in words, and with the ARN of whom it is about where only the name was told.
    fn whole(mut self, to: &Assignment) -> Self {
        let user = self.user.clone().map(Who::User);
        let about = user.or_else(|| self.role.clone().map(Who::Role)).map(|who| Principal::of(to, who));
        let group = || self.group.as_ref().map(|one| format!("group {one}"));
        let version = [Kind::PolicyVersion, Kind::DefaultVersion].contains(&self.kind);
        let policy =
            || self.policy.as_ref().filter(|_| version).map(|one| format!("policy {}", last(one.arn().as_str())));
        let of = about.as_ref().map(ToString::to_string).or_else(group).or_else(policy);
        let kind = serde_json::to_value(self.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default();
        // A password has no id, and of a version its number is one.
        let id = match self.kind {
            Kind::Password => None,
            Kind::PolicyVersion => self.id.split(' ').next(),
            _ => Some(last(&self.id)),
        };
        let mut told = id.map_or_else(|| kind.to_owned(), |id| format!("{kind} {id}"));
        let of = of.filter(|of| id.is_none_or(|id| !of.ends_with(id)));
        let by = self.created_by.clone().filter(|by| by != NOT_KNOWN);
        for (before, part) in [(" of ", of), (" by ", by)] {
            told.extend(part.into_iter().flat_map(|part| [before.to_owned(), part]));
        }
        self.told = format!("{told} at {}", self.at);
        self.principal = self.principal.or_else(|| about.map(Arn::from));
        self
    }
}

/// The name at the end of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

impl Input {
    pub(super) fn wants(&self, kinds: &[Kind]) -> bool {
        self.kinds.is_empty() || kinds.iter().any(|kind| self.kinds.contains(kind))
    }
}

impl Query for Persistence {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.persistence";
    const SUMMARY: &'static str = "What somebody has left in IAM since a moment to come back by";
    const PAGE: &'static str = include_str!("iam_persistence.md");
    const READS: &'static [&'static Operation] = &[
        ListUsers::OPERATION,
        ListRoles::OPERATION,
        ListAccessKeys::OPERATION,
        GetLoginProfile::OPERATION,
        ListMFADevices::OPERATION,
        ListSSHPublicKeys::OPERATION,
        ListSigningCertificates::OPERATION,
        ListServiceSpecificCredentials::OPERATION,
        ListPolicies::OPERATION,
        ListPolicyVersions::OPERATION,
        GetPolicyVersion::OPERATION,
        ListSamlProviders::OPERATION,
        ListOpenIdProviders::OPERATION,
        GetOpenIdProvider::OPERATION,
        LookupEvents::OPERATION,
    ];
    const REGIONAL: bool = false;
    const LAG: Option<SignedDuration> = Some(TRAIL_LAG);

    fn key(&self, item: &Item) -> String {
        let about = |name: Option<&str>| name.unwrap_or_default().to_owned();
        match &item.event {
            Some(event) => format!("{event} {}", item.id),
            None => format!("{} of {}", item.id, about(item.user.as_ref().map(UserName::as_str))),
        }
    }

    fn maker(&self, item: &Item) -> Option<Maker> {
        let by = item.created_by.clone()?;
        Some(match &item.not_known {
            Some(why) => Maker::NotKnown(why.clone()),
            None if item.theirs => Maker::Theirs(by),
            None => Maker::Others(by),
        })
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let (mut items, trail) = try_join(told_by_iam(look, input), told_by_trail(to, look, input)).await?;
        items.extend(trail.items);
        items.retain(|item| item.at >= input.since);
        if !input.created_by.is_empty() {
            attribute(to, look, input, trail.not_read, &mut items).await?;
        }
        // What this incident's lock did beside is not known, so that whose it is decides: quell's own is nobody's way back.
        items.retain(|item| !item.behind_lock || !input.created_by.is_empty() && item.theirs);
        let mut items: Vec<Item> = items.into_iter().map(|item| item.whole(to)).collect();
        // Somebody else's new user is left alone. What the intruder hung on it does not go with it.
        let stays = |item: &&Item| input.created_by.is_empty() || item.theirs || item.not_known.is_some();
        let of_new = new_themselves(items.iter().filter(stays));
        for item in &mut items {
            item.of_new = !item.is_whole() && item.about().any(|about| of_new.contains(&about));
        }
        let is_left_out = |item: &Item| item.names().any(|name| input.but.iter().any(|but| but == name));
        items.retain(|item| input.wants(&[item.kind]) && !is_left_out(item));
        items.sort_by(|one, other| (one.at, one.kind, &one.id).cmp(&(other.at, other.kind, &other.id)));
        let asks_trail = input.wants(persistence_trail::KINDS);
        let too_early = look.aws_now().filter(|now| asks_trail && input.since < *now - TRAIL_REACH).map(|_| {
            "CloudTrail remembers 90 days, and `since` lies before that; what IAM tells by its own dates is whole"
                .to_owned()
        });
        Ok(Answer { items, truncated: trail.truncated.or(too_early) })
    }
}

/// The users, roles and managed policies that are new, by name: CloudTrail tells no paths.
fn new_themselves<'i>(items: impl Iterator<Item = &'i Item>) -> BTreeSet<String> {
    items.filter(|item| item.is_whole()).flat_map(Item::about).collect()
}

/// What IAM tells by the dates at which things were made.
async fn told_by_iam(look: &Look<'_>, input: &Input) -> Result<Vec<Item>, LookError> {
    let mut items = Vec::new();
    let of_users =
        [Kind::User, Kind::AccessKey, Kind::Password, Kind::SshKey, Kind::SigningCertificate, Kind::MfaDevice];
    if input.wants(&of_users) {
        let users = look.ask_all(ListUsers { path: "/".to_owned(), next: None }).await?;
        let of_each = try_join_all(users.iter().map(|user| of_user(look, input, user))).await?;
        items.extend(of_each.into_iter().flatten());
    }
    if input.wants(&[Kind::ServiceCredential]) {
        let all = ListServiceSpecificCredentials { user: None, service: None, next: None };
        for one in look.find_all(all).await?.unwrap_or_default() {
            let item = Item::new(Kind::ServiceCredential, one.created, one.id.as_str());
            items.push(Item { user: Some(one.user), credential: Some(one.id), ..item });
        }
    }
    if input.wants(&[Kind::Role]) {
        // AWS makes service-linked roles, nobody else can take one on, and none can be deleted as others can.
        let roles = look.ask_all(ListRoles { path: "/".to_owned(), next: None }).await?;
        for role in roles.into_iter().filter(|role| !role.arn.as_str().contains(":role/aws-service-role/")) {
            let item = Item::new(Kind::Role, role.created, role.arn.as_str());
            items.push(Item { principal: Some(role.arn), role: Some(role.name), ..item });
        }
    }
    if input.wants(&[Kind::Policy, Kind::PolicyVersion]) {
        items.extend(of_policies(look, input).await?);
    }
    if input.wants(&[Kind::IdentityProvider]) {
        for provider in look.ask_all(ListSamlProviders { next: None }).await? {
            items.push(Item::new(Kind::IdentityProvider, provider.created, provider.arn.as_str()));
        }
        for provider in look.ask_all(ListOpenIdProviders { next: None }).await? {
            if let Some(created) = look.find(GetOpenIdProvider { provider: provider.clone() }).await? {
                items.push(Item::new(Kind::IdentityProvider, created, provider.as_str()));
            }
        }
    }
    Ok(items)
}

/// What a user has. A user that goes while it is read has nothing.
async fn of_user(look: &Look<'_>, input: &Input, known: &User) -> Result<Vec<Item>, LookError> {
    let user = known.name.clone();
    let mut items = vec![Item::new(Kind::User, known.created, known.arn.as_str())];
    if input.wants(&[Kind::AccessKey]) {
        let keys = look.find_all(ListAccessKeys { user: user.clone(), next: None }).await?.unwrap_or_default();
        items.extend(keys.into_iter().map(|key| {
            let item = Item::new(Kind::AccessKey, key.created, key.id.as_str());
            Item { key: Some(key.id), ..item }
        }));
    }
    if input.wants(&[Kind::Password])
        && let Some(created) = look.find(GetLoginProfile { user: user.clone() }).await?
    {
        items.push(Item::new(Kind::Password, created, format!("password of {user}")));
    }
    if input.wants(&[Kind::MfaDevice]) {
        let devices = look.find_all(ListMFADevices { user: user.clone(), next: None }).await?.unwrap_or_default();
        items.extend(devices.into_iter().map(|one| {
            let item = Item::new(Kind::MfaDevice, one.enabled, one.serial.as_str());
            Item { serial: Some(one.serial), ..item }
        }));
    }
    if input.wants(&[Kind::SshKey]) {
        let keys = look.find_all(ListSSHPublicKeys { user: user.clone(), next: None }).await?.unwrap_or_default();
        items.extend(keys.into_iter().map(|one| credential(Kind::SshKey, one)));
    }
    if input.wants(&[Kind::SigningCertificate]) {
        let all = look.find_all(ListSigningCertificates { user: user.clone(), next: None }).await?.unwrap_or_default();
        items.extend(all.into_iter().map(|one| credential(Kind::SigningCertificate, one)));
    }
    let whose = |item: Item| Item { principal: Some(known.arn.clone()), user: Some(user.clone()), ..item };
    Ok(items.into_iter().map(whose).collect())
}

fn credential(kind: Kind, known: Credential) -> Item {
    Item { credential: Some(known.id.clone()), ..Item::new(kind, known.created, known.id.as_str()) }
}

/// Whether a managed policy takes something away for quell, and can give nobody anything. Neither its name nor its path proves that:
/// what it says does, and for one that only bounds, that it is attached to nobody.
async fn is_deny_of_ours(look: &Look<'_>, own: &mut OwnPolicies, policy: &ManagedPolicy) -> Result<bool, LookError> {
    if !policy.path.starts_with(PATH) {
        return Ok(false);
    }
    Ok(match own.learn(look, policy).await? {
        Says::Denies => true,
        Says::Bounds => policy.attached == 0,
        Says::More => false,
    })
}

/// Managed policies of the account that are new, and new versions of older ones.
async fn of_policies(look: &Look<'_>, input: &Input) -> Result<Vec<Item>, LookError> {
    let mut items = Vec::new();
    let mut own = OwnPolicies::default();
    for policy in look.ask_all(ListPolicies { path: "/".to_owned(), next: None }).await? {
        if is_deny_of_ours(look, &mut own, &policy).await? {
            continue;
        }
        let about = |item: Item| Item { policy: PolicyRef::try_from(policy.arn.clone()).ok(), ..item };
        items.push(about(Item::new(Kind::Policy, policy.created, policy.arn.as_str())));
        // The first version is the policy itself.
        let was_changed = policy.default_version.as_str() != "v1" || policy.created < input.since;
        if !input.wants(&[Kind::PolicyVersion]) || !was_changed {
            continue;
        }
        let versions = look.find_all(ListPolicyVersions { policy: policy.arn.clone(), next: None }).await?;
        for version in versions.unwrap_or_default().into_iter().filter(|version| version.created > policy.created) {
            let id = format!("{} of {}", version.id, policy.arn);
            items.push(about(Item::new(Kind::PolicyVersion, version.created, id)));
        }
    }
    Ok(items)
}
