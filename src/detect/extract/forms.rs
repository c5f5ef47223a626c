//! The form that the values of each fact have.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{
    AccessKeyId, AccountId, AgentId, Arn, CredentialId, DataSourceId, GuardrailId, KnowledgeBaseId, PrincipalKind, QId,
    Region, RoleName, SessionName, UserName,
};
use crate::detect::Fact;

/// The value of a fact that a text is.
///
/// # Errors
/// What was wanted, with its article.
pub(super) fn form(fact: Fact, text: &str) -> Result<String, &'static str> {
    let same = |fits: bool, wanted| if fits { Ok(text.to_owned()) } else { Err(wanted) };
    match fact {
        Fact::Account => id(AccountId::new(text)),
        Fact::Region => id(Region::new(text)),
        Fact::Time | Fact::FirstSeen => {
            text.parse::<Timestamp>().map(|time| time.to_string()).map_err(|_| "a time as RFC 3339 has it")
        }
        Fact::Principal => same(
            is_principal(text, |kind| role_name(kind) || user_name(kind) || matches!(kind, PrincipalKind::Root)),
            "the ARN of a role, a user or the root user",
        ),
        Fact::Role | Fact::ServiceRole => same(is_principal(text, role_name), "the ARN of a role"),
        Fact::User => same(is_principal(text, user_name), "the ARN of a user"),
        Fact::Root => same(is_principal(text, |kind| matches!(kind, PrincipalKind::Root)), "the ARN of the root user"),
        Fact::Session => same(is_principal(text, session), "the ARN of a role's session"),
        Fact::PrincipalId => same(is_unique_id(text) || AccountId::new(text).is_ok(), "the unique id of a principal"),
        Fact::AccessKey => id(AccessKeyId::new(text)),
        Fact::UserAccessKey => {
            same(text.starts_with("AKIA") && AccessKeyId::new(text).is_ok(), "the access key id of a user")
        }
        Fact::Credential => id(CredentialId::new(text)),
        Fact::WithApiKey => same(text == "true", "`true`"),
        Fact::SourceAddress => same(text.parse::<IpAddr>().is_ok(), "an IP address"),
        Fact::Agent => id(AgentId::new(text)),
        Fact::KnowledgeBase => id(KnowledgeBaseId::new(text)),
        Fact::DataSource => id(DataSourceId::new(text)),
        Fact::Application | Fact::QDataSource => id(QId::new(text)),
        Fact::Guardrail => id(GuardrailId::new(text)),
        Fact::Model => same(is_plain(text, 2048, b"-_.:/"), "the id or the ARN of a model"),
        Fact::FindingId => same(is_plain(text, 1024, b"-_.:/+=@#|,"), "the id of a finding"),
        Fact::FindingType => same(is_phrase(text), "the type of a finding"),
        Fact::Detector => same(is_plain(text, 300, b"-"), "the id of a detector"),
        Fact::Severity => same(is_plain(text, 32, b".+-"), "a severity"),
        Fact::EventName => same(is_plain(text, 128, b"_"), "the name of an API"),
        Fact::EventSource => same(is_host(text), "the host name of a service of AWS"),
        Fact::RecordId => same(is_plain(text, 128, b"-"), "the id of a record"),
    }
}

fn id<I: Into<String>>(read: Result<I, crate::base::BadId>) -> Result<String, &'static str> {
    read.map(I::into).map_err(|bad| bad.wanted)
}

fn is_principal(text: &str, fits: impl Fn(&PrincipalKind) -> bool) -> bool {
    let named = text.parse::<Arn>().ok().filter(|arn| arn.account().is_some() && arn.region().is_empty());
    named.and_then(|arn| arn.principal()).is_some_and(|kind| fits(&kind))
}

fn role_name(kind: &PrincipalKind) -> bool {
    matches!(kind, PrincipalKind::Role { name, path } if RoleName::new(name.as_str()).is_ok() && is_path(path))
}

fn user_name(kind: &PrincipalKind) -> bool {
    matches!(kind, PrincipalKind::User { name, path } if UserName::new(name.as_str()).is_ok() && is_path(path))
}

fn session(kind: &PrincipalKind) -> bool {
    matches!(kind, PrincipalKind::AssumedRole { role, session }
        if RoleName::new(role.as_str()).is_ok() && SessionName::new(session.as_str()).is_ok())
}

/// A path as IAM takes them: printable ASCII, of which the ARN has refused wildcards and spaces.
fn is_path(path: &str) -> bool {
    path.len() <= 512 && path.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether it is a unique id of IAM, such as `AROA…` or `AIDA…`.
pub(super) fn is_unique_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && text.starts_with('A')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_plain(text: &str, longest: usize, others: &[u8]) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}

/// Types of ASFF have spaces between words.
fn is_phrase(text: &str) -> bool {
    let trimmed = text.trim() == text;
    trimmed && is_plain(text, 256, b"-_.:/&,()+ ")
}

/// Whether it is the host name of a service of AWS.
pub(super) fn is_host(text: &str) -> bool {
    let name = text.strip_suffix(".amazonaws.com").or_else(|| text.strip_suffix(".amazonaws.com.cn"));
    name.is_some_and(|name| is_plain(name, 128, b"-.") && name == name.to_ascii_lowercase())
}
