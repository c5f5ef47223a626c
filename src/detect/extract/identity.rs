//! Who is behind an event: somebody, or a service that acted for somebody else.

use super::forms::{is_host, is_unique_id};
use super::reader::Reader;
use crate::base::{Arn, Partition, PrincipalKind};
use crate::detect::Fact;
use crate::detect::unwrap::short;

/// The kinds of principal that a finding can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Role,
    Root,
    Federated,
}

impl Kind {
    /// By the word of a finding, else by the form of the id.
    pub(super) fn of(word: Option<&str>, id: Option<&str>) -> Option<Self> {
        match word {
            Some("IAMUser") => return Some(Self::User),
            Some("Role" | "AssumedRole") => return Some(Self::Role),
            Some("Root") => return Some(Self::Root),
            Some("FederatedUser") => return Some(Self::Federated),
            Some("AWSAccount" | "AWSService" | "Directory" | "IdentityCenterUser" | "SAMLUser" | "WebIdentityUser") => {
                return None;
            }
            _ => {}
        }
        let id = unique(id?);
        match is_unique_id(id) {
            true if id.starts_with("AIDA") => Some(Self::User),
            true if id.starts_with("AROA") => Some(Self::Role),
            _ => None,
        }
    }
}

/// The id of a principal, without the name of the session.
pub(super) fn unique(id: &str) -> &str {
    id.split(':').next().unwrap_or(id)
}

/// A role that somebody or something acts with.
pub(super) struct Acting<'e> {
    /// Its ARN.
    pub(super) arn: &'e str,
    /// Where that stands.
    pub(super) at: &'e str,
    /// What AWS says of a service that made the call.
    pub(super) by: Option<&'e str>,
    /// The ARN of its session, and where that stands.
    pub(super) session: Option<(&'e str, &'e str)>,
    /// The immutable id of the role, and where that stands.
    pub(super) id: Option<(&'e str, &'e str)>,
}

/// Says a role as whoever acted, or as that of a service, and tells whether somebody acted.
///
/// Where a service acts for somebody, CloudTrail shows a session of the service's role: taking that role away stops the service for
/// everybody, and the somebody goes on by another way. The role of an agent, a knowledge base or a function therefore is no principal,
/// and neither its session nor its id is said: each would lead to the role.
pub(super) fn role(reader: &mut Reader<'_>, acting: &Acting<'_>) -> bool {
    if let Some(why) = service_of(acting) {
        reader.ours(Fact::ServiceRole, acting.arn, acting.at);
        let why = format!("{why}: whoever asked the service is not in the event");
        let unsaid = [Fact::Principal, Fact::Role, Fact::Session, Fact::PrincipalId, Fact::AccessKey];
        unsaid.into_iter().for_each(|fact| reader.miss(fact, why.clone()));
        return false;
    }
    if reader.ours(Fact::Principal, acting.arn, acting.at) {
        reader.ours(Fact::Role, acting.arn, acting.at);
        if let Some((id, at)) = acting.id {
            reader.value(Fact::PrincipalId, unique(id), at);
        }
        if let Some((session, at)) = acting.session {
            reader.ours(Fact::Session, session, at);
        }
    }
    true
}

/// Says a user or the root user as whoever acted: services have neither, so that somebody always did.
pub(super) fn lasting(reader: &mut Reader<'_>, fact: Fact, (arn, at): (&str, &str), id: Option<(&str, &str)>) -> bool {
    if reader.ours(fact, arn, at) {
        reader.ours(Fact::Principal, arn, at);
        if let Some((id, at)) = id {
            reader.value(Fact::PrincipalId, unique(id), at);
        }
    } else {
        reader.miss(Fact::Principal, format!("`{at}` names nobody of the event's account"));
    }
    true
}

/// Why a role is that of a service, as far as anybody can tell by the event. The name of a session says nothing: whoever starts it
/// chooses it.
fn service_of(acting: &Acting<'_>) -> Option<String> {
    // The console calls as whoever has signed in.
    let by = acting.by.filter(|by| *by != "signin.amazonaws.com" && *by != "signin.amazonaws.com.cn");
    if let Some(by) = by.filter(|by| is_host(by) || *by == "AWS Internal") {
        return Some(format!("`{}` called with a session of the role", short(by)));
    }
    let Some(PrincipalKind::Role { name, path }) = acting.arn.parse::<Arn>().ok()?.principal() else { return None };
    let by_path = ["/service-role/", "/aws-service-role/"].into_iter().find(|known| path.starts_with(known));
    let by_name =
        ["AmazonBedrockExecutionRoleFor", "AWSServiceRoleFor"].into_iter().find(|known| name.starts_with(known));
    match (by_path, by_name) {
        (Some(path), _) => Some(format!("the role is one of a service, by its path `{path}`")),
        (None, Some(start)) => Some(format!("the role is one of a service, by its name `{start}…`")),
        (None, None) => None,
    }
}

/// Whoever a finding names by a name only.
pub(super) struct Named<'e> {
    pub(super) kind: Option<&'e str>,
    pub(super) name: Option<&'e str>,
    pub(super) id: Option<&'e str>,
    /// The path to the object that has these.
    pub(super) at: String,
    /// The members of the name and the id.
    pub(super) members: [&'static str; 2],
    pub(super) partition: Option<Partition>,
}

/// Says whom a finding names, and tells whether somebody acted. The ARN has no path, since the finding has none.
pub(super) fn named(reader: &mut Reader<'_>, who: &Named<'_>) -> bool {
    let (Some(account), Some(partition)) = (reader.account().map(str::to_owned), who.partition) else {
        reader.miss(Fact::Principal, "the account or the partition that it happened in is not known");
        return true;
    };
    let [at, id_at] = who.members.map(|member| format!("{}.{member}", who.at));
    let arn = |what: &str| format!("arn:{partition}:iam::{account}:{what}");
    let id = who.id.map(|id| (id, id_at.as_str()));
    match (Kind::of(who.kind, who.id), who.name) {
        (Some(Kind::Root), _) => return lasting(reader, Fact::Root, (&arn("root"), &who.at), id),
        (Some(Kind::User), Some(name)) if is_name(name) => {
            reader.by_name();
            return lasting(reader, Fact::User, (&arn(&format!("user/{name}")), &at), id);
        }
        (Some(Kind::Role), Some(name)) if is_name(name) => {
            reader.by_name();
            let session = who
                .id
                .and_then(|id| id.split_once(':'))
                .map(|(_, session)| format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"));
            let session = session.as_deref().map(|session| (session, id_at.as_str()));
            let arn = arn(&format!("role/{name}"));
            return role(reader, &Acting { arn: &arn, at: &at, by: None, session, id });
        }
        (Some(Kind::Federated), _) => {
            reader
                .miss(Fact::Principal, "it was a federated user, and the finding does not name the user who let it in");
        }
        (Some(_), Some(name)) => reader.miss(Fact::Principal, format!("`{at}` is `{}`, which is no name", short(name))),
        (Some(_), None) => reader.miss(Fact::Principal, format!("`{at}` is missing")),
        (None, _) => {
            let kind = who.kind.map_or("nothing that says what".to_owned(), |kind| format!("`{}`", short(kind)));
            reader
                .miss(Fact::Principal, format!("`{}` is {kind}, and neither a user, a role nor the root user", who.at));
        }
    }
    true
}

fn is_name(name: &str) -> bool {
    crate::base::RoleName::new(name).is_ok()
}

/// Says an access key, and whether it is a user's.
pub(super) fn access_key(reader: &mut Reader<'_>, id: &str, at: &str) {
    reader.value(Fact::AccessKey, id, at);
    if id.starts_with("AKIA") {
        reader.value(Fact::UserAccessKey, id, at);
    }
}
