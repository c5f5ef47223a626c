//! Amazon Resource Names as values.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountId, Partition};

/// Why a text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an ARN: {why}")]
pub struct ArnError {
    /// The text as it was given.
    pub text: String,
    /// The reason, as a fragment.
    pub why: &'static str,
}

/// An ARN: `arn:partition:service:region:account:resource`. Wildcards, policy variables and control characters are
/// refused, since an ARN here names one thing and may become part of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: String,
    partition: Partition,
}

/// What kind of IAM principal an ARN names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `arn:…:iam::ACCOUNT:role/path/name`.
    Role {
        /// The name without its path.
        name: String,
        /// The path, starting and ending with `/`.
        path: String,
    },
    /// `arn:…:iam::ACCOUNT:user/path/name`.
    User {
        /// The name without its path.
        name: String,
        /// The path, starting and ending with `/`.
        path: String,
    },
    /// `arn:…:sts::ACCOUNT:assumed-role/role-name/session-name`.
    AssumedRole {
        /// The role's name; its path is not part of a session's ARN.
        role: String,
        /// The session's name, chosen by whoever assumed the role.
        session: String,
    },
    /// `arn:…:sts::ACCOUNT:federated-user/name`.
    FederatedUser {
        /// The name given to GetFederationToken.
        name: String,
    },
    /// `arn:…:iam::ACCOUNT:root`.
    Root,
}

impl Arn {
    fn part(&self, index: usize) -> &str {
        self.text.splitn(6, ':').nth(index).unwrap_or("")
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service's namespace, such as `iam`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The Region, or nothing where the service is global.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account, if the ARN names one.
    pub fn account(&self) -> Option<AccountId> {
        AccountId::new(self.part(4)).ok()
    }

    /// Everything after the account.
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Which IAM principal this is, if it is one.
    pub fn principal(&self) -> Option<PrincipalKind> {
        let resource = self.resource();
        let named = |rest: &str| {
            let cut = rest.rfind('/').map_or(0, |at| at + 1);
            (rest[cut..].to_owned(), format!("/{}", &rest[..cut]))
        };
        match (self.service(), resource.split_once('/')) {
            ("iam", None) if resource == "root" => Some(PrincipalKind::Root),
            ("iam", Some(("role", rest))) if !rest.is_empty() => {
                let (name, path) = named(rest);
                Some(PrincipalKind::Role { name, path })
            }
            ("iam", Some(("user", rest))) if !rest.is_empty() => {
                let (name, path) = named(rest);
                Some(PrincipalKind::User { name, path })
            }
            ("sts", Some(("assumed-role", rest))) => rest.split_once('/').map(|(role, session)| {
                PrincipalKind::AssumedRole { role: role.to_owned(), session: session.to_owned() }
            }),
            ("sts", Some(("federated-user", name))) => Some(PrincipalKind::FederatedUser { name: name.to_owned() }),
            _ => None,
        }
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let bad = |why| ArnError { text: text.to_owned(), why };
        if text.len() > 2048 {
            return Err(bad("it is longer than 2,048 characters"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad("it holds white space or control characters"));
        }
        if text.contains(['*', '?']) || text.contains("${") {
            return Err(bad("it holds a wildcard or a policy variable"));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [head, partition, service, _, account, resource] = parts[..] else {
            return Err(bad("it does not have six parts"));
        };
        if head != "arn" {
            return Err(bad("it does not start with `arn:`"));
        }
        let partition = partition.parse().map_err(|_| bad("its partition is none of aws, aws-cn and aws-us-gov"))?;
        if service.is_empty() || resource.is_empty() {
            return Err(bad("its service or its resource is empty"));
        }
        if !account.is_empty() && account != "aws" && AccountId::new(account).is_err() {
            return Err(bad("its account is not twelve digits"));
        }
        Ok(Self { text: text.to_owned(), partition })
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;
    fn try_from(text: String) -> Result<Self, ArnError> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.text
    }
}

impl schemars::JsonSchema for Arn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Arn".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "iam_arn" })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_told_apart() {
        let role: Arn = "arn:aws:iam::111122223333:role/service/web-task".parse().expect("an ARN");
        assert_eq!(role.principal(), Some(PrincipalKind::Role { name: "web-task".into(), path: "/service/".into() }));
        let session: Arn = "arn:aws:sts::111122223333:assumed-role/web-task/a41f".parse().expect("an ARN");
        assert_eq!(
            session.principal(),
            Some(PrincipalKind::AssumedRole { role: "web-task".into(), session: "a41f".into() })
        );
        assert_eq!(session.account().map(String::from), Some("111122223333".into()));
    }

    #[test]
    fn what_could_widen_a_policy_is_refused() {
        for text in [
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:role/${aws:username}",
            "arn:aws:iam::1:role/x",
            "x",
        ] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
