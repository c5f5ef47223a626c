//! The Principal and NotPrincipal elements.

use serde_json::Value;

use super::error::PolicyError;
use super::principal::Principal;
use super::truth::{Doubt, Truth};

/// The kind of a principal in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Aws,
    Service,
    Federated,
    Strange(String),
}

/// Who is named by a Principal or NotPrincipal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PrincipalElement {
    /// `"*"`: everybody, AWS services and federated principals included.
    Everybody,
    Listed(Vec<Named>),
}

/// One name in the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    kind: Kind,
    name: String,
}

/// How a name means a principal. It decides what else has to allow a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// The principal itself, or everybody.
    Itself,
    /// The role or the user behind a session: boundary and session policies still limit what is granted.
    Behind,
    /// The whole account: it hands the decision to that account's identity policies.
    Account,
}

impl PrincipalElement {
    pub(super) fn read(element: &Value) -> Result<Self, PolicyError> {
        let bad = || PolicyError::malformed("`Principal` is neither `*` nor an object of names");
        let kinds = match element {
            Value::String(text) if text == "*" => return Ok(Self::Everybody),
            Value::Object(kinds) if !kinds.is_empty() => kinds,
            _ => return Err(bad()),
        };
        let mut listed = Vec::new();
        for (kind, names) in kinds {
            let kind = match kind.as_str() {
                "AWS" => Kind::Aws,
                "Service" => Kind::Service,
                "Federated" => Kind::Federated,
                other => Kind::Strange(other.to_owned()),
            };
            let names = match names {
                Value::Array(names) => names.as_slice(),
                name => std::slice::from_ref(name),
            };
            for name in names {
                let name = name.as_str().ok_or_else(bad)?.to_owned();
                listed.push(Named { kind: kind.clone(), name });
            }
        }
        Ok(Self::Listed(listed))
    }

    /// Whether the principal is named in this way.
    pub(super) fn names(&self, principal: &Principal, naming: Naming) -> Truth {
        match self {
            Self::Everybody => (naming == Naming::Itself).into(),
            Self::Listed(listed) => Truth::any(listed.iter().map(|named| named.means(principal, naming))),
        }
    }

    /// Whether the principal is named in any way.
    pub(super) fn names_at_all(&self, principal: &Principal) -> Truth {
        Truth::any([Naming::Itself, Naming::Behind, Naming::Account].map(|naming| self.names(principal, naming)))
    }

    /// Whether the principal is outside, for NotPrincipal.
    ///
    /// AWS wants the account, the role and the session to be listed, or else the exemption may not hold. Where only
    /// some are listed, the answer is open.
    pub(super) fn leaves_out(&self, principal: &Principal) -> Truth {
        let Some(account) = principal.account() else { return self.names_at_all(principal).not() };
        let mut needed = vec![self.names(principal, Naming::Account)];
        match principal {
            Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
                needed.extend([self.names(principal, Naming::Behind), self.names(principal, Naming::Itself)]);
            }
            Principal::Root { .. } => needed = vec![self.names(principal, Naming::Itself)],
            _ => needed.push(self.names(principal, Naming::Itself)),
        }
        if *self == Self::Everybody || needed.iter().all(|truth| *truth == Truth::Yes) {
            Truth::No
        } else if needed.iter().all(|truth| *truth == Truth::No) {
            Truth::Yes
        } else {
            Truth::doubt(Doubt::Principal(account.to_string()))
        }
    }
}

impl Named {
    fn means(&self, principal: &Principal, naming: Naming) -> Truth {
        let doubt = || Truth::doubt(Doubt::Principal(self.name.clone()));
        let itself = |yes: bool| Truth::from(yes && naming == Naming::Itself);
        match (&self.kind, principal) {
            (Kind::Strange(kind), _) => Truth::doubt(Doubt::Principal(kind.clone())),
            // Nothing says whether a `*` is taken here, and in an Allow it would open the role to the world.
            (Kind::Service, Principal::Service { .. }) if self.name == "*" => doubt(),
            (Kind::Service, Principal::Service { name }) => itself(self.name == *name),
            (Kind::Federated, Principal::Saml { .. } | Principal::WebIdentity { .. }) if self.name == "*" => doubt(),
            (Kind::Federated, Principal::Saml { provider }) => itself(self.name == provider.as_str()),
            (Kind::Federated, Principal::WebIdentity { provider }) => itself(self.name == *provider),
            // `{"AWS": "*"}` does not mean AWS services; about federated principals the documentation is silent.
            (Kind::Aws, Principal::Saml { .. } | Principal::WebIdentity { .. }) if self.name == "*" => doubt(),
            (Kind::Service | Kind::Federated, _) | (Kind::Aws, Principal::Service { .. }) => Truth::No,
            (Kind::Aws, _) if self.name == "*" => itself(true),
            (Kind::Aws, _) => (self.naming_of(principal) == Some(naming)).into(),
        }
    }

    /// How the name of an account, a user, a role or a session means the principal. Names have no wildcards.
    fn naming_of(&self, principal: &Principal) -> Option<Naming> {
        let name = self.name.as_str();
        let is_session = matches!(principal, Principal::RoleSession { .. } | Principal::FederatedUser { .. });
        if let Some((arn, id)) = principal.entity() {
            if principal.session_arn().as_deref() == Some(name) {
                return Some(Naming::Itself);
            }
            if name == arn.as_str() && !name.ends_with(":root") || id == Some(name) {
                return Some(if is_session { Naming::Behind } else { Naming::Itself });
            }
        }
        let account = principal.account()?;
        let partition = match principal {
            Principal::Root { partition, .. } => *partition,
            other => other.entity()?.0.partition(),
        };
        if name != account.as_str() && name != format!("arn:{partition}:iam::{account}:root") {
            return None;
        }
        Some(if matches!(principal, Principal::Root { .. }) { Naming::Itself } else { Naming::Account })
    }
}
