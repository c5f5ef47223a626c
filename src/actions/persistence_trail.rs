//! What only CloudTrail knows of the ways to come back into an account.

use futures_util::future::join_all;
use serde_json::Value;

use super::held_policy::is_deny_of_aws;
use super::iam_lock_trust::sid;
use super::iam_persistence::{Input, Item, Kind};
use super::own_policies::OwnPolicies;
use super::trail_events::trail_events;
use super::{Assignment, Look, LookError, PolicyRef};
use crate::aws::{EventBy, LookupEvents, TrailEvent, TrailIdentity};
use crate::base::{AccessKeyId, Arn, CredentialId, PrincipalKind, Region, RoleName, UserName};
use crate::iam::{Locked, PolicyDocument, trust_lock};

/// The operations after which somebody can come back, and of which IAM keeps no date.
const TELLING: &[(&str, Kind)] = &[
    ("UpdateAssumeRolePolicy", Kind::Trust),
    ("AddUserToGroup", Kind::GroupMember),
    ("DeleteRolePermissionsBoundary", Kind::Boundary),
    ("DeleteUserPermissionsBoundary", Kind::Boundary),
    ("PutRolePermissionsBoundary", Kind::Boundary),
    ("PutUserPermissionsBoundary", Kind::Boundary),
    ("AttachGroupPolicy", Kind::Grant),
    ("AttachRolePolicy", Kind::Grant),
    ("AttachUserPolicy", Kind::Grant),
    ("PutGroupPolicy", Kind::Grant),
    ("PutRolePolicy", Kind::Grant),
    ("PutUserPolicy", Kind::Grant),
    ("SetDefaultPolicyVersion", Kind::DefaultVersion),
    ("UpdateAccessKey", Kind::ActivatedKey),
    ("ChangePassword", Kind::ChangedPassword),
    ("UpdateLoginProfile", Kind::ChangedPassword),
    ("ResetServiceSpecificCredential", Kind::ServiceCredential),
    ("UpdateServiceSpecificCredential", Kind::ServiceCredential),
    ("UpdateSSHPublicKey", Kind::SshKey),
    ("UpdateSigningCertificate", Kind::SigningCertificate),
    ("AddClientIDToOpenIDConnectProvider", Kind::IdentityProvider),
    ("UpdateOpenIDConnectProviderThumbprint", Kind::IdentityProvider),
    ("UpdateSAMLProvider", Kind::IdentityProvider),
];

/// The kinds of which only CloudTrail knows all.
pub(super) const KINDS: &[Kind] = &[
    Kind::ActivatedKey,
    Kind::Boundary,
    Kind::ChangedPassword,
    Kind::DefaultVersion,
    Kind::Grant,
    Kind::GroupMember,
    Kind::IdentityProvider,
    Kind::ServiceCredential,
    Kind::SigningCertificate,
    Kind::SshKey,
    Kind::Trust,
];

/// The kinds by which somebody comes to act as somebody else.
const LEADING_ON: &[Kind] = &[Kind::ActivatedKey, Kind::ChangedPassword, Kind::Trust];

/// What CloudTrail told.
#[derive(Debug, Default)]
pub(super) struct TrailTold {
    /// What was found.
    pub(super) items: Vec<Item>,
    /// Why that may not be all, if so.
    pub(super) truncated: Option<String>,
    /// Why what leads on could not be read, where nobody asked for it itself.
    pub(super) not_read: Option<String>,
}

/// Looks each of them up, in the Region in which IAM's events are.
pub(super) async fn told_by_trail(to: &Assignment, look: &Look<'_>, input: &Input) -> Result<TrailTold, LookError> {
    let global = to.place.partition.global_region();
    let region = Region::new(global).map_err(|error| LookError::Nonsense(error.to_string()))?;
    // Who has come by somebody else's credentials may have done more with them.
    let leads_on = |kind: &Kind| !input.created_by.is_empty() && LEADING_ON.contains(kind);
    let wanted = TELLING.iter().filter(|(_, kind)| input.wants(&[*kind]) || leads_on(kind));
    let asks = wanted.map(|(name, kind)| {
        let by = Some(EventBy::Name((*name).to_owned()));
        let ask = LookupEvents { region: region.clone(), by, from: Some(input.since), to: None, next: None };
        async move { (*kind, trail_events(look, ask).await) }
    });
    let all = join_all(asks).await;
    // Asked for where somebody may have got one of these alone.
    let found = all.iter().filter_map(|(_, found)| found.as_ref().ok());
    let own = match found.flat_map(|found| &found.events).any(names_own_policy) {
        true => OwnPolicies::read(look).await?,
        false => OwnPolicies::default(),
    };
    let mut told = TrailTold::default();
    for (kind, found) in all {
        let found = match found {
            Ok(found) => found,
            Err(error) if input.wants(&[kind]) => return Err(error),
            Err(error) => {
                told.not_read = Some(unread(&error));
                continue;
            }
        };
        told.truncated = told.truncated.or(found.truncated);
        let done = found.events.iter().filter(|event| event.error_code.is_none());
        let by_others = done.filter(|event| !input.but_by.iter().any(|actor| actor.is(&event.who)));
        let mut events: Vec<&TrailEvent> = by_others.collect();
        events.sort_by_key(|event| event.time);
        told.items.extend(events.iter().enumerate().filter_map(|(at, event)| {
            let before = events[..at].iter().rev().find(|one| one.request["roleName"] == event.request["roleName"]);
            item(to, &own, kind, event, before.copied())
        }));
    }
    Ok(told)
}

/// Why CloudTrail could not be read, in a word.
pub(super) fn unread(error: &LookError) -> String {
    error.fault().map_or_else(|| error.to_string(), |fault| fault.code.clone())
}

/// What an event tells; nothing where it takes a way back away, as switching a key off does.
fn item(
    to: &Assignment,
    own: &OwnPolicies,
    kind: Kind,
    event: &TrailEvent,
    before: Option<&TrailEvent>,
) -> Option<Item> {
    let asked = |member: &str| event.request.get(member).and_then(Value::as_str);
    let lock = lock(to, kind, event, before);
    if lock == Some(Lock::Alone) || takes_away(own, kind, event) {
        return None;
    }
    // Whoever changes their own password names nobody.
    let own = || user_of(&event.who).filter(|_| event.name == "ChangePassword");
    let credential = || ["serviceSpecificCredentialId", "sSHPublicKeyId", "certificateId"].into_iter().find_map(asked);
    let provider = || asked("openIDConnectProviderArn").or_else(|| asked("sAMLProviderArn"));
    let id = match kind {
        Kind::ActivatedKey => asked("accessKeyId"),
        Kind::Grant => asked("policyName").or_else(|| asked("policyArn")),
        Kind::DefaultVersion => asked("versionId"),
        Kind::IdentityProvider => provider(),
        Kind::ServiceCredential | Kind::SshKey | Kind::SigningCertificate => credential(),
        _ => None,
    };
    Some(Item {
        user: asked("userName").map(str::to_owned).or_else(own).and_then(|name| UserName::new(name).ok()),
        credential: credential().and_then(|id| CredentialId::new(id).ok()),
        behind_lock: lock == Some(Lock::NotKnown),
        role: asked("roleName").and_then(|name| RoleName::new(name).ok()),
        group: asked("groupName").map(str::to_owned),
        policy: asked("policyArn").and_then(|arn| PolicyRef::try_from(arn.parse::<Arn>().ok()?).ok()),
        key: asked("accessKeyId").and_then(|key| AccessKeyId::new(key).ok()),
        created_by: Some(event.who.name().to_owned()),
        maker: Some(event.who.clone()),
        event: Some(event.id.clone()),
        ..Item::new(kind, event.time, id.unwrap_or(&event.name))
    })
}

/// Whether an event is about a managed policy that stands where quell makes its own.
fn names_own_policy(event: &TrailEvent) -> bool {
    let named =
        ["policyArn", "permissionsBoundary"].into_iter().filter_map(|member| event.request.get(member)?.as_str());
    named.filter_map(|policy| policy.parse::<Arn>().ok()).any(|policy| OwnPolicies::is_below(&policy))
}

/// Whether an event takes something away, judged by what was sent and not by who sent it or how it is called: containing an
/// incident must not look like the next one, and nobody hides behind a name.
fn takes_away(own: &OwnPolicies, kind: Kind, event: &TrailEvent) -> bool {
    let asked = |member: &str| event.request.get(member).and_then(Value::as_str);
    let document = || asked("policyDocument").and_then(|text| PolicyDocument::parse(text).ok());
    let named = |member: &str| asked(member).and_then(|policy| policy.parse::<Arn>().ok());
    match kind {
        Kind::ActivatedKey | Kind::SshKey | Kind::SigningCertificate => asked("status") != Some("Active"),
        Kind::Grant => match named("policyArn") {
            Some(policy) => is_deny_of_aws(&policy) || own.deny_attached(&policy),
            None => document().is_some_and(|document| document.only_denies()),
        },
        Kind::Boundary => {
            named("permissionsBoundary").is_some_and(|policy| is_deny_of_aws(&policy) || own.deny_bounded(&policy))
        }
        // The versions of quell's own policies differ in their cut-off.
        Kind::DefaultVersion => named("policyArn").is_some_and(|policy| own.deny_bounded(&policy)),
        Kind::ServiceCredential => asked("status").is_some_and(|status| status != "Active"),
        _ => false,
    }
}

/// What the lock of this incident in a trust policy says of the event that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// Nobody is let in beside it who was not before.
    Alone,
    /// Somebody is, whom the lock hides until it is taken out.
    Hiding,
    /// What was there before is not known.
    NotKnown,
}

/// Whether an event puts the lock of this incident into a trust policy, and whether it does no more: an intruder who writes a
/// statement behind the lock is let in once the lock is gone.
fn lock(to: &Assignment, kind: Kind, event: &TrailEvent, before: Option<&TrailEvent>) -> Option<Lock> {
    let written = |event: &TrailEvent| PolicyDocument::parse(event.request.get("policyDocument")?.as_str()?).ok();
    let trust = written(event).filter(|_| kind == Kind::Trust)?;
    let sid = sid(to);
    let locks = [Locked::Everybody, Locked::EverybodyButServices].map(|locked| trust_lock(&sid, locked));
    trust.find_statement(&sid).filter(|found| locks.contains(found))?;
    let Some(before) = before.and_then(written) else { return Some(Lock::NotKnown) };
    let mut rest = trust.statements().iter().filter(|statement| statement.sid() != Some(sid.as_str()));
    Some(if rest.all(|statement| before.statements().contains(statement)) { Lock::Alone } else { Lock::Hiding })
}

fn user_of(who: &TrailIdentity) -> Option<String> {
    match who.arn.as_deref()?.parse::<Arn>().ok()?.principal()? {
        PrincipalKind::User { name, .. } => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::iam::deny_everything;

    #[test]
    fn every_kind_that_only_the_trail_knows_has_an_operation() {
        for kind in KINDS {
            assert!(TELLING.iter().any(|(_, of)| of == kind), "{kind:?}");
        }
        assert!(TELLING.iter().all(|(_, kind)| KINDS.contains(kind)));
    }

    fn to() -> Assignment {
        let place = crate::aws::Place {
            partition: crate::base::Partition::Aws,
            account: "111122223333".parse().expect("an account"),
        };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn event(name: &str, request: Value) -> TrailEvent {
        TrailEvent {
            id: "e-1".to_owned(),
            time: "2026-11-22T03:00:00Z".parse().expect("a time"),
            name: name.to_owned(),
            source: "iam.amazonaws.com".to_owned(),
            region: "us-east-1".to_owned(),
            read_only: false,
            who: Default::default(),
            user_name: None,
            source_ip: None,
            user_agent: None,
            with_api_key: false,
            request_id: None,
            error_code: None,
            resources: vec![],
            request,
            response: Value::Null,
            record: None,
        }
    }

    #[test]
    fn switching_a_key_off_is_no_way_back() {
        let of = |status: &str| json!({ "userName": "ada", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": status });
        let told = |status: &str| {
            item(&to(), &OwnPolicies::default(), Kind::ActivatedKey, &event("UpdateAccessKey", of(status)), None)
        };
        assert!(told("Inactive").is_none());
        let found = told("Active").expect("a way back");
        assert_eq!(
            (found.id.as_str(), found.user.as_ref().map(UserName::as_str)),
            ("AKIAIOSFODNN7EXAMPLE", Some("ada"))
        );
        assert_eq!(found.key.as_ref().map(AccessKeyId::as_str), Some("AKIAIOSFODNN7EXAMPLE"));
    }

    #[test]
    fn what_takes_something_away_is_no_way_back_and_a_name_hides_nothing() {
        let policy = |name: &str| format!("arn:aws:iam::111122223333:policy/quell/INC-1/AROA1/{name}");
        let allow = crate::iam::as_boundary(&deny_everything()).without_statement("QuellDenyEverything");
        let own = OwnPolicies::default()
            .with(&policy("QuellDenyEverything-INC-1"), &deny_everything())
            .with(&policy("QuellDenyEverythingBoundary-INC-1"), &allow.expect("a statement"));
        let told = |kind, name: &str, request: Value| {
            item(&to(), &own, kind, &event(name, request), None).is_some_and(|item| !item.behind_lock)
        };
        let put = |effect: &str| {
            let document =
                json!({ "Version": "2012-10-17", "Statement": [{ "Effect": effect, "Action": "*", "Resource": "*" }] });
            let request = json!({ "userName": "ada", "policyName": "QuellDenyEverything-INC-1", "policyDocument": document.to_string() });
            told(Kind::Grant, "PutUserPolicy", request)
        };
        assert!(!put("Deny") && put("Allow"));
        let attach =
            |policy: &str| told(Kind::Grant, "AttachRolePolicy", json!({ "roleName": "r", "policyArn": policy }));
        assert!(!attach("arn:aws:iam::aws:policy/AWSDenyAll"));
        assert!(!attach("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"));
        assert!(attach("arn:aws:iam::111122223333:policy/AWSDenyAll"), "a policy of the account may say anything");
        assert!(attach("arn:aws:iam::aws:policy/AdministratorAccess"));
        let (deny, allow) = (policy("QuellDenyEverything-INC-1"), policy("QuellDenyEverythingBoundary-INC-1"));
        assert!(!attach(&deny) && attach(&allow), "nor does a path hide anything");
        let bound = |policy: &str| {
            told(
                Kind::Boundary,
                "PutUserPermissionsBoundary",
                json!({ "userName": "ada", "permissionsBoundary": policy }),
            )
        };
        assert!(!bound("arn:aws:iam::aws:policy/AWSDenyAll") && bound("arn:aws:iam::aws:policy/AdministratorAccess"));
        assert!(!bound(&deny) && bound(&allow));
        let set = |policy: &str| {
            told(Kind::DefaultVersion, "SetDefaultPolicyVersion", json!({ "policyArn": policy, "versionId": "v1" }))
        };
        assert!(!set(&deny) && set(&allow) && set("arn:aws:iam::111122223333:policy/theirs"));
        assert!(told(Kind::Boundary, "DeleteUserPermissionsBoundary", json!({ "userName": "ada" })));
        let trust = |document: String| {
            told(Kind::Trust, "UpdateAssumeRolePolicy", json!({ "roleName": "r", "policyDocument": document }))
        };
        let lock = trust_lock(&sid(&to()), Locked::EverybodyButServices);
        assert!(!trust(PolicyDocument::of(lock.clone()).to_json()));
        let opened = PolicyDocument::of(lock).to_json().replace("sts:AssumeRoleWithSAML", "sts:GetCallerIdentity");
        assert!(trust(opened), "a lock with a hole in it is none");
        assert!(trust("no document".to_owned()));
    }

    /// What stands behind the lock is told; the lock is not, as far as it is known to do no more.
    #[test]
    fn a_lock_hides_no_change_behind_it() {
        let allow = |account: &str| json!({ "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{account}:root") }, "Action": "sts:AssumeRole" });
        let lock = trust_lock(&sid(&to()), Locked::EverybodyButServices);
        let lock = Value::Object(lock.json().clone());
        let put = |statements: &[Value]| {
            let document = json!({ "Version": "2012-10-17", "Statement": statements });
            event("UpdateAssumeRolePolicy", json!({ "roleName": "r", "policyDocument": document.to_string() }))
        };
        let (ours, theirs) = (allow("111122223333"), allow("444455556666"));
        let before = put(std::slice::from_ref(&ours));
        let judged = |written: &TrailEvent, before| super::lock(&to(), Kind::Trust, written, before);
        assert_eq!(judged(&put(&[lock.clone(), ours.clone()]), Some(&before)), Some(Lock::Alone));
        assert_eq!(judged(&put(std::slice::from_ref(&lock)), Some(&before)), Some(Lock::Alone));
        assert_eq!(judged(&put(&[lock.clone(), ours.clone(), theirs.clone()]), Some(&before)), Some(Lock::Hiding));
        assert_eq!(judged(&put(&[lock, ours]), None), Some(Lock::NotKnown));
        assert_eq!(judged(&put(&[theirs]), Some(&before)), None);
    }
}
