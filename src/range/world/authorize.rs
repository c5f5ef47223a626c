//! Whether a caller may do a thing.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::base::{AccountId, Arn, PrincipalKind};
use crate::iam::{
    Context, Decision, Denial, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Principal as IamPrincipal, Request,
    ResourcePolicy, ResourcePolicyKind, evaluate,
};
use crate::range::model::{Account, Caller, Permissions, Principal, Replica, Role, User};

use super::identify::{FOREIGN_ID, standing};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Caller,
    /// The IAM action, such as `bedrock:InvokeAgent`.
    pub(crate) action: &'a str,
    /// The ARN it is for, or `*`.
    pub(crate) resource: &'a str,
    /// The Region of the request.
    pub(crate) region: &'a str,
    pub(crate) source_ip: Option<IpAddr>,
    pub(crate) at: Timestamp,
}

impl Question<'_> {
    /// The condition keys of the request.
    fn context(&self, principal: &IamPrincipal) -> Context {
        let context = principal.context(self.at, self.source_ip).with("aws:RequestedRegion", self.region);
        match &self.caller.source_identity {
            Some(identity) => context.with("aws:SourceIdentity", identity),
            None => context,
        }
    }
}

/// What is asked when a role is assumed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedFor<'a> {
    /// The IAM action: `sts:AssumeRole`, or what goes with it.
    pub(crate) action: &'a str,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) source_identity: Option<&'a str>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Allowed,
    /// It may not; the end of AWS's sentence, which says why.
    Denied(String),
    /// It hangs on something that the range does not know. Requests are refused then, and the judge counts it as
    /// allowed, so that ignorance never looks like containment.
    Unknown(String),
}

/// Which state of IAM is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View {
    /// The one that requests are authorised by.
    Enforced,
    /// The one that a reader sees.
    Seen(Replica),
}

/// Decides by the policies of an account; remembers documents that it has read.
#[derive(Debug, Default)]
pub(crate) struct Authorizer {
    read: BTreeMap<String, Option<Arc<PolicyDocument>>>,
    /// Dates in documents that were read since they were last asked for.
    dates: Vec<Timestamp>,
}

impl Authorizer {
    /// Whether the caller may.
    pub(crate) fn decide(&mut self, account: &Account, question: Question<'_>) -> Verdict {
        let Question { caller, at, .. } = question;
        if standing(account, caller, at).is_err() {
            return Verdict::Denied("because the credentials do not work".to_owned());
        }
        let Some(principal) = iam_principal(account, caller, at) else {
            return Verdict::Denied("because the principal does not exist".to_owned());
        };
        let policies = self.policies(account, caller, at, View::Enforced);
        let context = question.context(&principal);
        let request =
            Request { principal: &principal, action: question.action, resource: question.resource, context: &context };
        verdict(evaluate(&policies, &request), question.action)
    }

    /// Whether the call is refused to the caller whatever its policies allow: the credentials do not work, or a policy denies it.
    pub(crate) fn refuses(&mut self, account: &Account, question: Question<'_>) -> bool {
        let Question { caller, at, action, resource, .. } = question;
        let works = standing(account, caller, at).is_ok();
        let (Some(principal), true) = (iam_principal(account, caller, at), works) else { return true };
        let policies = self.policies(account, caller, at, View::Enforced);
        let context = question.context(&principal);
        let decision = evaluate(&policies, &Request { principal: &principal, action, resource, context: &context });
        matches!(decision, Decision::Denied { by: Denial::Explicit(_) })
    }

    /// Whether the caller may assume a role.
    pub(crate) fn may_assume(
        &mut self,
        account: &Account,
        caller: &Caller,
        role: &Role,
        external_id: Option<&str>,
        at: Timestamp,
    ) -> Verdict {
        let asked = AskedFor { action: "sts:AssumeRole", external_id, source_identity: None };
        self.may_take_on(account, caller, role, asked, at)
    }

    /// Whether the caller may do a thing that goes with assuming a role: the trust policy must say so, and the caller's own policies too
    /// unless the trust policy names the caller. The policies of other accounts are taken to allow it.
    pub(crate) fn may_take_on(
        &mut self,
        account: &Account,
        caller: &Caller,
        role: &Role,
        asked: AskedFor<'_>,
        at: Timestamp,
    ) -> Verdict {
        let foreign = matches!(caller.principal, Principal::Foreign { .. });
        let known = standing(account, caller, at).is_ok();
        let (Some(principal), true) = (iam_principal(account, caller, at), known) else {
            return Verdict::Denied("because the credentials do not work".to_owned());
        };
        let (Ok(owner), Some(trust)) = (AccountId::new(&account.id), self.named(&account.role_arn(role), &role.trust))
        else {
            return Verdict::Unknown("the trust policy cannot be read".to_owned());
        };
        let mut policies = self.policies(account, caller, at, View::Enforced);
        if foreign {
            const ALL: &str =
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            policies.identity.extend(self.named("its own account", ALL));
        }
        policies.resource = Some(ResourcePolicy { policy: trust, account: owner, kind: ResourcePolicyKind::Trust });
        let mut context = principal.context(at, None);
        if let Some(id) = asked.external_id {
            context = context.with("sts:ExternalId", id);
        }
        if let Some(identity) = asked.source_identity {
            context = context.with("sts:SourceIdentity", identity);
        }
        let arn = account.role_arn(role);
        let request = Request { principal: &principal, action: asked.action, resource: &arn, context: &context };
        verdict(evaluate(&policies, &request), asked.action)
    }

    /// What a principal's own policies say to a request in a context that is given, as IAM's simulator does.
    pub(crate) fn simulate(
        &mut self,
        account: &Account,
        caller: &Caller,
        extra: &[String],
        view: View,
        asked: (&str, &str, &Context),
        at: Timestamp,
    ) -> Option<Decision> {
        let principal = iam_principal(account, caller, at)?;
        let mut policies = self.policies(account, caller, at, view);
        for (index, document) in extra.iter().enumerate() {
            policies.identity.extend(self.named(&format!("PolicyInputList.{}", index + 1), document));
        }
        let (action, resource, context) = asked;
        Some(evaluate(&policies, &Request { principal: &principal, action, resource, context }))
    }

    /// The policies that have a say in what a caller does.
    fn policies(&mut self, account: &Account, caller: &Caller, at: Timestamp, view: View) -> PolicySet {
        let mut set = PolicySet::default();
        match &caller.principal {
            Principal::Role { role, .. } => {
                let role = match view {
                    View::Enforced => account.roles.enforced(role, at),
                    View::Seen(replica) => account.roles.seen(role, at, replica),
                };
                if let Some(role) = role {
                    self.add(&mut set, account, &role.permissions, at, view);
                }
            }
            Principal::User { name } | Principal::Federated { user: name, .. } => {
                if let Some(user) = user(account, name, at, view) {
                    self.add(&mut set, account, &user.permissions, at, view);
                    for group in &user.groups {
                        if let Some(group) = account.groups.latest(group) {
                            let held = Permissions { boundary: None, ..group.permissions.clone() };
                            self.add(&mut set, account, &held, at, view);
                        }
                    }
                }
            }
            Principal::Foreign { .. } | Principal::Service { .. } => {}
        }
        set.session = caller.policies.iter().filter_map(|document| self.named("session", document)).collect();
        set
    }

    fn add(&mut self, set: &mut PolicySet, account: &Account, held: &Permissions, at: Timestamp, view: View) {
        let managed = |arn: &String| match view {
            View::Enforced => account.policies.enforced(arn, at),
            View::Seen(replica) => account.policies.seen(arn, at, replica),
        };
        for (name, document) in &held.inline {
            set.identity.extend(self.named(name, document));
        }
        for arn in &held.attached {
            if let Some(policy) = managed(arn) {
                set.identity.extend(self.named(arn, policy.document()));
            }
        }
        if let Some(arn) = &held.boundary {
            set.boundary = managed(arn).and_then(|policy| self.named(arn, policy.document()));
        }
    }

    /// The dates of which policies speak that were read since the last time.
    pub(crate) fn take_dates(&mut self) -> Vec<Timestamp> {
        std::mem::take(&mut self.dates)
    }

    fn named(&mut self, name: &str, document: &str) -> Option<NamedPolicy> {
        if !self.read.contains_key(document) {
            if let Ok(value) = serde_json::from_str(document) {
                dates_in(&value, &mut self.dates);
            }
            self.read.insert(document.to_owned(), PolicyDocument::parse(document).ok().map(Arc::new));
        }
        let document = self.read.get(document)?.clone()?;
        Some(NamedPolicy { name: name.to_owned(), document })
    }
}

fn dates_in(value: &Value, dates: &mut Vec<Timestamp>) {
    match value {
        Value::String(text) => dates.extend(text.parse::<Timestamp>().ok()),
        Value::Array(items) => items.iter().for_each(|item| dates_in(item, dates)),
        Value::Object(members) => members.values().for_each(|value| dates_in(value, dates)),
        _ => {}
    }
}

fn user<'a>(account: &'a Account, name: &str, at: Timestamp, view: View) -> Option<&'a User> {
    match view {
        View::Enforced => account.users.enforced(name, at),
        View::Seen(replica) => account.users.seen(name, at, replica),
    }
}

/// The caller as the policy evaluator knows principals.
fn iam_principal(account: &Account, caller: &Caller, at: Timestamp) -> Option<IamPrincipal> {
    let issued = caller.issued.unwrap_or(at);
    Some(match &caller.principal {
        Principal::User { name } => {
            let user = account.users.latest(name).or_else(|| account.users.enforced(name, at))?;
            let (arn, id) = (account.user_arn(user).parse().ok()?, user.id.clone());
            match caller.issued {
                None => IamPrincipal::User { arn, id },
                Some(issued) => IamPrincipal::UserSession { arn, id, issued, mfa: false },
            }
        }
        Principal::Federated { user, name } => {
            let user = account.users.latest(user).or_else(|| account.users.enforced(user, at))?;
            IamPrincipal::FederatedUser { issuer: account.user_arn(user).parse().ok()?, name: name.clone(), issued }
        }
        Principal::Role { role, id, session } => {
            let role = account.roles.latest(role).or_else(|| account.roles.enforced(role, at))?;
            role_session(account.role_arn(role).parse().ok()?, id, session, issued)
        }
        Principal::Foreign { arn, .. } => {
            let arn: Arn = arn.parse().ok()?;
            match arn.principal()? {
                PrincipalKind::User { .. } => IamPrincipal::User { arn, id: FOREIGN_ID.to_owned() },
                PrincipalKind::Role { .. } => role_session(arn, FOREIGN_ID, "foreign", issued),
                _ => return None,
            }
        }
        Principal::Service { name } => IamPrincipal::Service { name: name.clone() },
    })
}

fn role_session(role: Arn, id: &str, session: &str, issued: Timestamp) -> IamPrincipal {
    let (id, session) = (id.to_owned(), session.to_owned());
    IamPrincipal::RoleSession { role, id, session, issued, mfa: false, identity_store_user: None }
}

fn verdict(decision: Decision, action: &str) -> Verdict {
    // FACT access-denied-text
    match decision {
        Decision::Allowed { .. } => Verdict::Allowed,
        Decision::Denied { by: Denial::Explicit(by) } => {
            let article = if by.kind == PolicyKind::Identity { "an" } else { "a" };
            Verdict::Denied(format!("with an explicit deny in {article} {}", words(by.kind)))
        }
        Decision::Denied { by: Denial::Implicit(kind) } => {
            Verdict::Denied(format!("because no {} allows the {action} action", words(kind)))
        }
        // FACT unknown-refused
        Decision::Unknown { doubts } => Verdict::Unknown(format!("the range cannot decide it: {doubts:?}")),
    }
}

/// The kind of a policy as AWS's messages name it.
fn words(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "identity-based policy",
        PolicyKind::Boundary => "permissions boundary",
        PolicyKind::Session => "session policy",
        PolicyKind::Resource => "resource-based policy",
    }
}
