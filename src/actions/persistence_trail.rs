//! What only CloudTrail knows of the ways to come back into an account.

use futures_util::future::join_all;
use serde_json::Value;

use super::held_policy::is_deny_of_aws;
use super::iam_lock_trust::sid;
use super::iam_persistence::{Input, Item, Kind};
use super::trail_events::trail_events;
use super::{Assignment, Look, LookError, PolicyRef};
use crate::aws::{EventBy, LookupEvents, TrailEvent};
use crate::base::{AccessKeyId, Arn, Region, RoleName, UserName};
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
    ("UpdateLoginProfile", Kind::ChangedPassword),
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
    let mut told = TrailTold::default();
    for (kind, found) in join_all(asks).await {
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
        told.items.extend(by_others.filter_map(|event| item(to, kind, event)));
    }
    Ok(told)
}

/// Why CloudTrail could not be read, in a word.
pub(super) fn unread(error: &LookError) -> String {
    error.fault().map_or_else(|| error.to_string(), |fault| fault.code.clone())
}

/// What an event tells; nothing where it takes a way back away, as switching a key off does.
fn item(to: &Assignment, kind: Kind, event: &TrailEvent) -> Option<Item> {
    let asked = |member: &str| event.request.get(member).and_then(Value::as_str);
    if takes_away(to, kind, event) {
        return None;
    }
    let provider = || asked("openIDConnectProviderArn").or_else(|| asked("sAMLProviderArn"));
    let id = match kind {
        Kind::ActivatedKey => asked("accessKeyId"),
        Kind::Grant => asked("policyName").or_else(|| asked("policyArn")),
        Kind::DefaultVersion => asked("versionId"),
        Kind::IdentityProvider => provider(),
        _ => None,
    };
    Some(Item {
        user: asked("userName").and_then(|name| UserName::new(name).ok()),
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

/// Whether an event takes something away, judged by what was sent and not by who sent it or how it is called: containing an
/// incident must not look like the next one, and nobody hides behind a name.
fn takes_away(to: &Assignment, kind: Kind, event: &TrailEvent) -> bool {
    let asked = |member: &str| event.request.get(member).and_then(Value::as_str);
    let document = || asked("policyDocument").and_then(|text| PolicyDocument::parse(text).ok());
    // What a policy of quell says is told by itself where it gives anybody anything.
    let denies =
        |policy: &str| policy.parse().is_ok_and(|arn: Arn| is_deny_of_aws(&arn)) || policy.contains(":policy/quell/");
    match kind {
        Kind::ActivatedKey => asked("status") != Some("Active"),
        Kind::Grant => match asked("policyArn") {
            Some(policy) => denies(policy),
            None => document().is_some_and(|document| document.only_denies()),
        },
        Kind::Boundary => asked("permissionsBoundary").is_some_and(denies),
        Kind::Trust => document().is_some_and(|trust| {
            let sid = sid(to);
            let locks = [Locked::Everybody, Locked::EverybodyButServices].map(|locked| trust_lock(&sid, locked));
            trust.find_statement(&sid).is_some_and(|found| locks.contains(found))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            source_ip: None,
            request_id: None,
            error_code: None,
            resources: vec![],
            request,
            response: Value::Null,
        }
    }

    #[test]
    fn switching_a_key_off_is_no_way_back() {
        let of = |status: &str| json!({ "userName": "ada", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": status });
        let told = |status: &str| item(&to(), Kind::ActivatedKey, &event("UpdateAccessKey", of(status)));
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
        let told = |kind, name: &str, request: Value| item(&to(), kind, &event(name, request)).is_some();
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
        let bound = |policy: &str| {
            told(
                Kind::Boundary,
                "PutUserPermissionsBoundary",
                json!({ "userName": "ada", "permissionsBoundary": policy }),
            )
        };
        assert!(!bound("arn:aws:iam::aws:policy/AWSDenyAll") && bound("arn:aws:iam::aws:policy/AdministratorAccess"));
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
}
