//! What the lifting of denies proposes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

use super::iam_lift_denies::{Input, LiftDenies, Present, State, too_early_until};
use super::made_policies::{MadePolicy, PresentPolicy};
use super::standing_denies::{Found, notes};
use super::{Action, Assignment, Facts, Move, Refusal, UndoRequest};
use crate::aws::{Call, Place};
use crate::base::{Arn, Digest, Entity, EntityKind, Partition};
use crate::iam::{self, PolicyDocument};

const DENY_ALL: &str = "arn:aws:iam::aws:policy/AWSDenyAll";
const MANAGED: &str = "arn:aws:iam::111122223333:policy/quell/INC-4711/AROA1/QuellQuarantine-INC-4711-0a1b2c3d4e5f";
const BOUNDARY: &str =
    "arn:aws:iam::111122223333:policy/quell/INC-4711/AROA1/QuellDenyFromOutsideBoundary-INC-4711-0a1b2c3d4e5f";

fn to() -> Assignment {
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    Assignment { incident: "INC-4711".parse().expect("an incident"), place }
}

fn input(more: serde_json::Value) -> Input {
    let mut with =
        json!({ "principal": "arn:aws:iam::111122223333:role/ml-pipeline", "contained_at": "2026-11-22T03:00:30Z" });
    with.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    serde_json::from_value(with).expect("an input")
}

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

fn found() -> Found {
    let names = ["QuellDenyAiServices-INC-4711", "QuellDenyEverything-INC-4711", "QuellRevokeOlderSessions-INC-4711"];
    Found {
        id: "AROA1".to_owned(),
        path: "/".to_owned(),
        inline: names.map(|name| (name.to_owned(), Digest::of(&name))).into(),
        managed: BTreeMap::new(),
        of_aws: BTreeSet::new(),
        boundary: None,
        contested: false,
        locked: Some(Digest::of(&"lock")),
        bare: false,
        dead: vec![],
        too_early_until: None,
    }
}

fn made(attached: bool, bounds: bool) -> MadePolicy {
    MadePolicy {
        says: Some(Digest::of(&iam::deny_everything())),
        attached,
        bounds,
        made_for_it: true,
        others: BTreeSet::new(),
        versions: BTreeSet::new(),
    }
}

/// The same where the denies stand at every place.
fn everywhere() -> Found {
    Found {
        managed: BTreeMap::from([(arn(MANAGED), made(true, false)), (arn(BOUNDARY), made(false, true))]),
        of_aws: BTreeSet::from([arn(DENY_ALL)]),
        boundary: Some(arn(BOUNDARY)),
        ..found()
    }
}

fn name(one: &Move) -> String {
    let of = |policy: &Arn| policy.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    match one.call() {
        Some(Call::DeleteRolePolicy(delete)) => delete.policy.clone(),
        Some(Call::DetachRolePolicy(detach)) => of(&detach.policy),
        Some(Call::DeletePolicy(delete)) => format!("delete {}", of(&delete.policy)),
        Some(call) => call.operation().name.to_owned(),
        None => "await".to_owned(),
    }
}

fn sent_with(more: serde_json::Value, found: Found) -> Result<Vec<String>, Refusal> {
    let moves = LiftDenies.propose(&to(), &input(more), &State { found: Some(found) }, &Facts::default())?;
    Ok(moves.iter().map(name).collect())
}

fn sent(found: Found) -> Result<Vec<String>, Refusal> {
    sent_with(json!({}), found)
}

#[test]
fn the_latest_goes_first() {
    let moves = sent(found()).expect("moves");
    assert_eq!(
        moves,
        [
            "QuellRevokeOlderSessions-INC-4711",
            "QuellDenyEverything-INC-4711",
            "QuellDenyAiServices-INC-4711",
            "UpdateAssumeRolePolicy",
        ]
    );
    let nothing = Found { inline: BTreeMap::new(), locked: None, ..found() };
    assert!(sent(nothing).expect("moves").is_empty());
}

#[test]
fn places_do_not_change_the_order_and_what_nobody_has_any_more_is_deleted() {
    assert_eq!(
        sent_with(json!({ "unmarked": true }), everywhere()).expect("moves"),
        [
            "QuellRevokeOlderSessions-INC-4711",
            "AWSDenyAll",
            "QuellDenyEverything-INC-4711",
            "QuellQuarantine-INC-4711-0a1b2c3d4e5f",
            "DeleteRolePermissionsBoundary",
            "QuellDenyAiServices-INC-4711",
            "UpdateAssumeRolePolicy",
            "await",
            "delete QuellDenyFromOutsideBoundary-INC-4711-0a1b2c3d4e5f",
            "delete QuellQuarantine-INC-4711-0a1b2c3d4e5f",
        ]
    );
    let left = Found { inline: BTreeMap::new(), locked: None, boundary: None, ..everywhere() };
    let left = Found { managed: BTreeMap::from([(arn(MANAGED), made(false, false))]), ..left };
    assert_eq!(sent(left).expect("moves"), ["delete QuellQuarantine-INC-4711-0a1b2c3d4e5f"]);
}

#[test]
fn what_names_no_incident_goes_only_where_a_person_says_so_and_no_other_incident_is_there() {
    let has = |moves: Vec<String>| moves.iter().any(|one| one == "AWSDenyAll");
    assert!(!has(sent(everywhere()).expect("moves")));
    let contested = Found { contested: true, ..everywhere() };
    assert!(!has(sent_with(json!({ "unmarked": true }), contested).expect("moves")));
}

#[test]
fn what_others_have_or_a_boundary_may_hide_is_not_deleted() {
    let deletes = |found: Found| sent(found).expect("moves").iter().any(|one| one.starts_with("delete "));
    let other = Entity::new(EntityKind::Role, "another");
    let shared = MadePolicy { others: BTreeSet::from([other]), ..made(true, false) };
    assert!(!deletes(Found { managed: BTreeMap::from([(arn(MANAGED), shared)]), ..found() }));
    let of_another = MadePolicy { made_for_it: false, ..made(true, false) };
    assert!(!deletes(Found { managed: BTreeMap::from([(arn(MANAGED), of_another)]), ..found() }));
    // The deny of everything took the place of that boundary, which its undo puts back.
    let replaced = Found { managed: BTreeMap::from([(arn(BOUNDARY), made(false, false))]), ..found() };
    assert!(deletes(replaced.clone()));
    assert!(!deletes(Found { boundary: Some(arn(DENY_ALL)), ..replaced }));
}

#[test]
fn nothing_goes_while_an_old_session_could_live() {
    let until: Timestamp = "2026-11-22T15:00:30Z".parse().expect("a time");
    let early = |found: Found| Found { too_early_until: Some(until), ..found };
    for found in [found(), everywhere(), Found { inline: BTreeMap::new(), locked: None, ..everywhere() }] {
        assert!(matches!(sent(early(found)), Err(Refusal::TooEarly { until: named, .. }) if named == until));
    }
    assert!(matches!(sent(Found { bare: true, ..found() }), Err(Refusal::ByHand { .. })));
    let dead = Found { dead: vec!["AIDADEAD".to_owned()], ..found() };
    assert_eq!(sent(dead.clone()), sent(found()), "whoever was deleted does not keep the lock on");
    assert!(notes(&to(), false, &dead, &[]).iter().any(|note| note.starts_with("AIDADEAD")));
}

#[test]
fn the_later_of_cut_off_and_containment_decides() {
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let cut_off = iam::revoke_older_sessions(at("2026-11-22T03:00:40Z"));
    let until =
        |more: serde_json::Value, now: &str| too_early_until(&input(more), [&cut_off].into_iter(), Some(at(now)));
    assert_eq!(until(json!({}), "2026-11-22T15:00:39Z"), Some(at("2026-11-22T15:00:40Z")));
    assert_eq!(until(json!({}), "2026-11-22T15:00:40Z"), None);
    let later = json!({ "contained_at": "2026-11-22T04:00:00Z" });
    assert_eq!(until(later, "2026-11-22T15:00:40Z"), Some(at("2026-11-22T16:00:00Z")));
    let user = json!({ "principal": "arn:aws:iam::111122223333:user/ada" });
    assert_eq!(until(user, "2026-11-22T15:00:40Z"), Some(at("2026-11-23T15:00:40Z")));
    let none = std::iter::empty::<&PolicyDocument>;
    assert_eq!(
        too_early_until(&input(json!({})), none(), Some(at("2026-11-22T03:00:00Z"))),
        Some(at("2026-11-22T15:00:30Z"))
    );
    assert!(too_early_until(&input(json!({})), none(), None).is_some(), "a time that nobody knows is too early");
}

/// What was there before the lifting.
fn present() -> Present {
    let document = iam::deny_everything();
    let policy = |attached, bounds| PresentPolicy {
        path: "/quell/INC-4711/AROA1/".to_owned(),
        document: Some(document.clone()),
        versions: BTreeMap::new(),
        attached,
        bounds,
    };
    Present {
        inline: BTreeMap::from([("QuellDenyAiServices-INC-4711".to_owned(), document.clone())]),
        managed: BTreeMap::from([(arn(MANAGED), policy(true, false)), (arn(BOUNDARY), policy(false, true))]),
        of_aws: BTreeSet::from([arn(DENY_ALL)]),
        trust: None,
        rest: None,
    }
}

fn put_back(now: Found) -> Result<Vec<String>, Refusal> {
    let bare = Found { inline: BTreeMap::new(), locked: None, ..found() };
    let (left, now) = (State { found: Some(bare) }, State { found: Some(now) });
    let asked = UndoRequest { now: "2026-11-23T03:00:00Z".parse().expect("a time"), wrong_target: false };
    let moves = LiftDenies.restore(&to(), &input(json!({ "unmarked": true })), &present(), &left, &now, &asked)?;
    Ok(moves.iter().map(name).collect())
}

#[test]
fn what_was_taken_off_is_put_back_the_earliest_first() {
    let bare = Found { inline: BTreeMap::new(), locked: None, ..found() };
    assert_eq!(
        put_back(bare.clone()).expect("moves"),
        [
            "CreatePolicy",
            "CreatePolicy",
            "PutRolePolicy",
            "PutRolePermissionsBoundary",
            "AttachRolePolicy",
            "AttachRolePolicy",
        ]
    );
    let document = Digest::of(&iam::deny_everything());
    let inline = BTreeMap::from([("QuellDenyAiServices-INC-4711".to_owned(), document)]);
    assert!(put_back(Found { inline, locked: None, ..everywhere() }).expect("moves").is_empty());
    let bounded = Found { boundary: Some(arn("arn:aws:iam::aws:policy/ReadOnlyAccess")), ..bare.clone() };
    assert!(matches!(put_back(bounded), Err(Refusal::Changed { .. })), "a boundary of somebody else's");
    let young = MadePolicy { says: None, ..made(false, false) };
    let young = Found { managed: BTreeMap::from([(arn(MANAGED), young)]), ..bare.clone() };
    assert!(put_back(young).is_ok(), "it was made, and what it says does not show yet");
    let altered = MadePolicy { says: Some(Digest::of(&"else")), ..made(true, false) };
    let altered = Found { managed: BTreeMap::from([(arn(MANAGED), altered)]), ..bare.clone() };
    assert!(matches!(put_back(altered), Err(Refusal::Changed { .. })));
    assert!(matches!(put_back(Found { id: "AROA2".to_owned(), ..bare }), Err(Refusal::Changed { .. })));
}
