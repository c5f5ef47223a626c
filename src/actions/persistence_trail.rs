//! What only CloudTrail knows of the ways to come back into an account.

use futures_util::future::try_join_all;
use serde_json::Value;

use super::iam_persistence::{Input, Item, Kind};
use super::trail_events::trail_events;
use super::{Answer, Assignment, Look, LookError};
use crate::aws::{EventBy, LookupEvents, TrailEvent};
use crate::base::{Region, RoleName, UserName};

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

/// Looks each of them up, in the Region in which IAM's events are.
pub(super) async fn told_by_trail(to: &Assignment, look: &Look<'_>, input: &Input) -> Result<Answer<Item>, LookError> {
    let global = to.place.partition.global_region();
    let region = Region::new(global).map_err(|error| LookError::Nonsense(error.to_string()))?;
    let wanted = TELLING.iter().filter(|(_, kind)| input.kinds.is_empty() || input.kinds.contains(kind));
    let asks = wanted.map(|(name, kind)| {
        let by = Some(EventBy::Name((*name).to_owned()));
        let ask = LookupEvents { region: region.clone(), by, from: Some(input.since), to: None, next: None };
        async move { Ok::<_, LookError>((*kind, trail_events(look, ask).await?)) }
    });
    let mut told = Answer { items: Vec::new(), truncated: None };
    for (kind, found) in try_join_all(asks).await? {
        told.truncated = told.truncated.or(found.truncated);
        let done = found.events.iter().filter(|event| event.error_code.is_none());
        let by_others = done.filter(|event| !input.but_by.iter().any(|actor| actor.is(&event.who)));
        told.items.extend(by_others.filter_map(|event| item(kind, event)));
    }
    Ok(told)
}

/// What an event tells; nothing where it takes a way back away, as switching a key off does.
fn item(kind: Kind, event: &TrailEvent) -> Option<Item> {
    let asked = |member: &str| event.request.get(member).and_then(Value::as_str);
    if kind == Kind::ActivatedKey && asked("status") != Some("Active") {
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
        policy: asked("policyArn").and_then(|arn| arn.parse().ok()),
        who: Some(event.who.name().to_owned()),
        event: Some(event.id.clone()),
        ..Item::new(kind, event.time, id.unwrap_or(&event.name))
    })
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

    #[test]
    fn switching_a_key_off_is_no_way_back() {
        let event = |request: Value| TrailEvent {
            id: "e-1".to_owned(),
            time: "2026-11-22T03:00:00Z".parse().expect("a time"),
            name: "UpdateAccessKey".to_owned(),
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
        };
        let of = |status: &str| json!({ "userName": "ada", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": status });
        assert!(item(Kind::ActivatedKey, &event(of("Inactive"))).is_none());
        let found = item(Kind::ActivatedKey, &event(of("Active"))).expect("a way back");
        assert_eq!(
            (found.id.as_str(), found.user.as_ref().map(UserName::as_str)),
            ("AKIAIOSFODNN7EXAMPLE", Some("ada"))
        );
    }
}
