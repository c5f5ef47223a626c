//! What the making of an access key proposes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::iam_create_access_key::{CreateAccessKey, Input, State};
use super::key_store::{FoundSecret, Store};
use super::{Action, Assignment, Facts, Move, Refusal};
use crate::aws::{AccessKey, Call, DeleteAccessKey, KeyStatus, Operation, Place, PutSecretValue, Request, SEALED};
use crate::base::{AccessKeyId, Entity, EntityKind, Partition};

const OLD: &str = "AKIARTX3GSDSQCIDEPLO";
const OTHER: &str = "AKIARTX3GSDSXR4W2QZ6";
const NEW: &str = "AKIARTX3GSDSNEWNEW77";
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn to() -> Assignment {
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    Assignment { incident: "INC-4711".parse().expect("an incident"), place }
}

fn input(more: serde_json::Value) -> Input {
    let mut with = json!({ "user": "ci-deploy", "seal_to": [RECIPIENT] });
    with.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    serde_json::from_value(with).expect("an input")
}

fn state(keys: &[(&str, KeyStatus)], mark: Option<&str>) -> State {
    let key = |(id, status): &(&str, KeyStatus)| {
        let id: AccessKeyId = id.parse().expect("a key id");
        let created = "2026-11-01T00:00:00Z".parse().expect("a time");
        (id.clone(), AccessKey { id, status: *status, created })
    };
    State {
        user_id: Some("AIDA1".to_owned()),
        keys: keys.iter().map(key).collect(),
        mark: mark.map(str::to_owned),
        used: BTreeSet::new(),
        secret: None,
        stored: BTreeSet::new(),
        held: BTreeSet::new(),
    }
}

fn sent(state: &State, input: &Input, facts: &Facts) -> Result<Vec<String>, Refusal> {
    let moves = CreateAccessKey.propose(&to(), input, state, facts)?;
    let told = |one: &Move| match one.call() {
        Some(Call::DeleteAccessKey(delete)) => format!("delete {}", delete.key),
        Some(Call::TagUser(tag)) => tag.value.known().map_or("mark".to_owned(), Clone::clone),
        Some(call) => call.operation().name.to_owned(),
        None => "await".to_owned(),
    };
    Ok(moves.iter().map(told).collect())
}

use KeyStatus::{Active, Inactive};

#[test]
fn what_was_there_is_marked_first_and_what_was_made_last() {
    let none = Facts::default();
    let plain = input(json!({}));
    let moves = sent(&state(&[(OLD, Active)], None), &plain, &none).expect("moves");
    assert_eq!(moves, [format!("beside {OLD}"), "CreateAccessKey".to_owned(), "mark".to_owned()]);
    let moves = sent(&state(&[], None), &plain, &none).expect("moves");
    assert_eq!(moves, ["beside none", "CreateAccessKey", "mark"]);
    assert!(sent(&state(&[(OLD, Active), (NEW, Active)], Some(NEW)), &plain, &none).expect("moves").is_empty());
    // A key that was made for the incident and is gone is made anew.
    let moves = sent(&state(&[(OLD, Active)], Some(NEW)), &plain, &none).expect("moves");
    assert_eq!(moves.len(), 3);
}

#[test]
fn two_keys_leave_no_room() {
    let none = Facts::default();
    let two = |other| state(&[(OLD, Active), (OTHER, other)], None);
    assert!(matches!(sent(&two(Inactive), &input(json!({})), &none), Err(Refusal::Quota { .. })));
    let older = input(json!({ "inactive_gives_way": true }));
    let moves = sent(&two(Inactive), &older, &none).expect("moves");
    assert_eq!(
        moves,
        [format!("beside {OLD} {OTHER}"), format!("delete {OTHER}"), "CreateAccessKey".into(), "mark".into()]
    );
    assert!(matches!(sent(&two(Active), &older, &none), Err(Refusal::Quota { .. })));
    let named = input(json!({ "gives_way": OTHER }));
    assert_eq!(sent(&two(Inactive), &named, &none).expect("moves").len(), 4);
    assert!(matches!(sent(&two(Active), &named, &none), Err(Refusal::InUse { .. })));
    assert_eq!(sent(&state(&[(OLD, Active)], None), &older, &none).expect("moves").len(), 3);
}

#[test]
fn a_key_that_was_never_used_gives_way_where_that_is_said() {
    let none = Facts::default();
    let unused = input(json!({ "unused_gives_way": true }));
    let mut both = state(&[(OLD, Active), (OTHER, Active)], None);
    both.used.insert(OLD.parse().expect("a key id"));
    let moves = sent(&both, &unused, &none).expect("moves");
    assert_eq!(moves[1], format!("delete {OTHER}"));
    assert!(matches!(sent(&both, &input(json!({})), &none), Err(Refusal::Quota { .. })));
    // The one that is named is used.
    let named = input(json!({ "unused_gives_way": true, "gives_way": OLD }));
    assert!(matches!(sent(&both, &named, &none), Err(Refusal::InUse { .. })));
    both.used.insert(OTHER.parse().expect("a key id"));
    assert!(matches!(sent(&both, &unused, &none), Err(Refusal::Quota { .. })));
    // An inactive one that may not go does not cost an active one.
    let inactive = state(&[(OLD, Active), (OTHER, Inactive)], None);
    assert!(matches!(sent(&inactive, &unused, &none), Err(Refusal::Quota { .. })));
}

#[test]
fn a_key_whose_secret_is_lost_goes_before_another_one_is_made() {
    let none = Facts::default();
    let pending = format!("beside {OLD}");
    let mut lost = state(&[(OLD, Active), (NEW, Active)], Some(&pending));
    let moves = sent(&lost, &input(json!({})), &none).expect("moves");
    assert_eq!(moves, [format!("delete {NEW}"), "CreateAccessKey".to_owned(), "mark".to_owned()]);
    assert_eq!(CreateAccessKey.takes_away(&to(), &input(json!({})), &lost, &none).len(), 1);
    // One that is used is not ours: nobody has its secret.
    lost.used.insert(NEW.parse().expect("a key id"));
    assert!(matches!(sent(&lost, &input(json!({})), &none), Err(Refusal::InUse { .. })));
    assert!(CreateAccessKey.takes_away(&to(), &input(json!({})), &lost, &none).is_empty());
    // With two candidates nobody guesses.
    let two = state(&[(OTHER, Active), (NEW, Active)], Some(&pending));
    assert!(matches!(sent(&two, &input(json!({})), &none), Err(Refusal::Ambiguous { .. })));
}

#[test]
fn what_is_sealed_is_never_made_twice() {
    let facts = BTreeMap::from([
        ("access-key".to_owned(), json!(NEW)),
        (SEALED.to_owned(), json!({ "key": NEW, "file": "x", "sha256": "y" })),
    ]);
    let facts = Facts::new(facts, BTreeMap::new());
    let pending = format!("beside {OLD}");
    let there = state(&[(OLD, Active), (NEW, Active)], Some(&pending));
    assert_eq!(sent(&there, &input(json!({})), &facts).expect("moves"), ["mark"]);
    assert!(CreateAccessKey.takes_away(&to(), &input(json!({})), &there, &facts).is_empty());
    let late = state(&[(OLD, Active)], Some(&pending));
    assert_eq!(sent(&late, &input(json!({})), &facts).expect("moves"), ["await"]);
}

#[test]
fn somebody_must_be_able_to_open_it() {
    let none = Facts::default();
    let one = state(&[(OLD, Active)], None);
    let nobody: Input = serde_json::from_value(json!({ "user": "ci-deploy" })).expect("an input");
    assert!(matches!(sent(&one, &nobody, &none), Err(Refusal::Missing { .. })));
    let somewhere = json!({ "user": "ci-deploy", "secret": "ci/deploy" });
    let somewhere: Input = serde_json::from_value(somewhere).expect("an input");
    assert!(matches!(sent(&one, &somewhere, &none), Err(Refusal::Missing { .. })));
    let identity = json!({ "user": "ci-deploy", "seal_to": ["AGE-SECRET-KEY-1QQQQQQQQ"] });
    let error = serde_json::from_value::<Input>(identity).expect_err("no recipient").to_string();
    assert!(error.contains("must stay secret") && !error.contains("QQQQ"), "{error}");
}

fn stored() -> Input {
    let with = json!({ "user": "ci-deploy", "secret": "ci/deploy", "secret_region": "eu-west-1" });
    serde_json::from_value(with).expect("an input")
}

/// What a run knows that has made a key, some seconds after IAM says that it was made.
fn made(more: &[(&'static Operation, Entity)]) -> Facts {
    let at = "2026-11-01T00:00:05Z".parse().expect("a time");
    let landed = more.iter().map(|(operation, entity)| ((operation.to_string(), entity.clone()), at)).collect();
    Facts::new(BTreeMap::from([("access-key".to_owned(), json!(NEW))]), landed)
}

#[test]
fn a_look_that_shows_the_new_key_and_not_the_mark_is_waited_out() {
    let stale = state(&[(OLD, Active), (NEW, Active)], None);
    assert_eq!(sent(&stale, &stored(), &made(&[])).expect("moves"), ["await"]);
}

#[test]
fn a_secret_is_made_first_and_filled_before_the_mark_says_so() {
    let none = Facts::default();
    let one = state(&[(OLD, Active)], None);
    let moves = sent(&one, &stored(), &none).expect("moves");
    let beside = format!("beside {OLD}");
    assert_eq!(moves, ["CreateSecret", beside.as_str(), "CreateAccessKey", "PutSecretValue", "mark"]);
    let known = FoundSecret {
        arn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ci/deploy-AbCdEf".to_owned(),
        deleted: false,
        managed_by: None,
        rotates: false,
        made_here: false,
        current: Some("before".to_owned()),
    };
    let with = |change: fn(&mut FoundSecret)| {
        let mut secret = known.clone();
        change(&mut secret);
        State { secret: Some(secret), ..one.clone() }
    };
    assert_eq!(sent(&with(|_| ()), &stored(), &none).expect("moves").len(), 4);
    let protected: [fn(&mut FoundSecret); 3] =
        [|it| it.deleted = true, |it| it.rotates = true, |it| it.managed_by = Some("rds".to_owned())];
    for change in protected {
        assert!(matches!(sent(&with(change), &stored(), &none), Err(Refusal::Protected { .. })));
    }
}

#[test]
fn a_key_that_no_store_ever_got_is_as_good_as_lost() {
    let pending = format!("beside {OLD}");
    let mut both = state(&[(OLD, Active), (NEW, Active)], Some(&pending));
    let again = [
        format!("delete {NEW}"),
        "CreateSecret".into(),
        "CreateAccessKey".into(),
        "PutSecretValue".into(),
        "mark".into(),
    ];
    assert_eq!(sent(&both, &stored(), &made(&[])).expect("moves"), again);
    assert_eq!(CreateAccessKey.takes_away(&to(), &stored(), &both, &made(&[])).len(), 1);
    // The store has accepted it, although it does not show it yet.
    let put = made(&[(PutSecretValue::OPERATION, Store::entity(&"ci/deploy".parse().expect("a name")))]);
    assert_eq!(sent(&both, &stored(), &put).expect("moves"), ["mark"]);
    both.held.insert(NEW.parse().expect("a key id"));
    assert_eq!(sent(&both, &stored(), &made(&[])).expect("moves"), ["PutSecretValue", "mark"]);
    assert!(CreateAccessKey.takes_away(&to(), &stored(), &both, &made(&[])).is_empty());
    both.held.clear();
    both.stored.insert(NEW.parse().expect("a key id"));
    assert_eq!(sent(&both, &stored(), &made(&[])).expect("moves"), ["mark"]);
    // A key that is deleted is not waited for.
    let user = Entity::new(EntityKind::User, "ci-deploy");
    let gone = made(&[(DeleteAccessKey::OPERATION, user.child(EntityKind::AccessKey, NEW))]);
    let left = state(&[(OLD, Active)], Some(&pending));
    assert_eq!(sent(&left, &stored(), &gone).expect("moves"), again[1..]);
}
