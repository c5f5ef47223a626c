//! May this principal do this?

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::AccountId;

use super::context::Context;
use super::decision::{Decision, Denial, PolicyKind, StatementRef};
use super::document::PolicyDocument;
use super::principal::Principal;
use super::principal_element::Naming;
use super::statement::{Statement, StatementEffect};
use super::truth::{Doubt, Truth};

/// A request to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The action, such as `bedrock:InvokeAgent`.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for actions that have none.
    pub resource: &'a str,
    /// The condition keys.
    pub context: &'a Context,
}

/// A policy and the name it is reported by.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPolicy {
    /// The name of an inline policy or the ARN of a managed one.
    pub name: String,
    /// The document; whoever judges many requests by it has it once.
    pub document: Arc<PolicyDocument>,
}

/// How a service uses the policies of its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourcePolicyKind {
    /// Within the account it grants beside the identity policies.
    Grants,
    /// It has to allow, even within the account: the trust policy of a role.
    Trust,
}

/// The policy of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourcePolicy {
    /// The policy.
    pub policy: NamedPolicy,
    /// The account that owns the resource.
    pub account: AccountId,
    /// How it is used.
    pub kind: ResourcePolicyKind,
}

/// All policies that have a say in a request. Without a resource policy the resource counts as the principal's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicySet {
    /// The policies of the user or role, inline, attached, and of the user's groups.
    pub identity: Vec<NamedPolicy>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<NamedPolicy>,
    /// The policies given when the session was made; what any of them allows passes.
    pub session: Vec<NamedPolicy>,
    /// The policy of the resource.
    pub resource: Option<ResourcePolicy>,
}

/// Judges a request.
///
/// An explicit Deny wins. Boundary and session policies intersect with what is granted. Within an account, the policy of
/// a resource grants as well; between accounts both sides have to. What hangs on something unknown is unknown, unless
/// the answer is the same either way.
pub fn evaluate(policies: &PolicySet, request: &Request<'_>) -> Decision {
    // AWS answers this one even under an explicit Deny.
    if request.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        return Decision::Allowed { by: None };
    }
    let resource_policy = policies.resource.as_ref();
    let denied = Found::any([
        find(&policies.identity, PolicyKind::Identity, StatementEffect::Deny, request),
        find(&policies.boundary, PolicyKind::Boundary, StatementEffect::Deny, request),
        find(&policies.session, PolicyKind::Session, StatementEffect::Deny, request),
        resource_policy
            .map_or(Found::nothing(), |resource| explicit_deny(&resource.policy, policies.boundary.is_some(), request)),
    ]);
    if let Some(statement) = denied.by {
        return Decision::Denied { by: Denial::Explicit(statement) };
    }
    let granted = granted(policies, request);
    match granted.truth {
        Truth::No => Decision::Denied { by: Denial::Implicit(granted.missing) },
        Truth::Yes if denied.truth == Truth::No => Decision::Allowed { by: granted.by },
        truth => Decision::Unknown { doubts: doubts_of([truth, denied.truth]) },
    }
}

/// What the policies grant, explicit denies aside.
struct Grant {
    truth: Truth,
    by: Option<StatementRef>,
    missing: PolicyKind,
}

fn granted(policies: &PolicySet, request: &Request<'_>) -> Grant {
    let allowed = |policies: &[NamedPolicy], kind| find(policies, kind, StatementEffect::Allow, request);
    let resource = policies.resource.as_ref();
    let named = |naming| resource.map_or(Found::nothing(), |resource| grant_as(&resource.policy, request, naming));
    let (itself, behind, by_account) = (named(Naming::Itself), named(Naming::Behind), named(Naming::Account));
    let Some(account) = request.principal.account() else {
        return Grant { truth: itself.truth, by: itself.by, missing: PolicyKind::Resource };
    };
    let is_root = matches!(request.principal, Principal::Root { .. });
    let is_federated = matches!(request.principal, Principal::FederatedUser { .. });
    let is_trust = resource.is_some_and(|resource| resource.kind == ResourcePolicyKind::Trust);

    let identity =
        if request.principal.is_of_root() { Found::yes() } else { allowed(&policies.identity, PolicyKind::Identity) };
    let boundary = match &policies.boundary {
        Some(boundary) => allowed(std::slice::from_ref(boundary), PolicyKind::Boundary).truth,
        None => Truth::Yes,
    };
    let session = match &policies.session[..] {
        // A federated user has only what the session policies pass on.
        [] => (!is_federated).into(),
        session => allowed(session, PolicyKind::Session).truth,
    };
    let limits = boundary.clone().and(session.clone());
    let own = identity.truth.clone().and(limits.clone());
    let named = Truth::any([itself.truth.clone(), behind.truth.clone(), by_account.truth.clone()]);
    let direct = itself.truth.or(behind.truth.and(limits));

    let same_account = resource.is_none_or(|resource| resource.account == account);
    let needs_naming = is_trust || !same_account;
    let missing = match (&identity.truth, &boundary, &session) {
        _ if needs_naming && (named == Truth::No || is_root) => PolicyKind::Resource,
        (Truth::No, ..) => PolicyKind::Identity,
        (_, Truth::No, _) => PolicyKind::Boundary,
        (.., Truth::No) => PolicyKind::Session,
        _ => PolicyKind::Identity,
    };
    let resource_decides = same_account && direct == Truth::Yes && (is_trust || own != Truth::Yes);
    let by = if resource_decides { itself.by.or(behind.by) } else { identity.by };
    let truth = match (same_account, is_trust) {
        // The root user cannot assume roles.
        (_, true) if is_root => Truth::No,
        (true, true) => direct.or(by_account.truth.and(own)),
        (true, false) => direct.or(own),
        (false, _) => own.and(named),
    };
    Grant { truth, by, missing }
}

/// Whether some statement matches, and the first that does.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) truth: Truth,
    pub(super) by: Option<StatementRef>,
}

impl Found {
    fn nothing() -> Self {
        Self { truth: Truth::No, by: None }
    }

    fn yes() -> Self {
        Self { truth: Truth::Yes, by: None }
    }

    pub(super) fn any(found: impl IntoIterator<Item = Self>) -> Self {
        found
            .into_iter()
            .fold(Self::nothing(), |sum, one| Self { truth: sum.truth.or(one.truth), by: sum.by.or(one.by) })
    }
}

/// The statements of policies that name no principal.
fn find<'a>(
    policies: impl IntoIterator<Item = &'a NamedPolicy>,
    kind: PolicyKind,
    effect: StatementEffect,
    request: &Request<'_>,
) -> Found {
    Found::any(policies.into_iter().map(|policy| {
        search(policy, kind, effect, request, |statement| {
            let misplaced = |there: bool, name: &str| match there {
                true => Truth::doubt(Doubt::Member(name.to_owned())),
                false => Truth::Yes,
            };
            misplaced(statement.principal().is_some(), "Principal")
                .and(misplaced(!statement.has_resource(), "Resource"))
        })
    }))
}

/// The Deny statements of a resource's policy. One with NotPrincipal hits everybody who has a permissions boundary,
/// listed or not.
pub(super) fn explicit_deny(policy: &NamedPolicy, has_boundary: bool, request: &Request<'_>) -> Found {
    search(policy, PolicyKind::Resource, StatementEffect::Deny, request, |statement| match statement.principal() {
        Some((element, false)) => element.names_at_all(request.principal),
        Some((_, true)) if has_boundary => Truth::Yes,
        Some((element, true)) => element.leaves_out(request.principal),
        None => Truth::doubt(Doubt::Member("Principal".to_owned())),
    })
}

/// The Allow statements of a resource's policy that name the principal in this way.
pub(super) fn grant_as(policy: &NamedPolicy, request: &Request<'_>, naming: Naming) -> Found {
    search(policy, PolicyKind::Resource, StatementEffect::Allow, request, |statement| match statement.principal() {
        Some((element, false)) => element.names(request.principal, naming),
        // AWS does not support an Allow with NotPrincipal.
        Some((_, true)) => Truth::doubt(Doubt::Member("NotPrincipal".to_owned())),
        None => Truth::doubt(Doubt::Member("Principal".to_owned())),
    })
}

fn search(
    policy: &NamedPolicy,
    kind: PolicyKind,
    effect: StatementEffect,
    request: &Request<'_>,
    means: impl Fn(&Statement) -> Truth,
) -> Found {
    let document = &policy.document;
    let strange = Truth::all(document.strange_members().map(|name| Truth::doubt(Doubt::Member(name.clone()))));
    let statements = document.statements().iter().enumerate().filter(|(_, statement)| statement.effect() == effect);
    Found::any(statements.map(|(index, statement)| {
        let Request { action, resource, context, .. } = *request;
        let matches = statement.matches(action, resource, context, document.has_variables());
        let truth = means(statement).and(matches).and(strange.clone());
        let by = (truth == Truth::Yes).then(|| StatementRef {
            kind,
            policy: policy.name.clone(),
            index,
            sid: statement.sid().map(str::to_owned),
        });
        Found { truth, by }
    }))
}

pub(super) fn doubts_of(truths: impl IntoIterator<Item = Truth>) -> BTreeSet<Doubt> {
    truths
        .into_iter()
        .flat_map(|truth| match truth {
            Truth::Unknown(doubts) => doubts,
            Truth::Yes | Truth::No => BTreeSet::new(),
        })
        .collect()
}
